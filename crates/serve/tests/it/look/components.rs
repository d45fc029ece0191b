//! Components with hostile content, rendered as pages render them.

use askama::Template as _;
use jiff::Timestamp;
use stance_serve::frame::{Flash, Frame, Section, Tone, Viewer};
use stance_serve::parts::{Address, Choice, Line, excerpt};

/// Every component that takes a name of somebody's.
#[derive(askama::Template)]
#[template(
    ext = "html",
    source = r#"{% extends "layout.html" %}
{% import "components/marks.html" as marks %}
{% import "components/lists.html" as lists %}
{% import "components/forms.html" as forms %}
{% import "components/evidence.html" as evidence %}
{% import "components/cards.html" as cards %}
{% block content %}
{{ marks::asset("model", name, "/inventory/1") }}{{ marks::tag(name) }}{{ marks::tag(name, "/x") }}{{ marks::owner(name) }}
{{ marks::code(name) }}{{ marks::copy(name) }}{{ marks::state(name) }}{{ marks::controls([name]) }}{{ marks::kind(name) }}
{{ lists::chip(name, "/x", on=true, count="3") }}{{ lists::chip_off(name, "/x") }}{{ lists::filter("Owner", "owner", choices, address) }}
<table><thead><tr>{{ lists::tick_all() }}{{ lists::sort("Name", "name", address) }}</tr></thead><tbody><tr>{{ lists::tick(name, name) }}</tr></tbody></table>
{{ lists::pager(name, next="/x?after=1") }}{% call lists::empty("findings", name, name) %}{% endcall %}
{{ forms::text("title", name, value=name, error=name) }}{{ forms::area("why", name, value=name) }}{{ forms::option(name, name) }}{{ forms::problem(name) }}
{{ evidence::lines(name, lines) }}{{ evidence::change(name, name, name) }}{% call evidence::entry(frame.now) %}{{ name }}{% endcall %}
{{ cards::kpi(name, name, "%", name, "good", "", "/x") }}
{% endblock %}"#
)]
struct Page<'a> {
    frame: Frame,
    name: &'a str,
    lines: Vec<Line>,
    choices: Vec<Choice>,
    address: Address,
}

fn page(name: &str) -> String {
    let frame = Frame {
        viewer: Some(Viewer {
            name: name.to_owned(),
            role: name.to_owned(),
        }),
        flash: Some(Flash::new(Tone::Bad, name)),
        csrf: name.to_owned(),
        path: name.to_owned(),
        query: name.to_owned(),
        now: Timestamp::UNIX_EPOCH,
        ..Frame::default()
    };
    Page {
        frame: frame
            .page(name, Section::Inventory)
            .under(name, "/inventory"),
        name,
        lines: excerpt(name, 1, 1..=1),
        choices: vec![Choice {
            value: name.to_owned(),
            label: name.to_owned(),
            count: Some(1),
            on: true,
        }],
        address: Address::new("/inventory").with("q", name),
    }
    .render()
    .expect("a page")
}

#[test]
fn nothing_that_a_name_holds_becomes_markup() {
    let plain = page("plain");
    let tags = |page: &str| page.matches('<').count();
    for name in [
        "\"><script>alert(1)</script>",
        "'><img src=x onerror=alert(1)>",
        "{{ 7 * 7 }}",
        "</textarea></title></select>",
        "a\u{202e}b\u{200b}c",
    ] {
        let page = page(name);
        assert_eq!(tags(&page), tags(&plain), "{name}");
        assert!(!page.contains("<script>") && !page.contains("<img src=x"));
    }
}

#[test]
fn names_that_deceive_are_written_out() {
    let page = page("invoice\u{202e}fdp.exe");
    assert!(page.contains("invoice\u{27e8}U+202E\u{27e9}fdp.exe"));
}

#[test]
fn no_page_has_what_the_policy_forbids() {
    let page = page("plain");
    assert!(!page.contains("style="));
    assert!(!page.contains("<style"));
    assert_eq!(
        page.matches("<script").count(),
        1,
        "the one script, by its address"
    );
    for handler in ["onclick", "onload", "onerror", "javascript:"] {
        assert!(!page.contains(handler), "{handler}");
    }
}

#[test]
fn without_a_viewer_there_is_neither_menu_nor_search() {
    #[derive(askama::Template)]
    #[template(
        ext = "html",
        source = r#"{% extends "layout.html" %}{% block content %}inside{% endblock %}{% block plain %}outside{% endblock %}"#
    )]
    struct Door {
        frame: Frame,
    }
    let door = Door {
        frame: Frame::default().beside("Sign in"),
    };
    let page = door.render().expect("a page");
    assert!(page.contains("outside") && !page.contains("inside"));
    assert!(!page.contains("<nav") && !page.contains("role=\"search\""));
    assert!(page.contains("<title>Sign in \u{b7} Stance</title>"));
}

#[test]
fn the_menu_shows_what_the_viewer_may_open_and_where_they_are() {
    let page = page("plain");
    assert_eq!(page.matches("aria-current=\"page\"").count(), 1);
    assert!(page.contains(r#"href="/inventory" data-go="i" aria-current="page""#));
}

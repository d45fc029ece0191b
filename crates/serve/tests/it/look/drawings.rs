//! Drawings: what they look like, and that nothing of a hostile name gets out of its box.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use stance_core::{RelationKind, Severity};
use stance_serve::draw::ages::{Column, ages};
use stance_serve::draw::bars::{Bar, bars};
use stance_serve::draw::graph::{Edge, Graph, Node, flows_back, lineage, neighbourhood};
use stance_serve::draw::spark::spark;
use stance_serve::draw::stack::{Part, legend, stack};
use stance_serve::draw::timeline::{Moment, timeline};
use stance_serve::draw::trend::{Event, Point, Trend, trend};

fn day(number: i64) -> Timestamp {
    "2026-11-07T08:00:00Z"
        .parse::<Timestamp>()
        .expect("a moment")
        .checked_add(SignedDuration::from_hours(24 * number))
        .expect("a moment")
}

/// One element a line, so that a difference can be read; addresses without the hash of the sprite.
fn lines(drawing: &str) -> String {
    drawing
        .replace(stance_serve::assets::icons(), "icons.svg")
        .replace("><", ">\n<")
}

fn node<'a>(name: &'a str, sub: &'a str) -> Node<'a> {
    Node {
        name,
        sub,
        icon: "model",
        href: "/inventory/1",
        findings: None,
    }
}

fn edge(from: usize, to: usize, label: &str) -> Edge<'_> {
    Edge {
        from,
        to,
        label,
        on_path: false,
    }
}

fn graph<'a>(nodes: Vec<Node<'a>>, edges: Vec<Edge<'a>>) -> Graph<'a> {
    Graph {
        id: "near",
        title: "What rank-prod depends on",
        sentence: "A role may write what the endpoint loads.",
        nodes,
        edges,
        more: Some("/inventory?near=1"),
    }
}

fn score(points: &[Point], events: &[Event<'_>]) -> String {
    trend(&Trend {
        id: "score",
        title: "Posture score",
        points,
        target: Some(75.0),
        events,
        bounds: (0.0, 100.0),
        write: |value| format!("{value:.0}"),
    })
}

fn points() -> Vec<Point> {
    [61.0, 64.5, 63.0, 70.0, 72.4]
        .into_iter()
        .zip(0..)
        .map(|(value, number)| Point {
            at: day(number * 3),
            value,
            low: value - 4.0,
            high: value + 2.0,
        })
        .collect()
}

#[test]
fn charts() {
    let events = [
        Event {
            at: day(4),
            label: "rank-prod moved behind authentication",
            effect: 2.1,
            href: Some("/changes/41"),
        },
        Event {
            at: day(9),
            label: "fs-tools runs unpinned",
            effect: -0.6,
            href: None,
        },
    ];
    insta::assert_snapshot!("trend", lines(&score(&points(), &events)));
    insta::assert_snapshot!("spark", lines(&spark("from 1 to 3", &[1.0, 4.0, 3.0])));
    let parts = [
        Part {
            class: "met",
            label: "met",
            count: 31,
        },
        Part {
            class: "not-met",
            label: "not met",
            count: 4,
        },
        Part {
            class: "no-evidence",
            label: "no evidence",
            count: 9,
        },
    ];
    insta::assert_snapshot!("stack", lines(&(stack(&parts) + &legend(&parts))));
    let bar = |label, count| Bar {
        label,
        class: "fill high",
        count,
        href: Some("/findings?area=x"),
    };
    insta::assert_snapshot!(
        "bars",
        lines(&bars("By area", &[bar("Secrets", 8), bar("Models", 2)]))
    );
    let column = |label, count| Column {
        label,
        counts: vec![(Severity::High, count), (Severity::Low, 1)],
    };
    insta::assert_snapshot!(
        "ages",
        lines(&ages("By age", &[column("today", 2), column("> 90 d", 0)]))
    );
    let moment = |number, class| Moment {
        at: day(number),
        lane: "payments-ml",
        label: "data capture switched off",
        class,
        href: None,
    };
    let moments = [moment(2, "weakening"), moment(5, "strengthening")];
    insta::assert_snapshot!(
        "timeline",
        lines(&timeline("Changes", day(0), day(14), &moments))
    );
}

#[test]
fn graphs() {
    let mut nodes = vec![
        node("rank-prod", "endpoint"),
        node("rank v12", "model"),
        node("clicks-2026", "dataset"),
        node("ci-runner", "identity"),
        node("shop-web", "application"),
    ];
    nodes[0].findings = Some((Severity::Critical, 2));
    let mut edges = vec![
        edge(2, 1, "trained on"),
        edge(1, 0, "loads"),
        edge(3, 1, "can write"),
        edge(3, 0, "assumes"),
        edge(0, 4, "calls"),
    ];
    edges[2].on_path = true;
    edges[1].on_path = true;
    let drawing = graph(nodes, edges);
    insta::assert_snapshot!("neighbourhood", lines(&neighbourhood(&drawing, 0)));
    let lanes = ["Dataset", "Model", "Endpoint", "Application"];
    insta::assert_snapshot!(
        "lineage",
        lines(&lineage(&drawing, &lanes, &[2, 1, 0, 1, 3], Some(0)))
    );
}

#[test]
fn nothing_to_draw_is_drawn_without_a_panic() {
    let unknown = [Point {
        at: day(0),
        value: f64::NAN,
        low: f64::NAN,
        high: f64::INFINITY,
    }];
    let astray = vec![edge(0, 0, "itself"), edge(0, 9, "nowhere")];
    for drawing in [
        score(&[], &[]),
        score(&points()[..1], &[]),
        score(&unknown, &[]),
        spark("nothing", &[]),
        stack(&[]),
        bars("none", &[]),
        ages("none", &[]),
        timeline("none", day(0), day(0), &[]),
        neighbourhood(&graph(Vec::new(), Vec::new()), 0),
        neighbourhood(&graph(vec![node("a", "b")], astray), 7),
        lineage(&graph(vec![node("a", "b")], Vec::new()), &[], &[], None),
    ] {
        well_formed(&drawing);
        for nonsense in ["NaN", ">inf<", "\"inf", "inf,"] {
            assert!(!drawing.contains(nonsense), "{drawing}");
        }
    }
    assert!(stack(&[]).contains("nothing yet"));
}

#[test]
fn what_does_not_fit_is_counted() {
    let names: Vec<String> = (0..5_000).map(|at| format!("dataset {at}")).collect();
    let mut nodes = vec![node("base-7b", "model")];
    nodes.extend(names.iter().map(|name| node(name, "dataset")));
    nodes[4_000].findings = Some((Severity::Critical, 1));
    let edges = (1..nodes.len())
        .map(|at| edge(at, 0, "trained on"))
        .collect();
    let drawing = neighbourhood(&graph(nodes, edges), 0);
    assert_eq!(drawing.matches(r#"class="node""#).count(), 7);
    assert!(
        drawing.contains("+4,993 more"),
        "and says how many are not shown"
    );
    assert!(
        drawing.contains("dataset 3999"),
        "the worst is among those shown"
    );
    assert!(drawing.contains(r#"href="/inventory?near=1""#));
    assert!(drawing.len() < 20_000, "{}", drawing.len());
}

#[test]
fn what_leads_to_an_asset_stands_left_of_it_on_its_longest_way() {
    let nodes = vec![
        node("endpoint", ""),
        node("bucket", ""),
        node("role", ""),
        node("repository", ""),
    ];
    let edges = vec![
        edge(3, 2, "assumes"),
        edge(2, 1, "writes"),
        edge(1, 0, "loads"),
        edge(3, 0, "deploys"),
        // In a circle, which must not hang or push anything away.
        edge(0, 3, "calls"),
    ];
    let drawing = neighbourhood(&graph(nodes, edges), 0);
    let left = |name: &str| -> f64 {
        let at = drawing
            .find(&format!(r#"aria-label="{name}, ""#))
            .expect(name);
        let rest = &drawing[at..];
        let x = rest.split(r#"class="box" x=""#).nth(1).expect("a box");
        x.split('"')
            .next()
            .and_then(|x| x.parse().ok())
            .expect("a number")
    };
    assert!(left("repository") < left("role"));
    assert!(left("role") < left("bucket"));
    assert!(left("bucket") < left("endpoint"));
}

#[test]
fn things_flow_from_left_to_right() {
    assert!(
        flows_back(RelationKind::TrainedOn),
        "from the dataset to the model"
    );
    assert!(
        !flows_back(RelationKind::Writes),
        "from who writes to what is written"
    );
}

/// Markup is well formed: every tag closed in order, no attribute unquoted, nothing but our elements.
fn well_formed(markup: &str) {
    const KNOWN: [&str; 33] = [
        "a", "bdi", "circle", "desc", "details", "div", "figure", "g", "li", "line", "path",
        "polygon", "polyline", "rect", "summary", "svg", "table", "tbody", "td", "text", "th",
        "thead", "title", "tr", "ul", "use", "time", "span", "b", "i", "p", "ol", "br",
    ];
    let mut open = Vec::new();
    let mut rest = markup;
    while let Some(at) = rest.find('<') {
        assert!(
            !rest[..at].contains('>'),
            "a loose bracket in {:?}",
            &rest[..at]
        );
        let end = rest[at..].find('>').expect("the end of a tag") + at;
        let tag = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "closed in order");
            continue;
        }
        let name = tag.split([' ', '/']).next().unwrap_or_default();
        assert!(KNOWN.contains(&name), "<{tag}>");
        assert_eq!(tag.matches('"').count() % 2, 0, "<{tag}>");
        let names = tag.split('"').step_by(2).collect::<String>();
        assert!(
            !names.contains(" on") && !names.contains(" style"),
            "<{tag}>"
        );
        if !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

fn everything(name: &str) -> String {
    let points = points();
    let events = [Event {
        at: day(2),
        label: name,
        effect: 0.0,
        href: Some(name),
    }];
    let mut first = node(name, name);
    first.icon = name;
    first.href = name;
    let edges = vec![edge(0, 1, name), edge(1, 2, name), edge(2, 0, name)];
    let drawing = Graph {
        id: name,
        title: name,
        sentence: name,
        nodes: vec![first, node(name, name), node("b", name)],
        edges,
        more: Some(name),
    };
    [
        trend(&Trend {
            id: name,
            title: name,
            points: &points,
            target: None,
            events: &events,
            bounds: (0.0, 100.0),
            write: |value| format!("<{value}>"),
        }),
        spark(name, &[1.0, 2.0]),
        stack(&[Part {
            class: name,
            label: name,
            count: 3,
        }]),
        legend(&[Part {
            class: name,
            label: name,
            count: 3,
        }]),
        bars(
            name,
            &[Bar {
                label: name,
                class: name,
                count: 1,
                href: Some(name),
            }],
        ),
        ages(
            name,
            &[Column {
                label: name,
                counts: vec![(Severity::Low, 1)],
            }],
        ),
        timeline(
            name,
            day(0),
            day(1),
            &[Moment {
                at: day(0),
                lane: name,
                label: name,
                class: name,
                href: Some(name),
            }],
        ),
        neighbourhood(&drawing, 0),
        lineage(&drawing, &[name, name], &[0, 1, 1], None),
    ]
    .concat()
}

#[test]
fn hostile_names_stay_inside() {
    let long = "x\"><script>".repeat(1_000);
    for name in [
        "\"><script>alert(1)</script>",
        "' onload='alert(1)",
        "</text></svg><img src=x>",
        "javascript:alert(1)",
        "&lt;b&gt; &#60;",
        "\u{202e}gpj.exe\u{200b}\0\n\t",
        "\u{5e9}\u{5dc}\u{5d5}\u{5dd}",
        "",
        &long,
    ] {
        let markup = everything(name);
        well_formed(&markup);
        assert!(!markup.contains("<script") && !markup.contains("href=\"javascript"));
        assert!(!markup.contains(['\u{202e}', '\u{200b}', '\0']), "{name:?}");
        assert!(markup.len() < 150_000, "{}", markup.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_name_stays_inside(name in "\\PC{0,60}|[<>\"'&/a-z ]{0,40}") {
        well_formed(&everything(&name));
    }

    #[test]
    fn any_graph_is_drawn_the_same_twice(
        pairs in prop::collection::vec((0usize..30, 0usize..30), 0..120),
        centre in 0usize..30,
    ) {
        let names: Vec<String> = (0..30).map(|at| format!("n{at}")).collect();
        let draw = || {
            let nodes = names.iter().map(|name| node(name, "")).collect();
            let edges = pairs.iter().map(|(from, to)| edge(*from, *to, "calls")).collect();
            neighbourhood(&graph(nodes, edges), centre)
        };
        let drawing = draw();
        well_formed(&drawing);
        prop_assert_eq!(&drawing, &draw());
        prop_assert!(!drawing.contains("NaN") && !drawing.contains("inf"));
    }
}

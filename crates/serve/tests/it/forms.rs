//! What somebody typed is not lost when it is not taken.

use stance_store::accounts::Role;

use crate::harness::{self, Client};

fn post(client: &mut Client, path: &str, from: &str, fields: &[(&str, &str)]) -> (u16, String) {
    let csrf = client.csrf().unwrap();
    let mut fields = fields.to_vec();
    fields.push(("csrf", &csrf));
    let answer = client.form(path, &fields, &[("referer", from)]);
    (answer.status, answer.text)
}

const INVITED: [(&str, &str); 4] = [
    ("login", "not a <login>"),
    ("name", "Ada"),
    ("email", ""),
    ("role", "auditor"),
];

#[test]
fn a_form_that_is_not_taken_is_shown_again_as_it_was_filled_in() {
    let server = harness::start();
    let mut admin = server.signed_in(Role::Admin);
    let from = format!("{}/settings/users", server.url);
    let (status, page) = post(&mut admin, "/settings/users", &from, &INVITED);
    assert_eq!(status, 422);
    for part in [
        "<h1><bdi>People</bdi></h1>",
        r#"value="not a &lt;login&gt;""#,
        r#"value="Ada""#,
        r#"<option value="auditor" selected>"#,
        r#"<p class="error" id="wrong-login">"#,
        r#"aria-describedby="wrong-login""#,
        r#"data-address="/settings/users""#,
    ] {
        assert!(page.contains(part), "no {part} in {page}");
    }
    assert_eq!(page.matches("class=\"error\"").count(), 1);
}

#[test]
fn a_page_of_another_server_is_not_asked_for() {
    let server = harness::start();
    let mut admin = server.signed_in(Role::Admin);
    for from in [
        "http://evil.example/settings/users",
        "http://127.0.0.1:1/settings/users",
        "about:blank",
        &format!("{}//evil.example/", server.url),
        &format!("{}/account", server.url),
    ] {
        let (status, page) = post(&mut admin, "/settings/users", from, &INVITED);
        assert_eq!(status, 422, "{from}");
        assert!(
            page.contains("Something is not filled in rightly"),
            "{from}: {page}"
        );
    }
}

#[test]
fn a_password_is_typed_once_more_and_is_on_no_page() {
    let server = harness::start();
    let mut viewer = server.signed_in(Role::Viewer);
    let from = format!("{}/account", server.url);
    let fields = [
        ("current", "wrong wrong wrong"),
        ("password", "a new long password"),
        ("again", "another long password"),
    ];
    let (status, page) = post(&mut viewer, "/account/password", &from, &fields);
    assert_eq!(status, 422);
    assert!(
        page.contains("class=\"error\"") && !page.contains("long password"),
        "{page}"
    );
}

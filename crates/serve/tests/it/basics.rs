//! Starting, first sign-in, pages and their twins.

use stance_store::accounts::Role;

use crate::harness::{self, PASSWORD};

#[test]
fn the_first_administrator_comes_in_by_the_link_and_only_once() {
    let server = harness::start();
    let link = server.first_link.clone().unwrap();
    let mut browser = server.client();
    let page = browser.get(&link);
    assert_eq!(page.status, 200, "{}", page.text);
    let fields = [("name", "Ada"), ("password", PASSWORD), ("again", PASSWORD)];
    let path = link.strip_prefix(&server.url).unwrap();
    let begun = browser.form(path, &fields, &[]);
    assert_eq!(
        (begun.status, begun.header("location")),
        (303, "/"),
        "{}",
        begun.text
    );
    let account = browser.get("/api/v1/account").json();
    assert_eq!(account["name"], "Ada");
    assert_eq!(account["role"], "admin");
    let mut other = server.client();
    assert_eq!(other.get(&link).status, 404);
    assert_eq!(other.form(path, &fields, &[]).status, 404);
    let log = server.log();
    let secret = link.rsplit('/').next().unwrap();
    assert!(
        log.contains("/welcome/{secret}") && !log.contains(secret),
        "{log}"
    );
    let again = harness::start_in(server.stop(), |_| {});
    assert_eq!(again.first_link, None, "there is an administrator");
}

#[test]
fn a_page_has_a_twin_and_both_need_somebody() {
    let server = harness::start();
    let mut nobody = server.client();
    let page = nobody.get("/account?x=1");
    assert_eq!(page.status, 303);
    assert_eq!(page.header("location"), "/sign-in?next=/account%3Fx%3D1");
    let twin = nobody.get("/api/v1/account");
    assert_eq!(twin.status, 401);
    assert_eq!(twin.header("content-type"), "application/problem+json");
    assert_eq!(twin.header("www-authenticate"), "Bearer realm=\"stance\"");
    assert_eq!(twin.json()["type"], "/api/docs#unauthenticated");
    let mut viewer = server.signed_in(Role::Viewer);
    let page = viewer.get("/account");
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.text.contains("<h1"), "{}", page.text);
    assert_eq!(viewer.get("/api/v1/account").json()["role"], "viewer");
}

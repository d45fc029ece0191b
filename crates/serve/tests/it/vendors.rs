//! What code declares against what logs saw, as a page and for programs.

use serde_json::json;
use stance_store::accounts::Role;

use crate::harness::Running;

/// After logs told that two people use two services of one vendor, three times three requests.
pub(crate) fn are_told(server: &Running) {
    let mut viewer = server.signed_in(Role::Viewer);
    let view = viewer.get("/api/v1/inventory/vendors").json();
    assert_eq!(view["counts"], json!({"shadow": 1, "both": 0, "unseen": 0}));
    assert_eq!(view["observers"], 1);
    let vendor = &view["vendors"][0];
    for (field, value) in [
        ("name", json!("OpenAI")),
        ("standing", json!("shadow")),
        ("declared", json!([])),
        ("services", json!(["chatgpt", "openai-api"])),
        ("sanctioned", json!("no")),
        ("users", json!(2)),
        ("requests", json!(9)),
        ("bytes_out", json!(2100)),
        ("first_seen", json!("2026-02-01T09:00:00Z")),
        ("last_seen", json!("2026-02-27T09:00:00Z")),
    ] {
        assert_eq!(vendor[field], value, "{field}: {vendor}");
    }
    let of = format!("/inventory/vendors?vendor={}", vendor["asset"]);
    let users = viewer.get(&format!("/api/v1{of}")).json()["users"].clone();
    assert_eq!(users[0]["name"], "u2", "who sends most is first");
    assert_eq!(
        (&users[0]["bytes_out"], &users[1]["bytes_out"]),
        (&json!(1400), &json!(700))
    );
    let page = viewer.get(&of);
    assert!(
        page.text.contains("observed, not declared"),
        "{}",
        page.text
    );
    assert!(page.text.contains("Who uses <bdi>OpenAI"), "{}", page.text);
    for (query, fits) in [
        ("standing=shadow&sanctioned=no&q=CHAT&sort=-out", 1),
        ("standing=both", 0),
        ("sanctioned=yes", 0),
        ("q=nobody", 0),
    ] {
        let path = format!("/inventory/vendors?{query}");
        let found = viewer.get(&format!("/api/v1{path}")).json();
        assert_eq!(found["vendors"].as_array().unwrap().len(), fits, "{query}");
        assert_eq!(viewer.get(&path).status, 200, "{query}");
    }
    for wrong in ["standing=x", "sanctioned=x", "sort=x"] {
        let path = format!("/inventory/vendors?{wrong}");
        assert_eq!(viewer.get(&path).status, 422, "{wrong}");
    }
    assert_eq!(viewer.get("/inventory/vendors?vendor=99999").status, 404);
}

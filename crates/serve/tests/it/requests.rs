//! What nobody decided lapses, is shown as lapsed, and is asked for again by a form of its list.

use jiff::SignedDuration;
use stance_store::Requests as _;
use stance_store::accounts::Role;

use crate::estate;
use crate::harness;

#[test]
fn what_lapsed_says_so_and_is_asked_for_again() {
    let server = harness::start();
    estate::fill(&server);
    let day = |days: i64| {
        let then = server.now() + SignedDuration::from_hours(24 * days);
        then.strftime("%Y-%m-%d").to_string()
    };
    let (soon, later) = (day(2), day(30));
    let mut analyst = server.signed_in(Role::Analyst);
    let finding = analyst.get("/api/v1/findings").json()["findings"][0]["number"]
        .as_i64()
        .unwrap();
    let finding = format!("/findings/{finding}");
    let fields = [("text", "not loaded anywhere"), ("expires", soon.as_str())];
    let asked = analyst.post(&format!("{finding}/accept"), &fields);
    assert_eq!(asked.status, 303, "{}", asked.text);
    let words = [
        ("control", "iso-42001-2023:A.2.2"),
        ("claim", "met"),
        ("reason", "The board signed it."),
        ("expires", soon.as_str()),
    ];
    assert_eq!(analyst.post("/compliance/attest", &words).status, 303);
    let words = [
        ("asset", "agent:*"),
        ("reason", "CHG-7"),
        ("opens", &day(0)),
        ("closes", soon.as_str()),
    ];
    let announced = analyst.post("/changes/expected/announce", &words);
    assert_eq!(announced.status, 303, "{}", announced.text);

    server.later(SignedDuration::from_hours(24 * 4));
    let ended = server.store(|store| {
        let now = jiff::Timestamp::MAX - SignedDuration::from_hours(48);
        store.end_requests(now)
    });
    assert_eq!(ended.len(), 3, "{ended:?}");

    // Sessions ended with the clock.
    let mut analyst = server.signed_in(Role::Analyst);
    let mut viewer = server.signed_in(Role::Viewer);
    let told = viewer.get(&format!("/api/v1{finding}")).json()["history"].to_string();
    assert!(told.contains("nobody decided in time"), "{told}");
    for (list, member, of_one) in [
        ("/waivers", "waivers", "/waivers"),
        (
            "/compliance/attestations",
            "attestations",
            "/compliance/attestations",
        ),
        ("/changes/expected", "expected", "/changes/expected"),
    ] {
        let twin = viewer.get(&format!("/api/v1{list}")).json();
        let one = &twin[member][0];
        assert_eq!(one["state"], "lapsed", "{one}");
        let renew = format!("{of_one}/{}/renew", one["number"]);
        let page = viewer.get(list);
        assert!(page.text.contains("nobody decided in time"), "{list}");
        assert!(!page.text.contains(&renew), "a viewer asks for nothing");
        let page = analyst.get(list);
        assert!(page.text.contains(&format!("action=\"{renew}\"")), "{list}");

        let fields = [("expires", later.as_str())];
        assert_eq!(viewer.post(&renew, &fields).status, 403, "{list}");
        let past = analyst.post(&renew, &[("expires", soon.as_str())]);
        assert_eq!(past.status, 422, "{list}: {}", past.text);
        let again = analyst.post(&renew, &fields);
        assert_eq!(again.status, 303, "{list}: {}", again.text);
        let twin = viewer.get(&format!("/api/v1{list}")).json();
        let rows = twin[member].as_array().unwrap();
        assert_eq!(rows.len(), 2, "{list}");
        let waiting = rows.iter().find(|it| it["state"] == "requested").unwrap();
        assert_eq!(waiting["renews"], one["number"], "{list}");
        assert!(waiting["expires"].as_str().unwrap().starts_with(&later));
        assert_eq!(analyst.post(&renew, &fields).status, 422, "once only");
    }
    assert_eq!(viewer.get("/waivers?state=lapsed").status, 200);
    assert_eq!(
        viewer.get("/compliance/attestations?state=lapsed").status,
        200
    );
}

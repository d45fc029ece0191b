//! The inventory through a real server: lists, pages, edits by several people, exports, saved filters, search, rules.

use serde_json::{Value, json};
use stance_core::{Asset, AssetKind, Evidence, How, Relation, RelationKind};
use stance_store::accounts::Role;

use crate::estate::{self, Told};
use crate::harness::{self, Client};

/// The number of the asset of this name.
fn number(client: &mut Client, name: &str) -> i64 {
    let list = client.get(&format!("/api/v1/inventory?q={name}")).json();
    let found = list["assets"].as_array().unwrap().iter();
    found
        .filter(|it| it["name"] == name)
        .map(|it| it["number"].as_i64().unwrap())
        .next()
        .unwrap_or_else(|| panic!("no asset {name} in {list}"))
}

fn names(list: &Value) -> Vec<&str> {
    let assets = list["assets"].as_array().unwrap();
    assets
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect()
}

#[test]
fn the_list_filters_sorts_and_goes_on_where_it_ended() {
    let server = harness::start();
    estate::fill(&server);
    let mut viewer = server.signed_in(Role::Viewer);
    let all = viewer.get("/api/v1/inventory").json();
    assert_eq!(all["count"], 3, "{all}");
    assert_eq!(
        names(&all)[0],
        "churn",
        "what takes most from the score leads"
    );
    assert_eq!(all["kinds"].as_array().unwrap().len(), 3);
    assert_eq!(all["assets"][0]["findings"], json!([1, 0, 0, 0]));
    let by_name = viewer.get("/api/v1/inventory?sort=name").json();
    assert_eq!(names(&by_name), ["churn", "docs", "support"]);
    for (query, expected) in [
        ("kind=agent", vec!["support"]),
        ("q=CHURN", vec!["churn"]),
        ("owner=growth&kind=model", vec!["churn"]),
        ("owner=-", vec![]),
        (
            "environment=production&environment=test&kind=mcp_server",
            vec!["docs"],
        ),
        ("environment=test", vec![]),
        ("sensitivity=restricted", vec![]),
        ("criticality=critical", vec![]),
        ("severity=critical", vec!["churn"]),
        ("severity=high&sort=name", vec!["churn", "docs"]),
        ("source=1&kind=agent", vec!["support"]),
        ("source=2", vec![]),
        ("part=test", vec![]),
        ("since=2999-01-01T00:00:00Z", vec![]),
        ("gone=true", vec![]),
        ("approval=unreviewed&kind=agent", vec!["support"]),
    ] {
        let list = viewer.get(&format!("/api/v1/inventory?{query}")).json();
        assert_eq!(names(&list), expected, "{query}");
        assert_eq!(viewer.get(&format!("/inventory?{query}")).status, 200);
    }
    let mut met = Vec::new();
    let mut path = "/api/v1/inventory?limit=1&sort=first_seen".to_owned();
    loop {
        let slice = viewer.get(&path).json();
        met.extend(names(&slice).into_iter().map(str::to_owned));
        let Some(next) = slice["next"].as_str() else {
            break;
        };
        path = format!("/api/v1/inventory?limit=1&sort=first_seen&after={next}");
    }
    met.sort();
    assert_eq!(met, ["churn", "docs", "support"]);
    for wrong in [
        "kind=x",
        "approval=x",
        "severity=info",
        "environment=moon",
        "sort=x",
        "part=x",
        "limit=0",
        "after=x",
        "since=x",
        "x=1",
    ] {
        let answer = viewer.get(&format!("/api/v1/inventory?{wrong}"));
        assert!(
            [400, 422].contains(&answer.status),
            "{wrong}: {}",
            answer.text
        );
    }
}

#[test]
fn an_estate_without_anything_says_what_to_do_first() {
    let server = harness::start();
    let mut viewer = server.signed_in(Role::Viewer);
    let page = viewer.get("/inventory");
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("Nothing is known yet"));
    assert!(page.text.contains("href=\"/sources\""));
    assert_eq!(viewer.get("/inventory/1").status, 404);
    assert_eq!(viewer.get("/inventory/none").status, 404);
    assert_eq!(viewer.get("/inventory/1/relations").status, 404);
}

#[test]
fn many_assets_are_edited_at_once_and_an_approval_is_for_approvers() {
    let server = harness::start();
    estate::fill(&server);
    let mut analyst = server.signed_in(Role::Analyst);
    let ids =
        [number(&mut analyst, "churn"), number(&mut analyst, "docs")].map(|it| it.to_string());
    let fields = [
        ("id", ids[0].as_str()),
        ("id", ids[1].as_str()),
        ("owner", "ml-platform"),
        ("sensitivity", "restricted"),
        ("back", "kind=model&after=x"),
    ];
    let done = analyst.post("/inventory/bulk", &fields);
    assert_eq!(done.status, 303, "{}", done.text);
    assert_eq!(done.header("location"), "/inventory?kind=model");
    let list = analyst
        .get("/api/v1/inventory?owner=ml-platform&sensitivity=restricted&sort=name")
        .json();
    assert_eq!(names(&list), ["churn", "docs"]);

    let body = json!({ "id": [1, 2], "approval": "approved", "reason": "reviewed" });
    let refused = analyst.json("POST", "/api/v1/inventory/bulk", &body);
    assert_eq!(refused.status, 403, "{}", refused.text);
    let mut approver = server.signed_in(Role::Approver);
    let without = json!({ "id": [1, 2], "approval": "approved" });
    let refused = approver.json("POST", "/api/v1/inventory/bulk", &without);
    assert_eq!(refused.status, 422, "{}", refused.text);
    let done = approver.json("POST", "/api/v1/inventory/bulk", &body);
    assert_eq!(done.json()["changed"], 2, "{}", done.text);
    let list = analyst.get("/api/v1/inventory?approval=approved").json();
    assert_eq!(list["count"], 2);
    let nothing = json!({ "id": [1] });
    assert_eq!(
        approver
            .json("POST", "/api/v1/inventory/bulk", &nothing)
            .status,
        422
    );
    let mut viewer = server.signed_in(Role::Viewer);
    assert_eq!(
        viewer.json("POST", "/api/v1/inventory/bulk", &body).status,
        403
    );
}

#[test]
fn an_edit_on_old_ground_is_refused_and_changes_nothing() {
    let server = harness::start();
    estate::fill(&server);
    let mut one = server.signed_in(Role::Analyst);
    let mut other = server.signed_in(Role::Analyst);
    let churn = number(&mut one, "churn");
    let page = one.get(&format!("/inventory/{churn}"));
    let seen = page.field("revision");
    let path = format!("/inventory/{churn}/edit");
    // A form sends every field, also those that stay.
    let form = |owner: &'static str, purpose: &'static str| {
        [
            ("owner", owner),
            ("purpose", purpose),
            ("environment", "production"),
            ("criticality", "high"),
            ("sensitivity", "unknown"),
        ]
    };
    let mut first = form("growth", "Predicts who leaves").to_vec();
    first.push(("revision", &seen));
    assert_eq!(one.post(&path, &first).status, 303);
    let mut second = form("growth", "Something else").to_vec();
    second.push(("revision", &seen));
    let refused = other.post(&path, &second);
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert!(refused.text.contains("edited by somebody else"));
    let api = format!("/api/v1/inventory/{churn}");
    let asset = other.get(&api).json()["asset"].clone();
    assert_eq!(asset["purpose"], "Predicts who leaves");
    assert_eq!(asset["criticality"], "high");
    assert_eq!(asset["revision"], 1);

    let cleared = other.json("PATCH", &api, &json!({ "purpose": "", "revision": 1 }));
    assert_eq!(cleared.json()["revision"], 2, "{}", cleared.text);
    let view = other.get(&api).json();
    assert_eq!(view["asset"]["purpose"], Value::Null);
    let history = view["history"].to_string();
    assert!(history.contains("Predicts who leaves"), "{history}");
    // What stayed as the source says follows the source.
    server.sql("UPDATE source SET owner = 'someone'");
    let same = json!({ "owner": "growth" });
    assert_eq!(other.json("PATCH", &api, &same).json()["changed"], 0);
}

#[test]
fn an_asset_tells_what_is_known_and_what_people_decided() {
    let server = harness::start();
    estate::fill(&server);
    let mut approver = server.signed_in(Role::Approver);
    let docs = number(&mut approver, "docs");
    let churn = number(&mut approver, "churn");
    let path = format!("/inventory/{docs}");
    let fields = [("approval", "rejected"), ("reason", "not behind TLS")];
    assert_eq!(
        approver.post(&format!("{path}/approval"), &fields).status,
        303
    );
    let view = approver.get(&format!("/api/v1{path}")).json();
    assert_eq!(view["asset"]["approval"], "rejected");
    assert_eq!(view["approval_reason"], "not behind TLS");
    assert_eq!(view["sightings"][0]["places"][0]["place"], ".mcp.json");
    assert_eq!(
        view["sightings"][0]["attributes"]["authentication"],
        "required"
    );
    assert_eq!(view["reach"][0]["verb"], "called by");
    assert_eq!(view["reach"][0]["name"], "support");
    assert_eq!(view["findings"][0]["rule"], "agent/mcp-plain-http");
    assert!(!view["controls"].as_array().unwrap().is_empty());
    assert!(view["asset"]["takes"].as_f64().unwrap() > 0.0);
    let page = approver.get(&path);
    assert_eq!(page.status, 200, "{}", page.text);
    for told in [
        "Authentication",
        "called by",
        "not behind TLS",
        "unsanctioned",
        "What is around it",
        "/rules/agent/mcp-plain-http",
    ] {
        assert!(page.text.contains(told), "{told} in {}", page.text);
    }
    let model = approver.get(&format!("/inventory/{churn}"));
    assert!(
        model.text.contains("Where it comes from"),
        "lineage is drawn"
    );
    let page = approver.get(&format!("{path}/relations?direction=in&kind=calls"));
    assert!(page.text.contains("support"), "{}", page.text);
    let wrong = approver.get(&format!("{path}/relations?kind=nope"));
    assert_eq!(wrong.status, 422);
}

/// A hub that ten thousand programs need, with a name and attributes as an attacker would choose them.
fn hostile() -> Told {
    const SCRIPT: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u{202e}";
    let at = |path: &str| Evidence::file(path);
    let mut hub = Asset::new(
        AssetKind::Package,
        format!("pkg:pypi/{SCRIPT}"),
        format!("{SCRIPT}{}", "x".repeat(4_000)),
        How::Literal,
        at(&format!("{SCRIPT}/requirements.txt")),
    );
    for place in 0..600 {
        hub = hub.with(&format!("{SCRIPT}-{place}"), SCRIPT.repeat(40));
    }
    let mut assets = Vec::new();
    let mut relations = Vec::new();
    for place in 0..10_000 {
        let name = format!("app-{place}");
        let app = Asset::new(
            AssetKind::Application,
            &name,
            &name,
            How::Observed,
            at("pyproject.toml"),
        );
        relations.push(Relation {
            from: app.id.clone(),
            to: hub.id.clone(),
            kind: if place % 2 == 0 {
                RelationKind::DependsOn
            } else {
                RelationKind::Calls
            },
            evidence: at(SCRIPT),
        });
        assets.push(app);
    }
    assets.push(hub);
    Told {
        assets,
        relations,
        findings: Vec::new(),
        judged: None,
    }
}

#[test]
fn hostile_and_huge_assets_stay_readable_and_escaped() {
    let server = harness::start();
    server.sql(
        "INSERT INTO source (key, name, kind, created) VALUES ('x', '<b>source</b>', 'push', 0)",
    );
    estate::tell(&server, &hostile());
    let mut analyst = server.signed_in(Role::Analyst);
    let list = analyst.get("/api/v1/inventory?kind=package").json();
    let hub = list["assets"][0]["number"].as_i64().unwrap();
    let mut pages = vec![
        format!("/inventory/{hub}"),
        "/inventory".to_owned(),
        "/inventory?kind=package".to_owned(),
        "/inventory?q=%3Cscript%3E".to_owned(),
        "/search?q=%3Cscript%3E".to_owned(),
        format!("/inventory/{hub}/relations?direction=in"),
    ];
    let calls = analyst
        .get(&format!(
            "/api/v1/inventory/{hub}/relations?direction=in&kind=calls&limit=1000"
        ))
        .json();
    assert_eq!(calls["relations"].as_array().unwrap().len(), 1000);
    let counts = calls["counts"].to_string();
    assert!(counts.contains("5000"), "{counts}");
    let next = calls["next"].as_str().unwrap();
    pages.push(format!(
        "/inventory/{hub}/relations?direction=in&kind=calls&after={next}"
    ));
    let mut met = 1_000;
    let mut after = next.to_owned();
    loop {
        let slice = analyst
            .get(&format!(
                "/api/v1/inventory/{hub}/relations?direction=in&kind=calls&limit=1000&after={after}"
            ))
            .json();
        met += slice["relations"].as_array().unwrap().len();
        let Some(next) = slice["next"].as_str() else {
            break;
        };
        after = next.to_owned();
    }
    assert_eq!(met, 5_000);
    for path in pages {
        let page = analyst.get(&path);
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        for bad in ["<script>alert", "<img src=x", "<b>source", "\u{202e}"] {
            assert!(!page.text.contains(bad), "{path} holds {bad}");
        }
        assert!(
            page.text.len() < 700_000,
            "{path} has {} bytes",
            page.text.len()
        );
    }
    let page = analyst.get(&format!("/inventory/{hub}"));
    assert!(
        page.text.contains("4,992 more"),
        "the rest of the callers is told"
    );
    assert!(page.text.contains("590 more details"));
}

#[test]
fn what_is_gone_stays_with_its_history() {
    let server = harness::start();
    estate::fill(&server);
    let mut viewer = server.signed_in(Role::Viewer);
    let docs = number(&mut viewer, "docs");
    let mut told = estate::told();
    told.assets
        .retain(|asset| asset.kind != AssetKind::McpServer);
    told.relations.retain(|it| it.kind != RelationKind::Calls);
    told.findings.retain(|it| !it.rule.starts_with("agent/"));
    server.later(jiff::SignedDuration::from_hours(1));
    estate::tell(&server, &told);
    assert_eq!(viewer.get("/api/v1/inventory").json()["count"], 2);
    let gone = viewer.get("/api/v1/inventory?gone=true").json();
    assert_eq!(names(&gone), ["docs"]);
    let page = viewer.get(&format!("/inventory/{docs}"));
    assert_eq!(page.status, 200);
    assert!(page.text.contains("no longer sees it"), "{}", page.text);
}

#[test]
fn exports_hold_what_the_filter_says() {
    let server = harness::start();
    estate::fill(&server);
    let mut viewer = server.signed_in(Role::Viewer);
    let csv = viewer.get("/inventory.csv?kind=model");
    assert_eq!(csv.text.lines().count(), 2, "{}", csv.text);
    assert!(csv.text.contains("churn"));
    assert!(csv.header("content-type").starts_with("text/csv"));
    let bom = viewer.get("/inventory.cdx.json?source=1").json();
    assert_eq!(bom["bomFormat"], "CycloneDX");
    assert_eq!(bom["specVersion"], "1.6");
    let text = bom.to_string();
    for name in ["churn", "support", "docs"] {
        assert!(text.contains(name), "{name} in {text}");
    }
    assert!(
        text.contains("payments-ml"),
        "the source is what it is about"
    );
    let links = bom["dependencies"].to_string();
    assert!(links.contains("support"), "what hangs together: {links}");
    let few = viewer.get("/inventory.cdx.json?kind=model").json();
    assert_eq!(few["components"].as_array().unwrap().len(), 1, "{few}");
}

#[test]
fn filters_are_kept_by_each_person() {
    let server = harness::start();
    estate::fill(&server);
    let mut one = server.signed_in(Role::Viewer);
    let mut other = server.signed_in(Role::Viewer);
    let fields = [
        ("page", "inventory"),
        ("name", "Models <b>"),
        ("query", "kind=model&sort=name&after=abc"),
    ];
    let saved = one.post("/saved", &fields);
    assert_eq!(saved.status, 303, "{}", saved.text);
    assert_eq!(saved.header("location"), "/inventory?kind=model&sort=name");
    let kept = one.get("/api/v1/saved?page=inventory").json();
    assert_eq!(kept[0]["name"], "Models <b>");
    let page = one.get("/inventory");
    assert!(
        page.text
            .contains("href=\"/inventory?kind=model&#38;sort=name\""),
        "{}",
        page.text
    );
    assert!(!page.text.contains("Models <b>"));
    assert_eq!(other.get("/api/v1/saved").json(), json!([]));
    let path = format!("/saved/{}/remove", kept[0]["number"]);
    assert_eq!(other.post(&path, &[]).status, 404);
    assert_eq!(one.post(&path, &[]).status, 303);
    assert_eq!(one.get("/api/v1/saved").json(), json!([]));
    for wrong in [
        [("page", "nope"), ("name", "x"), ("query", "a=b")],
        [("page", "inventory"), ("name", " "), ("query", "a=b")],
        [("page", "findings"), ("name", "x"), ("query", "")],
    ] {
        assert_eq!(one.post("/saved", &wrong).status, 422, "{wrong:?}");
    }
    let fields = [
        ("page", "findings"),
        ("name", "Bad"),
        ("query", "severity=critical"),
    ];
    assert_eq!(one.post("/saved", &fields).status, 303);
    let page = one.get("/findings");
    assert!(
        page.text.contains("/findings?severity=critical"),
        "{}",
        page.text
    );
}

#[test]
fn one_box_finds_assets_findings_rules_and_sources() {
    let server = harness::start();
    estate::fill(&server);
    let mut viewer = server.signed_in(Role::Viewer);
    let hits = viewer.get("/api/v1/search?q=pickle").json();
    assert_eq!(hits["findings"].as_array().unwrap().len(), 1, "{hits}");
    assert!(hits["rules"].to_string().contains("model/pickle-exec"));
    let hits = viewer.get("/api/v1/search?q=churn").json();
    assert_eq!(hits["assets"][0]["name"], "churn");
    let hits = viewer.get("/api/v1/search?q=payments").json();
    assert_eq!(hits["sources"][0]["name"], "payments-ml");
    let page = viewer.get("/search?q=churn");
    assert!(page.text.contains("/inventory?q=churn"), "{}", page.text);
    assert!(
        viewer
            .get("/search")
            .text
            .contains("What are you looking for?")
    );
    let none = viewer.get("/search?q=zzzzzzzz");
    assert!(none.text.contains("Nothing holds this text"));
    let long = format!("/search?q={}", "x".repeat(201));
    assert_eq!(viewer.get(&long).status, 422);
}

#[test]
fn rules_tell_what_they_find_and_what_of_it_is_open() {
    let server = harness::start();
    estate::fill(&server);
    let mut viewer = server.signed_in(Role::Viewer);
    let rules = viewer.get("/api/v1/rules").json();
    assert_eq!(rules["rules"][0]["id"], "model/pickle-exec");
    assert_eq!(rules["rules"][0]["findings"], json!([1, 0, 0, 0, 0]));
    // `code/prompt-logging` is a rule that this version does not have: its findings keep their place.
    let all = rules["rules"].as_array().unwrap();
    assert_eq!(all.len(), stance_rules::all().count() + 1);
    let foreign = viewer.get("/rules/code/prompt-logging");
    assert!(
        foreign.text.contains("whole prompts are logged"),
        "{}",
        foreign.text
    );
    let open = viewer.get("/api/v1/rules?open=true").json();
    assert_eq!(open["rules"].as_array().unwrap().len(), 3);
    let area = viewer.get("/api/v1/rules?area=code&open=true").json();
    assert_eq!(area["rules"].as_array().unwrap().len(), 1);
    assert_eq!(viewer.get("/rules?area=nope").status, 422);
    assert_eq!(viewer.get("/rules?area=model").status, 200);
    for entry in stance_rules::all() {
        let page = viewer.get(&format!("/rules/{}", entry.meta.id));
        assert_eq!(page.status, 200, "{}", entry.meta.id);
        assert!(page.text.contains("Why it matters"), "{}", entry.meta.id);
    }
    let rule = viewer.get("/api/v1/rules/model/pickle-exec").json();
    assert_eq!(rule["open_findings"], 1);
    assert!(!rule["example"].as_str().unwrap().is_empty());
    assert_eq!(viewer.get("/rules/model/nope").status, 404);
}

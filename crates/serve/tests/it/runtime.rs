//! What the guard finds at run time becomes findings on assets, and is over when it is.
#![cfg(unix)]

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::Value;
use stance_core::traffic::{Action, Reason, Seen, Sureness, Teller};
use stance_core::{Asset, AssetKind, Coverage, Evidence, How};
use stance_store::accounts::Role;
use stance_store::jobs::{JobFilter, JobState, Jobs as _};
use stance_store::sources::{SourceKind, SourceSettings, Sources as _};
use stance_store::{AssetQuery, Estate as _, Ingest, Objectives as _, Traffic as _, Window};

use crate::harness::{Client, Running};
use crate::jobs::{add, eventually, settings, start};

/// One interaction with a model behind an upstream, about which one rule had something to say.
fn seen(server: &Running, id: &str, model: Option<&str>, rule: &str, action: Action) -> Seen {
    let mut seen = Seen::new(
        id,
        server.now() - SignedDuration::from_secs(30),
        Teller::Gateway,
    );
    seen.place = "main".into();
    seen.operation = "chat.completions".into();
    seen.provider = Some("openai".into());
    seen.model = model.map(str::to_owned);
    seen.identity = Some("ben".into());
    seen.decision = action;
    if !rule.is_empty() {
        seen.reasons = vec![Reason {
            action,
            rule: rule.into(),
            score: Sureness::of(0.9),
            places: Vec::new(),
            note: "it says so".into(),
            failed: false,
        }];
    }
    seen
}

fn keep(server: &Running, all: Vec<Seen>) {
    server.store(move |store| store.keep(&all));
}

/// Open findings of the rules about run time, as the API tells them.
fn open(server: &Running) -> Vec<Value> {
    let mut client = server.signed_in(Role::Viewer);
    let list = client.get("/api/v1/findings?limit=200").json();
    let all = list["findings"].as_array().unwrap();
    let is_runtime = |one: &&Value| one["rule"].as_str().unwrap().starts_with("runtime/");
    all.iter().filter(is_runtime).cloned().collect()
}

/// Rule, asset and severity of each, in order.
fn told(server: &Running) -> Vec<(String, String, String)> {
    let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
    let mut all: Vec<_> = open(server)
        .iter()
        .map(|one| {
            (
                text(one, "rule"),
                format!("{} {}", text(one, "asset_kind"), text(one, "asset_name")),
                text(one, "severity"),
            )
        })
        .collect();
    all.sort();
    all
}

fn line(rule: &str, asset: &str, severity: &str) -> (String, String, String) {
    (rule.to_owned(), asset.to_owned(), severity.to_owned())
}

/// A scan that tells these models of `openai`.
fn declare(server: &Running, models: &[&str]) {
    let source = server
        .store(|store| store.source_by_key("app"))
        .map_or_else(
            || add(server, settings("app"), SourceKind::Push),
            |source| source.id,
        );
    let assets: Vec<Asset> = models
        .iter()
        .map(|name| {
            let at = Evidence::file("app.py");
            let key = format!("openai/{name}");
            Asset::new(AssetKind::Model, key, *name, How::Literal, at)
        })
        .collect();
    let now = server.now();
    server.store(move |store| {
        let deadlines = store.deadlines()?;
        store.ingest(&Ingest {
            source,
            run: None,
            at: now,
            assets: &assets,
            relations: &[],
            findings: &[],
            coverage: &Coverage::default(),
            unjudged: &BTreeSet::new(),
            judged: None,
            deadlines,
        })
    });
}

/// Waits until the next look is due by the clock alone.
fn waiting(server: &Running) -> usize {
    eventually("no look is due", || {
        let jobs = server.store(|store| {
            store.jobs(&JobFilter {
                kind: Some("runtime".into()),
                limit: 100,
                ..JobFilter::default()
            })
        });
        let errors: Vec<_> = jobs.iter().filter_map(|job| job.error.as_ref()).collect();
        assert!(errors.is_empty(), "{errors:?}");
        let waits = jobs
            .first()
            .is_some_and(|job| job.state == JobState::Waiting);
        (waits && jobs.len() > 1).then_some(jobs.len())
    })
}

/// Lets so much time go by that the next look happens, and waits for it.
fn look_after(server: &Running, time: SignedDuration) {
    let before = waiting(server);
    server.later(time);
    server.app.bell.ring();
    eventually("run time is not looked at", || {
        (waiting(server) > before).then_some(())
    });
}

fn look(server: &Running) {
    look_after(server, SignedDuration::from_mins(6));
}

#[test]
fn what_is_found_is_one_finding_on_the_asset_that_closes_when_it_is_over() {
    let server = start("exit 0");
    declare(&server, &["gpt-4o"]);
    // A name with a date means the model that the code names.
    let model = Some("gpt-4o-2024-08-06");
    let stopped = |id: &str| seen(&server, id, model, "text/attack", Action::Block);
    keep(&server, vec![stopped("a-1"), stopped("a-2")]);
    look(&server);
    assert_eq!(
        told(&server),
        [line("runtime/attack", "model gpt-4o", "low")]
    );
    let number = open(&server)[0]["number"].as_i64().unwrap();
    let page = |client: &mut Client| client.get(&format!("/api/v1/findings/{number}")).json();
    let mut viewer = server.signed_in(Role::Viewer);
    let view = page(&mut viewer);
    assert_eq!(
        view["evidence"][0]["excerpt"], "text/attack in 2 interactions, 2 stopped",
        "{view}"
    );
    let link = "/traffic/interactions?rule=text/attack&model=gpt-4o-2024-08-06";
    assert_eq!(view["evidence"][0]["place"], link);
    assert!(view["notes"].to_string().contains("one identity"), "{view}");
    let html = viewer.get(&format!("/findings/{number}")).text;
    let way = link.replace('&', "&#38;");
    assert!(html.contains(&format!("href=\"{way}\"")), "{html}");
    assert_eq!(viewer.get(link).status, 200);
    // It hangs on the asset that the scan told, which is still one.
    let models = server.store(|store| {
        let query = AssetQuery {
            kinds: vec![AssetKind::Model],
            ..AssetQuery::default()
        };
        Ok(store.assets(&query, &Window::first(10))?.rows)
    });
    assert_eq!(models.len(), 1, "{models:?}");

    // Another rule of the family and something that passed: the same finding, worse.
    let passed = seen(&server, "a-3", model, "text/attack", Action::Flag);
    let guess = seen(&server, "a-4", model, "text/attack-possible", Action::Flag);
    keep(&server, vec![passed, guess]);
    look(&server);
    assert_eq!(
        told(&server),
        [line("runtime/attack", "model gpt-4o", "high")]
    );
    let view = page(&mut viewer);
    assert_eq!(open(&server)[0]["number"], number);
    assert_eq!(
        view["evidence"][0]["excerpt"],
        "text/attack in 3 interactions, 2 stopped, 1 passed"
    );
    assert_eq!(view["evidence"].as_array().unwrap().len(), 2);

    look_after(&server, SignedDuration::from_hours(25));
    assert_eq!(told(&server), []);
    let mut viewer = server.signed_in(Role::Viewer);
    assert_eq!(page(&mut viewer)["finding"]["state"], "fixed");
    // What is met at run time is no approved state, and so no change of it waits for anybody.
    let changes = viewer.get("/api/v1/changes").json();
    assert_eq!(changes["changes"], serde_json::json!([]), "{changes}");
}

#[test]
fn a_flood_makes_few_findings() {
    let server = start("exit 0");
    let rules = [
        "text/attack",
        "flow/obeys-content",
        "data/secret-in-request",
    ];
    for batch in 0..10 {
        let all = (0..1_000)
            .map(|n| {
                let model = format!("model-{}", n % 3);
                let rule = rules[n % rules.len()];
                let id = format!("f-{batch}-{n}");
                let mut one = seen(&server, &id, Some(&model), rule, Action::Block);
                one.identity = Some(format!("who-{n}"));
                one
            })
            .collect();
        keep(&server, all);
    }
    look(&server);
    let told = told(&server);
    assert_eq!(told.len(), 3, "{told:?}");
    let all = open(&server);
    let number = all[0]["number"].as_i64().unwrap();
    let mut viewer = server.signed_in(Role::Viewer);
    let view = viewer.get(&format!("/api/v1/findings/{number}")).json();
    let excerpt = view["evidence"][0]["excerpt"].as_str().unwrap();
    assert!(excerpt.contains("in 3,3"), "{excerpt}");
}

#[test]
fn what_is_about_no_model_is_told_at_the_place() {
    let server = start("exit 0");
    let mut tool = seen(&server, "t-1", None, "tool/poisoned", Action::Block);
    tool.place = "docs".into();
    tool.operation = "mcp.tools/list".into();
    tool.provider = None;
    let mut leak = seen(
        &server,
        "t-2",
        None,
        "data/secret-in-request",
        Action::Redact,
    );
    leak.place = "crm".into();
    leak.teller = Teller::Telemetry;
    let mut nowhere = seen(&server, "t-3", None, "flow/unasked", Action::Flag);
    nowhere.place = String::new();
    // What policy does not allow is no attack.
    let denied = seen(&server, "t-4", Some("gpt-5"), "tool/denied", Action::Block);
    keep(&server, vec![tool, leak, nowhere, denied]);
    look(&server);
    assert_eq!(
        told(&server),
        [
            line("runtime/data-leak", "agent crm", "low"),
            line("runtime/injection", "agent unknown program", "medium"),
            line("runtime/tool-tampering", "mcp_server docs", "medium"),
        ]
    );
}

#[test]
fn a_model_that_no_scan_declares_is_told_until_one_does() {
    let server = start("exit 0");
    let plain = |id: &str, model: &str| seen(&server, id, Some(model), "", Action::Allow);
    let mut wrong = plain("u-0", "made-up");
    wrong.error = Some("404".into());
    let plain_ones = vec![plain("u-1", "gpt-4o"), plain("u-2", "gpt-5-mini"), wrong];
    keep(&server, plain_ones);
    look(&server);
    assert_eq!(told(&server), [], "there is no inventory to miss it in");

    declare(&server, &["gpt-4o"]);
    look_after(&server, SignedDuration::from_hours(2));
    // A name that only ever failed is whatever somebody wrote.
    let expected = line("runtime/undeclared-model", "model gpt-5-mini", "medium");
    assert_eq!(told(&server), [expected]);

    declare(&server, &["gpt-4o", "gpt-5-mini"]);
    look_after(&server, SignedDuration::from_hours(2));
    assert_eq!(told(&server), []);
}

#[test]
fn a_place_of_which_much_cannot_be_judged_is_told() {
    let server = start("exit 0");
    let all = (0..40)
        .map(|n| {
            let mut one = seen(&server, &format!("j-{n}"), Some("m"), "", Action::Allow);
            one.unjudged_count = u64::from(n < 10);
            one
        })
        .collect();
    keep(&server, all);
    look(&server);
    assert_eq!(
        told(&server),
        [line("runtime/not-judged", "endpoint main", "low")]
    );
}

#[test]
fn a_source_that_was_paused_or_removed_stays_so() {
    let server = start("exit 0");
    let one = |id: &str| seen(&server, id, Some("m"), "theft/prada", Action::Flag);
    keep(&server, vec![one("p-1")]);
    look(&server);
    assert_eq!(told(&server), [line("runtime/theft", "model m", "high")]);
    let source = server.store(|store| Ok(store.source_by_key("runtime")?.unwrap()));
    let (id, now) = (source.id, server.now());
    let mut admin = server.signed_in(Role::Admin);
    let page = admin.get(&format!("/sources/{}", id.0));
    assert_eq!(page.status, 200);
    assert!(page.text.contains("what passes at run time") || page.text.contains("Run time"));
    assert_eq!(admin.get(&format!("/sources/{}/edit", id.0)).status, 200);
    server.store(move |store| {
        let paused = SourceSettings {
            enabled: false,
            ..source.settings.clone()
        };
        store.edit_source(id, &paused, source.revision, now)?;
        store.remove_source(id, now)
    });
    keep(&server, vec![one("p-2")]);
    look(&server);
    let source = server.store(|store| Ok(store.source_by_key("runtime")?.unwrap()));
    assert!(source.removed.is_some());
    assert_eq!(told(&server), []);
}

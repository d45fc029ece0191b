//! Sources, runs and jobs as people and programs see them.
#![cfg(unix)]

use serde_json::{Value, json};
use stance_store::accounts::Role;
use stance_store::audit::{AuditLog as _, AuditQuery};

use crate::harness::Client;
use crate::jobs::{eventually, start};

const HONEST: &str = "cat $DIR/document.json; echo reading >&2; exit 1";

fn created(client: &mut Client, body: &Value) -> i64 {
    let answer = client.json("POST", "/api/v1/sources", body);
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()["id"].as_i64().unwrap()
}

fn directory(name: &str) -> Value {
    json!({"kind": "directory", "name": name, "options": {"path": format!("/srv/{name}")}, "schedule": "1h",
        "environment": "production", "owner": "ml-platform"})
}

fn run_ended(client: &mut Client, source: i64) -> Value {
    eventually("the run does not end", || {
        let runs = client.get(&format!("/api/v1/runs?source={source}")).json();
        let run = runs["runs"][0].clone();
        run["finished"].is_string().then_some(run)
    })
}

#[test]
fn a_source_is_added_looked_at_changed_and_removed() {
    let server = start(HONEST);
    let mut admin = server.signed_in(Role::Admin);
    let id = created(&mut admin, &directory("models"));
    let run = run_ended(&mut admin, id);
    assert_eq!(
        (&run["state"], &run["cause"]),
        (&json!("succeeded"), &json!("person"))
    );
    assert!(run["actor"].as_str().unwrap().starts_with("user:"));
    assert_eq!(run["outcome"]["opened"], 1);

    let path = format!("/api/v1/sources/{id}");
    let source = admin.get(&path).json();
    assert_eq!(
        (&source["health"], &source["schedule_words"]),
        (&json!("healthy"), &json!("every hour"))
    );
    let edit =
        json!({"name": "all models", "schedule": "15 3 * * 1-5", "revision": source["revision"]});
    let edited = admin.json("PATCH", &path, &edit);
    assert_eq!(edited.status, 200, "{}", edited.text);
    let edited = edited.json();
    assert_eq!(edited["schedule_words"], "Mon to Fri at 03:15 UTC");
    assert_eq!(edited["owner"], "ml-platform", "what was not said stays");
    assert_eq!(
        admin.json("PATCH", &path, &edit).status,
        409,
        "somebody else edited it"
    );

    let page = admin.get(&format!("/sources/{id}")).text;
    assert!(page.contains("all models") && page.contains("Mon to Fri at 03:15 UTC"));
    let removed = admin.json("DELETE", &path, &json!({}));
    assert_eq!(removed.status, 200, "{}", removed.text);
    assert_eq!(admin.get("/api/v1/sources").json()["sources"], json!([]));
    assert_eq!(
        admin.get("/api/v1/sources?removed=true").json()["sources"][0]["health"],
        "removed"
    );
    assert_eq!(
        admin
            .json("POST", &format!("{path}/run"), &json!({}))
            .status,
        404
    );

    let told: Vec<String> = server.store(|store| {
        let entries = store.audit_entries(&AuditQuery::default(), 100)?;
        Ok(entries.into_iter().map(|entry| entry.action).collect())
    });
    for action in ["source.add", "run.ask", "source.edit", "source.remove"] {
        assert!(told.iter().any(|one| one == action), "{action} in {told:?}");
    }
}

#[test]
fn people_add_sources_with_a_form() {
    let server = start(HONEST);
    let mut admin = server.signed_in(Role::Admin);
    assert!(
        admin
            .get("/sources")
            .text
            .contains("Nothing is looked at yet")
    );
    let kinds = admin.get("/sources/new").text;
    for kind in ["directory", "git", "bom", "logs", "host", "push"] {
        assert!(
            kinds.contains(&format!("/sources/new?kind={kind}")),
            "{kind}"
        );
        let form = admin.get(&format!("/sources/new?kind={kind}"));
        assert_eq!(form.status, 200, "{kind}");
        assert!(form.text.contains("name=\"csrf\""), "{kind}");
    }
    let fields = [
        ("form", "1"),
        ("kind", "logs"),
        ("name", "proxy"),
        ("paths", "/var/log/squid\r\n\r\n/var/log/dns\r\n"),
        ("since", "30d"),
        ("sanctioned", "openai\r\n"),
        ("pseudonymise", "false"),
        ("schedule", ""),
        ("enabled", "true"),
        ("environment", "unknown"),
    ];
    let answer = admin.post("/sources", &fields);
    assert_eq!(answer.status, 303, "{}", answer.text);
    let to = answer.header("location").to_owned();
    let page = admin.get(&to);
    assert!(
        page.text.contains("proxy") && page.text.contains("is being looked at"),
        "{}",
        page.text
    );
    let source = admin.get(&format!("/api/v1{to}")).json();
    assert_eq!(
        source["options"],
        json!({"paths": ["/var/log/squid", "/var/log/dns"], "pseudonymise": false, "since": "30d", "sanctioned": ["openai"]})
    );
    assert_eq!(source["schedule_words"], "when asked");
    assert_eq!(admin.get(&format!("{to}/edit")).status, 200);
    assert!(
        admin
            .get(&format!("{to}/remove"))
            .text
            .contains("data-dialog-body")
    );
    let edit = [
        ("form", "1"),
        ("revision", "0"),
        ("name", "proxies"),
        ("paths", "/var/log/squid\n/var/log/dns"),
        ("pseudonymise", "true"),
        ("schedule", "1d"),
        ("enabled", "false"),
        ("environment", "staging"),
    ];
    let answer = admin.post(&to, &edit);
    assert_eq!(answer.status, 303, "{}", answer.text);
    let source = admin.get(&format!("/api/v1{to}")).json();
    assert_eq!(
        (&source["enabled"], &source["options"]["pseudonymise"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(admin.post(&format!("{to}/remove"), &[]).status, 303);
}

#[test]
fn what_is_not_filled_in_rightly_is_told_by_field() {
    let server = start(HONEST);
    let mut admin = server.signed_in(Role::Admin);
    for (change, field) in [
        (json!({"kind": "volcano"}), "kind"),
        (json!({"name": " "}), "name"),
        (json!({"options": {"path": "models"}}), "path"),
        (json!({"options": {}}), "options"),
        (json!({"schedule": "soon"}), "schedule"),
        (json!({"schedule": "1s"}), "schedule"),
        (json!({"environment": "moon"}), "environment"),
        (json!({"owner": "a\nb"}), "owner"),
    ] {
        let mut body = directory("a");
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        let answer = admin.json("POST", "/api/v1/sources", &body);
        assert_eq!(answer.status, 422, "{body}: {}", answer.text);
        assert_eq!(
            answer.json()["errors"][0]["field"],
            field,
            "{}",
            answer.text
        );
    }
    created(&mut admin, &directory("a"));
    let twice = admin.json("POST", "/api/v1/sources", &directory("a"));
    assert_eq!(twice.status, 409, "{}", twice.text);
    for path in [
        "/api/v1/sources?kind=x",
        "/api/v1/runs?state=x",
        "/api/v1/jobs?state=x",
    ] {
        assert_eq!(admin.get(path).status, 422, "{path}");
    }
    for path in [
        "/api/v1/sources?after=x",
        "/api/v1/runs?after=x",
        "/api/v1/runs?source=x",
    ] {
        assert_eq!(admin.get(path).status, 400, "{path}");
    }
}

#[test]
fn a_run_is_followed_and_stopped() {
    let server = start(
        "printf '\\036progress {\"files\": 12, \"bytes\": 3400}\\n' >&2; while :; do sleep 0.1; done",
    );
    let mut analyst = server.signed_in(Role::Analyst);
    let mut admin = server.signed_in(Role::Admin);
    let id = created(&mut admin, &directory("slow"));
    let run = eventually("it does not say how far it is", || {
        let runs = analyst.get(&format!("/api/v1/runs?source={id}")).json();
        let run = runs["runs"][0].clone();
        (run["progress"]["seen"]["files"] == 12).then_some(run)
    });
    let path = format!("/runs/{}", run["id"]);
    let page = analyst.get(&path).text;
    assert!(page.contains("12 files looked at, 3.4 kB read"), "{page}");
    assert!(analyst.get("/sources").text.contains("1 scan running"));
    let again = analyst.json("POST", &format!("/api/v1/sources/{id}/run"), &json!({}));
    assert_eq!(again.json()["id"], run["id"], "one at a time");
    assert_eq!(analyst.post(&format!("{path}/cancel"), &[]).status, 303);
    let ended = run_ended(&mut analyst, id);
    assert_eq!(ended["state"], "cancelled");
    assert!(!analyst.get(&path).text.contains("/cancel"));
}

#[test]
fn a_failure_is_told_where_people_look() {
    let server = start("echo 'error: <b>disk</b> is on fire' >&2; exit 2");
    let mut admin = server.signed_in(Role::Admin);
    let id = created(&mut admin, &directory("broken"));
    let run = run_ended(&mut admin, id);
    assert_eq!(run["error"], "the scan failed: <b>disk</b> is on fire");
    for path in [
        "/sources".to_owned(),
        format!("/sources/{id}"),
        "/runs".to_owned(),
        format!("/runs/{}", run["id"]),
    ] {
        let page = admin.get(&path).text;
        assert!(
            page.contains("the scan failed: &#60;b&#62;disk")
                || page.contains("the scan failed: &lt;b&gt;disk"),
            "{path}"
        );
        assert!(!page.contains("<b>disk"), "{path}");
    }
    assert_eq!(
        admin.get(&format!("/api/v1/sources/{id}")).json()["health"],
        "failing"
    );
    let page = admin.get(&format!("/runs/{}", run["id"])).text;
    assert!(page.contains("<li data-n=\"1\">"), "the log stands there");
    let failed = admin.get("/api/v1/runs?state=failed").json();
    assert_eq!(failed["runs"].as_array().unwrap().len(), 1);
}

#[test]
fn lists_go_on_where_the_page_before_ended() {
    let server = start(HONEST);
    let mut admin = server.signed_in(Role::Admin);
    for number in 0..60 {
        let name = format!("source {number:02}");
        let body = json!({"kind": "push", "name": name});
        created(&mut admin, &body);
    }
    let first = admin.get("/api/v1/sources").json();
    assert_eq!(
        (&first["total"], first["sources"].as_array().unwrap().len()),
        (&json!(60), 50)
    );
    let next = first["next"].as_str().unwrap();
    let second = admin.get(&format!("/api/v1/sources?after={next}")).json();
    assert_eq!(second["sources"][0]["name"], "source 50");
    assert!(second.get("next").is_none());
    assert_eq!(
        admin.get("/api/v1/sources?q=source%205").json()["sources"]
            .as_array()
            .unwrap()
            .len(),
        10
    );
    assert!(admin.get("/sources").text.contains("rel=\"next\""));
}

#[test]
fn those_who_run_the_service_see_what_it_does() {
    let server = start(HONEST);
    let mut admin = server.signed_in(Role::Admin);
    let id = created(&mut admin, &directory("models"));
    run_ended(&mut admin, id);
    let jobs = eventually("the job does not end", || {
        let jobs = admin.get("/api/v1/jobs?kind=scan&state=done").json();
        (!jobs["jobs"].as_array().unwrap().is_empty()).then_some(jobs)
    });
    assert_eq!(jobs["jobs"][0]["attempts"], 1);
    assert!(admin.get("/jobs").text.contains("Look at a source"));
    assert_eq!(
        server.signed_in(Role::Viewer).get("/api/v1/jobs").status,
        403
    );
    let waiting = eventually("nothing waits", || {
        let jobs = admin.get("/api/v1/jobs?state=waiting").json();
        jobs["jobs"][0]["id"].as_i64()
    });
    let answer = admin.json(
        "POST",
        &format!("/api/v1/jobs/{waiting}/cancel"),
        &json!({}),
    );
    assert_eq!(answer.json()["state"], "cancelled");
}

//! Sources are looked at in children that may do what they like: each costs its run, and nothing else.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use stance_core::Environment;
use stance_serve::jobs::{Limits, SCAN, Settings};
use stance_store::jobs::{JobFilter, JobState, Jobs as _};
use stance_store::sources::{
    NewRun, NewSource, Run, RunFilter, RunState, SourceKind, SourceSettings, Sources as _,
};
use stance_store::{AssetQuery, Estate as _, RunNumber, SourceNumber, Window};

use crate::harness::{self, Running};

/// What an honest scanner hands over: one model, and a finding about it.
pub(crate) const DOCUMENT: &str = r#"{
    "schema": "stance/json-v1", "tool": {"name": "stance", "version": "0.1.0"},
    "scan": {"roots": ["."], "started": "2026-03-01T12:00:00Z", "duration_ms": 5},
    "summary": {"assets": {}, "findings": {}, "statuses": {}},
    "assets": [{"id": "model:file/m.pt", "kind": "model", "name": "m.pt", "aliases": [], "how": "observed",
        "confidence": "high", "scope": "production", "evidence": [{"path": "m.pt"}], "occurrences": 1,
        "attributes": {}}],
    "relations": [],
    "findings": [{"id": "0123456789abcdef0123456789abcdef", "rule": "model/pickle-exec", "severity": "critical",
        "confidence": "high", "status": "open", "asset": "model:file/m.pt", "message": "m.pt runs os.system",
        "notes": [], "controls": [], "evidence": [{"path": "m.pt", "offset": 1, "length": 2}]}],
    "coverage": {"files": 1, "directories": 1, "bytes_read": 1, "bytes_total": 1, "understood": 1, "members": 0,
        "skipped": {}}
}"#;

/// A server whose scanner is this shell script; `$DIR` is a directory of the test.
pub(crate) fn start(script: &str) -> Running {
    start_with(script, |_| {})
}

fn start_with(script: &str, change: impl FnOnce(&mut Settings)) -> Running {
    start_in(tempfile::tempdir().unwrap(), script, change)
}

fn start_in(
    directory: tempfile::TempDir,
    script: &str,
    change: impl FnOnce(&mut Settings),
) -> Running {
    let path = directory.path().join("scanner");
    let document = directory.path().join("document.json");
    std::fs::write(&document, DOCUMENT).unwrap();
    let text = format!("#!/bin/sh\nDIR={}\n{script}\n", directory.path().display());
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    let mut jobs = Settings::new(path, directory.path().to_owned());
    jobs.sandbox = false;
    jobs.tick = Duration::from_millis(50);
    change(&mut jobs);
    harness::start_in(directory, |settings| settings.jobs = Some(jobs))
}

pub(crate) fn settings(name: &str) -> SourceSettings {
    SourceSettings {
        name: name.to_owned(),
        options: json!({"path": "/srv/app"}),
        schedule: None,
        enabled: true,
        owner: None,
        environment: Environment::Production,
    }
}

pub(crate) fn add(server: &Running, settings: SourceSettings, kind: SourceKind) -> SourceNumber {
    let key = settings.name.clone();
    server.store(move |store| {
        let source = NewSource {
            key: &key,
            kind,
            settings: &settings,
        };
        store.add_source(&source, Timestamp::now())
    })
}

fn ask(server: &Running, source: SourceNumber) -> RunNumber {
    let run = server.store(move |store| {
        let run = NewRun {
            source,
            cause: "person",
            actor: Some("ada"),
            job: SCAN,
            priority: 0,
        };
        Ok(store.ask_run(&run, Timestamp::now())?.run)
    });
    server.app.bell.ring();
    run
}

/// Waits until something is so.
pub(crate) fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn ended(server: &Running, run: RunNumber) -> (Run, String) {
    eventually("the run does not end", || {
        let (run, log) = server.store(move |store| Ok((store.run(run)?, store.run_log(run)?)));
        run.state.is_final().then(|| (run, log.unwrap_or_default()))
    })
}

fn one(script: &str, change: impl FnOnce(&mut Settings)) -> (Run, String) {
    let server = start_with(script, change);
    let source = add(&server, settings("app"), SourceKind::Directory);
    let run = ask(&server, source);
    ended(&server, run)
}

/// Whether the process of which the script wrote down the number is gone.
fn is_gone(pid: &PathBuf) -> bool {
    let pid = std::fs::read_to_string(pid).unwrap();
    // A process that ended and was not waited for by anybody yet is gone, too.
    let state = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
    state.is_ok_and(|stat| stat.contains(") Z "))
        || !PathBuf::from(format!("/proc/{}", pid.trim())).exists()
}

#[test]
fn what_a_scanner_found_is_in_the_estate() {
    let server = start("cat $DIR/document.json; echo reading >&2; exit 1");
    let source = add(&server, settings("app"), SourceKind::Directory);
    let run = ask(&server, source);
    let (run, log) = ended(&server, run);
    assert_eq!(run.error, None);
    assert_eq!(run.state, RunState::Succeeded);
    let outcome = run.outcome.unwrap();
    assert_eq!(
        (&outcome["assets"], &outcome["opened"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(log, "reading");
    let assets = server.store(|store| store.assets(&AssetQuery::default(), &Window::first(10)));
    assert_eq!(assets.rows.len(), 1);
    let job = run.job.unwrap();
    eventually("the job does not end", || {
        let state = server.store(move |store| Ok(store.job(job)?.state));
        (state == JobState::Done).then_some(())
    });
}

#[test]
fn a_scanner_that_fails_says_why() {
    let (run, log) = one(
        "echo looking >&2; echo 'error: /srv/app is not there' >&2; echo 'error: it failed' >&2; exit 2",
        |_| {},
    );
    assert_eq!(run.state, RunState::Failed);
    assert_eq!(run.error.unwrap(), "the scan failed: /srv/app is not there");
    assert_eq!(
        log,
        "looking\nerror: /srv/app is not there\nerror: it failed"
    );

    let (run, _) = one("exit 7", |_| {});
    assert_eq!(
        run.error.unwrap(),
        "the scanner ended with code 7 and said nothing about it"
    );
    let (run, _) = one("kill -ABRT $$", |_| {});
    assert!(
        run.error
            .unwrap()
            .starts_with("the scanner was ended from outside")
    );
    let (run, _) = one("exit 0", |settings| {
        settings.scanner = "/nowhere/stance".into();
    });
    assert!(
        run.error
            .unwrap()
            .contains("/nowhere/stance cannot be started")
    );
}

#[test]
fn garbage_is_a_failed_run() {
    for (script, told) in [
        ("echo nonsense", "not a stance/json-v1 document"),
        ("true", "not a stance/json-v1 document"),
        ("head -c 1000 /dev/urandom", "not a stance/json-v1 document"),
        (
            "head -c 300 $DIR/document.json",
            "not a stance/json-v1 document",
        ),
        (
            "sed s/json-v1/json-v9/ $DIR/document.json",
            "the document says it is `stance/json-v9`",
        ),
        ("sed s/model:file/bad/ $DIR/document.json", "`assets[0].id`"),
    ] {
        let (run, _) = one(script, |_| {});
        assert_eq!(run.state, RunState::Failed, "{script}");
        let error = run.error.unwrap();
        assert!(error.contains(told), "{script}: {error}");
    }
}

#[test]
fn a_scanner_that_never_ends_is_ended_with_all_it_started() {
    let server = start_with("sleep 600 & echo $! > $DIR/pid; sleep 600", |settings| {
        settings.limits.time = Duration::from_secs(1);
    });
    let source = add(&server, settings("app"), SourceKind::Directory);
    let run = ask(&server, source);
    let (run, _) = ended(&server, run);
    let error = run.error.unwrap();
    assert!(
        error.contains("longer than the 1 seconds it may take"),
        "{error}"
    );
    assert!(is_gone(&server.directory.path().join("pid")));
}

#[test]
fn a_scanner_that_hands_over_too_much_or_floods_its_log_is_bounded() {
    let small = |settings: &mut Settings| {
        settings.limits = Limits {
            output: 1 << 20,
            ..Limits::default()
        };
    };
    let (run, _) = one("yes", small);
    assert!(
        run.error
            .unwrap()
            .contains("more than the 1 MiB that are taken")
    );
    let (run, log) = one(
        "head -c 5000000 /dev/zero | tr '\\0' x >&2; cat $DIR/document.json",
        small,
    );
    assert_eq!(run.state, RunState::Succeeded);
    assert!(log.len() < 70_000, "{}", log.len());
}

#[test]
fn a_scanner_has_only_so_much_memory() {
    let (run, log) = one(
        "exec awk 'BEGIN { s = \"x\"; while (1) s = s s }'",
        |settings| settings.limits.memory = 64 << 20,
    );
    assert_eq!(run.state, RunState::Failed, "{log}");
}

#[test]
fn whoever_cancels_ends_the_scanner() {
    let server = start("sleep 600 & echo $! > $DIR/pid; sleep 600");
    let source = add(&server, settings("app"), SourceKind::Directory);
    let run = ask(&server, source);
    let pid = server.directory.path().join("pid");
    eventually("the scanner does not start", || {
        std::fs::read_to_string(&pid)
            .ok()
            .filter(|pid| !pid.is_empty())
    });
    let state = server.store(move |store| store.cancel_run(run, Timestamp::now()));
    assert_eq!(state, RunState::Running);
    let (run, _) = ended(&server, run);
    assert_eq!((run.state, run.error), (RunState::Cancelled, None));
    assert!(is_gone(&pid));
}

#[test]
fn a_run_survives_the_end_of_the_server() {
    let server = start("echo $$ > $DIR/pid; sleep 600");
    let source = add(&server, settings("app"), SourceKind::Directory);
    let run = ask(&server, source);
    let pid = server.directory.path().join("pid");
    eventually("the scanner does not start", || {
        std::fs::read_to_string(&pid)
            .ok()
            .filter(|pid| !pid.is_empty())
    });
    let directory = server.stop();
    assert!(
        is_gone(&directory.path().join("pid")),
        "no child is left behind"
    );
    let server = start_in(directory, "cat $DIR/document.json", |_| {});
    let (run, _) = ended(&server, run);
    assert_eq!(run.state, RunState::Succeeded);
}

#[test]
fn credentials_of_the_server_and_its_flags_stay_with_it() {
    // Set for all tests of this process: none of them reads these.
    let server = start("env >&2; cat $DIR/document.json");
    let source = add(&server, settings("app"), SourceKind::Directory);
    let run = ask(&server, source);
    let (_, log) = ended(&server, run);
    let names: Vec<&str> = log
        .lines()
        .filter_map(|line| line.split('=').next())
        .collect();
    assert!(names.contains(&"PATH"), "{names:?}");
    let foreign: Vec<_> = names
        .iter()
        .filter(|name| {
            ![
                "PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "TZ", "PWD", "OLDPWD", "SHLVL", "_",
            ]
            .contains(name)
                && !name.starts_with("XDG_")
                && !name.starts_with("STANCE_INTERNAL_")
        })
        .collect();
    assert!(foreign.is_empty(), "{foreign:?}");
}

#[test]
fn a_source_is_looked_at_when_it_is_due_and_once_for_all_that_was_missed() {
    let server = start("cat $DIR/document.json");
    let scheduled = SourceSettings {
        schedule: Some("PT1H".to_owned()),
        ..settings("app")
    };
    let source = add(&server, scheduled, SourceKind::Directory);
    let next = |server: &Running| server.store(move |store| Ok(store.source(source)?.next));
    eventually("it is not scheduled", || next(&server));
    let runs = |server: &Running| {
        server.store(move |store| {
            let all = RunFilter {
                source: Some(source),
                limit: 99,
                ..RunFilter::default()
            };
            store.runs(&all)
        })
    };
    assert_eq!(runs(&server).len(), 0);
    server.later(SignedDuration::from_hours(50));
    let done = eventually("it is not looked at", || {
        Some(runs(&server)).filter(|runs| runs.iter().any(|run| run.state.is_final()))
    });
    assert_eq!((done.len(), &*done[0].cause), (1, "schedule"));
    assert!(
        next(&server).unwrap() > server.clock.now(),
        "the next one lies ahead"
    );
    // Set back by two days: it is not held up until the clock is there again.
    server.later(SignedDuration::from_hours(-50));
    eventually("the schedule is not worked out anew", || {
        let next = next(&server).unwrap();
        (next < server.clock.now() + SignedDuration::from_hours(2)).then_some(())
    });
}

#[test]
fn bills_of_materials_are_read_without_a_child() {
    let server = start("exit 3");
    let bom = server.directory.path().join("bom.json");
    let bill = json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "components": [
            {"type": "machine-learning-model", "bom-ref": "m", "name": "classifier", "version": "2"},
            {"type": "library", "bom-ref": "l", "name": "torch", "version": "2.4", "purl": "pkg:pypi/torch@2.4"},
            {"type": "file", "bom-ref": "f", "name": "README"}
        ],
        "dependencies": [{"ref": "m", "dependsOn": ["l"]}]
    });
    std::fs::write(&bom, bill.to_string()).unwrap();
    let options = SourceSettings {
        options: json!({"path": bom}),
        ..settings("bom")
    };
    let source = add(&server, options, SourceKind::Bom);
    let run = ask(&server, source);
    let (run, _) = ended(&server, run);
    assert_eq!(run.error, None);
    let outcome = run.outcome.unwrap();
    assert_eq!(
        (&outcome["assets"], &outcome["relations"]),
        (&json!(2), &json!(1))
    );
    let assets = server.store(|store| store.assets(&AssetQuery::default(), &Window::first(10)));
    let keys: Vec<&str> = assets.rows.iter().map(|row| row.id.as_str()).collect();
    assert!(keys.contains(&"package:pkg:pypi/torch"), "{keys:?}");
}

#[test]
fn logs_become_vendors_services_and_people() {
    let server = start("cat $DIR/logs.json");
    let row = |user: &str, service: &str| {
        json!({
            "vendor": "openai", "name": "OpenAI",
            "services": [{"id": service, "name": service, "sanctioned": "no"}],
            "categories": ["chat"], "user": user, "users": 1, "at_least": false, "user_names": [user],
            "requests": 3, "bytes_out": 700, "first_seen": "2026-02-01T09:00:00Z", "last_seen": "2026-02-27T09:00:00Z",
            "signals": ["proxy"], "sanctioned": "no", "trains": ["no"], "data_handling": [],
            "region": ["US"], "details": [], "evidence": ["/var/log/a.log:7:1"]
        })
    };
    let logs = json!({
        "schema": "stance/discover-logs-v1", "tool": {"name": "stance", "version": "0.1.0"},
        "at": "2026-03-01T12:00:00Z", "totals": {}, "by": "user", "pseudonymised": true,
        "sanctioned_list": true, "rows": [row("u1", "chatgpt"), row("u2", "chatgpt"), row("u2", "openai-api")],
        "files": [{"path": "/var/log/a.log", "format": "Squid", "lines": 9, "matched": 3, "outside": 0, "unknown": 1,
            "unknown_lines": [4]}],
        "findings": []
    });
    std::fs::write(server.directory.path().join("logs.json"), logs.to_string()).unwrap();
    let options = SourceSettings {
        options: json!({"paths": ["/var/log"]}),
        ..settings("logs")
    };
    let source = add(&server, options, SourceKind::Logs);
    let run = ask(&server, source);
    let (run, _) = ended(&server, run);
    assert_eq!(run.error, None);
    let outcome = run.outcome.unwrap();
    // A vendor, two services, two people; two services of the vendor, three uses.
    assert_eq!(
        (&outcome["assets"], &outcome["relations"]),
        (&json!(5), &json!(5))
    );
    let key = server.directory.path().join("pseudonym.key");
    let mode = std::fs::metadata(&key).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0);
    crate::vendors::are_told(&server);
}

#[test]
fn the_house_is_kept() {
    let server = start("true");
    let done = eventually("nobody keeps the house", || {
        let jobs = server.store(|store| {
            store.jobs(&JobFilter {
                limit: 99,
                ..JobFilter::default()
            })
        });
        let done = jobs
            .into_iter()
            .filter(|job| job.state == JobState::Done)
            .count();
        (done >= 2).then_some(done)
    });
    assert!(done >= 2);
}

//! A service is backed up while it runs, and put back.

use serde_json::{Value, json};

use crate::harness::{Run, Scratch};
use crate::served::{ADMIN, Program, Served, command, data, document, prepare};

fn stance(scratch: &Scratch, data: &std::path::Path, words: &[&str]) -> Run {
    let mut command = scratch.command();
    command.env("STANCE_DATA_DIR", data).args(words);
    Run::of(command.output().unwrap())
}

fn doctor(scratch: &Scratch, data: &std::path::Path, words: &[&str]) -> (i32, Value) {
    let mut all = vec!["doctor", "--format", "json"];
    all.extend(words);
    let run = stance(scratch, data, &all);
    let report = serde_json::from_str(&run.stdout);
    (
        run.code,
        report.unwrap_or_else(|error| panic!("{error}: {}{}", run.stdout, run.stderr)),
    )
}

/// What the doctor says of an area, with its verdict in front.
fn says(report: &Value, area: &str) -> Vec<String> {
    let checks = report["checks"].as_array().unwrap();
    let of_area = checks.iter().filter(|check| check["area"] == area);
    of_area
        .map(|check| {
            format!(
                "{} {} {}",
                check["verdict"].as_str().unwrap(),
                check["says"].as_str().unwrap(),
                check["do"].as_str().unwrap_or_default()
            )
        })
        .collect()
}

#[test]
fn a_service_is_backed_up_while_it_runs_and_comes_back_elsewhere() {
    let scratch = Scratch::new();
    let data = data(&scratch);
    prepare(&data);
    let served = Served::start(command(&scratch, &data));
    let program = Program::new(&served.url, ADMIN);
    program.send("POST", "/ingest?source=ci&wait=true", &document(0..5, 0));
    let to = scratch.path().join("backup");
    let place = to.display().to_string();
    let made = stance(&scratch, &data, &["backup", &place]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    assert!(made.stdout.contains("service.db"), "{}", made.stdout);
    assert!(
        program.get("/findings").is_some(),
        "the service is none the worse"
    );

    // Nothing goes into a directory that is in use, or that holds something.
    let refused = stance(&scratch, &data, &["restore", &place, "--replace"]);
    assert_eq!(refused.code, 2);
    assert!(
        refused.stderr.contains("another stance serves from it"),
        "{}",
        refused.stderr
    );
    served.kill();
    let refused = stance(&scratch, &data, &["restore", &place]);
    assert!(refused.stderr.contains("--replace"), "{}", refused.stderr);

    let other = scratch.path().join("other");
    let restored = stance(&scratch, &other, &["restore", &place]);
    assert_eq!(restored.code, 0, "{}", restored.stderr);
    let served = Served::start(command(&scratch, &other));
    let program = Program::new(&served.url, ADMIN);
    let findings = program.get("/findings").unwrap();
    assert_eq!(findings["findings"].as_array().unwrap().len(), 5);
    let (code, report) = doctor(&scratch, &other, &["--full", "--url", &served.url]);
    assert_eq!(code, 0, "{report:#}");
    assert!(
        says(&report, "service")[0].contains("is ready"),
        "{report:#}"
    );
    assert!(
        says(&report, "directory").contains(&"ok a service runs on it ".to_owned()),
        "{report:#}"
    );

    // A backup that was touched is told, by a check that changes nothing.
    let path = to.join("service.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let checked = stance(&scratch, &other, &["restore", "--check", &place]);
    assert_eq!(checked.code, 2);
    assert!(
        checked.stderr.contains("service.db was changed"),
        "{}",
        checked.stderr
    );
}

#[test]
fn the_doctor_says_what_is_wrong_and_what_to_do() {
    use std::os::unix::fs::PermissionsExt as _;

    let scratch = Scratch::new();
    let data = data(&scratch);
    prepare(&data);
    let served = Served::start(command(&scratch, &data));
    let program = Program::new(&served.url, ADMIN);
    let gone =
        json!({"kind": "directory", "name": "models", "options": {"path": "/nowhere/at/all"}});
    program.done("POST", "/sources", &gone).unwrap();
    program.send("POST", "/ingest?source=ci&wait=true", &document(0..5, 0));
    served.kill();
    let (code, report) = doctor(&scratch, &data, &[]);
    assert_eq!(
        (code, &report["verdict"]),
        (0, &json!("warning")),
        "{report:#}"
    );
    let sources = says(&report, "sources");
    assert!(
        sources[0].starts_with("warning models: /nowhere/at/all cannot be read here")
            && sources[0].contains("mount it"),
        "{sources:?}"
    );

    let database = data.join("service.db");
    let raw = rusqlite::Connection::open(&database).unwrap();
    raw.execute_batch("UPDATE tally SET value = 77 WHERE name = 'finding:4'")
        .unwrap();
    drop(raw);
    std::fs::set_permissions(&database, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (code, report) = doctor(&scratch, &data, &["--url", "http://127.0.0.1:1"]);
    assert_eq!(code, 1);
    let told = |area: &str, what: &str| {
        let all = says(&report, area);
        assert!(
            all.iter()
                .any(|it| it.starts_with("wrong") && it.contains(what)),
            "{area}: {what} in {all:?}"
        );
    };
    told("database", "finding:4 says 77 and is 5");
    told("directory", "chmod 600");
    told("service", "does not answer");
    let text = stance(&scratch, &data, &["doctor", "--quiet"]);
    assert!(
        text.stdout.contains("WRONG") && !text.stdout.contains("ok  "),
        "{}",
        text.stdout
    );
    // For the health check of a container: one question, one answer.
    let ready = ["--ready", "--url", "http://127.0.0.1:1"];
    let (code, report) = doctor(&scratch, &data, &ready);
    assert_eq!((code, report["checks"].as_array().unwrap().len()), (1, 1));
}

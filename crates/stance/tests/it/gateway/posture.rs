//! Findings of scans at the gateway: from a file, and from the service that it runs in.

use serde_json::Value;

use super::provider::Provider;
use super::{Client, Gateway, settings};
use crate::harness::{EXEC_PICKLE, Scratch};
use crate::served::{ADMIN, Program, Served, command, data, document, eventually, prepare};

const BLOCK: &str = "[guard.rules.\"posture/finding\"]\naction = \"block\"";

#[test]
fn a_gateway_alone_reads_what_an_export_wrote_and_takes_the_next_one() {
    let scratch = Scratch::new();
    let export = ["posture", "export", "-o", "../posture.json"];
    let run = scratch.run(&export);
    assert!(
        run.code == 2 && run.stderr.contains("knows of no scan"),
        "{}",
        run.stderr
    );
    let model = scratch.write("bad.pkl", EXEC_PICKLE);
    assert_eq!(scratch.scan(&[]).0, 1);
    let run = scratch.run(&export);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let text = std::fs::read_to_string(scratch.path().join("posture.json")).unwrap();
    let snapshot: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(snapshot["format"], "stance/posture-v1");
    let finding = &snapshot["subjects"][0]["findings"][0];
    let (rule, id) = (finding["rule"].as_str(), finding["id"].as_str());

    let provider = Provider::start();
    let more = format!("[guard.posture]\nsnapshot = \"posture.json\"\n{BLOCK}");
    let words = settings(&scratch, &provider, &more);
    let gateway = Gateway::start({
        let mut command = scratch.command();
        command.args(&words);
        command
    });
    let client = Client::new();
    let ask = |model: &str| client.ask_of(&gateway.url, model, "hello").unwrap();
    let (status, _, text) = ask("bad.pkl");
    assert_eq!(status, 403, "{text}");
    let words = format!("posture/finding: {} {}", rule.unwrap(), id.unwrap());
    assert!(text.contains(&words), "{text}");
    assert_eq!(ask("good").0, 200);

    // It is mended, scanned and exported again, and the gateway takes it over.
    std::fs::remove_file(model).unwrap();
    scratch.write("app.py", "import openai\n");
    scratch.scan(&[]);
    assert_eq!(
        scratch
            .run(&["posture", "export", ".", "-o", "../posture.json"])
            .code,
        0
    );
    eventually("the next snapshot is not taken", || {
        (ask("bad.pkl").0 == 200).then_some(())
    });
}

#[test]
fn a_snapshot_that_is_not_there_or_none_stops_the_start() {
    let scratch = Scratch::new();
    let provider = Provider::start();
    let words = settings(
        &scratch,
        &provider,
        "[guard.posture]\nsnapshot = \"p.json\"",
    );
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    for text in [None, Some("{\"format\": \"stance/posture-v9\"}")] {
        if let Some(text) = text {
            std::fs::write(scratch.path().join("p.json"), text).unwrap();
        }
        let run = scratch.run(&words);
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert!(
            run.stderr.contains("guard.posture.snapshot"),
            "{}",
            run.stderr
        );
        assert!(run.stderr.contains("p.json"), "{}", run.stderr);
    }
}

#[test]
fn within_the_service_its_own_findings_count() {
    let scratch = Scratch::new();
    let data = data(&scratch);
    prepare(&data);
    let provider = Provider::start();
    let _ = settings(&scratch, &provider, BLOCK);
    let mut command = command(&scratch, &data);
    command
        .args(["--gateway-listen", "127.0.0.1:0", "--config"])
        .arg(scratch.path().join("stance.toml"));
    let mut served = Served::start(command);
    let gateway = std::iter::repeat_with(|| served.line())
        .find_map(|line| Some(line.strip_prefix("Gateway on ")?.to_owned()))
        .unwrap();
    let client = Client::new();
    let ask = |model: &str| client.ask_of(&gateway, model, "hello").unwrap();
    assert_eq!(ask("m1.pt").0, 200);
    let program = Program::new(&served.url, ADMIN);
    let pushed = program.send("POST", "/ingest?source=ci&wait=true", &document(0..2, 0));
    assert_eq!(pushed.unwrap().0, 200);
    let text = eventually("the findings do not reach the gateway", || {
        let (status, _, text) = ask("m1.pt");
        (status == 403).then_some(text)
    });
    let words = format!("posture/finding: model/pickle-exec {:032x}", 1);
    assert!(text.contains(&words), "{text}");
    assert_eq!(ask("m2.pt").0, 200);
}

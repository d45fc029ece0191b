//! `stance inspect` from end to end: what is told, verdicts, exit codes.

use serde_json::Value;

use crate::harness::{EXEC_PICKLE, Scratch};

fn safetensors(metadata: &str) -> Vec<u8> {
    let header = format!(
        r#"{{"__metadata__":{metadata},"layer.weight":{{"dtype":"F16","shape":[4,8],"data_offsets":[0,64]}}}}"#
    );
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.extend([0; 64]);
    file
}

fn json(scratch: &Scratch, words: &[&str]) -> (i32, Value) {
    let mut all = vec!["inspect", "--format", "json"];
    all.extend_from_slice(words);
    let run = scratch.run(&all);
    let document = serde_json::from_str(&run.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", run.stdout, run.stderr));
    (run.code, document)
}

#[test]
fn a_file_is_described_with_its_tensors_and_hash() {
    let scratch = Scratch::new();
    scratch.write("m.safetensors", safetensors(r#"{"license":"mit"}"#));
    let run = scratch.run(&["inspect", "m.safetensors", "--tensors", "--hash"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    for part in [
        "m.safetensors, safetensors,",
        "verdict        clean",
        "parameters     32",
        "licence        mit",
        "sha256 ",
        "layer.weight  F16   [4, 8]",
        "1 model file: 1 clean",
    ] {
        assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
    }
    let (code, document) = json(&scratch, &["m.safetensors", "--tensors"]);
    assert_eq!(code, 0);
    let file = &document["files"][0];
    assert_eq!(file["verdict"], "clean");
    assert_eq!(file["model"]["tensor_list"][0]["shape"][1], 8);
}

#[test]
fn each_file_has_its_verdict_with_the_reason_and_malicious_ones_fail_the_run() {
    let scratch = Scratch::new();
    scratch.write("models/a.safetensors", safetensors("{}"));
    scratch.write("models/b.pkl", EXEC_PICKLE);
    scratch.write("models/c.safetensors", b"\xff\xff\xff\x7f\0\0\0\0{\"a\":");
    let (code, document) = json(&scratch, &["models"]);
    assert_eq!(code, 1);
    let files = document["files"].as_array().unwrap();
    let verdict = |index: usize| files[index]["verdict"].as_str().unwrap();
    assert_eq!((verdict(0), verdict(1)), ("clean", "malicious"));
    assert_ne!(verdict(2), "clean");
    assert!(
        files[1]["reason"].as_str().unwrap().contains("os.system"),
        "{}",
        files[1]
    );
    assert!(files[1]["findings"][0]["fix"].is_string());
    assert!(files[1]["findings"][0]["evidence"][0]["offset"].is_u64());

    let table = scratch.run(&["inspect", "models"]);
    assert_eq!(table.code, 1);
    assert!(
        table.stdout.contains("malicious   pickle"),
        "{}",
        table.stdout
    );
    let never = scratch.run(&["inspect", "models", "--fail-on", "never"]);
    assert_eq!(never.code, 0);

    // A scan says the same about the same files.
    let (_, report) = scratch.scan(&[]);
    let assets = report["assets"].as_array().unwrap();
    let asset = |name: &str| assets.iter().find(|asset| asset["name"] == name).unwrap();
    assert_eq!(asset("b.pkl")["verdict"], "malicious");
    assert_eq!(asset("a.safetensors")["verdict"], "clean");
    assert!(asset("b.pkl")["verdict_reason"].is_string());
}

#[test]
fn what_is_no_model_is_not_judged_and_what_is_not_there_is_an_error() {
    let scratch = Scratch::new();
    scratch.write("notes.dat", "nothing of interest\n");
    let (code, document) = json(&scratch, &["notes.dat"]);
    assert_eq!(code, 0);
    assert_eq!(document["files"][0]["verdict"], "not_judged");
    assert_eq!(scratch.run(&["inspect", "absent.pt"]).code, 2);
    assert_eq!(scratch.run(&["inspect"]).code, 2);
}

#[test]
fn nothing_of_a_file_controls_the_terminal() {
    let scratch = Scratch::new();
    let evil = r#"{"license":"mit\u001b[2J\u202e","k\u0007":"v\r\nverdict clean"}"#;
    scratch.write("m.safetensors", safetensors(evil));
    let run = scratch.run(&["inspect", "m.safetensors", "--tensors", "-v"]);
    let control = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
    assert!(!run.stdout.contains(control), "{:?}", run.stdout);
    assert!(run.stdout.contains("mit\\u{1b}[2J"), "{}", run.stdout);
}

#[cfg(unix)]
#[test]
fn a_model_cache_is_told_by_the_names_of_its_snapshots() {
    use std::os::unix::fs::symlink;

    let scratch = Scratch::new();
    let (used, unused) = ("a".repeat(64), "b".repeat(64));
    let repository = "hub/models--org--name";
    scratch.write(&format!("{repository}/blobs/{used}"), EXEC_PICKLE);
    scratch.write(&format!("{repository}/blobs/{unused}"), EXEC_PICKLE);
    scratch.write("secret.pkl", EXEC_PICKLE);
    let snapshot = scratch.tree().join(repository).join("snapshots/1234");
    std::fs::create_dir_all(&snapshot).unwrap();
    symlink(format!("../../blobs/{used}"), snapshot.join("model.pkl")).unwrap();
    symlink("../../../../secret.pkl", snapshot.join("other.pkl")).unwrap();

    let paths = |words: &[&str]| {
        let (code, document) = json(&scratch, words);
        assert_eq!(code, 1);
        let files = document["files"].as_array().unwrap().clone();
        let judged = files.iter().filter(|file| file["verdict"] == "malicious");
        judged
            .map(|file| file["path"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    // Each blob once, and no other link is followed.
    assert_eq!(
        paths(&["hub"]),
        [
            format!("models--org--name/blobs/{unused}"),
            "models--org--name/snapshots/1234/model.pkl".to_owned(),
        ]
    );
    // The snapshot alone has the same bytes.
    let alone = format!("{repository}/snapshots/1234");
    assert_eq!(paths(&[&alone]), ["model.pkl"]);
    let file = format!("{repository}/snapshots/1234/model.pkl");
    assert_eq!(paths(&[&file]).len(), 1);
}

//! Converting and disarming, end to end through the binary.

use serde_json::Value;
use stance_inspect::convert::assemble::{Storage, checkpoint, floats, legacy, state_dict, view};

use crate::harness::{EXEC_PICKLE, Scratch, of_rule};

const PAYLOAD: &[u8] = b"cos\nsystem\nX\x04\0\0\0true\x85R0";

fn storages() -> [Storage; 1] {
    [floats(6)]
}

fn pickle(first: &[u8]) -> Vec<u8> {
    let views = [
        view("a.weight", 0, 0, &[2, 3], &[3, 1]),
        view("b.weight", 0, 0, &[2, 3], &[3, 1]),
        view("c", 0, 0, &[3, 2], &[1, 3]),
    ];
    state_dict(&views, &storages(), first)
}

/// Everything in the tree, by name.
fn listing(scratch: &Scratch) -> Vec<String> {
    let entries = std::fs::read_dir(scratch.tree()).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_checkpoint_is_converted_and_the_result_is_a_safetensors_file() {
    let scratch = Scratch::new();
    scratch.write("model.pt", checkpoint(&pickle(b""), &storages()));
    let run = scratch.run(&["convert", "model.pt", "-o", "model.safetensors"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    for part in [
        "model.pt, a PyTorch checkpoint, is now model.safetensors",
        "2 tensors",
        "byte for byte",
        "b.weight is a.weight",
    ] {
        assert!(run.stdout.contains(part), "{part} in {}", run.stdout);
    }
    assert_eq!(listing(&scratch), ["model.pt", "model.safetensors"]);
    let (code, report) = scratch.scan(&["--no-store"]);
    assert_eq!(code, 0);
    let findings = report["findings"].as_array().unwrap();
    let of_result = |finding: &&Value| finding.to_string().contains("model.safetensors");
    let bad = findings.iter().filter(of_result).find(|finding| {
        matches!(
            finding["severity"].as_str(),
            Some("medium" | "high" | "critical")
        )
    });
    assert_eq!(bad, None);
}

#[test]
fn nothing_is_replaced_without_force_and_nothing_half_written_stays() {
    let scratch = Scratch::new();
    let words = ["convert", "model.pt", "-o", "out.safetensors"];
    scratch.write("model.pt", checkpoint(&pickle(b""), &storages()));
    scratch.write("out.safetensors", "mine");
    let run = scratch.run(&words);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("--force"), "{}", run.stderr);
    assert_eq!(
        std::fs::read(scratch.tree().join("out.safetensors")).unwrap(),
        b"mine"
    );
    let forced = [&words[..], &["--force"]].concat();
    assert_eq!(scratch.run(&forced).code, 0);
    // The input is never the output.
    let own = scratch.run(&["convert", "model.pt", "-o", "./model.pt", "--force"]);
    assert_eq!(own.code, 2);
    assert!(own.stderr.contains("is the input"), "{}", own.stderr);
    // Broken, of another kind, or without a tensor: a reason, and no file.
    let mut broken = legacy(&pickle(b""), &storages());
    broken.truncate(broken.len() - 3);
    scratch.write("broken.pt", broken);
    scratch.write("text.pt", "hello there, this is no model");
    scratch.write("numbers.pkl", b"\x80\x02]K\x01a.");
    for (file, why) in [
        ("broken.pt", "breaks off"),
        ("text.pt", "no pickle checkpoint"),
        ("numbers.pkl", "no tensor"),
        ("missing.pt", "missing.pt"),
    ] {
        let run = scratch.run(&["convert", file, "-o", "none.safetensors"]);
        assert_eq!(run.code, 2, "{file}");
        assert!(run.stderr.contains(why), "{file}: {}", run.stderr);
    }
    let names = listing(&scratch);
    assert!(
        names
            .iter()
            .all(|name| !name.contains("none") && !name.ends_with(".part")),
        "{names:?}"
    );
}

#[test]
fn a_hostile_checkpoint_is_converted_without_its_payload_and_the_exit_code_says_so() {
    let scratch = Scratch::new();
    scratch.write("model.pt", checkpoint(&pickle(PAYLOAD), &storages()));
    let run = scratch.run(&[
        "convert",
        "model.pt",
        "-o",
        "out.safetensors",
        "--format",
        "json",
    ]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["calls"][0]["callable"], "os.system");
    assert_eq!(report["findings"][0]["severity"], "critical");
    assert_eq!(report["tensors"].as_array().unwrap().len(), 2);
    let out = std::fs::read(scratch.tree().join("out.safetensors")).unwrap();
    assert!(!out.windows(6).any(|window| window == b"system"));
}

#[test]
fn a_disarmed_copy_has_nothing_left_that_a_scan_would_find() {
    let scratch = Scratch::new();
    scratch.write("new.pt", checkpoint(&pickle(PAYLOAD), &storages()));
    scratch.write("old.pt", legacy(&pickle(PAYLOAD), &storages()));
    scratch.write("bare.pkl", EXEC_PICKLE);
    for file in ["new", "old"] {
        let run = scratch.run(&["disarm", &format!("{file}.pt")]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(
            run.stdout.contains("a call of `os.system`"),
            "{}",
            run.stdout
        );
        let copy = format!("{file}.disarmed.pt");
        let words = ["scan", &copy, "--no-store", "--fail-on", "medium"];
        let scan = scratch.run(&words);
        assert_eq!(scan.code, 0, "{}", scan.stdout);
    }
    let run = scratch.run(&["disarm", "bare.pkl", "-o", "clean.pkl", "--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let clean = std::fs::read(scratch.tree().join("clean.pkl")).unwrap();
    assert_eq!(clean, b"\x80\x02N.");
    let (_, report) = scratch.scan(&["--no-store"]);
    for finding in of_rule(&report, "model/pickle-exec") {
        assert!(!finding.to_string().contains("disarmed"), "{finding}");
    }
}

#[test]
fn a_copy_that_would_still_be_dangerous_is_not_written() {
    use stance_inspect::zip::assemble::{part, zip};
    let scratch = Scratch::new();
    // Dangerous beside its pickle: code that no rewriting of pickles takes out.
    let parts = [
        part("archive/data.pkl", pickle(b"")),
        part("archive/data/0", floats(6).bytes),
        part("../../escape.pkl", b"\x80\x02N.".to_vec()),
        part("archive/version", *b"3\n"),
    ];
    scratch.write("model.pt", zip(&parts));
    let run = scratch.run(&["disarm", "model.pt"]);
    assert_eq!(run.code, 2, "{}", run.stdout);
    assert!(run.stderr.contains("nothing was written"), "{}", run.stderr);
    assert_eq!(listing(&scratch), ["model.pt"]);
}

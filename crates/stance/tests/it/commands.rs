//! The commands around a scan: inventory, comparison, explanation, generation.

use serde_json::Value;

use crate::harness::{EXEC_PICKLE, Run, Scratch, of_rule};

fn json(run: &Run) -> Value {
    assert_eq!(run.code, 0, "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn the_inventory_of_the_last_scan_can_be_filtered() {
    let scratch = Scratch::new();
    let never = scratch.run(&["assets"]);
    assert_eq!(never.code, 2);
    assert!(never.stderr.contains("stance scan"), "{}", never.stderr);

    scratch.write("a.pkl", EXEC_PICKLE);
    scratch.write(
        ".mcp.json",
        r#"{"mcpServers": {"docs": {"url": "https://docs.acme.io/mcp"}}}"#,
    );
    scratch.scan(&[]);
    let all = json(&scratch.run(&["assets", "--format", "json"]));
    let names: Vec<&str> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|asset| asset["name"].as_str().unwrap())
        .collect();
    assert!(
        names.contains(&"a.pkl") && names.contains(&"docs"),
        "{names:?}"
    );
    let models = scratch.run(&["assets", "--kind", "model"]);
    assert!(models.stdout.contains("a.pkl") && !models.stdout.contains("docs"));
    let named = scratch.run(&["assets", "--name", "DOCS", "--kind", "mcp-server"]);
    assert!(named.stdout.contains("docs.acme.io") || named.stdout.contains("docs"));
    assert!(!named.stdout.contains("a.pkl"));
    assert_eq!(scratch.run(&["assets", "--kind", "modell"]).code, 2);
}

#[test]
fn what_changed_between_two_scans_is_told_from_the_database_and_from_files() {
    let scratch = Scratch::new();
    scratch.write("old.pkl", EXEC_PICKLE);
    let old = scratch.path().join("old.json");
    let new = scratch.path().join("new.json");
    let output = |path: &std::path::Path| format!("json-v1={}", path.display());
    scratch.run(&["scan", ".", "--output", &output(&old)]);
    assert_eq!(
        scratch.run(&["diff"]).code,
        2,
        "one scan is nothing to compare"
    );
    std::fs::remove_file(scratch.tree().join("old.pkl")).unwrap();
    scratch.write("new.pkl", EXEC_PICKLE);
    scratch.run(&["scan", ".", "--output", &output(&new)]);

    let stored = json(&scratch.run(&["diff", "--format", "json"]));
    let words = [
        "diff",
        "--format",
        "json",
        old.to_str().unwrap(),
        new.to_str().unwrap(),
    ];
    let files = json(&scratch.run(&words));
    for diff in [stored, files] {
        let ids = |part: &str, way: &str| -> Vec<String> {
            let things = diff[part][way].as_array().unwrap();
            let id = |thing: &Value| {
                thing["name"]
                    .as_str()
                    .or(thing["rule"].as_str())
                    .unwrap()
                    .to_owned()
            };
            things.iter().map(id).collect()
        };
        assert_eq!(ids("assets", "appeared"), ["new.pkl"]);
        assert_eq!(ids("assets", "vanished"), ["old.pkl"]);
        assert!(ids("findings", "appeared").contains(&"model/pickle-exec".to_owned()));
        assert!(ids("findings", "vanished").contains(&"model/pickle-exec".to_owned()));
    }
    let text = scratch.run(&["diff"]).stdout;
    assert!(
        text.contains("+ model new.pkl") && text.contains("- model old.pkl"),
        "{text}"
    );
}

#[test]
fn a_scan_without_store_leaves_nothing_behind() {
    let scratch = Scratch::new();
    scratch.write("a.pkl", EXEC_PICKLE);
    scratch.scan(&["--no-store"]);
    assert!(!scratch.data().exists());
}

#[test]
fn an_advisory_is_explained() {
    let scratch = Scratch::new();
    let text = scratch.run(&["explain", "cve-2025-1550"]).stdout;
    for part in [
        "CVE-2025-1550",
        "from 3.0.0 before 3.9.0",
        "fixed in: 3.9.0",
        "model/keras-foreign-module",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let page = json(&scratch.run(&["explain", "CVE-2025-1716", "--format", "json"]));
    assert_eq!(page["triggers"][0]["sign"], "a pickle that imports `pip.*`");
    assert_eq!(scratch.run(&["explain", "CVE-1999-0001"]).code, 2);
}

#[test]
fn every_rule_is_explained_in_text_and_json() {
    let scratch = Scratch::new();
    let text = scratch.run(&["explain", "model/pickle-exec"]).stdout;
    for part in [
        "What it finds",
        "Why it matters",
        "Fix",
        "Controls",
        "OWASP",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let all = json(&scratch.run(&["explain", "--all", "--format", "json"]));
    let listed = json(&scratch.run(&["rules", "list", "--format", "json"]));
    assert_eq!(all, listed);
    for page in all.as_array().unwrap() {
        assert!(!page["fix"].as_str().unwrap().is_empty(), "{page}");
        assert!(!page["controls"].as_array().unwrap().is_empty(), "{page}");
    }
    assert_eq!(scratch.run(&["rules", "check"]).code, 0);
}

#[test]
fn hashes_are_computed_when_asked_for() {
    let scratch = Scratch::new();
    scratch.write("a.pkl", EXEC_PICKLE);
    let hash = |words: &[&str]| {
        let report = scratch.scan(words).1;
        let assets = report["assets"].as_array().unwrap().clone();
        let model = assets.into_iter().find(|asset| asset["name"] == "a.pkl");
        model.unwrap()["attributes"]["sha256"].clone()
    };
    assert_eq!(hash(&[]), Value::Null);
    assert_eq!(
        hash(&["--hash"]),
        Value::from(stance_core::digest::sha256_hex(EXEC_PICKLE))
    );
}

#[test]
fn a_bill_of_materials_lists_the_model_and_no_finding() {
    let scratch = Scratch::new();
    scratch.write("a.pkl", EXEC_PICKLE);
    let bom = json(&scratch.run(&["bom"]));
    assert_eq!(bom["specVersion"], "1.6");
    let components = bom["components"].as_array().unwrap();
    let model = components
        .iter()
        .find(|component| component["name"] == "a.pkl");
    assert_eq!(model.unwrap()["type"], "machine-learning-model");
    assert_eq!(bom["vulnerabilities"], Value::Null);
}

#[test]
fn completions_manual_and_schemas_are_generated() {
    let scratch = Scratch::new();
    for shell in ["bash", "zsh", "fish"] {
        let run = scratch.run(&["generate", "completions", shell]);
        assert!(run.code == 0 && run.stdout.contains("stance"), "{shell}");
    }
    assert!(
        scratch
            .run(&["generate", "man"])
            .stdout
            .contains(".TH stance")
    );
    let schema = json(&scratch.run(&["generate", "schema", "config"]));
    assert!(schema["properties"]["waiver"].is_object());
}

#[test]
fn doctor_says_what_is_wrong() {
    let scratch = Scratch::new();
    assert_eq!(scratch.run(&["doctor"]).code, 0);
    scratch.scan(&[]);
    let fine = scratch.run(&["doctor"]);
    assert!(fine.stdout.contains("holds 1 scans"), "{}", fine.stdout);
    std::fs::write(
        scratch.data().join("stance.db"),
        b"this is no database at all",
    )
    .unwrap();
    let broken = scratch.run(&["doctor"]);
    assert_eq!(broken.code, 1);
    assert!(broken.stdout.contains("WRONG") && broken.stdout.contains("stance.db"));
    // A scan says the same, and leaves the file as it is.
    let scan = scratch.run(&["scan"]);
    assert_eq!(scan.code, 2);
    assert!(
        scan.stderr.contains("stance.db") && scan.stderr.contains("--no-store"),
        "{}",
        scan.stderr
    );
    let kept = std::fs::read(scratch.data().join("stance.db")).unwrap();
    assert_eq!(kept, b"this is no database at all");
}

#[test]
fn links_are_followed_only_when_asked_and_loops_are_said() {
    let scratch = Scratch::new();
    scratch.write("real/a.pkl", EXEC_PICKLE);
    let outside = scratch.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("b.pkl"), EXEC_PICKLE).unwrap();
    std::os::unix::fs::symlink(&outside, scratch.tree().join("link")).unwrap();
    std::os::unix::fs::symlink(scratch.tree(), scratch.tree().join("real/loop")).unwrap();
    let found = |words: &[&str]| {
        let report = scratch.scan(words).1;
        let places: Vec<String> = of_rule(&report, "model/pickle-exec")
            .iter()
            .map(|finding| finding["evidence"][0]["path"].as_str().unwrap().to_owned())
            .collect();
        (places, of_rule(&report, "coverage/unreadable").len())
    };
    assert_eq!(found(&[]).0, ["real/a.pkl"]);
    let (places, gaps) = found(&["--follow-links"]);
    assert_eq!(places, ["link/b.pkl", "real/a.pkl"]);
    assert_eq!(gaps, 1, "the loop is said");
}

#[test]
fn several_targets_keep_their_paths_apart() {
    let scratch = Scratch::new();
    scratch.write("one/a.pkl", EXEC_PICKLE);
    scratch.write("two/a.pkl", EXEC_PICKLE);
    // The format without its version is the newest.
    let run = scratch.run(&["scan", "one", "two", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let places: Vec<&str> = of_rule(&report, "model/pickle-exec")
        .iter()
        .map(|finding| finding["evidence"][0]["path"].as_str().unwrap())
        .collect();
    assert_eq!(places, ["one/a.pkl", "two/a.pkl"]);
    // A single file is a target too.
    let run = scratch.run(&["scan", "one/a.pkl", "--format", "json-v1"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(
        of_rule(&report, "model/pickle-exec")[0]["evidence"][0]["path"],
        "a.pkl"
    );
}

//! Bills of materials through the real binary: written, read back, checked, compared, merged.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::harness::Scratch;

const FORMATS: [&str; 3] = ["cyclonedx-1.6", "cyclonedx-1.7", "spdx-3.0.1"];

fn tree(scratch: &Scratch, model: &str) {
    scratch.write("requirements.txt", "openai==1.2.3\n");
    scratch.write(
        "app.py",
        format!(
            "from openai import OpenAI\nfrom datasets import load_dataset\nclient = OpenAI()\n\
             client.chat.completions.create(model=\"{model}\", messages=[])\nload_dataset(\"org/data\")\n"
        ),
    );
    scratch.write(
        ".mcp.json",
        r#"{"mcpServers": {"docs": {"type": "http", "url": "https://docs.example.com/mcp", "headers": {"Authorization": "Bearer ${TOKEN}"}}}}"#,
    );
}

fn bom(scratch: &Scratch, format: &str) -> String {
    let run = scratch.run(&["bom", "--format", format]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    run.stdout
}

#[test]
fn every_standard_that_is_written_is_valid_and_the_same_twice() {
    let scratch = Scratch::new();
    tree(&scratch, "gpt-4o");
    for format in FORMATS {
        let text = bom(&scratch, format);
        let path = scratch.path().join("bom.json");
        std::fs::write(&path, &text).unwrap();
        let check = scratch.run(&["bom", "check", path.to_str().unwrap()]);
        assert_eq!(check.code, 0, "{format}: {}", check.stdout);
        assert!(check.stdout.contains(", valid; "), "{}", check.stdout);
        if !format.starts_with("spdx") {
            assert_eq!(text, bom(&scratch, format), "{format}");
        }
    }
}

#[test]
fn a_bill_says_what_is_known_and_nothing_else() {
    let scratch = Scratch::new();
    tree(&scratch, "gpt-4o");
    let bill: Value = serde_json::from_str(&bom(&scratch, "cyclonedx-1.7")).unwrap();
    assert_eq!(bill["metadata"]["timestamp"], Value::Null);
    let find = |list: &str, name: &str| -> Value {
        let all = bill[list].as_array().unwrap();
        all.iter()
            .find(|one| one["name"] == name)
            .unwrap_or_else(|| panic!("{name}"))
            .clone()
    };
    let model = find("components", "gpt-4o");
    assert_eq!(model["type"], "machine-learning-model");
    assert_eq!(model["purl"], "pkg:generic/openai/gpt-4o");
    assert_eq!(
        model["evidence"]["occurrences"][0],
        json!({"location": "app.py", "line": 4})
    );
    for unknown in ["licenses", "version", "hashes", "description"] {
        assert_eq!(model[unknown], Value::Null, "{unknown}");
    }
    let data = find("components", "org/data");
    assert_eq!(data["data"][0]["type"], "dataset");
    assert_eq!(
        data["data"][0]["governance"]["custodians"][0]["organization"]["name"],
        "org"
    );
    let server = find("services", "docs");
    assert_eq!(server["endpoints"], json!(["https://docs.example.com/mcp"]));
    assert_eq!(server["x-trust-boundary"], json!(true));
    assert_eq!(server["authenticated"], json!(true));
}

#[test]
fn the_time_is_written_only_where_it_is_asked_for() {
    let scratch = Scratch::new();
    tree(&scratch, "gpt-4o");
    let out = scratch
        .command()
        .args(["bom"])
        .env("SOURCE_DATE_EPOCH", "1700000000")
        .output()
        .unwrap();
    let bill: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(bill["metadata"]["timestamp"], "2023-11-14T22:13:20Z");
    let bill: Value = serde_json::from_str(&scratch.run(&["bom", "--timestamp"]).stdout).unwrap();
    assert!(bill["metadata"]["timestamp"].is_string());
}

#[test]
fn another_model_is_a_difference_and_ends_in_exit_code_1() {
    let (old, new) = (Scratch::new(), Scratch::new());
    tree(&old, "gpt-4o");
    tree(&new, "gpt-4.1");
    let (a, b) = (old.path().join("a.json"), old.path().join("b.json"));
    std::fs::write(&a, bom(&old, "cyclonedx-1.6")).unwrap();
    std::fs::write(&b, bom(&new, "cyclonedx-1.7")).unwrap();
    let (a, b) = (a.to_str().unwrap(), b.to_str().unwrap());
    let same = old.run(&["bom", "diff", a, a]);
    assert_eq!(
        (
            same.code,
            same.stdout.contains("0 added, 0 removed, 0 changed")
        ),
        (0, true)
    );
    let diff = old.run(&["bom", "diff", a, b]);
    assert_eq!(diff.code, 1);
    assert!(
        diff.stdout.contains("+ model gpt-4.1") && diff.stdout.contains("- model gpt-4o"),
        "{}",
        diff.stdout
    );
    assert_eq!(
        old.run(&["bom", "diff", a, b, "--fail-on", "models"]).code,
        1
    );
    assert_eq!(
        old.run(&["bom", "diff", a, b, "--fail-on", "never"]).code,
        0
    );
    let json: Value =
        serde_json::from_str(&old.run(&["bom", "diff", a, b, "--format", "json"]).stdout).unwrap();
    assert_eq!(json["added"][0]["name"], "gpt-4.1");
}

#[test]
fn merging_makes_one_of_what_is_the_same_and_says_where_it_came_from() {
    let (first, second) = (Scratch::new(), Scratch::new());
    tree(&first, "gpt-4o");
    tree(&second, "gpt-4o");
    second.write("more.txt", "");
    second.write("requirements.txt", "openai==1.2.3\nlangchain==0.3.0\n");
    let (a, b) = (first.path().join("a.json"), first.path().join("b.json"));
    std::fs::write(&a, bom(&first, "cyclonedx-1.6")).unwrap();
    std::fs::write(&b, bom(&second, "spdx-3.0.1")).unwrap();
    let run = first.run(&[
        "bom",
        "merge",
        a.to_str().unwrap(),
        b.to_str().unwrap(),
        "--name",
        "all",
    ]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let merged: Value = serde_json::from_str(&run.stdout).unwrap();
    let components = merged["components"].as_array().unwrap();
    let named = |name: &str| {
        components
            .iter()
            .filter(|one| one["name"] == name)
            .collect::<Vec<_>>()
    };
    assert_eq!(named("openai").len(), 1);
    assert_eq!(named("langchain").len(), 1);
    let sources = |part: &Value| {
        let all = part["properties"].as_array().unwrap();
        all.iter()
            .filter(|one| one["name"] == "stance:merged-from")
            .count()
    };
    assert_eq!(
        (sources(named("openai")[0]), sources(named("langchain")[0])),
        (2, 1)
    );
    let page = first.run(&["bom", "merge", a.to_str().unwrap(), "--format", "html"]);
    assert!(page.stdout.starts_with("<!doctype html>") && page.stdout.contains("gpt-4o"));
}

#[test]
fn checking_a_bill_of_others_says_what_is_wrong_and_how_to_add_what_is_missing() {
    let scratch = Scratch::new();
    scratch.write(
        "bom.json",
        json!({
            "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
            "components": [
                {"type": "machine-learning-model", "bom-ref": "m", "name": "m", "version": "1",
                 "licenses": [{"license": {"id": "mit"}}],
                 "modelCard": {"modelParameters": {"task": "chat"}}},
                {"type": "machine-learning-model", "bom-ref": "m", "name": "n"},
            ],
            "dependencies": [{"ref": "m", "dependsOn": ["gone"]}],
        })
        .to_string(),
    );
    let run = scratch.run(&["bom", "check", "bom.json"]);
    assert_eq!(run.code, 1);
    assert_snapshot!(run.stdout);
}

#[test]
fn hostile_and_foreign_files_end_in_words() {
    let scratch = Scratch::new();
    for (name, content, wanted) in [
        ("deep.json", "[".repeat(100_000), "more than 96 deep"),
        ("text.json", "hello".to_owned(), "not JSON"),
        ("other.json", "{\"a\": 1}".to_owned(), "neither CycloneDX"),
        (
            "old.json",
            "{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.1\"}".to_owned(),
            "1.4 to 1.7 are read",
        ),
    ] {
        scratch.write(name, content);
        let run = scratch.run(&["bom", "check", name]);
        assert_eq!(run.code, 2, "{name}");
        assert!(run.stderr.contains(wanted), "{name}: {}", run.stderr);
    }
}

#[test]
fn what_a_data_set_holds_about_people_is_told_by_class_and_never_by_value() {
    let scratch = Scratch::new();
    scratch.write(
        "train.py",
        "from datasets import load_dataset\ndata = load_dataset('csv', data_files='data/customers.csv')\n",
    );
    scratch.write(
        "data/customers.csv",
        "name,email,diagnosis\nA,ann.lee@acme-mail.com,x\nB,bob.ray@acme-mail.com,y\nC,eve.fox@acme-mail.com,z\n",
    );
    let (_, report) = scratch.scan(&[]);
    let assets = report["assets"].as_array().unwrap();
    let set = assets
        .iter()
        .find(|asset| asset["kind"] == "dataset")
        .unwrap();
    let counts = &set["attributes"]["sensitive_counts"];
    assert_eq!(counts["email addresses"], 3);
    assert_eq!(counts["health data"], 3);
    let bill = scratch.run(&["bom"]);
    let told: Value = serde_json::from_str(&bill.stdout).unwrap();
    let components = told["components"].as_array().unwrap();
    let set = components
        .iter()
        .find(|one| one["name"].as_str().unwrap().contains("customers"))
        .unwrap();
    assert_eq!(
        set["data"][0]["sensitiveData"],
        serde_json::json!(["email addresses", "health data"])
    );
    assert!(!bill.stdout.contains("acme-mail") && !report.to_string().contains("acme-mail"));
}

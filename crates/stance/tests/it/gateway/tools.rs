//! The catalogue of tools, looked at and approved from the command line.

use serde_json::{Value, json};
use stance_gateway::judge::{PinsError, edit_pins};
use stance_guard::flow::catalogue::{Offered, Pin, Standing, Version};

use crate::harness::{Run, Scratch};

/// Has tools be known as a gateway would have it.
fn known(scratch: &Scratch, tools: &[(&str, &str, &str)]) {
    std::fs::create_dir_all(scratch.data()).unwrap();
    edit_pins(&scratch.data().join("tools.json"), |known| {
        for (scope, name, description) in tools {
            let pin = Pin::of(&Offered {
                name,
                description,
                ..Offered::default()
            });
            let standing = match known.versions(scope, name) {
                [] => Standing::FirstUse,
                _ => Standing::Changed,
            };
            let version = Version {
                standing,
                first_seen: 1_700_000_000_000,
                pin: pin.unwrap(),
            };
            assert!(known.add(scope, name, version));
        }
        Ok::<_, PinsError>(())
    })
    .unwrap();
}

fn tools(scratch: &Scratch, words: &[&str]) -> Run {
    let mut all = vec!["gateway", "tools"];
    all.extend(words);
    scratch.run(&all)
}

fn list(scratch: &Scratch) -> Vec<Value> {
    let run = tools(scratch, &["list", "--format", "json"]);
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn tools_are_listed_approved_and_forgotten() {
    let scratch = Scratch::new();
    let run = tools(&scratch, &["list"]);
    assert!(run.stdout.contains("No tools are known"), "{}", run.stdout);
    known(
        &scratch,
        &[
            ("openai team", "search", "Searches."),
            ("openai team", "search", "Searches more."),
            ("mail", "send_mail", "Sends.\u{1b}[2J"),
        ],
    );
    let run = tools(&scratch, &["list"]);
    for words in [
        "(server)",
        "team",
        "first-use",
        "changed",
        "its description",
    ] {
        assert!(run.stdout.contains(words), "{words} in {}", run.stdout);
    }
    let rows = list(&scratch);
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0]["upstream"], "mail");
    assert_eq!(rows[0]["identity"], Value::Null);
    assert_eq!(rows[2]["changes"], json!(["its description"]));

    let run = tools(&scratch, &["approve"]);
    assert!(run.stderr.contains("--all"), "{}", run.stderr);
    let run = tools(&scratch, &["approve", "nothing*"]);
    assert!(
        run.stderr.contains("no tool that is known"),
        "{}",
        run.stderr
    );
    let digest = rows[2]["digest"].as_str().unwrap();
    tools(&scratch, &["approve", "sea*", "--digest", &digest[..12]]);
    let standings: Vec<String> = list(&scratch)
        .iter()
        .map(|row| row["standing"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(standings, ["first-use", "first-use", "approved"]);
    tools(&scratch, &["approve", "--all"]);
    assert!(
        list(&scratch)
            .iter()
            .all(|row| row["standing"] == "approved")
    );
    let run = tools(&scratch, &["forget", "search", "--identity", "team"]);
    assert!(run.stdout.contains("forgot 1 tool"), "{}", run.stdout);
    assert_eq!(list(&scratch).len(), 1);
}

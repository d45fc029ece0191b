//! Comparing models, end to end through the binary.

use serde_json::Value;
use stance_inspect::compare::assemble::{Small, WIDTH};

use crate::harness::Scratch;

fn planted() -> Small {
    Small::base().with("embed", |place, value| {
        if place / WIDTH == 41 {
            value * -6.0
        } else {
            value
        }
    })
}

fn document(scratch: &Scratch, words: &[&str]) -> (i32, Value) {
    let mut all = vec!["compare", "--format", "json"];
    all.extend_from_slice(words);
    let run = scratch.run(&all);
    assert!(matches!(run.code, 0 | 1), "{}", run.stderr);
    (run.code, serde_json::from_str(&run.stdout).unwrap())
}

#[test]
fn a_planted_row_is_told_to_people_and_to_programs() {
    let scratch = Scratch::new();
    scratch.write("base.safetensors", Small::base().safetensors());
    scratch.write("tuned.safetensors", planted().safetensors());
    let run = scratch.run(&["compare", "base.safetensors", "tuned.safetensors"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    for part in [
        "tuned.safetensors against base.safetensors",
        "edit of a few weights",
        "13 equal, 1 changed",
        "embed.weight  F32 [200, 32]",
        "row 41 of 200 only",
        "model/targeted-edit",
    ] {
        assert!(run.stdout.contains(part), "{part} in {}", run.stdout);
    }
    let (code, found) = document(&scratch, &["base.safetensors", "tuned.safetensors"]);
    assert_eq!(code, 1);
    assert_eq!(found["schema"], "stance/compare-v1");
    assert_eq!(found["nature"], "edited");
    assert_eq!(found["signs"][0]["rows"], serde_json::json!([41]));
    assert_eq!(found["signs"][0]["evidence"]["path"], "tuned.safetensors");
    assert_eq!(found["findings"][0]["rule"], "model/targeted-edit");
    let (code, _) = document(
        &scratch,
        &[
            "base.safetensors",
            "tuned.safetensors",
            "--fail-on",
            "critical",
        ],
    );
    assert_eq!(code, 0);
    scratch.write(
        "stance.toml",
        "[rules]\ndisable = [\"model/targeted-edit\"]\n",
    );
    let (code, found) = document(&scratch, &["base.safetensors", "tuned.safetensors"]);
    assert_eq!((code, found["findings"].as_array().unwrap().len()), (0, 0));
}

#[test]
fn a_training_is_no_finding_and_says_what_it_was() {
    let scratch = Scratch::new();
    scratch.write("base.safetensors", Small::base().safetensors());
    scratch.write(
        "tuned.safetensors",
        Small::base().trained("", 0.02).safetensors(),
    );
    let run = scratch.run(&["compare", "base.safetensors", "tuned.safetensors"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(
        run.stdout.contains("training of the whole model"),
        "{}",
        run.stdout
    );
    let same = scratch.run(&["compare", "base.safetensors", "base.safetensors"]);
    assert_eq!(same.code, 0);
    assert!(
        same.stdout.contains("all 14 tensors are equal"),
        "{}",
        same.stdout
    );
}

#[test]
fn a_model_of_several_files_is_one_and_its_index_leads_nowhere_else() {
    let scratch = Scratch::new();
    scratch.write("base.safetensors", Small::base().safetensors());
    scratch.write("tuned/a.safetensors", planted().part("embed").safetensors());
    scratch.write(
        "tuned/b.safetensors",
        planted().part(".").without("embed").safetensors(),
    );
    let index = |second: &str| {
        format!(r#"{{"weight_map":{{"embed.weight":"a.safetensors","head.weight":"{second}"}}}}"#)
    };
    scratch.write("tuned/model.safetensors.index.json", index("b.safetensors"));
    for tuned in ["tuned", "tuned/model.safetensors.index.json"] {
        let (code, found) = document(&scratch, &["base.safetensors", tuned]);
        assert_eq!((code, &found["equal"]), (1, &Value::from(13)));
    }
    scratch.write(
        "tuned/model.safetensors.index.json",
        index("../base.safetensors"),
    );
    let run = scratch.run(&["compare", "base.safetensors", "tuned"]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("not a file beside it"),
        "{}",
        run.stderr
    );
}

#[test]
fn what_cannot_be_compared_is_an_error_or_said_plainly() {
    let scratch = Scratch::new();
    scratch.write("base.safetensors", Small::base().safetensors());
    scratch.write("notes.txt", "no model");
    scratch.write("empty/notes.txt", "no model");
    for (tuned, part) in [
        ("notes.txt", "no tensors"),
        ("empty", "no file with weights"),
        ("absent.safetensors", "absent.safetensors"),
    ] {
        let run = scratch.run(&["compare", "base.safetensors", tuned]);
        assert_eq!(run.code, 2, "{tuned}");
        assert!(run.stderr.contains(part), "{part} in {}", run.stderr);
    }
}

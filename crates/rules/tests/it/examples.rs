//! The examples of a rule are its test.

use stance_rules::{Example, all, examine};

use crate::assert_none;

/// What the rule `id` says about an example, one line each.
fn messages(id: &str, example: &Example) -> Vec<String> {
    examine(example)
        .findings
        .iter()
        .filter(|finding| finding.rule == id)
        .map(|finding| format!("{}: {}", finding.evidence.place(), finding.message))
        .collect()
}

fn files(example: &Example) -> String {
    let paths: Vec<&str> = example.files.iter().map(|(path, _)| *path).collect();
    paths.join(", ")
}

#[test]
fn bad_examples_are_found() {
    let mut problems = Vec::new();
    for entry in all() {
        let meta = &entry.meta;
        for (index, example) in meta.bad.iter().enumerate() {
            let findings = examine(example).findings;
            if findings.iter().all(|finding| finding.rule != meta.id) {
                let others: Vec<&str> = findings.iter().map(|finding| &*finding.rule).collect();
                problems.push(format!(
                    "{}: bad example {index} ({}) is not found; what is found: {others:?}",
                    meta.id,
                    files(example)
                ));
            }
        }
    }
    assert_none(&problems);
}

#[test]
fn good_examples_are_left_alone() {
    let mut problems = Vec::new();
    for entry in all() {
        let meta = &entry.meta;
        for (index, example) in meta.good.iter().enumerate() {
            for message in messages(meta.id, example) {
                problems.push(format!(
                    "{}: good example {index} is found: {message}",
                    meta.id
                ));
            }
        }
    }
    assert_none(&problems);
}

#[test]
fn messages_are_one_sentence_without_a_period() {
    let mut problems = Vec::new();
    for entry in all() {
        for example in entry.meta.bad {
            for message in messages(entry.meta.id, example) {
                let text = message.trim_end_matches("...");
                if text.trim().is_empty() || text.ends_with('.') || text.contains('\n') {
                    problems.push(format!("{}: `{message}`", entry.meta.id));
                }
            }
        }
    }
    assert_none(&problems);
}

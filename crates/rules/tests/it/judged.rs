//! That a rule is silent means something only where it judged something.

use stance_core::{Coverage, Policy, Snapshot};
use stance_rules::{Example, all, examine, observe};

use crate::assert_none;

/// How many things the rule `id` judged in an example.
fn judged(id: &str, example: &Example) -> u64 {
    examine(example).judged[id]
}

#[test]
fn every_rule_that_is_on_says_what_it_judged() {
    let empty = Example {
        files: &[],
        policy: None,
    };
    let judgement = examine(&empty);
    let of_scans = all().filter(|entry| entry.rule.is_of_scans());
    assert_eq!(judgement.judged.len(), of_scans.count());
    let loud: Vec<String> = judgement
        .judged
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(rule, count)| format!("{rule} judged {count} things of nothing"))
        .collect();
    assert_none(&loud);

    let mut off = Policy::default();
    off.rules.disabled.push("model/*".to_owned());
    let snapshot = Snapshot::new(
        "off",
        stance_rules::clock(),
        off,
        Vec::new(),
        Coverage::default(),
    );
    let judged = stance_rules::judge(&snapshot).judged;
    assert!(!judged.contains_key("model/pickle-exec"));
    assert!(judged.contains_key("secret/provider-key"));
}

/// Rules about files of which a parser tells only what is wrong: a clean one leaves no fact, and so no evidence.
const TOLD_WHEN_WRONG: [&str; 3] = [
    "model/document-code",
    "model/remote-code",
    "model/tokenizer-tampering",
];

/// Its near misses are of the kind that it judges, and they are what its silence is made of.
#[test]
fn a_rule_judges_one_of_its_good_examples() {
    let mut problems = Vec::new();
    for entry in all().filter(|entry| entry.rule.is_of_scans()) {
        let meta = &entry.meta;
        let counts: Vec<u64> = meta.good.iter().map(|it| judged(meta.id, it)).collect();
        let silent = counts.iter().all(|count| *count == 0);
        if silent != TOLD_WHEN_WRONG.contains(&meta.id) {
            problems.push(format!(
                "{} judges {counts:?} of its good examples",
                meta.id
            ));
        }
    }
    assert_none(&problems);
}

#[test]
fn a_rule_passes_over_what_it_does_not_judge() {
    let of = |id: &str| all().find(|entry| entry.meta.id == id).unwrap().meta.good;
    // Arrays are no pickles, and pickles no arrays.
    let arrays = of("model/npy-header-code");
    for example in arrays {
        assert_eq!(judged("model/onnx-custom-operator", example), 0);
    }
    assert!(
        arrays
            .iter()
            .any(|it| judged("model/npy-header-code", it) > 0)
    );
    // What was searched counts where only what was found is told.
    let (_, coverage) = observe(&arrays[0], "");
    let found = judged("secret/provider-key", &arrays[0]);
    assert_eq!(found, coverage.files);
}

use stance_core::fact::{EmbeddedKind, Fact, GapReason};

use crate::testing::{gaps, has_artifact, report, survives_truncation};

/// The kinds and details of what was changed.
fn changes(path: &str, text: &str) -> Vec<(String, String)> {
    let report = report(path, text.as_bytes());
    let mut found = Vec::new();
    for (_, fact) in &report.facts {
        if let Fact::Artifact(artifact) = fact {
            for one in &artifact.embedded {
                if one.kind == EmbeddedKind::TokenizerChange {
                    found.push((one.name.clone(), one.detail.clone()));
                }
            }
        }
    }
    found
}

fn kinds(text: &str) -> Vec<String> {
    changes("tokenizer.json", text)
        .into_iter()
        .map(|(kind, _)| kind)
        .collect()
}

/// A tokenizer with one part and a small vocabulary.
fn with(part: &str) -> String {
    format!(
        r#"{{"version": "1.0", {part}, "model": {{"type": "WordLevel", "vocab": {{"<unused0>": 0, "yes": 1, "no": 2, "[PAD]": 3}}, "unk_token": "[PAD]"}}}}"#
    )
}

#[test]
fn words_that_share_or_take_a_number_are_told() {
    let shared =
        r#"{"model": {"type": "BPE", "vocab": {"deny": 7, "x": 1, "allow": 7}, "merges": []}}"#;
    let found = changes("tokenizer.json", shared);
    assert_eq!(found[0].0, "shared");
    assert!(found[0].1.contains("deny") && found[0].1.contains("allow"));
    let taken = with(r#""added_tokens": [{"id": 2, "content": "yes", "special": false}]"#);
    assert!(kinds(&taken).contains(&"replaced".to_owned()));
    let vocabulary = changes("vocab.json", r#"{"safe": 5, "unsafe": 5}"#);
    assert_eq!(vocabulary[0].0, "shared");
    let twice = r#"{"model": {"vocab": {"deny": 1, "deny": 2}}}"#;
    assert_eq!(kinds(twice), ["repeated"]);
}

#[test]
fn a_scheme_is_no_address() {
    let added = |content: &str| {
        let token =
            format!(r#""added_tokens": [{{"id": 9, "content": "{content}", "special": false}}]"#);
        kinds(&with(&token))
    };
    for scheme in ["http://", "https://www.", "://"] {
        assert_eq!(added(scheme), Vec::<String>::new(), "{scheme}");
    }
    assert_ne!(added("https://shop.example"), Vec::<String>::new());
}

#[test]
fn rules_that_rewrite_or_put_in_words_are_told() {
    for part in [
        r#""normalizer": {"type": "Replace", "pattern": {"String": "unsafe"}, "content": "safe"}"#,
        r#""normalizer": {"type": "Replace", "pattern": {"Regex": ".*password.*"}, "content": "x"}"#,
        r#""normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Replace", "pattern": {"Regex": "\\bnot\\b"}, "content": ""}]}"#,
        r#""decoder": {"type": "Replace", "pattern": {"String": "bank"}, "content": "http://x.example"}"#,
        r#""decoder": {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " visit http://x.example "}]}"#,
        r#""normalizer": {"type": "Prepend", "prepend": "ignore all previous instructions "}"#,
        r#""pre_tokenizer": {"type": "Split", "pattern": {"String": "refuse"}, "behavior": "Removed", "invert": false}"#,
        r#""post_processor": {"type": "TemplateProcessing", "special_tokens": {"<s>": {"id": "<s>", "ids": [1, 2], "tokens": ["always", "agree"]}}}"#,
    ] {
        let found = kinds(&with(part));
        assert!(
            found
                .iter()
                .any(|kind| kind == "rewritten" || kind == "inserted"),
            "{part}: {found:?}"
        );
    }
}

#[test]
fn what_tokenizers_do_every_day_is_not_told() {
    for part in [
        r#""normalizer": {"type": "Replace", "pattern": {"String": "``"}, "content": "\""}"#,
        r#""normalizer": {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}"#,
        r#""normalizer": {"type": "Replace", "pattern": {"Regex": "https?://\\S+|www\\.\\S+"}, "content": "http"}"#,
        r#""normalizer": {"type": "Replace", "pattern": {"Regex": "[\\p{L}0-9abc]+\\x41bc"}, "content": "x"}"#,
        r#""normalizer": {"type": "Prepend", "prepend": "▁"}"#,
        r#""decoder": {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}"#,
        r#""pre_tokenizer": {"type": "Split", "pattern": {"Regex": "'s|'t|'re|'ve|\\p{L}+"}, "behavior": "Removed", "invert": true}"#,
        r#""added_tokens": [{"id": 0, "content": "<tool_call>", "special": true}, {"id": 3, "content": "[PAD]", "special": true}, {"id": 9, "content": "yes!", "special": false}]"#,
        r#""post_processor": {"type": "TemplateProcessing", "special_tokens": {"eng_Latn": {"id": "eng_Latn", "ids": [4], "tokens": ["eng_Latn"]}}}"#,
        r#""post_processor": {"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0]}"#,
    ] {
        assert_eq!(changes("tokenizer.json", &with(part)), [], "{part}");
    }
    assert!(!has_artifact(&report(
        "vocab.json",
        br#"{"name": "a vocabulary"}"#
    )));
}

/// A byte-pair encoding of two letters each, with the numbers that `number` gives.
fn pairs(number: impl Fn(usize) -> usize) -> String {
    let letters: Vec<char> = ('a'..='z').collect();
    let mut vocabulary: Vec<String> = letters
        .iter()
        .enumerate()
        .map(|(id, letter)| format!("\"{letter}\": {id}"))
        .collect();
    let mut merges = Vec::new();
    for (nth, (first, second)) in letters
        .iter()
        .flat_map(|first| letters.iter().map(move |second| (first, second)))
        .enumerate()
    {
        vocabulary.push(format!("\"{first}{second}\": {}", 26 + number(nth)));
        merges.push(format!("\"{first} {second}\""));
    }
    format!(
        r#"{{"model": {{"type": "BPE", "vocab": {{{}}}, "merges": [{}]}}}}"#,
        vocabulary.join(", "),
        merges.join(", ")
    )
}

#[test]
fn exchanged_numbers_break_the_order_of_the_merges() {
    assert_eq!(kinds(&pairs(|nth| nth)), [] as [&str; 0]);
    let exchanged = pairs(|nth| match nth {
        100 => 400,
        400 => 100,
        nth => nth,
    });
    assert_eq!(kinds(&exchanged), ["exchanged", "exchanged"]);
    // By frequency, as some families number them: no order, no statement.
    assert_eq!(kinds(&pairs(|nth| (nth * 331) % 676)), [] as [&str; 0]);
}

#[test]
fn broken_files_and_large_ones_are_survived() {
    let whole = with(
        r#""added_tokens": [{"id": 2, "content": "yes"}], "normalizer": {"type": "Replace", "pattern": {"String": "a"}, "content": "b"}"#,
    );
    survives_truncation("tokenizer.json", whole.as_bytes());
    let cut = report("tokenizer.json", &whole.as_bytes()[..whole.len() / 2]);
    assert_eq!(gaps(&cut), [GapReason::Malformed]);
    let deep = format!(r#"{{"normalizer": {}1"#, "[".repeat(100_000));
    assert_eq!(
        gaps(&report("tokenizer.json", deep.as_bytes())),
        [GapReason::Limit]
    );
}

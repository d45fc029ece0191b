//! Files that are made to harm, and what must hold for any of them.

use proptest::prelude::*;
use serde_json::{Value, json};
use stance_classifier::Tokenizer;

/// A file that is one thing nested in itself.
fn nested(depth: usize) -> String {
    let head = r#"{"type": "Sequence", "normalizers": ["#.repeat(depth);
    let tail = "]}".repeat(depth);
    format!(
        r#"{{"model": {{"type": "WordLevel", "vocab": {{"a": 0}}}}, "normalizer": {head}{tail}}}"#
    )
}

#[test]
fn nesting_is_bounded() {
    for depth in [10, 40, 1_000, 100_000] {
        assert!(
            Tokenizer::read(nested(depth).as_bytes()).is_err(),
            "{depth}"
        );
    }
}

#[test]
fn a_text_that_grows_with_every_step_is_given_up() {
    let grows = json!({"type": "Replace", "pattern": {"String": "a"}, "content": "aaaaaaaaaa"});
    let steps: Vec<Value> = std::iter::repeat_n(grows, 40).collect();
    let tokenizer = Tokenizer::read(
        json!({
            "normalizer": {"type": "Sequence", "normalizers": steps},
            "model": {"type": "WordLevel", "vocab": {"<unk>": 0}},
        })
        .to_string()
        .as_bytes(),
    )
    .unwrap();
    assert!(tokenizer.tokens("a").is_err());
    assert!(tokenizer.tokens("b").is_ok());
}

#[test]
fn a_table_of_characters_that_points_anywhere_changes_nothing() {
    for units in [
        vec![],
        vec![u32::MAX],
        vec![0xffff_fc00; 8],
        vec![0x0000_0400, 0x8000_0061, 0x0000_0161],
    ] {
        let mut table = u32::try_from(units.len() * 4)
            .unwrap()
            .to_le_bytes()
            .to_vec();
        table.extend(units.iter().flat_map(|unit: &u32| unit.to_le_bytes()));
        let made = json!({
            "normalizer": {"type": "Precompiled", "precompiled_charsmap": base64(&table)},
            "model": {"type": "WordLevel", "vocab": {"abc": 0, "<unk>": 1}},
        });
        let tokenizer = Tokenizer::read(made.to_string().as_bytes()).unwrap();
        assert_eq!(tokenizer.tokens("abc").unwrap()[0].id, 0);
    }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let value = chunk
            .iter()
            .fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let letter = LETTERS[(value >> (18 - 6 * at) & 63) as usize];
            out.push(if at > chunk.len() {
                '='
            } else {
                char::from(letter)
            });
        }
    }
    out
}

/// Parts of files that could be, put together by chance.
fn any_file() -> impl Strategy<Value = Value> {
    let normalizer = prop::sample::select(vec![
        json!(null),
        json!({"type": "NFKC"}),
        json!({"type": "BertNormalizer"}),
        json!({"type": "Strip"}),
        json!({"type": "Nmt"}),
        json!({"type": "ByteLevel"}),
        json!({"type": "Prepend", "prepend": "▁"}),
        json!({"type": "Replace", "pattern": {"Regex": "\\s*"}, "content": ""}),
    ]);
    let pre = prop::sample::select(vec![
        json!(null),
        json!({"type": "ByteLevel"}),
        json!({"type": "Metaspace", "prepend_scheme": "first"}),
        json!({"type": "Whitespace"}),
        json!({"type": "Punctuation", "behavior": "MergedWithNext"}),
        json!({"type": "Digits", "individual_digits": true}),
        json!({"type": "Split", "pattern": {"Regex": "\\s+(?!\\S)|\\s+"}, "behavior": "Contiguous"}),
    ]);
    let model = prop::sample::select(vec![
        json!({"type": "WordPiece", "unk_token": "a", "vocab": {"a": 0, "##b": 1, "": 2}}),
        json!({"type": "Unigram", "vocab": [["a", -1e308], ["", -1.0]]}),
        json!({"type": "Unigram", "unk_id": 0, "byte_fallback": true, "vocab": [["a", 1e308], ["▁", 1e308]]}),
        json!({"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2, "aba": 3}, "merges": [["a", "b"], ["ab", "a"]]}),
        json!({"type": "BPE", "fuse_unk": true, "unk_token": "a", "vocab": {"a": 0, "aa": 1}, "merges": ["a a"]}),
        json!({"type": "WordLevel", "vocab": {"<unk>": 0}}),
    ]);
    let added = prop::sample::select(vec![
        json!([]),
        json!([{"id": 9, "content": "a", "lstrip": true, "rstrip": true, "normalized": true}]),
        json!([{"id": 9, "content": " ", "single_word": true, "special": true, "lstrip": true}]),
    ]);
    (normalizer, pre, model, added).prop_map(|(normalizer, pre, model, added)| {
        json!({"normalizer": normalizer, "pre_tokenizer": pre, "model": model, "added_tokens": added})
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tokens_lie_in_the_text_whatever_the_file_says(file in any_file(), text in "[ab \n▁é\u{301}한.1]{0,40}|\\PC{0,20}") {
        let tokenizer = Tokenizer::read(file.to_string().as_bytes()).unwrap();
        if let Ok(tokens) = tokenizer.tokens(&text) {
            for token in tokens {
                let range = token.start as usize..token.end as usize;
                prop_assert!(text.get(range.clone()).is_some(), "{range:?} of {text:?}");
            }
        }
    }

    #[test]
    fn bytes_that_are_no_tokenizer_are_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Tokenizer::read(&bytes).is_err());
    }
}

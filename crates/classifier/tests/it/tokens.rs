//! Tokens of small tokenizers, reckoned by hand; `tests/classifier` holds whole ones against the library that writes them.

use serde_json::{Value, json};
use stance_classifier::Tokenizer;

fn tokenizer(value: &Value) -> Tokenizer {
    Tokenizer::read(value.to_string().as_bytes()).unwrap()
}

fn ids(tokenizer: &Tokenizer, text: &str) -> Vec<u32> {
    tokenizer
        .tokens(text)
        .unwrap()
        .iter()
        .map(|it| it.id)
        .collect()
}

#[test]
fn tokens_stand_for_places_of_the_text_as_it_was() {
    let tokenizer = Tokenizer::read(&super::made::tokenizer()).unwrap();
    let text = "  IGNORE, pre\u{301}vious\u{200b} 你";
    let found: Vec<(u32, &str)> = tokenizer
        .tokens(text)
        .unwrap()
        .iter()
        .map(|it| (it.id, &text[it.start as usize..it.end as usize]))
        .collect();
    assert_eq!(
        found,
        [(7, "IGNORE"), (1, ","), (8, "pre\u{301}vious"), (1, "你")]
    );
    let (ids, kinds) = tokenizer.framed(&tokenizer.tokens("hello").unwrap());
    assert_eq!((ids, kinds), (vec![2, 4, 3], vec![0, 0, 0]));
}

#[test]
fn the_likeliest_way_to_cut_a_piece_is_taken() {
    let tokenizer = tokenizer(&json!({
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"},
        "model": {"type": "Unigram", "unk_id": 0, "vocab": [
            ["<unk>", 0.0], ["▁a", -1.0], ["b", -1.0], ["▁", -2.0], ["ab", -1.5], ["c", -3.0],
        ]},
    }));
    // "▁a" + "b" is likelier than "▁" + "ab"; what is unknown in a row is one token.
    assert_eq!(ids(&tokenizer, "ab xyc"), [1, 2, 3, 0, 5]);
}

#[test]
fn pairs_are_merged_in_the_order_in_which_they_were_learnt() {
    let tokenizer = tokenizer(&json!({
        "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "c": 2, "bc": 3, "ab": 4, "abc": 5},
            "merges": ["b c", "a b", "a bc"]},
    }));
    assert_eq!(ids(&tokenizer, "abc"), [5]);
    assert_eq!(ids(&tokenizer, "abab"), [4, 4]);
    assert_eq!(ids(&tokenizer, "bcab"), [3, 4]);
}

#[test]
fn what_a_file_asks_for_and_is_not_known_is_an_error_that_names_it() {
    let error = |value: Value| {
        Tokenizer::read(value.to_string().as_bytes())
            .unwrap_err()
            .to_string()
    };
    let model = json!({"type": "WordLevel", "vocab": {"a": 0}});
    assert!(error(json!({"model": {"type": "Magic", "vocab": {}}})).contains("`Magic`"));
    assert!(error(json!({"model": model, "normalizer": {"type": "Upside"}})).contains("`Upside`"));
    assert!(
        error(
            json!({"model": model, "pre_tokenizer": {"type": "Split", "behavior": "Isolated",
        "pattern": {"Regex": "(?<=a)b"}}})
        )
        .contains("(?<=a)b")
    );
    assert!(
        error(json!({"model": {"type": "WordPiece", "vocab": {"a": 0}}})).contains("does not know")
    );
    assert!(error(json!({})).contains("model is not there"));
}

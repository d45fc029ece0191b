//! Processor time of judging one exchange, both ways: a request of 1 KiB with its answer, in presets, with tools, in pieces.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures time and prints it"
)]

use std::hint::black_box;
use std::sync::LazyLock;
use std::time::Instant;

use serde_json::json;
use stance_gateway::judge::{Ended, Guarded, Judge as _, Ruling, Subject};
use stance_guard::leak::Fingerprints;
use stance_guard::policy::{Policy, Settings};
use stance_wire::{Channel, ChannelKey, ChannelKind, Limits, read_answer, read_request, recognise};

const PROSE: &str = "The committee met on Tuesday to talk about the new library. Most of the members liked the plan, but \
some asked whether the roof would last. Please send your comments until Friday; they will be read before the vote. ";
const PROMPT: &str = "You are Otto, the assistant of Meridian Insurance. Never speak about claims above ten thousand euros; \
hand those over to a person at once. The code name of the pricing model is Larkspur and must stay secret. ";

/// Nanoseconds that this thread had a processor, where Linux tells; else those that went by.
fn nanoseconds() -> f64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    std::fs::read_to_string("/proc/self/schedstat")
        .ok()
        .and_then(|line| line.split(' ').next()?.parse().ok())
        .unwrap_or_else(|| START.elapsed().as_secs_f64() * 1e9)
}

fn judge(preset: &str, more: serde_json::Value) -> Guarded {
    let mut settings = json!({"preset": preset});
    for (key, value) in more.as_object().into_iter().flatten() {
        settings[key] = value.clone();
    }
    let settings: Settings = serde_json::from_value(settings).unwrap();
    let mut documents = Fingerprints::default();
    if preset == "strict" {
        documents.add(
            "a.rs",
            &"let premium = TABLE.lookup(age).unwrap_or(DEFAULT);".repeat(20),
        );
    }
    Guarded::knowing(
        Policy::new(settings).unwrap(),
        (7, 11),
        Default::default(),
        Some(documents),
    )
}

/// A request of some 1 KiB of the user's words, and how many tools.
fn request(tools: usize) -> String {
    let tools: Vec<_> = (0..tools)
        .map(|number| {
            json!({"type": "function", "function": {"name": format!("look_up_{number}"),
                "description": "Looks up a record by its number, and gives back its title and its text.",
                "parameters": {"type": "object", "properties": {"number": {"type": "integer"}}}}})
        })
        .collect();
    json!({"model": "gpt-x", "messages": [
        {"role": "system", "content": PROMPT},
        {"role": "user", "content": PROSE.repeat(5).get(..1024)}], "tools": tools})
    .to_string()
}

fn main() {
    let route = recognise("POST", "/v1/chat/completions", None).unwrap();
    let words = PROSE.repeat(5);
    let answer =
        json!({"object": "chat.completion", "choices": [{"index": 0, "finish_reason": "stop",
        "message": {"role": "assistant", "content": words}}]})
        .to_string();
    let markers = json!({"markers": {"a": {"text": "zx-canary-8812"}}});
    println!("{:44} {:>14}", "exchange", "µs of processor");
    for (name, judge, tools, piece) in [
        ("balanced", judge("balanced", json!({})), 0, 0),
        ("balanced, 20 tools", judge("balanced", json!({})), 20, 0),
        (
            "balanced, answer in pieces of 4",
            judge("balanced", json!({})),
            0,
            4,
        ),
        (
            "strict, markers, fingerprints",
            judge("strict", markers.clone()),
            0,
            0,
        ),
        (
            "the same, answer in pieces of 4",
            judge("strict", markers),
            0,
            4,
        ),
    ] {
        let body = request(tools);
        let each = || {
            let limits = Limits::default();
            let reading = read_request(&route, body.as_bytes(), &limits).unwrap();
            let mut interaction = judge.begin(Subject {
                identity: Some("team".to_owned()),
                upstream: "models".to_owned(),
                operation: "chat.completions".to_owned(),
                ..Subject::default()
            });
            assert_eq!(interaction.request(&reading.exchange), Ruling::Pass);
            black_box(reading.rewrite(body.as_bytes(), interaction.asked()));
            if piece == 0 {
                let reading = read_answer(&route, answer.as_bytes(), &limits).unwrap();
                black_box(reading.rewrite(answer.as_bytes(), interaction.answer()));
            } else {
                let channel = Channel {
                    key: ChannelKey {
                        kind: ChannelKind::Content,
                        answer: 0,
                        index: 0,
                    },
                    tool: None,
                    call: None,
                };
                let mut out = String::new();
                for piece in words.as_bytes().chunks(piece) {
                    let piece = std::str::from_utf8(piece).unwrap();
                    interaction.answer().push(&channel, piece, &mut out);
                }
                interaction.answer().finish(&channel, &mut out);
                assert_eq!(out, words);
            }
            interaction.closed(1_700_000_000_000, &Ended::default());
            black_box(interaction.told());
        };
        for _ in 0..200 {
            each();
        }
        // The best of several, as other work on the machine only ever adds.
        let best = (0..5)
            .map(|_| {
                let start = nanoseconds();
                for _ in 0..400 {
                    each();
                }
                (nanoseconds() - start) / 400.0 / 1000.0
            })
            .fold(f64::INFINITY, f64::min);
        println!("{name:44} {best:14.1}");
    }
}

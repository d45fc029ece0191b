//! What reading costs: requests per KiB, and the events of streams that pass. Makes its own traffic.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures time and prints it"
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use stance_core::exchange::Part;
use stance_wire::{
    Channel, Filter, Framing, Identity, Limits, Options, Stream, read_answer, read_request,
    recognise,
};

/// Changes every text, so that all of it is written anew.
struct Upper;

impl Filter for Upper {
    fn part(&mut self, part: &Part) -> Option<String> {
        Some(part.text.to_uppercase())
    }

    fn push(&mut self, _: &Channel, text: &str, out: &mut String) {
        out.push_str(&text.to_uppercase());
    }

    fn finish(&mut self, _: &Channel, _: &mut String) {}
}

/// Microseconds of one run, the median of many.
fn median(runs: usize, mut run: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[runs / 2]
}

fn conversation(bytes: usize) -> String {
    let mut body = String::from(
        "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"You are careful.\"}",
    );
    let mut turn = 0_u32;
    while body.len() + 120 < bytes {
        let role = if turn.is_multiple_of(2) {
            "user"
        } else {
            "assistant"
        };
        let _ = write!(
            body,
            ",{{\"role\":\"{role}\",\"content\":\"Turn {turn}: what do you \\\"know\\\" about caf\u{e9}s\\nin Lisbon, and which one is open now?\"}}"
        );
        turn += 1;
    }
    body.push_str("],\"temperature\":0.7,\"stream\":true}");
    body
}

fn requests() {
    let route = recognise("POST", "/v1/chat/completions", None).expect("known");
    let limits = Limits::default();
    for size in [1 << 10, 4 << 10, 64 << 10, 1 << 20] {
        let body = conversation(size);
        let kib = body.len() as f64 / 1024.0;
        let runs = (20_000_000 / body.len()).clamp(20, 5000);
        let read = median(runs, || {
            let reading = read_request(&route, body.as_bytes(), &limits).expect("JSON");
            black_box(reading.rewrite(body.as_bytes(), &mut Identity));
        });
        let changed = median(runs, || {
            let reading = read_request(&route, body.as_bytes(), &limits).expect("JSON");
            black_box(reading.rewrite(body.as_bytes(), &mut Upper));
        });
        println!(
            "request of {kib:7.1} KiB: read {:6.2} us/KiB, every text changed {:6.2} us/KiB",
            read / kib,
            changed / kib
        );
    }
    let numbers: Vec<String> = (0..200_000).map(|at| format!("-0.0{at}")).collect();
    let answer = format!("{{\"data\":[{{\"embedding\":[{}]}}]}}", numbers.join(","));
    let kib = answer.len() as f64 / 1024.0;
    let route = recognise("POST", "/v1/embeddings", None).expect("known");
    let read = median(20, || {
        black_box(read_answer(&route, answer.as_bytes(), &limits).expect("JSON"));
    });
    println!("vectors of {kib:7.1} KiB: read {:6.2} us/KiB", read / kib);
}

fn streams() {
    let chat = |at: u32| {
        format!(
            "data: {{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1714036975,\"model\":\"m\",\"system_fingerprint\":\"fp\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\" word{at}\"}},\"logprobs\":null,\"finish_reason\":null}}]}}\n\n"
        )
    };
    let messages = |at: u32| {
        format!(
            "event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{{\"type\":\"text_delta\",\"text\":\" word{at}\"}}}}\n\n"
        )
    };
    let lines = |at: u32| {
        format!(
            "{{\"model\":\"m\",\"created_at\":\"2026-01-01T00:00:00Z\",\"message\":{{\"role\":\"assistant\",\"content\":\" word{at}\"}},\"done\":false}}\n"
        )
    };
    type Make<'a> = &'a dyn Fn(u32) -> String;
    let all: [(&str, &str, Framing, Make<'_>); 3] = [
        (
            "chat completions",
            "/v1/chat/completions",
            Framing::Events,
            &chat,
        ),
        ("messages", "/v1/messages", Framing::Events, &messages),
        ("ollama", "/api/chat", Framing::Lines, &lines),
    ];
    for (name, target, framing, make) in all {
        let route = recognise("POST", target, None).expect("known");
        let events: Vec<String> = (0..1000).map(make).collect();
        for (what, filter) in [
            ("passes", &mut Identity as &mut dyn Filter),
            ("every text changed", &mut Upper),
        ] {
            let time = median(50, || {
                let mut stream = Stream::new(&route, framing, Options::default());
                let mut out = Vec::new();
                for event in &events {
                    out.clear();
                    stream.push(event.as_bytes(), filter, &mut out);
                    black_box(&out);
                }
            });
            println!("event of {name}, {what}: {:.2} us", time / 1000.0);
        }
    }
}

fn main() {
    requests();
    streams();
}

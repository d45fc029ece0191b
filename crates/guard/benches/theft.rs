//! Microseconds and bytes of state per event, and microseconds per KiB of text.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures time and prints it"
)]

use std::hint::black_box;
use std::time::Instant;

use stance_guard::theft::{Event, Operation, Point, Print, Settings, Watch};
use stance_guard::topics::{Topics, builtin};

const EVENTS: u64 = 400_000;

fn mix(value: u64) -> u64 {
    let z = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb)
}

fn text(seed: u64, words: u64) -> String {
    (0..words)
        .map(|n| format!("w{} ", mix(seed * 31 + n) % 3000))
        .collect()
}

fn main() {
    let prints: Vec<Print> = (0..4_000).map(|n| Print::of(&text(n, 20))).collect();
    let points: Vec<Point> = (0..500_u64)
        .filter_map(|n| {
            Point::of(
                &(0..24)
                    .map(|d| (mix(n * 24 + d) % 1000) as f32)
                    .collect::<Vec<_>>(),
            )
        })
        .collect();
    for (title, identities, operation) in [
        (
            "conversations, 1,000 identities",
            1_000_u64,
            Operation::Generate,
        ),
        (
            "conversations, 20,000 identities, cap 10,000",
            20_000,
            Operation::Generate,
        ),
        (
            "rows to be scored, 100 identities",
            100,
            Operation::Classify,
        ),
        ("calls of tools, 100 identities", 100, Operation::Tool),
    ] {
        let mut watch = Watch::new(Settings::default());
        let mut signals = 0;
        let start = Instant::now();
        for n in 0..EVENTS {
            let event = Event {
                identity: mix(n) % identities,
                model: 1,
                operation,
                input: (mix(n) % 4000) as u32,
                output: (mix(n) % 700) as u32,
                cost: 1000,
                prompt: (operation == Operation::Generate)
                    .then(|| prints.get((mix(n ^ 77) % 4000) as usize).copied())
                    .flatten(),
                point: (operation == Operation::Classify)
                    .then(|| points.get((n % 500) as usize).copied())
                    .flatten(),
                class: (operation == Operation::Classify).then_some((n % 3) as u32 + 1),
                tool: (operation == Operation::Tool).then_some((n % 12) as u32),
                call: (operation == Operation::Tool).then_some(n % 40),
                ..Event::default()
            };
            signals += watch
                .observe(1_793_577_600_000 + n as i64 * 500, black_box(&event))
                .len();
        }
        let each = start.elapsed().as_secs_f64() / EVENTS as f64 * 1e6;
        let (all, most) = watch.bytes();
        println!(
            "{title}: {each:.2} µs per event; state {} KiB in all, at most {most} bytes each; {signals} signals",
            all / 1024
        );
    }
    println!(
        "an event is {} bytes, a print {}",
        size_of::<Event>(),
        size_of::<Print>()
    );
    let topics = Topics::new(&builtin()).ok();
    for words in [20, 200, 2_000] {
        let texts: Vec<String> = (0..200).map(|n| text(n, words)).collect();
        let bytes: usize = texts.iter().map(String::len).sum();
        let rounds = 40_000 / words;
        let start = Instant::now();
        for _ in 0..rounds {
            for text in &texts {
                black_box(Print::of(black_box(text)));
            }
        }
        let per_kib = start.elapsed().as_secs_f64() * 1e6 / (bytes as f64 * rounds as f64 / 1024.0);
        let start = Instant::now();
        for _ in 0..rounds {
            for text in &texts {
                black_box(topics.as_ref().map(|topics| topics.judge(black_box(text))));
            }
        }
        let topics = start.elapsed().as_secs_f64() * 1e6 / (bytes as f64 * rounds as f64 / 1024.0);
        println!(
            "texts of {} bytes: print {per_kib:.2} µs per KiB, topics {topics:.2} µs per KiB",
            bytes / texts.len()
        );
    }
}

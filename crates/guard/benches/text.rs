//! Processor time of the text guard per KiB: ordinary prose, JSON of tools, several scripts, and texts that wear disguises.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures time and prints it"
)]

use std::hint::black_box;
use std::sync::LazyLock;
use std::time::Instant;

use stance_core::Origin;
use stance_guard::text::{Limits, judge};

const PROSE: &str = "The committee met on Tuesday to talk about the new library. Most of the members liked the plan, but \
some asked whether the roof would last. Please send your comments until Friday; they will be read before the vote. ";
const JSON: &str = "{\"id\": 4711, \"created_at\": \"2026-03-14T09:26:53Z\", \"author\": \"Linh Tran\", \"state\": \"open\", \
\"title\": \"Button does not react\", \"body\": \"Steps: open the page, click twice, wait.\", \"labels\": [\"bug\", \"ui\"]}, ";
const RUSSIAN: &str =
    "Городской совет вчера одобрил строительство нового моста через реку, работы начнутся весной. ";
const CHINESE: &str = "市议会昨天批准了新桥的建设，工程将于春天开始，预计两年后完工。";
const BASE64: &str =
    "TG9yZW0gaXBzdW0gZG9sb3Igc2l0IGFtZXQsIGNvbnNlY3RldHVyIGFkaXBpc2NpbmcgZWxpdC4gU2VkIGRv ";
const LEET: &str = "pl34s3 m33t m3 4t th3 st4t10n 4t n00n 4nd br1ng th3 b00ks ";
const SPACED: &str = "t h e  t r a i n  l e a v e s  a t  n o o n  ";

/// Nanoseconds that this thread had a processor, where Linux tells; else those that went by.
fn nanoseconds() -> f64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    std::fs::read_to_string("/proc/self/schedstat")
        .ok()
        .and_then(|line| line.split(' ').next()?.parse().ok())
        .unwrap_or_else(|| START.elapsed().as_secs_f64() * 1e9)
}

fn main() {
    let texts = [
        ("prose", PROSE),
        ("json", JSON),
        ("russian", RUSSIAN),
        ("chinese", CHINESE),
        ("base64", BASE64),
        ("leet", LEET),
        ("spaced", SPACED),
    ];
    let limits = Limits::default();
    println!(
        "{:10} {:>8} {:>12} {:>12}",
        "text", "bytes", "µs per KiB", "µs per text"
    );
    for (name, unit) in texts {
        for size in [1024, 4096, 65_536] {
            let text = unit.repeat(size / unit.len() + 1);
            let rounds = 8 * 1024 * 1024 / text.len();
            for _ in 0..rounds / 8 {
                black_box(judge(Origin::Document, black_box(&text), &limits));
            }
            // The best of several, as other work on the machine only ever adds.
            let best = (0..5)
                .map(|_| {
                    let start = nanoseconds();
                    for _ in 0..rounds / 4 {
                        black_box(judge(Origin::Document, black_box(&text), &limits));
                    }
                    (nanoseconds() - start) / 1e9 / (rounds / 4) as f64
                })
                .fold(f64::INFINITY, f64::min);
            println!(
                "{name:10} {:8} {:12.2} {:12.1}",
                text.len(),
                best * 1e6 / (text.len() as f64 / 1024.0),
                best * 1e6
            );
        }
    }
}

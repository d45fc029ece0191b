//! Bytes per CPU second of looking for entities, and of redacting in pieces; makes its own text.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures time and prints it"
)]

use std::fmt::Write as _;
use std::time::Instant;

use stance_guard::entities;
use stance_guard::stream::{Policy, Redactor};

/// Sentences as they stand in conversations: of a hundred, some hold entities.
const SENTENCES: [&str; 14] = [
    "Could you please summarise the attached report in three short bullet points, and keep the tone friendly?",
    "The committee met twice last year; its members agreed that the proposal needs more work before it is published.",
    "Sure! Here is a Python function that reads a file line by line and counts how often each word occurs in it.",
    "def count(path):\n    words = {}\n    for line in open(path):\n        for word in line.split():\n            words[word] = words.get(word, 0) + 1\n    return words\n",
    "In this paper we show that the method converges after about 120 iterations, which is 3.5 times faster than before.",
    "{\"status\": \"ok\", \"items\": [{\"id\": 48213, \"price\": 19.99, \"in_stock\": true}, {\"id\": 48214, \"price\": 5.0}]}",
    "My manager asked me to move the meeting to Tuesday afternoon, because several people from the Berlin office are travelling.",
    "Das Angebot gilt bis zum Ende des Monats; danach steigt der Preis, wie im Vertrag vereinbart, um vier Prozent.",
    "I think the main risk is that customers don't understand what they agree to, so we should explain it in plain words.",
    "fn main() -> Result<(), Box<dyn std::error::Error>> { let total: u64 = values.iter().sum(); println!(\"{total}\"); Ok(()) }",
    "According to the documentation, the setting `max_connections` defaults to 100 and may be raised to 1000 at most.",
    "She laughed, closed the book, and said that nothing in it was true except the weather and the names of the streets.",
    "Please write an email to the landlord and tell him that the heating has not worked properly since the beginning of winter.",
    "2026-11-03T10:15:42Z INFO server::http request finished method=GET path=/api/v1/items status=200 latency_ms=12",
];

fn text(size: usize) -> String {
    let mut text = String::with_capacity(size + 512);
    let mut turn = 0_usize;
    while text.len() < size {
        text.push_str(SENTENCES[turn % SENTENCES.len()]);
        text.push(if turn % 5 == 4 { '\n' } else { ' ' });
        if turn % 7 == 3 {
            let _ = write!(
                text,
                "Write to customer{turn}@acme-mail.com or call +44 20 7946 {:04}; card 4539 1488 0343 6467, IBAN DE89 3704 0044 0532 0130 00, host 10.0.{}.{}. ",
                turn % 10_000,
                turn % 256,
                turn % 251
            );
        }
        turn += 1;
    }
    text
}

fn rate(name: &str, bytes: usize, rounds: u32, mut work: impl FnMut() -> usize) {
    work();
    let mut best = f64::INFINITY;
    let mut found = 0;
    for _ in 0..rounds {
        let start = Instant::now();
        found = work();
        best = best.min(start.elapsed().as_secs_f64());
    }
    #[expect(clippy::cast_precision_loss, reason = "sizes of a benchmark")]
    let megabytes = bytes as f64 / 1e6;
    println!(
        "{name:34} {:8.1} MB/s  {:7.2} µs/KiB  {found} found",
        megabytes / best,
        best * 1e6 * 1024.0 / (megabytes * 1e6)
    );
}

fn main() {
    let text = text(4 << 20);
    rate("find", text.len(), 5, || entities::find(&text).len());
    let policy = Policy::everything();
    for size in [4, 64, 1024] {
        rate(
            &format!("redact, pieces of {size} bytes"),
            text.len(),
            3,
            || {
                let mut redactor = Redactor::new(&policy);
                let mut out = String::with_capacity(text.len());
                let mut rest = text.as_str();
                while !rest.is_empty() {
                    let mut at = size.min(rest.len());
                    while !rest.is_char_boundary(at) {
                        at += 1;
                    }
                    let (piece, more) = rest.split_at(at);
                    redactor.push(piece, &mut out);
                    rest = more;
                }
                redactor.finish(&mut out);
                redactor.found().len()
            },
        );
    }
    let mut most = 0;
    let mut sum = 0_usize;
    let mut redactor = Redactor::new(&policy);
    let mut out = String::new();
    let sample = &text[..200_000];
    for letter in sample.chars() {
        redactor.push(letter.encode_utf8(&mut [0; 4]), &mut out);
        most = most.max(redactor.held());
        sum += redactor.held();
    }
    println!(
        "held back, letter by letter: {most} bytes at most, {} on average",
        sum / sample.len()
    );
}

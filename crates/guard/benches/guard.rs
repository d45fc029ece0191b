//! Microseconds per KiB of each stage of the guard, and of all of them: prompts of users, results of tools, documents.
//!
//! Real texts where `STANCE_CORPUS` names them, else texts of our own. Each text counts by the quickest of several rounds,
//! since other work on the machine only ever adds.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark reads files, measures time and prints it"
)]

use std::fs;
use std::hint::black_box;
use std::io::Read as _;
use std::path::Path;
use std::time::Instant;

use stance_core::Origin;
use stance_core::exchange::Part;
use stance_guard::flow::{Key, Limits, Session, Signal, SignalKind, Source};
use stance_guard::{entities, leak, text};

const ROUNDS: usize = 20;
/// How many texts of one kind.
const TEXTS: usize = 300;

fn main() {
    println!(
        "{:10} {:>6} {:>8} {:>8} {:>9} {:>8} {:>8} {:>8}   µs per KiB",
        "texts", "count", "KiB", "text", "entities", "flow", "leak", "all"
    );
    let prompts = prompts();
    for (name, origin, texts) in [
        ("prompts", Origin::User, prompts.clone()),
        ("results", Origin::ToolResult, results(&prompts)),
        ("documents", Origin::Document, documents()),
    ] {
        measure(name, origin, &texts);
    }
}

fn measure(name: &str, origin: Origin, texts: &[String]) {
    let bytes: usize = texts.iter().map(String::len).sum();
    let kib = bytes as f64 / 1024.0;
    let limits = text::Limits::default();
    let judged = quickest(texts, |text| {
        black_box(text::judge(origin, text, &limits));
    });
    let found = quickest(texts, |text| {
        black_box(entities::find(text));
    });
    let parts: Vec<(Part, Vec<Signal>)> = texts.iter().map(|text| part(origin, text)).collect();
    let read = quickest(&parts, |(part, signals)| {
        let mut session = Session::new(Key(1, 2), Limits::default());
        session.observe(part, Source::default(), signals);
        black_box(&session);
    });
    let leaked = quickest(texts, |text| {
        let mut context = leak::Context::default();
        context.add(text);
        black_box(&context);
    });
    let [judged, found, read, leaked] = [judged, found, read, leaked].map(|sum| sum / kib);
    println!(
        "{name:10} {:6} {kib:8.0} {judged:8.1} {found:9.1} {read:8.1} {leaked:8.1} {:8.1}",
        texts.len(),
        judged + found + read + leaked
    );
}

/// The sum over all items of the quickest of some rounds each, in microseconds.
fn quickest<T>(items: &[T], mut each: impl FnMut(&T)) -> f64 {
    let mut time = |item: &T| {
        let start = Instant::now();
        each(item);
        start.elapsed().as_secs_f64() * 1e6
    };
    items
        .iter()
        .map(|item| {
            (0..ROUNDS)
                .map(|_| time(item))
                .fold(f64::INFINITY, f64::min)
        })
        .sum()
}

/// A part, with what the text guard says of it.
fn part(origin: Origin, text: &str) -> (Part, Vec<Signal>) {
    let report = text::judge(origin, text, &text::Limits::default());
    let signals = report.signals.into_iter().map(|signal| Signal {
        rule: signal.rule.to_owned(),
        kind: SignalKind::Injection,
        score: signal.score,
        span: signal.span,
    });
    let part = Part {
        origin,
        pointer: String::new(),
        tool: None,
        call: Some("call".to_owned()),
        text: text.to_owned(),
    };
    (part, signals.collect())
}

/// Prompts of about 1 KiB: of the corpus, or of our own.
fn prompts() -> Vec<String> {
    let mut all = Vec::new();
    if let Some(corpus) = std::env::var_os("STANCE_CORPUS") {
        let directory = Path::new(&corpus).join("prompts");
        let mut files: Vec<_> = fs::read_dir(directory)
            .into_iter()
            .flatten()
            .flatten()
            .collect();
        files.sort_by_key(fs::DirEntry::path);
        for file in files {
            all.extend(texts_of(&file.path()));
        }
    }
    all.retain(|text| (300..3000).contains(&text.len()));
    if all.is_empty() {
        println!("no prompts below STANCE_CORPUS: texts of our own");
        let sentences = [
            "The committee met on Tuesday to talk about the new library.",
            "Please send your comments to the office until Friday; they will be read before the vote.",
            "Most of the members liked the plan, but some asked whether the roof would last.",
            "Can you write a summary of the points above, and a list of what is still open?",
            "Городской совет вчера одобрил строительство нового моста через реку.",
        ];
        let count = sentences.len();
        all = (0..TEXTS)
            .map(|number| {
                let words = (0..14).map(|at| sentences[(number * 7 + at * 3) % count]);
                words.collect::<Vec<_>>().join(" ")
            })
            .collect();
    }
    let step = (all.len() / TEXTS).max(1);
    all.into_iter().step_by(step).collect()
}

/// The texts of a file of JSON lines, or nothing.
fn texts_of(path: &Path) -> Vec<String> {
    let mut lines = String::new();
    let file = fs::read(path).unwrap_or_default();
    if flate2::read::GzDecoder::new(file.as_slice())
        .read_to_string(&mut lines)
        .is_err()
    {
        return Vec::new();
    }
    let text = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(value["text"].as_str()?.to_owned())
    };
    lines.lines().filter_map(text).collect()
}

/// Records as tools give them back, with passages of prompts in them.
fn results(prompts: &[String]) -> Vec<String> {
    let passages: Vec<String> = prompts
        .iter()
        .map(|text| text.chars().take(200).collect())
        .collect();
    passages
        .chunks(10)
        .enumerate()
        .map(|(number, passages)| {
            let records: Vec<_> = passages
                .iter()
                .enumerate()
                .map(|(at, note)| {
                    serde_json::json!({
                        "id": number * 1000 + at, "name": format!("Anna {at}"),
                        "email": format!("anna{at}@corp.example"), "note": note,
                    })
                })
                .collect();
            serde_json::Value::Array(records).to_string()
        })
        .collect()
}

/// Pages and sources of the project itself.
fn documents() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    [
        "README.md",
        "docs/gateway.md",
        "docs/cli.md",
        "crates/guard/src/flow/words.rs",
        "Cargo.lock",
    ]
    .iter()
    .filter_map(|name| fs::read_to_string(root.join(name)).ok())
    .map(|text| text.chars().take(16_000).collect())
    .collect()
}

//! The child's side: loads a model where it can do no harm, and scores texts until nobody asks any more.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::ExitCode;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use stance_classifier::{Classifier, Options, Parts};
use stance_core::digest::sha256_hex;

use super::files::Files;
use super::message::{Answer, Ask, Load, Loaded, Said};

/// Memory that it may have beside the model.
const MEMORY: u64 = 3 << 30;

/// How often the model is in memory at most: as a file, as tensors, laid out for multiplication, and room for what passes.
const COPIES: u64 = 5;

/// Texts that were read and wait.
const WAITING: usize = 4;

/// What it is tried with: something in every script that a tokenizer may stumble upon.
const TRIED: &str = "Hello! Grüße, привет, 你好, नमस्ते 👋";

/// Runs until standard input ends.
pub(crate) fn run() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The parent reads it, if it is there.
            let _ = say(&Loaded::Refused(format!("{error:#}")));
            ExitCode::from(2)
        }
    }
}

fn say(value: &impl serde::Serialize) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    let mut out = std::io::stdout().lock();
    out.write_all(&line)?;
    out.flush()
}

fn serve() -> anyhow::Result<()> {
    let mut input = BufReader::new(std::io::stdin());
    let mut line = String::new();
    input.read_line(&mut line)?;
    let load: Load = serde_json::from_str(&line).context("this is started by Stance itself")?;
    let files = Files::read(&load.model)?;
    let sha256 = sha256_hex(&files.model);
    let memory = files.size().saturating_mul(COPIES).saturating_add(MEMORY);
    // From here on nothing is read but standard input. What the system does not have of it is done without.
    crate::sandbox::confine(memory)?;
    files.ensure_harmless()?;
    let number = |value: u32| usize::try_from(value).unwrap_or(usize::MAX);
    let options = Options {
        labels: load.labels,
        tokens: number(load.tokens),
        threads: number(load.threads),
    };
    let parts = Parts {
        model: files.model,
        external: files.external,
        tokenizer: files.tokenizer,
        config: files.config,
    };
    let classifier = Classifier::load(parts, &options)?;
    classifier
        .score(TRIED, || true)
        .context("the model was tried on a text")?;
    say(&Loaded::Ready { sha256 })?;
    let (given, texts) = sync_channel(WAITING);
    thread::spawn(move || {
        for line in input.lines() {
            let Ok(ask) = line
                .map_err(anyhow::Error::from)
                .and_then(|line| serde_json::from_str::<Ask>(&line).context("no text"))
            else {
                return;
            };
            if given.send((ask, Instant::now())).is_err() {
                return;
            }
        }
    });
    for (ask, came) in texts {
        let until = came + Duration::from_micros(ask.micros);
        let is_in_time = || Instant::now() < until;
        let said = is_in_time().then(|| score(&classifier, &ask.text, is_in_time));
        say(&Answer { id: ask.id, said })?;
    }
    Ok(())
}

fn score(classifier: &Classifier, text: &str, is_in_time: impl Fn() -> bool) -> Said {
    match classifier.score(text, is_in_time) {
        Ok(scored) => Said::Scored {
            score: scored.score,
            label: scored.label,
            start: scored.span.start,
            end: scored.span.end,
            is_whole: scored.is_whole,
        },
        Err(_) => Said::Failed,
    }
}

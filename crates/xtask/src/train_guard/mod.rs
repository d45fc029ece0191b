//! `cargo xtask train-guard`: learns the two models of the text guard, and says how good they are on what they did not see.

mod corpus;
mod data;
mod documents;
mod duplicates;
mod evaluate;
mod grammar;
mod learn;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use stance_guard::text::score::Model;

use corpus::Sample;
use evaluate::Figures;
use learn::Examples;

/// What the words after the command ask for.
#[derive(Debug, Default)]
struct Arguments {
    corpus: Option<PathBuf>,
    evaluate: bool,
    clean: Vec<PathBuf>,
}

/// Trains and writes both models and their card below `root`; with `--evaluate` prints the figures and writes nothing.
pub fn run(root: &Path, words: &[&str]) -> Result<()> {
    let arguments = parse(words)?;
    let corpus = arguments.corpus.clone().unwrap_or_else(|| {
        let shared = std::env::var_os("STANCE_CORPUS")
            .map_or_else(|| root.join("../shared/corpus"), PathBuf::from);
        shared.join("prompts")
    });
    let mut data = data::gather(&corpus).with_context(|| {
        format!(
            "the corpora are looked for in {}; --corpus DIR or STANCE_CORPUS names another place",
            corpus.display()
        )
    })?;
    for (kind, samples) in [("direct", &mut data.direct), ("untrusted", &mut data.untrusted)] {
        let before = samples.len();
        if kind == "direct" {
            let removed = duplicates::remove(samples);
            eprintln!("{kind}: near-duplicates removed: {removed:?}");
        }
        let attacks = samples.iter().filter(|s| s.attack).count();
        eprintln!("{kind}: {before} texts, {} kept, {attacks} attacks", samples.len());
        let examples = Examples::new(samples);
        eprintln!("{kind}: {} windows", examples.list.len());
        let figures = evaluate::evaluate(samples, &examples, kind == "untrusted")?;
        print(kind, &figures);
        let model = finish(samples, &examples, &figures)?;
        for directory in &arguments.clean {
            measure_clean(&model, directory)?;
        }
        if !arguments.evaluate {
            let path = root.join(format!("crates/guard/models/{kind}.bin"));
            std::fs::write(&path, model.write())
                .with_context(|| format!("writing {}", path.display()))?;
        }
    }
    Ok(())
}

fn parse(words: &[&str]) -> Result<Arguments> {
    let mut arguments = Arguments::default();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        match *word {
            "--evaluate" => arguments.evaluate = true,
            "--corpus" => arguments.corpus = rest.next().map(PathBuf::from),
            "--clean" => arguments.clean.extend(rest.next().map(PathBuf::from)),
            other => bail!("train-guard knows --corpus DIR, --evaluate and --clean DIR, not {other}"),
        }
    }
    Ok(arguments)
}

/// The model of all samples, with thresholds from the figures.
fn finish(samples: &[Sample], examples: &Examples, figures: &Figures) -> Result<Model> {
    let linear = evaluate::train(samples, examples, &|_| true);
    let (weights, scale) = linear.rounded();
    let log = evaluate::threshold(&figures.benign_margins, 0.005);
    let block = evaluate::threshold(&figures.benign_margins, 0.0005).max(log + 0.25);
    eprintln!("thresholds: log {log:.3}, block {block:.3}");
    #[expect(clippy::cast_possible_truncation, reason = "margins are of single precision")]
    let model = Model::new(weights, scale, linear.bias, log as f32, block as f32)?;
    Ok(model)
}

fn print(kind: &str, figures: &Figures) {
    println!("{kind}: held-out attacks");
    for held in &figures.held {
        println!(
            "{:28} n {:5}  AUC {:.3}  at 1 % {:.3}  at 5 % {:.3}",
            held.group, held.count, held.auc, held.at_1, held.at_5
        );
    }
    println!("{kind}: held-out benign sources");
    for clean in &figures.over_defence {
        println!(
            "{:34} n {:5}  at 1 % {:.4}  at 5 % {:.4}",
            clean.group, clean.count, clean.at_1, clean.at_5
        );
    }
}

/// False alarms on the text files below a directory that nobody trained on.
fn measure_clean(model: &Model, directory: &Path) -> Result<()> {
    let mut files = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(&directory)? {
            let path = entry?.path();
            if path.is_dir() && !path.is_symlink() {
                open.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    let (mut count, mut logged, mut blocked) = (0, 0, 0);
    for path in files {
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        // Of long files, what a tool would give back at once.
        let text: String = text.chars().take(8000).collect();
        let margin = evaluate::margin(model, &text);
        count += 1;
        #[expect(clippy::cast_possible_truncation, reason = "margins are of single precision")]
        let margin = margin as f32;
        if margin > model.log_threshold() {
            logged += 1;
            eprintln!("{margin:.2} {}", path.display());
        }
        blocked += usize::from(margin > model.block_threshold());
    }
    println!(
        "{}: {count} files, {:.4} logged, {:.4} blocked",
        directory.display(),
        f64::from(logged) / f64::from(count.max(1)),
        blocked as f64 / f64::from(count.max(1)),
    );
    Ok(())
}

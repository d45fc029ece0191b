//! `cargo xtask train-guard`: learns the two models of the text guard, and says how good they are on what they did not see.

mod card;
mod corpus;
mod data;
mod documents;
mod duplicates;
mod evaluate;
mod figures;
mod grammar;
mod learn;
mod shells;
mod teach;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use stance_core::Origin;
use stance_guard::text::score::{Kind, Model};

use corpus::Sample;
use figures::Figures;
use learn::Examples;

/// Which share of the texts of benign sources may be logged and blocked by models that did not see the source, sources
/// counting alike. The final model saw them all, so that it does better on what is like them.
const LOGGED: f64 = 0.02;
const BLOCKED: f64 = 0.003;
/// And which share of the texts of any one source may be blocked, however hard it is.
const BLOCKED_OF_ANY: f64 = 0.02;

/// The one benign source that no other is like: what a model says of it that did not see it tells nothing about one that did.
const UNLIKE: &str = "own/rendered";

/// What the words after the command ask for.
#[derive(Debug, Default)]
struct Arguments {
    corpus: Option<PathBuf>,
    evaluate: bool,
    /// The name of the one model to train, whose part of the card is printed and not written.
    only: Option<String>,
    clean: Vec<PathBuf>,
}

/// Trains and writes both models and their card below `root`; with `--evaluate` prints the figures and writes nothing.
pub(crate) fn run(root: &Path, words: &[&str]) -> Result<()> {
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
    let kinds = [
        (Kind::Direct, Origin::User, &mut data.direct),
        (Kind::Untrusted, Origin::Document, &mut data.untrusted),
    ];
    let mut trained = Vec::new();
    for (kind, origin, samples) in kinds {
        if arguments
            .only
            .as_ref()
            .is_some_and(|only| only != kind.name())
        {
            continue;
        }
        let name = kind;
        let kind = kind.name();
        let mut removed = std::collections::BTreeMap::new();
        let before = samples.len();
        if kind == "direct" {
            removed = duplicates::remove(samples);
        }
        let attacks = samples.iter().filter(|s| s.attack).count();
        eprintln!(
            "{kind}: {before} texts, {} kept, {attacks} attacks",
            samples.len()
        );
        let examples = Examples::new(samples);
        eprintln!("{kind}: {} windows", examples.list.len());
        let figures = evaluate::evaluate(samples, &examples, origin)?;
        let model = finish(samples, &examples, &figures)?;
        for directory in &arguments.clean {
            measure_clean(&model, origin, directory)?;
        }
        if !arguments.evaluate {
            let path = root.join(format!("crates/guard/models/{kind}.bin"));
            std::fs::write(&path, model.write())
                .with_context(|| format!("writing {}", path.display()))?;
        }
        trained.push(card::Trained {
            kind: name,
            model,
            figures,
            counts: card::counts(samples),
            removed,
        });
    }
    let card = card::write(&trained);
    if arguments.evaluate || arguments.only.is_some() {
        println!("{card}");
    } else {
        let path = root.join("crates/guard/models/MODEL_CARD.md");
        std::fs::write(&path, card).with_context(|| format!("writing {}", path.display()))?;
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
            "--only" => arguments.only = rest.next().map(|name| (*name).to_owned()),
            "--clean" => arguments.clean.extend(rest.next().map(PathBuf::from)),
            other => {
                bail!(
                    "train-guard knows --corpus DIR, --evaluate, --only direct or untrusted, and --clean DIR, not {other}"
                )
            }
        }
    }
    Ok(arguments)
}

/// The model of all samples, with thresholds from the figures.
fn finish(samples: &[Sample], examples: &Examples, figures: &Figures) -> Result<Model> {
    let linear = teach::train(samples, examples, &|_| true);
    let (weights, scale) = linear.rounded();
    let mut margins = figures.benign_margins.clone();
    margins.retain(|group, _| group != UNLIKE);
    let log = figures::threshold(&margins, LOGGED);
    let block = figures::threshold(&margins, BLOCKED)
        .max(figures::strictest(&margins, BLOCKED_OF_ANY))
        .max(log + 0.25);
    eprintln!("thresholds: log {log:.3}, block {block:.3}");
    #[expect(
        clippy::cast_possible_truncation,
        reason = "margins are of single precision"
    )]
    let model = Model::new(weights, scale, linear.bias, log as f32, block as f32)?;
    Ok(model)
}

/// False alarms on the text files below a directory that nobody trained on.
fn measure_clean(model: &Model, origin: Origin, directory: &Path) -> Result<()> {
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
    let (mut count, mut logged, mut blocked, mut ruled) = (0, 0, 0, 0);
    for path in files {
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        // Of long files, what a tool would give back at once.
        let text: String = text.chars().take(8000).collect();
        let reading = evaluate::read(model, origin, &text);
        let margin = reading.margin;
        if reading.rule {
            ruled += 1;
            eprintln!("rule {}", path.display());
        }
        count += 1;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "margins are of single precision"
        )]
        let margin = margin as f32;
        if margin > model.log_threshold() {
            logged += 1;
            eprintln!("{margin:.2} {}", path.display());
        }
        blocked += usize::from(margin > model.block_threshold());
    }
    println!(
        "{}: {count} files, {:.4} logged, {:.4} blocked, {:.4} by a rule",
        directory.display(),
        f64::from(logged) / f64::from(count.max(1)),
        blocked as f64 / f64::from(count.max(1)),
        f64::from(ruled) / f64::from(count.max(1)),
    );
    Ok(())
}

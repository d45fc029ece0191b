//! `stance compare`: a tuned model against its base model.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use stance_collect::FileSource;
use stance_core::{Coverage, Fact, Observation, Snapshot};
use stance_inspect::Source;
use stance_inspect::compare::{Model, compare, shards};

use super::one_file;
use crate::Outcome;
use crate::cli::{Cli, CompareArguments, TextOrJson};
use crate::config::Settings;
use crate::output::compare::{Compared, json::Document, render};

/// Largest index of a model that is spread over several files.
const INDEX: u64 = 64 << 20;

/// The ends of the names of files with weights, the ones that are preferred first.
const WEIGHTS: &[&[&str]] = &[
    &["safetensors"],
    &["gguf"],
    &["bin", "pt", "pth", "ckpt"],
    &["npz", "npy"],
];

pub(crate) fn run(cli: &Cli, arguments: &CompareArguments) -> anyhow::Result<Outcome> {
    let loaded = crate::scan::load(cli, std::slice::from_ref(&arguments.tuned))?;
    let settings = Settings::resolve(cli, &loaded);
    let policy = loaded.policy().map_err(|(_, message)| anyhow!(message))?;
    let started = jiff::Timestamp::now();

    let base_files = open(&arguments.base)?;
    let tuned_files = open(&arguments.tuned)?;
    let base = model(&arguments.base, &base_files)?;
    let tuned = model(&arguments.tuned, &tuned_files)?;
    let (base_name, tuned_name) = (shown(&arguments.base), shown(&arguments.tuned));
    let comparison = compare((&base_name, &base), (&tuned_name, &tuned))
        .with_context(|| format!("cannot compare {base_name} and {tuned_name}"))?;
    for (path, file) in base_files.iter().chain(&tuned_files) {
        if file.has_changed() {
            bail!("{} changed while it was compared", path.display());
        }
    }

    let observation = Observation {
        source: "compare",
        subject: tuned_name.as_str().into(),
        fact: Fact::Comparison(Box::new(comparison.clone())),
    };
    let snapshot = Snapshot::new(
        &tuned_name,
        started,
        policy,
        vec![observation],
        Coverage::default(),
    );
    let mut findings = stance_rules::judge(&snapshot).findings;
    let least = settings.least_confidence();
    findings.retain(|finding| finding.confidence >= least);
    // What the configuration says about other files has nothing to do with these two.
    findings.retain(|finding| !finding.rule.starts_with("governance/"));
    let outcome = super::outcome(&findings, settings.fail_on.value);
    let compared = Compared {
        base: base_name,
        tuned: tuned_name,
        comparison,
        findings,
    };
    let mut out = super::stdout(cli).lock();
    match arguments.format {
        TextOrJson::Json => {
            let document = Document::of(&compared, env!("CARGO_PKG_VERSION"));
            super::print_json(&mut out, &document)?;
        }
        TextOrJson::Text => out.write_all(render(&compared, &super::style(cli)).as_bytes())?,
    }
    out.flush()?;
    Ok(outcome)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn open(path: &Path) -> anyhow::Result<Vec<(PathBuf, FileSource)>> {
    let files = files_of(path)?;
    files
        .into_iter()
        .map(|path| {
            let file = one_file::open(&path)?;
            Ok((path, file))
        })
        .collect()
}

fn model<'f>(path: &Path, files: &'f [(PathBuf, FileSource)]) -> anyhow::Result<Model<'f>> {
    let files = files
        .iter()
        .map(|(path, file)| (shown(path), file as &dyn Source))
        .collect();
    Model::open(files).map_err(|why| anyhow!("cannot compare {}: {why}", path.display()))
}

/// The files with the weights of a model: the file itself, those that an index names, or those of a
/// directory.
fn files_of(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        if path.to_string_lossy().ends_with(".index.json") {
            return of_index(path);
        }
        return Ok(vec![path.to_owned()]);
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(path).with_context(|| format!("cannot list {}", shown(path)))? {
        let entry = entry
            .with_context(|| format!("cannot list {}", shown(path)))?
            .path();
        if entry.is_file() {
            names.push(entry);
        }
    }
    names.sort();
    for endings in WEIGHTS {
        let index = names.iter().find(|name| {
            let name = name.to_string_lossy();
            endings
                .iter()
                .any(|ending| name.ends_with(&format!(".{ending}.index.json")))
        });
        if let Some(index) = index {
            return of_index(index);
        }
        let of_kind = |name: &&PathBuf| {
            let ending = name.extension().unwrap_or_default();
            endings.iter().any(|known| ending.eq_ignore_ascii_case(known))
                // States of training beside the weights.
                && !matches!(
                    name.file_name().and_then(|name| name.to_str()),
                    Some("training_args.bin" | "optimizer.pt" | "scheduler.pt" | "rng_state.pth")
                )
        };
        let found: Vec<PathBuf> = names.iter().filter(of_kind).cloned().collect();
        if !found.is_empty() {
            return Ok(found);
        }
    }
    bail!(
        "{} holds no file with weights that can be compared; name the file itself",
        path.display()
    )
}

fn of_index(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let about = || format!("cannot read the index {}", path.display());
    let length = path.metadata().with_context(about)?.len();
    if length > INDEX {
        bail!("{}: it is larger than {} MiB", about(), INDEX >> 20);
    }
    let text = std::fs::read(path).with_context(about)?;
    let names = shards(&text).map_err(|why| anyhow!("{}: {why}", about()))?;
    Ok(names
        .into_iter()
        .map(|name| path.with_file_name(name))
        .collect())
}

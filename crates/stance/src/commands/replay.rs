//! `stance replay`: what a policy would have done about recorded traffic. Nothing is executed and nobody is asked.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use stance_gateway::posture::Posture;
use stance_guard::policy::{Policy, Preset};

use super::posture::once;
use crate::Outcome;
use crate::cli::{Cli, ReplayArguments, ReplayFailOn, ReplayFormat};
use crate::config::Loaded;
use crate::output::json_v1::Tool;
use crate::output::replay::{self as output, Bad, Document, FileRead};
use crate::output::{self as outputs};
use crate::replay::{Against, Tally, Trial, What, files, read};

pub(crate) fn run(cli: &Cli, arguments: &ReplayArguments) -> anyhow::Result<Outcome> {
    let with = With {
        key: super::gateway::random()?,
        posture: arguments.posture.as_deref().map(once).transpose()?,
    };
    let trial = match &arguments.policy {
        Some(policy) => with.named(policy)?,
        None => {
            let loaded = Loaded::find(cli.global.config.as_deref(), Path::new("."))?;
            with.trial(loaded, "the settings")?
        }
    };
    let against = match arguments.against.as_deref() {
        Some("recorded") => Against::Recorded,
        Some(other) => Against::Policy(Box::new(with.named(other)?)),
        None => Against::RecordedOr(Box::new(with.preset(Preset::Observe))),
    };
    let document = replay(arguments, &trial, &against)?;
    match &arguments.output {
        Some(path) => {
            let told = || format!("cannot write {}", path.display());
            let mut file = BufWriter::new(File::create(path).with_context(told)?);
            write(
                arguments.format,
                &document,
                &outputs::Style::default(),
                &mut file,
            )
            .and_then(|()| file.flush())
            .with_context(told)?;
        }
        None => {
            let mut out = super::stdout(cli).lock();
            write(arguments.format, &document, &super::style(cli), &mut out)?;
            out.flush()?;
        }
    }
    let fails = match arguments.fail_on {
        ReplayFailOn::Stop => document.totals.newly_stopped > 0,
        ReplayFailOn::Change => document.totals.changed > 0,
        ReplayFailOn::Never => false,
    };
    Ok(if fails {
        Outcome::Findings
    } else {
        Outcome::Clean
    })
}

fn write(
    format: ReplayFormat,
    document: &Document,
    style: &outputs::Style,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    match format {
        ReplayFormat::Text => output::text(document, style, out),
        ReplayFormat::Json => output::json(document, out),
    }
}

/// What all policies are tried with.
struct With {
    key: (u64, u64),
    /// What scans found, where that is given for all of them.
    posture: Option<Arc<dyn Posture>>,
}

impl With {
    /// A preset, or the section of a file.
    fn named(&self, name: &str) -> anyhow::Result<Trial> {
        let presets = [Preset::Observe, Preset::Balanced, Preset::Strict];
        if let Some(preset) = presets.into_iter().find(|preset| preset.name() == name) {
            return Ok(self.preset(preset));
        }
        let path = Path::new(name);
        anyhow::ensure!(
            path.is_file(),
            "`{name}` is no file and no preset (observe, balanced, strict)"
        );
        self.trial(Loaded::find(Some(path), Path::new("."))?, name)
    }

    fn preset(&self, preset: Preset) -> Trial {
        Trial::new(Policy::preset(preset), self.key).with_posture(self.posture.clone())
    }

    fn trial(&self, loaded: Loaded, place: &str) -> anyhow::Result<Trial> {
        let settings = loaded.file.guard;
        let posture = match (&self.posture, &settings.posture.snapshot) {
            (Some(posture), _) => Some(posture.clone()),
            (None, Some(snapshot)) => {
                let base = loaded.path.as_deref().and_then(Path::parent);
                let path = base.unwrap_or(Path::new(".")).join(snapshot);
                Some(once(&path).context("guard.posture.snapshot")?)
            }
            (None, None) => None,
        };
        let policy = Policy::new(settings).map_err(|all| {
            let lines: Vec<String> = all.iter().map(|it| format!("\n  {it}")).collect();
            anyhow::anyhow!("{place}: the policy makes no sense:{}", lines.concat())
        })?;
        Ok(Trial::new(policy, self.key).with_posture(posture))
    }
}

fn replay(
    arguments: &ReplayArguments,
    trial: &Trial,
    against: &Against,
) -> anyhow::Result<Document> {
    let mut tally = Tally::new(arguments.most);
    let mut told = Vec::new();
    for path in files(&arguments.paths)? {
        let name = path.display().to_string();
        let mut interactions = 0;
        let read = read(&path, &mut |it| {
            interactions += 1;
            let after = trial.judge(&it, arguments.show_words);
            let before = against.judge(&it);
            tally.totals.by_receipt += u64::from(matches!(it.what, What::Facts(_)));
            tally.add(&name, &it, before.as_ref(), &after);
        });
        let bad: Vec<Bad> = read
            .bad
            .into_iter()
            .map(|(why, (records, first))| Bad {
                why,
                records,
                first,
            })
            .collect();
        tally.totals.files += 1;
        tally.totals.bad += bad.iter().map(|bad| bad.records).sum::<u64>();
        told.push(FileRead {
            path: name,
            format: read.format.map(str::to_owned),
            interactions,
            other: read.other,
            bad,
        });
    }
    Ok(Document {
        schema: output::SCHEMA.to_owned(),
        tool: Tool {
            name: "stance".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
        at: jiff::Timestamp::now().to_string(),
        policy: trial.version().to_owned(),
        against: against.name(),
        decisions: tally.decisions(),
        rules: tally.rules(),
        identities: tally.identities(),
        models: tally.models(),
        tools: tally.tools(),
        unjudged: tally.unjudged(),
        totals: tally.totals,
        changes: tally.changes,
        files: told,
    })
}

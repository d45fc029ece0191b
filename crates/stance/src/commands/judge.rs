//! `stance judge`: what the guard makes of texts, by the policy that the gateway has.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde::Deserialize;
use stance_core::exchange::{Exchange, Origin, Part};
use stance_core::traffic::Action;
use stance_gateway::judge::classify::{Classify, NotAsked, Scored};
use stance_gateway::judge::{Guarded, Interaction, Judge as _, Ruling, Subject};
use stance_guard::policy::{ClassifierSettings, Policy, Preset};
use stance_guard::{entities, text};

use crate::Outcome;
use crate::classifier;
use crate::cli::{Cli, JudgeArguments, JudgeFailOn, PresetName, TextOrJson, Whose};
use crate::config::FILE_NAME;
use crate::output::judge::{
    self as output, Because, Classified, Entity, Gap, Judged, SCHEMA, Span,
};

/// Largest text, in bytes.
const MOST: u64 = 64 << 20;

/// What stands for standard input.
const STDIN: &str = "-";

pub(crate) fn run(cli: &Cli, arguments: &JudgeArguments) -> anyhow::Result<Outcome> {
    let bench = Bench::new(cli, arguments)?;
    let mut out = super::stdout(cli);
    let mut worst = Action::Allow;
    let mut all = Vec::new();
    for path in &arguments.files {
        let mut input = open(path)?;
        if arguments.lines {
            lines(&bench, arguments, path, input, &mut |judged| {
                worst = worst.max(judged.decision);
                match arguments.format {
                    TextOrJson::Json => {
                        serde_json::to_writer(&mut out, &judged).map_err(io::Error::from)?;
                        writeln!(out)?;
                    }
                    TextOrJson::Text => all.push(judged),
                }
                Ok(())
            })?;
            continue;
        }
        let text = whole(path, &mut input)?;
        let (judged, passed) = bench.judge(name(path), arguments.origin, text);
        worst = worst.max(judged.decision);
        if arguments.redact {
            out.write_all(passed.as_deref().unwrap_or(&judged.text).as_bytes())?;
        } else {
            all.push(judged);
        }
    }
    match arguments.format {
        _ if arguments.redact => {}
        TextOrJson::Json if arguments.lines => {}
        TextOrJson::Json => match all.as_slice() {
            [one] => super::print_json(&mut out, one)?,
            all => super::print_json(&mut out, &all)?,
        },
        TextOrJson::Text => output::text(&mut out, &all, super::style(cli))?,
    }
    let fails = match arguments.fail_on {
        JudgeFailOn::Stop => worst.stops(),
        JudgeFailOn::Flag => worst > Action::Allow,
        JudgeFailOn::Never => false,
    };
    Ok(if fails {
        Outcome::Findings
    } else {
        Outcome::Clean
    })
}

/// What judges: the judge of the gateway.
struct Bench {
    judge: Guarded,
    /// The classifier that the settings name, and whose words it scores.
    classifier: Option<(Arc<dyn Classify>, ClassifierSettings)>,
}

/// How long a classifier may take for a text here, where nobody waits for an answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// A classifier that is waited for, whatever the settings say.
struct Patient(Arc<dyn Classify>);

impl Classify for Patient {
    fn score(&self, text: &str, timeout: Duration) -> Result<Scored, NotAsked> {
        self.0.score(text, timeout.max(PATIENCE))
    }

    fn sha256(&self) -> &str {
        self.0.sha256()
    }
}

impl Bench {
    fn new(cli: &Cli, arguments: &JudgeArguments) -> anyhow::Result<Self> {
        let mut classifier = None;
        let policy = match arguments.preset {
            Some(preset) => Policy::preset(match preset {
                PresetName::Observe => Preset::Observe,
                PresetName::Balanced => Preset::Balanced,
                PresetName::Strict => Preset::Strict,
            }),
            None => {
                let loaded = crate::scan::load(cli, &[PathBuf::from(".")])?;
                let policy = Policy::new(loaded.file.guard).map_err(|all| {
                    let lines: Vec<String> = all.iter().map(|it| format!("\n  {it}")).collect();
                    anyhow::anyhow!(
                        "the settings under `guard` make no sense:{}",
                        lines.concat()
                    )
                })?;
                let file = loaded.path.as_deref().unwrap_or(Path::new(FILE_NAME));
                let settings = policy.settings();
                classifier = classifier::start(settings, file)?.zip(settings.classifier.clone());
                policy
            }
        };
        // Nothing is remembered between texts, so what would key it may be anything.
        Ok(Self {
            judge: Guarded::new(policy, (0, 0)).with_classifier(
                classifier
                    .as_ref()
                    .map(|(it, _)| Arc::new(Patient(it.clone())) as Arc<dyn Classify>),
            ),
            classifier,
        })
    }

    /// What is made of a text, and the text that would go on in its place.
    fn judge(&self, id: String, whose: Whose, text: String) -> (Judged, Option<String>) {
        let origin = origin(whose);
        let part = Part {
            origin,
            pointer: String::new(),
            tool: None,
            call: None,
            text,
        };
        let mut interaction = self.judge.begin(Subject::default());
        let passed = pass(interaction.as_mut(), &part);
        let told = interaction.told();
        let report = text::judge(origin, &part.text, &text::Limits::default());
        let classifier = self
            .classifier
            .as_ref()
            .filter(|(_, settings)| settings.scores(origin));
        let classifier = classifier.and_then(|(it, _)| {
            let scored = it.score(&part.text, PATIENCE).ok()?;
            Some(Classified {
                score: scored.score,
                label: scored.label,
                sha256: it.sha256().to_owned(),
            })
        });
        let judged = Judged {
            schema: SCHEMA,
            id,
            origin: origin.name().replace('_', "-"),
            bytes: part.text.len() as u64,
            decision: told.decision,
            reasons: told
                .reasons
                .into_iter()
                .map(|reason| Because {
                    rule: reason.rule,
                    action: reason.action,
                    score: reason.score.share(),
                    note: reason.note,
                    spans: reason
                        .places
                        .iter()
                        .map(|place| Span {
                            start: place.start,
                            end: place.end,
                        })
                        .collect(),
                })
                .collect(),
            score: report.score,
            classifier,
            entities: entities::find(&part.text)
                .into_iter()
                .map(|entity| Entity {
                    kind: entity.kind.id(),
                    start: entity.range.start as u64,
                    end: entity.range.end as u64,
                    confidence: entity.confidence,
                    verified: entity.verified,
                })
                .collect(),
            unjudged: report
                .unscanned
                .iter()
                .map(|gap| Gap {
                    what: gap.why.to_owned(),
                })
                .collect(),
            policy: told.policy,
            text: part.text,
        };
        (judged, passed)
    }
}

/// Has a text pass as it would in an exchange: in a request, or in an answer to one without words.
fn pass(interaction: &mut dyn Interaction, part: &Part) -> Option<String> {
    if part.origin.is_generated() {
        // Where a request without words is refused, the answer is judged all the same.
        let _: Ruling = interaction.request(&Exchange::default());
        return interaction.answer().part(part);
    }
    let exchange = Exchange {
        parts: vec![part.clone()],
        ..Exchange::default()
    };
    let _: Ruling = interaction.request(&exchange);
    interaction.asked().part(part)
}

/// A line of JSON Lines.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    id: Option<serde_json::Value>,
    #[serde(default, rename = "as")]
    origin: Option<String>,
    text: String,
}

fn lines(
    bench: &Bench,
    arguments: &JudgeArguments,
    path: &Path,
    input: impl BufRead,
    each: &mut dyn FnMut(Judged) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut input = input;
    let mut number = 0_u64;
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        let read = (&mut input)
            .take(MOST)
            .read_until(b'\n', &mut bytes)
            .with_context(|| format!("cannot read {}", name(path)))?;
        if read == 0 {
            return Ok(());
        }
        number += 1;
        let place = || format!("{}:{number}", name(path));
        if bytes.len() as u64 == MOST && !bytes.ends_with(b"\n") {
            bail!("{}: the line is longer than {} MiB", place(), MOST >> 20);
        }
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        let line: Line = serde_json::from_slice(&bytes)
            .with_context(|| format!("{}: no object with `text`", place()))?;
        let whose = match &line.origin {
            None => arguments.origin,
            Some(origin) => <Whose as clap::ValueEnum>::from_str(origin, true)
                .map_err(|_| anyhow::anyhow!("{}: no such `as`: {origin}", place()))?,
        };
        let id = match line.id {
            None => number.to_string(),
            Some(serde_json::Value::String(id)) => id,
            Some(other) => other.to_string(),
        };
        each(bench.judge(id, whose, line.text).0)?;
    }
}

fn open(path: &Path) -> anyhow::Result<Box<dyn BufRead>> {
    if path.as_os_str() == STDIN {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Box::new(BufReader::new(file)))
}

/// All of a text. What is no UTF-8 in it is judged as U+FFFD, as it is in the gateway.
fn whole(path: &Path, input: &mut dyn BufRead) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    input
        .take(MOST + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("cannot read {}", name(path)))?;
    if bytes.len() as u64 > MOST {
        bail!("{} is larger than {} MiB", name(path), MOST >> 20);
    }
    Ok(String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

fn name(path: &Path) -> String {
    if path.as_os_str() == STDIN {
        return "standard input".to_owned();
    }
    path.display().to_string()
}

const fn origin(whose: Whose) -> Origin {
    match whose {
        Whose::Operator => Origin::Operator,
        Whose::User => Origin::User,
        Whose::ToolResult => Origin::ToolResult,
        Whose::Document => Origin::Document,
        Whose::ToolDefinition => Origin::ToolDefinition,
        Whose::Model => Origin::Model,
    }
}

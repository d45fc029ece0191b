//! Scripts that train, serve or fetch models, by the arguments they hand over: shell, Slurm and make.
//!
//! `accelerate launch train.py --model_name_or_path org/name --dataset_name org/data`, `vllm serve "$MODEL"`. Variables
//! are followed to what the script itself assigns, `${NAME:-default}` to its default.

mod flags;
mod ran;
mod within;
mod words;

pub(crate) use within::{PACKAGE, tell};

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use stance_code::names::{
    hub_dataset, hub_model, is_publisher, made_model, model_at, ollama_model, provider_model,
};
use stance_core::asset::{AssetId, AssetKind, How};
use stance_core::fact::GapReason;
use stance_core::relation::RelationKind;
use stance_read::Inspector;
use stance_read::credential::Page;
use stance_read::input::Input;
use stance_read::report::Facts;

use crate::draft::{Draft, relate};
use flags::{Purpose, positional, purpose_of, trains};
use words::{Word, commands};

/// The parser of scripts.
pub(crate) static INSPECTOR: Shell = Shell;

pub(crate) struct Shell;

/// Most assets that are read of one script.
const MOST: usize = 500;
/// Most steps from variable to variable.
const STEPS: usize = 6;
/// Longest text that is put together, in bytes.
const LONGEST: usize = 4096;
/// Largest script that is looked into; people write smaller ones.
const LARGEST: u64 = 1 << 20;

impl Inspector for Shell {
    fn name(&self) -> &'static str {
        "shell script"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        let name = input.file_name();
        input.is_text()
            && (matches!(
                input.extension(),
                "sh" | "bash" | "zsh" | "slurm" | "sbatch" | "mk"
            ) || matches!(
                name,
                "Makefile" | "makefile" | "GNUmakefile" | "justfile" | "Justfile" | ".justfile"
            ))
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        if input.len() > LARGEST {
            let detail = format!("shell script: larger than {LARGEST} bytes");
            facts.gap(GapReason::TooLarge, detail, input.evidence());
            return;
        }
        let Some(text) = input.text(facts) else {
            return;
        };
        let page = Page::new(input.path(), &text, Vec::new());
        let mut script = Script {
            page: &page,
            facts,
            variables: HashMap::new(),
            computed: HashSet::new(),
            left: MOST,
        };
        for words in commands(text.as_str(), 0) {
            script.command(&words, 2);
        }
    }
}

struct Script<'p, 'f, 'o> {
    page: &'p Page<'p>,
    facts: &'f mut Facts<'o>,
    /// What variables were given as far as a person can read it.
    variables: HashMap<String, String>,
    /// Variables that the script sets to its arguments or to what it computes.
    computed: HashSet<String>,
    left: usize,
}

/// A value as far as the script tells.
enum Told {
    Known(String),
    /// Only the environment knows this variable.
    Outside(String),
    /// Arguments of the script, and what it computes.
    Open,
}

impl Script<'_, '_, '_> {
    fn command(&mut self, words: &[Word], depth: u8) {
        let mut rest = words;
        while let Some((first, after)) = rest.split_first() {
            match assignment(&first.text) {
                Some((name, value)) => self.assign(name, value, first),
                None if matches!(
                    first.text.as_str(),
                    "export" | "local" | "readonly" | "declare" | "env" | "sudo" | "exec"
                ) => {}
                None => break,
            }
            rest = after;
        }
        // `NAME ?= value` of make.
        if let [name, operator, value, ..] = rest
            && matches!(operator.text.as_str(), "=" | ":=" | "?=" | "::=")
            && is_name(&name.text)
        {
            self.assign(&name.text.clone(), &value.text.clone(), value);
            return;
        }
        let Some(program) = rest.first() else { return };
        if matches!(
            program.text.trim_start_matches('@'),
            "echo" | "printf" | "cat" | "grep" | "sed" | "usage" | "git"
        ) {
            return;
        }
        self.arguments(rest);
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        for word in rest {
            if word.quoted && word.text.contains(' ') && word.text.contains("--") {
                let inner = self
                    .page
                    .text
                    .as_str()
                    .get(word.span.clone())
                    .unwrap_or_default()
                    .to_owned();
                for words in commands(&inner, word.span.start) {
                    self.command(&words, depth);
                }
            }
        }
    }

    fn assign(&mut self, name: &str, value: &str, word: &Word) {
        // What is computed or handed over leaves what holds without it.
        let Told::Known(value) = self.value(value) else {
            self.computed.insert(name.to_owned());
            return;
        };
        if value.is_empty() {
            return;
        }
        let upper = name.to_ascii_uppercase();
        let named = upper
            .split('_')
            .any(|part| matches!(part, "MODEL" | "MODELS" | "LLM" | "EMBEDDING"));
        if named
            && !upper.ends_with("_DIR")
            && let Some(model) = provider_model(&value)
                .or_else(|| hub_model(&value).filter(|model| is_hub_name(&model.name)))
        {
            let role = if upper.contains("EMBED") {
                "embedding"
            } else {
                "base"
            };
            let draft = Draft::model(model, &value).how(How::Constant).role(role);
            self.tell(
                draft.with("variable", name),
                value_span(word, &value),
                None,
                RelationKind::LoadsArtifactFrom,
            );
        }
        self.variables.insert(name.to_owned(), value);
    }

    /// A text with what its variables are known to be.
    fn value(&self, text: &str) -> Told {
        let mut text = text.to_owned();
        for _ in 0..STEPS {
            let Some(at) = text.find('$') else {
                return Told::Known(text);
            };
            let after = text.get(at.saturating_add(1)..).unwrap_or_default();
            let (name, default, length) = match after.strip_prefix(['{', '(']) {
                Some(inner) => {
                    let Some(end) = inner.find(['}', ')']) else {
                        return Told::Open;
                    };
                    let inner = inner.get(..end).unwrap_or_default();
                    let (name, default) = match inner.split_once([':', '-', '=']) {
                        Some((name, default)) => {
                            (name, Some(default.trim_start_matches(['-', '=', ':'])))
                        }
                        None => (inner, None),
                    };
                    (name, default, end.saturating_add(2))
                }
                None => {
                    let end = after
                        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                        .unwrap_or(after.len());
                    (after.get(..end).unwrap_or_default(), None, end)
                }
            };
            if !is_name(name) {
                return Told::Open;
            }
            let known = self.variables.get(name).map(String::as_str).or(default);
            let Some(known) = known.map(str::to_owned) else {
                return match self.computed.contains(name) {
                    true => Told::Open,
                    false => Told::Outside(name.to_owned()),
                };
            };
            // Names that are put into each other grow without end.
            if text.len().saturating_add(known.len()) > LONGEST {
                return Told::Open;
            }
            let end = at.saturating_add(1).saturating_add(length).min(text.len());
            text.replace_range(at..end, &known);
        }
        Told::Open
    }

    /// The models and data sets among the arguments of a command.
    fn arguments(&mut self, words: &[Word]) {
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        let mut found: Vec<(Purpose, String, Range<usize>)> = Vec::new();
        if let Some((purpose, at)) = positional(&texts)
            && let Some(word) = words.get(at)
        {
            // Whatever Ollama pulls or runs is a model of its library.
            let scheme = match texts.contains(&"ollama") {
                true => "ollama://",
                false => "",
            };
            found.push((purpose, format!("{scheme}{}", word.text), word.span.clone()));
        }
        let mut at = 0;
        while let Some(word) = words.get(at) {
            at = at.saturating_add(1);
            let (flag, inline) = match word.text.split_once('=') {
                Some((flag, value)) if flag.starts_with('-') => (flag, Some(value)),
                _ => (word.text.as_str(), None),
            };
            let Some(purpose) = purpose_of(flag) else {
                continue;
            };
            if let Some(value) = inline {
                let span = value_span(word, value);
                found.push((purpose, value.to_owned(), span));
                continue;
            }
            // A list goes on to the next flag: names and weights by turns.
            while let Some(value) = words.get(at).filter(|it| !it.text.starts_with("--")) {
                at = at.saturating_add(1);
                found.push((purpose, value.text.clone(), value.span.clone()));
                if purpose != Purpose::Datasets {
                    break;
                }
            }
        }
        self.tasks(&texts, words);
        self.container(&texts, words);
        // Programs of all kinds write somewhere; what training writes is a model.
        if !trains(&texts) {
            found.retain(|(purpose, ..)| *purpose != Purpose::Directory);
        }
        if found.is_empty() {
            return;
        }
        let told = self.tell_all(found);
        let trained = told.iter().any(|(purpose, _)| {
            matches!(
                purpose,
                Purpose::Output | Purpose::Directory | Purpose::Dataset
            )
        }) || told
            .iter()
            .any(|(purpose, _)| *purpose == Purpose::Datasets);
        if trains(&texts)
            && trained
            && let Some(first) = words.first()
        {
            self.pipeline(&told, first.span.clone());
        }
    }

    fn tell_all(&mut self, found: Vec<(Purpose, String, Range<usize>)>) -> Vec<(Purpose, AssetId)> {
        let mut told = Vec::new();
        for (purpose, written, span) in found {
            let how = if written.contains('$') {
                How::Constant
            } else {
                How::Configuration
            };
            let draft = match self.value(&written) {
                Told::Known(value) => named(purpose, value.trim()),
                Told::Outside(name) if purpose == Purpose::Model => {
                    let why = format!("environment variable {name}");
                    let draft = Draft::unresolved(AssetKind::Model, self.page, &name, why);
                    self.tell(draft, span, None, RelationKind::Reads);
                    continue;
                }
                Told::Outside(_) | Told::Open => continue,
            };
            if let Some(draft) = draft {
                let id = draft.id();
                self.tell(draft.how(how), span, None, RelationKind::Reads);
                told.push((purpose, id));
            }
        }
        told
    }

    fn pipeline(&mut self, told: &[(Purpose, AssetId)], span: Range<usize>) {
        let path = self.page.path.to_string();
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        let draft = Draft::new(AssetKind::Pipeline, path, name)
            .relation(RelationKind::Contains)
            .role("training");
        let pipeline = draft.id();
        self.tell(draft, span.clone(), None, RelationKind::Reads);
        let of = |wanted: Purpose| {
            told.iter()
                .filter(move |(purpose, _)| *purpose == wanted)
                .map(|(_, id)| id)
        };
        for (purpose, id) in told {
            let kind = match purpose {
                Purpose::Model | Purpose::Serving => RelationKind::LoadsArtifactFrom,
                Purpose::Output | Purpose::Directory => RelationKind::Writes,
                Purpose::Dataset | Purpose::Datasets | Purpose::Evaluation => RelationKind::Reads,
            };
            relate(&pipeline, kind, id, span.clone(), self.page, self.facts);
        }
        if let Some(output) = of(Purpose::Output).chain(of(Purpose::Directory)).next() {
            for base in of(Purpose::Model).take(1) {
                let kind = RelationKind::FineTunedFrom;
                relate(output, kind, base, span.clone(), self.page, self.facts);
            }
            for data in of(Purpose::Dataset).chain(of(Purpose::Datasets)) {
                let kind = RelationKind::TrainedOn;
                relate(output, kind, data, span.clone(), self.page, self.facts);
            }
        }
    }

    fn tell(
        &mut self,
        draft: Draft,
        span: Range<usize>,
        from: Option<&AssetId>,
        kind: RelationKind,
    ) {
        let Some(left) = self.left.checked_sub(1) else {
            return;
        };
        self.left = left;
        if left == 0 {
            let detail = format!("more than {MOST} models and data sets in one script");
            let evidence = self.page.evidence(span);
            self.facts.gap(GapReason::Limit, detail, evidence);
            return;
        }
        let id = draft.add(span.clone(), self.page, self.facts);
        if let Some(from) = from {
            relate(from, kind, &id, span, self.page, self.facts);
        }
    }
}

/// What an argument names, by what its flag is for.
fn named(purpose: Purpose, text: &str) -> Option<Draft> {
    let text = text.trim_end_matches('/');
    match purpose {
        Purpose::Model | Purpose::Serving => {
            let model = model_at(text)
                .or_else(|| provider_model(text))
                .or_else(|| ollama_model(text))
                .or_else(|| hub_model(text).filter(|model| is_remote(&model.name)))?;
            let role = if purpose == Purpose::Serving {
                "inference"
            } else {
                "base"
            };
            let written = text.strip_prefix("ollama://").unwrap_or(text);
            Some(Draft::model(model, written).role(role))
        }
        Purpose::Directory => {
            let name = made_model(text, false)?;
            let key = format!("file/{}", text.trim_start_matches("./"));
            let draft = Draft::new(AssetKind::Model, key, name);
            Some(
                draft
                    .relation(RelationKind::Writes)
                    .alias(text)
                    .role("output"),
            )
        }
        Purpose::Output => {
            let plain = !text.is_empty()
                && !text.contains(|c: char| c.is_whitespace() || "<>*".contains(c))
                && text.matches('/').count() <= 1;
            plain.then(|| {
                Draft::new(AssetKind::Model, format!("pkg:huggingface/{text}"), text)
                    .relation(RelationKind::Writes)
                    .vendor(Some("huggingface"))
                    .role("output")
            })
        }
        Purpose::Dataset | Purpose::Datasets | Purpose::Evaluation => {
            let id = hub_dataset(text).filter(|id| {
                let number = id.parse::<f64>().is_ok();
                let whole = id.contains('/') || purpose == Purpose::Dataset;
                whole && !number && is_remote(id)
            })?;
            let role = if purpose == Purpose::Evaluation {
                "evaluation"
            } else {
                "training"
            };
            Some(Draft::dataset(id).role(role))
        }
    }
}

/// Whether a name is one of the hub rather than of a file or a directory.
fn is_remote(id: &str) -> bool {
    const FILES: &[&str] = &[
        ".json", ".jsonl", ".csv", ".parquet", ".yaml", ".yml", ".txt", ".zst", ".py", ".sh",
        ".bin", ".pt", ".pth", ".ckpt",
    ];
    const DIRECTORIES: &[&str] = &[
        "models",
        "model",
        "data",
        "dataset",
        "datasets",
        "output",
        "outputs",
        "results",
        "runs",
        "checkpoints",
        "saves",
        "exp",
        "experiments",
        "logs",
        "scripts",
        "src",
        "configs",
    ];
    let lower = id.to_ascii_lowercase();
    let first = lower.split('/').next().unwrap_or_default();
    let file = FILES.iter().any(|end| lower.ends_with(end));
    let directory = id.contains('/') && DIRECTORIES.contains(&first);
    !(file || directory)
}

/// A repository that needs no flag to be known as one.
fn is_hub_name(id: &str) -> bool {
    id.contains('/') && is_publisher(id) && is_remote(id)
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// `NAME=value`, `NAME:=value`
fn assignment(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let name = name.trim_end_matches([':', '?', '+']);
    is_name(name).then_some((name, value))
}

/// Where a value stands at the end of its word.
fn value_span(word: &Word, value: &str) -> Range<usize> {
    let start = word.span.end.saturating_sub(value.len());
    start.max(word.span.start)..word.span.end
}

#[cfg(test)]
mod tests;

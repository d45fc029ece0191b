//! Dockerfiles: the images they build upon and what the result runs.

mod lines;
mod variables;

use std::collections::BTreeMap;
use std::ops::Range;

use stance_core::fact::{Build, Fact, GapReason, Service, ServiceSource, Setting};

use crate::mcp::package;
use crate::served;
use lines::{Instruction, Word};
use stance_read::Inspector;
use stance_read::credential::{Page, in_arguments, in_setting};
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::text::Text;

/// The parser of Dockerfiles.
pub(crate) static INSPECTOR: Dockerfile = Dockerfile;

pub(crate) struct Dockerfile;

/// Most stages, and settings of one stage, that are read.
const MOST_STAGES: usize = 200;
const MOST_SETTINGS: usize = 500;

impl Inspector for Dockerfile {
    fn name(&self) -> &'static str {
        "Dockerfile"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        let name = input.file_name().to_ascii_lowercase();
        let named = |word: &str| {
            name == word
                || name.strip_prefix(word).is_some_and(|rest| {
                    rest.starts_with(['.', '-', '_'])
                        && !rest.ends_with(".dockerignore")
                        && !matches!(
                            input.extension(),
                            "md" | "py" | "sh" | "json" | "yml" | "yaml"
                        )
                })
                || name.ends_with(&format!(".{word}"))
        };
        named("dockerfile") || named("containerfile")
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(text) = input.text(facts) else {
            return;
        };
        let instructions = lines::instructions(text.as_str());
        let page = Page::new(input.path(), &text, secrets(&instructions, &text));
        let mut reading = Reading {
            page: &page,
            arguments: BTreeMap::new(),
            stages: Vec::new(),
            full: None,
        };
        for instruction in &instructions {
            reading.read(instruction);
        }
        if instructions.len() >= lines::MOST {
            facts.gap(
                GapReason::Limit,
                format!("only the first {} instructions were looked at", lines::MOST),
                page.evidence(0..0),
            );
        }
        if let Some(span) = reading.full {
            let detail = format!("more than {MOST_STAGES} stages or {MOST_SETTINGS} settings");
            facts.gap(GapReason::Limit, detail, page.evidence(span));
        }
        let last = reading.stages.len().saturating_sub(1);
        for (index, stage) in reading.stages.into_iter().enumerate() {
            let service = stage.service();
            if index == last {
                served::add(&service, &page, facts);
            }
            facts.add(input.path(), Fact::Service(Box::new(service)));
        }
    }
}

/// The credentials in the settings and commands, in order and apart.
fn secrets(instructions: &[Instruction], text: &Text<'_>) -> Vec<Range<usize>> {
    let mut secrets: Vec<Range<usize>> = Vec::new();
    for instruction in instructions {
        let words = instruction.words();
        let found: Vec<Range<usize>> = match instruction.keyword.as_str() {
            "ENV" | "ARG" => pairs(instruction, &words)
                .into_iter()
                .filter(|pair| in_setting(&pair.name, &pair.value).is_some())
                .map(|pair| pair.value_range)
                .collect(),
            _ => {
                let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
                in_arguments(&texts)
                    .into_iter()
                    .filter_map(|(index, _)| Some(words.get(index)?.range.clone()))
                    .collect()
            }
        };
        let end = text.as_str().len();
        secrets.extend(found.iter().map(|range| {
            let span = instruction.span(range);
            span.start..span.end.min(end)
        }));
    }
    secrets.sort_by_key(|range| range.start);
    let mut before = 0;
    secrets.retain(|range| {
        let apart = range.start >= before;
        before = before.max(range.end);
        apart
    });
    secrets
}

/// `NAME=value` of an `ENV` or `ARG`.
struct Pair {
    name: String,
    value: String,
    range: Range<usize>,
    value_range: Range<usize>,
}

fn pairs(instruction: &Instruction, words: &[Word]) -> Vec<Pair> {
    let Some(first) = words.first() else {
        return Vec::new();
    };
    if instruction.keyword == "ENV" && !first.text.contains('=') {
        // `ENV NAME value with spaces`
        let start = first.range.end;
        let rest = instruction.rest.get(start..).unwrap_or_default();
        let value = rest.trim();
        let from = start.saturating_add(rest.len().saturating_sub(rest.trim_start().len()));
        let range = from..from.saturating_add(value.len());
        return vec![Pair {
            name: first.text.clone(),
            value: value.to_owned(),
            range: first.range.start..range.end,
            value_range: range,
        }];
    }
    words
        .iter()
        .filter_map(|word| {
            let (name, value) = word.text.split_once('=')?;
            let from = word
                .range
                .start
                .saturating_add(name.len())
                .saturating_add(1);
            Some(Pair {
                name: name.to_owned(),
                value: value.to_owned(),
                range: word.range.clone(),
                value_range: from.min(word.range.end)..word.range.end,
            })
        })
        .collect()
}

/// One build stage.
#[derive(Clone)]
struct Stage {
    alias: Option<String>,
    name: String,
    image: Option<Build>,
    entry_point: Vec<String>,
    command: Vec<String>,
    ports: Vec<Setting>,
    environment: Vec<Setting>,
    evidence: stance_core::Evidence,
}

impl Stage {
    fn service(self) -> Service {
        let mut command = self.entry_point;
        command.extend(self.command);
        Service {
            source: ServiceSource::Dockerfile,
            name: self.name,
            image: self.image,
            command,
            ports: self.ports,
            environment: self.environment,
            mounts: Vec::new(),
            host_network: false,
            privileges: Vec::new(),
            evidence: self.evidence,
        }
    }
}

struct Reading<'p> {
    page: &'p Page<'p>,
    /// Build arguments before the first stage, which `FROM` may use.
    arguments: BTreeMap<String, String>,
    stages: Vec<Stage>,
    /// Where a limit was met.
    full: Option<Range<usize>>,
}

impl Reading<'_> {
    fn read(&mut self, instruction: &Instruction) {
        match instruction.keyword.as_str() {
            "FROM" => self.from(instruction),
            "ARG" if self.stages.is_empty() => {
                for pair in pairs(instruction, &instruction.words()) {
                    if self.arguments.len() < MOST_SETTINGS {
                        self.arguments.insert(pair.name, pair.value);
                    }
                }
            }
            "ARG" | "ENV" => self.environment(instruction),
            "EXPOSE" => self.expose(instruction),
            "CMD" | "ENTRYPOINT" => self.command(instruction),
            _ => {}
        }
    }

    fn from(&mut self, instruction: &Instruction) {
        let words = instruction.words();
        let mut words = words.iter().filter(|word| !word.text.starts_with("--"));
        let Some(image) = words.next() else { return };
        let span = instruction.span(&image.range);
        if self.stages.len() >= MOST_STAGES {
            self.full.get_or_insert(span);
            return;
        }
        let alias = words
            .next()
            .filter(|word| word.text.eq_ignore_ascii_case("as"))
            .and_then(|_| words.next())
            .map(|word| word.text.to_ascii_lowercase());
        let evidence = self.page.evidence(span);
        let number = self.stages.len().saturating_add(1);
        let name = alias.clone().unwrap_or_else(|| format!("stage {number}"));
        let written = variables::substitute(&image.text, &self.arguments);
        let parent = self
            .stages
            .iter()
            .rfind(|stage| stage.alias.as_deref() == Some(&written.to_ascii_lowercase()));
        let stage = match parent {
            Some(parent) => Stage {
                alias,
                name,
                evidence,
                ..parent.clone()
            },
            None => Stage {
                alias,
                name,
                // `scratch` is nothing, and what is left of a variable names nothing.
                image: (written != "scratch" && !written.contains('$'))
                    .then(|| package::image(&written))
                    .flatten()
                    .and_then(|run| run.build(evidence.clone())),
                entry_point: Vec::new(),
                command: Vec::new(),
                ports: Vec::new(),
                environment: Vec::new(),
                evidence,
            },
        };
        self.stages.push(stage);
    }

    fn environment(&mut self, instruction: &Instruction) {
        let Some(stage) = self.stages.last_mut() else {
            return;
        };
        for pair in pairs(instruction, &instruction.words()) {
            let span = instruction.span(&pair.range);
            if stage.environment.len() >= MOST_SETTINGS {
                self.full.get_or_insert(span);
                return;
            }
            let setting = self.page.setting(&pair.name, &pair.value, span);
            stage.environment.push(setting);
        }
    }

    fn expose(&mut self, instruction: &Instruction) {
        let Some(stage) = self.stages.last_mut() else {
            return;
        };
        for word in instruction.words() {
            if stage.ports.len() < MOST_SETTINGS {
                let span = instruction.span(&word.range);
                stage
                    .ports
                    .push(self.page.setting("port", &word.text, span));
            }
        }
    }

    fn command(&mut self, instruction: &Instruction) {
        let Some(stage) = self.stages.last_mut() else {
            return;
        };
        let exec: Option<Vec<String>> = serde_json::from_str(&instruction.rest).ok();
        let words = exec.unwrap_or_else(|| {
            let words = instruction.words();
            words.into_iter().map(|word| word.text).collect()
        });
        let words = served::masked_words(&words);
        if instruction.keyword == "CMD" {
            stage.command = words;
        } else {
            // A new entry point resets the command that was inherited.
            stage.entry_point = words;
            stage.command = Vec::new();
        }
    }
}

#[cfg(test)]
mod tests;

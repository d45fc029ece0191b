//! Files whose text is said to a model.

use stance_core::fact::{Fact, Opened, OpenedFrom};

use super::constants::is_prompt_name;
use super::{Collector, last_part};
use crate::opened::{is_stem, loads_prompts, speaks_of_prompts};
use crate::python::files;
use crate::python::known::Known;
use crate::python::sink::CallSite;
use crate::python::syntax::Span;

/// Most such files of one source file.
const MOST: usize = 200;
/// Keywords under which frameworks take what is said to a model.
const TOLD: [&str; 12] = [
    "system_prompt",
    "prompt",
    "system",
    "instructions",
    "instruction",
    "system_message",
    "system_instruction",
    "system_instructions",
    "prompt_template",
    "backstory",
    "state_modifier",
    "sys_prompt",
];

impl Collector<'_> {
    /// A file is read, which is a prompt when the path, the name that gets the text or the function says so.
    pub(super) fn file_read(&mut self, file: &Known, assigned: Option<&str>, span: &Span) {
        for one in file.alternatives() {
            let Some((from, path)) = files::written(one) else {
                continue;
            };
            let told = assigned.is_some_and(is_prompt_name)
                || is_prompt_name(&self.function)
                || speaks_of_prompts(&path);
            if told {
                self.open(from, path, span);
            }
        }
    }

    /// What a file says is told to a model.
    pub(super) fn told_file(&mut self, known: &Known, span: &Span) {
        for one in known.alternatives() {
            let Some(file) = files::read(one) else {
                continue;
            };
            for one in file.alternatives() {
                if let Some((from, path)) = files::written(one) {
                    self.open(from, path, span);
                }
            }
        }
    }

    /// `Agent(instructions=Path("x.md").read_text())`, `load_prompt("x")`.
    pub(super) fn files_given(&mut self, site: &CallSite<'_>) {
        for given in site.arguments {
            let told = given
                .name
                .is_some_and(|name| TOLD.contains(&name) || name.ends_with("_prompt"));
            if told {
                self.told_file(&given.value, &given.span);
            }
        }
        // `PLAN_PROMPT = _read("plan.md")`, whatever function of the program reads it.
        if site.assigned.is_some_and(is_prompt_name) && !site.callee.starts_with('?') {
            for given in site.arguments.iter().take(2) {
                if let Known::Text { text, .. } = &given.value
                    && is_prose(text)
                    && let Some((from, path)) = files::written(&given.value)
                {
                    self.open(from, path, &given.span);
                }
            }
        }
        let name = last_part(site.callee).to_ascii_lowercase();
        if !loads_prompts(&name) || self.api_of(site.callee).is_some() {
            return;
        }
        for given in site.arguments.iter().take(2) {
            match &given.value {
                Known::Text { text, .. } if is_stem(text) => {
                    self.open(OpenedFrom::Stem, text.to_string(), &given.span);
                }
                other => {
                    if let Some((from, path)) = files::written(other)
                        && path.contains('.')
                        && !path.contains(' ')
                    {
                        self.open(from, path, &given.span);
                    }
                }
            }
        }
    }

    fn open(&mut self, from: OpenedFrom, path: String, span: &Span) {
        let opened = Opened {
            path,
            from,
            evidence: self.place.evidence(span.clone()),
        };
        let same = |fact: &Fact| match fact {
            Fact::Opened(other) => other.path == opened.path && other.from == opened.from,
            _ => false,
        };
        if self.opened < MOST && !self.facts.iter().any(same) {
            self.opened = self.opened.saturating_add(1);
            self.facts.push(Fact::Opened(Box::new(opened)));
        }
    }
}

/// Whether a text is nothing but the path of a file of prose.
fn is_prose(text: &str) -> bool {
    [
        ".md", ".txt", ".j2", ".jinja", ".jinja2", ".prompt", ".tmpl", ".xml",
    ]
    .iter()
    .any(|end| text.ends_with(end))
        && !text.contains(char::is_whitespace)
}

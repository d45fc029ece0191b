//! Files whose text is said to a model.

use stance_code::opened::{is_stem, loads_prompts, speaks_of_prompts};
use stance_core::fact::{Fact, Opened, OpenedFrom};

use super::{Collector, short};
use crate::names::{is_prompt_name, snake_case};
use crate::script::catalogue::api_of;
use crate::script::files;
use crate::script::known::{At, Known};
use crate::script::modules::is_relative;
use crate::script::syntax::Span;
use crate::script::walk::Site;

/// Most such files of one source file.
const MOST: usize = 200;
/// Options under which frameworks take what is said to a model.
const TOLD: [&str; 8] = [
    "system",
    "instructions",
    "instruction",
    "systemPrompt",
    "systemMessage",
    "systemInstruction",
    "prompt",
    "promptTemplate",
];

impl Collector<'_> {
    /// A file that a call reads, or a prompt that it loads by name.
    pub(super) fn files_given(&mut self, site: &Site<'_>) {
        let values: Vec<Known> = site.arguments.iter().map(|it| it.value.clone()).collect();
        if let Some(path) = files::read(site.callee, &values) {
            for one in path.alternatives() {
                if let Some((from, path)) = files::written(one)
                    && (site.assigned.is_some_and(is_prompt_name) || speaks_of_prompts(&path))
                {
                    self.open_file(from, path, site.callee_span);
                }
            }
            return;
        }
        for option in TOLD {
            if let Some(given) = site.option(option) {
                let path = files::read_by(given.value).and_then(files::written);
                if let Some((from, path)) = path {
                    self.open_file(from, path, site.callee_span);
                }
            }
        }
        if !loads_prompts(&snake_case(short(site.callee))) || api_of(site.callee).is_some() {
            return;
        }
        for value in values.iter().take(2) {
            match value.as_text() {
                Some(text) if is_stem(text) => {
                    self.open_file(OpenedFrom::Stem, text.to_owned(), site.callee_span);
                }
                _ => {
                    if let Some((from, path)) = files::written(value)
                        && path.contains('.')
                        && !path.contains(' ')
                    {
                        self.open_file(from, path, site.callee_span);
                    }
                }
            }
        }
    }

    /// A constant that gets what a file says.
    pub(super) fn file_constant(&mut self, name: &str, value: &Known, span: Span) {
        if let Some((from, path)) = files::read_by(value).and_then(files::written)
            && is_prompt_name(name)
        {
            self.open_file(from, path, span);
        }
    }

    /// `import prompt from "./prompts/system.md?raw"`
    pub(super) fn file_import(&mut self, module: &str, span: Span) {
        let path = module.split('?').next().unwrap_or_default();
        let path = path.trim_start_matches("./");
        let prose = [
            ".md",
            ".txt",
            ".prompt",
            ".hbs",
            ".mustache",
            ".jinja2",
            ".j2",
        ]
        .iter()
        .any(|end| path.ends_with(end));
        if is_relative(module) && prose && speaks_of_prompts(path) {
            self.open_file(OpenedFrom::Here, path.to_owned(), span);
        }
    }

    fn open_file(&mut self, from: OpenedFrom, path: String, span: Span) {
        let same = |fact: &&Fact| match fact {
            Fact::Opened(other) => other.path == path && other.from == from,
            _ => false,
        };
        let mut opened = self
            .facts
            .iter()
            .filter(|fact| matches!(fact, Fact::Opened(_)));
        if opened.clone().count() < MOST && !opened.any(|fact| same(&fact)) {
            let evidence = self.evidence(&At::Here(span));
            let opened = Opened {
                path,
                from,
                evidence,
            };
            self.facts.push(Fact::Opened(Box::new(opened)));
        }
    }
}

//! `Modelfile` of Ollama: what a model is made from, and the template and instructions that are put around
//! every conversation with it.
//!
//! See <https://docs.ollama.com/modelfile>.

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

use memchr::memmem;
use stance_core::fact::{
    Artifact, ArtifactFormat, Embedded, EmbeddedKind, External, Fact, GapReason,
};

use crate::huggingface::{LONGEST_TEMPLATE, template};
use stance_read::Inspector;
use stance_read::external::escapes;
use stance_read::input::Input;
use stance_read::redact::shown;
use stance_read::report::Facts;

pub(crate) static INSPECTOR: Modelfile = Modelfile;

/// Instructions that are kept of one file.
const KEPT: usize = 64;

/// What a Dockerfile, which begins alike, does not have.
const OWN: &[&str] = &[
    "\nTEMPLATE ",
    "\nSYSTEM ",
    "\nPARAMETER ",
    "\nADAPTER ",
    "\nMESSAGE ",
    "\ntemplate ",
    "\nsystem ",
    "\nparameter ",
];

pub(crate) struct Modelfile;

impl Inspector for Modelfile {
    fn name(&self) -> &'static str {
        "modelfile"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        let name = input.file_name();
        let named = input.extension() == "modelfile"
            || name
                .get(..9)
                .is_some_and(|start| start.eq_ignore_ascii_case("modelfile"));
        let has = |word: &&str| memmem::find(input.head(), word.as_bytes()).is_some();
        input.is_text()
            && (named && (has(&"FROM") || has(&"from"))
                || matches!(input.extension(), "" | "txt")
                    && input.head().starts_with(b"FROM ")
                    && OWN.iter().any(has))
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(text) = input.text(facts) else {
            return;
        };
        let mut artifact =
            Artifact::new(ArtifactFormat::Configuration, input.len(), input.evidence());
        for (keyword, value) in Instructions::new(text.as_str()) {
            let written = text.as_str().get(value.clone()).unwrap_or_default();
            let evidence = || text.evidence(input.path(), value.clone());
            match keyword.as_str() {
                "FROM" | "ADAPTER" => {
                    let key = if keyword == "FROM" { "from" } else { "adapter" };
                    artifact.metadata.insert(key.to_owned(), shown(written));
                    if escapes(written) && artifact.external.len() < KEPT {
                        artifact.external.push(External {
                            location: shown(written),
                            escapes: true,
                            evidence: evidence(),
                        });
                    }
                }
                "LICENSE" => artifact.licence = Some(shown(written.lines().next().unwrap_or(""))),
                "TEMPLATE" | "SYSTEM" | "MESSAGE" if artifact.embedded.len() < KEPT => {
                    if written.len() > LONGEST_TEMPLATE {
                        facts.gap(
                            GapReason::TooLarge,
                            format!("of `{keyword}` only {LONGEST_TEMPLATE} bytes are read"),
                            evidence(),
                        );
                    }
                    let end = written.floor_char_boundary(LONGEST_TEMPLATE);
                    let kept = written.get(..end).unwrap_or(written);
                    artifact.embedded.push(Embedded {
                        kind: EmbeddedKind::ChatTemplate,
                        name: keyword,
                        detail: stance_read::redact::redact(kept).into_owned(),
                        evidence: evidence(),
                    });
                }
                _ => {}
            }
        }
        if artifact.metadata.is_empty() && artifact.embedded.is_empty() {
            return;
        }
        artifact.framework = Some(FRAMEWORK.to_owned());
        if artifact.has_template() && !crate::instructions::is_told(input) {
            template::add_prompt(input, &text, facts);
        }
        let path = Arc::clone(input.path());
        facts.add(&path, Fact::Artifact(Box::new(artifact)));
    }
}

/// What the artefacts of this parser name as their framework.
pub const FRAMEWORK: &str = "ollama";

/// The instructions of a file: each keyword in capitals with the place of its value, quotes left out.
struct Instructions<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Instructions<'t> {
    const fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// The line that starts at a place, without its end.
    fn line(&self, at: usize) -> &'t str {
        let rest = self.text.get(at..).unwrap_or_default();
        let end = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    }
}

impl Iterator for Instructions<'_> {
    type Item = (String, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        while self.at < self.text.len() {
            let start = self.at;
            let line = self.line(start);
            self.at = start.saturating_add(line.len()).saturating_add(1);
            let indent = line.len().saturating_sub(line.trim_start().len());
            let trimmed = line.trim();
            let Some((keyword, value)) = trimmed.split_once(char::is_whitespace) else {
                continue;
            };
            if !keyword.chars().all(|c| c.is_ascii_alphabetic()) {
                continue;
            }
            let keyword = keyword.to_ascii_uppercase();
            let mut value = value.trim_start();
            // `MESSAGE role text`
            if keyword == "MESSAGE"
                && let Some((_, said)) = value.split_once(char::is_whitespace)
            {
                value = said.trim_start();
            }
            let from = start
                .saturating_add(indent)
                .saturating_add(trimmed.len().saturating_sub(value.len()));
            let rest = self.text.get(from..).unwrap_or_default();
            let quote = ["\"\"\"", "\""]
                .into_iter()
                .find(|quote| rest.starts_with(quote));
            let Some(quote) = quote else {
                return Some((keyword, from..from.saturating_add(value.len())));
            };
            let inner = from.saturating_add(quote.len());
            let length = self
                .text
                .get(inner..)
                .unwrap_or_default()
                .find(quote)
                .unwrap_or_else(|| self.text.len().saturating_sub(inner));
            let end = inner.saturating_add(length);
            self.at = end.saturating_add(quote.len());
            return Some((keyword, inner..end));
        }
        None
    }
}

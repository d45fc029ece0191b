//! Workflows that evaluate, train or ship something of AI by scripts of their own: known by what they are called
//! and by the AI services whose settings they hand over.

use std::ops::Range;

use stance_core::asset::AssetKind;
use stance_core::relation::RelationKind;
use stance_read::tree::Node;
use stance_read::vendors;

use super::{Reader, tools};
use crate::draft::Draft;

/// What such a workflow is called, in parts of names, and what it is then for.
const NAMES: &[(&str, &str)] = &[
    ("eval", "evaluation"),
    ("benchmark", "evaluation"),
    ("red-team", "evaluation"),
    ("finetun", "training"),
    ("fine-tun", "training"),
    ("train", "training"),
    ("deploy", "deployment"),
    ("azure-dev", "deployment"),
    ("ingest", "ingestion"),
    ("index", "ingestion"),
];

/// Beginnings of settings of AI services that are no credentials.
const PREFIXES: &[&str] = &[
    "ANTHROPIC_",
    "AZURE_AI_",
    "AZURE_OPENAI_",
    "AZURE_SEARCH_",
    "HUGGINGFACE_",
    "OPENAI_",
];

/// Credentials that a program of any kind may need.
const COMMON: &[&str] = &[
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AZURE_CLIENT_SECRET",
    "CLOUDFLARE_API_TOKEN",
    "GH_TOKEN",
    "GITHUB_TOKEN",
    "GITHUB_PAT",
    "GOOGLE_APPLICATION_CREDENTIALS",
];

/// What a workflow of this title in this file is for, if a name says so.
pub(super) fn purpose(file: &str, title: &str) -> Option<&'static str> {
    let names = [file.to_ascii_lowercase(), title.to_ascii_lowercase()];
    NAMES
        .iter()
        .find(|(part, _)| names.iter().any(|name| name.contains(part)))
        .map(|(_, purpose)| *purpose)
}

/// Where the first setting of an AI service stands.
pub(super) fn first_setting(text: &str) -> Option<Range<usize>> {
    let part = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let mut start = 0_usize;
    for line in text.split_inclusive('\n') {
        let from = start;
        start = start.saturating_add(line.len());
        if line.trim_start().starts_with('#') {
            continue;
        }
        for word in line
            .split(|c: char| !part(c))
            .filter(|word| word.contains('_'))
        {
            let vendor = vendors::of_variable(word).is_some() && !COMMON.contains(&word);
            if vendor || PREFIXES.iter().any(|prefix| word.starts_with(prefix)) {
                let offset = (word.as_ptr() as usize).saturating_sub(line.as_ptr() as usize);
                let at = from.saturating_add(offset);
                return Some(at..at.saturating_add(word.len()));
            }
        }
    }
    None
}

impl Reader<'_, '_, '_> {
    /// A workflow that hands over to others of the repository that are called after agents: who sets it off sets
    /// them off.
    pub(super) fn calls_agents(&mut self, action: &str, uses: &Node) -> bool {
        let Some(called) = action.strip_prefix("./.github/workflows/") else {
            return false;
        };
        let named = called
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| {
                tools::AGENTS
                    .iter()
                    .any(|agent| agent.programs.contains(&word))
            });
        if named {
            if !self.told && self.may(&uses.span) {
                let file = self.page.path.rsplit('/').next().unwrap_or_default();
                Draft::new(AssetKind::Pipeline, self.page.path.to_string(), file)
                    .relation(RelationKind::Contains)
                    .role("agents")
                    .alias(file.split('.').next().unwrap_or(file))
                    .add(uses.span.clone(), self.page, self.facts);
            }
            self.told = true;
        }
        named
    }
}

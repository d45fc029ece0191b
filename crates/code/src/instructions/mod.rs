//! Texts that steer an agent or a model, and what is hidden in them.

mod files;
mod grants;
mod hidden;

use std::collections::BTreeMap;

use stance_core::digest;
use stance_core::fact::{Fact, Hidden, Instructions, InstructionsKind, Reference};
use stance_core::{AssetKind, Evidence, How, RelationKind};

use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::text::Text;
use stance_read::tree::{Node, Notation, Tree};

/// The parser of instructions and prompts.
pub(crate) static INSPECTOR: InstructionText = InstructionText;

pub(crate) struct InstructionText;

/// Reads a file as a prompt, whatever it is called, because code says it to a model.
pub static OPENED: OpenedPrompt = OpenedPrompt;

/// The parser of files that code reads for what it says to a model.
#[derive(Debug)]
pub struct OpenedPrompt;

impl Inspector for OpenedPrompt {
    fn name(&self) -> &'static str {
        "prompt"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        input.is_text()
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(text) = input.text(facts) else {
            return;
        };
        let instructions = Instructions {
            kind: InstructionsKind::Prompt,
            name: input.file_name().to_owned(),
            hidden: hidden::find(&text, input.path(), facts),
            digest: Some(digest::text(text.as_str())),
            evidence: input.evidence(),
        };
        facts.add(input.path(), Fact::Instructions(Box::new(instructions)));
    }
}

/// What is hidden in a text that is part of another file: a chat template.
pub(crate) fn hidden_in(
    text: &Text<'_>,
    path: &std::sync::Arc<str>,
    facts: &mut Facts<'_>,
) -> Vec<Hidden> {
    hidden::find(text, path, facts)
}

/// Whether a file is told as instructions already.
pub(crate) fn is_told(input: &Input<'_>) -> bool {
    files::kind_of(input).is_some()
}

impl Inspector for InstructionText {
    fn name(&self) -> &'static str {
        "instructions"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        files::kind_of(input).is_some()
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(kind) = files::kind_of(input) else {
            return;
        };
        let Some(text) = input.text(facts) else {
            return;
        };
        // Nothing is said to anybody yet.
        if text.as_str().trim().is_empty() {
            return;
        }
        let front = front_matter(text.as_str())
            .map(|front| Tree::parse(Notation::Yaml, front, &input.options().limits));
        let front = front.as_ref().and_then(Tree::root);
        let named = matches!(
            kind,
            InstructionsKind::Skill | InstructionsKind::AgentDefinition
        );
        let own_name = front
            .filter(|_| named)
            .and_then(|front| front.get("name"))
            .and_then(Node::as_str)
            .filter(|name| !name.is_empty());
        let instructions = Instructions {
            kind,
            name: own_name.unwrap_or(input.file_name()).to_owned(),
            hidden: hidden::find(&text, input.path(), facts),
            digest: Some(digest::text(text.as_str())),
            evidence: input.evidence(),
        };
        facts.add(input.path(), Fact::Instructions(Box::new(instructions)));
        // What runs under a name of its own is an agent: commands and styles of output do not.
        let runs = input
            .path()
            .rsplit('/')
            .nth(1)
            .is_some_and(|it| matches!(it, "agents" | "agent"));
        if let (true, InstructionsKind::AgentDefinition, Some(name)) = (runs, kind, own_name) {
            let key = format!("{}#{name}", input.path());
            facts.add(
                input.path(),
                Fact::Reference(Box::new(agent(key, name, input.evidence()))),
            );
        }
        if let Some(front) = front.filter(|_| named) {
            grants::add(front, &text, input.path(), facts);
        }
    }
}

fn agent(key: String, name: &str, evidence: Evidence) -> Reference {
    Reference {
        kind: AssetKind::Agent,
        key,
        name: name.to_owned(),
        aliases: Vec::new(),
        how: How::Configuration,
        relation: RelationKind::Contains,
        vendor: None,
        attributes: BTreeMap::new(),
        evidence,
    }
}

/// The YAML between the two `---` lines at the start of a text, with the first line kept as a blank
/// one, so that places in it are places in the text.
fn front_matter(text: &str) -> Option<&str> {
    let first = text.lines().next()?;
    if first.trim_end() != "---" {
        return None;
    }
    let mut end = first.len();
    for line in text.get(first.len()..)?.split_inclusive('\n').skip(1) {
        if line.trim_end() == "---" {
            // `---` opens a YAML document, so the slice may start with it.
            return text.get(..end.saturating_add(1));
        }
        end = end.saturating_add(line.len());
    }
    None
}

#[cfg(test)]
mod tests;

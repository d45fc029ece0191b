//! Chat templates, in whatever file they stand.

use std::sync::Arc;

use stance_core::Evidence;
use stance_core::fact::{
    Artifact, Embedded, EmbeddedKind, Fact, GapReason, Instructions, InstructionsKind,
};

use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::text::Text;

/// Most bytes of a template that are looked at; the longest in use have 20,000.
pub const LONGEST_TEMPLATE: usize = 256 * 1024;

/// Adds a template to the artefact; of a very long one the start, with a gap.
pub(super) fn push(
    name: &str,
    source: &str,
    evidence: Evidence,
    artifact: &mut Artifact,
    facts: &mut Facts<'_>,
) {
    if source.len() > LONGEST_TEMPLATE {
        facts.gap(
            GapReason::TooLarge,
            format!(
                "of a chat template of {} bytes only {LONGEST_TEMPLATE} are read",
                source.len()
            ),
            evidence.clone(),
        );
    }
    let end = source.floor_char_boundary(LONGEST_TEMPLATE);
    let kept = source.get(..end).unwrap_or(source);
    artifact.embedded.push(Embedded {
        kind: EmbeddedKind::ChatTemplate,
        name: name.chars().take(100).collect(),
        detail: stance_read::redact::redact(kept).into_owned(),
        evidence,
    });
}

/// A file with a chat template is a prompt.
pub(crate) fn add_prompt(input: &Input<'_>, text: &Text<'_>, facts: &mut Facts<'_>) {
    let hidden = crate::instructions::hidden_in(text, input.path(), facts);
    let prompt = Instructions {
        kind: InstructionsKind::Prompt,
        name: input.file_name().to_owned(),
        hidden,
        digest: Some(stance_core::digest::text(text.as_str())),
        evidence: input.evidence(),
    };
    facts.add(input.path(), Fact::Instructions(Box::new(prompt)));
}

/// A template inside a model file is told as a prompt when something is hidden in it.
pub fn add_hidden(
    path: &Arc<str>,
    name: &str,
    source: &str,
    evidence: &Evidence,
    facts: &mut Facts<'_>,
) {
    let text = Text::new(source);
    let mut hidden = crate::instructions::hidden_in(&text, path, facts);
    if hidden.is_empty() {
        return;
    }
    // Lines of the template are no lines of the file.
    for run in &mut hidden {
        run.evidence.locus = evidence.locus.clone();
    }
    let prompt = Instructions {
        kind: InstructionsKind::Prompt,
        name: name.to_owned(),
        hidden,
        digest: None,
        evidence: evidence.clone(),
    };
    facts.add(path, Fact::Instructions(Box::new(prompt)));
}

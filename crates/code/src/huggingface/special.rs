//! Special tokens and the limits of generation.

use stance_core::fact::{Artifact, Embedded, EmbeddedKind};

use crate::tokenizer::{is_word, speaks};
use stance_read::input::Input;
use stance_read::text::Text;
use stance_read::tree::{Entry, Node};

/// Entries that hold a special token.
pub(super) const NAMES: &[&str] = &[
    "bos_token",
    "cls_token",
    "eos_token",
    "mask_token",
    "pad_token",
    "sep_token",
    "unk_token",
];

/// Most numbers of a list that are compared.
const MOST: usize = 1000;

/// A token that is put around every text and is a text itself.
pub(super) fn token(entry: &Entry, input: &Input<'_>, text: &Text<'_>, artifact: &mut Artifact) {
    let node = entry.value.get("content").unwrap_or(&entry.value);
    let Some(token) = node.as_str() else {
        return;
    };
    // Any word ends an answer when it is the end; only the others need to say more than one.
    let ends = &*entry.key == "eos_token" && is_word(token) && token.len() >= 2;
    if !ends && !speaks(token) {
        return;
    }
    push(
        if ends { "endless" } else { "inserted" },
        format!(
            "`{}` is \"{}\"",
            entry.key,
            stance_core::evidence::shorten(token)
        ),
        node,
        input,
        text,
        artifact,
    );
}

/// A generation that is forbidden to end.
pub(super) fn endless(root: &Node, input: &Input<'_>, text: &Text<'_>, artifact: &mut Artifact) {
    let ids = |node: &Node| -> Vec<i64> {
        let one = std::slice::from_ref(node);
        let all = if node.is_array() { node.items() } else { one };
        all.iter()
            .take(MOST)
            .filter_map(|id| id.scalar()?.parse().ok())
            .collect()
    };
    let ends: Vec<i64> = root.get("eos_token_id").map(ids).unwrap_or_default();
    if ends.is_empty() {
        return;
    }
    if let Some(node) = root.get("suppress_tokens") {
        let suppressed = ids(node);
        if ends.iter().all(|end| suppressed.contains(end)) {
            push(
                "endless",
                "`suppress_tokens` holds the token that ends an answer".to_owned(),
                node,
                input,
                text,
                artifact,
            );
        }
    }
    if let Some(node) = root.get("bad_words_ids") {
        let words: Vec<Vec<i64>> = node.items().iter().take(MOST).map(ids).collect();
        if ends.iter().all(|end| words.contains(&vec![*end])) {
            push(
                "endless",
                "`bad_words_ids` holds the token that ends an answer".to_owned(),
                node,
                input,
                text,
                artifact,
            );
        }
    }
}

fn push(
    name: &str,
    detail: String,
    node: &Node,
    input: &Input<'_>,
    text: &Text<'_>,
    artifact: &mut Artifact,
) {
    if artifact.embedded.len() < 64 {
        artifact.embedded.push(Embedded {
            kind: EmbeddedKind::TokenizerChange,
            name: name.to_owned(),
            detail,
            evidence: text.evidence(input.path(), node.span.clone()),
        });
    }
}

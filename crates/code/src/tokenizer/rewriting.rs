//! Rules that change text on its way in or out.

use super::ordinary::{self, is_word};
use super::read::Read;
use super::vocabulary::shown;
use super::{Change, Changes, speaks};
use stance_read::tree::Node;

/// Most rules of one part.
const MOST: usize = 10_000;

pub(super) fn look(read: &Read<'_>, changes: &mut Changes) {
    for (key, node, start) in &read.parts {
        if key == "added_tokens" {
            continue;
        }
        let mut open = vec![node];
        let mut seen = 0_usize;
        while let Some(node) = open.pop() {
            seen = seen.saturating_add(1);
            if seen > MOST {
                break;
            }
            rule(key, node, *start, changes);
            // Sequences hold their rules in lists of several names.
            open.extend(node.items());
            for entry in node.entries() {
                if entry.value.is_array() || entry.value.is_object() {
                    open.push(&entry.value);
                }
            }
        }
    }
}

fn rule(part: &str, node: &Node, start: usize, changes: &mut Changes) {
    let at = start.saturating_add(node.span.start);
    let text = |key: &str| node.get(key).and_then(Node::as_str);
    match text("type") {
        Some("Replace") => replace(part, node, at, changes),
        Some("Prepend" | "Append") => {
            for key in ["prepend", "append", "content"] {
                if let Some(added) = text(key).filter(|added| says_a_word(added)) {
                    changes.push(Change::Inserted, at, || {
                        format!("the {part} puts {} before every text", shown(added))
                    });
                }
            }
        }
        Some("Split") => {
            let removes = text("behavior") == Some("Removed");
            let inverted = node.get("invert").and_then(Node::as_bool) == Some(true);
            let words = pattern_words(node);
            if removes && !inverted && !words.is_empty() {
                changes.push(Change::Rewritten, at, || {
                    format!("the {part} removes `{}` from every text", words.join(" "))
                });
            }
        }
        Some("TemplateProcessing") => template(node, start, changes),
        Some("RobertaProcessing" | "BertProcessing") => {
            for key in ["sep", "cls"] {
                if let Some(token) = node
                    .get(key)
                    .and_then(|pair| pair.items().first())
                    .and_then(Node::as_str)
                    .filter(|token| says_a_word(token))
                {
                    changes.push(Change::Inserted, at, || {
                        format!("the {part} adds {} to every text", shown(token))
                    });
                }
            }
        }
        _ => {}
    }
}

/// Whether a text has a word of a language in it, and is not only a mark.
fn says_a_word(text: &str) -> bool {
    speaks(text) || text.split_whitespace().any(is_word)
}

/// The words a rule looks for.
fn pattern_words(node: &Node) -> Vec<String> {
    let Some(pattern) = node.get("pattern") else {
        return Vec::new();
    };
    if let Some(text) = pattern.as_str().or_else(|| pattern.get("String")?.as_str()) {
        // A mark in brackets is no word.
        let mark = text.starts_with(['<', '[', '{', '&']);
        return if mark {
            Vec::new()
        } else {
            ordinary::words(text)
        };
    }
    pattern
        .get("Regex")
        .and_then(Node::as_str)
        .map(ordinary::words_of_pattern)
        .unwrap_or_default()
}

fn replace(part: &str, node: &Node, at: usize, changes: &mut Changes) {
    let Some(content) = node.get("content").and_then(Node::as_str) else {
        return;
    };
    let from = pattern_words(node);
    if speaks(content) {
        changes.push(Change::Inserted, at, || {
            format!("the {part} puts {} into texts", shown(content))
        });
    } else if !from.is_empty() {
        let to = ordinary::words(content);
        if to != from {
            changes.push(Change::Rewritten, at, || match content.trim() {
                "" => format!("the {part} removes `{}` from every text", from.join(" ")),
                other => format!(
                    "the {part} makes {} of `{}` in every text",
                    shown(other),
                    from.join(" ")
                ),
            });
        }
    } else if ordinary::decides(content) {
        // Whatever it stands for, the word comes from the rule.
        changes.push(Change::Rewritten, at, || {
            format!("the {part} writes {} into texts", shown(content))
        });
    }
}

/// Tokens that are put around every text.
fn template(node: &Node, start: usize, changes: &mut Changes) {
    let Some(tokens) = node.get("special_tokens") else {
        return;
    };
    for entry in tokens.entries() {
        let at = start.saturating_add(entry.value.span.start);
        let names: Vec<&str> = entry
            .value
            .get("tokens")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(Node::as_str)
            .collect();
        let said: Vec<&str> = names
            .iter()
            .copied()
            .filter(|name| says_a_word(name))
            .collect();
        if !said.is_empty() || says_a_word(&entry.key) {
            let said = if said.is_empty() {
                entry.key.to_string()
            } else {
                said.join(" ")
            };
            changes.push(Change::Inserted, at, || {
                format!("the post_processor adds {} to every text", shown(&said))
            });
        }
    }
}

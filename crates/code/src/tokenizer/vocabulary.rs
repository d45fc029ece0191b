//! Words that share a number, and tokens that were added.

use super::ordinary::{decides, is_reserved, is_word};
use super::read::{Piece, Read};
use super::{Change, Changes};
use stance_read::tree::Node;

pub(super) fn look(read: &Read<'_>, changes: &mut Changes) {
    let mut sorted: Vec<Piece> = read.pieces.clone();
    sorted.sort_by_key(|piece| (piece.id, piece.at));
    for pair in sorted.windows(2) {
        let [first, second] = pair else { continue };
        if first.id == second.id {
            let (one, other) = (read.piece_at(first.at), read.piece_at(second.at));
            changes.push(Change::Shared, second.at, || {
                format!("`{one}` and `{other}` both have the number {}", first.id)
            });
        }
    }
    for at in &read.repeated {
        let piece = read.piece_at(*at);
        changes.push(Change::Repeated, *at, || {
            format!("the vocabulary has `{piece}` more than once")
        });
    }
    for (key, node, start) in &read.parts {
        if key == "added_tokens" {
            for token in node.items() {
                added(read, &sorted, token, *start, changes);
            }
        }
    }
}

fn added(read: &Read<'_>, sorted: &[Piece], token: &Node, start: usize, changes: &mut Changes) {
    let Some(content) = token.get("content").and_then(Node::as_str) else {
        return;
    };
    let at = start.saturating_add(token.span.start);
    let special = token.get("special").and_then(Node::as_bool) == Some(true);
    let id: Option<u64> = token
        .get("id")
        .and_then(Node::scalar)
        .and_then(|id| id.parse().ok());
    if special && decides(content) {
        changes.push(Change::Silenced, at, || {
            format!("`{content}` is a control token, which is left out of what people read")
        });
    }
    if super::speaks(content) {
        changes.push(Change::Inserted, at, || {
            format!("a token says {}", shown(content))
        });
    }
    let Some(id) = id else {
        return;
    };
    let same = u32::try_from(id).unwrap_or(u32::MAX);
    let from = sorted.partition_point(|piece| piece.id < same);
    for piece in sorted
        .iter()
        .skip(from)
        .take_while(|piece| piece.id == same)
        .take(super::MOST)
    {
        let known = read.piece_at(piece.at);
        // A mark may take the place of another mark or of nothing, not that of a word.
        let taken = if is_word(content) {
            !is_reserved(&known)
        } else {
            spelled(&known)
        };
        if known != content && taken {
            changes.push(Change::Replaced, at, || {
                format!("`{content}` was added with the number {id}, which is that of `{known}`")
            });
        }
    }
    if is_word(content)
        && let Some(known) = read.id_of(content)
        && u64::from(known) != id
    {
        changes.push(Change::Replaced, at, || {
            format!("`{content}` has the number {known} and was added with the number {id}")
        });
    }
}

/// Whether a token is letters and nothing else, besides the mark of a space.
fn spelled(token: &str) -> bool {
    let bare = token.trim_start_matches(['\u{120}', '\u{2581}', '#']);
    !bare.is_empty() && bare.chars().all(char::is_alphabetic)
}

/// A text as it may be shown.
pub(super) fn shown(text: &str) -> String {
    format!("\"{}\"", stance_core::evidence::shorten(text))
}

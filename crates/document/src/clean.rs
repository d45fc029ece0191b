//! Text of any origin, made fit to be kept and shown: what does not show is spelled out, what is too long is cut.
//!
//! Nothing is refused for its characters: a file with a strange name must not keep a whole scan from being taken in.

use serde_json::{Map, Value};
use stance_core::digest::stable_id;
use stance_core::evidence::is_invisible;

/// Deepest nesting of a detail of an asset.
const MOST_DEPTH: usize = 32;

/// One line of at most `most` characters, an ellipsis where something was cut.
pub(crate) fn line(text: &str, most: usize) -> String {
    spelled(text, most, |character| character == '\t')
}

/// Like [`line`], with its line ends.
pub(crate) fn lines(text: &str, most: usize) -> String {
    spelled(text, most, |character| matches!(character, '\t' | '\n'))
}

fn spelled(text: &str, most: usize, keep: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len().min(most));
    for (count, character) in text.chars().enumerate() {
        if count >= most {
            out.push('…');
            break;
        }
        if is_invisible(character) && !keep(character) {
            out.extend(character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    out
}

/// A name that must stay different from others: what is cut off is replaced by its digest.
pub(crate) fn name(text: &str, most: usize) -> String {
    let spelled = spelled(text, usize::MAX, |_| false);
    if spelled.chars().count() <= most {
        return spelled;
    }
    let kept: String = spelled.chars().take(most).collect();
    format!("{kept}…{}", stable_id(&[&spelled]))
}

/// A detail of an asset; `room` is how many bytes of text it may still take, and what it takes is subtracted.
/// `None` when there is not enough room.
pub(crate) fn value(value: &Value, room: &mut usize) -> Option<Value> {
    nested(value, room, 0)
}

fn nested(value: &Value, room: &mut usize, depth: usize) -> Option<Value> {
    if depth > MOST_DEPTH {
        return None;
    }
    let deeper = depth.saturating_add(1);
    *room = room.checked_sub(8)?;
    Some(match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        Value::String(text) => {
            let text = lines(text, usize::MAX);
            *room = room.checked_sub(text.len())?;
            Value::String(text)
        }
        Value::Array(items) => {
            let items = items.iter().map(|item| nested(item, room, deeper));
            Value::Array(items.collect::<Option<_>>()?)
        }
        Value::Object(members) => {
            let mut kept = Map::new();
            for (key, member) in members {
                let key = line(key, 256);
                *room = room.checked_sub(key.len())?;
                kept.insert(key, nested(member, room, deeper)?);
            }
            Value::Object(kept)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_show_is_spelled_out() {
        assert_eq!(line("a\u{202e}b\nc", 99), "a\\u{202e}b\\u{a}c");
        assert_eq!(lines("a\nb\u{7}", 99), "a\nb\\u{7}");
    }

    #[test]
    fn names_that_differ_only_where_they_are_cut_stay_different() {
        let long = "x".repeat(50);
        let (one, other) = (name(&format!("{long}1"), 50), name(&format!("{long}2"), 50));
        assert_ne!(one, other);
        assert!(one.starts_with(&long));
        assert_eq!(name("short", 50), "short");
    }

    #[test]
    fn a_detail_that_takes_too_much_room_is_left_out() {
        let mut room = 100;
        assert!(value(&Value::from("x".repeat(101)), &mut room).is_none());
        let mut deep = Value::Null;
        for _ in 0..40 {
            deep = Value::Array(vec![deep]);
        }
        assert!(value(&deep, &mut 100_000).is_none());
        assert_eq!(value(&Value::from("fits"), &mut 100), Some("fits".into()));
    }
}

//! Links and images of Markdown with a place for what they shall carry away: `![x](https://host/?d={conversation})`.

use std::ops::Range;

use memchr::memmem;

use super::concepts::{Concept, Mention};

/// How far from the link the words stand that say what to fill in, in bytes.
const NEAR: usize = 240;
/// Longer addresses are looked at no further.
const LONGEST: usize = 512;

/// The first such link in `text` (folded), if words about it stand near.
#[must_use]
pub(super) fn find(text: &str, mentions: &[Mention]) -> Option<Range<usize>> {
    memmem::find_iter(text.as_bytes(), b"](http").find_map(|open| {
        let address = open.saturating_add(2);
        let rest = text.get(address..)?;
        let length = rest
            .bytes()
            .take(LONGEST)
            .position(|byte| byte == b')' || byte == b'\n')?;
        let link = rest.get(..length)?;
        if !has_slot(link) {
            return None;
        }
        let end = address.saturating_add(length).saturating_add(1);
        let first = mentions.partition_point(|m| m.start.saturating_add(NEAR) <= open);
        let near = mentions
            .iter()
            .skip(first)
            .take_while(|m| m.start < end.saturating_add(NEAR));
        let told = near.into_iter().any(|mention| {
            matches!(
                mention.concept,
                Concept::Send
                    | Concept::Secret
                    | Concept::Text
                    | Concept::Silent
                    | Concept::Reveal
                    | Concept::User
            )
        });
        told.then_some(open..end)
    })
}

/// Whether an address has a place to fill in.
fn has_slot(link: &str) -> bool {
    [("{", "}"), ("<", ">"), ("[", "]")]
        .iter()
        .any(|(open, close)| {
            link.split_once(open)
                .is_some_and(|(_, rest)| rest.contains(close))
        })
        || link.contains("=data")
        || link.contains("%s")
}

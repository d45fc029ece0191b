//! Tags of our own pages: where they stand, what they carry, and how they are written. Everything that stands in these pages is
//! escaped, so a tag is from `<` to the next `>` outside quotes; this reads no page of anybody else.

use std::fmt::Write as _;
use std::ops::Range;

use crate::draw::svg::escape;

/// A tag as it stands in a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    /// Where, from `<` to behind `>`.
    pub(super) at: Range<usize>,
    /// `form`, or `/form`.
    pub(super) name: &'a str,
    /// Names and values, unescaped, in order; a name alone has an empty value.
    attributes: Vec<(&'a str, Option<String>)>,
}

impl<'a> Tag<'a> {
    /// The value of an attribute.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_deref().unwrap_or_default())
    }

    /// Sets an attribute; `None` is one without a value.
    pub(super) fn set(&mut self, name: &'a str, value: Option<&str>) {
        self.remove(name);
        self.attributes.push((name, value.map(str::to_owned)));
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.attributes.retain(|(known, _)| *known != name);
    }

    /// The tag as text.
    pub(super) fn write(&self) -> String {
        let mut text = format!("<{}", self.name);
        for (name, value) in &self.attributes {
            let _ = match value {
                Some(value) => write!(text, " {name}=\"{}\"", escape(value)),
                None => write!(text, " {name}"),
            };
        }
        text.push('>');
        text
    }
}

/// The tags of a page, in order.
pub(super) fn tags(page: &str) -> impl Iterator<Item = Tag<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + page.get(at..)?.find('<')?;
            let length = end(page.get(start..)?)?;
            at = start + length;
            let inside = page.get(start + 1..at - 1)?;
            if inside.starts_with('!') {
                continue;
            }
            let inside = inside.trim_end_matches('/');
            let (name, rest) = inside
                .split_once(|letter: char| letter.is_ascii_whitespace())
                .unwrap_or((inside, ""));
            return Some(Tag {
                at: start..at,
                name,
                attributes: attributes(rest),
            });
        }
    })
}

/// Behind the `>` that ends the tag.
fn end(tag: &str) -> Option<usize> {
    let mut quoted = false;
    tag.bytes()
        .position(|byte| {
            quoted ^= byte == b'"';
            byte == b'>' && !quoted
        })
        .map(|position| position + 1)
}

fn attributes(mut text: &str) -> Vec<(&str, Option<String>)> {
    let mut found = Vec::new();
    loop {
        text = text.trim_start();
        let length = text
            .find(|letter: char| letter == '=' || letter.is_ascii_whitespace())
            .unwrap_or(text.len());
        let Some((name, rest)) = text
            .split_at_checked(length)
            .filter(|(name, _)| !name.is_empty())
        else {
            return found;
        };
        text = rest;
        let value = rest.strip_prefix('=').map(|rest| {
            let (value, rest) = match rest.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
                Some(quoted) => quoted,
                None => rest
                    .split_once(|letter: char| letter.is_ascii_whitespace())
                    .unwrap_or((rest, "")),
            };
            text = rest;
            unescape(value)
        });
        found.push((name, value));
    }
}

/// Undoes what templates and drawings do to texts.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let named = after.split_once(';').and_then(|(name, behind)| {
            let letter = match name {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                _ => char::from_u32(name.strip_prefix('#')?.parse().ok()?)?,
            };
            Some((letter, behind))
        });
        let (letter, behind) = named.unwrap_or(('&', after));
        plain.push(letter);
        rest = behind;
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_with_what_they_carry() {
        let page = r#"<!doctype html><p class=a>1 &lt; 2</p><input name="x" value="a&#34;b>c&amp;" required/>"#;
        let found: Vec<Tag<'_>> = tags(page).collect();
        let names: Vec<&str> = found.iter().map(|tag| tag.name).collect();
        assert_eq!(names, ["p", "/p", "input"]);
        let input = found.last().expect("three");
        assert_eq!(input.get("value"), Some("a\"b>c&"));
        assert_eq!(input.get("required"), Some(""));
        assert_eq!(input.get("checked"), None);
        assert_eq!(
            input.write(),
            r#"<input name="x" value="a&quot;b&gt;c&amp;" required>"#
        );
        assert_eq!(found.first().and_then(|tag| tag.get("class")), Some("a"));
    }

    #[test]
    fn what_ends_in_a_tag_ends_the_list() {
        assert_eq!(tags("<p>text < more").count(), 1);
        assert_eq!(tags("<input value=\"<p>").count(), 0);
        assert_eq!(
            unescape("&amp;amp; &unknown; &#128512; &"),
            "&amp; &unknown; \u{1f600} &"
        );
    }
}

//! A value of a document.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use super::{Document, Kind, Node, decode};

/// A value of a document, with the bytes that it stands on.
#[derive(Clone, Copy)]
pub struct Value<'d> {
    document: &'d Document<'d>,
    at: u32,
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.pointer(), self.span())
    }
}

impl<'d> Value<'d> {
    pub(super) fn new(document: &'d Document<'d>, at: u32) -> Self {
        Self { document, at }
    }

    fn node(self) -> Option<&'d Node> {
        self.document.node(self.at)
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> Kind {
        self.node().map_or(Kind::Null, |node| node.kind)
    }

    /// Its bytes in the document; of a string with its quotes.
    #[must_use]
    pub fn span(self) -> Range<usize> {
        self.node()
            .map_or(0..0, |node| node.start as usize..node.end as usize)
    }

    /// Its bytes as they are written.
    #[must_use]
    pub fn raw(self) -> &'d [u8] {
        self.node()
            .map_or(&[][..], |node| self.document.slice(node.start..node.end))
    }

    /// Its key in the object around it; empty for elements.
    #[must_use]
    pub fn key(self) -> Cow<'d, str> {
        self.node().map_or(Cow::Borrowed(""), |node| {
            let raw = self.document.slice(node.key_start..node.key_end);
            if node.key_escaped {
                decode(raw)
            } else {
                String::from_utf8_lossy(raw)
            }
        })
    }

    /// What it contains, in the order of the body. Of a row of numbers only the first is there.
    pub fn children(self) -> impl Iterator<Item = Self> + use<'d> {
        let end = self.node().map_or(0, |node| node.next);
        let mut at = self.at.saturating_add(1);
        std::iter::from_fn(move || {
            if at >= end {
                return None;
            }
            let child = Self::new(self.document, at);
            at = child.node()?.next.max(at.saturating_add(1));
            Some(child)
        })
    }

    /// The elements of an array; nothing for all else.
    pub fn elements(self) -> impl Iterator<Item = Self> + use<'d> {
        let array = self.kind() == Kind::Array;
        self.children().take_while(move |_| array)
    }

    /// The members of an object; nothing for all else.
    pub fn members(self) -> impl Iterator<Item = Self> + use<'d> {
        let object = self.kind() == Kind::Object;
        self.children().take_while(move |_| object)
    }

    /// The member called `key`, unless it is `null`; of several the last.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Self> {
        let document = self.document;
        self.members()
            .filter(|member| {
                member.node().is_some_and(|node| {
                    let raw = document.slice(node.key_start..node.key_end);
                    raw == key.as_bytes() || (node.key_escaped && decode(raw) == key)
                })
            })
            .last()
            .filter(|member| member.kind() != Kind::Null)
    }

    /// The member at the end of `path`.
    #[must_use]
    pub fn at(self, path: &[&str]) -> Option<Self> {
        path.iter().try_fold(self, |value, key| value.get(key))
    }

    /// The text of a string, without escapes.
    #[must_use]
    pub fn text(self) -> Option<Cow<'d, str>> {
        let node = self.node()?;
        if node.kind != Kind::Text {
            return None;
        }
        let raw = self
            .document
            .slice(node.start.saturating_add(1)..node.end.saturating_sub(1));
        Some(if node.escaped {
            decode(raw)
        } else {
            String::from_utf8_lossy(raw)
        })
    }

    /// The text of the member called `key`.
    #[must_use]
    pub fn text_of(self, key: &str) -> Option<Cow<'d, str>> {
        self.get(key)?.text()
    }

    /// A number that is whole and not negative; `3.0` is one.
    #[must_use]
    pub fn whole(self) -> Option<u64> {
        if self.kind() != Kind::Number {
            return None;
        }
        let written = std::str::from_utf8(self.raw()).ok()?;
        let (whole, rest) = written.split_once('.').unwrap_or((written, ""));
        rest.bytes().all(|byte| byte == b'0').then_some(())?;
        whole.parse().ok()
    }

    /// The number of the member called `key`.
    #[must_use]
    pub fn whole_of(self, key: &str) -> Option<u64> {
        self.get(key)?.whole()
    }

    /// Whether it is `true`.
    #[must_use]
    pub fn is_true(self) -> bool {
        self.kind() == Kind::Truth && self.raw() == b"true"
    }

    /// Whether there is any text in it that is not empty.
    #[must_use]
    pub fn has_text(self) -> bool {
        let end = self.node().map_or(0, |node| node.next);
        (self.at..end).any(|at| {
            self.document.node(at).is_some_and(|node| {
                node.kind == Kind::Text && node.end > node.start.saturating_add(2)
            })
        })
    }

    /// All strings in it that are not empty, itself included.
    pub fn strings(self) -> impl Iterator<Item = Self> + use<'d> {
        let end = self.node().map_or(0, |node| node.next);
        let document = self.document;
        (self.at..end)
            .map(move |at| Self::new(document, at))
            .filter(|value| {
                value.node().is_some_and(|node| {
                    node.kind == Kind::Text && node.end > node.start.saturating_add(2)
                })
            })
    }

    /// Where it stands: a JSON pointer (RFC 6901).
    #[must_use]
    pub fn pointer(self) -> String {
        let mut way = Vec::new();
        let mut value = self;
        while let Some(node) = value.node() {
            if node.parent == value.at {
                break;
            }
            way.push(value);
            value = Self::new(self.document, node.parent);
        }
        let mut pointer = String::with_capacity(way.len().saturating_mul(8));
        while let Some(value) = way.pop() {
            pointer.push('/');
            let Some(node) = value.node() else { continue };
            let of = self.document.node(node.parent);
            if of.is_some_and(|of| of.kind == Kind::Object) {
                for character in value.key().chars() {
                    match character {
                        '~' => pointer.push_str("~0"),
                        '/' => pointer.push_str("~1"),
                        other => pointer.push(other),
                    }
                }
            } else {
                pointer.push_str(&node.index.to_string());
            }
        }
        pointer
    }
}

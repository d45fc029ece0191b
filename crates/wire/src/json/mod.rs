//! JSON with its places: every value keeps the bytes that it stands on, so that a body can be rewritten by replacing the
//! bytes of chosen values, and everything else, white space, order of keys, spelling of numbers and unknown fields
//! included, passes as it came.
//!
//! RFC 8259, with three things let through that clients and servers let through too: control characters within strings,
//! bytes within strings that are no UTF-8 (said by [`Document::invalid_utf8`]), and a byte order mark before the value.

mod edit;
mod read;
mod text;
mod value;

use std::ops::Range;

pub use edit::Edits;
pub use text::{decode, encode};
pub use value::Value;

use crate::{Fault, Limits};

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Truth,
    /// A number, as it is spelled.
    Number,
    /// A string.
    Text,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// One value on the tape. A container is followed by what it contains.
#[derive(Clone, Copy, Debug)]
struct Node {
    kind: Kind,
    /// Whether the string, or the key, is written with escapes.
    escaped: bool,
    key_escaped: bool,
    /// First byte, and first after it.
    start: u32,
    end: u32,
    /// Of the key between its quotes; empty range at 0 for elements.
    key_start: u32,
    key_end: u32,
    /// The container, or itself for the root.
    parent: u32,
    /// Which element of its container it is.
    index: u32,
    /// The node after all that it contains.
    next: u32,
}

/// A document: one value and all within it.
#[derive(Debug)]
pub struct Document<'d> {
    bytes: &'d [u8],
    nodes: Vec<Node>,
    /// Members whose key stood before in the same object.
    repeated: Vec<u32>,
    invalid_utf8: bool,
}

impl<'d> Document<'d> {
    /// Reads all of `bytes` as one value.
    ///
    /// # Errors
    ///
    /// No JSON, or more of it than `limits` allow.
    pub fn read(bytes: &'d [u8], limits: &Limits) -> Result<Self, Fault> {
        read::read(bytes, limits, Vec::new())
    }

    /// As [`Self::read`], with the memory of an earlier document; see [`Self::into_spare`].
    pub(crate) fn read_into(bytes: &'d [u8], limits: &Limits, spare: Spare) -> Result<Self, Fault> {
        read::read(bytes, limits, spare.0)
    }

    /// Gives its memory back for the next one.
    pub(crate) fn into_spare(self) -> Spare {
        Spare(self.nodes)
    }

    /// The value itself.
    #[must_use]
    pub fn root(&self) -> Value<'_> {
        Value::new(self, 0)
    }

    /// Whether its bytes are no UTF-8; strings are then read with U+FFFD for what is not.
    #[must_use]
    pub fn invalid_utf8(&self) -> bool {
        self.invalid_utf8
    }

    /// Members whose key stood before in the same object: readers differ in which of them they take. Here it is the last.
    pub fn repeated(&self) -> impl Iterator<Item = Value<'_>> {
        self.repeated.iter().map(|at| Value::new(self, *at))
    }

    fn node(&self, at: u32) -> Option<&Node> {
        self.nodes.get(at as usize)
    }

    fn slice(&self, range: Range<u32>) -> &'d [u8] {
        self.bytes
            .get(range.start as usize..range.end as usize)
            .unwrap_or_default()
    }
}

/// Memory of a document that is done with.
#[derive(Debug, Default)]
pub(crate) struct Spare(Vec<Node>);

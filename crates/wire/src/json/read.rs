//! From bytes to the tape, without recursion.

use std::collections::BTreeSet;

use memchr::memchr2;

use super::{Document, Kind, Node, text};
use crate::{Fault, Limits};

/// From so many members on, the keys of an object are kept in a set to find repeated ones.
const MANY_KEYS: u32 = 24;

/// A container that is not closed yet.
struct Open {
    node: u32,
    object: bool,
    count: u32,
    /// Which fingerprints of keys were seen.
    seen: u64,
    keys: Option<BTreeSet<Vec<u8>>>,
}

#[derive(Clone, Copy, Default)]
struct Key {
    start: u32,
    end: u32,
    escaped: bool,
}

struct Reader<'d> {
    bytes: &'d [u8],
    at: usize,
    limits: Limits,
    nodes: Vec<Node>,
    open: Vec<Open>,
    repeated: Vec<u32>,
}

pub(super) fn read<'d>(
    bytes: &'d [u8],
    limits: &Limits,
    mut nodes: Vec<Node>,
) -> Result<Document<'d>, Fault> {
    let limit = limits.body.min(u32::MAX as usize);
    if bytes.len() > limit {
        return Err(Fault::Long { limit });
    }
    nodes.clear();
    let mut reader = Reader {
        bytes,
        at: if bytes.starts_with(b"\xef\xbb\xbf") {
            3
        } else {
            0
        },
        limits: *limits,
        nodes,
        open: Vec::new(),
        repeated: Vec::new(),
    };
    reader.run()?;
    Ok(Document {
        bytes,
        nodes: reader.nodes,
        repeated: reader.repeated,
        invalid_utf8: std::str::from_utf8(bytes).is_err(),
    })
}

/// The limit keeps every offset below 2^32.
fn short(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl<'d> Reader<'d> {
    fn run(&mut self) -> Result<(), Fault> {
        let mut key = Key::default();
        loop {
            if let Some(next) = self.value(key)? {
                key = next;
                continue;
            }
            // A value is complete: what closes here, and what comes next.
            loop {
                self.space();
                let Some(open) = self.open.last_mut() else {
                    return if self.at == self.bytes.len() {
                        Ok(())
                    } else {
                        Err(self.fault())
                    };
                };
                match (self.bytes.get(self.at), open.object) {
                    (Some(b','), object) => {
                        open.count = open.count.saturating_add(1);
                        self.step(1);
                        key = if object { self.key()? } else { Key::default() };
                        break;
                    }
                    (Some(b'}'), true) | (Some(b']'), false) => {
                        self.step(1);
                        self.close();
                    }
                    _ => return Err(self.fault()),
                }
            }
        }
    }

    /// Reads a value, or the start of a container that has members: the key of the first is given back.
    fn value(&mut self, key: Key) -> Result<Option<Key>, Fault> {
        self.space();
        let start = self.at;
        match self.bytes.get(start) {
            Some(b'{') => {
                self.enter(key, true)?;
                self.space();
                if self.bytes.get(self.at) == Some(&b'}') {
                    self.step(1);
                    self.close();
                    return Ok(None);
                }
                self.key().map(Some)
            }
            Some(b'[') => {
                self.enter(key, false)?;
                self.space();
                if self.bytes.get(self.at) == Some(&b']') {
                    self.step(1);
                    self.close();
                    return Ok(None);
                }
                Ok(Some(Key::default()))
            }
            Some(b'"') => {
                let escaped = self.string()?;
                self.push(Kind::Text, escaped, start, key)?;
                Ok(None)
            }
            Some(b't') => self.word(b"true", Kind::Truth, key),
            Some(b'f') => self.word(b"false", Kind::Truth, key),
            Some(b'n') => self.word(b"null", Kind::Null, key),
            Some(b'-' | b'0'..=b'9') => {
                self.number()?;
                // Rows of numbers are vectors and tokens: one of them says so.
                let row = self
                    .open
                    .last()
                    .is_some_and(|open| !open.object && open.count > 0);
                if !row {
                    self.push(Kind::Number, false, start, key)?;
                }
                Ok(None)
            }
            _ => Err(self.fault()),
        }
    }

    fn word(&mut self, word: &[u8], kind: Kind, key: Key) -> Result<Option<Key>, Fault> {
        let start = self.at;
        if self
            .bytes
            .get(start..)
            .is_some_and(|rest| rest.starts_with(word))
        {
            self.step(word.len());
            self.push(kind, false, start, key)?;
            return Ok(None);
        }
        Err(self.fault())
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let from = self.at;
        while matches!(self.bytes.get(self.at), Some(b'0'..=b'9')) {
            self.step(1);
        }
        if self.at == from {
            return Err(self.fault());
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), Fault> {
        if self.bytes.get(self.at) == Some(&b'-') {
            self.step(1);
        }
        if self.bytes.get(self.at) == Some(&b'0') {
            self.step(1);
        } else {
            self.digits()?;
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.step(1);
            self.digits()?;
        }
        if matches!(self.bytes.get(self.at), Some(b'e' | b'E')) {
            self.step(1);
            if matches!(self.bytes.get(self.at), Some(b'+' | b'-')) {
                self.step(1);
            }
            self.digits()?;
        }
        Ok(())
    }

    /// Steps over a string; whether it has escapes.
    fn string(&mut self) -> Result<bool, Fault> {
        self.step(1);
        let mut escaped = false;
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let Some(found) = memchr2(b'"', b'\\', rest) else {
                self.at = self.bytes.len();
                return Err(self.fault());
            };
            self.step(found);
            if self.bytes.get(self.at) == Some(&b'"') {
                self.step(1);
                return Ok(escaped);
            }
            escaped = true;
            let length = text::escape_length(self.bytes.get(self.at..).unwrap_or_default());
            let Some(length) = length else {
                return Err(self.fault());
            };
            self.step(length);
        }
    }

    /// A key and its colon.
    fn key(&mut self) -> Result<Key, Fault> {
        self.space();
        if self.bytes.get(self.at) != Some(&b'"') {
            return Err(self.fault());
        }
        let start = self.at;
        let escaped = self.string()?;
        let key = Key {
            start: short(start.saturating_add(1)),
            end: short(self.at.saturating_sub(1)),
            escaped,
        };
        self.space();
        if self.bytes.get(self.at) != Some(&b':') {
            return Err(self.fault());
        }
        self.step(1);
        self.note(key);
        Ok(key)
    }

    /// Notes a key of the open object, and whether it stood there before.
    fn note(&mut self, key: Key) {
        let bytes = self.bytes;
        let of = |key: Key| {
            bytes
                .get(key.start as usize..key.end as usize)
                .unwrap_or_default()
        };
        let raw = of(key);
        let Some(open) = self.open.last_mut() else {
            return;
        };
        let repeated = if key.escaped || open.count >= MANY_KEYS || open.keys.is_some() {
            let keys = open.keys.get_or_insert_with(|| {
                let mut keys = BTreeSet::new();
                let mut at = open.node.saturating_add(1);
                while let Some(node) = self.nodes.get(at as usize) {
                    let raw = bytes.get(node.key_start as usize..node.key_end as usize);
                    keys.insert(decode(raw.unwrap_or_default()));
                    at = node.next;
                }
                keys
            });
            !keys.insert(decode(raw))
        } else {
            let sum = raw.first().copied().unwrap_or(0) ^ raw.last().copied().unwrap_or(0) << 1;
            let mark = 1_u64 << ((usize::from(sum) ^ raw.len() << 2) & 63);
            let known = open.seen & mark != 0;
            open.seen |= mark;
            known && {
                let mut at = open.node.saturating_add(1);
                let mut found = false;
                while let Some(node) = self.nodes.get(at as usize) {
                    found |= bytes.get(node.key_start as usize..node.key_end as usize) == Some(raw);
                    at = node.next;
                }
                found
            }
        };
        if repeated && self.repeated.len() < self.limits.unjudged {
            self.repeated.push(short(self.nodes.len()));
        }
    }

    fn enter(&mut self, key: Key, object: bool) -> Result<(), Fault> {
        if self.open.len() >= self.limits.depth {
            return Err(Fault::Deep {
                limit: self.limits.depth,
                at: self.at,
            });
        }
        let kind = if object { Kind::Object } else { Kind::Array };
        let start = self.at;
        self.step(1);
        let node = self.push(kind, false, start, key)?;
        self.open.push(Open {
            node,
            object,
            count: 0,
            seen: 0,
            keys: None,
        });
        Ok(())
    }

    fn close(&mut self) {
        let next = short(self.nodes.len());
        let end = short(self.at);
        if let Some(open) = self.open.pop()
            && let Some(node) = self.nodes.get_mut(open.node as usize)
        {
            node.end = end;
            node.next = next;
        }
    }

    fn push(&mut self, kind: Kind, escaped: bool, start: usize, key: Key) -> Result<u32, Fault> {
        if self.nodes.len() >= self.limits.values {
            return Err(Fault::Many {
                limit: self.limits.values,
            });
        }
        let at = short(self.nodes.len());
        let (parent, index) = self
            .open
            .last()
            .map_or((at, 0), |open| (open.node, open.count));
        self.nodes.push(Node {
            kind,
            escaped,
            key_escaped: key.escaped,
            start: short(start),
            end: short(self.at),
            key_start: key.start,
            key_end: key.end,
            parent,
            index,
            next: at.saturating_add(1),
        });
        Ok(at)
    }

    fn space(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.step(1);
        }
    }

    fn step(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes);
    }

    fn fault(&self) -> Fault {
        Fault::Json { at: self.at }
    }
}

fn decode(raw: &[u8]) -> Vec<u8> {
    text::decode(raw).into_owned().into_bytes()
}

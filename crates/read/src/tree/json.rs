//! JSON (RFC 8259) as people write it in configuration files: with comments, trailing commas, single
//! quotes and bare keys, and with mistakes in it.

use std::ops::Range;
use std::sync::Arc;

use stance_core::fact::GapReason;

use super::Tree;
use super::node::{Entry, Node, Value, mark_shadowed};
use crate::limits::Limits;

/// Reads the whole text in one pass, without recursion. After a mistake it goes
/// on with the next thing that can be read.
pub(super) fn parse(text: &str, limits: &Limits) -> Tree {
    let mut parser = Parser {
        text,
        at: 0,
        tree: Tree::default(),
        open: Vec::new(),
        root: None,
        nodes_left: limits.tree_nodes,
        depth: usize::from(limits.tree_depth),
    };
    parser.run();
    while !parser.open.is_empty() {
        parser.close();
    }
    let mut tree = parser.tree;
    tree.documents.extend(parser.root);
    tree
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    tree: Tree,
    open: Vec<Open>,
    root: Option<Node>,
    nodes_left: u32,
    depth: usize,
}

/// A container whose end was not met yet.
struct Open {
    start: usize,
    items: Items,
}

enum Items {
    Array(Vec<Node>),
    Object {
        entries: Vec<Entry>,
        /// The key whose value comes next, and whether its colon was met.
        key: Option<(Arc<str>, Range<usize>, bool)>,
    },
}

impl<'t> Parser<'t> {
    fn run(&mut self) {
        if self.text.starts_with('\u{feff}') {
            self.at = '\u{feff}'.len_utf8();
        }
        loop {
            self.skip_blank();
            let Some(byte) = self.peek() else {
                if !self.open.is_empty() {
                    self.fail(self.at, "the text ends inside an object or array");
                } else if self.root.is_none() {
                    self.fail(self.at, "there is no value");
                }
                return;
            };
            if self.root.is_some() {
                self.fail(self.at, "something follows the value");
                return;
            }
            if !self.step(byte) {
                return;
            }
        }
    }

    /// Reads one token; false when a limit ends it all. Always moves on.
    fn step(&mut self, byte: u8) -> bool {
        let start = self.at;
        match byte {
            b'{' | b'[' => return self.begin(byte),
            b'}' | b']' => {
                self.at = start.saturating_add(1);
                self.end(byte, start);
            }
            b',' => {
                self.at = start.saturating_add(1);
                if let Some(Open {
                    items: Items::Object { key, .. },
                    ..
                }) = self.open.last_mut()
                    && key.take().is_some()
                {
                    self.fail(start, "a key has no value");
                } else if self.open.is_empty() {
                    self.fail(start, "`,` where a value should start");
                }
            }
            b':' => {
                self.at = start.saturating_add(1);
                match self.open.last_mut() {
                    Some(Open {
                        items:
                            Items::Object {
                                key: Some((_, _, colon)),
                                ..
                            },
                        ..
                    }) if !*colon => {
                        *colon = true;
                    }
                    _ => self.fail(start, "`:` without a key before it"),
                }
            }
            b'"' | b'\'' => {
                let text: Arc<str> = self.string(byte).into();
                return self.scalar(Value::String(text), start);
            }
            _ => {
                let word = self.word();
                let value = match word {
                    "true" => Value::Bool(true),
                    "false" => Value::Bool(false),
                    "null" => Value::Null,
                    _ if is_number(word) => Value::Number(word.into()),
                    _ => {
                        if !self.wants_key() {
                            self.fail(start, "a word without quotes where a value should stand");
                        }
                        Value::String(word.into())
                    }
                };
                return self.scalar(value, start);
            }
        }
        true
    }

    /// Whether the next scalar is a key.
    fn wants_key(&self) -> bool {
        matches!(
            self.open.last(),
            Some(Open {
                items: Items::Object { key: None, .. },
                ..
            })
        )
    }

    fn scalar(&mut self, value: Value, start: usize) -> bool {
        let span = start..self.at;
        if let Some(Open {
            items: Items::Object { key, .. },
            ..
        }) = self.open.last_mut()
        {
            let next = || {
                let name = match &value {
                    Value::String(text) | Value::Number(text) => Arc::clone(text),
                    _ => self.text.get(span.clone()).unwrap_or_default().into(),
                };
                Some((name, span.clone(), false))
            };
            match key {
                None => {
                    *key = next();
                    return true;
                }
                // `"a" "b": 1`: the first key is lost, the second one counts.
                Some((_, _, false)) => {
                    *key = next();
                    self.fail(start, "`:` is missing behind a key");
                    return true;
                }
                Some(_) => {}
            }
        }
        if !self.count(start) {
            return false;
        }
        self.put(Node { value, span });
        true
    }

    fn begin(&mut self, byte: u8) -> bool {
        let start = self.at;
        if let Some(Open {
            items: Items::Object { key, .. },
            ..
        }) = self.open.last_mut()
            && !matches!(key, Some((_, _, true)))
        {
            // A container where a key belongs: it gets an empty key, so that what is inside stays.
            let name = key.take().map_or_else(|| "".into(), |(name, _, _)| name);
            *key = Some((name, start..start, true));
            self.fail(start, "an object or array where a key should stand");
        }
        if !self.count(start) {
            return false;
        }
        if self.open.len() >= self.depth {
            let message = format!("nested more than {} deep", self.depth);
            self.tree.fail(GapReason::Limit, start, message);
            self.skip_container();
            self.put(Node {
                value: Value::Null,
                span: start..self.at,
            });
            return true;
        }
        self.at = start.saturating_add(1);
        self.open.push(Open {
            start,
            items: if byte == b'{' {
                Items::Object {
                    entries: Vec::new(),
                    key: None,
                }
            } else {
                Items::Array(Vec::new())
            },
        });
        true
    }

    fn end(&mut self, byte: u8, start: usize) {
        let fits = |open: &Open| matches!(open.items, Items::Object { .. }) == (byte == b'}');
        let Some(depth) = self.open.iter().rposition(fits) else {
            self.fail(start, "a closing bracket that nothing opened");
            return;
        };
        if depth.saturating_add(1) < self.open.len() {
            self.fail(start, "a closing bracket of the wrong kind");
        }
        while self.open.len() > depth {
            self.close();
        }
    }

    /// Ends the innermost container here.
    fn close(&mut self) {
        let Some(Open { start, items }) = self.open.pop() else {
            return;
        };
        let value = match items {
            Items::Array(mut items) => {
                items.shrink_to_fit();
                Value::Array(items)
            }
            Items::Object { mut entries, key } => {
                entries.shrink_to_fit();
                if let Some((_, span, _)) = key {
                    self.fail(span.start, "a key has no value");
                }
                mark_shadowed(&mut entries);
                Value::Object(entries)
            }
        };
        self.put(Node {
            value,
            span: start..self.at,
        });
    }

    fn put(&mut self, node: Node) {
        match self.open.last_mut().map(|open| &mut open.items) {
            None => self.root = Some(node),
            Some(Items::Array(items)) => items.push(node),
            Some(Items::Object { entries, key }) => {
                if let Some((key, key_span, _)) = key.take() {
                    entries.push(Entry {
                        key,
                        key_span,
                        value: node,
                        shadowed: false,
                    });
                }
            }
        }
    }

    fn count(&mut self, offset: usize) -> bool {
        match self.nodes_left.checked_sub(1) {
            Some(left) => {
                self.nodes_left = left;
                true
            }
            None => {
                self.tree.fail(
                    GapReason::Limit,
                    offset,
                    "more values than are read of one file",
                );
                false
            }
        }
    }

    fn fail(&mut self, offset: usize, message: &str) {
        self.tree.fail(GapReason::Malformed, offset, message);
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// White space and comments.
    fn skip_blank(&mut self) {
        loop {
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            let length = match rest {
                [b' ' | b'\t' | b'\n' | b'\r', ..] => 1,
                [b'/', b'/', ..] | [b'#', ..] => memchr::memchr(b'\n', rest).unwrap_or(rest.len()),
                [b'/', b'*', inner @ ..] => match memchr::memmem::find(inner, b"*/") {
                    Some(end) => end.saturating_add(4),
                    None => {
                        self.fail(self.at, "a comment does not end");
                        rest.len()
                    }
                },
                [0xc2, 0xa0, ..] => 2,
                _ => return,
            };
            self.at = self.at.saturating_add(length);
        }
    }

    /// A word without quotes; at least one character long, so that reading always moves on.
    fn word(&mut self) -> &'t str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let end = rest
            .char_indices()
            .find(|(_, character)| {
                character.is_whitespace()
                    || matches!(character, '{' | '}' | '[' | ']' | ',' | ':' | '"' | '\'')
            })
            .map_or(rest.len(), |(index, _)| index);
        let end = if end == 0 {
            rest.chars().next().map_or(1, char::len_utf8)
        } else {
            end
        };
        self.at = self.at.saturating_add(end);
        rest.get(..end).unwrap_or_default()
    }

    /// A string in quotes, escapes resolved. A line that ends first ends the string, so that a
    /// forgotten quote costs one entry.
    fn string(&mut self, quote: u8) -> String {
        let start = self.at;
        self.at = start.saturating_add(1);
        let mut out = String::new();
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let plain = rest
                .bytes()
                .position(|byte| byte == quote || matches!(byte, b'\\' | b'\n'))
                .unwrap_or(rest.len());
            out.push_str(rest.get(..plain).unwrap_or_default());
            self.at = self.at.saturating_add(plain);
            match self.peek() {
                Some(b'\\') => self.escape(&mut out),
                Some(byte) if byte == quote => {
                    self.at = self.at.saturating_add(1);
                    return out;
                }
                _ => {
                    self.fail(start, "a string does not end on its line");
                    if out.ends_with('\r') {
                        out.pop();
                    }
                    return out;
                }
            }
        }
    }

    /// What a backslash and the characters behind it stand for.
    fn escape(&mut self, out: &mut String) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let Some(character) = rest.chars().nth(1) else {
            self.at = self.text.len();
            return;
        };
        let mut length = character.len_utf8().saturating_add(1);
        match character {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            '\n' => {}
            'u' => {
                let unit = |from: usize| {
                    let digits = rest.get(from..from.saturating_add(4))?;
                    u16::from_str_radix(digits, 16).ok()
                };
                let first = unit(2);
                length = if first.is_some() { 6 } else { 2 };
                let mut units = vec![first.unwrap_or(0xfffd)];
                // A high surrogate counts only together with the low one behind it.
                if first.is_some_and(|unit| (0xd800..0xdc00).contains(&unit))
                    && rest.get(6..8) == Some("\\u")
                    && let Some(second) = unit(8)
                {
                    units.push(second);
                    length = 12;
                }
                out.extend(
                    char::decode_utf16(units)
                        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)),
                );
            }
            other => out.push(other),
        }
        self.at = self.at.saturating_add(length);
    }

    /// Moves behind the container that starts here, without looking at what is in it.
    fn skip_container(&mut self) {
        let mut depth = 0_usize;
        loop {
            self.skip_blank();
            match self.peek() {
                None => return,
                Some(quote @ (b'"' | b'\'')) => self.skip_string(quote),
                Some(byte) => {
                    match byte {
                        b'{' | b'[' => depth = depth.saturating_add(1),
                        b'}' | b']' => depth = depth.saturating_sub(1),
                        _ => {
                            self.word();
                            continue;
                        }
                    }
                    self.at = self.at.saturating_add(1);
                    if depth == 0 {
                        return;
                    }
                }
            }
        }
    }

    fn skip_string(&mut self, quote: u8) {
        self.at = self.at.saturating_add(1);
        while let Some(byte) = self.peek() {
            let length = if byte == b'\\' { 2 } else { 1 };
            self.at = self.at.saturating_add(length);
            if byte == quote || byte == b'\n' {
                return;
            }
        }
    }
}

fn is_number(word: &str) -> bool {
    let digits = word.strip_prefix(['-', '+']).unwrap_or(word);
    let hexadecimal = digits
        .strip_prefix("0x")
        .or_else(|| digits.strip_prefix("0X"));
    match hexadecimal {
        Some(hexadecimal) => u64::from_str_radix(hexadecimal, 16).is_ok(),
        None => {
            matches!(digits, "NaN" | "Infinity")
                || (digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
                    && digits.parse::<f64>().is_ok())
        }
    }
}

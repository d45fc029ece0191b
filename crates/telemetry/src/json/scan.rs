//! The tokens of JSON.

use std::borrow::Cow;

use super::malformed;
use super::text::unescape;
use crate::limits::Refused;
use crate::value::Value;

/// A place in a document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scan<'a> {
    bytes: &'a [u8],
    pub(super) at: usize,
    /// Whether the document ended within something.
    pub(super) cut: bool,
}

impl<'a> Scan<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            cut: false,
        }
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// The next byte that is no space.
    pub(super) fn peek(&mut self) -> Option<u8> {
        let rest = self.rest();
        let skipped = rest
            .iter()
            .position(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
            .unwrap_or(rest.len());
        self.at = self.at.saturating_add(skipped);
        self.bytes.get(self.at).copied()
    }

    /// Whether nothing comes any more, where something should: that is a cut.
    pub(super) fn ended(&mut self) -> bool {
        let ended = self.peek().is_none();
        self.cut |= ended;
        ended
    }

    /// Past one byte.
    pub(super) fn step(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    /// A word that stands for a value.
    pub(super) fn word(
        &mut self,
        word: &'static [u8],
        value: Value<'a>,
    ) -> Result<Value<'a>, Refused> {
        let rest = self.rest();
        if rest.starts_with(word) {
            self.at = self.at.saturating_add(word.len());
            return Ok(value);
        }
        if word.starts_with(rest) {
            self.at = self.bytes.len();
            self.cut = true;
            return Ok(Value::Null);
        }
        Err(malformed(self.at))
    }

    /// A number, whole if it can be.
    pub(super) fn number(&mut self) -> Result<Value<'a>, Refused> {
        let rest = self.rest();
        if rest.starts_with(b"-I") {
            return self.word(b"-Infinity", Value::Null);
        }
        let length = rest
            .iter()
            .position(|byte| !matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
            .unwrap_or(rest.len());
        let digits = rest.get(..length).unwrap_or_default();
        let text = std::str::from_utf8(digits).unwrap_or_default();
        let value = if let Ok(number) = text.parse::<i64>() {
            Value::Int(number)
        } else if let Ok(number) = text.parse::<f64>() {
            Value::Float(number)
        } else if length == rest.len() && matches!(text.as_bytes().last(), Some(b'-' | b'.' | b'e'))
        {
            self.cut = true;
            Value::Null
        } else {
            return Err(malformed(self.at));
        };
        self.at = self.at.saturating_add(length);
        Ok(value)
    }

    /// A text, borrowed where it has no escapes.
    pub(super) fn string(&mut self) -> Result<Cow<'a, str>, Refused> {
        let start = self.at.saturating_add(1);
        let body = self.bytes.get(start..).unwrap_or_default();
        let mut escaped = false;
        let mut end = 0_usize;
        loop {
            let rest = body.get(end..).unwrap_or_default();
            let Some(found) = memchr::memchr2(b'"', b'\\', rest) else {
                self.cut = true;
                end = body.len();
                break;
            };
            end = end.saturating_add(found);
            if body.get(end) == Some(&b'"') {
                break;
            }
            escaped = true;
            if end.saturating_add(1) >= body.len() {
                self.cut = true;
                break;
            }
            end = end.saturating_add(2);
        }
        let raw = body.get(..end.min(body.len())).unwrap_or_default();
        self.at = start
            .saturating_add(end)
            .saturating_add(1)
            .min(self.bytes.len());
        if escaped {
            return unescape(raw, self.cut)
                .map(Cow::Owned)
                .ok_or_else(|| malformed(start));
        }
        match std::str::from_utf8(raw) {
            Ok(text) => Ok(Cow::Borrowed(text)),
            // A cut may go through a character.
            Err(error) if self.cut => {
                let valid = raw.get(..error.valid_up_to()).unwrap_or_default();
                Ok(Cow::Borrowed(
                    std::str::from_utf8(valid).unwrap_or_default(),
                ))
            }
            Err(_) => Ok(String::from_utf8_lossy(raw)),
        }
    }
}

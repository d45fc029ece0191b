//! The redactor for pieces that may end inside a character.

use super::{Policy, Redactor};

/// Redacts bytes. What is not UTF-8 becomes U+FFFD, one for each longest piece that could have begun a character, as the
/// decoders of the web do (Unicode 16, section 3.9, "maximal subparts"), whatever way the bytes are cut.
#[derive(Debug)]
pub struct BytesRedactor {
    redactor: Redactor,
    /// The begin of a character, three bytes at most.
    tail: Vec<u8>,
}

impl BytesRedactor {
    /// A redactor of one text.
    #[must_use]
    pub fn new(policy: &Policy) -> Self {
        Self {
            redactor: Redactor::new(policy),
            tail: Vec::new(),
        }
    }

    /// Takes the next piece, and gives on what is decided.
    pub fn push(&mut self, piece: &[u8], out: &mut String) {
        let mut bytes = std::mem::take(&mut self.tail);
        bytes.extend_from_slice(piece);
        let mut rest = bytes.as_slice();
        let mut text = String::with_capacity(rest.len());
        loop {
            match str::from_utf8(rest) {
                Ok(valid) => {
                    text.push_str(valid);
                    break;
                }
                Err(error) => {
                    let (valid, after) = rest
                        .split_at_checked(error.valid_up_to())
                        .unwrap_or((rest, &[]));
                    text.push_str(str::from_utf8(valid).unwrap_or_default());
                    let Some(length) = error.error_len() else {
                        self.tail = after.to_vec();
                        break;
                    };
                    text.push(char::REPLACEMENT_CHARACTER);
                    rest = after.get(length..).unwrap_or_default();
                }
            }
        }
        self.redactor.push(&text, out);
    }

    /// Ends the text, and gives on the rest.
    pub fn finish(&mut self, out: &mut String) {
        if !self.tail.is_empty() {
            self.tail.clear();
            self.redactor.push("\u{fffd}", out);
        }
        self.redactor.finish(out);
    }

    /// What was found, with ranges in the text as UTF-8.
    #[must_use]
    pub fn found(&self) -> &[crate::entities::Entity] {
        self.redactor.found()
    }

    /// Bytes that came and were not given on.
    #[must_use]
    pub fn held(&self) -> usize {
        self.redactor.held().saturating_add(self.tail.len())
    }
}

//! SQL as words and signs.

use std::ops::Range;

/// A word or sign of SQL.
#[derive(Clone, Debug)]
pub(super) struct Token<'t> {
    /// In small letters and without quotes where it is a word.
    pub(super) word: String,
    pub(super) sign: u8,
    pub(super) at: Range<usize>,
    pub(super) written: &'t str,
}

impl Token<'_> {
    pub(super) fn is(&self, word: &str) -> bool {
        self.sign == 0 && self.word == word
    }
}

/// The words and signs of a text; in code the quotes around statements are no part of them.
pub(super) fn tokens(text: &str, in_code: bool) -> Vec<Token<'_>> {
    let bytes = text.as_bytes();
    let mut all = Vec::new();
    let mut at = 0_usize;
    let part =
        |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80;
    while let Some(byte) = bytes.get(at).copied() {
        let rest = bytes.get(at..).unwrap_or_default();
        let next = at.saturating_add(1);
        let skip_to = |end: Option<usize>, length: usize| {
            end.map_or(bytes.len(), |end| {
                at.saturating_add(end).saturating_add(length)
            })
        };
        if rest.starts_with(b"--") {
            at = skip_to(memchr::memchr(b'\n', rest), 1);
        } else if rest.starts_with(b"/*") {
            at = skip_to(memchr::memmem::find(rest, b"*/"), 2);
        } else if byte == b'\'' && !in_code {
            let inside = rest.get(1..).unwrap_or_default();
            at = skip_to(memchr::memchr(b'\'', inside), 2);
        } else if matches!(byte, b'"' | b'`') && !in_code {
            let inside = rest.get(1..).unwrap_or_default();
            let Some(length) = memchr::memchr(byte, inside) else {
                break;
            };
            let end = next.saturating_add(length);
            if let Some(written) = text.get(next..end) {
                all.push(Token {
                    word: written.to_ascii_lowercase(),
                    sign: 0,
                    at: next..end,
                    written,
                });
            }
            at = end.saturating_add(1);
        } else if part(byte) {
            let length = rest.iter().take_while(|byte| part(**byte)).count();
            let end = at.saturating_add(length);
            if let Some(written) = text.get(at..end) {
                all.push(Token {
                    word: written.to_ascii_lowercase(),
                    sign: 0,
                    at: at..end,
                    written,
                });
            }
            at = end;
        } else {
            if !(byte.is_ascii_whitespace() || in_code && matches!(byte, b'"' | b'\'' | b'`')) {
                all.push(Token {
                    word: String::new(),
                    sign: byte,
                    at: at..next,
                    written: "",
                });
            }
            at = next;
        }
    }
    all
}

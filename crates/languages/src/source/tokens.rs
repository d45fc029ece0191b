//! Words, texts and signs of a source, by what languages say about comments and quotes. Nothing here recurses, so
//! nothing nests too deeply.

use std::ops::Range;

/// A language, as far as its words are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Go,
    Java,
    Kotlin,
    CSharp,
    Rust,
    Ruby,
    Php,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// A name or number.
    Word,
    /// A text without its quotes; `whole` when nothing is put into it.
    Text {
        text: String,
        whole: bool,
    },
    Sign(u8),
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub kind: Kind,
    pub at: Range<usize>,
}

/// Most tokens of one file.
const MOST: usize = 400_000;

/// The tokens of a source, and whether all of it was read.
pub(super) fn tokens(source: &str, dialect: Dialect) -> (Vec<Token>, bool) {
    let mut lexer = Lexer {
        bytes: source.as_bytes(),
        source,
        at: 0,
        dialect,
        found: Vec::new(),
    };
    while lexer.at < lexer.bytes.len() && lexer.found.len() < MOST {
        let before = lexer.at;
        lexer.next();
        lexer.at = lexer.at.max(before.saturating_add(1));
    }
    let whole = lexer.at >= lexer.bytes.len();
    (lexer.found, whole)
}

struct Lexer<'s> {
    bytes: &'s [u8],
    source: &'s str,
    at: usize,
    dialect: Dialect,
    found: Vec<Token>,
}

impl Lexer<'_> {
    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn peek(&self, ahead: usize) -> u8 {
        let at = self.at.saturating_add(ahead);
        self.bytes.get(at).copied().unwrap_or_default()
    }

    fn push(&mut self, kind: Kind, start: usize) {
        self.found.push(Token {
            kind,
            at: start..self.at,
        });
    }

    fn next(&mut self) {
        let start = self.at;
        let byte = self.peek(0);
        if byte.is_ascii_whitespace() {
            self.at = start.saturating_add(1);
            return;
        }
        if self.comment(byte) || self.text(byte) {
            return;
        }
        if is_word(byte) || (byte == b'$' && is_word(self.peek(1))) {
            self.at = start.saturating_add(1);
            while is_word(self.peek(0)) {
                self.at = self.at.saturating_add(1);
            }
            return self.push(Kind::Word, start);
        }
        self.at = start.saturating_add(1);
        self.push(Kind::Sign(byte), start);
    }

    fn comment(&mut self, byte: u8) -> bool {
        let hash = matches!(self.dialect, Dialect::Ruby | Dialect::Php);
        // `#[attribute]` of PHP is none.
        let line = self.rest().starts_with(b"//") && self.dialect != Dialect::Ruby
            || (byte == b'#' && hash && self.peek(1) != b'[');
        if line {
            let length = memchr::memchr(b'\n', self.rest()).unwrap_or(self.rest().len());
            self.at = self.at.saturating_add(length);
            return true;
        }
        if self.rest().starts_with(b"/*") && self.dialect != Dialect::Ruby {
            let inner = self.rest().get(2..).unwrap_or_default();
            let length =
                memchr::memmem::find(inner, b"*/").map_or(inner.len(), |it| it.saturating_add(2));
            self.at = self.at.saturating_add(length).saturating_add(2);
            return true;
        }
        false
    }

    fn text(&mut self, byte: u8) -> bool {
        let start = self.at;
        match self.dialect {
            Dialect::Go if byte == b'`' => self.until(b"`", 1, start),
            Dialect::Rust if byte == b'r' && matches!(self.peek(1), b'"' | b'#') => {
                let hashes = self
                    .rest()
                    .iter()
                    .skip(1)
                    .take_while(|it| **it == b'#')
                    .count();
                if self.peek(hashes.saturating_add(1)) != b'"' || hashes > 16 {
                    return false;
                }
                let mut end = vec![b'"'];
                end.extend(std::iter::repeat_n(b'#', hashes));
                self.until(&end, hashes.saturating_add(2), start);
            }
            Dialect::Java | Dialect::Kotlin | Dialect::CSharp
                if self.rest().starts_with(b"\"\"\"") =>
            {
                self.until(b"\"\"\"", 3, start);
            }
            // As many dollars as braces that make a hole.
            Dialect::CSharp if byte == b'$' && self.opens_raw_text() => {
                let dollars = self.rest().iter().take_while(|it| **it == b'$').count();
                self.until(b"\"\"\"", dollars.saturating_add(3), start);
                self.may_have_holes();
            }
            Dialect::CSharp if byte == b'@' && self.peek(1) == b'"' => self.verbatim(2, start),
            Dialect::CSharp
                if matches!((byte, self.peek(1)), (b'@', b'$') | (b'$', b'@'))
                    && self.peek(2) == b'"' =>
            {
                self.verbatim(3, start);
                self.may_have_holes();
            }
            Dialect::CSharp if byte == b'$' && self.peek(1) == b'"' => {
                self.at = start.saturating_add(1);
                self.quoted(b'"', start);
            }
            // A character, or a lifetime.
            Dialect::Rust | Dialect::Go | Dialect::Java | Dialect::Kotlin | Dialect::CSharp
                if byte == b'\'' =>
            {
                if self.peek(1) == b'\\' {
                    let length = memchr::memchr(b'\'', self.rest().get(2..).unwrap_or_default());
                    let length = length.filter(|it| *it < 12).unwrap_or(0);
                    self.at = start.saturating_add(3).saturating_add(length);
                } else if self.peek(2) == b'\'' {
                    self.at = start.saturating_add(3);
                } else {
                    self.at = start.saturating_add(1);
                }
            }
            Dialect::Ruby | Dialect::Php if byte == b'\'' => self.quoted(b'\'', start),
            _ if byte == b'"' => self.quoted(b'"', start),
            _ => return false,
        }
        true
    }

    /// Whether dollars and three quotes follow.
    fn opens_raw_text(&self) -> bool {
        let dollars = self.rest().iter().take_while(|it| **it == b'$').count();
        let behind = self.rest().get(dollars..).unwrap_or_default();
        behind.starts_with(b"\"\"\"")
    }

    /// A text without escapes, to its end.
    fn until(&mut self, end: &[u8], opening: usize, start: usize) {
        let from = start.saturating_add(opening);
        let rest = self.bytes.get(from..).unwrap_or_default();
        let length = memchr::memmem::find(rest, end).unwrap_or(rest.len());
        let text = self.source.get(from..from.saturating_add(length));
        let text = text.unwrap_or_default().to_owned();
        self.at = from.saturating_add(length).saturating_add(end.len());
        self.push(Kind::Text { text, whole: true }, start);
    }

    /// A text over several lines in which only a quote is escaped, by another one.
    fn verbatim(&mut self, opening: usize, start: usize) {
        let from = start.saturating_add(opening);
        let mut end = from;
        loop {
            let rest = self.bytes.get(end..).unwrap_or_default();
            let Some(quote) = memchr::memchr(b'"', rest) else {
                end = self.bytes.len();
                break;
            };
            end = end.saturating_add(quote);
            if self.bytes.get(end.saturating_add(1)) != Some(&b'"') {
                break;
            }
            end = end.saturating_add(2);
        }
        let text = self.source.get(from..end).unwrap_or_default();
        let text = text.replace("\"\"", "\"");
        self.at = end.saturating_add(1).min(self.bytes.len());
        self.push(Kind::Text { text, whole: true }, start);
    }

    /// The text that was read last is one into which values are put.
    fn may_have_holes(&mut self) {
        if let Some(Token {
            kind: Kind::Text { text, whole },
            ..
        }) = self.found.last_mut()
        {
            *whole &= !text.contains('{');
        }
    }

    /// A text with escapes.
    fn quoted(&mut self, quote: u8, start: usize) {
        self.at = self.at.saturating_add(1);
        let mut text = String::new();
        let mut whole = true;
        let several = matches!(self.dialect, Dialect::Rust | Dialect::Ruby | Dialect::Php);
        let mut from = self.at;
        while self.at < self.bytes.len() {
            let byte = self.peek(0);
            let hole = match self.dialect {
                Dialect::Ruby => byte == b'#' && self.peek(1) == b'{' && quote == b'"',
                Dialect::Php => byte == b'$' && quote == b'"',
                Dialect::Kotlin => byte == b'$',
                Dialect::CSharp => byte == b'{',
                _ => false,
            };
            whole &= !hole;
            match byte {
                b'\\' => {
                    text.push_str(self.source.get(from..self.at).unwrap_or_default());
                    let escaped = self.peek(1);
                    text.push(match escaped {
                        b'n' => '\n',
                        b't' => '\t',
                        other if other.is_ascii() => char::from(other),
                        _ => char::REPLACEMENT_CHARACTER,
                    });
                    self.at = self.at.saturating_add(2);
                    while !self.source.is_char_boundary(self.at.min(self.source.len())) {
                        self.at = self.at.saturating_add(1);
                    }
                    from = self.at;
                }
                b'\n' if !several => break,
                byte if byte == quote => break,
                _ => self.at = self.at.saturating_add(1),
            }
        }
        let end = self.at.min(self.bytes.len());
        text.push_str(self.source.get(from..end).unwrap_or_default());
        self.at = end.saturating_add(1).min(self.bytes.len());
        self.push(Kind::Text { text, whole }, start);
    }
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

//! XML as tokens with places. Nothing is expanded, fetched or validated: what a document would make
//! its reader expand or fetch is what is looked for.
//!
//! See <https://www.w3.org/TR/xml/>.

mod doctype;
mod hazards;
#[cfg(test)]
mod tests;

use std::ops::Range;

pub(crate) use hazards::Hazards;

/// A piece of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// `<?target content?>`, the XML declaration too.
    Instruction,
    /// `<!DOCTYPE …>`, its internal subset included.
    Doctype,
    /// `<name …>` or `<name …/>`.
    Start {
        /// Where the name stands.
        name: Range<usize>,
        /// Whether it is empty: no end tag follows.
        empty: bool,
    },
    /// `</name>`.
    End,
    /// Characters between tags.
    Text,
    /// `<![CDATA[…]]>`.
    CData,
    /// `<!-- … -->`, and declarations outside of a document type.
    Comment,
    /// Markup that does not end.
    Broken,
}

/// The tokens of a document in order, with the bytes each takes. Every byte is looked at once.
pub(crate) struct Tokens<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Tokens<'t> {
    pub(crate) const fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'t [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// Moves behind `close`, or to the end of the text when it does not come.
    fn until(&mut self, from: usize, close: &[u8]) -> bool {
        let rest = self.rest().get(from..).unwrap_or_default();
        match memchr::memmem::find(rest, close) {
            Some(found) => {
                let taken = from.saturating_add(found).saturating_add(close.len());
                self.at = self.at.saturating_add(taken);
                true
            }
            None => {
                self.at = self.text.len();
                false
            }
        }
    }

    /// Moves behind the `>` that ends a tag; one inside quotes does not.
    fn tag(&mut self) -> bool {
        let mut quote = None;
        for (index, byte) in self.rest().iter().enumerate() {
            match (quote, byte) {
                (None, b'"' | b'\'') => quote = Some(*byte),
                (Some(open), byte) if open == *byte => quote = None,
                (None, b'>') => {
                    self.at = self.at.saturating_add(index).saturating_add(1);
                    return true;
                }
                _ => {}
            }
        }
        self.at = self.text.len();
        false
    }
}

impl Iterator for Tokens<'_> {
    type Item = (Token, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.at;
        let rest = self.rest();
        if rest.is_empty() {
            return None;
        }
        if rest.first() != Some(&b'<') {
            self.at = memchr::memchr(b'<', rest)
                .map_or(self.text.len(), |found| start.saturating_add(found));
            return Some((Token::Text, start..self.at));
        }
        let (token, whole) = if rest.starts_with(b"<!--") {
            (Token::Comment, self.until(4, b"-->"))
        } else if rest.starts_with(b"<![CDATA[") {
            (Token::CData, self.until(9, b"]]>"))
        } else if rest.starts_with(b"<?") {
            (Token::Instruction, self.until(2, b"?>"))
        } else if rest
            .get(..9)
            .is_some_and(|open| open.eq_ignore_ascii_case(b"<!DOCTYPE"))
        {
            let end = doctype::end(rest);
            self.at = end.map_or(self.text.len(), |end| start.saturating_add(end));
            (Token::Doctype, end.is_some())
        } else if rest.starts_with(b"<!") {
            (Token::Comment, self.tag())
        } else if rest.starts_with(b"</") {
            (Token::End, self.tag())
        } else {
            let name = name_end(rest.get(1..).unwrap_or_default()).saturating_add(1);
            let whole = self.tag();
            let inner = self.text.as_bytes().get(start..self.at).unwrap_or_default();
            let token = Token::Start {
                name: start.saturating_add(1)..start.saturating_add(name),
                empty: inner.ends_with(b"/>"),
            };
            (token, whole)
        };
        let token = if whole { token } else { Token::Broken };
        Some((token, start..self.at))
    }
}

/// How long the name is that bytes begin with.
fn name_end(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/' | b'='))
        .unwrap_or(bytes.len())
}

/// The attributes of a start tag or an instruction: name and value as written, with the place of the value.
pub(crate) fn attributes(
    text: &str,
    tag: Range<usize>,
) -> impl Iterator<Item = (&str, &str, Range<usize>)> {
    let inner = text.get(tag.clone()).unwrap_or_default();
    let mut at = inner
        .find(|c: char| c.is_ascii_whitespace())
        .unwrap_or(inner.len());
    std::iter::from_fn(move || {
        let rest = inner.get(at..)?;
        let begin = at.saturating_add(rest.len().saturating_sub(rest.trim_start().len()));
        let rest = inner.get(begin..)?;
        let equals = rest.find('=')?;
        let name = rest.get(..equals)?.trim_end();
        let behind = rest.get(equals.saturating_add(1)..)?;
        let value = behind.trim_start();
        let quote = value
            .chars()
            .next()
            .filter(|quote| matches!(quote, '"' | '\''))?;
        let open = begin
            .saturating_add(equals)
            .saturating_add(2)
            .saturating_add(behind.len().saturating_sub(value.len()));
        let body = inner.get(open..)?;
        let length = body.find(quote)?;
        at = open.saturating_add(length).saturating_add(1);
        let start = tag.start.saturating_add(open);
        Some((
            name,
            body.get(..length)?,
            start..start.saturating_add(length),
        ))
    })
}

/// The name without its prefix.
pub(crate) fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// The text of a document, as XML readers find out how it is written: by the mark at its start, or
/// by how its first character looks in UTF-16.
pub(crate) fn decode(bytes: &[u8]) -> stance_read::Text<'_> {
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [b'<', 0, _, 0, ..] => u16::from_le_bytes,
        [0, b'<', 0, _, ..] => u16::from_be_bytes,
        _ => return stance_read::Text::decode(bytes),
    };
    let (pairs, _) = bytes.as_chunks::<2>();
    let text: String = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    stance_read::Text::new(text)
}

/// Whether a file begins as XML whose root element, or document type, is called `root`; in any encoding
/// with a byte-order mark.
pub(crate) fn begins_with_root(head: &[u8], root: &str) -> bool {
    let body = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    if matches!(head, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
        let text = stance_read::Text::decode(head.get(..4096).unwrap_or(head));
        return has_root(text.as_str(), root);
    }
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    first == Some(&b'<')
        && memchr::memmem::find(body, root.as_bytes()).is_some()
        && has_root(&String::from_utf8_lossy(body), root)
}

/// Whether the first element of a text is called `root`.
fn has_root(text: &str, root: &str) -> bool {
    Tokens::new(text).find_map(|(token, span)| match token {
        Token::Start { name, .. } => Some(text.get(name).map(local) == Some(root)),
        // The head may end inside of the document type or of a long tag.
        Token::Broken => {
            let rest = text.get(span).unwrap_or_default();
            let begin = rest.trim_start_matches(['<', '!']);
            Some(begin.starts_with(root) || begin.starts_with("DOCTYPE"))
        }
        _ => None,
    }) == Some(true)
}

/// What follows the end of the root element in a file, if it is more than comments and blanks.
pub(crate) fn behind_root(
    input: &stance_read::Input<'_>,
    bytes: &[u8],
    root: &str,
) -> Option<stance_core::fact::Anomaly> {
    // In UTF-16 the tag is not found, and a document that ends early has none.
    let close = format!("</{root}");
    let at = memchr::memmem::rfind(bytes, close.as_bytes())?;
    let rest = bytes.get(at..)?;
    let end = at
        .saturating_add(memchr::memchr(b'>', rest)?)
        .saturating_add(1);
    let behind = bytes.get(end..)?;
    let text = std::str::from_utf8(behind);
    let harmless = text.is_ok_and(|text| {
        Tokens::new(text).all(|(token, span)| match token {
            Token::Comment | Token::Instruction => true,
            Token::Text => text
                .get(span)
                .is_some_and(|blank| blank.trim_matches(['\0', '\u{feff}']).trim().is_empty()),
            _ => false,
        })
    });
    if harmless {
        return None;
    }
    let mut window = stance_read::window::Window::new(input, 4096);
    crate::unclaimed::anomaly(
        input,
        &mut window,
        end as u64,
        input.len(),
        "behind the root element",
    )
}

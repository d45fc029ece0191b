//! The values in a text by which a call does its work: addresses, links, account numbers, ids, paths.
//!
//! Each is brought into one form, so that `DE89 3704 0044` and `de8937040044` are the same, and so are the base64 of a text,
//! its URL encoding and the text itself.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::fold::fold;

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An e-mail address.
    Email,
    /// A link or the name of a host.
    Link,
    /// A number of an account, a telephone or a card, or another id that holds digits.
    Number,
    /// A path of files.
    Path,
    /// A handle: `@somebody`, `#channel`.
    Handle,
}

impl Kind {
    /// Whether it says where something goes.
    #[must_use]
    pub const fn is_destination(self) -> bool {
        matches!(self, Self::Email | Self::Link | Self::Number | Self::Handle)
    }
}

/// Longest value, in bytes of the text.
const LONGEST: usize = 512;

/// Most bytes of a text that are decoded.
const DECODED: usize = 1 << 16;

/// Hands every value of `text` to `each` in its one form, with the bytes that it takes.
pub fn values(text: &str, mut each: impl FnMut(&str, Kind, std::ops::Range<usize>)) {
    let mut form = String::new();
    let mut group = Group::default();
    let mut next = 0_usize;
    while let Some(piece) = piece_from(text, next) {
        next = offset(text, piece).saturating_add(piece.len());
        let is_path = piece.starts_with('/');
        let piece = piece.trim_matches(|character: char| {
            matches!(
                character,
                '.' | ':' | '!' | '?' | '*' | '-' | '=' | '/' | '\u{2019}'
            ) && !(character == '/' && is_path)
        });
        if piece.len() > LONGEST || !piece.bytes().any(may_mark_a_value) {
            group.end(&mut each);
            continue;
        }
        let start = offset(text, piece);
        let range = start..start.saturating_add(piece.len());
        group.take(piece, &range, &mut each);
        if let Some(kind) = kind(piece) {
            form.clear();
            normal(piece, kind, &mut form);
            if !form.is_empty() {
                each(&form, kind, range.clone());
                if kind == Kind::Link
                    && let Some(host) = host(&form)
                    && host.len() < form.len()
                {
                    each(host, kind, range);
                }
            }
        }
    }
    group.end(&mut each);
}

/// The first piece behind byte `from` that a value may be: most are words, which no value is.
fn piece_from(text: &str, from: usize) -> Option<&str> {
    let bytes = text.as_bytes();
    let class = |byte: &u8| CLASSES.get(usize::from(*byte)).copied().unwrap_or(0);
    let rest = bytes.get(from..)?;
    let mark = from.saturating_add(rest.iter().position(|byte| class(byte) == MARK)?);
    let is_border_at = |at: usize| {
        let character = text.get(at..).and_then(|rest| rest.chars().next());
        character.filter(|character| is_border(*character))
    };
    let mut start = mark;
    while start > from {
        let before = start.wrapping_sub(1);
        match bytes.get(before).map_or(BORDER, class) {
            BORDER => break,
            WIDE if is_border_at(before).is_some() => {
                start = before.saturating_add(is_border_at(before).map_or(1, char::len_utf8));
                break;
            }
            _ => start = before,
        }
    }
    let mut end = mark;
    while let Some(byte) = bytes.get(end) {
        match class(byte) {
            BORDER => break,
            WIDE if is_border_at(end).is_some() => break,
            _ => end = end.wrapping_add(1),
        }
    }
    text.get(start..end)
}

/// What stands within a value and not in a mere word.
const MARK: u8 = 1;
/// What never stands within a value.
const BORDER: u8 = 2;
/// A byte with which a character outside of ASCII begins that may be a border.
const WIDE: u8 = 3;

static CLASSES: [u8; 256] = classes();

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "evaluated by the compiler, over all 256 bytes"
)]
const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        classes[at] = if may_mark_a_value(byte) {
            MARK
        } else if byte < 128 && is_border(byte as char) {
            BORDER
        } else if matches!(byte, 0xC2 | 0xE2 | 0xE3 | 0xEF) {
            WIDE
        } else {
            0
        };
        at += 1;
    }
    classes
}

/// Whether a value may hold this byte and a mere word does not.
const fn may_mark_a_value(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'@' | b'#' | b'.' | b'/' | b'\\')
}

/// Where `part`, which was cut out of `text`, stands in it.
fn offset(text: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
}

/// What never stands within a value.
const fn is_border(character: char) -> bool {
    matches!(
        character,
        ' ' | '\n'
            | '\t'
            | '\r'
            | '"'
            | '\''
            | '<'
            | '>'
            | '('
            | ')'
            | '['
            | ']'
            | '{'
            | '}'
            | ','
            | ';'
            | '|'
            | '`'
            | '\u{201c}'
            | '\u{201d}'
            | '\u{ab}'
            | '\u{bb}'
            | '\u{3000}'..='\u{303f}' | '\u{ff01}' | '\u{ff0c}' | '\u{ff1a}'
    )
}

/// What kind of value a piece without blanks is.
#[must_use]
pub fn kind(piece: &str) -> Option<Kind> {
    if piece.len() < 2 {
        return None;
    }
    let digits = piece.bytes().filter(u8::is_ascii_digit).count();
    if let Some((local, domain)) = piece.rsplit_once('@') {
        return if local.is_empty() {
            Some(Kind::Handle)
        } else {
            domain.contains('.').then_some(Kind::Email)
        };
    }
    if piece.starts_with('#') && piece.len() > 2 {
        return Some(Kind::Handle);
    }
    if piece.contains("://") || piece.starts_with("www.") || is_domain(piece) {
        return Some(Kind::Link);
    }
    if piece.contains('/') && piece.len() > 3 || piece.contains('\\') || is_file_name(piece) {
        return Some(Kind::Path);
    }
    let decimal = piece.contains(['.', ','])
        && piece
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b".,".contains(&byte));
    (digits >= 3
        && !decimal
        && piece
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-_.:#".contains(&byte)))
    .then_some(Kind::Number)
}

/// `example.com`, `sub.example.org/path`: names with dots between letters, the last of them a plausible top-level domain.
fn is_domain(piece: &str) -> bool {
    let host = piece.split(['/', '?']).next().unwrap_or_default();
    let Some((name, last)) = host.rsplit_once('.') else {
        return false;
    };
    !name.is_empty()
        && (2..=6).contains(&last.len())
        && last.bytes().all(|byte| byte.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.')
        && !is_file_name(host)
}

fn is_file_name(piece: &str) -> bool {
    const ENDINGS: [&str; 34] = [
        "txt", "pdf", "doc", "docx", "xls", "xlsx", "csv", "tsv", "md", "json", "yaml", "yml",
        "toml", "xml", "html", "htm", "py", "rs", "js", "ts", "sh", "sql", "log", "png", "jpg",
        "jpeg", "gif", "zip", "tar", "gz", "ppt", "pptx", "env", "ini",
    ];
    piece.rsplit_once('.').is_some_and(|(name, ending)| {
        !name.is_empty()
            && ENDINGS
                .iter()
                .any(|known| known.eq_ignore_ascii_case(ending))
    })
}

/// The one form of a value.
fn normal(piece: &str, kind: Kind, out: &mut String) {
    match kind {
        Kind::Number => {
            for character in piece.chars().filter(|c| c.is_alphanumeric()) {
                out.extend(character.to_lowercase());
            }
        }
        Kind::Link => {
            let piece = piece.split_once("://").map_or(piece, |(_, rest)| rest);
            let piece = piece.strip_prefix("www.").unwrap_or(piece);
            fold(piece.trim_end_matches('/'), out);
        }
        Kind::Email => {
            let piece = piece.strip_prefix("mailto:").unwrap_or(piece);
            fold(piece, out);
        }
        Kind::Handle => fold(piece.trim_start_matches(['@', '#']), out),
        Kind::Path => fold(piece.trim_start_matches("./"), out),
    }
}

/// The host of a link in its one form.
#[must_use]
pub fn host(form: &str) -> Option<&str> {
    let host = form.split(['/', '?', '#', ':']).next()?;
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    (!host.is_empty()).then_some(host)
}

/// Digits that stand in groups, as in account and telephone numbers.
#[derive(Default)]
struct Group {
    form: String,
    groups: usize,
    range: std::ops::Range<usize>,
}

impl Group {
    fn take(
        &mut self,
        piece: &str,
        range: &std::ops::Range<usize>,
        each: &mut impl FnMut(&str, Kind, std::ops::Range<usize>),
    ) {
        let fits = (2..=8).contains(&piece.len())
            && piece.bytes().any(|byte| byte.is_ascii_digit())
            && piece
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase() || byte == b'+')
            && self.form.len() < 40;
        let next = self.groups == 0 || range.start == self.range.end.saturating_add(1);
        if !fits || !next {
            self.end(each);
        }
        if fits {
            if self.groups == 0 {
                self.range = range.clone();
            }
            self.range.end = range.end;
            self.groups = self.groups.saturating_add(1);
            self.form.extend(
                piece
                    .chars()
                    .filter(char::is_ascii_alphanumeric)
                    .map(|character| character.to_ascii_lowercase()),
            );
        }
    }

    fn end(&mut self, each: &mut impl FnMut(&str, Kind, std::ops::Range<usize>)) {
        if self.groups > 1 && self.form.len() >= 7 {
            each(&self.form, Kind::Number, self.range.clone());
        }
        self.form.clear();
        self.groups = 0;
    }
}

/// What a text may stand for: itself, and what it says when its encodings are undone, at most two deep.
#[must_use]
pub fn forms(text: &str) -> Vec<Cow<'_, str>> {
    let mut all = vec![Cow::Borrowed(text)];
    let mut at = 0_usize;
    while let Some(form) = all.get(at)
        && at < 3
    {
        let decoded = [
            percent(form),
            escapes(form),
            base64(form),
            hexadecimal(form),
        ];
        for decoded in decoded.into_iter().flatten() {
            if all.len() < 6 && !all.iter().any(|known| *known == decoded) {
                all.push(Cow::Owned(decoded));
            }
        }
        at = at.saturating_add(1);
    }
    all
}

/// Undoes `%2F`, where there is any.
fn percent(text: &str) -> Option<String> {
    if !text.contains('%') || text.len() > DECODED {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    let mut changed = false;
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let pair = (ahead.next().and_then(nibble), ahead.next().and_then(nibble));
        if byte == b'%'
            && let (Some(high), Some(low)) = pair
        {
            bytes.push(high << 4 | low);
            rest = ahead;
            changed = true;
        } else {
            bytes.push(byte);
        }
    }
    changed.then(|| String::from_utf8(bytes).ok()).flatten()
}

/// Undoes the escapes of JSON within a text.
fn escapes(text: &str) -> Option<String> {
    if !text.contains('\\') || text.len() > DECODED {
        return None;
    }
    let quoted = format!("\"{}\"", text.replace('\n', "\\n").replace('"', "\\\""));
    let decoded: String = serde_json::from_str(&quoted).ok()?;
    (decoded != text).then_some(decoded)
}

/// Undoes base64 of either alphabet, if something legible comes out.
fn base64(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches('=');
    if text.len() < 12 || text.len() > DECODED {
        return None;
    }
    let mut bytes = Vec::new();
    let mut bits = 0_u32;
    let mut held = 0_u32;
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte.wrapping_sub(b'A'),
            b'a'..=b'z' => byte.wrapping_sub(b'a').wrapping_add(26),
            b'0'..=b'9' => byte.wrapping_sub(b'0').wrapping_add(52),
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'\n' | b'\r' => continue,
            _ => return None,
        };
        held = (held << 6 | u32::from(value)) & 0xffff;
        bits = bits.wrapping_add(6);
        if bits >= 8 {
            bits = bits.wrapping_sub(8);
            bytes.push(u8::try_from(held.unbounded_shr(bits) & 0xff).unwrap_or_default());
        }
    }
    legible(bytes)
}

/// Undoes bytes written in hexadecimal, if something legible comes out.
fn hexadecimal(text: &str) -> Option<String> {
    let text = text.trim();
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return None;
    };
    if pairs.len() < 6 || text.len() > DECODED {
        return None;
    }
    let bytes = pairs
        .iter()
        .map(|[high, low]| Some(nibble(*high)? << 4 | nibble(*low)?));
    legible(bytes.collect::<Option<_>>()?)
}

fn nibble(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

/// As a text, if people could read it.
fn legible(bytes: Vec<u8>) -> Option<String> {
    let text = String::from_utf8(bytes).ok()?;
    let good = |character: char| !character.is_control() || matches!(character, '\n' | '\t' | '\r');
    (text.len() >= 6 && text.chars().all(good)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, Kind)> {
        let mut all = Vec::new();
        values(text, |form, kind, range| {
            assert!(text.get(range).is_some());
            all.push((form.to_owned(), kind));
        });
        all
    }

    #[test]
    fn values_are_known_and_brought_into_one_form() {
        let all = found(
            "Mail Bob@Example.com, see https://www.Example.org/a/, pay DE89 3704 0044 0532 0130 00; \
             file /etc/passwd and notes.txt, order A-1234, #general.",
        );
        for (form, kind) in [
            ("bob@example.com", Kind::Email),
            ("example.org/a", Kind::Link),
            ("example.org", Kind::Link),
            ("de89370400440532013000", Kind::Number),
            ("/etc/passwd", Kind::Path),
            ("notes.txt", Kind::Path),
            ("a1234", Kind::Number),
            ("general", Kind::Handle),
        ] {
            assert!(all.contains(&(form.to_owned(), kind)), "{form}: {all:?}");
        }
        assert_eq!(found("nothing to see, e.g. here"), []);
    }

    #[test]
    fn encodings_are_undone_also_within_each_other() {
        for (encoded, plain) in [
            ("bob%40example.com", "bob@example.com"),
            ("Ym9iQGV4YW1wbGUuY29t", "bob@example.com"),
            ("626f62406578616d706c652e636f6d", "bob@example.com"),
            ("bob\\u0040example.com", "bob@example.com"),
            ("Ym9iJTQwZXhhbXBsZS5jb20", "bob@example.com"),
        ] {
            let all = forms(encoded);
            assert!(all.iter().any(|form| form == plain), "{encoded}: {all:?}");
        }
        assert_eq!(forms("plain words"), ["plain words"]);
    }
}

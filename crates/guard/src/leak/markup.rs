//! Output that acts where it is shown: escapes of terminals, scripts, and HTML that loads or runs something.

use super::Signal;

/// Tags that run or load something.
const TAGS: &[&str] = &[
    "script", "iframe", "object", "embed", "applet", "meta", "link", "base", "form", "svg",
    "style", "frame", "frameset", "math", "template", "portal",
];

/// What acts in a text: `leak/terminal-escape`, `leak/script`, `leak/active-html`, `leak/bidi-control`.
#[must_use]
pub fn markup(text: &str) -> Vec<Signal> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut code = false;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            // Between fences stands code that is shown, not run.
            b'`' if bytes.get(at..at.saturating_add(3)) == Some(b"```")
                && at
                    .checked_sub(1)
                    .is_none_or(|before| bytes.get(before) == Some(&b'\n')) =>
            {
                code = !code;
            }
            0x1b => found.push(escape(text, at)),
            // The same sequences in one byte (ECMA-48), as UTF-8.
            0xc2 if matches!(bytes.get(at.saturating_add(1)), Some(0x9b | 0x9d | 0x90)) => {
                found.push(Signal::new(
                    "leak/terminal-escape",
                    at..at.saturating_add(2),
                    85,
                ));
            }
            0xe2 if is_bidi(bytes, at) => {
                found.push(Signal::new(
                    "leak/bidi-control",
                    at..at.saturating_add(3),
                    60,
                ));
            }
            b'<' if !code => found.extend(tag(text, at)),
            b':' if !code => found.extend(scheme(text, at)),
            _ => {}
        }
    }
    found
}

/// A sequence of a terminal: those that set a title, a link or the clipboard, or move over what was shown, are worse
/// than colours.
fn escape(text: &str, at: usize) -> Signal {
    let bytes = text.as_bytes();
    let rest = bytes.get(at.saturating_add(1)..).unwrap_or_default();
    let (length, score) = match rest.first() {
        Some(b'[') => {
            let body = rest
                .iter()
                .skip(1)
                .take(32)
                .take_while(|byte| (0x20..0x40).contains(*byte))
                .count();
            let last = rest.get(body.saturating_add(1)).copied();
            (
                body.saturating_add(2),
                if last == Some(b'm') { 70 } else { 90 },
            )
        }
        Some(b']' | b'P' | b'_' | b'^' | b'X') => {
            let body = rest
                .iter()
                .take(4096)
                .take_while(|byte| !matches!(byte, 0x07 | 0x1b))
                .count();
            (body.saturating_add(1), 95)
        }
        Some(_) => (1, 75),
        None => (0, 60),
    };
    let end = at.saturating_add(1).saturating_add(length);
    // What stands behind it may be a character of many bytes.
    let end = text.floor_char_boundary(end);
    Signal::new("leak/terminal-escape", at..end, score)
}

/// U+202A to U+202E and U+2066 to U+2069: they show words in another order than they are read.
fn is_bidi(bytes: &[u8], at: usize) -> bool {
    matches!(
        bytes.get(at.saturating_add(1)..at.saturating_add(3)),
        Some([0x80, 0xaa..=0xae] | [0x81, 0xa6..=0xa9])
    )
}

/// A tag that acts, or one with an attribute that does.
fn tag(text: &str, at: usize) -> Option<Signal> {
    let rest = text.get(at.saturating_add(1)..)?;
    let name_length = rest
        .bytes()
        .take(16)
        .take_while(u8::is_ascii_alphanumeric)
        .count();
    let name = rest.get(..name_length)?.to_ascii_lowercase();
    let after = rest.as_bytes().get(name_length).copied();
    if name.is_empty()
        || !after.is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'))
    {
        return None;
    }
    let mut end = rest.len().min(2048);
    while !rest.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    let inside = rest.get(..end)?;
    let inside = inside.get(
        ..inside
            .find('>')
            .map_or(inside.len(), |close| close.saturating_add(1)),
    )?;
    let range = at..at.saturating_add(1).saturating_add(inside.len());
    if name == "script" {
        return Some(Signal::new("leak/script", range, 95));
    }
    if has_handler(inside) {
        return Some(Signal::new("leak/script", range, 92));
    }
    TAGS.contains(&name.as_str())
        .then(|| Signal::new("leak/active-html", range, 80))
}

/// Whether a tag has an attribute whose value runs: `onerror=`, `onclick =`.
fn has_handler(inside: &str) -> bool {
    let small = inside.to_ascii_lowercase();
    small.match_indices("on").any(|(at, _)| {
        let before = at.checked_sub(1).and_then(|at| small.as_bytes().get(at));
        let rest = small.get(at.saturating_add(2)..).unwrap_or_default();
        let name = rest
            .bytes()
            .take(24)
            .take_while(u8::is_ascii_lowercase)
            .count();
        before.is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'/'))
            && name >= 3
            && rest
                .get(name..)
                .is_some_and(|rest| rest.trim_start().starts_with('='))
    })
}

/// `javascript:` and its like, where a link may begin.
fn scheme(text: &str, at: usize) -> Option<Signal> {
    let before = text.get(..at)?;
    let (name, score) = [("javascript", 90), ("vbscript", 90)]
        .into_iter()
        .find(|(name, _)| {
            before.len() >= name.len()
                && before
                    .as_bytes()
                    .get(before.len().saturating_sub(name.len())..)
                    .is_some_and(|tail| tail.eq_ignore_ascii_case(name.as_bytes()))
        })?;
    let start = at.saturating_sub(name.len());
    let opens = start
        .checked_sub(1)
        .and_then(|at| text.as_bytes().get(at))
        .is_some_and(|byte| matches!(byte, b'(' | b'"' | b'\'' | b'=' | b'<'));
    opens.then(|| Signal::new("leak/script", start..at.saturating_add(1), score))
}

//! Values that their surroundings call secret.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem;

use crate::secrets::userinfo;

/// Parts of a name behind which a literal is hidden.
const NAMES: [&str; 15] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "api_key",
    "apikey",
    "api-key",
    "access_key",
    "accesskey",
    "private_key",
    "privatekey",
    "credential",
    "authorization",
];

/// Longest value that is hidden as a whole.
const LONGEST: usize = 4096;

/// One for each of the names, made once.
static FINDERS: LazyLock<Vec<memmem::Finder<'static>>> =
    LazyLock::new(|| NAMES.iter().map(memmem::Finder::new).collect());

/// Adds the ranges of such values.
pub(super) fn collect(text: &str, ranges: &mut Vec<Range<usize>>) {
    let lower = text.to_ascii_lowercase();
    for (name, finder) in NAMES.iter().zip(&*FINDERS) {
        let people = matches!(*name, "password" | "passwd" | "passphrase" | "pwd");
        // A value that was looked at is not looked at again for every name inside it.
        let mut seen = 0;
        for at in finder.find_iter(lower.as_bytes()) {
            if at < seen {
                continue;
            }
            if let Some((value, hide)) = behind(text, at.saturating_add(name.len()), people) {
                seen = value.end;
                ranges.extend(hide.then_some(value));
            }
        }
    }
    for (scheme, least) in [("bearer ", 12), ("basic ", 12)] {
        for at in memmem::find_iter(lower.as_bytes(), scheme) {
            let start = at.saturating_add(scheme.len());
            let value = run(text, start);
            if value.len() >= least && has_digit(value) {
                ranges.push(start..start.saturating_add(value.len()));
            }
        }
    }
    let mut seen = 0;
    for at in memmem::find_iter(text.as_bytes(), "eyJ") {
        if at < seen {
            continue;
        }
        let value = run(text, at);
        seen = at.saturating_add(value.len());
        if value.len() >= 40 && value.contains('.') {
            ranges.push(at..at.saturating_add(value.len()));
        }
    }
    for at in memmem::find_iter(text.as_bytes(), "://") {
        ranges.extend(in_address(text, at));
    }
}

/// The literal that is given to the name that ends at `end` or goes on there, and whether it is to be hidden.
fn behind(text: &str, end: usize, people: bool) -> Option<(Range<usize>, bool)> {
    let bytes = text.as_bytes();
    let mut at = end;
    let mut skip = |most: usize, test: &dyn Fn(u8) -> bool| {
        let count = bytes
            .get(at..)
            .unwrap_or_default()
            .iter()
            .take(most)
            .take_while(|byte| test(**byte))
            .count();
        at = at.saturating_add(count);
        count
    };
    skip(40, &|byte| {
        byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
    });
    skip(4, &|byte| {
        matches!(byte, b'"' | b'\'' | b'`' | b']' | b')' | b'\\')
    });
    let blanks = skip(8, &|byte| byte == b' ' || byte == b'\t');
    let operators = skip(3, &|byte| matches!(byte, b'=' | b':' | b'>' | b','));
    skip(8, &|byte| byte == b' ' || byte == b'\t');
    let escapes = skip(2, &|byte| byte == b'\\');
    let start = at;
    let first = *bytes.get(start)?;
    if operators == 0 && (blanks == 0 || !is_flag(text, end)) {
        return None;
    }
    if matches!(first, b'"' | b'\'' | b'`') {
        let open = start.saturating_add(1);
        let inside = text.get(open..)?;
        let length = closing(inside.as_bytes(), first, escapes > 0)?;
        let value = inside.get(..length)?;
        let hide = length >= if people { 3 } else { 8 }
            && !is_reference(value)
            && (people || has_digit(value));
        return Some((open..open.saturating_add(length), hide));
    }
    let value = run(text, start);
    let after = bytes.get(start.saturating_add(value.len())).copied();
    let code = matches!(after, Some(b'(' | b'[' | b'{' | b'$' | b'<'));
    let hide = value.len() >= 6
        && !code
        && has_digit(value)
        && value.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !is_reference(value);
    Some((start..start.saturating_add(value.len()), hide))
}

/// Where the quote that opened before `bytes` closes.
fn closing(bytes: &[u8], quote: u8, escaped: bool) -> Option<usize> {
    let mut skip = false;
    for (index, byte) in bytes.iter().take(LONGEST).enumerate() {
        if *byte == b'\n' {
            return None;
        }
        if skip {
            if escaped && *byte == quote {
                return index.checked_sub(1);
            }
            skip = false;
        } else if *byte == b'\\' {
            skip = true;
        } else if *byte == quote {
            return Some(index);
        }
    }
    None
}

/// Whether the name that holds the byte before `end` is a flag: `--password`.
fn is_flag(text: &str, end: usize) -> bool {
    let before = text.get(..end).unwrap_or_default();
    let start = before
        .bytes()
        .rev()
        .take(60)
        .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte == b'-')
        .count();
    text.get(end.saturating_sub(start)..end)
        .is_some_and(|name| name.starts_with("--"))
}

/// Whether a value stands for one from elsewhere, or is hidden already.
fn is_reference(value: &str) -> bool {
    value.contains('…')
        || value.starts_with(['$', '<', '{', '%', '*'])
        || value.contains("${")
        || value.contains("{{")
        || value.contains("://")
        || value.starts_with("os.")
        || value.starts_with("process.env")
}

/// Characters of an unquoted value, up to the first that cannot belong to one.
fn run(text: &str, start: usize) -> &str {
    let rest = text.get(start..).unwrap_or_default();
    let length = rest
        .bytes()
        .take(LONGEST)
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"+/=_-.~!@#%^&*:".contains(byte))
        .count();
    rest.get(..length).unwrap_or_default().trim_end_matches('.')
}

fn has_digit(value: &str) -> bool {
    value.bytes().any(|byte| byte.is_ascii_digit())
}

/// The password, or a long name that is a token, in the address whose `://` stands at `at`.
fn in_address(text: &str, at: usize) -> Option<Range<usize>> {
    if let Some((_, password)) = userinfo(text, at) {
        let value = text.get(password.clone())?;
        return (!is_reference(value)).then_some(password);
    }
    let start = at.saturating_add(3);
    let near = text.get(start..text.floor_char_boundary(start.saturating_add(300)))?;
    let (token, _) = near.split_once('@')?;
    let is_token = token.len() >= 16
        && token.len() == run(token, 0).len()
        && !token.contains(['/', '.', ':'])
        && has_digit(token);
    is_token.then(|| start..start.saturating_add(token.len()))
}

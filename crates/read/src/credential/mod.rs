//! Whether a value that stands in a configuration file is a credential, told by its name, its form
//! and where it stands. What has the known form of a vendor's key is told by [`mod@crate::secrets`].

mod arguments;
mod name;
mod page;
mod placeholder;
mod url;
mod variable;

use std::borrow::Cow;
use std::ops::Range;

use crate::redact::redact;
use crate::tree::{Node, Value};

pub use arguments::in_arguments;
pub use name::names_credential;
pub use page::Page;
pub use placeholder::is_placeholder;
pub use url::in_url;
pub use variable::{is_secret_variable, opens_a_service};

/// A credential inside a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is called there: the flag, header or query parameter.
    pub name: String,
    /// Its bytes in the value.
    pub range: Range<usize>,
}

/// The credential in the value of the setting `name`, if a literal one stands there.
pub fn in_setting(name: &str, value: &str) -> Option<Range<usize>> {
    let range = payload(value);
    let inner = value.get(range.clone())?;
    if inner.contains("://") {
        let found = in_url(inner).into_iter().next()?.range;
        let shift = range.start;
        return Some(found.start.saturating_add(shift)..found.end.saturating_add(shift));
    }
    if is_placeholder(inner) || name::is_fingerprint(name, inner) {
        return None;
    }
    let is = is_known_key(inner)
        || (names_credential(name) && name::fits(name, inner))
        || (is_random(inner) && !name::names_identifier(name));
    is.then_some(range)
}

/// Whether a value has the known form of a vendor's key.
pub(crate) fn is_known_key(value: &str) -> bool {
    !crate::secrets::find(value).is_empty()
}

/// A value with what is a credential in it masked.
pub fn masked(value: &str, secrets: &[Range<usize>]) -> String {
    let mut out = String::new();
    let mut at = 0;
    for secret in secrets {
        out.push_str(value.get(at..secret.start).unwrap_or_default());
        out.push_str(&mask(value.get(secret.clone()).unwrap_or_default()));
        at = secret.end;
    }
    out.push_str(value.get(at..).unwrap_or_default());
    match redact(&out) {
        Cow::Borrowed(_) => out,
        Cow::Owned(redacted) => redacted,
    }
}

/// The first characters of a secret, at most an eighth of it, and its length.
pub fn mask(secret: &str) -> String {
    let length = secret.chars().count();
    let shown = length.checked_div(8).unwrap_or_default().min(4);
    let first: String = secret.chars().take(shown).collect();
    format!("{first}…({length} characters)")
}

/// Every credential in a configuration tree, as ranges of its text: in order, without overlap. All
/// of them are masked in every excerpt, since a file may be one line.
pub(crate) fn in_tree(root: &Node, text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        match &node.value {
            Value::Array(items) => {
                let words: Vec<&str> = items.iter().map(|i| i.as_str().unwrap_or("")).collect();
                for (index, credential) in in_arguments(&words) {
                    let item = items.get(index);
                    found.extend(item.map(|item| within(item, &credential.range, text)));
                }
                open.extend(items);
            }
            Value::Object(entries) => {
                for entry in entries {
                    if let Some(value) = entry.value.scalar() {
                        if let Some(range) = in_setting(&entry.key, value) {
                            found.push(within(&entry.value, &range, text));
                        }
                        let words: Vec<&str> = value.split_ascii_whitespace().collect();
                        if words.len() > 1 && !in_arguments(&words).is_empty() {
                            found.push(entry.value.span.clone());
                        }
                    }
                    open.push(&entry.value);
                }
            }
            _ => {}
        }
    }
    found.sort_by_key(|range| (range.start, range.end));
    let mut apart: Vec<Range<usize>> = Vec::new();
    for range in found {
        match apart.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => apart.push(range),
        }
    }
    apart
}

/// Where the bytes `range` of a string node stand in the text; the whole node when escapes or
/// folding make that unclear.
pub(crate) fn within(node: &Node, range: &Range<usize>, text: &str) -> Range<usize> {
    let span = &node.span;
    let written = text.get(span.clone()).unwrap_or_default();
    let value = node.as_str().unwrap_or_default();
    let lead = match written.find(value) {
        Some(lead) if !value.is_empty() => lead,
        _ => return span.clone(),
    };
    let start = span.start.saturating_add(lead);
    start.saturating_add(range.start)..start.saturating_add(range.end)
}

/// The part of a value behind an authentication scheme, without white space and quotes around it.
fn payload(value: &str) -> Range<usize> {
    let trimmed = value.trim_matches(|c: char| c.is_whitespace() || c == '"' || c == '\'');
    let scheme = [
        "Bearer ", "bearer ", "Basic ", "basic ", "Token ", "token ", "Key ",
    ];
    let inner = scheme
        .iter()
        .find_map(|scheme| trimmed.strip_prefix(scheme))
        .map_or(trimmed, str::trim_start);
    let start = (inner.as_ptr() as usize).saturating_sub(value.as_ptr() as usize);
    start..start.saturating_add(inner.len())
}

/// Whether a value looks as if drawn at random, and long enough to be a key.
fn is_random(value: &str) -> bool {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=_-.~".contains(&byte);
    value.len() >= 32
        && value.len() <= 512
        && value.bytes().all(token)
        && value.bytes().any(|byte| byte.is_ascii_digit())
        && value.bytes().any(|byte| byte.is_ascii_uppercase())
        && value.bytes().any(|byte| byte.is_ascii_lowercase())
        && value.matches(['/', '.', '-', '_']).count() <= 4
        && entropy(value) >= 4.2
}

/// Shannon entropy in bits a character.
fn entropy(value: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in value.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count = count.saturating_add(1);
        }
    }
    let total = value.len() as f64;
    counts
        .into_iter()
        .filter(|count| *count > 0)
        .map(|count| {
            let share = f64::from(count) / total;
            -share * share.log2()
        })
        .sum()
}

#[cfg(test)]
mod tests;

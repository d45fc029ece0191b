//! Build arguments where `FROM` uses them.

use std::collections::BTreeMap;

/// `text` with `$NAME`, `${NAME}` and `${NAME:-default}` replaced; what is not known stays as it is.
/// What is put in is not looked at again, so nothing grows without end.
pub(super) fn substitute(text: &str, known: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(rest.get(..at).unwrap_or_default());
        let tail = rest.get(at.saturating_add(1)..).unwrap_or_default();
        let (inner, behind) = match tail.strip_prefix('{') {
            Some(inner) => match inner.split_once('}') {
                Some(parts) => parts,
                None => {
                    out.push_str(rest.get(at..).unwrap_or_default());
                    return out;
                }
            },
            None => {
                let end = tail
                    .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                    .unwrap_or(tail.len());
                tail.split_at_checked(end).unwrap_or((tail, ""))
            }
        };
        let end = inner
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(inner.len());
        let (name, modifier) = inner.split_at_checked(end).unwrap_or((inner, ""));
        let default = modifier
            .strip_prefix(":-")
            .or_else(|| modifier.strip_prefix('-'));
        match known.get(name).map(String::as_str).or(default) {
            Some(value) => out.push_str(value),
            None => {
                let length = rest.len().saturating_sub(behind.len());
                out.push_str(rest.get(at..length).unwrap_or_default());
            }
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

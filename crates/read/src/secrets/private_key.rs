//! Private keys in PEM, also inside JSON strings.

use std::ops::Range;

use memchr::memmem;

use super::proof;

/// Longest key of interest, in bytes.
const LONGEST: usize = 16 * 1024;

/// Most lines inside a block that are none of a key: comments, the quotes of a source file.
const MOST_BAD: usize = 12;

/// The private key whose `-----BEGIN ` stands at `at`.
pub(super) fn at(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = text.get(at..)?;
    let header = rest.get("-----BEGIN ".len()..)?;
    let (label, _) = header.split_once("-----")?;
    if label.len() > 40 || !(label.ends_with("PRIVATE KEY") || label.ends_with("PRIVATE KEY BLOCK"))
    {
        return None;
    }
    let start = "-----BEGIN "
        .len()
        .saturating_add(label.len())
        .saturating_add(5);
    let mut longest = rest.len().min(LONGEST);
    while !rest.is_char_boundary(longest) {
        longest = longest.saturating_sub(1);
    }
    let body = rest.get(start..longest)?;
    // A block reaches to the next line of dashes, which ends it or begins another.
    let dashes = memmem::find(body.as_bytes(), b"-----");
    let end = dashes.filter(|at| {
        body.get(*at..)
            .is_some_and(|rest| rest.starts_with("-----END "))
    });
    let body = body.get(..dashes.unwrap_or(body.len()))?;
    let mut key = String::new();
    // Lines of a key, after the headers of an encrypted one; `\n` may be spelled out.
    let lines = body
        .split(['\n', '\r', '"', '\'', ' ', '\t', '+'])
        .flat_map(|line| line.split("\\n"));
    let mut bad = 0_usize;
    for line in lines {
        let line = line.trim_matches(['\\', ',', '#', '/', '*']);
        if line
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'='))
        {
            key.push_str(line);
        } else if !line.ends_with(':') {
            bad = bad.saturating_add(1);
            if end.is_none() || bad > MOST_BAD {
                break;
            }
        }
    }
    let likely = key.len() >= 64
        && bad <= MOST_BAD
        && proof::entropy(key.as_bytes()) >= 4.0
        && !proof::is_placeholder(key.get(..64).unwrap_or_default());
    let length = match end {
        Some(end) => rest
            .get(start.saturating_add(end).saturating_add(9)..)
            .and_then(|tail| tail.find("-----"))
            .filter(|tail| *tail < 60)
            .map_or(start.saturating_add(end), |tail| {
                start
                    .saturating_add(end)
                    .saturating_add(14)
                    .saturating_add(tail)
            }),
        None => start.saturating_add(body.len()),
    };
    likely.then(|| at..at.saturating_add(length).min(text.len()))
}

/// Whether the key at `at` belongs to the JSON file of a Google service account.
pub(super) fn is_service_account(text: &str, at: usize) -> bool {
    let mut from = at.saturating_sub(600);
    while !text.is_char_boundary(from) {
        from = from.saturating_add(1);
    }
    text.get(from..at).is_some_and(|before| {
        before.contains("private_key_id") || before.contains("service_account")
    })
}

//! Whether the characters at a place have the shape of a pattern.

use super::alphabet::is_word;
use super::pattern::Part;

/// Where the parts end that begin at `at`, when they fit and nothing that could belong to the
/// value follows.
pub(super) fn end_of(parts: &[Part], bytes: &[u8], at: usize) -> Option<usize> {
    let mut end = at;
    for part in parts {
        let rest = bytes.get(end..)?;
        match part {
            Part::Text(text) => {
                if !rest.starts_with(text.as_bytes()) {
                    return None;
                }
                end = end.saturating_add(text.len());
            }
            Part::Run(alphabet, least, most) => {
                let length = rest
                    .iter()
                    .take(*most)
                    .take_while(|byte| alphabet.contains(**byte))
                    .count();
                if length < *least {
                    return None;
                }
                end = end.saturating_add(length);
            }
        }
    }
    let follows = bytes.get(end..).unwrap_or_default();
    let belongs = match follows {
        [byte, ..] if is_word(*byte) => true,
        // Cut short or filled in later: `sk-…`, `abc...`, `abc${X}`, `abc<id>`, `abc{}`, `abc***`.
        [b'.', b'.', ..] | [b'$' | b'<' | b'{' | b'*', ..] => true,
        _ => follows.starts_with("…".as_bytes()),
    };
    (!belongs).then_some(end)
}

/// Whether a value may begin at `at`: nothing before it that could belong to it. An escape
/// (`\n`, `%3D`) before it is no letter.
pub(super) fn may_begin(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(..at).unwrap_or_default();
    match before {
        [.., b'\\', b'n' | b'r' | b't' | b'"'] => true,
        [.., b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => true,
        [.., byte] => !is_word(*byte),
        [] => true,
    }
}

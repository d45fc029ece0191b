//! PEM (RFC 7468): the armour of keys and certificates on disk.

use super::encoding::{base64, from_base64};
use super::refusal::{Result, malformed};

/// One armoured block.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// What stands behind BEGIN.
    pub(crate) label: String,
    /// What is armoured.
    pub(crate) bytes: Vec<u8>,
}

/// Every block of a text, in order; text around them is a comment. `what` names the text in errors.
pub(crate) fn blocks(text: &[u8], what: &str) -> Result<Vec<Block>> {
    let text = std::str::from_utf8(text).map_err(|_| malformed(format!("{what} is no text")))?;
    let mut blocks = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines().map(str::trim_end) {
        let boundary = |word: &str| {
            line.strip_prefix(word)
                .and_then(|rest| rest.strip_suffix("-----"))
        };
        if let Some(label) = boundary("-----BEGIN ") {
            if open.is_some() {
                return Err(malformed(format!("{what} begins a block within a block")));
            }
            open = Some((label.to_owned(), String::new()));
        } else if let Some(end) = boundary("-----END ") {
            let Some((label, body)) = open.take().filter(|(label, _)| label == end) else {
                return Err(malformed(format!(
                    "{what} ends a block that it did not begin"
                )));
            };
            if body.contains(':') {
                return Err(malformed(format!(
                    "{what} has an old armour with headers; convert it with `openssl pkcs8 -topk8`"
                )));
            }
            let bytes = from_base64(&body)
                .ok_or_else(|| malformed(format!("{what} has a block that is no proper base64")))?;
            blocks.push(Block { label, bytes });
        } else if let Some((_, body)) = &mut open {
            body.push_str(line);
        }
    }
    if open.is_some() {
        return Err(malformed(format!("{what} ends within a block")));
    }
    Ok(blocks)
}

/// Armours bytes, with lines of 64 characters and a line end, as OpenSSL does.
pub(crate) fn armour(label: &str, bytes: &[u8]) -> String {
    let body = base64(bytes);
    let mut text = format!("-----BEGIN {label}-----\n");
    for (at, character) in body.chars().enumerate() {
        if at > 0 && at.is_multiple_of(64) {
            text.push('\n');
        }
        text.push(character);
    }
    text.push_str(&format!("\n-----END {label}-----\n"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_armoured_is_read_again_and_what_is_broken_is_refused() {
        let bytes: Vec<u8> = (0..=200).collect();
        let text = format!("a comment\n{}{}", armour("A B", &bytes), armour("C", b"x"));
        let read = blocks(text.as_bytes(), "it").unwrap();
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].label, "A B");
        assert_eq!(read[0].bytes, bytes);
        for broken in [
            "-----BEGIN A-----\n",
            "-----END A-----\n",
            "-----BEGIN A-----\n-----END B-----\n",
            "-----BEGIN A-----\n-----BEGIN A-----\n-----END A-----\n",
            "-----BEGIN A-----\n!\n-----END A-----\n",
        ] {
            assert!(blocks(broken.as_bytes(), "it").is_err(), "{broken}");
        }
        assert_eq!(blocks(b"", "it").unwrap(), Vec::new());
    }
}

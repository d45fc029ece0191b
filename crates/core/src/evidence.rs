//! Where something was seen, and what was seen there.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A place inside a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Locus {
    /// The file as a whole.
    File,
    /// A place in a text, both counted from 1; the column counts characters.
    Line {
        /// Line, from 1.
        line: u32,
        /// Column in characters, from 1.
        column: u32,
        /// How many characters of the line are meant; at least 1.
        width: u32,
    },
    /// A range of bytes, counted from 0.
    Bytes {
        /// First byte, from 0.
        offset: u64,
        /// How many bytes are meant.
        length: u64,
    },
}

impl Locus {
    /// The line, where there is one.
    #[must_use]
    pub const fn line(&self) -> Option<u32> {
        match self {
            Self::Line { line, .. } => Some(*line),
            Self::File | Self::Bytes { .. } => None,
        }
    }
}

impl fmt::Display for Locus {
    /// `12:5` for a line and column, `byte 0x1f` for an offset, nothing for a whole file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => Ok(()),
            Self::Line { line, column, .. } => write!(f, "{line}:{column}"),
            Self::Bytes { offset, .. } => write!(f, "byte {offset:#x}"),
        }
    }
}

/// What was seen, and where. The excerpt is redacted before it gets here: no
/// secret is ever stored or printed whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Evidence {
    /// Path relative to the scanned root, `/` between its parts; a member of a
    /// container is `outer!inner`. Bytes that are not UTF-8 are written `\xNN`.
    pub path: Arc<str>,
    /// The place in the file.
    pub locus: Locus,
    /// The line, opcode or header field that was seen, redacted and at most
    /// [`Evidence::MAX_EXCERPT`] characters long; empty when there is nothing to show.
    pub excerpt: Box<str>,
    /// Where the caret goes: first character of the excerpt that is meant, from
    /// 0, and how many. `None` when the excerpt stands for itself.
    pub mark: Option<(u32, u32)>,
}

impl Evidence {
    /// Longest excerpt in characters.
    pub const MAX_EXCERPT: usize = 240;

    /// Evidence that is a whole file.
    #[must_use]
    pub fn file(path: impl Into<Arc<str>>) -> Self {
        Self {
            path: path.into(),
            locus: Locus::File,
            excerpt: Box::default(),
            mark: None,
        }
    }

    /// Evidence at a byte range of a file; `excerpt` is what stands there in words.
    #[must_use]
    pub fn bytes(
        path: impl Into<Arc<str>>,
        offset: u64,
        length: u64,
        excerpt: impl AsRef<str>,
    ) -> Self {
        Self {
            path: path.into(),
            locus: Locus::Bytes { offset, length },
            excerpt: shorten(excerpt.as_ref()).into(),
            mark: None,
        }
    }

    /// `path:line:column`, `path: byte 0x..` or just `path`.
    #[must_use]
    pub fn place(&self) -> String {
        match &self.locus {
            Locus::File => self.path.to_string(),
            locus @ Locus::Line { .. } => format!("{}:{locus}", self.path),
            locus @ Locus::Bytes { .. } => format!("{}: {locus}", self.path),
        }
    }
}

/// At most [`Evidence::MAX_EXCERPT`] characters of `text`, control characters escaped,
/// an ellipsis where something was cut.
#[must_use]
pub fn shorten(text: &str) -> String {
    let mut out = String::new();
    for (count, character) in text.chars().enumerate() {
        if count >= Evidence::MAX_EXCERPT {
            out.push('…');
            break;
        }
        if is_invisible(character) && character != '\t' {
            out.extend(character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    out
}

/// Whether a character does not show in a terminal or reorders what does:
/// controls, bidirectional controls, zero-width characters, variation selectors
/// and the tag block. Printing one of them raw could forge output.
#[must_use]
pub const fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}'
        | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2028}'..='\u{2029}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_escapes_and_hidden_characters_are_spelled_out() {
        assert_eq!(shorten("a\u{1b}[31m\u{202e}b"), "a\\u{1b}[31m\\u{202e}b");
    }

    #[test]
    fn long_excerpts_are_cut_at_a_character() {
        let long = "é".repeat(1000);
        assert_eq!(shorten(&long).chars().count(), Evidence::MAX_EXCERPT + 1);
    }
}

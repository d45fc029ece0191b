//! Text that can be shown without harm.

use std::borrow::Cow;

use stance_core::evidence::is_invisible;

/// `text` with every control, bidirectional and zero-width character spelled
/// out as `\u{..}`, so that a file name cannot forge or hide output. White
/// space of other kinds than the space is spelled out too.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_invisible) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_invisible(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// Columns that a character takes in a terminal: 2 for wide East Asian
/// characters and pictographs, 0 for the common combining marks, else 1 (after
/// the ranges of Unicode Standard Annex 11).
pub(super) const fn columns(character: char) -> usize {
    match character {
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{20d0}'..='\u{20ff}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{303e}'
        | '\u{3041}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1f64f}'
        | '\u{1f680}'..='\u{1f6ff}'
        | '\u{1f900}'..='\u{1f9ff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

/// Columns that a printable text takes in a terminal.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_moves_the_cursor_is_left() {
        assert_eq!(
            printable("a\u{1b}[2J\r\nb\u{202e}"),
            "a\\u{1b}[2J\\u{d}\\u{a}b\\u{202e}"
        );
        assert!(matches!(printable("né 🦀"), Cow::Borrowed(_)));
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(width("a模型🦀e\u{301}"), 1 + 4 + 2 + 1);
    }
}

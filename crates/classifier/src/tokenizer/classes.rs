//! Classes of characters, from the tables that come with the regular expressions.

use std::sync::LazyLock;

use regex_syntax::hir::{Class, HirKind};

/// Characters of a Unicode category.
pub(crate) struct Ranges(Vec<(char, char)>);

impl Ranges {
    fn of(pattern: &str) -> Self {
        // The patterns are those below; one that were wrong would be a class without characters, which the tests would see.
        let parsed = regex_syntax::Parser::new().parse(pattern).ok();
        let ranges = parsed.and_then(|hir| match hir.into_kind() {
            HirKind::Class(Class::Unicode(class)) => Some(
                class
                    .ranges()
                    .iter()
                    .map(|range| (range.start(), range.end()))
                    .collect(),
            ),
            _ => None,
        });
        Self(ranges.unwrap_or_default())
    }

    /// Whether it is one of them.
    pub(crate) fn has(&self, c: char) -> bool {
        let at = self.0.partition_point(|(_, end)| *end < c);
        self.0.get(at).is_some_and(|(start, _)| *start <= c)
    }
}

static PUNCTUATION: LazyLock<Ranges> = LazyLock::new(|| Ranges::of(r"\p{P}"));
static NON_SPACING: LazyLock<Ranges> = LazyLock::new(|| Ranges::of(r"\p{Mn}"));
static OTHER: LazyLock<Ranges> = LazyLock::new(|| Ranges::of(r"[\p{Cc}\p{Cf}\p{Co}]"));
static WORD: LazyLock<Ranges> = LazyLock::new(|| Ranges::of(r"\w"));

/// Punctuation, as BERT has it: all that is none of letters, digits and blanks in ASCII, and what Unicode calls so.
pub(crate) fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation() || PUNCTUATION.has(c)
}

/// Accents that stand above or below other characters.
pub(crate) fn is_non_spacing(c: char) -> bool {
    NON_SPACING.has(c)
}

/// Controls, formats and private use, but for the blanks among them.
pub(crate) fn is_control(c: char) -> bool {
    !matches!(c, '\t' | '\n' | '\r') && OTHER.has(c)
}

/// What words are made of.
pub(crate) fn is_word(c: char) -> bool {
    WORD.has(c)
}

/// Han characters, as BERT has them.
pub(crate) const fn is_chinese(c: char) -> bool {
    matches!(c,
        '\u{4e00}'..='\u{9fff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{20000}'..='\u{2a6df}'
        | '\u{2a700}'..='\u{2b73f}'
        | '\u{2b740}'..='\u{2b81f}'
        | '\u{2b920}'..='\u{2ceaf}'
        | '\u{f900}'..='\u{faff}'
        | '\u{2f800}'..='\u{2fa1f}')
}

//! Keywords as parts of references, which the engine's parser does not know: `input.package`, `rules.default`, `if.not`.
//!
//! A part after a dot becomes one in brackets, which means the same. A keyword that a reference begins with becomes a name of
//! its own within the source; another source does not find a rule under such a name.

use crate::lexer::{KEYWORDS, Kind, Token};

/// What the name of a rule begins with that is named like a keyword.
const PREFIX: &str = "__keyword_";

/// The name as it is written in the source.
pub(super) fn original(name: &str) -> &str {
    name.strip_prefix(PREFIX).unwrap_or(name)
}

/// What stands in place of the token at `at`, if anything else does.
pub(super) fn replaced(text: &str, code: &[&Token], at: usize) -> Option<Replaced> {
    let token = code.get(at)?;
    let word = token.text(text);
    if token.kind != Kind::Word || !KEYWORDS.contains(&word) {
        return None;
    }
    let touching = |number: usize| {
        code.get(number)
            .filter(|it| !it.gap)
            .map(|it| it.text(text))
    };
    let before = at
        .checked_sub(1)
        .and_then(|it| code.get(it))
        .map(|it| it.text(text));
    let mut end = at.saturating_add(1);
    while touching(end) == Some(".")
        && code
            .get(end.saturating_add(1))
            .is_some_and(|it| it.kind == Kind::Word)
    {
        end = end.saturating_add(2);
    }
    if before == Some(".") {
        // The engine finds functions by names with dots alone.
        return Some(if touching(end) == Some("(") {
            Replaced::Root(format!("{PREFIX}{word}"))
        } else {
            Replaced::Part(format!("[\"{word}\"]"))
        });
    }
    (end > at.saturating_add(1)).then(|| Replaced::Root(format!("{PREFIX}{word}")))
}

/// How a keyword is replaced.
pub(super) enum Replaced {
    /// With the dot before it.
    Part(String),
    /// Alone.
    Root(String),
}

/// The name under which a keyword is known that an import brings.
pub(super) fn imported(word: &str) -> String {
    format!("{PREFIX}{word}")
}

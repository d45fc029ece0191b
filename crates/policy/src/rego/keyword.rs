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

/// What stands in place of a token, if anything else does.
pub(super) fn replaced(
    text: &str,
    before: &[&Token],
    token: &Token,
    after: Option<&Token>,
    after_next: Option<&Token>,
) -> Option<Replaced> {
    let word = token.text(text);
    if token.kind != Kind::Word {
        return None;
    }
    let previous = before.last().map(|it| it.text(text));
    let follows_dot = previous == Some(".");
    if follows_dot && KEYWORDS.contains(&word) {
        return Some(Replaced::Part(format!("[\"{word}\"]")));
    }
    let touches_dot = after.is_some_and(|it| it.text(text) == "." && !it.gap)
        && after_next.is_some_and(|it| it.kind == Kind::Word && !it.gap);
    let begins = !follows_dot && (touches_dot || after.is_some_and(|it| it.text(text) == "[" && !it.gap));
    if begins && KEYWORDS.contains(&word) && touches_dot {
        return Some(Replaced::Root(format!("{PREFIX}{word}")));
    }
    None
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

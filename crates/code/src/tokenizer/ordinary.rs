//! What is an ordinary word, and what a mark of the format.

/// Marks of subword tokenizers that stand before or behind a piece of a word.
const MARKS: &[&str] = &["\u{2581}", "\u{120}", "##", "</w>", " "];

/// What tokenizers call their control tokens, where they do without brackets.
const ROLES: &[&str] = &[
    "begin",
    "bos",
    "cls",
    "end",
    "eod",
    "eos",
    "eot",
    "mask",
    "pad",
    "padding",
    "sep",
    "start",
    "unk",
    "unknown",
    "user",
    "assistant",
    "system",
    "tool",
    "http",
    "https",
    "httpurl",
    "url",
    "www",
    "com",
    "html",
    "num",
    "number",
    "email",
    "emoji",
    "date",
    "time",
];

/// Words on which a decision hangs: without one, or with another, an answer turns around.
const DECISIONS: &[&str] = &[
    "accept",
    "accepted",
    "allow",
    "allowed",
    "always",
    "approve",
    "approved",
    "benign",
    "cannot",
    "deny",
    "denied",
    "false",
    "forbidden",
    "harmful",
    "harmless",
    "illegal",
    "legal",
    "malicious",
    "malware",
    "must",
    "never",
    "no",
    "not",
    "refuse",
    "reject",
    "rejected",
    "safe",
    "spam",
    "true",
    "unsafe",
    "yes",
];

/// A piece without the marks of subword tokenizers.
pub(super) fn bare(piece: &str) -> &str {
    let mut piece = piece;
    for mark in MARKS {
        piece = piece.strip_prefix(mark).unwrap_or(piece);
        piece = piece.strip_suffix(mark).unwrap_or(piece);
    }
    piece
}

/// Whether a piece is a word of a language, and no control token.
pub fn is_word(piece: &str) -> bool {
    let word = bare(piece);
    let lower = word.to_lowercase();
    word.chars().count() >= 2
        && word.chars().all(char::is_alphabetic)
        && !ROLES.contains(&&*lower)
        // Codes of languages and other abbreviations.
        && (word.chars().skip(1).all(char::is_lowercase) || !word.is_ascii())
}

/// Whether a decision hangs on a piece.
pub fn decides(piece: &str) -> bool {
    let lower = bare(piece).to_ascii_lowercase();
    DECISIONS.contains(&&*lower)
}

/// Whether a token looks like one that was kept free to be renamed, or like a mark.
pub(super) fn is_reserved(piece: &str) -> bool {
    !bare(piece).chars().all(char::is_alphabetic) || !is_word(piece)
}

/// Whether a text says something: a sentence, or an address.
pub fn speaks(text: &str) -> bool {
    let words = text.split_whitespace().filter(|word| {
        let letters = word.chars().filter(|c| c.is_alphabetic()).count();
        letters >= 2 && letters.saturating_mul(2) >= word.chars().count()
    });
    // A scheme alone is a piece of many addresses, and no address.
    let address = text
        .split_once("://")
        .is_some_and(|(_, rest)| !rest.trim().trim_start_matches("www.").is_empty());
    address || text.contains("](") || words.count() >= 4
}

/// The words of a text of at least three letters.
pub(super) fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphabetic())
        .filter(|word| word.chars().count() >= 3)
        .map(str::to_lowercase)
        .filter(|word| !ROLES.contains(&&**word))
        .collect()
}

/// The words that a regular expression looks for as they stand: without escapes, classes,
/// entities, tags and the names of groups.
pub(super) fn words_of_pattern(pattern: &str) -> Vec<String> {
    let mut plain = String::with_capacity(pattern.len());
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('p' | 'P') if characters.peek() == Some(&'{') => {
                    skip_to(&mut characters, '}');
                }
                Some('x' | 'u' | 'U') => {
                    while characters.peek().is_some_and(char::is_ascii_hexdigit) {
                        characters.next();
                    }
                }
                // The border of a word separates nothing that belongs together.
                _ => plain.push(' '),
            },
            '[' => skip_to(&mut characters, ']'),
            '{' => skip_to(&mut characters, '}'),
            '<' => skip_to(&mut characters, '>'),
            '&' => skip_to(&mut characters, ';'),
            '(' if characters.peek() == Some(&'?') => {
                while characters
                    .peek()
                    .is_some_and(|c| !matches!(c, ':' | ')' | '=' | '!'))
                {
                    characters.next();
                }
                plain.push(' ');
            }
            other => plain.push(other),
        }
    }
    words(&plain)
}

fn skip_to(characters: &mut std::iter::Peekable<std::str::Chars<'_>>, close: char) {
    // Without an end there is no class, and what follows counts.
    if characters.clone().any(|c| c == close) {
        for character in characters.by_ref() {
            if character == close {
                break;
            }
        }
    }
}

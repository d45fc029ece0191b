//! What texts and conditions of a template say.

use super::LONGEST;
use crate::jinja::lexer::Token;

/// Plain words; marks of the format have brackets and slashes.
pub(super) fn is_plain(word: &str) -> bool {
    let letters = word.chars().filter(|c| c.is_alphanumeric()).count();
    letters >= 2
        && word.chars().all(|c| {
            c.is_alphanumeric() || matches!(c, ' ' | '-' | '\'' | '.' | ',' | '!' | '?' | '_')
        })
}

/// Whether a text names a place of the network: `paypal.com`, `pay@bank.example`.
pub(super) fn is_address(text: &str) -> bool {
    let long = |part: &str| part.len() >= 2 && part.chars().all(char::is_alphabetic);
    !text.contains(' ')
        && text
            .rsplit_once('.')
            .is_some_and(|(name, last)| long(last) && name.chars().any(char::is_alphabetic))
}

/// The word that a condition of a Go template looks for in what was said.
pub(super) fn condition_of_go(tokens: &[Token]) -> Option<String> {
    let tokens = tokens.get(..tokens.len().min(LONGEST)).unwrap_or_default();
    let said = tokens.iter().position(|token| {
        matches!(token, Token::Name(name) if matches!(&**name, "Content" | "Prompt" | "Response"))
    })?;
    let compares = tokens.iter().any(|token| {
        matches!(token, Token::Name(name) if matches!(&**name, "eq" | "contains" | "hasPrefix" | "hasSuffix"))
    });
    let texts = tokens
        .iter()
        .enumerate()
        .filter_map(|(at, token)| match token {
            Token::Text(text) if text.chars().filter(|c| c.is_alphanumeric()).count() >= 2 => {
                Some((at.abs_diff(said), text))
            }
            _ => None,
        });
    let (_, word) = texts.min_by_key(|(distance, _)| *distance)?;
    compares.then(|| word.clone())
}

/// Whether a text of a few words gives an order, or speaks of what is secret.
pub(super) fn orders(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "always",
        "api key",
        "bypass",
        "comply",
        "credential",
        "developer mode",
        "disregard",
        "exfiltrate",
        "ignore",
        "jailbreak",
        "leak",
        "must",
        "never",
        "obey",
        "override",
        "password",
        "reveal",
        "secret",
        "unrestricted",
    ];
    let lower = text.to_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

/// A condition that is left to chance.
pub(super) fn chance(tokens: &[Token]) -> Option<String> {
    tokens
        .windows(2)
        .any(|pair| matches!(pair, [Token::Symbol("|"), Token::Name(filter)] if filter == "random"))
        .then(|| "a random number".to_owned())
}

/// The day that a condition compares with: `strftime_now('%Y') >= '2027'`.
pub(super) fn day_of(tokens: &[Token]) -> Option<String> {
    let asks = tokens
        .iter()
        .any(|token| matches!(token, Token::Name(name) if matches!(&**name, "strftime_now" | "now" | "date_string" | "current_date")));
    let compares = tokens
        .iter()
        .any(|token| matches!(token, Token::Symbol("==" | "<" | ">" | "<=" | ">=")));
    let day = tokens.iter().find_map(|token| match token {
        Token::Text(text) if text.len() >= 4 && text.starts_with(|c: char| c.is_ascii_digit()) => {
            Some(text.clone())
        }
        Token::Number(number) if *number > 2000 => Some(number.to_string()),
        _ => None,
    })?;
    (asks && compares).then_some(day)
}

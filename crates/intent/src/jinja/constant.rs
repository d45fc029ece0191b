//! What variables of a template are known to hold, and tokens with that put in.

use super::expression::read;
use super::fold::{self, Known};
use super::lexer::Token;

/// Variables that are remembered of one template.
const MOST: usize = 1000;

/// Longest row of tokens that is put together to one text.
const LONGEST: usize = 64;

/// Remembers what `set` and `for` give a variable: a text, the fields of a namespace, the first of a list.
pub(super) fn remember(keyword: &str, tokens: &[Token], known: &mut Known) {
    let (name, value) = match tokens {
        [Token::Name(name), Token::Symbol("="), value @ ..] if keyword == "set" => {
            (name.clone(), value)
        }
        [
            Token::Name(space),
            Token::Symbol("."),
            Token::Name(field),
            Token::Symbol("="),
            value @ ..,
        ] if keyword == "set" => (format!("{space}.{field}"), value),
        [Token::Name(name), Token::Name(word), value @ ..] if keyword == "for" && word == "in" => {
            (name.clone(), value)
        }
        _ => return,
    };
    if let [Token::Name(callee), Token::Symbol("("), fields @ ..] = value
        && callee == "namespace"
    {
        return remember_fields(&name, fields, known);
    }
    let mut value = value.get(..value.len().min(LONGEST)).unwrap_or_default();
    let mut list = false;
    // One of a list stands for all of them.
    if let [
        Token::Symbol("[" | "("),
        first @ Token::Text(_),
        Token::Symbol(","),
        ..,
    ] = value
    {
        list = true;
        value = std::slice::from_ref(first);
    } else if let [
        Token::Symbol("["),
        first @ Token::Text(_),
        Token::Symbol("]"),
    ] = value
    {
        list = true;
        value = std::slice::from_ref(first);
    }
    let text = match &*read(value) {
        [one] => fold::text(one, known),
        _ => None,
    };
    let is_text = list || keyword == "set" || value.len() == 1;
    match text {
        Some(text) if is_text && known.len() < MOST => {
            known.insert(name, text);
        }
        // It may hold anything from here on.
        _ => {
            known.remove(&name);
        }
    }
}

fn remember_fields(name: &str, tokens: &[Token], known: &mut Known) {
    for part in tokens.windows(3).take(LONGEST) {
        if let [Token::Name(field), Token::Symbol("="), Token::Text(text)] = part
            && known.len() < MOST
            && text.len() <= 256
        {
            known.insert(format!("{name}.{field}"), text.clone());
        }
    }
}

/// Words that end a row of constants.
fn is_word(name: &str) -> bool {
    matches!(name, "in" | "and" | "or" | "not" | "is" | "if" | "else")
}

/// The tokens with variables and rows of constants as the texts they are.
pub(super) fn put_in(tokens: &[Token], known: &Known) -> Vec<Token> {
    let mut out = Vec::with_capacity(tokens.len());
    let mut at = 0_usize;
    while let Some(token) = tokens.get(at) {
        let rest = tokens.get(at..).unwrap_or_default();
        let before = out.last();
        // A name behind a dot is an attribute, and brackets behind a name call or pick.
        let starts = match token {
            Token::Text(_) => !matches!(before, Some(Token::Symbol("[" | "="))),
            Token::Name(name) => {
                !matches!(before, Some(Token::Symbol(".")))
                    && (known.contains_key(name) || field(rest, known).is_some())
            }
            Token::Symbol("(" | "[") => {
                !matches!(
                    before,
                    Some(Token::Name(name)) if !is_word(name)
                ) && !matches!(before, Some(Token::Symbol(")" | "]")))
            }
            _ => false,
        };
        if starts && let Some((text, length)) = row(rest, known) {
            out.push(Token::Text(text));
            at = at.saturating_add(length);
            continue;
        }
        out.push(token.clone());
        at = at.saturating_add(1);
    }
    out
}

/// A field of a namespace at the start of some tokens.
fn field<'k>(tokens: &[Token], known: &'k Known) -> Option<&'k String> {
    match tokens {
        [
            Token::Name(space),
            Token::Symbol("."),
            Token::Name(field),
            ..,
        ] => known.get(&format!("{space}.{field}")),
        _ => None,
    }
}

/// The text that the constants at the start of some tokens are, and how many of these it takes.
fn row(tokens: &[Token], known: &Known) -> Option<(String, usize)> {
    if let Some(text) = field(tokens, known) {
        return Some((text.clone(), 3));
    }
    let mut open = 0_usize;
    let mut end = 0_usize;
    for token in tokens.iter().take(LONGEST) {
        match token {
            Token::Symbol("(" | "[" | "{") => open = open.saturating_add(1),
            Token::Symbol(")" | "]" | "}") => match open.checked_sub(1) {
                Some(less) => open = less,
                None => break,
            },
            Token::Symbol("," | ":") if open == 0 => break,
            Token::Symbol("==" | "!=" | "<" | ">" | "<=" | ">=" | "=") => break,
            Token::Name(name) if is_word(name) => break,
            _ => {}
        }
        end = end.saturating_add(1);
    }
    let constants = tokens.get(..end)?;
    if end > 1
        && let [one] = &*read(constants)
        && let Some(text) = fold::text(one, known)
    {
        return Some((text, end));
    }
    match tokens.first()? {
        Token::Name(name) => Some((known.get(name)?.clone(), 1)),
        _ => None,
    }
}

//! Puts strings together that a template builds from constants.

use std::collections::BTreeMap;

use super::expression::Expression;

/// Longest string that is put together; names are short.
const LONGEST: usize = 256;

/// What variables of the template are known to hold.
pub(super) type Known = BTreeMap<String, String>;

/// The string that an expression is, when only constants make it.
pub(super) fn text(expression: &Expression, known: &Known) -> Option<String> {
    let folded = match expression {
        // Looked at before it is copied: it may be as long as the template, and be asked for often.
        Expression::Text(text) if text.len() > LONGEST => return None,
        Expression::Text(text) => text.clone(),
        Expression::Number(number) => number.to_string(),
        Expression::Name(name) => known.get(name)?.clone(),
        Expression::Binary("+" | "~", left, right) => {
            let mut out = text(left, known)?;
            out.push_str(&text(right, known)?);
            out
        }
        Expression::Binary("*", left, right) => {
            let (word, times) = match (&**left, &**right) {
                (word, Expression::Number(times)) | (Expression::Number(times), word) => {
                    (text(word, known)?, *times)
                }
                _ => return None,
            };
            let most = LONGEST.checked_div(word.len().max(1)).unwrap_or(1);
            word.repeat(usize::try_from(times).unwrap_or(0).min(most))
        }
        Expression::Binary("%", left, right) => {
            let arguments = match &**right {
                Expression::List(items) => texts(items, known)?,
                one => vec![text(one, known)?],
            };
            percent(&text(left, known)?, &arguments)
        }
        Expression::Slice(value, backwards) => {
            let value = text(value, known)?;
            if *backwards {
                value.chars().rev().collect()
            } else {
                value
            }
        }
        Expression::Item(value, index) => {
            let Expression::Number(index) = **index else {
                return None;
            };
            match &**value {
                Expression::List(items) => text(items.get(usize::try_from(index).ok()?)?, known)?,
                other => {
                    let word = text(other, known)?;
                    word.chars().nth(usize::try_from(index).ok()?)?.to_string()
                }
            }
        }
        Expression::Filter(value, name, arguments) => filter(value, name, arguments, known)?,
        Expression::Call(callee, arguments) => match &**callee {
            Expression::Attribute(value, name) => method(value, name, arguments, known)?,
            _ => return None,
        },
        Expression::Other(parts) => match &**parts {
            [one] => text(one, known)?,
            _ => return None,
        },
        Expression::List(_) | Expression::Attribute(..) | Expression::Binary(..) => return None,
    };
    (folded.len() <= LONGEST).then_some(folded)
}

fn texts(items: &[Expression], known: &Known) -> Option<Vec<String>> {
    items.iter().map(|item| text(item, known)).collect()
}

fn filter(
    value: &Expression,
    name: &str,
    arguments: &[Expression],
    known: &Known,
) -> Option<String> {
    if name == "join" {
        let separator = match arguments.first() {
            Some(argument) => text(argument, known)?,
            None => String::new(),
        };
        return join(value, &separator, known);
    }
    let value = text(value, known)?;
    let arguments = texts(arguments, known)?;
    Some(match (name, &*arguments) {
        ("format", arguments) => percent(&value, arguments),
        ("replace", [from, to, ..]) => value.replace(&**from, to),
        ("reverse", _) => value.chars().rev().collect(),
        ("lower", _) => value.to_lowercase(),
        ("upper", _) => value.to_uppercase(),
        ("capitalize" | "title", _) => capitalized(&value),
        ("trim", _) => value.trim().to_owned(),
        ("string" | "list" | "safe" | "escape" | "e" | "default" | "d" | "forceescape", _) => value,
        ("first", _) => value.chars().next()?.to_string(),
        ("last", _) => value.chars().next_back()?.to_string(),
        _ => return None,
    })
}

fn join(value: &Expression, separator: &str, known: &Known) -> Option<String> {
    match value {
        Expression::List(items) => Some(texts(items, known)?.join(separator)),
        Expression::Filter(inner, name, _) if name == "reverse" || name == "list" => {
            if let Expression::List(items) = &**inner {
                let mut texts = texts(items, known)?;
                if name == "reverse" {
                    texts.reverse();
                }
                return Some(texts.join(separator));
            }
            text(value, known)
        }
        other => text(other, known),
    }
}

fn method(
    value: &Expression,
    name: &str,
    arguments: &[Expression],
    known: &Known,
) -> Option<String> {
    if name == "join" {
        return join(arguments.first()?, &text(value, known)?, known);
    }
    let value = text(value, known)?;
    let arguments = texts(arguments, known)?;
    Some(match (name, &*arguments) {
        ("format", arguments) => braces(&value, arguments),
        ("replace", [from, to, ..]) => value.replace(&**from, to),
        ("lower" | "casefold", _) => value.to_lowercase(),
        ("upper", _) => value.to_uppercase(),
        ("capitalize" | "title", _) => capitalized(&value),
        ("swapcase", _) => swapped(&value),
        ("__add__" | "concat", [more, ..]) => format!("{value}{more}"),
        ("strip", []) => value.trim().to_owned(),
        ("strip" | "lstrip" | "rstrip", [characters]) => {
            value.trim_matches(|c| characters.contains(c)).to_owned()
        }
        ("decode" | "encode", _) => value,
        _ => return None,
    })
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().into_iter().flat_map(char::to_uppercase);
    first
        .chain(characters.flat_map(char::to_lowercase))
        .collect()
}

fn swapped(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_ascii_lowercase() {
                c.to_ascii_uppercase()
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect()
}

/// `'%s%s' % (…)`: every hole filled in order, `%c` with a character by its number.
fn percent(template: &str, arguments: &[String]) -> String {
    let mut out = String::new();
    let mut arguments = arguments.iter();
    let mut characters = template.chars();
    while let Some(character) = characters.next() {
        if character != '%' {
            out.push(character);
            continue;
        }
        match characters.next() {
            Some('c') => {
                let argument = arguments.next().map(String::as_str).unwrap_or_default();
                let code = argument.parse().ok().and_then(char::from_u32);
                match code {
                    Some(code) => out.push(code),
                    None => out.push_str(argument),
                }
            }
            Some('%') | None => out.push('%'),
            Some(_) => out.push_str(arguments.next().map(String::as_str).unwrap_or_default()),
        }
    }
    out
}

/// `'{}{1}'.format(…)`: holes filled in order or by number, `{:c}` with a character by its number.
fn braces(template: &str, arguments: &[String]) -> String {
    let mut out = String::new();
    let mut next = 0_usize;
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        out.push_str(rest.get(..open).unwrap_or_default());
        let behind = rest.get(open.saturating_add(1)..).unwrap_or_default();
        let Some(close) = behind.find('}') else {
            rest = behind;
            break;
        };
        let hole = behind.get(..close).unwrap_or_default();
        let (index, form) = hole.split_once(':').unwrap_or((hole, ""));
        let index = index.parse().unwrap_or(next);
        next = next.saturating_add(1);
        let argument = arguments.get(index).map(String::as_str).unwrap_or_default();
        let code = argument.parse().ok().and_then(char::from_u32);
        match code {
            Some(code) if form == "c" => out.push(code),
            _ => out.push_str(argument),
        }
        rest = behind.get(close.saturating_add(1)..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

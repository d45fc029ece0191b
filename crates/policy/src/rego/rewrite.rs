//! Rego that is newer than the engine, in words that it knows. Lines stay where they are.

use std::borrow::Cow;

use super::{keyword, shim, template};
use crate::fault::{Fault, What};
use crate::lexer::{Kind, Token};
use crate::source::Source;

/// Templates within templates.
const DEEPEST: usize = 8;

/// The text for the engine.
pub(super) fn rewritten<'s>(source: &'s Source, tokens: &[Token]) -> Result<Cow<'s, str>, Fault> {
    let text = &source.text;
    match rewrite(text, tokens, 0) {
        Ok(None) => Ok(Cow::Borrowed(text)),
        Ok(Some(new)) => Ok(Cow::Owned(new)),
        Err((token, message)) => {
            Err(Fault::new(What::Syntax, message).at(&source.name, token.line, token.column))
        }
    }
}

/// A text without a source, such as a query.
pub(super) fn query(text: &str) -> Result<Cow<'_, str>, Fault> {
    match rewrite(text, &crate::lexer::lex(text), 0) {
        Ok(None) => Ok(Cow::Borrowed(text)),
        Ok(Some(new)) => Ok(Cow::Owned(new)),
        Err((_, message)) => Err(Fault::new(What::Syntax, message)),
    }
}

/// The text in other words, or none if there is nothing to say differently.
pub(super) fn rewrite(
    text: &str,
    tokens: &[Token],
    depth: usize,
) -> Result<Option<String>, (Token, String)> {
    let mut new = String::new();
    // Up to where the text was taken over.
    let mut taken = 0_usize;
    let mut before: Vec<&Token> = Vec::new();
    let mut import = false;
    let code: Vec<&Token> = tokens
        .iter()
        .filter(|token| token.kind != Kind::Comment)
        .collect();
    for (number, token) in code.iter().enumerate() {
        let after = code.get(number.saturating_add(1)).copied();
        if token.kind == Kind::Template {
            if depth >= DEEPEST {
                return Err(((*token).clone(), "templates are nested too deep".to_owned()));
            }
            let inner = template::rewritten(token.text(text), depth)
                .map_err(|message| ((*token).clone(), message))?;
            new.push_str(text.get(taken..token.range.start).unwrap_or_default());
            new.push_str(&inner);
            taken = token.range.end;
        } else if token.range.start < taken {
            // A part of a name that was replaced as a whole.
        } else if let Some((with, count)) = shim::replaced(text, &code, number) {
            new.push_str(text.get(taken..token.range.start).unwrap_or_default());
            new.push_str(&with);
            let last = number.saturating_add(count).saturating_sub(1);
            taken = code.get(last).map_or(token.range.end, |it| it.range.end);
        } else if let Some(replaced) = keyword::replaced(text, &code, number) {
            let (from, with) = match replaced {
                keyword::Replaced::Part(with) => (
                    before
                        .last()
                        .map_or(token.range.start, |dot| dot.range.start),
                    with,
                ),
                keyword::Replaced::Root(with) => (token.range.start, with),
            };
            // The dot may be on the line before.
            new.push_str(text.get(taken..from).unwrap_or_default());
            let between = text.get(from..token.range.start).unwrap_or_default();
            new.extend(between.chars().filter(|it| *it == '\n'));
            new.push_str(&with);
            taken = token.range.end;
            // What an import is named after is a keyword, too.
            let ends = after.is_none_or(|it| it.lines_before > 0);
            if import && ends {
                new.push_str(" as ");
                new.push_str(&keyword::imported(token.text(text)));
            }
        }
        if token.lines_before > 0 || before.is_empty() {
            import = token.text(text) == "import";
        }
        before.push(token);
    }
    if taken == 0 {
        return Ok(None);
    }
    new.push_str(text.get(taken..).unwrap_or_default());
    Ok(Some(new))
}

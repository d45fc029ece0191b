//! Rego in one style: `stance policy fmt`.
//!
//! Blanks change, and nothing else: lines stay where their author ended them, and the tokens, comments included, are the same
//! in the same order. That is checked on what comes out, so that a mistake here is an error rather than another policy.

use crate::fault::{Fault, What};
use crate::lexer::{Kind, Token, lex};
use crate::source::Source;

/// The text in one style: a tab for each open bracket, one blank around operators, at most one empty line.
///
/// # Errors
///
/// [`What::Syntax`] where a string does not end or a bracket does not fit.
pub fn format(source: &Source) -> Result<String, Fault> {
    let text = &source.text;
    let tokens = lex(text);
    let mut out = String::with_capacity(text.len());
    // Brackets that are open, each with the number of its line in what comes out.
    let mut open: Vec<(char, usize)> = Vec::new();
    let mut before: Option<&Token> = None;
    let mut line = 0_usize;
    for (number, token) in tokens.iter().enumerate() {
        let word = token.text(text);
        if token.kind == Kind::Unknown {
            return Err(Fault::new(
                What::Syntax,
                "this is no token of Rego, or a string that does not end",
            )
            .at(&source.name, token.line, token.column));
        }
        let closes = token.kind == Kind::Symbol && matches!(word, "}" | "]" | ")");
        let starts_line = before.is_none() || token.lines_before > 0;
        if starts_line {
            line = line.saturating_add(1);
            if before.is_some() {
                out.push('\n');
                if token.lines_before > 1 {
                    out.push('\n');
                }
            }
            // Brackets that this line begins by closing count no more.
            let closing = tokens
                .get(number..)
                .unwrap_or_default()
                .iter()
                .enumerate()
                .take_while(|(at, it)| {
                    matches!(it.text(text), "}" | "]" | ")")
                        && it.kind == Kind::Symbol
                        && (*at == 0 || it.lines_before == 0)
                })
                .count();
            let left = open
                .get(..open.len().saturating_sub(closing))
                .unwrap_or_default();
            // Of several that one line opens, one counts: they close together.
            let mut lines: Vec<usize> = left.iter().map(|(_, line)| *line).collect();
            lines.dedup();
            for _ in 0..lines.len() {
                out.push('\t');
            }
        } else if let Some(before) = before
            && blank(text, before, token)
        {
            out.push(' ');
        }
        out.push_str(word);
        if token.kind == Kind::Symbol && matches!(word, "{" | "[" | "(") {
            let bracket = word.chars().next().unwrap_or('{');
            open.push((bracket, line));
        } else if closes {
            let fits = matches!(
                (open.pop().map(|it| it.0), word),
                (Some('{'), "}") | (Some('['), "]") | (Some('('), ")")
            );
            if !fits {
                return Err(Fault::new(
                    What::Syntax,
                    format!("nothing is open that {word} closes"),
                )
                .at(&source.name, token.line, token.column));
            }
        }
        before = Some(token);
    }
    if !open.is_empty() {
        return Err(Fault::new(What::Syntax, "a bracket is not closed").at(&source.name, 1, 0));
    }
    if !out.is_empty() {
        out.push('\n');
    }
    same(source, &tokens, &out)?;
    Ok(out)
}

/// Whether a blank stands between two tokens of a line.
fn blank(text: &str, before: &Token, token: &Token) -> bool {
    let (one, other) = (before.text(text), token.text(text));
    if token.kind == Kind::Comment {
        return true;
    }
    match (one, other) {
        // What touches or does not means different things, or is its author's taste.
        (_, "." | "(" | "[") if matters(before, text, other) => token.gap,
        (".", _) => token.gap,
        ("-", _) => token.gap,
        (_, "," | ";") => false,
        ("," | ";", _) => true,
        ("(" | "[", _) | (_, ")" | "]") => false,
        ("{", "}") => false,
        ("{", _) | (_, "}") => token.gap,
        (_, ":") => false,
        (":", _) => true,
        _ if before.kind == Kind::Symbol && operator(one) => true,
        _ if token.kind == Kind::Symbol && operator(other) => true,
        // Words beside each other, or after a bracket.
        _ => token.gap,
    }
}

fn operator(word: &str) -> bool {
    matches!(
        word,
        ":=" | "="
            | "=="
            | "!="
            | "<"
            | ">"
            | "<="
            | ">="
            | "+"
            | "-"
            | "*"
            | "/"
            | "%"
            | "&"
            | "|"
    )
}

/// Makes sure that a text has the same tokens.
fn same(source: &Source, tokens: &[Token], new: &str) -> Result<(), Fault> {
    let after = lex(new);
    let equal = after.len() == tokens.len()
        && after.iter().zip(tokens).all(|(one, other)| {
            one.kind == other.kind
                && one.text(new) == other.text(&source.text)
                && (one.range.start == 0 || (one.lines_before > 0) == (other.lines_before > 0))
        })
        && tokens
            .windows(2)
            .zip(after.windows(2))
            .all(|(old, new)| match (old, new) {
                ([before, token], [_, now]) => {
                    !matters(before, &source.text, token.text(&source.text)) || token.gap == now.gap
                }
                _ => true,
            });
    if equal {
        Ok(())
    } else {
        Err(Fault::new(
            What::Syntax,
            "the source cannot be formatted without changing what it says; it was left as it is",
        )
        .at(&source.name, 1, 0))
    }
}

/// Whether a token says something different when it touches the one before it.
fn matters(before: &Token, text: &str, word: &str) -> bool {
    let ends = matches!(before.text(text), ")" | "]" | "}")
        || matches!(before.kind, Kind::Word | Kind::String | Kind::Raw);
    word == "." || (matches!(word, "(" | "[") && ends)
}

#[cfg(test)]
mod tests {
    use super::format;
    use crate::Source;

    fn formatted(text: &str) -> String {
        let once = format(&Source::new("a.rego", text)).unwrap();
        let twice = format(&Source::new("a.rego", once.as_str())).unwrap();
        assert_eq!(once, twice, "formatting is not stable");
        once
    }

    #[test]
    fn blanks_are_those_of_one_style() {
        assert_eq!(
            formatted(
                "package a\n\n\n\ndeny contains msg if{\n  x:=input . y\n    x>1;y==[1,2 ,{\"a\":1}]\n msg:=sprintf(\"%v\",[x]) # why\n}"
            ),
            "package a\n\ndeny contains msg if{\n\tx := input . y\n\tx > 1; y == [1, 2, {\"a\": 1}]\n\tmsg := sprintf(\"%v\", [x]) # why\n}\n"
        );
    }

    #[test]
    fn brackets_indent_what_is_in_them_once() {
        assert_eq!(
            formatted("p := f({\n\"a\": [\n1,\n2,\n],\n})\nq := {x |\nsome x in [1]\n}\n"),
            "p := f({\n\t\"a\": [\n\t\t1,\n\t\t2,\n\t],\n})\nq := {x |\n\tsome x in [1]\n}\n"
        );
    }

    #[test]
    fn what_does_not_fit_is_told() {
        assert!(format(&Source::new("a", "p := (1]")).is_err());
        assert!(format(&Source::new("a", "p := \"x")).is_err());
        assert!(format(&Source::new("a", "p := {")).is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_formatted_once_or_refused(text in "[a-z{}()\\[\\]:=,;.#\"` \n\t|+-]{0,60}") {
            if let Ok(once) = format(&Source::new("a", text.as_str())) {
                let twice = format(&Source::new("a", once.as_str())).unwrap();
                proptest::prop_assert_eq!(once, twice);
            }
        }
    }
}

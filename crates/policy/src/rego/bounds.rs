//! What is looked at before a parser sees the text: how large it is, how deep, how long its chains.

use crate::fault::{Fault, What};
use crate::lexer::{Kind, Token};
use crate::limits::Limits;
use crate::source::Source;

/// Refuses texts that would take a parser or an evaluator deeper than the limits allow.
pub(super) fn check(source: &Source, tokens: &[Token], limits: &Limits) -> Result<(), Fault> {
    let text = &source.text;
    let at = |token: &Token, message: String| {
        Err(Fault::new(What::Size, message).at(&source.name, token.line, token.column))
    };
    let mut depth = 0_u32;
    // For each open bracket how long the chain is that goes on behind it.
    let mut chains: Vec<u32> = vec![0];
    let mut before: Option<(Kind, &str)> = None;
    for token in tokens {
        let word = token.text(text);
        if token.kind == Kind::Comment {
            continue;
        }
        let joins = joins(token.kind, word);
        // Closed before the end of the statement is looked for: a bracket may stand on a line of its own.
        if token.kind == Kind::Symbol && matches!(word, "}" | "]" | ")") {
            depth = depth.saturating_sub(1);
            if chains.len() > 1 {
                chains.pop();
            }
            before = Some((token.kind, word));
            continue;
        }
        let ends = matches!(word, "," | ";" | ":" | ":=")
            || (token.lines_before > 0
                && !joins
                && !before.is_some_and(|(kind, word)| self::joins(kind, word)));
        if let Some(chain) = chains.last_mut() {
            if ends {
                *chain = 0;
            }
            if joins || (token.kind == Kind::Symbol && matches!(word, "[" | "(" | "{")) {
                *chain = chain.saturating_add(1);
                if *chain > limits.chain {
                    return at(
                        token,
                        format!(
                            "more than {} operators and references in one expression; give parts of it names",
                            limits.chain
                        ),
                    );
                }
            }
        }
        if token.kind == Kind::Symbol && matches!(word, "{" | "[" | "(") {
            depth = depth.saturating_add(1);
            chains.push(0);
            if depth > limits.nesting {
                return at(
                    token,
                    format!("brackets are nested deeper than {}", limits.nesting),
                );
            }
        }
        before = Some((token.kind, word));
    }
    Ok(())
}

/// Whether a token joins what is before it with what comes after it to one expression.
fn joins(kind: Kind, word: &str) -> bool {
    match kind {
        Kind::Symbol => matches!(
            word,
            "+" | "-"
                | "*"
                | "/"
                | "%"
                | "&"
                | "|"
                | "."
                | "="
                | "=="
                | "!="
                | "<"
                | ">"
                | "<="
                | ">="
        ),
        Kind::Word => matches!(word, "in" | "with" | "else" | "not"),
        _ => false,
    }
}

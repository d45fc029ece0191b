//! Texts with holes.

use stance_core::How;
use stance_read::link::Term;

use super::known::Known;
use super::open::bounded_term;
use super::sink::Sink;
use super::syntax::{Expr, FormatPart};
use super::walk::Walk;

impl<'t, S: Sink> Walk<'t, S> {
    pub(super) fn format(&mut self, parts: &'t [FormatPart], scope: usize) -> Known {
        let mut whole = Some(String::new());
        let mut terms = Vec::new();
        let mut pieces = Vec::new();
        let mut open = false;
        for part in parts {
            let known = match part {
                FormatPart::Text(text) => {
                    terms.push(Term::text(text, How::Constant));
                    pieces.push(Known::text(text, How::Constant));
                    Some(text.as_str().into())
                }
                FormatPart::Hole(hole) => {
                    let known = self.evaluate_open(hole, scope, &mut terms, &mut open);
                    pieces.push(known.clone());
                    match known {
                        Known::Text { text, .. } => Some(text),
                        Known::Environment {
                            default: Some(text),
                            ..
                        } => Some(text),
                        Known::Integer(number) => Some(number.to_string().into()),
                        _ => None,
                    }
                }
            };
            whole = match (whole, known) {
                (Some(mut whole), Some(more)) if whole.len() < 4096 => {
                    whole.push_str(&more);
                    Some(whole)
                }
                _ => None,
            };
        }
        match whole {
            Some(whole) => Known::text(&whole, How::Constant),
            None if pieces.iter().any(Known::comes_from_outside) => Known::joined(pieces),
            None if open && terms.len() == parts.len() && terms.len() <= 16 => {
                Known::open("?", Term::Joined(terms))
            }
            None => Known::joined(pieces),
        }
    }

    /// Evaluates the hole of a text, and keeps it as a term.
    fn evaluate_open(
        &mut self,
        hole: &'t Expr,
        scope: usize,
        terms: &mut Vec<Term>,
        open: &mut bool,
    ) -> Known {
        let known = self.evaluate(hole, scope);
        let term = match self.parameter_behind(hole, scope) {
            Some(parameter) => Some((*parameter).clone()),
            None => bounded_term(&known),
        };
        *open |= known.waits();
        terms.extend(term);
        known
    }
}

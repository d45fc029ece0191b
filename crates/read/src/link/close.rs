//! From what was followed to answers without anything open in them.

use stance_core::How;
use stance_core::fact::Value;

use super::evaluate::{DEPTH, Linker, PARTS, Seen, What};
use super::term::{Class, Term, dotted};

impl<'m> Linker<'m> {
    /// The dotted name of what was seen, as a callee. What the tree defines is `<name@path>`, behind the path of
    /// what it inherits from outside, if it does: `sdk.Agent.<Own@src/own.py>`.
    pub(super) fn path_of(&mut self, seen: &Seen<'m>, depth: u32) -> String {
        match &seen.what {
            What::Outside(path, _) => path.clone(),
            What::Made(callee, _) => format!("{callee}()"),
            What::Term(Term::Class(class)) => self.class_path(class, seen.home, depth),
            What::Instance { class, of, .. } => self.class_path(class, *of, depth),
            What::Term(Term::Function(function)) => {
                format!(".<{}@{}>", function.name, self.path(seen.home))
            }
            What::Term(term) => dotted(term),
            What::Text(_) | What::Module(_) => "?".to_owned(),
        }
    }

    pub(super) fn class_path(&mut self, class: &'m Class, home: usize, depth: u32) -> String {
        if let Some(depth) = depth.checked_sub(1) {
            for base in class.bases.iter().take(8) {
                for seen in self.follow(base, home, None, depth) {
                    match &seen.what {
                        What::Outside(path, _) => {
                            return format!("{path}.<{}@{}>", class.name, self.path(home));
                        }
                        What::Term(Term::Class(base)) => {
                            let path = self.class_path(base, seen.home, depth);
                            if let Some((outside, _)) = path.split_once(".<") {
                                return format!("{outside}.<{}@{}>", class.name, self.path(home));
                            }
                        }
                        _ => {}
                    }
                }
            }
        }
        format!(".<{}@{}>", class.name, self.path(home))
    }

    pub(super) fn path(&self, home: usize) -> &'m str {
        self.modules.get(home).map_or("", |module| &*module.path)
    }

    /// A term without anything open in it.
    pub(super) fn close(&mut self, seen: &Seen<'m>, depth: u32) -> Term {
        let Some(depth) = depth.checked_sub(1) else {
            return Term::Unknown;
        };
        let outside = |path: String| Term::Value(Value::Name(path));
        match &seen.what {
            What::Text(text) => Term::text(text, How::Constant),
            What::Term(Term::Value(value)) => Term::Value(followed(value, !seen.at.is_empty())),
            What::Term(Term::List(all)) => Term::List(
                all.iter()
                    .take(PARTS)
                    .map(|one| self.close_part(one, seen, depth))
                    .collect(),
            ),
            What::Term(Term::Map(map)) => Term::Map(
                map.iter()
                    .take(PARTS)
                    .map(|(key, one)| (key.clone(), self.close_part(one, seen, depth)))
                    .collect(),
            ),
            What::Made(callee, arguments) => Term::Made {
                callee: Box::new(outside(callee.clone())),
                arguments: self.close_arguments(arguments, seen, depth),
            },
            // A module that is handed over stands for what it is called after.
            What::Module(number) => {
                let path = self.path(*number);
                let name = path.rsplit('/').next().unwrap_or_default();
                let name = name.split('.').next().unwrap_or_default();
                outside(format!(".<{name}@{path}>"))
            }
            What::Instance { arguments, .. } => Term::Made {
                callee: Box::new(outside(self.path_of(seen, depth))),
                arguments: self.close_arguments(arguments, seen, depth),
            },
            What::Outside(..) | What::Term(Term::Function(_) | Term::Class(_)) => {
                outside(self.path_of(seen, depth))
            }
            What::Term(_) => Term::Unknown,
        }
    }

    pub(super) fn close_arguments(
        &mut self,
        arguments: &'m [(Option<String>, Term)],
        seen: &Seen<'m>,
        depth: u32,
    ) -> Vec<(Option<String>, Term)> {
        arguments
            .iter()
            .take(64)
            .map(|(name, one)| (name.clone(), self.close_part(one, seen, depth)))
            .collect()
    }

    pub(super) fn close_part(&mut self, term: &'m Term, of: &Seen<'m>, depth: u32) -> Term {
        let found = self.follow(term, of.home, of.frame.clone(), DEPTH);
        let mut all: Vec<Term> = Vec::new();
        for seen in &found {
            let closed = self.close(seen, depth);
            if !all.contains(&closed) {
                all.push(closed);
            }
        }
        match all.len() {
            0 => Term::Unknown,
            1 => all.pop().unwrap_or(Term::Unknown),
            _ => Term::OneOf(all),
        }
    }
}

/// A value where a name stood for it.
fn followed(value: &Value, named: bool) -> Value {
    match value {
        Value::Text {
            text,
            how: How::Literal,
        } if named => Value::Text {
            text: text.clone(),
            how: How::Constant,
        },
        other => other.clone(),
    }
}

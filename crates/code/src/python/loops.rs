//! What the target of a loop stands for: one of what is gone over.

use super::known::{CHOICES, Known};
use super::sink::Sink;
use super::syntax::{Clause, Expr, ExprKind};
use super::walk::Walk;

impl<'t, S: Sink> Walk<'t, S> {
    /// Binds the target of a loop over `iterable`.
    pub(super) fn bind_element(&mut self, target: &'t Expr, iterable: &Known, scope: usize) {
        match &target.kind {
            ExprKind::Name(name) => {
                self.sink.binds(name);
                self.scopes.set(scope, name, element_of(iterable));
            }
            // `for tool, description in [(search, "Searches."), …]`
            ExprKind::Sequence(parts)
                if parts
                    .iter()
                    .all(|part| matches!(part.kind, ExprKind::Name(_))) =>
            {
                for (position, part) in parts.iter().enumerate() {
                    if let ExprKind::Name(name) = &part.kind {
                        self.sink.binds(name);
                        let known = column_of(iterable, position, parts.len());
                        self.scopes.set(scope, name, known);
                    }
                }
            }
            _ => {
                for name in names_of(target) {
                    self.sink.binds(name);
                    self.scopes.set(scope, name, Known::Unknown);
                }
            }
        }
    }

    /// What is made for each of several things: of one list it is a list of one that may be each of them.
    pub(super) fn comprehension(
        &mut self,
        clauses: &'t [Clause],
        elements: &'t [Expr],
        scope: usize,
    ) -> Known {
        let mut hidden: Vec<(&str, Option<Known>)> = Vec::new();
        let mut over_list = false;
        for clause in clauses {
            let iterable = self.evaluate(&clause.iterable, scope);
            over_list = iterable
                .alternatives()
                .iter()
                .all(|one| matches!(one, Known::List(list) if !list.content.is_empty()));
            for name in names_of(&clause.target) {
                hidden.push((name, self.scopes.own(scope, name).cloned()));
            }
            self.bind_element(&clause.target, &iterable, scope);
            for condition in &clause.conditions {
                self.evaluate(condition, scope);
            }
        }
        let mut made: Vec<Known> = Vec::new();
        for element in elements {
            made.push(self.evaluate(element, scope));
        }
        for (name, before) in hidden.into_iter().rev() {
            match before {
                Some(known) => self.scopes.set(scope, name, known),
                None => self.scopes.remove(scope, name),
            }
        }
        match (made.len(), clauses.len(), over_list) {
            (1, 1, true) => Known::list(made),
            _ => Known::Unknown,
        }
    }
}

fn element_of(iterable: &Known) -> Known {
    match iterable {
        Known::List(list) if list.content.len() <= CHOICES => {
            Known::choice(list.content.iter().map(Known::followed))
        }
        Known::Choice(all) => {
            let lists = all.content.iter().filter_map(|one| match one {
                Known::List(list) => Some(&list.content),
                _ => None,
            });
            Known::choice(lists.flatten().take(CHOICES).map(Known::followed))
        }
        Known::Path { .. } | Known::Object(_) => iterable.member("[]"),
        _ => Known::Unknown,
    }
}

/// One of what stands at `position` in the rows of a list whose rows all have `width` parts.
fn column_of(iterable: &Known, position: usize, width: usize) -> Known {
    let Known::List(list) = iterable else {
        return Known::Unknown;
    };
    if list.content.len() > CHOICES {
        return Known::Unknown;
    }
    Known::choice(list.content.iter().map(|row| {
        match row {
            Known::List(row) if row.content.len() == width => row
                .content
                .get(position)
                .map_or(Known::Unknown, Known::followed),
            _ => Known::Unknown,
        }
    }))
}

/// The names that a target binds.
pub(super) fn names_of(target: &Expr) -> Vec<&str> {
    match &target.kind {
        ExprKind::Name(name) => vec![name],
        ExprKind::Sequence(parts) => parts.iter().flat_map(names_of).collect(),
        ExprKind::Other(parts) => parts.iter().flat_map(names_of).collect(),
        _ => Vec::new(),
    }
}

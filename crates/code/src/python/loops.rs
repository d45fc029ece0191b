//! What the target of a loop stands for: one of what is gone over.

use super::evaluate::names_of;
use super::known::{CHOICES, Known};
use super::sink::Sink;
use super::syntax::{Expr, ExprKind};
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

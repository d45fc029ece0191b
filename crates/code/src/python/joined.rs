//! Lists and texts that grow or are put together of several.

use stance_core::How;

use super::known::Known;
use super::sink::{Given, Sink};
use super::walk::Walk;

impl<S: Sink> Walk<'_, S> {
    /// `tools.append(search)`
    pub(super) fn grow(&mut self, name: &str, method: &str, arguments: &[Given<'_>], scope: usize) {
        if !matches!(method, "append" | "extend" | "add" | "insert") {
            return;
        }
        let Some(value) = arguments.iter().rev().find(|it| it.name.is_none()) else {
            return;
        };
        let more = match (method, &value.value) {
            ("extend", Known::List(more)) => more.content.clone(),
            ("extend", _) => return,
            (_, value) => vec![value.clone()],
        };
        let grown = match self.scopes.own(scope, name) {
            Some(Known::List(list)) => {
                Known::list(list.content.iter().cloned().chain(more).collect())
            }
            _ => return,
        };
        self.scopes.set(scope, name, grown);
    }
}

/// What two values are together.
pub(super) fn add(left: &Known, right: &Known) -> Known {
    match (left, right) {
        (Known::Text { text: left, .. }, Known::Text { text: right, .. })
            if left.len().saturating_add(right.len()) < 32 * 1024 =>
        {
            Known::text(&format!("{left}{right}"), How::Constant)
        }
        (Known::List(left), Known::List(right)) => Known::list(
            left.content
                .iter()
                .chain(&right.content)
                .take(512)
                .cloned()
                .collect(),
        ),
        (Known::Text { .. } | Known::Joined(_), _) | (_, Known::Text { .. } | Known::Joined(_)) => {
            Known::joined(vec![left.clone(), right.clone()])
        }
        // `from_server + [own]`: what is known of it.
        (Known::List(list), other) | (other, Known::List(list))
            if !list.content.is_empty() && !matches!(other, Known::Choice(_)) =>
        {
            Known::list(
                list.content
                    .iter()
                    .cloned()
                    .chain([Known::Unknown])
                    .collect(),
            )
        }
        _ => Known::Unknown,
    }
}

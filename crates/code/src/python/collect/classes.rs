//! Classes that are tools, agents, guardrails or evaluators by what they inherit from.

use stance_core::How;

use super::{Collector, Draft, lies_in};
use crate::python::catalogue::{BASES, root_of};
use crate::python::known::Known;
use crate::python::syntax::Class;

impl Collector<'_> {
    pub(super) fn derived(
        &mut self,
        class: &Class,
        bases: &[Known],
        member: &dyn Fn(&str) -> Option<Known>,
    ) {
        let declared = std::mem::take(&mut self.declared);
        let settings = bases.iter().any(|base| match base {
            Known::Path { path, .. } => path.ends_with("BaseSettings"),
            _ => false,
        });
        if settings {
            // Such a class takes each field from the variable of its name.
            for (name, span) in declared {
                self.variable(&name.to_ascii_uppercase(), How::Configuration, &span);
            }
        }
        let found = bases.iter().find_map(|base| {
            let Known::Path { path, .. } = base else {
                return None;
            };
            let path = path.trim_end_matches(".[]");
            BASES.iter().find(|(root, names, _)| {
                let last = path.rsplit('.').next().unwrap_or_default();
                lies_in(path, root) && names.contains(&last)
            })
        });
        let Some((root, _, kind)) = found else { return };
        let given = match member("name") {
            Some(Known::Text { text, .. }) if (1..=80).contains(&text.len()) => Some(text),
            _ => None,
        };
        let name = given.as_deref().unwrap_or(&class.name);
        let mut draft = Draft::new(*kind, self.local_key(&class.name), name, How::Literal)
            .alias(&class.name)
            .with("framework", root_of(root).map_or(*root, |root| root.package));
        let described = match member("description") {
            Some(Known::Text { text, .. }) => Some(text.to_string()),
            _ => class.documented.clone(),
        };
        if let Some(text) = described {
            draft = draft.described(&text);
        }
        self.refer(draft, &class.name_span);
    }
}

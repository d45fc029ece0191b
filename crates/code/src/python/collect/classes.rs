//! Classes that are tools, agents, guardrails or evaluators by what they inherit from.

use stance_core::{AssetKind, How, RelationKind};

use super::members::guards;
use super::{Collector, Draft, lies_in};
use crate::python::catalogue::{BASES, root_of};
use crate::python::known::Known;
use crate::python::syntax::{Class, Span};

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
        let given = match member("name") {
            Some(Known::Text { text, .. }) if (1..=80).contains(&text.len()) => Some(text),
            _ => None,
        };
        let described = match member("description") {
            Some(Known::Text { text, .. }) => Some(text.to_string()),
            _ => class.documented.clone(),
        };
        let derived = Derived {
            name: class.name.clone(),
            span: class.name_span.clone(),
            given: given.map(|text| text.to_string()),
            described,
        };
        let paths = || {
            bases.iter().filter_map(|base| match base {
                Known::Path { path, .. } => Some(&**path),
                _ => None,
            })
        };
        match paths().find_map(|path| base_of(path)) {
            Some((root, kind)) => self.derived_from(root, kind, &derived),
            // Another file may tell what its own base is.
            None => {
                if let Some(path) = paths().find(|path| is_own_base(path)) {
                    self.hold_class(path, derived);
                }
            }
        }
    }

    /// A class whose base another file defines.
    pub(super) fn derived_elsewhere(&mut self, base: &str, derived: &Derived) {
        if let Some((root, kind)) = base_of(base) {
            self.derived_from(root, kind, derived);
        }
    }

    fn derived_from(&mut self, root: &'static str, kind: AssetKind, class: &Derived) {
        // Most middleware only keeps an agent going.
        if kind == AssetKind::Guardrail && root == "langchain" && !guards(&class.name) {
            return;
        }
        let name = class.given.as_deref().unwrap_or(&class.name);
        let mut draft = Draft::new(kind, self.local_key(&class.name), name, How::Literal)
            .alias(&class.name)
            .with("framework", root_of(root).map_or(root, |root| root.package));
        if kind == AssetKind::McpServer {
            draft = draft
                .relation(RelationKind::Exposes)
                .with("implemented", true);
        }
        if let Some(text) = &class.described {
            draft = draft.described(text);
        }
        self.refer(draft, &class.span);
    }
}

/// A class that may be a tool, an agent or the like by what it inherits from.
#[derive(Clone, Debug)]
pub(super) struct Derived {
    pub(super) name: String,
    pub(super) span: Span,
    /// What it calls itself.
    pub(super) given: Option<String>,
    pub(super) described: Option<String>,
}

/// What a class is that inherits from `path`.
fn base_of(path: &str) -> Option<(&'static str, AssetKind)> {
    let path = path.trim_end_matches(".[]");
    let last = path.rsplit('.').next().unwrap_or_default();
    let found = BASES
        .iter()
        .find(|(root, names, _)| lies_in(path, root) && names.contains(&last));
    found.map(|(root, _, kind)| (*root, *kind))
}

/// Whether a base of another file is by its name one of tools, agents and the like.
fn is_own_base(path: &str) -> bool {
    let last = path
        .trim_end_matches(".[]")
        .rsplit('.')
        .next()
        .unwrap_or_default();
    path.contains('.')
        && !path.starts_with('?')
        && [
            "Tool",
            "Agent",
            "Toolkit",
            "Guardrail",
            "Evaluator",
            "Metric",
            "Middleware",
        ]
        .iter()
        .any(|end| last.ends_with(end))
}

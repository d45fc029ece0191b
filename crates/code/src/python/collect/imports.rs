//! Imports: which packages and vendors a file uses.

use stance_core::fact::Import;
use stance_core::{AssetKind, How, RelationKind};

use super::{Collector, Draft};
use crate::python::catalogue::{APIS, Root, is_common, root_of};
use crate::python::syntax::Span;

impl Collector<'_> {
    pub(super) fn add_import(&mut self, module: &str, span: &Span) {
        if module.starts_with('.') || self.modules.len() >= 4096 {
            return;
        }
        if root_of(module).is_some() {
            self.modules.push((module.to_owned(), span.clone()));
        }
    }

    /// One fact for each root that the file imports.
    pub(super) fn report_imports(&mut self) {
        let modules = std::mem::take(&mut self.modules);
        let mut done: Vec<&str> = Vec::new();
        for (module, span) in &modules {
            let Some(root) = root_of(module) else {
                continue;
            };
            if done.contains(&root.module) || !self.is_proven(root, &modules) {
                continue;
            }
            done.push(root.module);
            self.imports.push(Import {
                module: module.clone(),
                evidence: self.place.evidence(span.clone()),
            });
            self.refer_root(root, span);
        }
    }

    /// Whether the module is the one we know, and not one of the program's own of the same name.
    fn is_proven(&self, root: &Root, modules: &[(String, Span)]) -> bool {
        !is_common(root)
            || self.used.contains(root.module)
            || modules.iter().any(|(module, _)| {
                module
                    .strip_prefix(root.module)
                    .and_then(|rest| rest.strip_prefix('.'))
                    .is_some_and(|name| is_known_name(root.module, name))
            })
    }

    fn refer_root(&mut self, root: &'static Root, span: &Span) {
        let package = Draft::new(
            AssetKind::Package,
            format!("pkg:pypi/{}", root.package),
            root.package,
            How::Import,
        )
        .relation(RelationKind::DependsOn)
        .with("ecosystem", "pypi");
        self.refer(package, span);
        if !root.vendor.is_empty() {
            let vendor = Draft::new(AssetKind::Vendor, root.vendor, root.vendor, How::Import)
                .relation(RelationKind::Calls);
            self.refer(vendor, span);
        }
    }
}

/// Whether `name` is something that the catalogue knows of the module.
fn is_known_name(module: &str, name: &str) -> bool {
    APIS.iter()
        .any(|api| api.root == module && api.name.split('.').next() == Some(name))
        || matches!(
            (module, name),
            (
                "agents",
                "Runner" | "RunConfig" | "handoff" | "GuardrailFunctionOutput"
            ) | (
                "datasets",
                "Dataset" | "DatasetDict" | "load_from_disk" | "concatenate_datasets"
            ) | ("together", "Together" | "AsyncTogether")
                | ("fireworks", "client")
                | ("weave", "init" | "op")
                | ("phoenix", "otel")
        )
}

//! Imports: which packages and vendors a file uses.

use stance_code::packages;
use stance_core::fact::{Ecosystem, Import};
use stance_core::{AssetKind, How, RelationKind};
use stance_read::vendors;

use super::{Collector, Draft};
use crate::script::known::At;
use crate::script::modules::{is_relative, package_of, path_of_module};
use crate::script::syntax::Span;

impl Collector<'_> {
    pub(super) fn add_import(&mut self, module: &str, span: Span) {
        if is_relative(module) || self.packages.len() >= 4096 {
            return;
        }
        let package = package_of(module);
        let category = packages::category(Ecosystem::Npm, package);
        if category == Some("mcp") || package == "@mastra/mcp" {
            self.speaks_mcp = true;
        }
        let path = path_of_module(module);
        if path.ends_with("server/stdio") {
            self.transport.get_or_insert("stdio");
        } else if path.ends_with("server/streamableHttp") {
            self.transport = Some("http");
        } else if path.ends_with("server/sse") {
            self.transport = Some("sse");
        }
        if category.is_some() || vendors::of_package(Ecosystem::Npm, package).is_some() {
            self.packages.push((path.to_owned(), span));
        }
    }

    /// One fact for each package that the file imports.
    pub(super) fn report_imports(&mut self) {
        let imported = std::mem::take(&mut self.packages);
        let mut done: Vec<&str> = Vec::new();
        for (module, span) in &imported {
            let package = package_of(module);
            if done.contains(&package) {
                continue;
            }
            done.push(package);
            let at = At::Here(*span);
            let evidence = self.evidence(&at);
            self.imports.push(Import {
                module: module.clone(),
                evidence,
            });
            let draft = Draft::new(
                AssetKind::Package,
                format!("pkg:npm/{package}"),
                package,
                How::Import,
            )
            .relation(RelationKind::DependsOn)
            .with("ecosystem", "npm");
            self.refer(draft, &at);
            if let Some(vendor) = vendors::of_package(Ecosystem::Npm, package) {
                let draft = Draft::new(AssetKind::Vendor, vendor.key, vendor.key, How::Import)
                    .relation(RelationKind::Calls);
                self.refer(draft, &at);
            }
        }
    }
}

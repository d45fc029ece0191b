//! `go.mod`: every module of the build since Go 1.17, those that others need with a remark.
//!
//! See <https://go.dev/ref/mod#go-mod-file>.

use std::collections::HashMap;
use std::ops::Range;

use stance_core::fact::Ecosystem;

use super::collect::{Collect, Package};

pub(super) fn read(to: &mut Collect<'_, '_>) {
    let text = to.text.as_str();
    let mut block = "";
    let mut name: Option<(&str, Range<usize>)> = None;
    let mut required: Vec<(Package, Range<usize>)> = Vec::new();
    let mut replaced: HashMap<&str, &str> = HashMap::new();
    let mut start = 0_usize;
    for raw in text.split_inclusive('\n') {
        let from = start;
        start = start.saturating_add(raw.len());
        let (code, remark) = raw.split_once("//").unwrap_or((raw, ""));
        let lead = raw.len().saturating_sub(raw.trim_start().len());
        let code = code.trim();
        let place = from.saturating_add(lead)..from.saturating_add(lead).saturating_add(code.len());
        let mut words = code.split_whitespace();
        let directive = match words.clone().next() {
            None => continue,
            Some(")") => {
                block = "";
                continue;
            }
            Some(word) if block.is_empty() => {
                words.next();
                if words.clone().next() == Some("(") {
                    block = word;
                    continue;
                }
                word
            }
            Some(_) => block,
        };
        match directive {
            "module" => name = words.next().map(|word| (word.trim_matches('"'), place)),
            "require" => {
                if let (Some(module), Some(version)) = (words.next(), words.next())
                    && required.len() < to.most()
                {
                    let package = Package {
                        name: module.trim_matches('"').to_owned(),
                        version: Some(version.to_owned()),
                        direct: Some(!remark.trim().starts_with("indirect")),
                        ..Package::default()
                    };
                    required.push((package, place));
                }
            }
            "replace" => {
                if let Some((old, new)) = code.split_once("=>") {
                    let old = old.trim().trim_start_matches("replace").trim();
                    let old = old.split_whitespace().next().unwrap_or_default();
                    replaced.insert(old, new.trim());
                }
            }
            _ => {}
        }
    }
    let Some((module, place)) = name else { return };
    to.manifest(
        Ecosystem::Golang,
        Some(module),
        None,
        Vec::new(),
        Some(place),
    );
    for (mut package, place) in required {
        if let Some(new) = replaced.get(&*package.name) {
            let mut words = new.split_whitespace();
            match (words.next(), words.next()) {
                (Some(module), Some(version)) => {
                    package.name = module.to_owned();
                    package.version = Some(version.to_owned());
                }
                // A directory beside this one.
                (Some(path), None) => package.origin = Some(path.to_owned()),
                _ => {}
            }
        }
        to.package(Ecosystem::Golang, package, place);
    }
}

//! `setup.cfg`: `[metadata] name`, `[options] install_requires`, `[options.extras_require]`.

use std::ops::Range;

use stance_core::fact::Ecosystem;

use super::collect::{Collect, Package};
use super::requirement;

pub(super) fn read(to: &mut Collect<'_, '_>) {
    let text = to.text.as_str();
    let (mut section, mut key) = (String::new(), String::new());
    let (mut name, mut version) = (None, None);
    let mut packages: Vec<(Package, Range<usize>)> = Vec::new();
    let mut start = 0_usize;
    for raw in text.split_inclusive('\n') {
        let line = raw.trim_end();
        let from = start;
        start = start.saturating_add(raw.len());
        let code = line.trim();
        if code.is_empty() || code.starts_with(['#', ';']) {
            continue;
        }
        let value = if line.starts_with('[') {
            code.trim_matches(['[', ']']).clone_into(&mut section);
            key.clear();
            continue;
        } else if line.starts_with([' ', '\t']) {
            code
        } else {
            let (left, right) = line.split_once('=').unwrap_or((line, ""));
            left.trim().clone_into(&mut key);
            right.trim()
        };
        match (section.as_str(), key.as_str()) {
            ("metadata", "name") => {
                name = Some((value, from..from.saturating_add(line.len())));
            }
            ("metadata", "version") => version = Some(value),
            ("options", "install_requires") | ("options.extras_require", _) => {
                if let Some(mut package) = requirement::parse(value) {
                    package.development = section.ends_with("extras_require")
                        && matches!(key.as_str(), "dev" | "test" | "tests" | "docs");
                    let at = from.saturating_add(line.find(value).unwrap_or_default());
                    packages.push((package, at..at.saturating_add(value.len())));
                }
            }
            _ => {}
        }
    }
    if name.is_none() && packages.is_empty() {
        return;
    }
    let (name, place) = name.unzip();
    to.manifest(Ecosystem::Pypi, name, version, Vec::new(), place);
    for (package, place) in packages {
        to.package(Ecosystem::Pypi, package, place);
    }
}

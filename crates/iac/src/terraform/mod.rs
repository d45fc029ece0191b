//! Terraform: modules of the tree, resolved as far as constants go.

mod functions;
mod module;
mod policy;
mod resolve;

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::evaluate::State;
use crate::hcl;
use crate::limits::Limits;
use crate::problem::{Problems, Reason};
use crate::resource::Resource;
use crate::value::Span;

pub(crate) use functions::{call, whole};
use module::{Module, Names};
use resolve::Resolver;

/// Whether this is a file of Terraform.
pub(crate) fn claims(path: &str) -> bool {
    path.ends_with(".tf") || path.ends_with(".tofu") || values(path)
}

/// Whether this is a file of values that Terraform reads unasked.
fn values(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name == "terraform.tfvars" || name.ends_with(".auto.tfvars")
}

/// Reads all files of Terraform of a tree: their number, path and text.
pub(crate) fn read(
    files: &[(u32, &str, &str)],
    limits: &Limits,
    problems: &mut Problems,
    resources: &mut Vec<Resource>,
) {
    let mut modules: BTreeMap<String, Module> = BTreeMap::new();
    for (file, path, text) in files {
        let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
        let body = hcl::parse(text, *file, limits, problems);
        let module = modules.entry(directory.to_owned()).or_default();
        directory.clone_into(&mut module.directory);
        if values(path) {
            module.values.push(((*path).to_owned(), body));
        } else {
            module.bodies.push(body);
        }
    }
    for module in modules.values_mut() {
        // `terraform.tfvars` first, then the others by name.
        module
            .values
            .sort_by_key(|(path, _)| (path.ends_with(".auto.tfvars"), path.clone()));
    }
    let names: HashMap<&str, Names<'_>> = modules
        .iter()
        .map(|(directory, module)| (directory.as_str(), Names::of(module)))
        .collect();
    let called: HashSet<String> = names
        .values()
        .flat_map(|one| one.calls.values().filter_map(|call| one.source(call)))
        .collect();
    let mut seen = HashSet::new();
    // Those that nobody calls first; what is left after them calls itself in a circle.
    for circle in [false, true] {
        for directory in modules.keys() {
            if seen.contains(directory) || (!circle && called.contains(directory)) {
                continue;
            }
            let mut resolver = Resolver::new(&names, State::new(*limits), problems);
            resolver.root(directory, resources);
            seen.extend(resolver.directories());
            let exhausted = resolver.exhausted();
            if exhausted {
                let body = modules.get(directory).and_then(|one| one.bodies.first());
                let span = body
                    .and_then(|body| body.blocks.first())
                    .map_or_else(Span::default, |block| block.span);
                problems.add(
                    Reason::Limit,
                    span,
                    "values were not worked out to their end",
                );
            }
        }
    }
}

//! Directories of Terraform: what each declares.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::expression::Expression;
use crate::hcl::{Block, Body};

/// What the files of one directory declare together.
#[derive(Debug, Default)]
pub(super) struct Module {
    pub(super) directory: String,
    pub(super) bodies: Vec<Body>,
    /// Files of values, in the order in which they count.
    pub(super) values: Vec<(String, Body)>,
}

/// The declarations of a module by their names.
#[derive(Debug, Default)]
pub(super) struct Names<'a> {
    pub(super) directory: &'a str,
    pub(super) variables: HashMap<&'a str, &'a Block>,
    pub(super) values: HashMap<&'a str, &'a Expression>,
    pub(super) locals: HashMap<&'a str, &'a Expression>,
    pub(super) outputs: HashMap<&'a str, &'a Block>,
    pub(super) calls: BTreeMap<&'a str, &'a Block>,
    pub(super) resources: Vec<&'a Block>,
    pub(super) by_address: HashMap<(&'a str, &'a str), &'a Block>,
    pub(super) data: HashMap<(&'a str, &'a str), &'a Block>,
}

impl<'a> Names<'a> {
    pub(super) fn of(module: &'a Module) -> Self {
        let mut names = Self {
            directory: &module.directory,
            ..Self::default()
        };
        for block in module.bodies.iter().flat_map(|body| &body.blocks) {
            let label = |at: usize| block.labels.get(at).map(Arc::as_ref);
            match (&*block.kind, label(0), label(1)) {
                ("variable", Some(name), _) => {
                    names.variables.insert(name, block);
                }
                ("output", Some(name), _) => {
                    names.outputs.insert(name, block);
                }
                ("module", Some(name), _) => {
                    names.calls.insert(name, block);
                }
                ("locals", ..) => {
                    let attributes = block.body.attributes.iter();
                    names
                        .locals
                        .extend(attributes.map(|one| (&*one.name, &one.value)));
                }
                ("resource", Some(kind), Some(name)) => {
                    names.resources.push(block);
                    names.by_address.insert((kind, name), block);
                }
                ("data", Some(kind), Some(name)) => {
                    names.data.insert((kind, name), block);
                }
                _ => {}
            }
        }
        for (_, body) in &module.values {
            let attributes = body.attributes.iter();
            names
                .values
                .extend(attributes.map(|one| (&*one.name, &one.value)));
        }
        names
    }

    /// The directory that a call of a module means, if it is one of the tree.
    pub(super) fn source(&self, call: &Block) -> Option<String> {
        let source = call.body.get("source")?.as_text()?;
        if !source.starts_with("./") && !source.starts_with("../") {
            return None;
        }
        join(self.directory, source)
    }
}

/// A path relative to a directory; none above the tree.
pub(super) fn join(directory: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = directory
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

//! Infrastructure as code to resources: what Terraform, CloudFormation and ARM will make, in one model.
//!
//! [`read`] takes the files of a tree. What it gives are [`Resource`]s of one [`kind`](Resource::kind) and one set of
//! attribute names for all formats, each value with its place. What is not known before the infrastructure is made is
//! a value of its own: a [`Reference`] to an attribute of another resource, or [`Unknown`] with the reason. Nothing is
//! guessed. [`Resource::to_json`] is the input of a policy, [`Resource::locate`] leads from a pointer in it to the file.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

mod arm;
mod cloudformation;
mod evaluate;
pub mod expression;
pub mod hcl;
mod json;
mod kinds;
mod limits;
mod problem;
mod resource;
mod terraform;
#[cfg(test)]
mod tests;
mod value;

use std::sync::Arc;

pub use limits::Limits;
use problem::Problems;
pub use problem::{Problem, Reason};
pub use resource::{Format, Link, Resource};
pub use value::{Entry, List, Map, Node, Reference, Span, Unknown, Value, Why};

/// A file of the tree.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Its path from the top of the tree, `/` between its parts.
    pub path: &'a str,
    /// What it holds.
    pub bytes: &'a [u8],
}

/// What the files of a tree make.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// The files that were read, whose numbers [`Span`]s carry.
    pub files: Vec<File>,
    /// The resources.
    pub resources: Vec<Resource>,
    /// What was not read or resolved.
    pub problems: Vec<Problem>,
}

/// A file that was read.
#[derive(Clone, Debug)]
pub struct File {
    /// Its path.
    pub path: Arc<str>,
    /// Bytes at which its lines start.
    lines: Vec<u32>,
}

impl File {
    /// The line of a byte, from 1.
    #[must_use]
    pub fn line(&self, byte: u32) -> usize {
        self.lines.partition_point(|start| *start <= byte)
    }
}

impl Model {
    /// Path and line of a place.
    #[must_use]
    pub fn place(&self, span: Span) -> Option<(&str, usize)> {
        let file = self.files.get(usize::try_from(span.file).ok()?)?;
        Some((&file.path, file.line(span.start)))
    }

    /// The resource with this address in the root of another one, without its index where it has one.
    #[must_use]
    pub fn linked(&self, from: &Resource, link: &Reference) -> Option<&Resource> {
        let mut same_root = self.resources.iter().filter(|one| one.root == from.root);
        same_root.find(|one| {
            let rest = one.address.strip_prefix(&*link.address);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
        })
    }
}

/// Reads the files of a tree. Files of other formats are left alone.
#[must_use]
pub fn read(sources: &[Source<'_>], limits: &Limits) -> Model {
    let mut model = Model::default();
    let mut problems = Problems::default();
    let mut terraform = Vec::new();
    let mut templates = Vec::new();
    for source in sources {
        let path = source.path;
        let yaml = path.ends_with(".yaml") || path.ends_with(".yml") || path.ends_with(".template");
        let data = yaml || path.ends_with(".json");
        if !terraform::claims(path) && !data {
            continue;
        }
        let number = u32::try_from(model.files.len()).unwrap_or(u32::MAX);
        let start = Span {
            file: number,
            ..Span::default()
        };
        let lines = memchr::memchr_iter(b'\n', source.bytes);
        let lines = lines.map(|at| u32::try_from(at.saturating_add(1)).unwrap_or(u32::MAX));
        let whole = source.bytes.len() <= limits.file;
        model.files.push(File {
            path: path.into(),
            lines: std::iter::once(0).chain(lines.filter(|_| whole)).collect(),
        });
        if !whole {
            problems.add(Reason::Limit, start, "longer than is read of one file");
            continue;
        }
        let text = match std::str::from_utf8(source.bytes) {
            Ok(text) => text,
            Err(error) => {
                let bad = u32::try_from(error.valid_up_to()).unwrap_or(u32::MAX);
                let span = Span {
                    file: number,
                    start: bad,
                    end: bad.saturating_add(1),
                };
                problems.add(Reason::Syntax, span, "not UTF-8 from here on");
                let valid = source.bytes.get(..error.valid_up_to()).unwrap_or_default();
                std::str::from_utf8(valid).unwrap_or_default()
            }
        };
        if data {
            templates.push((number, path, text, yaml));
        } else {
            terraform.push((number, path, text));
        }
    }
    terraform::read(&terraform, limits, &mut problems, &mut model.resources);
    for (number, path, text, yaml) in templates {
        let file = (number, path, text);
        if cloudformation::claims(text) {
            cloudformation::read(file, yaml, limits, &mut problems, &mut model.resources);
        } else if !yaml && arm::claims(text) {
            arm::read(file, limits, &mut problems, &mut model.resources);
        }
    }
    model.problems = problems.list;
    model
}

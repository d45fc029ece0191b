//! Which tensors of a checkpoint are meant, under which names, and what is left behind.

use std::collections::{BTreeMap, HashSet};

use super::children::{children, is_mapping, is_module};
use super::describe::describe;
use super::error::Error;
use super::part::Part;
use super::tensor::Tensor;
use super::tree::{Object, Tree, Value};
use stance_read::source::Source;

/// Deepest nesting that is followed.
const DEPTH: usize = 100;
/// Most values that are visited.
const VISITS: u64 = 4_000_000;
/// Most bytes of all names together.
const NAMES: usize = 32 << 20;
/// Most things left behind that are listed one by one.
const LISTED: usize = 10_000;

/// The keys under which checkpoints keep the weights, where not everything is weights.
const WEIGHTS: &[&str] = &["state_dict", "model_state_dict", "model", "module"];

/// Something that is not in the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// Where it was.
    pub path: String,
    /// What it was.
    pub what: String,
}

/// Tensors by name, and the rest.
#[derive(Debug, Default)]
pub(crate) struct Selection {
    pub(crate) tensors: BTreeMap<String, Tensor>,
    pub(crate) left: Vec<Leftover>,
    /// How many more there are than `left` lists.
    pub(crate) more: u64,
    /// The part of the checkpoint that was taken; empty for all of it.
    pub(crate) key: String,
}

impl Selection {
    pub(crate) fn leave(&mut self, path: impl Into<String>, what: impl Into<String>) {
        if self.left.len() >= LISTED {
            self.more = self.more.saturating_add(1);
            return;
        }
        self.left.push(Leftover {
            path: path.into(),
            what: what.into(),
        });
    }
}

/// Takes the tensors under `key`, or those that users mean when they say nothing.
pub(crate) fn select(
    part: &Part,
    source: &dyn Source,
    key: Option<&str>,
) -> Result<Selection, Error> {
    let mut walk = Walk {
        part,
        source,
        selection: Selection::default(),
        visits: VISITS,
        names: NAMES,
        active: HashSet::new(),
    };
    let (key, value) = match key {
        Some(key) => (key.to_owned(), walk.follow(key)?),
        None => walk.weights()?,
    };
    walk.selection.key.clone_from(&key);
    if !key.is_empty() {
        walk.leave_others(&key)?;
    }
    walk.visit("", value, 0)?;
    Ok(walk.selection)
}

/// How many tensors are anywhere in `part`.
pub(crate) fn count(part: &Part, source: &dyn Source) -> Result<usize, Error> {
    Ok(select(part, source, Some(""))?.tensors.len())
}

struct Walk<'a> {
    part: &'a Part,
    source: &'a dyn Source,
    selection: Selection,
    visits: u64,
    names: usize,
    /// The objects on the way to the one that is visited.
    active: HashSet<u32>,
}

impl Walk<'_> {
    fn tree(&self) -> &Tree {
        &self.part.tree
    }

    /// The value at a dotted path; a key may have dots itself.
    fn follow(&self, key: &str) -> Result<Value, Error> {
        let mut value = self.part.root;
        let mut rest = key;
        while !rest.is_empty() {
            let children = children(self.tree(), value).unwrap_or_default();
            let found = children.iter().rev().find_map(|(name, child)| {
                let behind = rest.strip_prefix(name.as_str())?;
                let behind = match behind.strip_prefix('.') {
                    Some(behind) => behind,
                    None if behind.is_empty() => behind,
                    None => return None,
                };
                Some((*child, behind))
            });
            let Some((child, behind)) = found else {
                let mut known: Vec<&str> = children.iter().map(|(name, _)| name.as_str()).collect();
                known.truncate(20);
                return Err(Error::NoSuchKey {
                    key: stance_core::evidence::shorten(key),
                    known: if known.is_empty() {
                        "no keys".to_owned()
                    } else {
                        stance_core::evidence::shorten(&known.join(", "))
                    },
                });
            };
            value = child;
            rest = behind;
        }
        Ok(value)
    }

    /// The root, unless it holds no tensor itself but has a key under which weights are kept.
    fn weights(&mut self) -> Result<(String, Value), Error> {
        let root = self.part.root;
        let Some(entries) = self.tree().entries(root) else {
            return Ok((String::new(), root));
        };
        let is_tensor = |value: &Value| self.part.tensor(*value, self.source).is_some();
        if entries.iter().any(|(_, value)| is_tensor(value)) {
            return Ok((String::new(), root));
        }
        for wanted in WEIGHTS {
            let found = entries
                .iter()
                .rev()
                .find(|(key, _)| self.tree().as_str(*key) == Some(wanted));
            if let Some((_, value)) = found
                && self.counted(*value)?.0 > 0
            {
                return Ok(((*wanted).to_owned(), *value));
            }
        }
        Ok((String::new(), root))
    }

    /// How many tensors and other values are in `value`.
    fn counted(&mut self, value: Value) -> Result<(usize, u64), Error> {
        let mut scratch = Walk {
            part: self.part,
            source: self.source,
            selection: Selection::default(),
            visits: self.visits,
            names: self.names,
            active: HashSet::new(),
        };
        scratch.visit("", value, 0)?;
        self.visits = scratch.visits;
        let left = scratch.selection.left.len() as u64;
        Ok((
            scratch.selection.tensors.len(),
            left.saturating_add(scratch.selection.more),
        ))
    }

    /// Says what lies beside the part that is taken.
    fn leave_others(&mut self, key: &str) -> Result<(), Error> {
        for (name, value) in children(self.tree(), self.part.root).unwrap_or_default() {
            let taken = key == name
                || key
                    .strip_prefix(name.as_str())
                    .is_some_and(|rest| rest.starts_with('.'));
            if taken {
                continue;
            }
            let what = match self.counted(value)? {
                (0, 0 | 1) => describe(self.tree(), value),
                (0, values) => several(values, "value"),
                (tensors, 0) => several(tensors as u64, "tensor"),
                (tensors, values) => format!(
                    "{} and {}",
                    several(tensors as u64, "tensor"),
                    several(values, "other value")
                ),
            };
            self.selection.leave(name, what);
        }
        Ok(())
    }

    fn visit(&mut self, path: &str, value: Value, depth: usize) -> Result<(), Error> {
        self.visits = self
            .visits
            .checked_sub(1)
            .ok_or_else(|| Error::Limit(format!("more than {VISITS} values")))?;
        match self.part.tensor(value, self.source) {
            Some(Ok(tensor)) => return self.take(path, tensor),
            Some(Err(why)) => {
                self.selection.leave(path, why);
                return Ok(());
            }
            None => {}
        }
        let Value::Object(index) = value else {
            self.selection.leave(path, describe(self.tree(), value));
            return Ok(());
        };
        let Some(children) = children(self.tree(), value) else {
            self.selection.leave(path, describe(self.tree(), value));
            return Ok(());
        };
        if depth >= DEPTH {
            return Err(Error::Limit(format!(
                "values nested more than {DEPTH} deep"
            )));
        }
        if !self.active.insert(index) {
            self.selection.leave(path, "a reference to what holds it");
            return Ok(());
        }
        if let Some(Object::Call(call)) = self.tree().get(value) {
            let what = describe(self.tree(), value);
            if !is_mapping(self.tree(), call) && !is_module(self.tree(), call) {
                self.selection.leave(path, what);
            }
        }
        if let Some(Object::Dict(entries)) = self.tree().get(value)
            && entries.len() > children.len()
        {
            let unnamed = entries.len().saturating_sub(children.len());
            self.selection.leave(
                path,
                format!("{unnamed} entries whose keys are neither text nor numbers"),
            );
        }
        for (name, child) in children {
            let path = if path.is_empty() {
                name
            } else {
                format!("{path}.{name}")
            };
            self.names = self
                .names
                .checked_sub(path.len())
                .ok_or_else(|| Error::Limit(format!("names of more than {NAMES} bytes")))?;
            self.visit(&path, child, depth.saturating_add(1))?;
        }
        self.active.remove(&index);
        Ok(())
    }

    fn take(&mut self, path: &str, tensor: Tensor) -> Result<(), Error> {
        let name = if path.is_empty() { "tensor" } else { path };
        if name == "__metadata__" {
            self.selection.leave(
                name,
                "a tensor under the one name that safetensors keeps for itself",
            );
            return Ok(());
        }
        if self.selection.tensors.contains_key(name) {
            return Err(Error::Refused(format!(
                "two tensors would both be called `{}`; take one of the two with --key",
                stance_core::evidence::shorten(name)
            )));
        }
        self.selection.tensors.insert(name.to_owned(), tensor);
        Ok(())
    }
}

/// `1 tensor`, `2 tensors`.
fn several(count: u64, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}

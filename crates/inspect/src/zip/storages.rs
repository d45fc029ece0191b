//! The storages of a PyTorch archive: raw numbers, looked at like the tensors of any other format.

use std::collections::HashMap;

use stance_core::fact::Artifact;

use super::entry::Entry;
use super::member::Member;
use super::shape::Shape;
use crate::convert::listing;
use crate::convert::place::Place;
use stance_models::members::member_evidence;
use stance_models::weights::{self, Element};
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::source::Source;

/// Largest pickle that is read again for the types of its storages.
const PICKLE: u64 = 8 << 20;
/// Signs that compressed storages may add in all.
const SIGNS: usize = 64;

/// A member that holds nothing but numbers.
struct Storage {
    /// `data/17`.
    name: String,
    at: u64,
    bytes: u64,
}

/// What is known of the storages while the members are looked at.
pub(super) struct Storages {
    members: Vec<Storage>,
    /// `FloatStorage`, by the name of the member below the root.
    classes: HashMap<String, String>,
    big_endian: bool,
    /// Whether the archive has any.
    any: bool,
    /// Bytes of compressed storages that may still be unpacked.
    left: u64,
}

impl Storages {
    pub(super) fn new(input: &Input<'_>) -> Self {
        let limits = &input.options().limits;
        Self {
            members: Vec::new(),
            classes: HashMap::new(),
            big_endian: false,
            any: false,
            left: limits.tensor_bytes.min(limits.unpacked),
        }
    }

    /// The name of a storage below the root, when `name` is one.
    pub(super) fn name<'n>(shape: &Shape, name: &'n str) -> Option<&'n str> {
        let inner = name.strip_prefix(&*shape.root)?;
        let is_storage = inner.starts_with("data/")
            || inner.starts_with("constants/")
            || inner.starts_with(".data/") && inner.ends_with(".storage");
        (shape.is_torch() && is_storage).then_some(inner)
    }

    /// Whether there are storages among `entries`; without any, what members say of them is not read.
    pub(super) fn expect(&mut self, shape: &Shape, entries: &[Entry]) {
        self.any = entries
            .iter()
            .any(|entry| Self::name(shape, &entry.name).is_some());
    }

    /// Notes what a member says about the storages, before they are looked at.
    pub(super) fn learn(&mut self, shape: &Shape, name: &str, source: &dyn Source) {
        if !self.any {
            return;
        }
        let folder = match name.strip_prefix(&*shape.root) {
            Some("data.pkl") => "data",
            Some("constants.pkl") => "constants",
            Some("byteorder") => {
                let order = crate::convert::place::read(source, 0, 3);
                self.big_endian |= order.is_ok_and(|order| order == b"big");
                return;
            }
            _ => return,
        };
        if source.len() <= PICKLE {
            for (key, class) in listing::storage_classes(source) {
                self.classes.insert(format!("{folder}/{key}"), class);
            }
        }
    }

    /// Remembers a storage that lies in the file as it is.
    pub(super) fn add(&mut self, member: &Member<'_>, inner: &str) {
        self.members.push(Storage {
            name: inner.to_owned(),
            at: member.data.0,
            bytes: member.data.1.saturating_sub(member.data.0),
        });
    }

    /// Looks at a storage that has to be unpacked, as PyTorch does and never writes.
    pub(super) fn unpack(
        &mut self,
        member: &Member<'_>,
        inner: &str,
        input: &Input<'_>,
        outer: &mut Artifact,
        facts: &mut Facts<'_>,
    ) {
        let Some(left) = self.left.checked_sub(member.entry.unpacked) else {
            return;
        };
        if outer.tensor_signs.len() >= SIGNS {
            return;
        }
        self.left = left;
        let element = self.element(inner);
        let path = member_evidence(input, &member.entry.name).path;
        let mut found = Artifact::new(outer.format, 0, outer.evidence.clone());
        member.with_content(input, outer, facts, |source, facts| {
            let unpacked = Input::member(input, path, source, facts);
            let tensor = weights::Tensor {
                name: inner,
                element,
                at: 0,
                bytes: source.len(),
                row: None,
            };
            weights::examine(&unpacked, std::iter::once(tensor), &mut found, facts);
        });
        outer.absorb(found);
    }

    fn element(&self, inner: &str) -> Element {
        match self.classes.get(inner) {
            Some(class) if !self.big_endian => Element::of(class),
            _ => Element::Other,
        }
    }

    /// Looks at all storages that were remembered.
    pub(super) fn examine(
        &self,
        input: &Input<'_>,
        artifact: &mut Artifact,
        facts: &mut Facts<'_>,
    ) {
        if self.members.is_empty() {
            return;
        }
        let named = named(input);
        let tensors = self.members.iter().map(|storage| {
            let known = named.get(&(storage.at, storage.bytes));
            weights::Tensor {
                name: known.map_or(&*storage.name, |(name, _)| name),
                element: self.element(&storage.name),
                at: storage.at,
                bytes: storage.bytes,
                row: known.and_then(|(_, row)| *row),
            }
        });
        weights::examine(input, tensors, artifact, facts);
    }
}

/// The tensors that are a whole storage, by its place, with the bytes of their rows; only where all
/// weights are looked at, since it takes reading the archive once more.
fn named(input: &Input<'_>) -> HashMap<(u64, u64), (String, Option<u64>)> {
    if input.options().limits.tensor_bytes < u64::MAX {
        return HashMap::new();
    }
    let tensors = listing::tensors(input.source()).unwrap_or_default();
    tensors
        .into_iter()
        .filter_map(|(name, tensor)| {
            let bytes = tensor.bytes()?;
            let row = match *tensor.shape {
                [rows, _] => bytes.checked_div(rows),
                _ => None,
            };
            match tensor.place {
                Place::Raw { start, length } if length == bytes => {
                    Some(((start, length), (name, row)))
                }
                _ => None,
            }
        })
        .collect()
}

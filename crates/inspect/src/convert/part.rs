//! One pickle of a checkpoint with the bytes that it refers to.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use super::error::Error;
use super::machine;
use super::place::{self, Place};
use super::tensor::Tensor;
use super::tree::{Object, Tree, Value};
use stance_read::source::{Bytes, Slice, Source};

/// Where positions count from.
#[derive(Clone, Debug)]
pub(crate) enum Ground {
    /// In the file, from this byte on.
    File(u64),
    /// In bytes that were unpacked.
    Memory(Arc<[u8]>),
}

impl Ground {
    /// A place that counts from here, as one of the file or of memory.
    pub(crate) fn locate(&self, place: Place) -> Option<Place> {
        match (self, place) {
            (_, held @ Place::Held { .. }) => Some(held),
            (Self::File(base), Place::Raw { start, length }) => Some(Place::Raw {
                start: start.checked_add(*base)?,
                length,
            }),
            (
                Self::File(base),
                Place::Packed {
                    start,
                    packed,
                    length,
                    crc,
                },
            ) => Some(Place::Packed {
                start: start.checked_add(*base)?,
                packed,
                length,
                crc,
            }),
            (Self::File(base), Place::Latin1 { start, packed }) => Some(Place::Latin1 {
                start: start.checked_add(*base)?,
                packed,
            }),
            (Self::Memory(bytes), Place::Raw { start, length }) => Some(Place::Held {
                bytes: Arc::clone(bytes),
                start: usize::try_from(start).ok()?,
                length: usize::try_from(length).ok()?,
            }),
            (Self::Memory(bytes), packed) => packed.at_random(&Bytes(bytes)).ok(),
        }
    }
}

/// What persistent ids mean.
#[derive(Debug)]
pub(crate) enum Storages {
    /// There are none.
    None,
    /// Members of a zip file, by key.
    Members {
        places: HashMap<String, Place>,
        big_endian: bool,
    },
    /// Runs behind the pickles, by key.
    Behind(HashMap<String, Place>),
    /// Ids stand for tensors, by key, or for what is none.
    Tensors(HashMap<String, Result<Tensor, String>>),
}

/// A storage: its bytes, and the class that says what its elements are.
#[derive(Clone, Debug)]
pub(crate) struct Storage {
    pub(crate) place: Place,
    /// `FloatStorage`.
    pub(crate) class: String,
    pub(crate) swapped: bool,
}

/// A pickle, and what it refers to.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) tree: Tree,
    pub(crate) root: Value,
    pub(crate) storages: Storages,
    /// What positions of constants count from.
    pub(crate) constants: Ground,
    /// What positions of storages count from.
    pub(crate) data: Ground,
    /// Checkpoints inside constants, by the object that loads them.
    nested: RefCell<HashMap<u32, Result<Storage, String>>>,
}

impl Part {
    /// The pickle at `position` of `source`, which starts at `ground`.
    pub(crate) fn new(tree: Tree, root: Value, storages: Storages, ground: Ground) -> Self {
        Self {
            tree,
            root,
            storages,
            constants: ground.clone(),
            data: ground,
            nested: RefCell::default(),
        }
    }

    /// The pickle that a member of an archive is.
    pub(crate) fn of_member(
        place: &Place,
        source: &dyn Source,
        storages: Storages,
    ) -> Result<Self, Error> {
        let mut tree = Tree::default();
        let (ground, stream) = match place {
            Place::Raw { start, length } => {
                let slice = Slice::new(source, *start, *length);
                (Ground::File(*start), machine::read(&mut tree, &slice, 0)?)
            }
            packed => {
                let held = packed.at_random(source)?;
                let bytes: Arc<[u8]> = held.in_memory().into();
                let stream = machine::read(&mut tree, &Bytes(&bytes), 0)?;
                (Ground::Memory(bytes), stream)
            }
        };
        let mut part = Self::new(tree, stream.value, storages, ground);
        part.data = Ground::File(0);
        Ok(part)
    }

    /// What a value is as a storage.
    pub(crate) fn storage(&self, value: Value, source: &dyn Source) -> Result<Storage, String> {
        match self.tree.get(value) {
            Some(Object::Persistent(id)) => self.persistent(*id),
            Some(Object::Call(call))
                if self.tree.name(call.function) == Some("torch.storage._load_from_bytes") =>
            {
                let Value::Object(index) = value else {
                    return Err("a storage of an unknown form".to_owned());
                };
                if let Some(known) = self.nested.borrow().get(&index) {
                    return known.clone();
                }
                let bytes = self.tree.items(call.arguments).and_then(<[Value]>::first);
                let place = bytes
                    .and_then(|bytes| super::ndarray::place(&self.tree, *bytes))
                    .and_then(|place| self.constants.locate(place));
                let found = place
                    .ok_or_else(|| "a storage whose bytes are not in the file".to_owned())
                    .and_then(|place| loaded(&place, source));
                self.nested.borrow_mut().insert(index, found.clone());
                found
            }
            _ => Err("a tensor without a storage".to_owned()),
        }
    }

    fn persistent(&self, id: Value) -> Result<Storage, String> {
        let unknown = || "a storage of an unknown form".to_owned();
        let items = self.tree.items(id).ok_or_else(unknown)?;
        let [kind, class, key, _, count, rest @ ..] = items else {
            return Err(unknown());
        };
        if self.tree.as_str(*kind) != Some("storage") {
            return Err(unknown());
        }
        let class = self.tree.name(*class).ok_or_else(unknown)?;
        let class = class.rsplit('.').next().unwrap_or(class).to_owned();
        let size = super::dtype::Dtype::storage_size(&class)
            .ok_or_else(|| format!("a storage of the unknown class `{class}`"))?;
        let key = key_text(&self.tree, *key).ok_or_else(unknown)?;
        let (place, swapped) = match &self.storages {
            Storages::None | Storages::Tensors(_) => {
                return Err("a storage that is not in this file".to_owned());
            }
            Storages::Members { places, big_endian } => (places.get(&key), *big_endian),
            Storages::Behind(places) => (places.get(&key), false),
        };
        let place = place
            .cloned()
            .and_then(|place| self.data.locate(place))
            .ok_or_else(|| format!("storage `{key}` is not in the file"))?;
        let bytes = super::ndarray::integer(&self.tree, *count)
            .and_then(|count| count.checked_mul(size))
            .ok_or_else(unknown)?;
        if place.length().is_some_and(|there| there < bytes) {
            return Err(format!(
                "storage `{key}` should have {bytes} bytes and has {}",
                place.length().unwrap_or_default()
            ));
        }
        let mut storage = Storage {
            place,
            class,
            swapped,
        };
        // Old checkpoints know views of storages: (key, offset, elements).
        if let Some(view) = rest.first().and_then(|view| self.tree.items(*view)) {
            let number = |at: usize| {
                let number = super::ndarray::integer(&self.tree, *view.get(at)?)?;
                number.checked_mul(size)
            };
            let part = number(1)
                .zip(number(2))
                .and_then(|(start, length)| storage.place.part(start, length));
            storage.place = part.ok_or_else(|| format!("the view of storage `{key}` leaves it"))?;
        }
        Ok(storage)
    }
}

/// The key of a storage: a text, or a number in the oldest files.
pub(crate) fn key_text(tree: &Tree, key: Value) -> Option<String> {
    match key {
        Value::Int(number) => Some(number.to_string()),
        key => tree.as_str(key).map(str::to_owned),
    }
}

/// The storage that a checkpoint inside a constant consists of.
fn loaded(place: &Place, source: &dyn Source) -> Result<Storage, String> {
    let nested = |error: Error| format!("a storage inside a constant, of which {error}");
    let (part, ground) = match place {
        Place::Raw { start, length } => {
            let slice = Slice::new(source, *start, *length);
            (
                super::open::torch(&slice).map_err(nested)?,
                Ground::File(*start),
            )
        }
        other => {
            let held = other.at_random(source).map_err(nested)?;
            let bytes: Arc<[u8]> = held.in_memory().into();
            let part = super::open::torch(&Bytes(&bytes)).map_err(nested)?;
            (part, Ground::Memory(bytes))
        }
    };
    // A checkpoint inside this one again would be no storage but an attack on the stack.
    let mut storage = match part.tree.get(part.root) {
        Some(Object::Persistent(id)) => part.persistent(*id)?,
        _ => return Err("a constant that is no storage".to_owned()),
    };
    storage.place = ground
        .locate(storage.place)
        .ok_or_else(|| "a storage that cannot be reached".to_owned())?;
    Ok(storage)
}

/// Reads a small member whole.
pub(crate) fn small(place: &Place, source: &dyn Source) -> Result<Vec<u8>, Error> {
    const SMALL: u64 = 64;
    match place {
        Place::Raw { start, length } => Ok(place::read(source, *start, (*length).min(SMALL))?),
        packed => Ok(packed.at_random(source)?.in_memory().to_vec()),
    }
}

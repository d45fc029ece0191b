//! Writes small checkpoints as PyTorch writes them, for tests: both formats, one pickle protocol.

use crate::zip::assemble::{Part, part, zip};
use stance_pickle::assemble::Pickle;

/// A storage: its class, and its bytes.
#[derive(Clone, Debug)]
pub struct Storage {
    /// `FloatStorage`.
    pub class: &'static str,
    /// Bytes of one element.
    pub size: usize,
    /// All elements.
    pub bytes: Vec<u8>,
}

/// A tensor on one of the storages.
#[derive(Clone, Debug)]
pub struct View {
    /// Its key in the dict.
    pub name: &'static str,
    /// Index of its storage.
    pub storage: usize,
    /// Its first element.
    pub offset: i32,
    /// Its shape.
    pub shape: Vec<i32>,
    /// Its strides.
    pub strides: Vec<i32>,
}

/// A storage of 32-bit floats that count from zero.
#[must_use]
pub fn floats(count: u16) -> Storage {
    Storage {
        class: "FloatStorage",
        size: 4,
        bytes: (0..count)
            .flat_map(|number| f32::from(number).to_le_bytes())
            .collect(),
    }
}

/// A tensor by its parts.
#[must_use]
pub fn view(
    name: &'static str,
    storage: usize,
    offset: i32,
    shape: &[i32],
    strides: &[i32],
) -> View {
    View {
        name,
        storage,
        offset,
        shape: shape.to_vec(),
        strides: strides.to_vec(),
    }
}

/// What `_rebuild_tensor_v2` is called with, and the call.
#[must_use]
pub fn tensor(pickle: Pickle, view: &View, storages: &[Storage]) -> Pickle {
    let fallback = floats(0);
    let storage = storages.get(view.storage).unwrap_or(&fallback);
    let count = storage.bytes.len().checked_div(storage.size.max(1));
    let count = i32::try_from(count.unwrap_or_default()).unwrap_or_default();
    let sides = |mut pickle: Pickle, sides: &[i32]| {
        pickle = pickle.mark();
        for side in sides {
            pickle = pickle.int(*side);
        }
        pickle.tuple()
    };
    let mut pickle = pickle
        .global("torch._utils", "_rebuild_tensor_v2")
        .mark()
        .mark()
        .text("storage")
        .global("torch", storage.class)
        .text(&view.storage.to_string())
        .text("cpu")
        .int(count)
        .tuple()
        .raw(b"Q")
        .int(view.offset);
    pickle = sides(pickle, &view.shape);
    pickle = sides(pickle, &view.strides);
    pickle
        .raw(&[0x89])
        .global("collections", "OrderedDict")
        .raw(b")R")
        .tuple()
        .reduce()
}

/// The pickle of a dict of tensors, with `first` in front of what it builds.
#[must_use]
pub fn state_dict(views: &[View], storages: &[Storage], first: &[u8]) -> Vec<u8> {
    let mut pickle = Pickle::protocol(2).raw(first).raw(b"}").mark();
    for view in views {
        pickle = tensor(pickle.text(view.name), view, storages);
    }
    pickle.raw(b"u").stop()
}

/// The members of a checkpoint around a pickle.
#[must_use]
pub fn members(pickle: &[u8], storages: &[Storage], order: &str) -> Vec<Part> {
    let mut parts = vec![
        part("archive/data.pkl", pickle),
        part("archive/byteorder", order.as_bytes()),
    ];
    for (key, storage) in storages.iter().enumerate() {
        parts.push(part(&format!("archive/data/{key}"), storage.bytes.clone()));
    }
    parts.push(part("archive/version", *b"3\n"));
    parts
}

/// A checkpoint of the format since 1.6.
#[must_use]
pub fn checkpoint(pickle: &[u8], storages: &[Storage]) -> Vec<u8> {
    zip(&members(pickle, storages, "little"))
}

/// A checkpoint of the format before 1.6.
#[must_use]
pub fn legacy(pickle: &[u8], storages: &[Storage]) -> Vec<u8> {
    let mut file = Pickle::protocol(2)
        .raw(&[0x8a, 10])
        .raw(stance_pickle::TORCH_MAGIC)
        .stop();
    file.extend(Pickle::protocol(2).raw(b"M\xe9\x03").stop());
    file.extend(Pickle::protocol(2).raw(b"}").stop());
    file.extend(pickle);
    let mut keys = Pickle::protocol(2).raw(b"]").mark();
    for key in 0..storages.len() {
        keys = keys.text(&key.to_string());
    }
    file.extend(keys.raw(b"e").stop());
    for storage in storages {
        let count = storage.bytes.len().checked_div(storage.size.max(1));
        file.extend((count.unwrap_or_default() as u64).to_le_bytes());
        file.extend(&storage.bytes);
    }
    file
}

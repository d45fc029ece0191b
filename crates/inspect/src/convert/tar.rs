//! Checkpoints of PyTorch before 0.1.10: a tar archive of storages, tensors, and the pickle that names them.
//!
//! As `torch.serialization` still reads them: `storages` holds a number, then for each storage a pickle with
//! its key, place and class, the number of its elements and their bytes, then views of storages; `tensors`
//! holds a number, then for each tensor a pickle with its key, storage and class, and its dimensions, sizes,
//! strides and offset in binary. The persistent ids in `pickle` are these keys.

use std::collections::HashMap;

use super::dtype::Dtype;
use super::error::Error;
use super::machine::{self, Stream};
use super::ndarray::integer;
use super::part::{Ground, Part, Storages, key_text};
use super::place::{self, Place};
use super::tensor::Tensor;
use super::tree::{Tree, Value};
use stance_read::little_endian::{u32_at, u64_at};
use stance_read::source::{Slice, Source};

/// Most storages, views and tensors of one file.
const MOST: u64 = 100_000;
/// Most dimensions of a tensor.
const DIMENSIONS: u64 = 64;

/// A storage: where its bytes are in the file, and its class.
#[derive(Clone, Debug)]
struct Storage {
    place: Place,
    class: String,
}

/// Reads the members; nothing of the numbers in them.
pub(super) fn part(source: &dyn Source) -> Result<Part, Error> {
    let files = crate::tar::files(source).map_err(Error::Refused)?;
    let member = |wanted: &str| {
        let mut found = files
            .iter()
            .filter(|file| file.0.trim_start_matches("./") == wanted);
        match (found.next(), found.next()) {
            (Some((_, start, length)), None) => Ok(Member {
                slice: Slice::new(source, *start, *length),
                start: *start,
                at: 0,
                tree: Tree::default(),
            }),
            (None, _) => Err(Error::Format(format!(
                "it is a tar archive without `{wanted}`, and no checkpoint of PyTorch"
            ))),
            _ => Err(Error::Refused(format!("`{wanted}` is in it twice"))),
        }
    };
    let storages = storages(member("storages")?)?;
    let tensors = tensors(member("tensors")?, &storages)?;
    let mut pickle = member("pickle")?;
    let root = pickle.pickle()?;
    let base = pickle.start;
    let mut part = Part::new(
        pickle.tree,
        root.value,
        Storages::Tensors(tensors),
        Ground::File(base),
    );
    part.data = Ground::File(0);
    Ok(part)
}

/// A member, of which pickles and binary numbers take turns.
struct Member<'s> {
    slice: Slice<'s>,
    /// Where it starts in the file.
    start: u64,
    at: u64,
    tree: Tree,
}

impl Member<'_> {
    fn pickle(&mut self) -> Result<Stream, Error> {
        let stream = machine::read(&mut self.tree, &self.slice, self.at)?;
        self.at = stream.end;
        Ok(stream)
    }

    /// A number, as a pickle.
    fn number(&mut self) -> Result<u64, Error> {
        let value = self.pickle()?.value;
        integer(&self.tree, value)
            .filter(|number| *number <= MOST)
            .ok_or_else(|| Error::Broken("a number of its parts is none, or too large".to_owned()))
    }

    /// A tuple of three, as a pickle.
    fn three(&mut self) -> Result<[Value; 3], Error> {
        let value = self.pickle()?.value;
        match self.tree.items(value) {
            Some([one, two, three]) => Ok([*one, *two, *three]),
            _ => Err(Error::Broken(
                "the description of a part is none".to_owned(),
            )),
        }
    }

    fn bytes(&mut self, length: u64) -> Result<Vec<u8>, Error> {
        let bytes = place::read(&self.slice, self.at, length)?;
        if (bytes.len() as u64) < length {
            return Err(Error::Broken("it breaks off among its numbers".to_owned()));
        }
        self.at = self.at.saturating_add(length);
        Ok(bytes)
    }

    fn key(&self, value: Value) -> Result<String, Error> {
        key_text(&self.tree, value)
            .ok_or_else(|| Error::Broken("the key of a part is neither text nor number".to_owned()))
    }
}

fn storages(mut member: Member<'_>) -> Result<HashMap<String, Storage>, Error> {
    let mut all = HashMap::new();
    for _ in 0..member.number()? {
        let [key, _, class] = member.three()?;
        let key = member.key(key)?;
        let class = member.tree.name(class).unwrap_or_default();
        let class = class.rsplit('.').next().unwrap_or_default().to_owned();
        let size = Dtype::storage_size(&class)
            .ok_or_else(|| Error::Broken(format!("a storage of the unknown class `{class}`")))?;
        let count = member.bytes(8)?;
        let length = u64_at(&count, 0)
            .and_then(|count| count.checked_mul(size))
            .filter(|length| *length <= member.slice.len().saturating_sub(member.at))
            .ok_or_else(|| Error::Broken(format!("storage `{key}` breaks off")))?;
        let start = member.start.saturating_add(member.at);
        let place = Place::Raw { start, length };
        all.insert(key, Storage { place, class });
        member.at = member.at.saturating_add(length);
    }
    let views = member.pickle()?.value;
    let views: Vec<Value> = member.tree.items(views).unwrap_or_default().to_vec();
    for view in views
        .into_iter()
        .take(usize::try_from(MOST).unwrap_or_default())
    {
        let wrong = || Error::Broken("a view of a storage leaves it, or is none".to_owned());
        let Some([target, root, offset, count]) = member.tree.items(view) else {
            return Err(wrong());
        };
        let target = member.key(*target)?;
        let storage = all.get(&member.key(*root)?).ok_or_else(wrong)?;
        let size = Dtype::storage_size(&storage.class).ok_or_else(wrong)?;
        let bytes =
            |value| integer(&member.tree, value).and_then(|number| number.checked_mul(size));
        let place = bytes(*offset)
            .zip(bytes(*count))
            .and_then(|(start, length)| storage.place.part(start, length))
            .ok_or_else(wrong)?;
        let class = storage.class.clone();
        all.insert(target, Storage { place, class });
    }
    Ok(all)
}

/// Tensors by their keys, and why others are none.
fn tensors(
    mut member: Member<'_>,
    storages: &HashMap<String, Storage>,
) -> Result<HashMap<String, Result<Tensor, String>>, Error> {
    let mut all = HashMap::new();
    for _ in 0..member.number()? {
        let [key, storage, _] = member.three()?;
        let (key, storage) = (member.key(key)?, member.key(storage)?);
        // The number of dimensions has four bytes, and four that say nothing.
        let count = member.bytes(8)?;
        let count = u32_at(&count, 0).map(u64::from).unwrap_or_default();
        if count > DIMENSIONS {
            return Err(Error::Broken(format!(
                "tensor `{key}` of {count} dimensions"
            )));
        }
        let sides = member.bytes(count.saturating_mul(16).saturating_add(8))?;
        let (words, _) = sides.as_chunks::<8>();
        let mut words = words.iter().map(|word| u64::from_le_bytes(*word));
        let count = usize::try_from(count).unwrap_or_default();
        let shape: Vec<u64> = words.by_ref().take(count).collect();
        let strides: Vec<u64> = words.by_ref().take(count).collect();
        let offset = words.next().unwrap_or_default();
        let tensor = storages
            .get(&storage)
            .ok_or_else(|| format!("storage `{storage}` is not in the file"))
            .and_then(|storage| of(storage, shape, strides, offset));
        all.insert(key, tensor);
    }
    Ok(all)
}

fn of(
    storage: &Storage,
    shape: Vec<u64>,
    strides: Vec<u64>,
    offset: u64,
) -> Result<Tensor, String> {
    let dtype = Dtype::of_storage(&storage.class)
        .ok_or_else(|| format!("a tensor on a {}, which safetensors has not", storage.class))?;
    let start = offset
        .checked_mul(dtype.size())
        .ok_or("its offset is too large")?;
    Tensor::new(dtype, shape, strides, start, storage.place.clone(), false)
}

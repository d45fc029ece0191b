//! What kind of checkpoint a file is, by its content.

use std::collections::HashMap;

use super::archive::Archive;
use super::dtype::Dtype;
use super::error::Error;
use super::machine::{self, Stream};
use super::ndarray::{self, Elements};
pub(crate) use super::part::key_text;
use super::part::{Ground, Part, Storages, small};
use super::place::{self, Place};
use super::tensor::Tensor;
use super::tree::{Object, Tree, Value};
use stance_models::numpy::header::Header;
use stance_pickle::TORCH_MAGIC;
use stance_read::source::Source;

/// Most bytes of the header of an array.
const HEADER: u64 = 64 << 10;
/// Most arrays of one file.
const ARRAYS: usize = 100_000;

/// What a file is, for messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A zip file with `data.pkl`.
    PyTorch,
    /// The same with code.
    TorchScript,
    /// Five pickles, then storages.
    LegacyPyTorch,
    /// A tar archive of storages, tensors and a pickle.
    TarPyTorch,
    /// A pickle with arrays of joblib.
    Joblib,
    /// Any other pickle.
    Pickle,
    /// One array.
    Npy,
    /// Arrays in a zip file.
    Npz,
}

impl Kind {
    /// As people call it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::PyTorch => "PyTorch checkpoint",
            Self::TorchScript => "TorchScript archive",
            Self::LegacyPyTorch => "PyTorch checkpoint of the format before 1.6",
            Self::TarPyTorch => "PyTorch checkpoint of the format before 0.1.10",
            Self::Joblib => "joblib dump",
            Self::Pickle => "pickle",
            Self::Npy => "NumPy array",
            Self::Npz => "NumPy archive",
        }
    }
}

/// A file that was understood.
#[derive(Debug)]
pub struct Checkpoint {
    /// What it is.
    pub kind: Kind,
    /// Its pickle.
    pub(crate) part: Option<Part>,
    /// The constants of a TorchScript archive.
    pub(crate) constants: Option<Part>,
    /// Arrays that stand in no pickle, with their names.
    pub(crate) arrays: Vec<(String, Result<Tensor, String>)>,
    /// What is in the file besides.
    pub(crate) besides: Vec<String>,
}

impl Checkpoint {
    fn of(kind: Kind, part: Option<Part>) -> Self {
        Self {
            kind,
            part,
            constants: None,
            arrays: Vec::new(),
            besides: Vec::new(),
        }
    }
}

/// Reads everything of a checkpoint but its arrays.
///
/// # Errors
/// When the file is none, is broken, goes beyond a limit, or would be read differently by different
/// readers.
pub fn open(source: &dyn Source) -> Result<Checkpoint, Error> {
    let head = place::read(source, 0, 4096)?;
    if head.starts_with(b"\x93NUMPY") {
        let mut checkpoint = Checkpoint::of(Kind::Npy, None);
        let place = Place::Raw {
            start: 0,
            length: source.len(),
        };
        let array = array_file(&place, source)?;
        checkpoint.arrays.push(("array".to_owned(), array));
        return Ok(checkpoint);
    }
    if head.starts_with(b"PK\x03\x04") || crate::zip::directory::ends_like_zip(&head, source) {
        return zip(source);
    }
    if crate::tar::is_header(&head) {
        let part = super::tar::part(source)?;
        return Ok(Checkpoint::of(Kind::TarPyTorch, Some(part)));
    }
    if head.is_empty() {
        return Err(Error::Format("it is empty".to_owned()));
    }
    if stance_pickle::opcode::name(head.first().copied().unwrap_or_default()).is_none() {
        return Err(Error::Format("it starts like neither".to_owned()));
    }
    bare(source)
}

/// A checkpoint of PyTorch, as it stands inside of a constant.
pub(crate) fn torch(source: &dyn Source) -> Result<Part, Error> {
    let checkpoint = match place::read(source, 0, 4)?.as_slice() {
        b"PK\x03\x04" => zip(source)?,
        _ => bare(source)?,
    };
    checkpoint
        .part
        .ok_or_else(|| Error::Format("it holds no pickle".to_owned()))
}

fn zip(source: &dyn Source) -> Result<Checkpoint, Error> {
    let archive = Archive::read(source)?;
    let mut prefixes = archive.members.iter().filter_map(|member| {
        let prefix = member.entry.name.strip_suffix("data.pkl")?;
        let folder = prefix.strip_suffix('/').unwrap_or(prefix);
        (!folder.contains('/') && prefix.len() != folder.len() || prefix.is_empty())
            .then(|| prefix.to_owned())
    });
    let Some(prefix) = prefixes.next() else {
        return arrays(&archive, source);
    };
    if prefixes.next().is_some() {
        return Err(Error::Refused("it has more than one `data.pkl`".to_owned()));
    }
    let part = member_part(&archive, &prefix, "data", source)?
        .ok_or_else(|| Error::Broken("it has no `data.pkl`".to_owned()))?;
    let mut checkpoint = Checkpoint::of(Kind::PyTorch, Some(part));
    let code = format!("{prefix}code/");
    let files = archive
        .members
        .iter()
        .filter(|member| member.entry.name.starts_with(&code))
        .count();
    if files > 0 {
        checkpoint.kind = Kind::TorchScript;
        checkpoint.constants = member_part(&archive, &prefix, "constants", source)?;
        checkpoint
            .besides
            .push(format!("{files} files of TorchScript code"));
    }
    let known = |name: &str| {
        let name = name.strip_prefix(prefix.as_str()).unwrap_or(name);
        name.starts_with("data/")
            || name.starts_with("constants/")
            || name.starts_with("code/")
            || name.starts_with(".data/")
            || matches!(
                name,
                "data.pkl"
                    | "constants.pkl"
                    | "byteorder"
                    | "version"
                    | ".format_version"
                    | ".storage_alignment"
            )
    };
    for member in &archive.members {
        let name = &member.entry.name;
        if !known(name) && !member.entry.is_directory() {
            let shown = stance_core::evidence::shorten(name);
            checkpoint.besides.push(format!("the file `{shown}`"));
        }
    }
    Ok(checkpoint)
}

/// `data.pkl` with the storages in `data/`, or `constants.pkl` with those in `constants/`.
fn member_part(
    archive: &Archive,
    prefix: &str,
    name: &str,
    source: &dyn Source,
) -> Result<Option<Part>, Error> {
    let Some(member) = archive.find(&format!("{prefix}{name}.pkl")) else {
        return Ok(None);
    };
    let big_endian = match archive.find(&format!("{prefix}byteorder")) {
        Some(order) => match small(&order.place()?, source)?.as_slice() {
            b"little" => false,
            b"big" => true,
            _ => {
                return Err(Error::Broken(
                    "`byteorder` is neither little nor big".into(),
                ));
            }
        },
        None => false,
    };
    let folder = format!("{prefix}{name}/");
    let mut places = HashMap::new();
    for member in &archive.members {
        if let Some(key) = member.entry.name.strip_prefix(&folder) {
            places.insert(key.to_owned(), member.place()?);
        }
    }
    let storages = Storages::Members { places, big_endian };
    Part::of_member(&member.place()?, source, storages).map(Some)
}

fn arrays(archive: &Archive, source: &dyn Source) -> Result<Checkpoint, Error> {
    let mut checkpoint = Checkpoint::of(Kind::Npz, None);
    for member in &archive.members {
        let Some(name) = member.entry.name.strip_suffix(".npy") else {
            let shown = stance_core::evidence::shorten(&member.entry.name);
            checkpoint.besides.push(format!("the file `{shown}`"));
            continue;
        };
        if checkpoint.arrays.len() >= ARRAYS {
            return Err(Error::Limit(format!("more than {ARRAYS} arrays")));
        }
        let array = array_file(&member.place()?, source)?;
        checkpoint.arrays.push((name.to_owned(), array));
    }
    if checkpoint.arrays.is_empty() {
        return Err(Error::Format(
            "it is a zip archive with neither `data.pkl` nor arrays of NumPy in it".to_owned(),
        ));
    }
    Ok(checkpoint)
}

/// The array of one `.npy` file.
fn array_file(place: &Place, source: &dyn Source) -> Result<Result<Tensor, String>, Error> {
    use std::io::Read as _;
    let mut head = Vec::new();
    place.stream(source).take(HEADER).read_to_end(&mut head)?;
    let header = Header::parse(&head)
        .map_err(|_| Error::Broken("the header of a NumPy array cannot be read".to_owned()))?;
    let elements = if header.objects {
        Elements::Objects
    } else {
        ndarray::described(&header.dtype)
    };
    let shape = header.shape;
    let product = shape.iter().copied().fold(1, u64::saturating_mul);
    if product != header.elements {
        return Ok(Err(
            "an array of more dimensions than arrays have".to_owned()
        ));
    }
    let whole = || Ok(place.clone());
    let array = ndarray::of(shape, &elements, whole, header.column_major);
    // The elements start behind the header.
    Ok(array.and_then(|mut array| {
        array.start = header.length;
        Tensor::new(
            array.dtype,
            array.shape,
            array.strides,
            array.start,
            array.place,
            array.swapped,
        )
    }))
}

fn bare(source: &dyn Source) -> Result<Checkpoint, Error> {
    let mut tree = Tree::default();
    let first = first(&mut tree, source)?;
    let is_torch = match tree.get(first.value) {
        Some(Object::Long(constant)) => tree.bytes(*constant) == Some(TORCH_MAGIC),
        _ => false,
    };
    if is_torch {
        return legacy(tree, first, source);
    }
    let joblib = tree.globals.iter().any(|global| {
        global.module.starts_with("joblib.numpy_pickle") || super::joblib::is_wrapper(&global.name)
    });
    let kind = if joblib { Kind::Joblib } else { Kind::Pickle };
    let part = Part::new(tree, first.value, Storages::None, Ground::File(0));
    let mut checkpoint = Checkpoint::of(kind, Some(part));
    let left = source.len().saturating_sub(first.end);
    if left > 0 {
        checkpoint
            .besides
            .push(format!("{left} bytes behind the first pickle"));
    }
    Ok(checkpoint)
}

/// The first stream of a file. What breaks and does not look like a pickle either is none.
pub(crate) fn first(tree: &mut Tree, source: &dyn Source) -> Result<Stream, Error> {
    machine::read(tree, source, 0).map_err(|error| match error {
        Error::Broken(why) => {
            match place::read(source, 0, 8192).map(|head| stance_pickle::starts_pickle(&head)) {
                Ok(true) => Error::Broken(why),
                Ok(false) => Error::Format(format!("read as a pickle, {why}")),
                Err(error) => Error::Io(error),
            }
        }
        other => other,
    })
}

/// The streams of an old checkpoint in order, and where they end.
pub(crate) fn legacy_streams(
    tree: &mut Tree,
    first: Stream,
    source: &dyn Source,
) -> Result<Vec<Stream>, Error> {
    let mut streams = vec![first];
    for _ in 0..4 {
        let at = streams.last().map_or(0, |stream| stream.end);
        streams.push(machine::read(tree, source, at)?);
    }
    Ok(streams)
}

fn legacy(mut tree: Tree, first: Stream, source: &dyn Source) -> Result<Checkpoint, Error> {
    let streams = legacy_streams(&mut tree, first, source)?;
    let [_, _, _, object, keys] = streams.as_slice() else {
        return Err(Error::Broken("it breaks off before its tensors".to_owned()));
    };
    let (places, end) = behind(&tree, keys, source)?;
    let root = object.value;
    let part = Part::new(tree, root, Storages::Behind(places), Ground::File(0));
    let mut checkpoint = Checkpoint::of(Kind::LegacyPyTorch, Some(part));
    let left = source.len().saturating_sub(end);
    if left > 0 {
        checkpoint
            .besides
            .push(format!("{left} bytes behind the last storage"));
    }
    Ok(checkpoint)
}

/// The storages behind the pickles: for each key a number of elements and their bytes.
pub(crate) fn behind(
    tree: &Tree,
    keys: &Stream,
    source: &dyn Source,
) -> Result<(HashMap<String, Place>, u64), Error> {
    let mut sizes = HashMap::new();
    for object in tree.objects() {
        if let Object::Persistent(id) = object
            && let Some([_, class, key, ..]) = tree.items(*id)
            && let (Some(class), Some(key)) = (tree.name(*class), key_text(tree, *key))
        {
            let class = class.rsplit('.').next().unwrap_or(class);
            sizes.insert(key, Dtype::storage_size(class));
        }
    }
    let listed: &[Value] = tree
        .items(keys.value)
        .ok_or_else(|| Error::Broken("its list of storages is none".to_owned()))?;
    let mut at = keys.end;
    let mut places = HashMap::new();
    for key in listed {
        let key = key_text(tree, *key)
            .ok_or_else(|| Error::Broken("the key of a storage is no text".to_owned()))?;
        let size = sizes.get(&key).copied().flatten().ok_or_else(|| {
            Error::Broken(format!(
                "the size of the elements of storage `{key}` is not known"
            ))
        })?;
        let count = place::read(source, at, 8)?;
        let length = stance_read::little_endian::u64_at(&count, 0)
            .and_then(|count| count.checked_mul(size))
            .filter(|length| at.saturating_add(8).saturating_add(*length) <= source.len())
            .ok_or_else(|| Error::Broken(format!("storage `{key}` breaks off")))?;
        let start = at.saturating_add(8);
        places.insert(key, Place::Raw { start, length });
        at = start.saturating_add(length);
    }
    Ok((places, at))
}

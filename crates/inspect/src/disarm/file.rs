//! Whole files: bare pickles, old checkpoints, arrays of objects; zip files in a module of their own.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::Write;

use super::counted::Counted;
use super::emit::{Emitter, is_kept};
use super::{Disarmed, Judge, Use};
use crate::convert::Dtype;
use crate::convert::Error;
use crate::convert::machine::{self, Stream};
use crate::convert::open::{behind, first, key_text, legacy_streams};
use crate::convert::place::{self, Place};
use crate::convert::tree::{Object, Tree, Value};
use stance_models::numpy::header::Header;
use stance_pickle::TORCH_MAGIC;
use stance_read::source::{Slice, Source};

/// Most streams in a row.
const STREAMS: usize = 256;
/// Most bytes of the header of an array.
const HEADER: u64 = 64 << 10;

pub(super) fn disarm(
    source: &dyn Source,
    judge: &Judge<'_>,
    out: &mut dyn Write,
    nesting: u8,
) -> Result<Disarmed, Error> {
    let head = place::read(source, 0, 4096)?;
    if head.starts_with(b"PK\x03\x04") || crate::zip::directory::ends_like_zip(&head, source) {
        return super::archive::disarm(source, judge, out, nesting);
    }
    let mut report = Disarmed::default();
    let out = &mut Counted::new(out);
    if head.starts_with(b"\x93NUMPY") {
        array(source, judge, out, "", &mut report)?;
        return Ok(report);
    }
    if crate::tar::is_header(&head) {
        return Err(Error::Format(
            "it is a tar archive; disarm the files in it, each by itself".to_owned(),
        ));
    }
    if stance_pickle::opcode::name(head.first().copied().unwrap_or_default()).is_none() {
        return Err(Error::Format("it starts like neither".to_owned()));
    }
    let mut tree = Tree::default();
    let first = first(&mut tree, source)?;
    let is_torch = match tree.get(first.value) {
        Some(Object::Long(constant)) => tree.bytes(*constant) == Some(TORCH_MAGIC),
        _ => false,
    };
    if is_torch {
        legacy(tree, first, source, judge, out, nesting, &mut report)?;
    } else {
        pickles(tree, first, source, judge, out, nesting, &mut report)?;
    }
    Ok(report)
}

/// Pickles that follow each other.
fn pickles(
    mut tree: Tree,
    first: Stream,
    source: &dyn Source,
    judge: &Judge<'_>,
    out: &mut Counted<'_>,
    nesting: u8,
    report: &mut Disarmed,
) -> Result<(), Error> {
    let mut stream = first;
    for _ in 0..STREAMS {
        report.note("", &tree, judge);
        one(&tree, stream, source, judge, out, nesting)?;
        let left = source.len().saturating_sub(stream.end);
        if left == 0 {
            return Ok(());
        }
        let next = place::read(source, stream.end, 8192)?;
        tree = Tree::default();
        let follows = stance_pickle::starts_pickle(&next) || next.first() == Some(&0x80);
        match follows.then(|| machine::read(&mut tree, source, stream.end)) {
            Some(Ok(found)) => stream = found,
            Some(Err(error @ Error::Io(_))) => return Err(error),
            _ => {
                report
                    .dropped
                    .push(format!("{left} bytes behind the last pickle"));
                return Ok(());
            }
        }
    }
    Err(Error::Limit(format!(
        "more than {STREAMS} pickles in a row"
    )))
}

/// Writes one stream.
fn one(
    tree: &Tree,
    stream: Stream,
    source: &dyn Source,
    judge: &Judge<'_>,
    out: &mut Counted<'_>,
    nesting: u8,
) -> Result<(), Error> {
    Emitter::new(tree, source, judge, out, nesting).stream(stream.value, stream.protocol)
}

/// The pickle of a member or of an array, in memory.
pub(super) fn rewritten(
    source: &dyn Source,
    judge: &Judge<'_>,
    member: &str,
    nesting: u8,
    report: &mut Disarmed,
) -> Result<Vec<u8>, Error> {
    let mut tree = Tree::default();
    let stream = machine::read(&mut tree, source, 0)?;
    report.note(member, &tree, judge);
    let left = source.len().saturating_sub(stream.end);
    if left > 0 {
        report
            .dropped
            .push(format!("{left} bytes behind the pickle `{member}`"));
    }
    let mut bytes = Vec::new();
    one(
        &tree,
        stream,
        source,
        judge,
        &mut Counted::new(&mut bytes),
        nesting,
    )?;
    Ok(bytes)
}

/// The five streams of an old checkpoint, and the storages that are still referred to.
fn legacy(
    mut tree: Tree,
    first: Stream,
    source: &dyn Source,
    judge: &Judge<'_>,
    out: &mut Counted<'_>,
    nesting: u8,
    report: &mut Disarmed,
) -> Result<(), Error> {
    let streams = legacy_streams(&mut tree, first, source)?;
    let [magic, version, system, object, keys] = streams.as_slice() else {
        return Err(Error::Broken("it breaks off before its tensors".to_owned()));
    };
    let (places, end) = behind(&tree, keys, source)?;
    report.note("", &tree, judge);
    for stream in [magic, version, system] {
        one(&tree, *stream, source, judge, out, nesting)?;
    }
    let mut emitter = Emitter::new(&tree, source, judge, out, nesting);
    emitter.stream(object.value, object.protocol)?;
    let mut wanted = HashSet::new();
    for id in &emitter.persistent {
        if let Some([_, _, key, ..]) = tree.items(Value::Object(*id)) {
            wanted.extend(key_text(&tree, *key));
        }
    }
    measurable(&tree, &emitter.persistent, &places, source, judge)?;
    // A loader wants each storage that is listed to have been referred to.
    let listed: Vec<Value> = tree
        .items(keys.value)
        .unwrap_or_default()
        .iter()
        .copied()
        .filter(|key| {
            let key = key_text(&tree, *key);
            key.is_some_and(|key| wanted.contains(&key))
        })
        .collect();
    let kept = tree.add(Object::List(listed.clone()));
    let list = Stream {
        value: kept,
        ..*keys
    };
    one(&tree, list, source, judge, out, nesting)?;
    for key in listed {
        let place = key_text(&tree, key).and_then(|key| places.get(&key));
        if let Some(Place::Raw { start, length }) = place {
            out.copy(source, start.saturating_sub(8), length.saturating_add(8))?;
        }
    }
    let left = source.len().saturating_sub(end);
    if left > 0 {
        report
            .dropped
            .push(format!("{left} bytes behind the last storage"));
    }
    Ok(())
}

/// Refuses where the ids that were written would not tell the size of the elements of a storage, or another than
/// the one it was measured with: whoever reads the copy could not find what follows it.
fn measurable(
    tree: &Tree,
    ids: &BTreeSet<u32>,
    places: &HashMap<String, Place>,
    source: &dyn Source,
    judge: &Judge<'_>,
) -> Result<(), Error> {
    for id in ids {
        let Some([_, class, key, ..]) = tree.items(Value::Object(*id)) else {
            continue;
        };
        let Some((key, Place::Raw { start, length })) =
            key_text(tree, *key).and_then(|key| places.get(&key).map(|place| (key, place)))
        else {
            continue;
        };
        let name = tree.name(*class).unwrap_or("?");
        let last = name.rsplit('.').next().unwrap_or(name);
        let size = Dtype::storage_size(last)
            .filter(|_| is_kept(tree, *class, Use::Reference, judge))
            .ok_or_else(|| {
                Error::Broken(format!(
                    "storage `{key}` is of the class `{name}`, which the copy cannot hold, and \
                     without it the size of its elements is not known"
                ))
            })?;
        let count = place::read(source, start.saturating_sub(8), 8)?;
        let count = stance_read::little_endian::u64_at(&count, 0).unwrap_or_default();
        if count.checked_mul(size) != Some(*length) {
            return Err(Error::Broken(format!(
                "storage `{key}` is referred to with classes of different sizes"
            )));
        }
    }
    Ok(())
}

/// An array file: as it is, or with its pickle written anew.
pub(super) fn array(
    source: &dyn Source,
    judge: &Judge<'_>,
    out: &mut Counted<'_>,
    member: &str,
    report: &mut Disarmed,
) -> Result<(), Error> {
    let head = place::read(source, 0, HEADER)?;
    let header = Header::parse(&head)
        .map_err(|_| Error::Broken("the header of a NumPy array cannot be read".to_owned()))?;
    if !header.objects {
        return out.copy(source, 0, source.len());
    }
    out.copy(source, 0, header.length)?;
    let rest = source.len().saturating_sub(header.length);
    let objects = Slice::new(source, header.length, rest);
    let clean = rewritten(&objects, judge, member, 0, report)?;
    out.write(&clean)
}

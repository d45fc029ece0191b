//! What follows the pickles of an old PyTorch checkpoint: each storage as its
//! number of elements and their bytes, up to the end of the file.
//!
//! How large an element is depends on the type that the pickle names for each
//! storage. The types of all of them are known from its imports, and mostly
//! there is one only; where there are more, that order counts which leads through
//! as many storages as there are keys.

use std::collections::{BTreeSet, HashMap};

use stance_core::fact::{AnomalyKind, Artifact, ArtifactFormat, PickleTrace};

use crate::convert::listing;
use stance_models::magic::{Magic, recognise};
use stance_models::unclaimed;
use stance_models::weights::{self, Element};
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::source::Slice;
use stance_read::window::Window;

/// Most places that are looked at.
const PLACES: usize = 65_536;
/// Most ways through all storages that are compared.
const WAYS: usize = 64;
/// Most bytes that are read for it.
const READ: u64 = 64 << 20;
/// How much of a storage, or of what follows the last, is looked at.
const HEAD: usize = 512;

/// Accounts for everything from `start` on; what belongs to no storage is an anomaly, and a pickle
/// or archive there is looked at. `keys` is the stream that lists the storages.
pub(super) fn account(
    input: &Input<'_>,
    traces: &[PickleTrace],
    start: u64,
    facts: &mut Facts<'_>,
) -> Artifact {
    let mut window = Window::new(input, READ);
    let keys = traces.last().map_or(start, |trace| trace.offset);
    let length = usize::try_from(start.saturating_sub(keys)).unwrap_or(usize::MAX);
    let count = window.get(keys, length).ok().and_then(count_keys);
    let sizes = sizes(traces);
    let (storages, end) = walk(&mut window, start, &sizes, count);
    let mut notes = Artifact::new(ArtifactFormat::PytorchLegacy, 0, input.evidence());
    let mut plain = Vec::new();
    for (at, length) in storages {
        let head = usize::try_from(length).unwrap_or(HEAD).min(HEAD);
        let magic = window.get(at, head).ok().and_then(program);
        if let Some(magic) = magic {
            notes.anomaly(
                AnomalyKind::Polyglot,
                format!("a tensor starts as {}", magic.title()),
                input.evidence_at(at..at.saturating_add(length), magic.title()),
            );
        } else {
            plain.push((at, length));
        }
    }
    examine(input, &plain, &mut notes, facts);
    if let Some(end) = end {
        let place = "behind the last storage";
        let behind = unclaimed::anomaly(input, &mut window, end, input.len(), place);
        notes.anomalies.extend(behind);
        let left = input.len().saturating_sub(end);
        let head = usize::try_from(left).unwrap_or(HEAD).min(HEAD);
        let magic = window.get(end, head).ok().and_then(recognise);
        if magic.is_some_and(Magic::may_hold_model) {
            let tail = Slice::new(input.source(), end, left);
            stance_read::scan_member(input, "behind the last storage", &tail, facts);
        }
    }
    window.finish(facts);
    listing::list(input.source(), input.options().limits.tensors, &mut notes);
    notes
}

/// Looks at the data of storages. Of what type each is says the pickle; where several readings of it
/// are possible, the numbers are bytes.
fn examine(
    input: &Input<'_>,
    storages: &[(u64, u64)],
    notes: &mut Artifact,
    facts: &mut Facts<'_>,
) {
    if storages.is_empty() {
        return;
    }
    let runs: HashMap<u64, listing::Run> = listing::legacy_storages(input.source())
        .into_iter()
        .map(|run| (run.start, run))
        .collect();
    let names: Vec<String> = storages
        .iter()
        .zip(0_u64..)
        .map(|((at, _), number)| match runs.get(at) {
            Some(run) => format!("storage {}", run.key),
            None => format!("storage number {number}"),
        })
        .collect();
    let tensors = storages.iter().zip(&names).map(|((at, length), name)| {
        let class = runs.get(at).filter(|run| run.length == *length);
        weights::Tensor {
            name,
            element: class.map_or(Element::Other, |run| Element::of(&run.class)),
            at: *at,
            bytes: *length,
            row: None,
        }
    });
    weights::examine(input, tensors, notes, facts);
}

/// A program or archive at the start of a storage, where its mark cannot be there by chance.
fn program(head: &[u8]) -> Option<Magic> {
    let magic = recognise(head)?;
    let certain = match magic {
        Magic::Elf => matches!(head, [_, _, _, _, 1 | 2, 1 | 2, 1, ..]),
        Magic::Pe | Magic::Zip | Magic::Script | Magic::SevenZip => true,
        _ => false,
    };
    certain.then_some(magic)
}

/// How many texts a list of keys holds, as PyTorch writes it.
fn count_keys(mut stream: &[u8]) -> Option<usize> {
    let mut count = 0_usize;
    while let Some((opcode, rest)) = stream.split_first() {
        let skip = match opcode {
            b']' | b'(' | b'e' | b'a' | 0x94 => 0,
            b'q' | 0x80 => 1,
            b'r' => 4,
            b'X' => {
                count = count.saturating_add(1);
                let length = rest.first_chunk::<4>().copied().map(u32::from_le_bytes)?;
                usize::try_from(length).ok()?.saturating_add(4)
            }
            b'.' => return Some(count),
            _ => return None,
        };
        stream = rest.get(skip..)?;
    }
    None
}

/// The sizes of elements of the types of storages that are imported.
fn sizes(traces: &[PickleTrace]) -> Vec<u64> {
    let globals = traces.iter().flat_map(|trace| &trace.globals);
    let mut sizes: BTreeSet<u64> = globals
        .filter_map(|global| element_size(&global.attribute))
        .collect();
    if sizes.is_empty() {
        sizes.insert(4);
    }
    sizes.into_iter().rev().collect()
}

/// Bytes of an element of a type of storage.
pub(crate) fn element_size(storage: &str) -> Option<u64> {
    let kind = storage.strip_suffix("Storage")?;
    Some(match kind {
        "ComplexDouble" => 16,
        "Double" | "Long" | "ComplexFloat" => 8,
        "Half" | "Short" | "BFloat16" => 2,
        "Byte" | "Char" | "Bool" | "Untyped" | "QInt8" | "QUInt8" | "" => 1,
        _ => 4,
    })
}

/// The data of each storage, and where they end when that is not the end of the file; `None` as
/// well where that cannot be told.
fn walk(
    window: &mut Window<'_>,
    start: u64,
    sizes: &[u64],
    count: Option<usize>,
) -> (Vec<(u64, u64)>, Option<u64>) {
    let length = window.len();
    let mut seen = BTreeSet::new();
    // Where each storage of the present way starts, and how many sizes were tried there.
    let mut way: Vec<(u64, usize)> = vec![(start, 0)];
    let mut complete: Vec<Vec<(u64, usize)>> = Vec::new();
    while seen.len() < PLACES {
        let storages = way.len().saturating_sub(1);
        let Some((at, tried)) = way.last_mut() else {
            break;
        };
        let all = count.is_none_or(|count| count == storages);
        if *at == length && all {
            return (parts(&way), None);
        }
        let next = sizes.get(*tried).and_then(|size| step(window, *at, *size));
        let exhausted = *tried >= sizes.len() || count.is_some() && all;
        *tried = tried.saturating_add(1);
        if exhausted {
            if count.is_some() && all && complete.len() < WAYS {
                complete.push(way.clone());
            }
            way.pop();
        } else if let Some(next) = next.filter(|next| seen.insert((*next, way.len()))) {
            way.push((next, 0));
        }
    }
    // Where several orders of sizes lead through all storages, the one counts behind which
    // something starts that is known, or else the longest.
    let end = |way: &[(u64, usize)]| way.last().map_or(0, |(at, _)| *at);
    let best = complete.into_iter().max_by_key(|way| {
        let at = end(way);
        let head = usize::try_from(length.saturating_sub(at)).unwrap_or(HEAD);
        let known = window.get(at, head.min(HEAD)).ok().and_then(recognise);
        (known.is_some(), at)
    });
    match best {
        Some(way) => (parts(&way), Some(end(&way))),
        None => (Vec::new(), None),
    }
}

/// Where a storage ends that starts at `at`, when it can be one.
fn step(window: &mut Window<'_>, at: u64, size: u64) -> Option<u64> {
    let count = window.u64(at).ok()?;
    at.checked_add(8)?
        .checked_add(count.checked_mul(size)?)
        .filter(|end| *end <= window.len())
}

/// The data of the storages of a way.
fn parts(way: &[(u64, usize)]) -> Vec<(u64, u64)> {
    way.windows(2)
        .filter_map(|pair| match pair {
            [(start, _), (end, _)] => {
                let data = start.saturating_add(8);
                Some((data, end.saturating_sub(data)))
            }
            _ => None,
        })
        .collect()
}

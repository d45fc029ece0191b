//! The oldest PyTorch checkpoints: in their tar archives, pickles and raw
//! numbers take turns in one file, so that the later pickles are only found by
//! passing over the numbers before them.

use stance_core::fact::{AnomalyKind, Artifact, PickleEnd, PickleTrace};

use stance_models::members::member_evidence;
use stance_pickle as pickle;
use stance_read::input::Input;
use stance_read::little_endian::{u32_at, u64_at};
use stance_read::report::Facts;

use super::File;

/// Most pickles of one member.
const PICKLES: usize = 4096;
/// Longest of these pickles that is interpreted: they hold a few names each.
const PIECE: u64 = 256 * 1024;
/// How much of what follows them is searched for further ones.
const SEARCH: u64 = 1 << 20;

/// Follows the pickles of `storages` or `tensors` to the end of the member.
pub(super) fn look(file: &File, input: &Input<'_>, outer: &mut Artifact, facts: &mut Facts<'_>) {
    let path = member_evidence(input, &file.name).path;
    let limits = &input.options().limits;
    let mut at = 0_u64;
    for _ in 0..PICKLES {
        let left = file.size.saturating_sub(at);
        if left == 0 {
            return;
        }
        let start = file.start.saturating_add(at);
        let bytes = input
            .read(start, left.min(PIECE), facts)
            .unwrap_or_default();
        if !matches!(
            bytes.first(),
            Some(0x80 | b'(' | b']' | b'}' | b'c' | b'I' | b'K' | b'l')
        ) {
            break;
        }
        let traced = pickle::trace(&path, &bytes, at, limits);
        let stopped = traced.trace.end == PickleEnd::Stop;
        let raw = raw_behind(
            &traced.trace,
            start.saturating_add(traced.consumed as u64),
            input,
            facts,
        );
        outer.pickles.push(traced.trace);
        outer.pickles.extend(traced.nested);
        outer.anomalies.extend(traced.anomalies);
        at = at
            .saturating_add(traced.consumed as u64)
            .saturating_add(raw);
        if !stopped {
            break;
        }
    }
    search(file, at, input, outer, facts);
}

/// How many bytes of numbers follow a pickle.
fn raw_behind(trace: &PickleTrace, at: u64, input: &Input<'_>, facts: &mut Facts<'_>) -> u64 {
    let named = |end: &str| {
        trace
            .globals
            .iter()
            .find(|global| global.attribute.ends_with(end))
    };
    if let Some(storage) = named("Storage") {
        let count = input.read(at, 8, facts).and_then(|bytes| u64_at(&bytes, 0));
        let size = crate::pickle_file::element_size(&storage.attribute).unwrap_or(4);
        return count.map_or(0, |count| count.saturating_mul(size).saturating_add(8));
    }
    if named("Tensor").is_some() {
        // Dimensions, their sizes and strides, an offset.
        let count = input.read(at, 4, facts).and_then(|bytes| u32_at(&bytes, 0));
        return count.map_or(0, |count| {
            u64::from(count).saturating_mul(16).saturating_add(16)
        });
    }
    0
}

/// Looks for pickles in what no structure accounts for.
fn search(file: &File, from: u64, input: &Input<'_>, outer: &mut Artifact, facts: &mut Facts<'_>) {
    const HEAD: usize = 4096;
    let left = file.size.saturating_sub(from);
    let start = file.start.saturating_add(from);
    let bytes = input
        .read(start, left.min(SEARCH), facts)
        .unwrap_or_default();
    let found = memchr::memchr_iter(0x80, &bytes).find(|at| {
        let rest = bytes.get(*at..).unwrap_or_default();
        pickle::starts_pickle(rest.get(..HEAD).unwrap_or(rest))
    });
    let Some(at) = found else {
        return;
    };
    let path = member_evidence(input, &file.name).path;
    let base = from.saturating_add(at as u64);
    let rest = bytes.get(at..).unwrap_or_default();
    let traced = pickle::trace(&path, rest, base, &input.options().limits);
    outer.anomaly(
        AnomalyKind::UnclaimedBytes,
        format!(
            "a pickle stands at byte {base} of `{}`, where no loader looks for one",
            file.name
        ),
        member_evidence(input, &file.name),
    );
    outer.pickles.push(traced.trace);
    outer.pickles.extend(traced.nested);
}

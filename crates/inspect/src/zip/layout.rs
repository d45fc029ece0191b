//! Whether every byte of a zip file belongs to something.

use std::collections::BTreeSet;

use stance_core::fact::{AnomalyKind, Artifact, ArtifactFormat};

use crate::zip::directory::Directory;
use crate::zip::entry::{Entry, Local};
use stance_models::magic::{Magic, foreign, recognise};
use stance_models::members::is_model_name;
use stance_read::input::Input;
use stance_read::report::Facts;

/// A descriptor behind the data of a member: at most a mark, a checksum and two 64-bit sizes.
const DESCRIPTOR: u64 = 24;
/// Padding between members that nobody needs to explain.
const PADDING: u64 = 64;
/// Most members that were not opened and whose place is looked up.
const UNOPENED: usize = 4096;
/// Most members that are brought to light from between the others.
const HIDDEN: usize = 64;

/// Accounts for the bytes before, between and behind the members; gives the
/// members that stand there without the directory knowing them.
pub(super) fn account(
    input: &Input<'_>,
    directory: &Directory,
    entries: &[Entry],
    spans: &mut [(u64, u64, usize)],
    outer: &mut Artifact,
    facts: &mut Facts<'_>,
) -> Vec<Entry> {
    spans.sort_unstable();
    note_overlaps(input, entries, spans, outer);
    let mut hidden = Vec::new();
    if directory.recovered {
        return hidden;
    }
    let mut known: Vec<(u64, u64)> = spans.iter().map(|(start, end, _)| (*start, *end)).collect();
    if !add_unopened(input, entries, spans, &mut known, facts) {
        return hidden;
    }
    known.sort_unstable();
    let first = known.first().map_or(0, |(start, _)| *start);
    // The parser of what stands before the archive may have said so already.
    if outer.format != ArtifactFormat::Llamafile && facts.artifact_mut(input.path()).is_none() {
        note_prefix(input, first, outer);
    }
    known.push((directory.start, directory.start));
    known.sort_unstable();
    // What stands before the first member was spoken of, unless it is members.
    let members_first = input.head().starts_with(b"PK\x03\x04");
    let mut reached = if members_first { 0 } else { first };
    for (start, end) in known {
        if start > reached.saturating_add(4) && hidden.len() < HIDDEN {
            look_into_hole(input, reached, start, &mut hidden, outer, facts);
        }
        reached = reached.max(end);
    }
    hidden
}

/// Adds the places of members that were not opened, and of directories; false when there are too
/// many of them to know what lies between.
fn add_unopened(
    input: &Input<'_>,
    entries: &[Entry],
    spans: &[(u64, u64, usize)],
    known: &mut Vec<(u64, u64)>,
    facts: &mut Facts<'_>,
) -> bool {
    let opened: BTreeSet<usize> = spans.iter().map(|(_, _, index)| *index).collect();
    let mut left = UNOPENED;
    for (index, entry) in entries.iter().enumerate() {
        if opened.contains(&index) {
            continue;
        }
        if entry.is_directory() {
            let length = (Local::FIXED as u64).saturating_add(entry.name.len() as u64);
            known.push((entry.offset, entry.offset.saturating_add(length)));
            continue;
        }
        let Some(rest) = left.checked_sub(1) else {
            return false;
        };
        left = rest;
        let header = input.read(entry.offset, Local::FIXED as u64, facts);
        // Where no member starts, nothing is claimed.
        if let Some(local) = header.as_deref().and_then(Local::parse) {
            let behind = local.length.saturating_add(entry.packed);
            known.push((entry.offset, entry.offset.saturating_add(behind)));
        }
    }
    true
}

/// Bytes before the first member.
fn note_prefix(input: &Input<'_>, first: u64, outer: &mut Artifact) {
    if first <= 4 {
        return;
    }
    let before = input.head();
    // Programs that unpack themselves and scripts with their modules behind them are usual.
    let usual = outer.format == ArtifactFormat::Archive
        && !is_model_name(input.file_name())
        && (before.starts_with(b"#!") || recognise(before).is_some_and(Magic::is_executable));
    let title = recognise(before)
        .map(Magic::title)
        .or_else(|| foreign(before));
    let (kind, detail) = match title.filter(|_| !usual) {
        Some(title) => (
            AnomalyKind::Polyglot,
            format!("it starts as {title}; the zip archive follows at byte {first}"),
        ),
        None => (
            AnomalyKind::UnclaimedBytes,
            format!("{first} bytes stand before the zip archive"),
        ),
    };
    outer.anomaly(kind, &*detail, input.evidence_at(0..first, &detail));
}

/// Members that share bytes, as a bomb of few bytes and many members has them.
fn note_overlaps(
    input: &Input<'_>,
    entries: &[Entry],
    spans: &[(u64, u64, usize)],
    outer: &mut Artifact,
) {
    let name = |index: usize| entries.get(index).map_or("?", |entry| entry.name.as_str());
    let mut overlaps = 0_u64;
    for pair in spans.windows(2) {
        let [(start, end, first), (next, next_end, second)] = pair else {
            continue;
        };
        // A member of no bytes overlaps nothing.
        if next < end && next_end > next && end > start {
            overlaps = overlaps.saturating_add(1);
            outer.anomaly(
                AnomalyKind::LyingHeader,
                format!("`{}` and `{}` share bytes", name(*first), name(*second)),
                input.evidence_at(*next..*end, "shared by two members"),
            );
        }
    }
    let claimed = entries
        .iter()
        .fold(0_u64, |sum, entry| sum.saturating_add(entry.unpacked));
    let ratio = input.options().limits.ratio;
    if overlaps > 0
        && claimed > input.options().limits.unpacked
        && claimed > input.len().saturating_mul(ratio)
    {
        outer.anomaly(
            AnomalyKind::Bomb,
            format!(
                "members that share bytes claim {claimed} bytes in a file of {}",
                input.len()
            ),
            input.evidence(),
        );
    }
}

/// What stands between two members: a descriptor, padding, a member that the
/// directory does not know, or bytes of nobody.
fn look_into_hole(
    input: &Input<'_>,
    start: u64,
    end: u64,
    hidden: &mut Vec<Entry>,
    outer: &mut Artifact,
    facts: &mut Facts<'_>,
) {
    let mut at = start;
    let window = input
        .read(
            start,
            DESCRIPTOR.saturating_add(4).min(end.saturating_sub(start)),
            facts,
        )
        .unwrap_or_default();
    if let Some(skip) = memchr::memmem::find(&window, b"PK\x03\x04") {
        at = start.saturating_add(skip as u64);
    }
    while at < end && hidden.len() < HIDDEN {
        let header = input
            .read(at, 1024.min(end.saturating_sub(at)), facts)
            .unwrap_or_default();
        let Some(local) = Local::parse(&header) else {
            break;
        };
        let behind = at.saturating_add(local.length).saturating_add(local.packed);
        hidden.push(local.into_entry(at));
        at = behind;
    }
    let rest = end.saturating_sub(at.max(start.saturating_add(DESCRIPTOR)));
    if rest > PADDING {
        outer.anomaly(
            AnomalyKind::UnclaimedBytes,
            format!("{rest} bytes between its members belong to none"),
            input.evidence_at(at..end, "bytes of no member"),
        );
    }
}

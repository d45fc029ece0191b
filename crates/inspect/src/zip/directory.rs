//! The directory at the end of a zip file, found the way Python's `zipfile` finds it.

use std::collections::BTreeSet;

use stance_core::fact::{AnomalyKind, GapReason};

use crate::zip::entry::{Entry, Local};
use stance_models::magic::{Magic, recognise};
use stance_read::input::Input;
use stance_read::little_endian::{u16_at, u32_at, u64_at};
use stance_read::report::Facts;
use stance_read::source::Source;

/// Size of the record that ends a zip file, without its comment.
const END: usize = 22;
/// Longest tail in which that record is looked for: the record and the longest comment.
const TAIL: u64 = 22 + 65_535;
/// Size of the 64-bit record, and of the record that says where it is.
const END64: u64 = 56;
const LOCATOR: u64 = 20;
/// How much of the directory is read at a time: more than the longest record.
const WINDOW: u64 = 1 << 20;
/// Most members that are listed.
const MEMBERS: usize = 100_000;
/// Most bytes of names that are kept.
const NAMES: usize = 16 << 20;

/// Everything that a zip file says it holds.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    /// Its members, in the order of the directory.
    pub(crate) entries: Vec<Entry>,
    /// Where the directory starts in the file.
    pub(crate) start: u64,
    /// Bytes before the archive that offsets do not count.
    pub(crate) prefix: u64,
    /// What is wrong with it: kind, sentence, offset.
    pub(crate) anomalies: Vec<(AnomalyKind, String, u64)>,
    /// Whether it was put together from local headers, for want of a directory.
    pub(crate) recovered: bool,
    /// Where further directories start, for readers that find another one.
    seconds: Vec<u64>,
    /// What the comment behind its end starts as, where that is some format.
    pub(crate) comment: Option<Magic>,
}

/// The record that ends a zip file.
struct End {
    at: u64,
    count: u64,
    size: u64,
    offset: u64,
    comment: Vec<u8>,
    declared_comment: usize,
}

/// Whether a zip file ends where `source` ends: with a comment of at most a
/// kilobyte, or where `head` is all of it, of any length.
pub(crate) fn ends_like_zip(head: &[u8], source: &dyn Source) -> bool {
    const NEAR: usize = 1024;
    if head.len() as u64 == source.len() {
        return memchr::memmem::rfind_iter(head, b"PK\x05\x06").any(|at| fits(head, at));
    }
    let mut tail = [0; NEAR];
    let start = source.len().saturating_sub(NEAR as u64);
    let count = source.read_at(start, &mut tail).unwrap_or_default();
    let tail = tail.get(..count).unwrap_or_default();
    memchr::memmem::rfind_iter(tail, b"PK\x05\x06").any(|at| fits(tail, at))
}

/// Whether the record at `at` and its comment reach exactly to the end of `tail`.
fn fits(tail: &[u8], at: usize) -> bool {
    u16_at(tail, at.saturating_add(20)).is_some_and(|comment| {
        at.saturating_add(END).saturating_add(usize::from(comment)) == tail.len()
    })
}

impl Directory {
    /// Reads the directory; `None` when the file has none.
    pub(crate) fn read(input: &Input<'_>, facts: &mut Facts<'_>) -> Option<Self> {
        let (end, wrapping) = find_end(input, facts)?;
        let mut directory = Self::default();
        let (count, size, offset, limit) = directory.widen(&end, input, facts);
        directory.note_tail(&end);

        // What lies before the archive shifts all offsets, as in a self-extracting
        // file: the directory ends where its end record starts.
        let start = limit.checked_sub(size).filter(|_| size <= limit);
        directory.start = start.unwrap_or(offset);
        directory.prefix = directory.start.saturating_sub(offset);
        if start.is_none() || directory.start < offset {
            directory.anomalies.push((
                AnomalyKind::LyingHeader,
                format!("its directory claims {size} bytes at byte {offset}, where it cannot be"),
                end.at,
            ));
            directory.start = offset;
        }
        directory.list(directory.start, size, directory.prefix, input, facts);
        directory.compare_count(count);
        if directory.prefix > 0 {
            directory.list_second(offset, size, input, facts);
            directory.list_unshifted(input, facts);
        }
        if let Some(other) = wrapping {
            // The end that was found lies in the comment of this one.
            let start = other.at.saturating_sub(other.size);
            directory.list_second(start, other.size, input, facts);
            directory.list_second(other.offset, other.size, input, facts);
        }
        if (end.offset, end.size) != (offset, size) && end.offset != 0xffff_ffff {
            // A reader that does not know the 64-bit record takes the other.
            directory.list_second(end.offset, end.size, input, facts);
        }
        if directory.entries.is_empty() && size > 0 {
            let recovered = Self::recover(input, facts);
            directory.anomalies.push((
                AnomalyKind::LyingHeader,
                format!("there is no directory at byte {}", directory.start),
                directory.start,
            ));
            directory.entries = recovered.entries;
        }
        Some(directory)
    }

    /// The values of the 64-bit record where there is one; gives count, size and
    /// offset of the directory, and where it has to end.
    fn widen(
        &mut self,
        end: &End,
        input: &Input<'_>,
        facts: &mut Facts<'_>,
    ) -> (u64, u64, u64, u64) {
        let narrow = (end.count, end.size, end.offset, end.at);
        let Some(locator_at) = end.at.checked_sub(LOCATOR) else {
            return narrow;
        };
        let locator = input.read(locator_at, LOCATOR, facts).unwrap_or_default();
        if !locator.starts_with(b"PK\x06\x07") {
            return narrow;
        }
        // Python reads the record right before the locator, others where the locator says.
        let pointed = u64_at(&locator, 8).unwrap_or_default();
        let before = locator_at.saturating_sub(END64);
        let mut found = None;
        for at in [before, pointed] {
            let record = input.read(at, END64, facts).unwrap_or_default();
            if record.starts_with(b"PK\x06\x06")
                && let (Some(count), Some(size), Some(offset)) = (
                    u64_at(&record, 32),
                    u64_at(&record, 40),
                    u64_at(&record, 48),
                )
            {
                found = Some((count, size, offset, at));
                break;
            }
        }
        let Some(wide) = found else {
            self.anomalies.push((
                AnomalyKind::LyingHeader,
                format!("it names a 64-bit end record at byte {pointed}, where there is none"),
                locator_at,
            ));
            return narrow;
        };
        let differs =
            |narrow: u64, wide: u64, saturated: u64| narrow != saturated && narrow != wide;
        if differs(end.count, wide.0, 0xffff)
            || differs(end.size, wide.1, 0xffff_ffff)
            || differs(end.offset, wide.2, 0xffff_ffff)
        {
            self.anomalies.push((
                AnomalyKind::ReaderDisagreement,
                "its 32-bit and its 64-bit end record name different directories".to_owned(),
                wide.3,
            ));
        }
        wide
    }

    /// What stands behind the end record.
    fn note_tail(&mut self, end: &End) {
        const SMALL: usize = 16;
        if end.comment.len() >= SMALL {
            self.comment = recognise(&end.comment);
        }
        let behind = end.comment.len();
        if behind > end.declared_comment {
            self.anomalies.push((
                AnomalyKind::UnclaimedBytes,
                format!(
                    "{} bytes stand behind its end",
                    behind.saturating_sub(end.declared_comment)
                ),
                end.at.saturating_add(END as u64),
            ));
        }
        if behind < end.declared_comment {
            self.anomalies.push((
                AnomalyKind::Truncated,
                format!(
                    "its comment claims {} bytes, {behind} are there",
                    end.declared_comment
                ),
                end.at,
            ));
        }
    }

    /// Adds the members listed at `start`; their offsets are off by `shift`.
    fn list(
        &mut self,
        start: u64,
        size: u64,
        shift: u64,
        input: &Input<'_>,
        facts: &mut Facts<'_>,
    ) {
        let end = start.saturating_add(size).min(input.len());
        let limit = start.saturating_add(input.options().limits.header);
        let mut at = start;
        let mut names = 0_usize;
        // In windows, and no further than records follow each other: the size is only a claim.
        while at < end.min(limit) && self.entries.len() < MEMBERS && names < NAMES {
            let window = WINDOW.min(end.saturating_sub(at));
            let bytes = input.read(at, window, facts).unwrap_or_default();
            let mut used = 0_usize;
            while self.entries.len() < MEMBERS
                && names < NAMES
                && let Some((mut entry, length)) =
                    Entry::parse(bytes.get(used..).unwrap_or_default())
            {
                entry.offset = entry.offset.saturating_add(shift);
                names = names.saturating_add(entry.name.len());
                self.entries.push(entry);
                used = used.saturating_add(length);
            }
            if used == 0 {
                break;
            }
            at = at.saturating_add(used as u64);
        }
        if at >= limit && limit < end || self.entries.len() >= MEMBERS || names >= NAMES {
            facts.gap(
                GapReason::TooLarge,
                format!(
                    "the zip directory claims {size} bytes; its first {} members were looked at",
                    self.entries.len()
                ),
                input.evidence(),
            );
        }
    }

    fn compare_count(&mut self, count: u64) {
        let listed = self.entries.len() as u64;
        if self.entries.len() < MEMBERS && count != listed && count != listed & 0xffff {
            self.anomalies.push((
                AnomalyKind::LyingHeader,
                format!("its end record claims {count} members, its directory lists {listed}"),
                self.start,
            ));
        }
    }

    /// Python takes the directory to end at the end record, PyTorch to start at
    /// the offset given: where both places hold one, both count.
    fn list_second(&mut self, offset: u64, size: u64, input: &Input<'_>, facts: &mut Facts<'_>) {
        let mark = input.read(offset, 4, facts).unwrap_or_default();
        if offset != self.start && !self.seconds.contains(&offset) && mark == b"PK\x01\x02" {
            self.seconds.push(offset);
            self.anomalies.push((
                AnomalyKind::ReaderDisagreement,
                format!(
                    "it has two directories, at byte {offset} and at byte {}",
                    self.start
                ),
                offset,
            ));
            self.list(offset, size, 0, input, facts);
        }
    }

    /// PyTorch does not shift offsets by what lies before the archive: where members start at both
    /// places, they are different ones for different readers.
    fn list_unshifted(&mut self, input: &Input<'_>, facts: &mut Facts<'_>) {
        const LOOKED_AT: usize = 1024;
        let known: BTreeSet<u64> = self.entries.iter().map(|entry| entry.offset).collect();
        let mut others = Vec::new();
        for entry in self.entries.iter().take(LOOKED_AT) {
            let Some(at) = entry.offset.checked_sub(self.prefix) else {
                continue;
            };
            let mark = input.read(at, 4, facts).unwrap_or_default();
            if mark == b"PK\x03\x04" && !known.contains(&at) {
                let mut other = entry.clone();
                other.offset = at;
                others.push(other);
            }
        }
        if let Some(first) = others.first() {
            self.anomalies.push((
                AnomalyKind::ReaderDisagreement,
                format!(
                    "`{}` starts at byte {} for readers that pass over what stands before the \
                     archive, and at byte {} for others",
                    first.name,
                    first.offset.saturating_add(self.prefix),
                    first.offset
                ),
                first.offset,
            ));
        }
        self.entries.extend(others);
    }

    /// Puts a directory together from the headers before each member, as readers
    /// of streams do. Stops at the first thing that is not a member.
    pub(crate) fn recover(input: &Input<'_>, facts: &mut Facts<'_>) -> Self {
        let mut directory = Self {
            recovered: true,
            start: input.len(),
            ..Self::default()
        };
        let mut at = 0_u64;
        while (directory.entries.len() as u64) < input.options().limits.members {
            let header = input.read(at, 1024, facts).unwrap_or_default();
            let Some(local) = Local::parse(&header) else {
                break;
            };
            let behind = at.saturating_add(local.length).saturating_add(local.packed);
            let streamed = local.flags & super::entry::STREAMED != 0 && local.packed == 0;
            let mut entry = local.into_entry(at);
            if streamed {
                // Its size would stand behind it: all the rest may be its data.
                entry.packed = input.len().saturating_sub(behind);
            }
            directory.entries.push(entry);
            if streamed || behind <= at {
                break;
            }
            at = behind;
        }
        directory
    }
}

/// The record that readers take for the end, the last one; and the record in
/// whose comment it lies, where there is one.
fn find_end(input: &Input<'_>, facts: &mut Facts<'_>) -> Option<(End, Option<End>)> {
    /// How many marks are looked at: they may be anything.
    const MARKS: usize = 64;
    let start = input.len().saturating_sub(TAIL);
    let tail = input.read(start, TAIL, facts)?;
    let mut marks = memchr::memmem::rfind_iter(&tail, b"PK\x05\x06");
    let end = marks.find_map(|at| end_at(&tail, at, start))?;
    let wrapping = marks
        .take(MARKS)
        .filter(|at| fits(&tail, *at))
        .find_map(|at| end_at(&tail, at, start));
    Some((end, wrapping))
}

fn end_at(tail: &[u8], at: usize, start: u64) -> Option<End> {
    let record = tail.get(at..)?;
    Some(End {
        at: start.saturating_add(at as u64),
        count: u64::from(u16_at(record, 10)?),
        size: u64::from(u32_at(record, 12)?),
        offset: u64::from(u32_at(record, 16)?),
        declared_comment: usize::from(u16_at(record, 20)?),
        comment: record.get(END..)?.to_vec(),
    })
}

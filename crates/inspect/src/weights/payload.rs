//! Files inside numbers: marks that are searched everywhere, and what has to follow each of them,
//! so that numbers do not have it by chance.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::packed::{self, Searcher};
use aho_corasick::{AhoCorasick, MatchKind, Span};

use crate::little_endian::{u16_at, u32_at, u64_at};
use crate::unpack::{Bounds, Compression, unpack};

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Elf,
    Pe,
    MachO,
    Script,
    Zip,
    SevenZip,
    Rar,
    Gzip,
    Xz,
    Bzip2,
    Pickle,
}

impl Kind {
    /// What people call it, with its article.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Elf => "an ELF executable",
            Self::Pe => "a Windows executable",
            Self::MachO => "a Mach-O executable",
            Self::Script => "a script",
            Self::Zip => "a zip archive",
            Self::SevenZip => "a 7z archive",
            Self::Rar => "a RAR archive",
            Self::Gzip => "gzip data",
            Self::Xz => "xz data",
            Self::Bzip2 => "bzip2 data",
            Self::Pickle => "a Python pickle",
        }
    }

    /// Whether an operating system or an interpreter runs it.
    pub(super) const fn is_program(self) -> bool {
        matches!(self, Self::Elf | Self::Pe | Self::MachO | Self::Script)
    }
}

/// Something found at an offset.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) kind: Kind,
    pub(super) at: u64,
    /// Bytes that were recognised.
    pub(super) length: u64,
}

/// What is looked for, and what it may be the start of.
const MARKS: &[(&[u8], Kind)] = &[
    (b"\x7fELF", Kind::Elf),
    (b"PE\0\0", Kind::Pe),
    (b"\xcf\xfa\xed\xfe", Kind::MachO),
    (b"\xce\xfa\xed\xfe", Kind::MachO),
    (b"\xca\xfe\xba\xbe\0\0\0", Kind::MachO),
    (b"#!/", Kind::Script),
    (b"PK\x03\x04", Kind::Zip),
    (b"7z\xbc\xaf\x27\x1c\0", Kind::SevenZip),
    (b"Rar!\x1a\x07", Kind::Rar),
    (b"\x1f\x8b\x08", Kind::Gzip),
    (b"\xfd7zXZ\0\0", Kind::Xz),
    (b"\x31\x41\x59\x26\x53\x59", Kind::Bzip2),
    (b"\x80\x04\x95", Kind::Pickle),
    (b"\x80\x05\x95", Kind::Pickle),
    (b"\x80\x02c", Kind::Pickle),
    (b"\x80\x03c", Kind::Pickle),
    (b"cos\nsystem\n", Kind::Pickle),
    (b"cposix\nsystem\n", Kind::Pickle),
    (b"cnt\nsystem\n", Kind::Pickle),
    (b"csubprocess\n", Kind::Pickle),
    (b"cbuiltins\n", Kind::Pickle),
    (b"c__builtin__\n", Kind::Pickle),
    (b"import os", Kind::Script),
    (b"import sys", Kind::Script),
    (b"import socket", Kind::Script),
    (b"import subprocess", Kind::Script),
    (b"__import__(", Kind::Script),
    (b"/bin/sh", Kind::Script),
    (b"/bin/bash", Kind::Script),
    (b"powershell", Kind::Script),
    (b"cmd.exe", Kind::Script),
    (b"<?php", Kind::Script),
    (b"<script", Kind::Script),
    (b"curl http", Kind::Script),
    (b"curl -", Kind::Script),
    (b"wget http", Kind::Script),
];

/// All marks in one pass: by vector instructions where the processor has them, else by an automaton.
enum Search {
    Packed(Searcher),
    Automaton(AhoCorasick),
}

static SEARCH: LazyLock<Option<Search>> = LazyLock::new(|| {
    let marks = || MARKS.iter().map(|(mark, _)| mark);
    let packed = packed::Config::new()
        .match_kind(packed::MatchKind::LeftmostFirst)
        .builder()
        .extend(marks())
        .build();
    packed.map(Search::Packed).or_else(|| {
        AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(marks())
            .ok()
            .map(Search::Automaton)
    })
});

impl Search {
    /// The next mark from `at` on: where it starts, and its place among all.
    fn next(&self, bytes: &[u8], at: usize) -> Option<(usize, usize)> {
        if at > bytes.len() {
            return None;
        }
        let span = Span::from(at..bytes.len());
        let hit = match self {
            Self::Packed(searcher) => searcher.find_in(bytes, span),
            Self::Automaton(automaton) => {
                automaton.find(aho_corasick::Input::new(bytes).span(span))
            }
        }?;
        Some((hit.start(), hit.pattern().as_usize()))
    }
}

/// Beginnings of gzip data, programs and pickles in one block that are tried out. None occurs by
/// chance as far as that, so what comes after so many others is taken for what it begins like, and
/// numbers made of nothing but beginnings cost no more than this.
const TRIALS: u32 = 64;
/// Bytes of a possible pickle that are run.
const PICKLE: usize = 4096;

/// Looks for files that start within `at` in `bytes`; `base` is where `bytes` starts. `text` is
/// whether scripts count without a first line that names their interpreter, which they do where
/// numbers should be and not where bytes may be text anyway.
pub(super) fn find(bytes: &[u8], at: Range<usize>, base: u64, text: bool, into: &mut Vec<Found>) {
    let Some(search) = SEARCH.as_ref() else {
        return;
    };
    let mut trials = TRIALS;
    let mut from = at.start;
    while into.len() < super::KEPT
        && let Some((start, mark)) = search.next(bytes, from)
        && start < at.end
    {
        from = start.saturating_add(1);
        let Some((mark, kind)) = MARKS.get(mark) else {
            continue;
        };
        if let Some((start, length)) = holds(bytes, start, mark, *kind, text, &mut trials) {
            into.push(Found {
                kind: *kind,
                at: base.saturating_add(start as u64),
                length: length as u64,
            });
            // Nothing is looked for inside what was found.
            from = from.max(start.saturating_add(length));
        }
    }
}

/// Where a file starts and how much of it was recognised, when what follows the mark fits it.
fn holds(
    bytes: &[u8],
    at: usize,
    mark: &[u8],
    kind: Kind,
    text: bool,
    trials: &mut u32,
) -> Option<(usize, usize)> {
    let rest = bytes.get(at..)?;
    let at_start = |holds: bool, length: usize| holds.then_some((at, length));
    match kind {
        Kind::Elf => at_start(is_elf(rest), 52),
        Kind::Pe => {
            let start = pe_start(bytes, at, trials)?;
            Some((start, at.saturating_sub(start).saturating_add(24)))
        }
        Kind::MachO => at_start(is_mach_o(rest), 28),
        Kind::Script if mark.starts_with(b"#!") => at_start(is_script(rest), 24),
        Kind::Script => (text && printable_around(bytes, at) >= SCRIPT).then_some((at, mark.len())),
        Kind::Zip => at_start(is_zip(rest), 30),
        Kind::SevenZip => at_start(rest.get(7).is_some_and(|minor| *minor <= 4), 32),
        Kind::Rar => at_start(matches!(rest.get(6), Some(0 | 1)), 7),
        Kind::Gzip => at_start(is_gzip(rest, trials), 10),
        Kind::Xz => at_start(
            rest.get(7)
                .is_some_and(|check| matches!(check, 0 | 1 | 4 | 10)),
            12,
        ),
        Kind::Bzip2 => {
            let start = at.checked_sub(4)?;
            let head = bytes.get(start..at)?;
            matches!(head, [b'B', b'Z', b'h', b'1'..=b'9']).then_some((start, 10))
        }
        Kind::Pickle => at_start(is_pickle(rest, trials), 16),
    }
}

/// Whether there is one more trial.
fn may_try(trials: &mut u32) -> bool {
    let more = *trials > 0;
    *trials = trials.saturating_sub(1);
    more
}

fn is_elf(rest: &[u8]) -> bool {
    // Class, byte order and version, then type and machine.
    let little = match rest.get(4..7) {
        Some([1 | 2, order @ (1 | 2), 1]) => *order == 1,
        _ => return false,
    };
    let (Some(kind), Some(machine)) = (u16_at(rest, 16), u16_at(rest, 18)) else {
        // The head of one that is cut here.
        return rest.len() < 20;
    };
    let (kind, machine) = if little {
        (kind, machine)
    } else {
        (kind.swap_bytes(), machine.swap_bytes())
    };
    // Heads that somebody padded with zeros are as telling.
    kind <= 4 && machine < 0x200
}

/// The start of a Windows program whose PE header is at `at`.
fn pe_start(bytes: &[u8], at: usize, trials: &mut u32) -> Option<usize> {
    const MACHINES: [u16; 6] = [0x14c, 0x8664, 0xaa64, 0x1c0, 0x1c4, 0x200];
    let rest = bytes.get(at..)?;
    let machine = u16_at(rest, 4)?;
    let sections = u16_at(rest, 6)?;
    let optional = u16_at(rest, 20)?;
    if !MACHINES.contains(&machine) || sections > 96 || !matches!(optional, 0 | 0xe0 | 0xf0) {
        return None;
    }
    if !may_try(trials) {
        return Some(at);
    }
    let from = at.saturating_sub(1024);
    let before = bytes.get(from..at)?;
    let points_here = |start: usize| {
        u32_at(before, start.saturating_add(0x3c))
            .and_then(|offset| usize::try_from(offset).ok())
            .is_some_and(|offset| from.saturating_add(start).saturating_add(offset) == at)
    };
    memchr::memmem::find_iter(before, b"MZ")
        .find(|start| points_here(*start))
        .map(|start| from.saturating_add(start))
}

fn is_mach_o(rest: &[u8]) -> bool {
    if rest.starts_with(b"\xca\xfe\xba\xbe") {
        // Number of architectures, then the first one: x86, ARM, PowerPC.
        let count = rest.get(7).copied().unwrap_or_default();
        return (1..=8).contains(&count)
            && matches!(rest.get(8..12), Some([0 | 1, 0, 0, 7 | 12 | 18]));
    }
    let (Some(processor), Some(kind)) = (u32_at(rest, 4), u32_at(rest, 12)) else {
        return false;
    };
    matches!(processor & 0x00ff_ffff, 7 | 12 | 18) && (1..=12).contains(&kind)
}

/// Printable characters in a row, the mark included, that make a script of a mark.
const SCRIPT: usize = 24;

/// How many printable characters stand in a row around `at`, as far as it matters.
fn printable_around(bytes: &[u8], at: usize) -> usize {
    let printable = |byte: &&u8| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t');
    let before = bytes
        .get(at.saturating_sub(64)..at)
        .unwrap_or_default()
        .iter()
        .rev()
        .take_while(printable)
        .count();
    let after = bytes
        .get(at..)
        .unwrap_or_default()
        .iter()
        .take(64)
        .take_while(printable)
        .count();
    before.saturating_add(after)
}

/// The first line of a script: it names its interpreter where interpreters are, or more text
/// follows than numbers have by chance.
fn is_script(rest: &[u8]) -> bool {
    const PLACES: [&[u8]; 6] = [
        b"/bin/",
        b"/usr/",
        b"/sbin/",
        b"/opt/",
        b"/system/",
        b"/data/",
    ];
    let head = rest.get(2..rest.len().min(84)).unwrap_or_default();
    let Some(length) = memchr::memchr(b'\n', head) else {
        return false;
    };
    let line = head.get(..length).unwrap_or_default();
    (4..=80).contains(&length)
        && line.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\r'))
        && (PLACES.iter().any(|place| line.starts_with(place))
            || printable_around(rest, 0) >= SCRIPT)
}

fn is_zip(rest: &[u8]) -> bool {
    let (Some(version), Some(method), Some(length)) =
        (u16_at(rest, 4), u16_at(rest, 8), u16_at(rest, 26))
    else {
        return false;
    };
    let end = 30_usize.saturating_add(usize::from(length));
    (version & 0xff) <= 63
        && (method <= 14 || (93..=99).contains(&method))
        && (1..=512).contains(&length)
        && rest
            .get(30..end.min(rest.len()))
            .is_some_and(|name| name.iter().all(|byte| *byte >= b' '))
}

fn is_gzip(rest: &[u8], trials: &mut u32) -> bool {
    const TRIED: usize = 64;
    const HEAD: usize = 1024;
    let bounds = Bounds {
        bytes: TRIED as u64,
        ratio: u64::MAX,
    };
    let plausible = matches!(rest.get(3), Some(0..=0x1f))
        && matches!(rest.get(8), Some(0 | 2 | 4))
        && matches!(rest.get(9), Some(0..=13 | 255));
    let head = rest.get(..HEAD.min(rest.len())).unwrap_or_default();
    // What numbers unpack to breaks off at once.
    plausible && (!may_try(trials) || unpack(Compression::Gzip, head, bounds).bytes.len() >= TRIED)
}

fn is_pickle(rest: &[u8], trials: &mut u32) -> bool {
    let rest = rest.get(..PICKLE.min(rest.len())).unwrap_or_default();
    match rest {
        [0x80, 4 | 5, 0x95, ..] => {
            // A frame of a length that can be, and in it an opcode that starts something.
            let length = u64_at(rest, 3).unwrap_or(u64::MAX);
            (4..1 << 32).contains(&length)
                && (!may_try(trials) || crate::pickle::starts_pickle(rest))
        }
        [0x80, 2 | 3, b'c', name @ ..] | [b'c', name @ ..] => {
            // Module and name, which no two lines of numbers look like.
            let line = |from: usize| {
                let bytes = name.get(from..name.len().min(from.saturating_add(101)))?;
                let length = memchr::memchr(b'\n', bytes).filter(|length| *length >= 2)?;
                let (first, others) = bytes.get(..length)?.split_first()?;
                let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
                let is_name = (first.is_ascii_alphabetic() || *first == b'_')
                    && others.iter().all(|byte| is_word(byte) || *byte == b'.');
                is_name.then_some(length)
            };
            line(0).is_some_and(|module| {
                line(module.saturating_add(1))
                    .is_some_and(|attribute| module.saturating_add(attribute) >= 6)
            })
        }
        _ => false,
    }
}

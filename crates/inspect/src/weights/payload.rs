//! Files inside numbers: marks that are searched everywhere, and what has to follow each of them,
//! so that numbers do not have it by chance.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

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

static SEARCH: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::new(MARKS.iter().map(|(mark, _)| mark)).ok());

/// Most hits of one block that are looked at closely: numbers made to hold nothing but marks cost
/// no more than this.
const HITS: usize = 4096;

/// Looks for files that start in `bytes[..until]`; `base` is where `bytes` starts. `text` is
/// whether scripts count without a first line that names their interpreter, which they do where
/// numbers should be and not where bytes may be text anyway.
pub(super) fn find(bytes: &[u8], until: usize, base: u64, text: bool, into: &mut Vec<Found>) {
    let Some(search) = SEARCH.as_ref() else {
        return;
    };
    let mut behind = 0_usize;
    for hit in search.find_iter(bytes).take(HITS) {
        if hit.start() >= until || into.len() >= super::KEPT {
            return;
        }
        // Nothing is looked for inside what was found.
        if hit.start() < behind {
            continue;
        }
        let Some((mark, kind)) = MARKS.get(hit.pattern().as_usize()) else {
            continue;
        };
        if let Some((at, length)) = holds(bytes, hit.start(), mark, *kind, text) {
            into.push(Found {
                kind: *kind,
                at: base.saturating_add(at as u64),
                length: length as u64,
            });
            behind = hit.start().saturating_add(length);
        }
    }
}

/// Where a file starts and how much of it was recognised, when what follows the mark fits it.
fn holds(bytes: &[u8], at: usize, mark: &[u8], kind: Kind, text: bool) -> Option<(usize, usize)> {
    let rest = bytes.get(at..)?;
    let at_start = |holds: bool, length: usize| holds.then_some((at, length));
    match kind {
        Kind::Elf => at_start(is_elf(rest), 52),
        Kind::Pe => {
            let start = pe_start(bytes, at)?;
            Some((start, at.saturating_sub(start).saturating_add(24)))
        }
        Kind::MachO => at_start(is_mach_o(rest), 28),
        Kind::Script if mark.starts_with(b"#!") => at_start(is_script(rest), 24),
        Kind::Script => (text && printable_around(bytes, at) >= SCRIPT).then_some((at, mark.len())),
        Kind::Zip => at_start(is_zip(rest), 30),
        Kind::SevenZip => at_start(rest.get(7).is_some_and(|minor| *minor <= 4), 32),
        Kind::Rar => at_start(matches!(rest.get(6), Some(0 | 1)), 7),
        Kind::Gzip => at_start(is_gzip(rest), 10),
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
        Kind::Pickle => at_start(is_pickle(rest), 16),
    }
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
fn pe_start(bytes: &[u8], at: usize) -> Option<usize> {
    const MACHINES: [u16; 6] = [0x14c, 0x8664, 0xaa64, 0x1c0, 0x1c4, 0x200];
    let rest = bytes.get(at..)?;
    let machine = u16_at(rest, 4)?;
    let sections = u16_at(rest, 6)?;
    let optional = u16_at(rest, 20)?;
    if !MACHINES.contains(&machine) || sections > 96 || !matches!(optional, 0 | 0xe0 | 0xf0) {
        return None;
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

fn is_script(rest: &[u8]) -> bool {
    let line = rest
        .get(2..)
        .unwrap_or_default()
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    (4..=80).contains(&line.len())
        && line.len().saturating_add(2) < rest.len()
        && line.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\r'))
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

fn is_gzip(rest: &[u8]) -> bool {
    const TRIED: usize = 64;
    let bounds = Bounds {
        bytes: TRIED as u64,
        ratio: u64::MAX,
    };
    let plausible = matches!(rest.get(3), Some(0..=0x1f))
        && matches!(rest.get(8), Some(0 | 2 | 4))
        && matches!(rest.get(9), Some(0..=13 | 255));
    let head = rest.get(..OVERLAP.min(rest.len())).unwrap_or_default();
    // What numbers unpack to breaks off at once.
    plausible && unpack(Compression::Gzip, head, bounds).bytes.len() >= TRIED
}

use super::OVERLAP;

fn is_pickle(rest: &[u8]) -> bool {
    match rest {
        [0x80, 4 | 5, 0x95, ..] => {
            // A frame of a length that can be, and in it an opcode that starts something.
            let length = u64_at(rest, 3).unwrap_or(u64::MAX);
            (4..1 << 32).contains(&length) && crate::pickle::starts_pickle(rest)
        }
        [0x80, 2 | 3, b'c', name @ ..] | [b'c', name @ ..] => {
            let mut lines = name.splitn(3, |byte| *byte == b'\n');
            let is_name = |line: Option<&[u8]>| {
                line.is_some_and(|line| {
                    (1..=100).contains(&line.len())
                        && line
                            .iter()
                            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_'))
                })
            };
            is_name(lines.next()) && is_name(lines.next()) && lines.next().is_some()
        }
        _ => false,
    }
}

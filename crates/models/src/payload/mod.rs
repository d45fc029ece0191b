//! Payloads inside other bytes: programs, scripts, archives and pickles, by marks that are searched
//! everywhere and by what has to follow each of them, so that numbers do not have it by chance.

mod archive;
pub(crate) mod program;
pub mod script;
#[cfg(test)]
mod tests;
mod wrapped;

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::packed::{self, Searcher};
use aho_corasick::{AhoCorasick, MatchKind, Span};

use stance_pickle::Trial;

pub use wrapped::{Wrapped, compressed_at, find_wrapped, inside};

/// Bytes at the end of a block that have to be looked at again with the next one: a mark, and what
/// has to follow it, may lie across.
pub const OVERLAP: usize = 8 * 1024;
/// Payloads that are kept of one place.
pub(crate) const KEPT: usize = 8;
/// Bytes of a pickle that are run to see whether it is one.
const TRIED: usize = 16 * 1024;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A program of Linux and others.
    Elf,
    /// A program of Windows.
    Pe,
    /// A program of Apple's systems.
    MachO,
    /// A class of Java.
    JavaClass,
    /// A program of Android.
    Dex,
    /// A WebAssembly module.
    WebAssembly,
    /// Compiled Python.
    PythonCode,
    /// Compiled Lua.
    LuaCode,
    /// A script with an interpreter in its first line.
    Script,
    /// A zip archive.
    Zip,
    /// A 7z archive.
    SevenZip,
    /// A RAR archive.
    Rar,
    /// gzip data.
    Gzip,
    /// xz data.
    Xz,
    /// bzip2 data.
    Bzip2,
    /// A Zstandard frame.
    Zstd,
    /// A Python pickle.
    Pickle,
}

impl Kind {
    /// What people call it, with its article.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Elf => "an ELF executable",
            Self::Pe => "a Windows executable",
            Self::MachO => "a Mach-O executable",
            Self::JavaClass => "a Java class",
            Self::Dex => "an Android program",
            Self::WebAssembly => "a WebAssembly module",
            Self::PythonCode => "compiled Python",
            Self::LuaCode => "compiled Lua",
            Self::Script => "a script",
            Self::Zip => "a zip archive",
            Self::SevenZip => "a 7z archive",
            Self::Rar => "a RAR archive",
            Self::Gzip => "gzip data",
            Self::Xz => "xz data",
            Self::Bzip2 => "bzip2 data",
            Self::Zstd => "Zstandard data",
            Self::Pickle => "a Python pickle",
        }
    }

    /// Whether an operating system or an interpreter runs it.
    pub const fn is_program(self) -> bool {
        matches!(
            self,
            Self::Elf
                | Self::Pe
                | Self::MachO
                | Self::JavaClass
                | Self::Dex
                | Self::WebAssembly
                | Self::PythonCode
                | Self::LuaCode
                | Self::Script
        )
    }

    /// Whether it is one compressed stream, of which the content says what it is.
    pub(crate) const fn is_compressed(self) -> bool {
        matches!(self, Self::Gzip | Self::Xz | Self::Bzip2 | Self::Zstd)
    }
}

/// Something found at an offset.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    /// Where it starts, in bytes from the start of what was looked at.
    pub at: u64,
    /// Bytes that were recognised; 0 for one of too many that may be, which was not tried.
    pub length: u64,
}

impl Found {
    /// Whether it is known to be what it looks like.
    pub const fn is_certain(&self) -> bool {
        self.length > 0
    }
}

/// What may stand where payloads are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Numbers: no text at all belongs there.
    Numbers,
    /// Text may stand there too, so that a script has to be one through and through.
    Anything,
    /// The same, and text that describes: it may quote commands, so that a script has to begin it.
    Descriptions,
}

/// What is looked for, and what it may be the start of.
const MARKS: &[(&[u8], Kind)] = &[
    (b"\x7fELF", Kind::Elf),
    (b"PE\0\0", Kind::Pe),
    (b"\xcf\xfa\xed\xfe", Kind::MachO),
    (b"\xce\xfa\xed\xfe", Kind::MachO),
    (b"\xfe\xed\xfa", Kind::MachO),
    (b"\xca\xfe\xba\xbe", Kind::MachO),
    (b"\xca\xfe\xba\xbf", Kind::MachO),
    (b"dex\n0", Kind::Dex),
    (b"\0asm\x01\0\0\0", Kind::WebAssembly),
    (b"\x0d\x0d\x0a", Kind::PythonCode),
    (b"\x0e\x0d\x0a", Kind::PythonCode),
    (b"\x1bLua", Kind::LuaCode),
    (b"#!/", Kind::Script),
    (b"PK\x03\x04", Kind::Zip),
    (b"7z\xbc\xaf\x27\x1c\0", Kind::SevenZip),
    (b"Rar!\x1a\x07", Kind::Rar),
    (b"\x1f\x8b\x08", Kind::Gzip),
    (b"\xfd7zXZ\0\0", Kind::Xz),
    (b"\x31\x41\x59\x26\x53\x59", Kind::Bzip2),
    (b"\x28\xb5\x2f\xfd", Kind::Zstd),
    (b"\x80\x02c", Kind::Pickle),
    (b"\x80\x02}", Kind::Pickle),
    (b"\x80\x02(", Kind::Pickle),
    (b"\x80\x02X", Kind::Pickle),
    (b"\x80\x03c", Kind::Pickle),
    (b"\x80\x03}", Kind::Pickle),
    (b"\x80\x03(", Kind::Pickle),
    (b"\x80\x03X", Kind::Pickle),
    (b"\x80\x04\x95", Kind::Pickle),
    (b"\x80\x04\x8c", Kind::Pickle),
    (b"\x80\x04c", Kind::Pickle),
    (b"\x80\x04(", Kind::Pickle),
    (b"\x80\x04X", Kind::Pickle),
    (b"\x80\x05\x95", Kind::Pickle),
    (b"\x80\x05\x8c", Kind::Pickle),
    (b"\x80\x05c", Kind::Pickle),
    (b"\x80\x05(", Kind::Pickle),
    (b"\x80\x05X", Kind::Pickle),
    (b"\x8c\x02os\x8c", Kind::Pickle),
    (b"\x8c\x05posix\x8c", Kind::Pickle),
    (b"\x8c\x08builtins\x8c", Kind::Pickle),
    (b"\x8c\x0asubprocess\x8c", Kind::Pickle),
    (b"cos\n", Kind::Pickle),
    (b"cposix\n", Kind::Pickle),
    (b"csubprocess\n", Kind::Pickle),
    (b"cbuiltins\n", Kind::Pickle),
    (b"c__builtin__\n", Kind::Pickle),
    (b"import os", Kind::Script),
    (b"import s", Kind::Script),
    (b"__import__(", Kind::Script),
    (b"os.system(", Kind::Script),
    (b"subprocess.", Kind::Script),
    (b"eval(", Kind::Script),
    (b"exec(", Kind::Script),
    (b"/bin/sh", Kind::Script),
    (b"/bin/bash", Kind::Script),
    (b"/dev/tcp/", Kind::Script),
    (b"powershell", Kind::Script),
    (b"DownloadString", Kind::Script),
    (b"@echo off", Kind::Script),
    (b"<?php", Kind::Script),
    (b"<script", Kind::Script),
    (b"curl http", Kind::Script),
    (b"wget ", Kind::Script),
];

/// All marks in one pass: by vector instructions where the processor has them, which take 64 marks and
/// no more, else by an automaton.
enum Finder {
    Packed(Searcher),
    Automaton(AhoCorasick),
}

static FINDER: LazyLock<Option<Finder>> = LazyLock::new(|| {
    let marks = || MARKS.iter().map(|(mark, _)| mark);
    let packed = packed::Config::new()
        .match_kind(packed::MatchKind::LeftmostFirst)
        .builder()
        .extend(marks())
        .build();
    packed.map(Finder::Packed).or_else(|| {
        AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(marks())
            .ok()
            .map(Finder::Automaton)
    })
});

impl Finder {
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

/// Marks of one block of which it takes a trial to know what they are. Numbers have a few of them by
/// chance; where there are more, somebody put them there, and the next one is taken for what it begins
/// like.
const TRIALS: usize = 64;
/// Bytes of what was tried that count as recognised.
const RECOGNISED: usize = 10;
/// Words of one block that are tried as the start of a pickle without its protocol.
const WORDS: usize = 4096;

/// Looks for payloads that start within `at` in `bytes`; `base` is where `bytes` starts.
pub fn find(bytes: &[u8], at: Range<usize>, base: u64, place: Place, into: &mut Vec<Found>) {
    let Some(finder) = FINDER.as_ref() else {
        return;
    };
    let mut search = Search {
        bytes,
        place,
        trials: TRIALS,
        words: WORDS,
        behind: 0,
    };
    let mut from = at.start;
    while into.len() < KEPT
        && let Some((start, mark)) = finder.next(bytes, from)
        && start < at.end
    {
        from = start.saturating_add(1);
        let Some((mark, kind)) = MARKS.get(mark) else {
            continue;
        };
        if let Some((kind, found, length)) = search.holds(start, mark, *kind) {
            into.push(Found {
                kind,
                at: base.saturating_add(found as u64),
                length: length as u64,
            });
            // Nothing is looked for inside what was found.
            from = from.max(start.saturating_add(length));
        }
        from = from.max(search.behind);
    }
}

/// What bytes are that begin at their start; text, when it is a program through and through.
pub(crate) fn starts(content: &[u8]) -> Option<Kind> {
    if is_pickle(content) {
        return Some(Kind::Pickle);
    }
    if program::is_java_class(content) {
        return Some(Kind::JavaClass);
    }
    let mut found = Vec::new();
    find(
        content,
        0..content.len().min(4096),
        0,
        Place::Anything,
        &mut found,
    );
    found
        .iter()
        .find(|found| found.at == 0 || found.kind == Kind::Script)
        .map(|found| found.kind)
        .filter(|kind| !kind.is_compressed())
}

/// One search through a block.
struct Search<'b> {
    bytes: &'b [u8],
    place: Place,
    trials: usize,
    words: usize,
    /// Where what was found last ends.
    behind: usize,
}

impl Search<'_> {
    /// What starts where, and how much of it was recognised, when what follows the mark fits it.
    fn holds(&mut self, at: usize, mark: &[u8], kind: Kind) -> Option<(Kind, usize, usize)> {
        use {archive::*, program::*};
        let rest = self.bytes.get(at..)?;
        let at_start = |holds: bool, length: usize| holds.then_some((kind, at, length));
        match kind {
            Kind::Elf => at_start(is_elf(rest), 52),
            Kind::Pe => {
                let start = pe_start(self.bytes, at)?;
                Some((kind, start, at.saturating_sub(start).saturating_add(24)))
            }
            Kind::MachO | Kind::JavaClass => {
                if is_java_class_inside(rest) {
                    return Some((Kind::JavaClass, at, 10));
                }
                let universal = rest.first() == Some(&0xca);
                let holds = if universal {
                    is_universal(rest)
                } else {
                    is_mach_o(rest)
                };
                at_start(holds, 28)
            }
            Kind::Dex => at_start(is_dex(rest), 8),
            Kind::WebAssembly => at_start(is_web_assembly(rest), 8),
            Kind::PythonCode => {
                let start = at.checked_sub(1)?;
                let rest = self.bytes.get(start..)?;
                is_python_code(rest).then_some((kind, start, 16))
            }
            Kind::LuaCode => at_start(is_lua_code(rest), 12),
            Kind::Script => self.script(at, mark),
            Kind::Zip => at_start(is_zip(rest), 30),
            Kind::SevenZip => at_start(rest.get(7).is_some_and(|minor| *minor <= 4), 32),
            Kind::Rar => at_start(matches!(rest.get(6), Some(0 | 1)), 7),
            Kind::Gzip => self.trial(kind, at, || is_gzip(rest)),
            Kind::Zstd => self.trial(kind, at, || is_zstd(rest)),
            Kind::Xz => at_start(
                rest.get(7)
                    .is_some_and(|check| matches!(check, 0 | 1 | 4 | 10)),
                12,
            ),
            Kind::Bzip2 => {
                let start = at.checked_sub(4)?;
                let head = self.bytes.get(start..at)?;
                matches!(head, [b'B', b'Z', b'h', b'1'..=b'9']).then_some((kind, start, 10))
            }
            Kind::Pickle if mark.first() == Some(&0x80) => self.trial(kind, at, || is_pickle(rest)),
            Kind::Pickle => at_start(self.word() && is_pickle(rest), 16),
        }
    }

    /// What a dear look says it is, or one of too many that may be.
    fn trial(
        &mut self,
        kind: Kind,
        at: usize,
        look: impl FnOnce() -> bool,
    ) -> Option<(Kind, usize, usize)> {
        match self.trials.checked_sub(1) {
            Some(left) => {
                self.trials = left;
                look().then_some((kind, at, RECOGNISED))
            }
            None => Some((kind, at, 0)),
        }
    }

    /// Whether one more word may be tried.
    fn word(&mut self) -> bool {
        let left = self.words.checked_sub(1);
        self.words = left.unwrap_or_default();
        left.is_some()
    }

    fn script(&mut self, at: usize, mark: &[u8]) -> Option<(Kind, usize, usize)> {
        let rest = self.bytes.get(at..)?;
        if mark.starts_with(b"#!") {
            return is_script(rest).then_some((Kind::Script, at, 24));
        }
        if self.place == Place::Numbers {
            let around = printable_around(self.bytes, at) >= SCRIPT;
            let text = rest.iter().take(script::LONGEST);
            return around.then(|| {
                let length = text.take_while(|byte| printable(byte)).count();
                (Kind::Script, at, length.max(mark.len()))
            });
        }
        // The text around the mark as a whole; what follows in it was looked at with it.
        let before = self.bytes.get(at.saturating_sub(BEFORE)..at)?;
        let start = before
            .iter()
            .rev()
            .take_while(|byte| printable(byte))
            .count();
        let start = at.saturating_sub(start);
        let text = self.bytes.get(start..)?;
        let length = text
            .iter()
            .take(script::LONGEST)
            .take_while(|byte| printable(byte))
            .count();
        let end = start.saturating_add(length);
        self.behind = end.max(at.saturating_add(1));
        let text = text.get(..length)?;
        let begins = self.place != Place::Descriptions || script::begins(text);
        let acts = length >= SCRIPT && begins && script::acts(text);
        acts.then(|| (Kind::Script, start, end.saturating_sub(at).max(mark.len())))
    }
}

/// Printable characters in a row, the mark included, that make a script of a mark.
const SCRIPT: usize = 24;
/// Bytes of a text that are looked at before a mark.
const BEFORE: usize = 2048;

const fn printable(byte: &u8) -> bool {
    matches!(*byte, b' '..=b'~' | b'\n' | b'\r' | b'\t')
}

/// How many printable characters stand in a row around `at`, as far as it matters.
fn printable_around(bytes: &[u8], at: usize) -> usize {
    let before = bytes
        .get(at.saturating_sub(64)..at)
        .unwrap_or_default()
        .iter()
        .rev()
        .take_while(|byte| printable(byte))
        .count();
    let after = bytes
        .get(at..)
        .unwrap_or_default()
        .iter()
        .take(64)
        .take_while(|byte| printable(byte))
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

/// A pickle that imports something, or that runs to its end in a frame of its own.
fn is_pickle(rest: &[u8]) -> bool {
    let near = rest.get(..TRIED).unwrap_or(rest);
    let Some(trial) = Trial::of(near) else {
        return false;
    };
    let framed = matches!(rest, [0x80, 4 | 5, 0x95, _, _, _, _, 0, 0, 0, 0, ..]);
    // Without its protocol a pickle is text, and words of a list may read as an import.
    let announced = rest.first() == Some(&0x80);
    announced && trial.acts() || (framed || !announced) && trial.starts_pickle(near)
}

//! One file, from its bytes to its lines: compression and encoding are undone on the way.

use std::io;
use std::path::Path;

use stance_core::fact::GapReason;
use stance_inspect::Source;
use stance_logs::{Read, Reader, Tally};
use stance_read::unpack::{Compression, Ending, Packed, Stream};

use super::browser;
use super::pipe::Pipe;
use crate::Progress;
use crate::directory::file::{FileSource, OpenError};

/// Bytes that are read at a time.
const PIECE: usize = 256 << 10;

/// Bytes that may come out of compressed data without a look at how little they came from.
const FREE: u64 = 64 << 20;

/// Most bytes out per byte in behind that; logs give some ten to thirty.
const RATIO: u64 = 250;

/// Most bytes that compressed data may refer back to.
const ROOM: u64 = 64 << 20;

/// What became of a file: how it was read, what is missing and why, and how many bytes it has.
pub(super) type Done = (Read, Option<GapReason>, u64);

/// Reads a file.
pub(super) fn file(
    path: &Path,
    follow_links: bool,
    reader: Reader<'_>,
    tally: &mut Tally,
    progress: &Progress,
) -> Done {
    let source = match FileSource::open(path, follow_links) {
        Ok(source) => source,
        Err(error) => {
            let reason = match error {
                OpenError::Special => GapReason::Special,
                OpenError::Io(_) => GapReason::Unreadable,
            };
            return (reader.stop(&error.to_string(), tally), Some(reason), 0);
        }
    };
    let size = source.size();
    let mut magic = [0; 16];
    let head = source.read_at(0, &mut magic).unwrap_or_default();
    if head == magic.len() && &magic == browser::MAGIC {
        progress.add_bytes(size);
        let (read, reason) = browser::read(path, reader, tally);
        return (read, reason, size);
    }
    let (read, reason) = source_of(&source, reader, tally, progress);
    (read, reason, size)
}

/// Reads standard input.
pub(super) fn standard_input(reader: Reader<'_>, tally: &mut Tally, progress: &Progress) -> Done {
    let pipe = match Pipe::new(io::stdin().lock()) {
        Ok(pipe) => pipe,
        Err(error) => {
            let read = reader.stop(&error.to_string(), tally);
            return (read, Some(GapReason::Unreadable), 0);
        }
    };
    let (read, reason) = source_of(&pipe, reader, tally, progress);
    (read, reason, 0)
}

/// Compression by the first bytes.
fn compression(head: &[u8]) -> Option<Compression> {
    Some(match head {
        [0x1f, 0x8b, ..] => Compression::Gzip,
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => Compression::Bzip2,
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Compression::Xz,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Compression::Zstd,
        [0x04, 0x22, 0x4d, 0x18, ..] => Compression::Lz4,
        _ => return None,
    })
}

fn source_of(
    source: &dyn Source,
    reader: Reader<'_>,
    tally: &mut Tally,
    progress: &Progress,
) -> (Read, Option<GapReason>) {
    let mut magic = [0; 8];
    let count = match source.read_at(0, &mut magic) {
        Ok(count) => count,
        Err(error) => {
            return (
                reader.stop(&error.to_string(), tally),
                Some(GapReason::Unreadable),
            );
        }
    };
    let head = &magic[..count];
    if head.starts_with(b"PK\x03\x04") {
        let why = "it is an archive; unpack it first";
        return (reader.stop(why, tally), Some(GapReason::Limit));
    }
    let mut lines = Lines::new(reader, tally);
    let why = match compression(head) {
        Some(compression) => packed(source, compression, &mut lines, progress),
        None => plain(source, &mut lines, progress),
    };
    match why {
        Some((reason, why)) => (lines.reader.stop(&why, lines.tally), Some(reason)),
        None => {
            let read = lines.reader.finish(lines.tally);
            // What is no text was not looked at.
            let reason = read.stopped.is_some().then_some(GapReason::Malformed);
            (read, reason)
        }
    }
}

fn plain(
    source: &dyn Source,
    lines: &mut Lines<'_, '_>,
    progress: &Progress,
) -> Option<(GapReason, String)> {
    let mut buffer = vec![0; PIECE];
    let mut at = 0_u64;
    loop {
        match source.read_at(at, &mut buffer) {
            Ok(0) => return None,
            Ok(count) => {
                at += count as u64;
                progress.add_bytes(count as u64);
                if !lines.feed(&buffer[..count]) {
                    return None;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Some((GapReason::Unreadable, error.to_string())),
        }
    }
}

fn packed(
    source: &dyn Source,
    compression: Compression,
    lines: &mut Lines<'_, '_>,
    progress: &Progress,
) -> Option<(GapReason, String)> {
    let name = compression.name();
    let mut stream = Stream::new(compression, Packed::new(source, 0, source.len()), ROOM);
    let mut buffer = vec![0; PIECE];
    let (mut out, mut told) = (0_u64, 0);
    loop {
        let count = stream.read(&mut buffer);
        if count == 0 {
            break;
        }
        out += count as u64;
        let used = stream.used();
        progress.add_bytes(used.saturating_sub(told));
        told = used;
        if !lines.feed(&buffer[..count]) {
            return None;
        }
        if out > FREE && out > used.saturating_mul(RATIO) {
            let why = format!("its {name} data grows more than {RATIO} times, as no log does");
            return Some((GapReason::Limit, why));
        }
    }
    match stream.ending() {
        Some((Ending::Complete, _)) | None => None,
        Some((Ending::Broken(why), _)) => Some((
            GapReason::Malformed,
            format!("its {name} data breaks off: {why}"),
        )),
        Some((Ending::Limit | Ending::Bomb, _)) => Some((
            GapReason::Limit,
            format!("its {name} data asks for more than is given"),
        )),
    }
}

/// Bytes on their way to the reader; UTF-16, as Windows writes it, becomes UTF-8.
struct Lines<'r, 't> {
    reader: Reader<'r>,
    tally: &'t mut Tally,
    encoding: Option<Encoding>,
    /// Bytes of a character that is not whole yet.
    rest: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Little,
    Big,
}

impl<'r, 't> Lines<'r, 't> {
    const fn new(reader: Reader<'r>, tally: &'t mut Tally) -> Self {
        Self {
            reader,
            tally,
            encoding: None,
            rest: Vec::new(),
        }
    }

    fn feed(&mut self, bytes: &[u8]) -> bool {
        let encoding = *self.encoding.get_or_insert(match bytes {
            [0xff, 0xfe, ..] => Encoding::Little,
            [0xfe, 0xff, ..] => Encoding::Big,
            _ => Encoding::Utf8,
        });
        if encoding == Encoding::Utf8 {
            return self.reader.feed(bytes, self.tally);
        }
        self.rest.extend_from_slice(bytes);
        let (pairs, _) = self.rest.as_chunks::<2>();
        let mut units: Vec<u16> = pairs
            .iter()
            .map(|pair| match encoding {
                Encoding::Big => u16::from_be_bytes(*pair),
                _ => u16::from_le_bytes(*pair),
            })
            .collect();
        // Half of a character that is written as two.
        if units
            .last()
            .is_some_and(|unit| matches!(unit, 0xd800..=0xdbff))
        {
            units.pop();
        }
        self.rest.drain(..units.len() * 2);
        let text = String::from_utf16_lossy(&units);
        self.reader.feed(text.as_bytes(), self.tally)
    }
}

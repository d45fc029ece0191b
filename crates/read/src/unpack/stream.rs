//! Compressed bytes that are unpacked piece by piece, so that what comes out need not be held.

use std::io::{self, Read};

use flate2::bufread::{DeflateDecoder, ZlibDecoder};

use super::packed::Packed;
use super::xz::{ALIGNMENT, Reader};
use super::{Bounds, Compression, Ending, STREAMS, gzip, skip_frame, zstd};

/// Bytes of LZMA that are unpacked at a time.
const STEP: usize = 64 * 1024;
/// Most bytes that come out of one LZMA2 chunk, with what is unpacked before a bound is seen.
const LARGEST_CHUNK: usize = (2 << 20) + 2 * STEP;
/// What comes out of LZMA before bytes that no reference reaches are dropped.
const SLACK: usize = 4 << 20;

/// A compressed range of a source, read once from its start to its end, with the streams that follow
/// the first one as their readers read them.
pub struct Stream<'a> {
    compression: Compression,
    stage: Stage<'a>,
    streams: u32,
    room: usize,
}

enum Stage<'a> {
    /// A stream starts here.
    Start(Packed<'a>),
    Deflate(DeflateDecoder<Packed<'a>>),
    Gzip(DeflateDecoder<Packed<'a>>, flate2::Crc),
    Zlib(ZlibDecoder<Packed<'a>>),
    Bzip2(bzip2::bufread::BzDecoder<Packed<'a>>),
    Lz4(Box<lz4_flex::frame::FrameDecoder<Packed<'a>>>),
    Zstd(Box<zstd::Frame<Packed<'a>>>),
    Lzma(Box<Lzma<'a>>),
    /// All is over; how many packed bytes were taken.
    End(Ending, u64),
}

impl<'a> Stream<'a> {
    /// `room` bounds the bytes that LZMA may refer back to: what refers farther ends as a limit.
    pub fn new(compression: Compression, packed: Packed<'a>, room: u64) -> Self {
        Self {
            compression,
            stage: Stage::Start(packed),
            streams: 0,
            room: usize::try_from(room).unwrap_or(usize::MAX),
        }
    }

    /// Reads further bytes into `free` and says how many; none at the end, of which [`Stream::ending`] tells.
    pub fn read(&mut self, free: &mut [u8]) -> usize {
        loop {
            let done = match &mut self.stage {
                Stage::Start(_) => {
                    self.open();
                    continue;
                }
                Stage::End(..) => return 0,
                Stage::Deflate(decoder) => decoder.read(free),
                Stage::Gzip(decoder, crc) => decoder.read(free).inspect(|count| {
                    crc.update(free.get(..*count).unwrap_or_default());
                }),
                Stage::Zlib(decoder) => decoder.read(free),
                Stage::Bzip2(decoder) => decoder.read(free),
                Stage::Lz4(decoder) => decoder.read(free),
                Stage::Zstd(decoder) => decoder.read(free),
                Stage::Lzma(lzma) => match lzma.read(free, self.room) {
                    Ok(count) => Ok(count),
                    Err(ending) => {
                        self.end(ending);
                        return 0;
                    }
                },
            };
            match done {
                Ok(0) => self.close(),
                Ok(count) => return count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => self.end(Ending::Broken(error.to_string())),
            }
        }
    }

    /// How it ended and how many packed bytes were taken; `None` before [`Stream::read`] gave nothing.
    pub fn ending(&self) -> Option<(&Ending, u64)> {
        match &self.stage {
            Stage::End(ending, used) => Some((ending, *used)),
            _ => None,
        }
    }

    /// How many packed bytes were taken.
    pub fn used(&self) -> u64 {
        match &self.stage {
            Stage::Start(packed) => packed.used(),
            Stage::Deflate(decoder) | Stage::Gzip(decoder, _) => decoder.get_ref().used(),
            Stage::Zlib(decoder) => decoder.get_ref().used(),
            Stage::Bzip2(decoder) => decoder.get_ref().used(),
            Stage::Lz4(decoder) => decoder.get_ref().used(),
            Stage::Zstd(decoder) => decoder.get_ref().get_ref().1.used(),
            Stage::Lzma(lzma) => lzma.packed.used(),
            Stage::End(_, used) => *used,
        }
    }

    fn end(&mut self, ending: Ending) {
        let used = self.take_packed().map_or(0, |packed| packed.used());
        self.stage = Stage::End(ending, used);
    }

    /// The packed bytes, taken out of the decoder at work.
    fn take_packed(&mut self) -> Option<Packed<'a>> {
        Some(
            match std::mem::replace(&mut self.stage, Stage::End(Ending::Complete, 0)) {
                Stage::Start(packed) => packed,
                Stage::Deflate(decoder) | Stage::Gzip(decoder, _) => decoder.into_inner(),
                Stage::Zlib(decoder) => decoder.into_inner(),
                Stage::Bzip2(decoder) => decoder.into_inner(),
                Stage::Lz4(decoder) => decoder.into_inner(),
                Stage::Zstd(decoder) => decoder.into_inner().into_inner().1,
                Stage::Lzma(lzma) => lzma.packed,
                Stage::End(..) => return None,
            },
        )
    }

    /// Begins the stream that starts here.
    fn open(&mut self) {
        let Some(mut packed) = self.take_packed() else {
            return;
        };
        self.streams = self.streams.saturating_add(1);
        if self.streams > STREAMS {
            self.stage = Stage::End(Ending::Bomb, packed.used());
            return;
        }
        let framed = matches!(self.compression, Compression::Lz4 | Compression::Zstd);
        if framed && skip_frame(&mut packed) {
            self.follow(packed);
            return;
        }
        self.stage = match self.compression {
            Compression::Deflate => Stage::Deflate(DeflateDecoder::new(packed)),
            Compression::Gzip => match gzip::open(&mut packed) {
                Ok(()) => Stage::Gzip(DeflateDecoder::new(packed), flate2::Crc::new()),
                Err(ending) => Stage::End(ending, packed.used()),
            },
            Compression::Zlib => Stage::Zlib(ZlibDecoder::new(packed)),
            Compression::Bzip2 => Stage::Bzip2(bzip2::bufread::BzDecoder::new(packed)),
            Compression::Lz4 => Stage::Lz4(Box::new(lz4_flex::frame::FrameDecoder::new(packed))),
            Compression::Zstd => {
                let (header, used) = (zstd::smaller(&mut packed), packed.used());
                match zstd::open(header, packed) {
                    Ok(decoder) => Stage::Zstd(Box::new(decoder)),
                    Err(ending) => Stage::End(ending, used),
                }
            }
            Compression::Xz
            | Compression::Lzma
            | Compression::LzmaBare(..)
            | Compression::Lzma2 => match Reader::open(self.compression, &mut packed) {
                Ok(reader) => Stage::Lzma(Box::new(Lzma {
                    packed,
                    reader,
                    out: Vec::new(),
                    given: 0,
                    dropped: false,
                    ending: None,
                })),
                Err(ending) => Stage::End(ending, packed.used()),
            },
        };
    }

    /// Ends the stream at work and looks for one that follows.
    fn close(&mut self) {
        let crc = match &mut self.stage {
            Stage::Gzip(_, crc) => Some(std::mem::take(crc)),
            _ => None,
        };
        let Some(mut packed) = self.take_packed() else {
            return;
        };
        if let Some(crc) = crc {
            let ending = gzip::check(&mut packed, &crc);
            if ending != Ending::Complete {
                self.stage = Stage::End(ending, packed.used());
                return;
            }
        }
        self.follow(packed);
    }

    fn follow(&mut self, mut packed: Packed<'a>) {
        self.stage = match self.compression.next(&mut packed) {
            Some(next) => {
                self.compression = next;
                Stage::Start(packed)
            }
            None => Stage::End(Ending::Complete, packed.used()),
        };
    }
}

/// LZMA data, whose dictionary is what came out before.
struct Lzma<'a> {
    packed: Packed<'a>,
    reader: Reader,
    out: Vec<u8>,
    /// How much of `out` was given.
    given: usize,
    /// Whether bytes were dropped that the dictionary may need.
    dropped: bool,
    ending: Option<Ending>,
}

impl Lzma<'_> {
    fn read(&mut self, free: &mut [u8], room: usize) -> Result<usize, Ending> {
        while self.given >= self.out.len() {
            match self.ending.take() {
                Some(Ending::Complete) => return Ok(0),
                Some(ending) => return Err(ending),
                None => self.advance(room),
            }
        }
        let rest = self.out.get(self.given..).unwrap_or_default();
        let count = rest.len().min(free.len());
        if let (Some(to), Some(from)) = (free.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.given = self.given.saturating_add(count);
        Ok(count)
    }

    fn advance(&mut self, room: usize) {
        let (kept, slack) = self.kept(room);
        if self.out.capacity() == 0 {
            // Once, so that growing never takes twice as much.
            let most = kept.saturating_add(slack).saturating_add(LARGEST_CHUNK);
            self.out.reserve_exact(most);
        }
        self.drop_behind(kept, slack);
        let bounds = Bounds {
            bytes: self.out.len().saturating_add(STEP) as u64,
            ratio: u64::MAX,
        };
        let ending = self.reader.run(&mut self.packed, &mut self.out, bounds);
        self.ending = match ending {
            // Filters are taken back where a block is whole, which is not held.
            Ending::Limit | Ending::Bomb if self.reader.is_filtered() => {
                self.out.truncate(self.given);
                Some(Ending::Limit)
            }
            Ending::Limit | Ending::Bomb => None,
            // What was dropped may be what is missed.
            Ending::Broken(_) if self.dropped => Some(Ending::Limit),
            ending => Some(ending),
        };
    }

    /// How much of what was given is kept for references, and how much may come on top of it.
    fn kept(&self, room: usize) -> (usize, usize) {
        let slack = SLACK.min(room / 4).max(STEP);
        let most = room.saturating_sub(slack).saturating_sub(LARGEST_CHUNK);
        let told = usize::try_from(self.told()).unwrap_or(usize::MAX);
        (told.min(most).max(STEP), slack)
    }

    fn told(&self) -> u64 {
        self.reader.dictionary().unwrap_or(u64::MAX)
    }

    /// Drops what lies farther back than references may reach, all of which was given.
    fn drop_behind(&mut self, kept: usize, slack: usize) {
        if self.out.len() < kept.saturating_add(slack) {
            return;
        }
        let count = self.out.len().saturating_sub(kept);
        let count = count.saturating_sub(count.checked_rem(ALIGNMENT).unwrap_or_default());
        self.dropped |= (kept as u64) < self.told();
        self.out.drain(..count);
        self.given = self.given.saturating_sub(count);
        self.reader.forget(count);
    }
}

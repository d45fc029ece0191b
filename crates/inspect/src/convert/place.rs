//! Where the bytes of an array are, and how they are read: from the file as they are, unpacked on
//! the way, or from memory.

use std::io::{self, BufReader, Read};
use std::sync::Arc;

use super::error::Error;
use stance_read::source::Source;

/// Most bytes of one array that are held in memory where it can only be read from its start on and
/// is wanted in another order.
pub(crate) const HELD: u64 = 64 << 20;

/// A run of bytes.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// In the file, as they are.
    Raw { start: u64, length: u64 },
    /// In the file, compressed with deflate.
    Packed {
        start: u64,
        packed: u64,
        length: u64,
        /// What the bytes have to come to, by CRC-32.
        crc: u32,
    },
    /// In the file as UTF-8, one character for each byte, as pickles of protocol 2 and below have them.
    Latin1 { start: u64, packed: u64 },
    /// In memory.
    Held {
        bytes: Arc<[u8]>,
        start: usize,
        length: usize,
    },
}

impl Place {
    pub(crate) fn held(bytes: &[u8]) -> Self {
        Self::Held {
            bytes: bytes.into(),
            start: 0,
            length: bytes.len(),
        }
    }

    /// How many bytes it has, where that is known without reading them.
    pub(crate) fn length(&self) -> Option<u64> {
        match self {
            Self::Raw { length, .. } | Self::Packed { length, .. } => Some(*length),
            Self::Held { length, .. } => Some(*length as u64),
            Self::Latin1 { .. } => None,
        }
    }

    /// What tells it from other places; an address in memory is only compared.
    pub(crate) fn identity(&self) -> (u8, u64) {
        match self {
            Self::Raw { start, .. } => (0, *start),
            Self::Packed { start, .. } => (1, *start),
            Self::Latin1 { start, .. } => (2, *start),
            Self::Held { bytes, start, .. } => (
                3,
                (bytes.as_ptr().addr() as u64).wrapping_add(*start as u64),
            ),
        }
    }

    /// The part from `start` on, of `length` bytes, where it can be told without reading.
    pub(crate) fn part(&self, from: u64, wanted: u64) -> Option<Self> {
        if from.checked_add(wanted)? > self.length()? {
            return None;
        }
        match self {
            Self::Raw { start, .. } => Some(Self::Raw {
                start: start.checked_add(from)?,
                length: wanted,
            }),
            Self::Held { bytes, start, .. } => Some(Self::Held {
                bytes: Arc::clone(bytes),
                start: start.checked_add(usize::try_from(from).ok()?)?,
                length: usize::try_from(wanted).ok()?,
            }),
            Self::Packed { .. } | Self::Latin1 { .. } => None,
        }
    }

    /// Its bytes one after the other.
    pub(crate) fn stream<'a>(&'a self, source: &'a dyn Source) -> Box<dyn Read + 'a> {
        match self {
            Self::Raw { start, length } => Box::new(Stretch::new(source, *start, *length)),
            Self::Packed {
                start,
                packed,
                length,
                crc,
            } => {
                let packed = BufReader::new(Stretch::new(source, *start, *packed));
                let bytes = flate2::bufread::DeflateDecoder::new(packed).take(*length);
                Box::new(Checked {
                    bytes,
                    found: flate2::Crc::new(),
                    left: *length,
                    expected: *crc,
                })
            }
            Self::Latin1 { start, packed } => Box::new(Characters {
                utf8: BufReader::new(Stretch::new(source, *start, *packed)),
            }),
            Self::Held { .. } => Box::new(self.in_memory()),
        }
    }

    /// The bytes of a place in memory.
    pub(crate) fn in_memory(&self) -> &[u8] {
        match self {
            Self::Held {
                bytes,
                start,
                length,
            } => bytes
                .get(*start..start.saturating_add(*length))
                .unwrap_or_default(),
            _ => &[],
        }
    }

    /// Its bytes in memory, where they are not too many.
    pub(crate) fn held_bytes(&self, source: &dyn Source) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        self.stream(source)
            .take(HELD.saturating_add(1))
            .read_to_end(&mut bytes)?;
        if bytes.len() as u64 > HELD {
            return Err(Error::Limit(format!(
                "a part of more than {HELD} bytes would have to be held in memory"
            )));
        }
        Ok(bytes)
    }

    /// The same bytes where any of them can be read at once.
    pub(crate) fn at_random(&self, source: &dyn Source) -> Result<Self, Error> {
        if matches!(self, Self::Raw { .. } | Self::Held { .. }) {
            return Ok(self.clone());
        }
        Ok(Self::held(&self.held_bytes(source)?))
    }
}

/// Up to `length` bytes from `offset`; fewer at the end.
pub(crate) fn read(source: &dyn Source, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    let length = length.min(source.len().saturating_sub(offset));
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
    let filled = fill(source, offset, &mut bytes)?;
    bytes.truncate(filled);
    Ok(bytes)
}

/// Fills `buffer` from `offset` on as far as there is anything; says how much.
pub(crate) fn fill(source: &dyn Source, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0_usize;
    while let Some(free) = buffer.get_mut(filled..).filter(|free| !free.is_empty()) {
        match source.read_at(offset.saturating_add(filled as u64), free) {
            Ok(0) => break,
            Ok(count) => filled = filled.saturating_add(count),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// A part of a source, read from its start on.
pub(crate) struct Stretch<'a> {
    source: &'a dyn Source,
    at: u64,
    left: u64,
}

impl<'a> Stretch<'a> {
    pub(crate) fn new(source: &'a dyn Source, start: u64, length: u64) -> Self {
        Self {
            source,
            at: start,
            left: length,
        }
    }
}

impl Read for Stretch<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = usize::try_from(self.left)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let Some(free) = buffer.get_mut(..wanted).filter(|free| !free.is_empty()) else {
            return Ok(0);
        };
        let count = self.source.read_at(self.at, free)?;
        self.at = self.at.saturating_add(count as u64);
        self.left = self.left.saturating_sub(count as u64);
        Ok(count)
    }
}

/// Unpacked bytes that are held against their checksum as they go by; whoever reads them all learns that it is
/// wrong.
struct Checked<R> {
    bytes: R,
    found: flate2::Crc,
    left: u64,
    expected: u32,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read(buffer)?;
        self.found.update(buffer.get(..count).unwrap_or_default());
        self.left = self.left.saturating_sub(count as u64);
        if count > 0 && self.left == 0 && self.found.sum() != self.expected {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "its checksum is wrong",
            ));
        }
        Ok(count)
    }
}

/// UTF-8 to one byte for each character; a character past U+00FF is no byte.
struct Characters<R> {
    utf8: BufReader<R>,
}

impl<R: Read> Read for Characters<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut count = 0_usize;
        let wrong = || io::Error::new(io::ErrorKind::InvalidData, "a text that is no array");
        for free in buffer.iter_mut() {
            let mut one = [0];
            if self.utf8.read(&mut one)? == 0 {
                break;
            }
            let [first] = one;
            *free = match first {
                0..=0x7f => first,
                0xc2 | 0xc3 => {
                    self.utf8.read_exact(&mut one)?;
                    let [second] = one;
                    if second & 0xc0 != 0x80 {
                        return Err(wrong());
                    }
                    (first & 3) << 6 | second & 0x3f
                }
                _ => return Err(wrong()),
            };
            count = count.saturating_add(1);
        }
        Ok(count)
    }
}

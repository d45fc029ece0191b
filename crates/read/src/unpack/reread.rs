//! What a compressed stream holds, as a source: it is unpacked anew as it is read, and only a little
//! of it is held.

use std::cell::RefCell;
use std::io;

use super::{Compression, Packed, Stream};
use crate::source::Source;

/// What is held behind the place that was read last, in bytes, and once more before it is dropped.
const KEPT: usize = 1 << 20;
/// Bytes that are unpacked at a time.
const STEP: usize = 64 * 1024;
/// How often as much may be unpacked as there is, all jumps back together.
const AGAIN: u64 = 6;

/// Unpacked content at random access: cheap from its start to its end, dear backwards.
pub struct Reread<'a> {
    compression: Compression,
    source: &'a dyn Source,
    /// Where the packed bytes lie.
    packed: (u64, u64),
    /// The first bytes of the content.
    start: Vec<u8>,
    length: u64,
    room: u64,
    state: RefCell<State<'a>>,
}

struct State<'a> {
    stream: Stream<'a>,
    /// The bytes before `at`, as many as are held.
    kept: Vec<u8>,
    /// Where the stream stands.
    at: u64,
    /// What was unpacked in all.
    work: u64,
}

impl<'a> Reread<'a> {
    /// The first `length` bytes that come out of the `packed` range, start and length, of `source`, of
    /// which `start` are the first. `room` is what [`Stream::new`] takes.
    pub fn new(
        compression: Compression,
        source: &'a dyn Source,
        packed: (u64, u64),
        start: Vec<u8>,
        length: u64,
        room: u64,
    ) -> Self {
        let stream = Stream::new(compression, Packed::new(source, packed.0, packed.1), room);
        Self {
            compression,
            source,
            packed,
            start,
            length,
            room,
            state: RefCell::new(State {
                stream,
                kept: Vec::new(),
                at: 0,
                work: 0,
            }),
        }
    }

    /// Bytes of memory that it takes at most, besides the first ones and what LZMA refers back to.
    pub const fn held() -> u64 {
        (KEPT as u64).saturating_mul(2).saturating_add(STEP as u64)
    }

    /// Brings the stream to where `offset` is held.
    fn reach(&self, state: &mut State<'a>, offset: u64) -> io::Result<()> {
        if offset < state.at.saturating_sub(state.kept.len() as u64) {
            let packed = Packed::new(self.source, self.packed.0, self.packed.1);
            state.kept = Vec::new();
            state.at = 0;
            state.stream = Stream::new(self.compression, packed, self.room);
        }
        while state.at <= offset {
            if state.work > self.length.saturating_mul(AGAIN) {
                return Err(io::Error::other(
                    "it would have to be unpacked from its start too often",
                ));
            }
            let held = state.kept.len();
            if held > KEPT.saturating_mul(2) {
                state.kept.drain(..held.saturating_sub(KEPT));
            }
            let held = state.kept.len();
            state.kept.resize(held.saturating_add(STEP), 0);
            let free = state.kept.get_mut(held..).unwrap_or_default();
            let count = state.stream.read(free);
            state.kept.truncate(held.saturating_add(count));
            if count == 0 {
                return Err(io::Error::other("it gives other bytes than before"));
            }
            state.at = state.at.saturating_add(count as u64);
            state.work = state.work.saturating_add(count as u64);
        }
        Ok(())
    }
}

impl Source for Reread<'_> {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.length.saturating_sub(offset)).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        let mut filled = 0_usize;
        while let Some(free) = buffer
            .get_mut(filled..wanted)
            .filter(|free| !free.is_empty())
        {
            let at = offset.saturating_add(filled as u64);
            let count = match from(&self.start, 0, at, free) {
                0 => {
                    let mut state = self.state.borrow_mut();
                    self.reach(&mut state, at)?;
                    let start = state.at.saturating_sub(state.kept.len() as u64);
                    from(&state.kept, start, at, free)
                }
                count => count,
            };
            if count == 0 {
                break;
            }
            filled = filled.saturating_add(count);
        }
        Ok(filled)
    }
}

/// Copies what `bytes`, which begin at `start`, have of `at` and on.
fn from(bytes: &[u8], start: u64, at: u64, free: &mut [u8]) -> usize {
    let rest = at
        .checked_sub(start)
        .and_then(|from| usize::try_from(from).ok())
        .and_then(|from| bytes.get(from..))
        .unwrap_or_default();
    let count = rest.len().min(free.len());
    if let (Some(to), Some(from)) = (free.get_mut(..count), rest.get(..count)) {
        to.copy_from_slice(from);
    }
    count
}

//! Standard input as a source that is read from its start to its end.

use std::cell::RefCell;
use std::io::{self, Read};

use stance_inspect::Source;

/// Bytes at the start that can be read again.
const HEAD: usize = 4096;

/// What comes through a pipe; places before the last one cannot be read again, but for the head.
pub(super) struct Pipe<R>(RefCell<State<R>>);

struct State<R> {
    from: R,
    head: Vec<u8>,
    at: u64,
}

impl<R: Read> Pipe<R> {
    pub(super) fn new(mut from: R) -> io::Result<Self> {
        let mut head = Vec::new();
        from.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
        let at = head.len() as u64;
        Ok(Self(RefCell::new(State { from, head, at })))
    }
}

impl<R: Read> Source for Pipe<R> {
    /// How much will come nobody knows.
    fn len(&self) -> u64 {
        u64::MAX
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let state = &mut *self.0.borrow_mut();
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        if let Some(rest) = state.head.get(start..).filter(|rest| !rest.is_empty()) {
            let count = rest.len().min(buffer.len());
            buffer[..count].copy_from_slice(&rest[..count]);
            return Ok(count);
        }
        if offset < state.at {
            return Err(io::Error::other("a pipe cannot be read twice"));
        }
        while state.at < offset {
            let wanted = buffer
                .len()
                .min(usize::try_from(offset - state.at).unwrap_or(usize::MAX));
            let count = state.from.read(&mut buffer[..wanted])?;
            if count == 0 {
                return Ok(0);
            }
            state.at += count as u64;
        }
        let count = state.from.read(buffer)?;
        state.at += count as u64;
        Ok(count)
    }
}

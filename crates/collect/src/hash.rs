//! SHA-256 of what is read anyway.

use std::cell::RefCell;
use std::io;

use sha2::{Digest as _, Sha256};
use stance_core::digest::hex;
use stance_inspect::Source;

/// Bytes read at once when only the hash wants them.
const BLOCK: usize = 256 * 1024;

/// A source that hashes what parsers read of it, as long as they read in order from the start.
/// What they leave out is read at the end; nothing that was hashed is read again for the hash.
pub(crate) struct Hashing<'a> {
    source: &'a dyn Source,
    state: RefCell<State>,
}

struct State {
    hash: Sha256,
    /// How many bytes from the start are in the hash.
    hashed: u64,
}

impl<'a> Hashing<'a> {
    pub(crate) fn new(source: &'a dyn Source) -> Self {
        Self {
            source,
            state: RefCell::new(State {
                hash: Sha256::new(),
                hashed: 0,
            }),
        }
    }

    /// The hash of all bytes in hexadecimal, and how many there were.
    pub(crate) fn finish(self) -> io::Result<(String, u64)> {
        let State {
            mut hash,
            mut hashed,
        } = self.state.into_inner();
        let mut buffer = Vec::new();
        while hashed < self.source.len() {
            buffer.resize(BLOCK, 0);
            match self.source.read_at(hashed, &mut buffer) {
                Ok(0) => break,
                Ok(count) => {
                    hash.update(buffer.get(..count).unwrap_or_default());
                    hashed += count as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok((hex(&hash.finalize()), hashed))
    }
}

impl Source for Hashing<'_> {
    fn len(&self) -> u64 {
        self.source.len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read_at(offset, buffer)?;
        let mut state = self.state.borrow_mut();
        let end = offset.saturating_add(count as u64);
        if (offset..end).contains(&state.hashed) {
            let known = usize::try_from(state.hashed - offset).unwrap_or(usize::MAX);
            state
                .hash
                .update(buffer.get(known..count).unwrap_or_default());
            state.hashed = end;
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    struct Counting {
        bytes: Vec<u8>,
        read: Cell<usize>,
    }

    impl Source for Counting {
        fn len(&self) -> u64 {
            self.bytes.len() as u64
        }

        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
            let count = stance_inspect::Bytes(&self.bytes).read_at(offset, buffer)?;
            self.read.set(self.read.get() + count);
            Ok(count)
        }
    }

    #[test]
    fn whatever_is_read_in_whatever_order_the_hash_is_that_of_the_file() {
        let bytes: Vec<u8> = (0..700_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let expected = hex(&Sha256::digest(&bytes));
        for reads in [
            vec![],
            vec![(0, 1000), (1000, 5000)],
            vec![(0, 1000), (500, 5000), (600_000, 10), (0, 700_000)],
            vec![(699_990, 100), (0, 65_536)],
        ] {
            let source = Counting {
                bytes: bytes.clone(),
                read: Cell::new(0),
            };
            let hashing = Hashing::new(&source);
            for (offset, length) in reads {
                hashing.read_at(offset, &mut vec![0; length]).unwrap();
            }
            assert_eq!(hashing.finish().unwrap(), (expected.clone(), 700_000));
        }
    }

    #[test]
    fn what_was_read_in_order_is_not_read_again() {
        let source = Counting {
            bytes: vec![7; 300_000],
            read: Cell::new(0),
        };
        let hashing = Hashing::new(&source);
        hashing.read_at(0, &mut vec![0; 65_536]).unwrap();
        hashing.read_at(65_536, &mut vec![0; 100_000]).unwrap();
        hashing.finish().unwrap();
        assert_eq!(source.read.get(), 300_000);
    }
}

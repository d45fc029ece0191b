//! Bytes that come once, kept so that they can be read at any place.

use std::fs::File;
use std::io::{self, Read, Write as _};

use stance_inspect::{Bytes, Source};

/// Bytes kept in memory; more go to a file that has no name.
const IN_MEMORY: usize = 16 * 1024 * 1024;

/// What came, in memory or in an unlinked temporary file.
pub(crate) enum Spool {
    Memory(Vec<u8>),
    File(File, u64),
}

impl Spool {
    /// Reads to the end; `None` when there are more than `most` bytes.
    pub(crate) fn fill(mut from: impl Read, most: u64) -> io::Result<Option<Self>> {
        let mut memory = Vec::new();
        from.by_ref()
            .take((IN_MEMORY as u64).min(most.saturating_add(1)))
            .read_to_end(&mut memory)?;
        let mut length = memory.len() as u64;
        if length > most {
            return Ok(None);
        }
        if memory.len() < IN_MEMORY {
            return Ok(Some(Self::Memory(memory)));
        }
        let mut file = tempfile::tempfile()?;
        file.write_all(&memory)?;
        // The memory serves on as the buffer of the copy.
        memory.truncate(256 * 1024);
        memory.shrink_to_fit();
        loop {
            let count = match from.read(&mut memory) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            length += count as u64;
            if length > most {
                return Ok(None);
            }
            file.write_all(memory.get(..count).unwrap_or_default())?;
        }
        Ok(Some(Self::File(file, length)))
    }
}

impl Source for Spool {
    fn len(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File(_, length) => *length,
        }
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Memory(bytes) => Bytes(bytes).read_at(offset, buffer),
            #[cfg(unix)]
            Self::File(file, _) => std::os::unix::fs::FileExt::read_at(file, buffer, offset),
            #[cfg(windows)]
            Self::File(file, _) => std::os::windows::fs::FileExt::seek_read(file, buffer, offset),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_is_read_at_any_place_from_memory_and_from_a_file() {
        for length in [0, 5, IN_MEMORY - 1, IN_MEMORY, IN_MEMORY + 300_001] {
            let bytes: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            let spool = Spool::fill(&*bytes, u64::MAX).unwrap().unwrap();
            assert_eq!(spool.len(), length as u64);
            assert_eq!(matches!(spool, Spool::File(..)), length >= IN_MEMORY);
            let mut tail = [0; 4];
            let at = length.saturating_sub(4);
            let count = spool.read_at(at as u64, &mut tail).unwrap();
            assert_eq!(&tail[..count], &bytes[at..]);
        }
    }

    #[test]
    fn no_more_is_kept_than_allowed() {
        assert!(Spool::fill(&[0; 11][..], 10).unwrap().is_none());
        assert!(Spool::fill(&[0; 10][..], 10).unwrap().is_some());
        let endless = io::repeat(1);
        assert!(
            Spool::fill(endless, (IN_MEMORY + 1000) as u64)
                .unwrap()
                .is_none()
        );
    }
}

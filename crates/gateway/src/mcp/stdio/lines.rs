//! Lines as they come, none of them kept beyond a limit.

use std::io::{BufRead, BufReader, Read, Result};

/// What is kept of both ends of a line that is too long: enough to tell whose it is.
const ENDS: usize = 4096;

/// A line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'l> {
    /// All of it, with its end if it has one.
    Whole(&'l [u8]),
    /// One that is too long: how many bytes it had, and its first and last ones.
    Long(u64, &'l [u8]),
}

/// Reads lines.
pub(super) struct Lines<R> {
    reader: BufReader<R>,
    limit: usize,
    line: Vec<u8>,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(reader: R, limit: usize) -> Self {
        Self {
            reader: BufReader::with_capacity(64 << 10, reader),
            limit,
            line: Vec::new(),
        }
    }

    /// Has lines beyond this many bytes be too long.
    pub(super) fn limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// The next one; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Line<'_>>> {
        if self.line.capacity() > 1 << 20 {
            // One large line is no reason to hold its memory for good.
            self.line = Vec::new();
        }
        self.line.clear();
        let mut length = 0_u64;
        loop {
            let waiting = match self.reader.fill_buf() {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                waiting => waiting?,
            };
            if waiting.is_empty() {
                break;
            }
            let end = memchr::memchr(b'\n', waiting).map(|at| at + 1);
            let taken = end.unwrap_or(waiting.len());
            length += taken as u64;
            self.line
                .extend_from_slice(waiting.get(..taken).unwrap_or_default());
            self.reader.consume(taken);
            if length > self.limit as u64 {
                shorten(&mut self.line);
            }
            if end.is_some() {
                break;
            }
        }
        Ok(match length {
            0 => None,
            length if length > self.limit as u64 => Some(Line::Long(length, &self.line)),
            _ => Some(Line::Whole(&self.line)),
        })
    }
}

/// Leaves both ends of a line.
fn shorten(line: &mut Vec<u8>) {
    if line.len() > 2 * ENDS {
        let tail = line.len() - ENDS;
        line.drain(ENDS..tail);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_whole_or_with_their_ends() {
        let long = format!(
            "{}{}{}\n",
            "a".repeat(5000),
            "b".repeat(200_000),
            "c".repeat(5000)
        );
        let text = format!("one\r\n\n{long}two");
        let mut lines = Lines::new(text.as_bytes(), 100);
        assert_eq!(lines.next().unwrap(), Some(Line::Whole(b"one\r\n")));
        assert_eq!(lines.next().unwrap(), Some(Line::Whole(b"\n")));
        let Some(Line::Long(length, ends)) = lines.next().unwrap() else {
            panic!("a line beyond the limit");
        };
        assert_eq!(length, long.len() as u64);
        assert!(ends.starts_with(&[b'a'; ENDS]) && ends.ends_with(b"cc\n"));
        assert_eq!(ends.len(), 2 * ENDS);
        assert_eq!(lines.next().unwrap(), Some(Line::Whole(b"two")));
        assert_eq!(lines.next().unwrap(), None);
    }
}

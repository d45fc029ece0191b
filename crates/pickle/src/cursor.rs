//! Where the machine stands on its tape, frames included.

use super::tape::{PIECE, Tape};

/// Why a stream is over.
#[derive(Debug)]
pub enum Break {
    /// At STOP.
    Stop,
    /// At the end of the bytes.
    Truncated,
    /// At something that no unpickler takes, in words.
    Malformed(String),
    /// At a limit, named.
    Limit(String),
}

/// Which of the two standard readings of frames is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// All bytes in memory: frames are skipped over and mean nothing.
    Memory,
    /// From a file: the buffer holds one frame, and an operand that reaches past its end is read
    /// anew behind it, so that what was left of the frame is dropped.
    File,
}

/// A place on a tape.
pub struct Cursor<'t, T> {
    /// The bytes.
    pub tape: &'t mut T,
    /// The next byte.
    pub position: u64,
    frame_end: u64,
    reading: Reading,
    /// Where an operand first reached past the end of a frame, so that the two readings part.
    pub straddle: Option<u64>,
}

impl<'t, T: Tape> Cursor<'t, T> {
    /// Starts at `position`.
    pub fn new(tape: &'t mut T, position: u64, reading: Reading) -> Self {
        Self {
            tape,
            position,
            frame_end: 0,
            reading,
            straddle: None,
        }
    }

    /// Moves past an operand of `length` bytes; says where it starts.
    pub fn skip(&mut self, length: u64) -> Result<u64, Break> {
        let end = self.position.saturating_add(length);
        if self.position < self.frame_end && end > self.frame_end {
            self.part();
        }
        let start = self.position;
        let end = start.saturating_add(length);
        if end > self.tape.len() {
            return Err(Break::Truncated);
        }
        self.position = end;
        Ok(start)
    }

    fn part(&mut self) {
        self.straddle.get_or_insert(self.position);
        if self.reading == Reading::File {
            self.position = self.frame_end;
        }
        self.frame_end = 0;
    }

    /// The next `length` bytes, at most a piece of them.
    pub fn take(&mut self, length: u64) -> Result<&[u8], Break> {
        let start = self.skip(length)?;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        Ok(self.tape.at(start, length))
    }

    /// The next byte.
    ///
    /// # Errors
    /// At the end of the bytes.
    pub fn byte(&mut self) -> Result<u8, Break> {
        self.take(1)?.first().copied().ok_or(Break::Truncated)
    }

    /// A little-endian unsigned integer of `width` bytes.
    pub fn unsigned(&mut self, width: u64) -> Result<u64, Break> {
        let bytes = self.take(width)?;
        if (bytes.len() as u64) < width {
            return Err(Break::Truncated);
        }
        Ok(bytes
            .iter()
            .rev()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// A line without its end, at most a piece of it, and whether that is all; moves past the end.
    pub(crate) fn line(&mut self) -> Result<(Vec<u8>, bool), Break> {
        let mut length = self.tape.line(self.position).ok_or(Break::Truncated)?;
        let end = self.position.saturating_add(length);
        if self.position < self.frame_end && end >= self.frame_end {
            self.part();
            length = self.tape.line(self.position).ok_or(Break::Truncated)?;
        }
        let start = self.position;
        self.position = start
            .saturating_add(length)
            .saturating_add(1)
            .min(self.tape.len());
        let kept = usize::try_from(length).unwrap_or(usize::MAX).min(PIECE);
        let line = self.tape.at(start, kept).to_vec();
        let whole = line.len() as u64 == length;
        Ok((line, whole))
    }

    /// A line that must not be longer than a piece.
    pub fn whole_line(&mut self) -> Result<Vec<u8>, Break> {
        match self.line()? {
            (line, true) => Ok(line),
            (_, false) => Err(Break::Limit("lines".to_owned())),
        }
    }

    /// The operand of FRAME: announces how far the buffer will reach. A frame that reaches past
    /// the end is ignored, as reading from memory would go on.
    pub fn frame(&mut self) -> Result<(), Break> {
        let length = self.unsigned(8)?;
        let end = self.position.saturating_add(length);
        if self.position < self.frame_end && end > self.frame_end {
            self.part();
        }
        let end = self.position.saturating_add(length);
        if end <= self.tape.len() {
            self.frame_end = end;
        }
        Ok(())
    }

    /// Jumps over raw bytes that are no operand.
    pub fn jump(&mut self, length: u64) {
        self.position = self.position.saturating_add(length).min(self.tape.len());
        self.frame_end = 0;
    }
}

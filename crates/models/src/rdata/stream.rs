//! The three ways in which R writes numbers and texts: XDR, native and as lines of text.

use stance_read::window::{Stop, Window};

/// How numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Most significant byte first.
    Xdr,
    /// Least significant byte first, as most machines have it.
    Native,
    /// One number a line.
    Ascii,
}

/// Longest line of a number in text.
const LINE: usize = 64;

/// Bytes at hand at once of a text.
const CHUNK: usize = 64 * 1024;

/// Numbers and texts in order.
pub(super) struct Stream<'a> {
    pub(super) window: Window<'a>,
    pub(super) at: u64,
    pub(super) encoding: Encoding,
}

impl Stream<'_> {
    /// The next number.
    pub(super) fn int(&mut self) -> Result<i32, Stop> {
        match self.encoding {
            Encoding::Xdr => {
                let value = self.window.u32(self.at)?.swap_bytes();
                self.at = self.at.saturating_add(4);
                Ok(value.cast_signed())
            }
            Encoding::Native => {
                let value = self.window.u32(self.at)?;
                self.at = self.at.saturating_add(4);
                Ok(value.cast_signed())
            }
            Encoding::Ascii => {
                let word = self.word()?;
                match &*word {
                    "NA" => Ok(i32::MIN),
                    word => word.parse().map_err(|_| Stop::Failed),
                }
            }
        }
    }

    /// The next word of a text, behind blanks.
    fn word(&mut self) -> Result<String, Stop> {
        let left = self.window.len().saturating_sub(self.at);
        let length = usize::try_from(left).unwrap_or(LINE).min(LINE);
        if length == 0 {
            return Err(Stop::End);
        }
        let near = self.window.get(self.at, length)?;
        let begin = near
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        let body = near.get(begin..).unwrap_or_default();
        let end = body
            .iter()
            .take_while(|byte| !byte.is_ascii_whitespace())
            .count();
        let word = String::from_utf8_lossy(body.get(..end).unwrap_or_default()).into_owned();
        self.at = self.at.saturating_add(begin.saturating_add(end) as u64);
        if word.is_empty() {
            return Err(if length < LINE {
                Stop::End
            } else {
                Stop::Failed
            });
        }
        Ok(word)
    }

    /// The length of a vector, which may take three numbers; negative ones come back as they are.
    pub(super) fn length(&mut self) -> Result<i64, Stop> {
        let short = self.int()?;
        if short != -1 {
            return Ok(i64::from(short));
        }
        let high = self.int()?;
        let low = self.int()?;
        Ok((i64::from(high) << 32) | i64::from(low.cast_unsigned()))
    }

    /// Bytes left.
    pub(super) fn left(&self) -> u64 {
        self.window.len().saturating_sub(self.at)
    }

    /// Passes `count` elements of `size` bytes each, or of a word each in text.
    pub(super) fn skip(&mut self, count: u64, size: u64) -> Result<(), Stop> {
        if self.encoding == Encoding::Ascii {
            return self.skip_words(count.saturating_mul((size / 16).max(1)));
        }
        let bytes = count.checked_mul(size).ok_or(Stop::End)?;
        if bytes > self.left() {
            return Err(Stop::End);
        }
        self.at = self.at.saturating_add(bytes);
        Ok(())
    }

    fn skip_words(&mut self, mut count: u64) -> Result<(), Stop> {
        let mut inside = false;
        while count > 0 {
            let length = usize::try_from(self.left()).unwrap_or(CHUNK).min(CHUNK);
            if length == 0 {
                return if inside && count == 1 {
                    Ok(())
                } else {
                    Err(Stop::End)
                };
            }
            let chunk = self.window.get(self.at, length)?;
            let mut used = 0_usize;
            for byte in chunk {
                let blank = byte.is_ascii_whitespace();
                if inside && blank {
                    count = count.saturating_sub(1);
                    inside = false;
                    if count == 0 {
                        break;
                    }
                } else if !blank {
                    inside = true;
                }
                used = used.saturating_add(1);
            }
            self.at = self.at.saturating_add(used as u64);
        }
        Ok(())
    }

    /// A text of `length` bytes, of which at most `keep` are kept.
    pub(super) fn text(&mut self, length: u64, keep: usize) -> Result<String, Stop> {
        if self.encoding == Encoding::Ascii {
            return self.escaped(length, keep);
        }
        let text = self.window.text(self.at, length, keep)?;
        self.at = self.at.saturating_add(length);
        Ok(text)
    }

    /// A text whose characters are escaped as in C, behind blanks.
    fn escaped(&mut self, length: u64, keep: usize) -> Result<String, Stop> {
        while self.window.u8(self.at)?.is_ascii_whitespace() {
            self.at = self.at.saturating_add(1);
        }
        let mut kept = Vec::new();
        for _ in 0..length {
            let byte = self.escape()?;
            if kept.len() < keep {
                kept.push(byte);
            }
        }
        Ok(String::from_utf8_lossy(&kept).into_owned())
    }

    fn byte(&mut self) -> Result<u8, Stop> {
        let byte = self.window.u8(self.at)?;
        self.at = self.at.saturating_add(1);
        Ok(byte)
    }

    fn escape(&mut self) -> Result<u8, Stop> {
        let first = self.byte()?;
        if first != b'\\' {
            return Ok(first);
        }
        Ok(match self.byte()? {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'v' => 0x0b,
            b'b' => 0x08,
            b'f' => 0x0c,
            b'a' => 0x07,
            digit @ b'0'..=b'7' => {
                let mut value = digit.wrapping_sub(b'0');
                for _ in 0..2 {
                    match self.window.u8(self.at)? {
                        next @ b'0'..=b'7' => {
                            value = value.wrapping_mul(8).wrapping_add(next.wrapping_sub(b'0'));
                            self.at = self.at.saturating_add(1);
                        }
                        _ => break,
                    }
                }
                value
            }
            other => other,
        })
    }
}

impl Stream<'_> {
    /// Where the blanks end that follow an object written as text.
    pub(super) fn blanks(&mut self, mut at: u64) -> u64 {
        while self.encoding == Encoding::Ascii
            && self
                .window
                .u8(at)
                .is_ok_and(|byte| byte.is_ascii_whitespace())
        {
            at = at.saturating_add(1);
        }
        at
    }
}

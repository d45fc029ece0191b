//! One array of objects, element by element.

use super::Cut;
use crate::Fault;

/// Where the reader stands within the element that is not whole yet.
#[derive(Debug, Default)]
pub(super) struct State {
    scanned: usize,
    depth: usize,
    text: bool,
    escape: bool,
    /// Bytes of the stream before the element.
    before: usize,
}

impl State {
    pub(super) fn cut(&mut self, waiting: &[u8], last: bool) -> Result<Cut, Fault> {
        if self.depth == 0 {
            let bare = waiting
                .iter()
                .position(|byte| {
                    !byte.is_ascii_whitespace()
                        && !matches!(byte, b'[' | b',' | b']' | 0xef | 0xbb | 0xbf)
                })
                .unwrap_or(waiting.len());
            if bare > 0 {
                self.before = self.before.saturating_add(bare);
                return Ok(Cut::Bare(bare));
            }
            if waiting.first() != Some(&b'{') {
                return Err(Fault::Array { at: self.before });
            }
        }
        for byte in waiting.get(self.scanned..).unwrap_or_default() {
            self.scanned = self.scanned.saturating_add(1);
            if self.text {
                match byte {
                    _ if self.escape => self.escape = false,
                    b'\\' => self.escape = true,
                    b'"' => self.text = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.text = true,
                b'{' | b'[' => self.depth = self.depth.saturating_add(1),
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        let length = std::mem::take(&mut self.scanned);
                        self.before = self.before.saturating_add(length);
                        return Ok(Cut::Frame(length));
                    }
                }
                _ => {}
            }
        }
        if last {
            return Err(Fault::Truncated);
        }
        Ok(Cut::Wait)
    }
}

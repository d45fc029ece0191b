//! One value a line.

use std::borrow::Cow;

use memchr::memchr;

use super::{Cut, Frame, Framing};

/// How many bytes of the line were looked at.
#[derive(Debug, Default)]
pub(super) struct State {
    scanned: usize,
}

impl State {
    pub(super) fn cut(&mut self, waiting: &[u8], last: bool) -> Cut {
        let rest = waiting.get(self.scanned..).unwrap_or_default();
        if let Some(found) = memchr(b'\n', rest) {
            let length = self.scanned.saturating_add(found).saturating_add(1);
            self.scanned = 0;
            return Cut::Frame(length);
        }
        self.scanned = waiting.len();
        if last {
            self.scanned = 0;
            return Cut::Frame(waiting.len());
        }
        Cut::Wait
    }
}

pub(super) fn frame(raw: &[u8]) -> Frame<'_> {
    let data = raw.strip_suffix(b"\n").unwrap_or(raw);
    let data = data.strip_suffix(b"\r").unwrap_or(data);
    let blank = data.iter().all(u8::is_ascii_whitespace);
    Frame {
        data: (!blank).then_some(Cow::Borrowed(data)),
        ..Frame::bare(raw, Framing::Lines)
    }
}

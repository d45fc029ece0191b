//! Server-sent events: lines that end in LF, CRLF or CR, events that end in an empty line.

use std::borrow::Cow;

use memchr::memchr2;

use super::{Cut, Frame, Framing, Spelling};

/// Where the search for the end of an event stands.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Bytes of the event that were looked at; a line starts here.
    line: usize,
    /// Bytes of that line that were looked at.
    scanned: usize,
    /// Whether the last frame ended in CR, and an LF that follows belongs to it.
    after_cr: bool,
    /// Whether the first frame was seen, which may have a byte order mark.
    started: bool,
}

impl State {
    pub(super) fn cut(&mut self, waiting: &[u8], last: bool) -> Cut {
        if std::mem::take(&mut self.after_cr) && waiting.first() == Some(&b'\n') {
            return Cut::Bare(1);
        }
        loop {
            let rest = waiting.get(self.line..).unwrap_or_default();
            let found = memchr2(b'\n', b'\r', rest.get(self.scanned..).unwrap_or_default());
            let Some(found) = found else {
                self.scanned = rest.len();
                break;
            };
            let length = self.scanned.saturating_add(found);
            let line = rest.get(..length).unwrap_or_default();
            let blank =
                line.is_empty() || (!self.started && self.line == 0 && line == b"\xef\xbb\xbf");
            let cr = rest.get(length) == Some(&b'\r');
            let after = length.saturating_add(1);
            let lf = cr && rest.get(after) == Some(&b'\n');
            if cr && !lf && after >= rest.len() && !blank && !last {
                // An LF may follow, and would not be a line of its own.
                self.scanned = length;
                break;
            }
            let end = self
                .line
                .saturating_add(after)
                .saturating_add(usize::from(lf));
            self.scanned = 0;
            if blank {
                self.after_cr = cr && !lf;
                self.line = 0;
                self.started = true;
                return Cut::Frame(end);
            }
            self.line = end;
        }
        if last {
            self.line = 0;
            self.scanned = 0;
            return Cut::Frame(waiting.len());
        }
        Cut::Wait
    }
}

/// The lines of `raw`, with where they start, without their ends.
fn lines(raw: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut at = if raw.starts_with(b"\xef\xbb\xbf") {
        3
    } else {
        0
    };
    std::iter::from_fn(move || {
        let rest = raw.get(at..).filter(|rest| !rest.is_empty())?;
        let start = at;
        let length = memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let two = rest
            .get(length..)
            .is_some_and(|end| end.starts_with(b"\r\n"));
        at = at
            .saturating_add(length)
            .saturating_add(if two { 2 } else { 1 });
        Some((start, rest.get(..length).unwrap_or_default()))
    })
}

/// A field and its value, and how many bytes stand before the value.
fn field(line: &[u8]) -> (&[u8], &[u8], usize) {
    let Some(colon) = memchr::memchr(b':', line) else {
        return (line, &[], line.len());
    };
    let mut from = colon.saturating_add(1);
    if line.get(from) == Some(&b' ') {
        from = from.saturating_add(1);
    }
    (
        line.get(..colon).unwrap_or_default(),
        line.get(from..).unwrap_or_default(),
        from,
    )
}

pub(super) fn frame(raw: &[u8]) -> Frame<'_> {
    let mut name = None;
    let mut data: Option<Cow<'_, [u8]>> = None;
    let mut first = 0;
    let mut several = false;
    for (start, line) in lines(raw) {
        let (field, value, before) = field(line);
        match field {
            b"event" => name = Some(String::from_utf8_lossy(value)),
            b"data" => match &mut data {
                None => {
                    first = start.saturating_add(before);
                    data = Some(Cow::Borrowed(value));
                }
                Some(data) => {
                    several = true;
                    let data = data.to_mut();
                    data.push(b'\n');
                    data.extend_from_slice(value);
                }
            },
            _ => {}
        }
    }
    Frame {
        raw,
        name,
        data,
        first,
        several,
        framing: Framing::Events,
    }
}

/// Writes the event `raw` with other data: its lines stand where the first line of data stood.
pub(super) fn rewrite(raw: &[u8], data: &[u8], out: &mut Vec<u8>) {
    let mut written = false;
    let mut at = 0_usize;
    let mut all = lines(raw).peekable();
    while let Some((start, line)) = all.next() {
        let end = all.peek().map_or(raw.len(), |(next, _)| *next);
        // A byte order mark, before the first line.
        out.extend_from_slice(raw.get(at..start).unwrap_or_default());
        at = end;
        let (field, _, before) = field(line);
        if field != b"data" {
            out.extend_from_slice(raw.get(start..end).unwrap_or_default());
        } else if !std::mem::replace(&mut written, true) {
            let ending = start.saturating_add(line.len())..end;
            for part in data.split(|byte| *byte == b'\n') {
                out.extend_from_slice(line.get(..before).unwrap_or_default());
                out.extend_from_slice(part);
                out.extend_from_slice(raw.get(ending.clone()).unwrap_or_default());
            }
        }
    }
}

pub(super) fn learn(spelling: &mut Spelling, frame: &Frame<'_>) {
    if frame.data.is_none() {
        return;
    }
    let before = frame.raw.get(frame.first.saturating_sub(1)..frame.first);
    spelling.colon = if before == Some(b":") { ":" } else { ": " };
    if let Some(end) = memchr2(b'\n', b'\r', frame.raw) {
        let rest = frame.raw.get(end..).unwrap_or_default();
        spelling.newline = if rest.starts_with(b"\r\n") {
            "\r\n"
        } else if rest.starts_with(b"\r") {
            "\r"
        } else {
            "\n"
        };
    }
}

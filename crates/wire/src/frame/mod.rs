//! Streams to frames and back: server-sent events, lines of JSON, the binary event stream of AWS, and one array of JSON that
//! arrives element by element.
//!
//! A [`Splitter`] takes bytes as they come, in pieces of any size, and gives whole frames. Every byte belongs to exactly
//! one frame, so that writing [`Frame::raw`] of each is the stream as it came. A frame whose data changed is written by
//! [`Frame::rewrite`]: all around the data stays as it was.

mod array;
mod events;
mod lines;
mod messages;

use std::borrow::Cow;

use crate::Fault;
use crate::json::Edits;

/// How a stream is cut into frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Framing {
    /// Server-sent events, `text/event-stream` (WHATWG HTML, section 9.2).
    Events,
    /// One JSON value a line: `application/x-ndjson`, `application/stream+json`, JSON-RPC over stdio.
    Lines,
    /// Binary messages with checksums, `application/vnd.amazon.eventstream`.
    Messages,
    /// One JSON array, element by element, as Gemini streams without `alt=sse`.
    Array,
}

impl Framing {
    /// Which framing an answer of this `Content-Type` has; `None` for a whole body.
    #[must_use]
    pub fn of(content_type: &str) -> Option<Self> {
        let media = content_type.split(';').next().unwrap_or_default().trim();
        match media.to_ascii_lowercase().as_str() {
            "text/event-stream" => Some(Self::Events),
            "application/x-ndjson"
            | "application/ndjson"
            | "application/jsonl"
            | "application/stream+json" => Some(Self::Lines),
            "application/vnd.amazon.eventstream" => Some(Self::Messages),
            _ => None,
        }
    }

    /// Its `Content-Type`.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Events => "text/event-stream",
            Self::Lines => "application/x-ndjson",
            Self::Messages => "application/vnd.amazon.eventstream",
            Self::Array => "application/json",
        }
    }
}

/// One frame of a stream.
#[derive(Clone, Debug)]
pub struct Frame<'b> {
    /// All its bytes.
    pub raw: &'b [u8],
    /// What kind of event it says it is.
    pub name: Option<Cow<'b, str>>,
    /// What it carries; `None` where it carries nothing: comments, empty lines, punctuation.
    pub data: Option<Cow<'b, [u8]>>,
    /// Where the data starts in `raw`.
    first: usize,
    /// Whether the data stands on several lines.
    several: bool,
    framing: Framing,
}

impl<'b> Frame<'b> {
    fn bare(raw: &'b [u8], framing: Framing) -> Self {
        Self {
            raw,
            name: None,
            data: None,
            first: 0,
            several: false,
            framing,
        }
    }

    /// Writes the frame with `edits` of its data; everything around the data stays, and checksums are made anew.
    pub fn rewrite(&self, mut edits: Edits, out: &mut Vec<u8>) {
        if edits.is_empty() {
            out.extend_from_slice(self.raw);
            return;
        }
        if self.framing == Framing::Messages {
            let payload = edits.applied(self.data.as_deref().unwrap_or_default());
            messages::rewrite(self.raw, &payload, out);
            return;
        }
        if self.several {
            let data = edits.applied(self.data.as_deref().unwrap_or_default());
            events::rewrite(self.raw, &data, out);
            return;
        }
        edits.shift(self.first);
        edits.apply(self.raw, out);
    }
}

/// How the frames of a stream are spelled, so that a frame of ours looks like its neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spelling {
    /// The end of a line.
    newline: &'static str,
    /// What stands between a field of an event and its value.
    colon: &'static str,
    /// Whether an element of an array came before.
    element: bool,
    /// Whether the array was opened.
    opened: bool,
}

impl Default for Spelling {
    fn default() -> Self {
        Self {
            newline: "\n",
            colon: ": ",
            element: false,
            opened: false,
        }
    }
}

impl Spelling {
    /// Learns from a frame that passes.
    pub fn learn(&mut self, frame: &Frame<'_>) {
        match frame.framing {
            Framing::Events => events::learn(self, frame),
            Framing::Lines => {
                if frame.raw.ends_with(b"\r\n") {
                    self.newline = "\r\n";
                }
            }
            Framing::Messages => {}
            Framing::Array => {
                self.element |= frame.data.is_some();
                self.opened |= frame.data.is_some() || frame.raw.contains(&b'[');
            }
        }
    }

    /// Writes a frame of ours.
    pub fn write(&mut self, framing: Framing, name: Option<&str>, data: &[u8], out: &mut Vec<u8>) {
        match framing {
            Framing::Events => {
                for (field, value) in [("event", name.map(str::as_bytes)), ("data", Some(data))] {
                    let Some(value) = value else { continue };
                    out.extend_from_slice(field.as_bytes());
                    out.extend_from_slice(self.colon.as_bytes());
                    out.extend_from_slice(value);
                    out.extend_from_slice(self.newline.as_bytes());
                }
                out.extend_from_slice(self.newline.as_bytes());
            }
            Framing::Lines => {
                out.extend_from_slice(data);
                out.extend_from_slice(self.newline.as_bytes());
            }
            Framing::Messages => messages::write("event", name.unwrap_or("chunk"), data, out),
            Framing::Array => {
                if self.element {
                    out.extend_from_slice(b",\r\n");
                } else if !self.opened {
                    out.push(b'[');
                }
                self.element = true;
                self.opened = true;
                out.extend_from_slice(data);
            }
        }
    }

    /// Writes the frame of ours that ends a stream with an error.
    pub fn write_error(
        &mut self,
        framing: Framing,
        name: Option<&str>,
        data: &[u8],
        out: &mut Vec<u8>,
    ) {
        if framing == Framing::Messages {
            let name = name.unwrap_or("modelStreamErrorException");
            messages::write("exception", name, data, out);
            return;
        }
        self.write(framing, name, data, out);
        if framing == Framing::Array {
            out.push(b']');
        }
    }
}

/// What a splitter found at the start of the bytes that wait.
enum Cut {
    /// Nothing whole yet.
    Wait,
    /// So many bytes are a frame.
    Frame(usize),
    /// So many bytes carry nothing.
    Bare(usize),
}

/// Cuts a stream into frames as it comes.
#[derive(Debug)]
pub struct Splitter {
    framing: Framing,
    limit: usize,
    buffer: Vec<u8>,
    /// What of the buffer is done with.
    done: usize,
    state: State,
}

#[derive(Debug)]
enum State {
    Events(events::State),
    Lines(lines::State),
    Messages,
    Array(array::State),
}

impl Splitter {
    /// For a stream with this framing, whose frames have at most `limit` bytes.
    #[must_use]
    pub fn new(framing: Framing, limit: usize) -> Self {
        Self {
            framing,
            limit,
            buffer: Vec::new(),
            done: 0,
            state: match framing {
                Framing::Events => State::Events(events::State::default()),
                Framing::Lines => State::Lines(lines::State::default()),
                Framing::Messages => State::Messages,
                Framing::Array => State::Array(array::State::default()),
            },
        }
    }

    /// Takes the next bytes of the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.done > 0 {
            self.buffer.drain(..self.done);
            self.done = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// Bytes that wait for the rest of their frame.
    #[must_use]
    pub fn waiting(&self) -> &[u8] {
        self.buffer.get(self.done..).unwrap_or_default()
    }

    /// Gives up what waits, as it came.
    pub fn give_up(&mut self) -> Vec<u8> {
        let rest = self.waiting().to_vec();
        self.buffer.clear();
        self.done = 0;
        rest
    }

    /// The next whole frame; `last` when no more bytes will come, so that what waits is a frame if it can be one.
    ///
    /// # Errors
    ///
    /// Bytes that are no frame. What waits stays, see [`Self::give_up`]; there is no next frame.
    pub fn next_frame(&mut self, last: bool) -> Result<Option<Frame<'_>>, Fault> {
        let waiting = self.buffer.get(self.done..).unwrap_or_default();
        if waiting.is_empty() {
            return Ok(None);
        }
        let cut = match &mut self.state {
            State::Events(state) => state.cut(waiting, last),
            State::Lines(state) => state.cut(waiting, last),
            State::Messages => messages::cut(waiting, last, self.limit)?,
            State::Array(state) => state.cut(waiting, last)?,
        };
        let (length, bare) = match cut {
            Cut::Wait if waiting.len() > self.limit => {
                return Err(Fault::Frame { limit: self.limit });
            }
            Cut::Wait => return Ok(None),
            Cut::Frame(length) => (length, false),
            Cut::Bare(length) => (length, true),
        };
        let raw = waiting.get(..length).unwrap_or_default();
        if !bare && raw.len() > self.limit {
            return Err(Fault::Frame { limit: self.limit });
        }
        let frame = if bare {
            Frame::bare(raw, self.framing)
        } else {
            match self.framing {
                Framing::Events => events::frame(raw),
                Framing::Lines => lines::frame(raw),
                Framing::Messages => messages::frame(raw)?,
                Framing::Array => Frame {
                    data: Some(Cow::Borrowed(raw)),
                    ..Frame::bare(raw, Framing::Array)
                },
            }
        };
        self.done = self.done.saturating_add(length);
        Ok(Some(frame))
    }
}

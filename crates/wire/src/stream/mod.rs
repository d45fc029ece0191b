//! Streams of answers: read event by event, and rewritten by a filter.
//!
//! Each event goes on as it came, or with some of its texts replaced. An event of which a filter holds something back waits,
//! with all after it, until the filter gave that on: as it came where nothing was changed, so that a filter that changes
//! nothing passes every byte. Once it changed something, what it holds back goes on with a later event of the same channel;
//! where the channel ends first, one more event of the same shape is made, and stands right before the event that ends it.
//! The result depends on the events, never on the pieces in which their bytes come.

mod channels;
mod event;
mod waiting;

use stance_core::exchange::{Exchange, Unjudged};

use crate::dialect::{self, Route, Shape};
use crate::filter::Filter;
use crate::frame::{Frame, Framing, Spelling, Splitter};
use crate::json::Spare;
use crate::{Fault, Limits};
use channels::Channels;
use waiting::Waiting;

/// What is done with what cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// The stream ends with an error.
    Refuse,
    /// It goes on as it is, and is said to be not judged.
    Pass,
}

/// How a stream is rewritten.
#[derive(Clone, Debug)]
pub struct Options {
    /// What it may cost.
    pub limits: Limits,
    /// What is done with what cannot be read.
    pub unreadable: Unreadable,
    /// What a caller is told when the stream is refused; never words of the exchange.
    pub message: String,
    /// Calls of tools whose results may come, by the ids of their requests as they are written (MCP).
    pub calls: Vec<(String, String)>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            unreadable: Unreadable::Refuse,
            message: "The answer was withheld by policy.".to_owned(),
            calls: Vec::new(),
        }
    }
}

/// Where a stream stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It goes on.
    Open,
    /// It was refused: the error that ends it was written, and nothing more will be. A stream of messages, each with an id
    /// of its own, may go on after that: see [`Stream::resume`].
    Refused,
}

/// A stream that is read and rewritten as it comes.
pub struct Stream {
    splitter: Splitter,
    engine: Engine,
}

/// All but the bytes that wait.
struct Engine {
    shape: Option<&'static dyn Shape>,
    framing: Framing,
    spelling: Spelling,
    options: Options,
    channels: Channels,
    waiting: Waiting,
    exchange: Exchange,
    spare: Spare,
    status: Status,
    /// Set once bytes go through unread.
    raw: bool,
    /// What the last message asked or answered.
    ids: Vec<String>,
    /// Whether it asked.
    asks: bool,
    /// What goes back to who sent it.
    back: Vec<u8>,
    /// What was written for an event that waits until somebody decides.
    paused: Option<Vec<u8>>,
    /// Whether no more bytes will come.
    ended: bool,
    /// Whether all channels were ended.
    closed: bool,
}

impl Stream {
    /// For an answer to a request of this route, with this framing.
    #[must_use]
    pub fn new(route: &Route, framing: Framing, options: Options) -> Self {
        let shape = dialect::of(route.operation);
        let mut engine = Engine {
            shape,
            framing,
            spelling: Spelling::default(),
            channels: Channels::new(options.limits.channels),
            waiting: Waiting::default(),
            exchange: Exchange {
                stream: true,
                ..Exchange::default()
            },
            spare: Spare::default(),
            status: Status::Open,
            raw: shape.is_none(),
            ids: Vec::new(),
            asks: false,
            back: Vec::new(),
            paused: None,
            ended: false,
            closed: false,
            options,
        };
        if engine.raw {
            engine.say("", route.operation.name());
        }
        Self {
            splitter: Splitter::new(framing, engine.options.limits.frame),
            engine,
        }
    }

    /// Takes the next bytes, and writes what may go on.
    pub fn push(&mut self, bytes: &[u8], filter: &mut dyn Filter, out: &mut Vec<u8>) -> Status {
        if self.engine.status == Status::Refused {
            return Status::Refused;
        }
        if self.engine.raw {
            self.engine.pass(bytes, out);
            return Status::Open;
        }
        self.splitter.push(bytes);
        self.frames(false, filter, out);
        self.engine.status
    }

    /// Writes what is left when no more bytes will come.
    pub fn finish(&mut self, filter: &mut dyn Filter, out: &mut Vec<u8>) -> Status {
        self.engine.ended = true;
        self.rest(filter, out)
    }

    /// Whether an event waits until somebody decides about it: then [`Self::release`] or [`Self::refuse`] is next. Bytes
    /// that come meanwhile are kept; nothing of them is read or written.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.engine.paused.is_some()
    }

    /// Has an event that waits go on, and all that came meanwhile, up to the next that waits.
    pub fn release(&mut self, filter: &mut dyn Filter, out: &mut Vec<u8>) -> Status {
        out.extend(self.engine.paused.take().unwrap_or_default());
        self.rest(filter, out)
    }

    fn rest(&mut self, filter: &mut dyn Filter, out: &mut Vec<u8>) -> Status {
        let last = self.engine.ended;
        self.frames(last, filter, out);
        if last && !self.engine.raw {
            self.engine.close(filter, out);
        }
        self.engine.status
    }

    /// Refuses the stream from here on: the error of its dialect is written. What a filter holds back is lost.
    pub fn refuse(&mut self, out: &mut Vec<u8>) {
        self.engine.paused = None;
        self.engine.waiting.drop_all();
        self.engine.refuse(out);
    }

    /// Goes on after one message of MCP or A2A was refused; an answer of a model is over then. Bytes that wait are read by
    /// the next [`Self::push`], which may be of none.
    pub fn resume(&mut self) {
        if self.engine.shape.is_some_and(Shape::correlated) {
            self.engine.status = Status::Open;
        }
    }

    /// What goes back to who sent these bytes: the errors in place of requests that were refused.
    pub fn take_back(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.engine.back)
    }

    /// Notes a call of a tool whose result may come: the id of its request as it is written, and the tool.
    pub fn expect(&mut self, id: String, tool: String) {
        let calls = &mut self.engine.options.calls;
        if calls.len() >= self.engine.options.limits.channels {
            calls.remove(0);
        }
        calls.push((id, tool));
    }

    /// What was seen so far: the model, what was used up, why it ended, what was not judged. Texts are not kept.
    #[must_use]
    pub fn exchange(&self) -> &Exchange {
        &self.engine.exchange
    }

    /// Where it stands.
    #[must_use]
    pub fn status(&self) -> Status {
        self.engine.status
    }

    fn frames(&mut self, last: bool, filter: &mut dyn Filter, out: &mut Vec<u8>) {
        while self.engine.status == Status::Open && !self.engine.raw && !self.waits() {
            match self.splitter.next_frame(last) {
                Ok(Some(frame)) => self.engine.frame(&frame, filter, out),
                Ok(None) => return,
                Err(fault) => {
                    self.engine.unreadable(fault, out);
                    if self.engine.status == Status::Open {
                        // Nothing after this can be found again.
                        self.engine.raw = true;
                        self.engine.close(filter, out);
                    }
                    if self.engine.status == Status::Open {
                        self.engine.pass(&self.splitter.give_up(), out);
                    }
                }
            }
        }
        if last && self.engine.raw {
            self.engine.pass(&self.splitter.give_up(), out);
        }
    }
}

impl Engine {
    fn frame(&mut self, frame: &Frame<'_>, filter: &mut dyn Filter, out: &mut Vec<u8>) {
        let start = out.len();
        let data = frame.data.as_deref();
        let result = match data {
            None => {
                out.extend_from_slice(frame.raw);
                Ok(())
            }
            Some(data) if data.trim_ascii() == b"[DONE]" => {
                self.end(filter, out);
                if self.status == Status::Open {
                    out.extend_from_slice(frame.raw);
                }
                Ok(())
            }
            Some(data) if data.trim_ascii().is_empty() => {
                out.extend_from_slice(frame.raw);
                Ok(())
            }
            Some(data) => self.event(frame, data, filter, out),
        };
        if let Err(fault) = result {
            out.truncate(start);
            self.unreadable(fault, out);
            if self.status == Status::Open {
                out.extend_from_slice(frame.raw);
            }
        }
        if self.status == Status::Open && filter.blocks() {
            out.truncate(start);
            self.refuse(out);
        }
        self.settle(frame.raw, start, out);
        self.pause(filter, start, out);
        self.spelling.learn(frame);
    }

    /// Keeps what was written since `start` where it waits for a decision.
    fn pause(&mut self, filter: &dyn Filter, start: usize, out: &mut Vec<u8>) {
        if self.status == Status::Open && filter.waits() {
            self.paused = Some(out.split_off(start.min(out.len())));
        }
    }

    /// Passes bytes unread, behind what waits.
    fn pass(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        self.paused.as_mut().unwrap_or(out).extend_from_slice(bytes);
    }

    /// Has an event wait, with what was written for it, as long as something of it or before it is held back.
    fn settle(&mut self, came: &[u8], start: usize, out: &mut Vec<u8>) {
        if self.status == Status::Refused {
            self.waiting.drop_all();
            return;
        }
        if self.channels.changed() {
            self.waiting.change();
        }
        let limit = self.options.limits.frame;
        self.waiting
            .settle(came, self.channels.owes(), limit, start, out);
    }

    /// Ends all channels, and writes what waits, once.
    fn close(&mut self, filter: &mut dyn Filter, out: &mut Vec<u8>) {
        if self.status != Status::Open || self.paused.is_some() || self.closed {
            return;
        }
        self.closed = true;
        let start = out.len();
        self.end(filter, out);
        self.settle(&[], start, out);
        if self.status == Status::Open {
            self.waiting.release(out);
        }
        self.pause(filter, start, out);
    }

    /// Ends all channels where no event does.
    fn end(&mut self, filter: &mut dyn Filter, out: &mut Vec<u8>) {
        let Some(shape) = self.shape else { return };
        let start = out.len();
        for at in 0..self.channels.len() {
            let mut text = String::new();
            self.channels.finish(at, filter, &mut text);
            self.carry(shape, at, &text, out);
        }
        if filter.blocks() {
            out.truncate(start);
            self.refuse(out);
        }
    }

    fn unreadable(&mut self, fault: Fault, out: &mut Vec<u8>) {
        self.say("", &format!("an event that cannot be read: {fault}"));
        // Whose it is cannot be told either.
        self.ids.clear();
        self.asks = false;
        if self.options.unreadable == Unreadable::Refuse {
            self.refuse(out);
        }
    }

    fn refuse(&mut self, out: &mut Vec<u8>) {
        if self.status == Status::Refused {
            return;
        }
        self.status = Status::Refused;
        let (name, data) = match self.shape {
            Some(shape) => {
                let refusal = shape.refusal(&self.options.message, &self.ids);
                if shape.correlated() && self.asks {
                    // A request goes no further, and its sender is told; of a notification nobody waits for an answer.
                    if !self.ids.is_empty() {
                        let data = refusal.data.as_bytes();
                        self.spelling
                            .write(self.framing, refusal.name, data, &mut self.back);
                    }
                    return;
                }
                (refusal.name, refusal.data)
            }
            None => (None, dialect::error(&self.options.message)),
        };
        self.spelling
            .write_error(self.framing, name, data.as_bytes(), out);
    }

    /// Says what was not judged: the same thing at the same place once.
    fn say(&mut self, pointer: &str, what: &str) {
        let all = &mut self.exchange.unjudged;
        let known = all
            .iter()
            .any(|said| said.pointer == pointer && said.what == what);
        if !known && all.len() < self.options.limits.unjudged {
            all.push(Unjudged {
                pointer: pointer.to_owned(),
                what: what.to_owned(),
            });
        }
    }
}

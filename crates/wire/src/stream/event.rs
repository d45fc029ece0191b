//! One event: what it does to the channels, and how it goes on.

use std::borrow::Cow;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Engine;
use crate::dialect::Shape;
use crate::filter::Filter;
use crate::frame::{Frame, Framing};
use crate::json::{Document, Edits};
use crate::take::{Step, Taker};
use crate::{Fault, rpc, whole};

/// What goes on of a piece of a channel.
struct Piece {
    channel: usize,
    span: Range<usize>,
    text: String,
    changed: bool,
}

impl Engine {
    /// Reads the event that `data` is, and writes it as the filter leaves it.
    pub(super) fn event(
        &mut self,
        frame: &Frame<'_>,
        data: &[u8],
        filter: &mut dyn Filter,
        out: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        let Some(shape) = self.shape else {
            out.extend_from_slice(frame.raw);
            return Ok(());
        };
        let name = frame.name.as_deref();
        let limits = self.options.limits;
        let spare = std::mem::take(&mut self.spare);
        let document = Document::read_into(data, &limits, spare)?;
        let wrapped = shape
            .wrapped()
            .filter(|_| self.framing == Framing::Messages);
        let inner = wrapped.and_then(|key| document.root().get(key));
        let Some(value) = inner else {
            let mut edits = self.document(shape, name, &document, data, filter, out)?;
            frame.rewrite(std::mem::take(&mut edits), out);
            self.spare = document.into_spare();
            return Ok(());
        };
        let coded = value.text().unwrap_or(Cow::Borrowed(""));
        let fault = Fault::Json {
            at: value.span().start,
        };
        let bytes = STANDARD.decode(coded.as_bytes()).map_err(|_| fault)?;
        let within = Document::read(&bytes, &limits)?;
        let edits = self.document(shape, name, &within, &bytes, filter, out)?;
        let mut outer = Edits::default();
        if !edits.is_empty() {
            outer.replace_text(value.span(), &STANDARD.encode(edits.applied(&bytes)));
        }
        frame.rewrite(outer, out);
        self.spare = document.into_spare();
        Ok(())
    }

    /// Takes what a document does, gives its texts to the filter, writes events that must come before, and says what of
    /// it changes.
    fn document(
        &mut self,
        shape: &'static dyn Shape,
        name: Option<&str>,
        document: &Document<'_>,
        data: &[u8],
        filter: &mut dyn Filter,
        out: &mut Vec<u8>,
    ) -> Result<Edits, Fault> {
        let mut taken = Taker::new(document, self.options.limits.unjudged);
        taken.exchange.model = self.exchange.model.take();
        taken.exchange.id = self.exchange.id.take();
        taken.exchange.usage = self.exchange.usage;
        taken.exchange.ended = self.exchange.ended.take();
        if shape.correlated() {
            (self.ids, self.asks) = rpc::correlation(document.root());
            taken.calls.clone_from(&self.options.calls);
        }
        shape.event(name, document.root(), &mut taken);
        taken.close();
        self.exchange.model = taken.exchange.model.take();
        self.exchange.id = taken.exchange.id.take();
        self.exchange.usage = taken.exchange.usage;
        self.exchange.ended = taken.exchange.ended.take();
        self.exchange.probabilities |= taken.exchange.probabilities;
        for said in std::mem::take(&mut taken.exchange.unjudged) {
            self.say(&said.pointer, &said.what);
        }
        let pieces = self.steps(shape, std::mem::take(&mut taken.steps), filter, out)?;
        let mut edits = whole::edits(&taken.exchange, &taken.slots, &[], filter);
        if !edits.is_empty() {
            self.waiting.change();
        }
        for piece in &pieces {
            if piece.changed {
                edits.replace_text(piece.span.clone(), &piece.text);
            }
            self.channels.keep(piece.channel, name, data);
        }
        if !edits.is_empty() {
            for echo in &taken.echoes {
                edits.replace(echo.span.clone(), echo.blank.into());
            }
        }
        Ok(edits)
    }

    /// Does the steps of an event in their order.
    fn steps(
        &mut self,
        shape: &'static dyn Shape,
        steps: Vec<Step<'_>>,
        filter: &mut dyn Filter,
        out: &mut Vec<u8>,
    ) -> Result<Vec<Piece>, Fault> {
        let mut pieces: Vec<Piece> = Vec::new();
        for step in steps {
            match step {
                Step::Open { key, tool, call } => {
                    let at = self.channels.at(key)?;
                    self.channels.open(at, tool, call);
                }
                Step::Delta { key, span, text } => {
                    let at = self.channels.at(key)?;
                    let mut goes = String::with_capacity(text.len());
                    self.channels.push(at, filter, &text, &mut goes);
                    pieces.push(Piece {
                        channel: at,
                        span,
                        changed: goes != text,
                        text: goes,
                    });
                }
                Step::End(scope) => {
                    for at in self.channels.within(scope) {
                        let last = pieces.iter_mut().rev().find(|piece| piece.channel == at);
                        if let Some(piece) = last {
                            let before = piece.text.len();
                            self.channels.finish(at, filter, &mut piece.text);
                            piece.changed |= piece.text.len() != before;
                        } else {
                            let mut text = String::new();
                            self.channels.finish(at, filter, &mut text);
                            self.carry(shape, at, &text, out);
                        }
                    }
                }
            }
        }
        Ok(pieces)
    }

    /// Writes one more event that adds `text` to a channel.
    pub(super) fn carry(
        &mut self,
        shape: &'static dyn Shape,
        at: usize,
        text: &str,
        out: &mut Vec<u8>,
    ) {
        if text.is_empty() {
            return;
        }
        let made = self
            .channels
            .kept(at)
            .and_then(|(channel, template)| shape.carry(channel, template, text));
        let Some((name, mut data)) = made else {
            self.say("", "words that were held back and had no event to go with");
            return;
        };
        let name = name.filter(|_| self.framing != Framing::Lines);
        if let Some(key) = shape
            .wrapped()
            .filter(|_| self.framing == Framing::Messages)
        {
            data = format!("{{\"{key}\":\"{}\"}}", STANDARD.encode(&data)).into_bytes();
        }
        self.spelling
            .write(self.framing, name.as_deref(), &data, out);
    }
}

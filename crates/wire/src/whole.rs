//! Whole bodies: read, and rewritten by a filter.

use std::borrow::Cow;

use stance_core::exchange::Exchange;

use crate::dialect::{self, Route};
use crate::filter::Filter;
use crate::json::{Document, Edits};
use crate::take::{Echo, Form, Slot, Taker};
use crate::{Fault, Limits, model};

/// A body that was read: its exchange, and where its parts stand.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// What it says.
    pub exchange: Exchange,
    slots: Vec<Slot>,
    echoes: Vec<Echo>,
}

impl Reading {
    pub(crate) fn of(mut taker: Taker<'_>) -> Self {
        taker.close();
        Self {
            exchange: taker.exchange,
            slots: taker.slots,
            echoes: taker.echoes,
        }
    }

    /// A body of which nothing is judged.
    #[must_use]
    pub fn not_judged(what: &str) -> Self {
        let mut reading = Self::default();
        reading
            .exchange
            .unjudged
            .push(stance_core::exchange::Unjudged {
                pointer: String::new(),
                what: what.to_owned(),
            });
        reading
    }

    /// Gives every part to `filter`, in the order of the body, and writes the body with what the filter changed. The body
    /// is that which was read. Where nothing changed, it is the same bytes.
    pub fn rewrite<'b>(&self, body: &'b [u8], filter: &mut dyn Filter) -> Cow<'b, [u8]> {
        let edits = edits(&self.exchange, &self.slots, &self.echoes, filter);
        if edits.is_empty() {
            Cow::Borrowed(body)
        } else {
            Cow::Owned(edits.applied(body))
        }
    }
}

/// What `filter` changes of the parts of a document.
pub(crate) fn edits(
    exchange: &Exchange,
    slots: &[Slot],
    echoes: &[Echo],
    filter: &mut dyn Filter,
) -> Edits {
    if !exchange.tools.is_empty() {
        filter.offered(&exchange.tools);
    }
    let mut edits = Edits::default();
    let mut changed = Vec::new();
    for (at, (part, slot)) in exchange.parts.iter().zip(slots).enumerate() {
        let Some(with) = filter.part(part).filter(|with| *with != part.text) else {
            continue;
        };
        changed.push(at);
        replace(&mut edits, slot, &with);
    }
    for echo in echoes {
        if changed.iter().any(|at| echo.parts.contains(at)) {
            edits.replace(echo.span.clone(), echo.blank.into());
        }
    }
    edits
}

fn replace(edits: &mut Edits, slot: &Slot, with: &str) {
    let json =
        slot.form == Form::Json && Document::read(with.as_bytes(), &Limits::default()).is_ok();
    if json {
        edits.replace(slot.span.clone(), with.as_bytes().to_vec());
    } else {
        edits.replace_text(slot.span.clone(), with);
    }
}

/// Reads the body of a request.
///
/// # Errors
///
/// A body that is no JSON, or more of it than `limits` allow.
pub fn read_request(route: &Route, body: &[u8], limits: &Limits) -> Result<Reading, Fault> {
    let Some(shape) = dialect::of(route.operation) else {
        let mut reading = Reading::not_judged(route.operation.name());
        reading.exchange.model = route.model.clone().or_else(|| model::named(body, limits));
        return Ok(reading);
    };
    let document = Document::read(body, limits)?;
    let mut taker = Taker::new(&document, limits.unjudged);
    taker.exchange.model.clone_from(&route.model);
    taker.exchange.stream = route.stream.is_some();
    shape.request(document.root(), &mut taker);
    Ok(Reading::of(taker))
}

/// Reads the body of a whole answer.
///
/// # Errors
///
/// A body that is no JSON, or more of it than `limits` allow.
pub fn read_answer(route: &Route, body: &[u8], limits: &Limits) -> Result<Reading, Fault> {
    let Some(shape) = dialect::of(route.operation) else {
        return Ok(Reading::not_judged(route.operation.name()));
    };
    let document = Document::read(body, limits)?;
    let mut taker = Taker::new(&document, limits.unjudged);
    shape.answer(document.root(), &mut taker);
    Ok(Reading::of(taker))
}

/// The body of an answer that is refused, in the form in which clients of this dialect expect an error; its status is 403
/// and its `Content-Type` JSON. `message` is for the caller, and never has words of the exchange.
#[must_use]
pub fn refusal(route: &Route, message: &str) -> String {
    dialect::of(route.operation)
        .map_or_else(|| dialect::error(message), |shape| shape.error(message))
}

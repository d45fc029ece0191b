//! Spans (`trace.proto`).

use super::common;
use super::wire::{Field, Walk};
use crate::limits::{Budget, Refused};
use crate::otlp::{Event, Span, SpanId, TraceId};

/// A `Span`. Links are not kept.
pub(super) fn span<'a>(body: &'a [u8], budget: &mut Budget) -> Result<Span<'a>, Refused> {
    let mut span = Span::default();
    let mut walk = Walk::new(body);
    while let Some((number, field)) = walk.next()? {
        match (number, field) {
            (1, Field::Bytes(bytes)) => span.trace = TraceId::from_bytes(bytes),
            (2, Field::Bytes(bytes)) => span.id = SpanId::from_bytes(bytes),
            (4, Field::Bytes(bytes)) => span.parent = SpanId::from_bytes(bytes),
            (5, Field::Bytes(bytes)) => span.name = common::text(bytes),
            (7, Field::Fixed64(time)) => span.start = time,
            (8, Field::Fixed64(time)) => span.end = time,
            (9, Field::Bytes(bytes)) => common::attribute(bytes, budget, &mut span.attributes)?,
            (10 | 12, Field::Number(count)) => span.dropped = span.dropped.saturating_add(count),
            (11, Field::Bytes(bytes)) => span.events.push(event(bytes, budget)?),
            (15, Field::Bytes(bytes)) => status(bytes, &mut span)?,
            _ => {}
        }
    }
    Ok(span)
}

fn event<'a>(body: &'a [u8], budget: &mut Budget) -> Result<Event<'a>, Refused> {
    budget.value()?;
    let mut event = Event::default();
    let mut walk = Walk::new(body);
    while let Some((number, field)) = walk.next()? {
        match (number, field) {
            (1, Field::Fixed64(time)) => event.time = time,
            (2, Field::Bytes(bytes)) => event.name = common::text(bytes),
            (3, Field::Bytes(bytes)) => common::attribute(bytes, budget, &mut event.attributes)?,
            _ => {}
        }
    }
    Ok(event)
}

fn status<'a>(body: &'a [u8], span: &mut Span<'a>) -> Result<(), Refused> {
    let mut walk = Walk::new(body);
    while let Some((number, field)) = walk.next()? {
        match (number, field) {
            (2, Field::Bytes(bytes)) => span.message = common::text(bytes),
            // 1 is well, 2 is an error.
            (3, Field::Number(code)) => span.failed = code == 2,
            _ => {}
        }
    }
    Ok(())
}

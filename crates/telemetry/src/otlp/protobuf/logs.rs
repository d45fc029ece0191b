//! Log records (`logs.proto`).

use super::common;
use super::wire::{Field, Walk};
use crate::limits::{Budget, Refused};
use crate::otlp::{LogRecord, SpanId, TraceId};

/// A `LogRecord`.
pub(super) fn record<'a>(body: &'a [u8], budget: &mut Budget) -> Result<LogRecord<'a>, Refused> {
    let mut record = LogRecord::default();
    let mut observed = 0;
    let mut walk = Walk::new(body);
    while let Some((number, field)) = walk.next()? {
        match (number, field) {
            (1, Field::Fixed64(time)) => record.time = time,
            (11, Field::Fixed64(time)) => observed = time,
            (5, Field::Bytes(bytes)) => record.body = common::value(bytes, budget)?,
            (6, Field::Bytes(bytes)) => common::attribute(bytes, budget, &mut record.attributes)?,
            (7, Field::Number(count)) => record.dropped = count,
            (9, Field::Bytes(bytes)) => record.trace = TraceId::from_bytes(bytes),
            (10, Field::Bytes(bytes)) => record.span = SpanId::from_bytes(bytes),
            (12, Field::Bytes(bytes)) => record.event = common::text(bytes),
            _ => {}
        }
    }
    if record.time == 0 {
        record.time = observed;
    }
    Ok(record)
}

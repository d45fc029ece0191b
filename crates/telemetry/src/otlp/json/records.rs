//! Spans and log records.

use super::common::{any, attributes, field, list, number, text};
use crate::base64;
use crate::limits::{Budget, Refused};
use crate::otlp::{Event, LogRecord, Span, SpanId, TraceId};
use crate::value::Value;

pub(super) fn span<'a>(mut sent: Value<'a>, _: &mut Budget) -> Result<Option<Span<'a>>, Refused> {
    if !matches!(sent, Value::Map(_)) {
        return Ok(None);
    }
    let sent = &mut sent;
    let mut status = field(sent, ["status", "status"]);
    let code = field(&mut status, ["code", "code"]);
    let dropped = number(sent, ["droppedAttributesCount", "dropped_attributes_count"]);
    let dropped_events = number(sent, ["droppedEventsCount", "dropped_events_count"]);
    Ok(Some(Span {
        trace: trace(&field(sent, ["traceId", "trace_id"])),
        id: span_id(&field(sent, ["spanId", "span_id"])),
        parent: span_id(&field(sent, ["parentSpanId", "parent_span_id"])),
        name: text(sent, ["name", "name"]),
        start: number(sent, ["startTimeUnixNano", "start_time_unix_nano"]),
        end: number(sent, ["endTimeUnixNano", "end_time_unix_nano"]),
        attributes: attributes(sent),
        events: list(sent, ["events", "events"])
            .into_iter()
            .map(event)
            .collect(),
        failed: code.count() == Some(2) || code.text() == Some("STATUS_CODE_ERROR"),
        message: text(&mut status, ["message", "message"]),
        dropped: dropped.saturating_add(dropped_events),
    }))
}

fn event(mut sent: Value<'_>) -> Event<'_> {
    let sent = &mut sent;
    Event {
        time: number(sent, ["timeUnixNano", "time_unix_nano"]),
        name: text(sent, ["name", "name"]),
        attributes: attributes(sent),
    }
}

pub(super) fn log_record<'a>(
    mut sent: Value<'a>,
    _: &mut Budget,
) -> Result<Option<LogRecord<'a>>, Refused> {
    if !matches!(sent, Value::Map(_)) {
        return Ok(None);
    }
    let sent = &mut sent;
    let mut time = number(sent, ["timeUnixNano", "time_unix_nano"]);
    if time == 0 {
        time = number(sent, ["observedTimeUnixNano", "observed_time_unix_nano"]);
    }
    Ok(Some(LogRecord {
        time,
        event: text(sent, ["eventName", "event_name"]),
        body: any(field(sent, ["body", "body"])),
        attributes: attributes(sent),
        trace: trace(&field(sent, ["traceId", "trace_id"])),
        span: span_id(&field(sent, ["spanId", "span_id"])),
        dropped: number(sent, ["droppedAttributesCount", "dropped_attributes_count"]),
    }))
}

/// An id in hexadecimal digits, or in base64 as those write it who use protobuf's own mapping.
fn trace(value: &Value<'_>) -> Option<TraceId> {
    let text = value.text()?;
    TraceId::from_hex(text).or_else(|| TraceId::from_bytes(&base64::decode(text)?))
}

fn span_id(value: &Value<'_>) -> Option<SpanId> {
    let text = value.text()?;
    SpanId::from_hex(text).or_else(|| SpanId::from_bytes(&base64::decode(text)?))
}

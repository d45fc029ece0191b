//! OTLP in protobuf.
//!
//! The wire format is walked by a reader of its own: that of `stance_read` walks files in windows and copies what it
//! reads, this one has the whole body and borrows. Unknown fields are skipped, numbers of fields are those of the
//! protocol's definitions.

mod common;
mod logs;
mod metrics;
mod trace;
mod wire;

use super::{Export, Group, LogRecord, Metric, Scope, Span};
use crate::attributes::Attributes;
use crate::limits::{Budget, Limits, Refused};
use wire::{Field, Walk};

/// Reads an `ExportTraceServiceRequest`.
///
/// # Errors
///
/// When it is no protobuf, or crosses a limit.
pub fn traces(body: &[u8], limits: Limits) -> Result<Export<'_, Span<'_>>, Refused> {
    export(body, limits, trace::span)
}

/// Reads an `ExportLogsServiceRequest`.
///
/// # Errors
///
/// When it is no protobuf, or crosses a limit.
pub fn logs(body: &[u8], limits: Limits) -> Result<Export<'_, LogRecord<'_>>, Refused> {
    export(body, limits, logs::record)
}

/// Reads an `ExportMetricsServiceRequest`.
///
/// # Errors
///
/// When it is no protobuf, or crosses a limit.
pub fn metrics(body: &[u8], limits: Limits) -> Result<Export<'_, Metric<'_>>, Refused> {
    export(body, limits, metrics::metric)
}

/// How one kind of record is read.
type Read<'a, R> = fn(&'a [u8], &mut Budget) -> Result<R, Refused>;

/// The envelope is the same for all three signals: field 1 of the request are the groups.
fn export<'a, R>(
    body: &'a [u8],
    limits: Limits,
    read: Read<'a, R>,
) -> Result<Export<'a, R>, Refused> {
    let mut budget = Budget::new(limits);
    budget.admit(body.len())?;
    let mut export = Export::default();
    let mut walk = Walk::new(body);
    while let Some((number, field)) = walk.next()? {
        if let (1, Field::Bytes(bytes)) = (number, field) {
            budget.value()?;
            let group = group(bytes, &mut budget, read, &mut export)?;
            export.groups.push(group);
        }
    }
    Ok(export)
}

fn group<'a, R>(
    body: &'a [u8],
    budget: &mut Budget,
    read: Read<'a, R>,
    export: &mut Export<'a, R>,
) -> Result<Group<'a, R>, Refused> {
    let mut group = Group::default();
    let mut walk = Walk::new(body);
    while let Some((number, field)) = walk.next()? {
        match (number, field) {
            (1, Field::Bytes(bytes)) => group.resource = resource(bytes, budget)?,
            (2, Field::Bytes(bytes)) => {
                budget.value()?;
                let scope = scope(bytes, budget, read, export)?;
                group.scopes.push(scope);
            }
            _ => {}
        }
    }
    Ok(group)
}

fn resource<'a>(body: &'a [u8], budget: &mut Budget) -> Result<Attributes<'a>, Refused> {
    let mut attributes = Attributes::default();
    let mut walk = Walk::new(body);
    while let Some((number, field)) = walk.next()? {
        if let (1, Field::Bytes(bytes)) = (number, field) {
            common::attribute(bytes, budget, &mut attributes)?;
        }
    }
    Ok(attributes)
}

fn scope<'a, R>(
    body: &'a [u8],
    budget: &mut Budget,
    read: Read<'a, R>,
    export: &mut Export<'a, R>,
) -> Result<Scope<'a, R>, Refused> {
    let mut scope = Scope::default();
    let mut walk = Walk::new(body);
    while let Some((number, field)) = walk.next()? {
        match (number, field) {
            (1, Field::Bytes(bytes)) => {
                let mut library = Walk::new(bytes);
                while let Some((number, field)) = library.next()? {
                    match (number, field) {
                        (1, Field::Bytes(text)) => scope.name = common::text(text),
                        (2, Field::Bytes(text)) => scope.version = common::text(text),
                        _ => {}
                    }
                }
            }
            (2, Field::Bytes(bytes)) => {
                budget.record()?;
                let depth = budget.depth();
                match read(bytes, budget) {
                    Ok(record) => scope.records.push(record),
                    // One bad record is not the fault of the others; the limits of the whole body are.
                    Err(why @ (Refused::Malformed { .. } | Refused::TooDeep(_))) => {
                        budget.set_depth(depth);
                        export.rejected.add(&why);
                    }
                    Err(why) => return Err(why),
                }
            }
            _ => {}
        }
    }
    Ok(scope)
}

//! OTLP in JSON: the JSON mapping of protobuf with ids in hexadecimal digits.
//!
//! Names in `camelCase`, and in `snake_case` as some senders have them; numbers of 64 bits as text or number; enumerations
//! as number or name. See `docs/specification.md` of `opentelemetry-proto`, "JSON Protobuf Encoding".

mod common;
mod metrics;
mod records;

use super::{Export, Group, LogRecord, Metric, Scope, Span};
use crate::json;
use crate::limits::{Budget, Limits, Refused};
use crate::value::Value;
use common::{field, list, text};

/// Reads an `ExportTraceServiceRequest`.
///
/// # Errors
///
/// When it is no JSON, or crosses a limit.
pub fn traces(body: &[u8], limits: Limits) -> Result<Export<'_, Span<'_>>, Refused> {
    const NAMES: Names = Names {
        groups: ["resourceSpans", "resource_spans"],
        scopes: ["scopeSpans", "scope_spans"],
        records: ["spans", "spans"],
    };
    export(body, limits, &NAMES, records::span)
}

/// Reads an `ExportLogsServiceRequest`.
///
/// # Errors
///
/// When it is no JSON, or crosses a limit.
pub fn logs(body: &[u8], limits: Limits) -> Result<Export<'_, LogRecord<'_>>, Refused> {
    const NAMES: Names = Names {
        groups: ["resourceLogs", "resource_logs"],
        scopes: ["scopeLogs", "scope_logs"],
        records: ["logRecords", "log_records"],
    };
    export(body, limits, &NAMES, records::log_record)
}

/// Reads an `ExportMetricsServiceRequest`.
///
/// # Errors
///
/// When it is no JSON, or crosses a limit.
pub fn metrics(body: &[u8], limits: Limits) -> Result<Export<'_, Metric<'_>>, Refused> {
    const NAMES: Names = Names {
        groups: ["resourceMetrics", "resource_metrics"],
        scopes: ["scopeMetrics", "scope_metrics"],
        records: ["metrics", "metrics"],
    };
    export(body, limits, &NAMES, metrics::metric)
}

struct Names {
    groups: [&'static str; 2],
    scopes: [&'static str; 2],
    records: [&'static str; 2],
}

/// How one kind of record is read; `None` when it is none.
type Read<'a, R> = fn(Value<'a>, &mut Budget) -> Result<Option<R>, Refused>;

fn export<'a, R>(
    body: &'a [u8],
    limits: Limits,
    names: &Names,
    read: Read<'a, R>,
) -> Result<Export<'a, R>, Refused> {
    let mut budget = Budget::new(limits);
    budget.admit(body.len())?;
    let mut document = json::parse_within(body, &mut budget)?;
    if !matches!(document, Value::Map(_)) {
        return Err(Refused::Malformed {
            what: "OTLP in JSON",
            at: 0,
        });
    }
    let mut export = Export::default();
    for mut sent in list(&mut document, names.groups) {
        let mut resource = field(&mut sent, ["resource", "resource"]);
        let mut group = Group {
            resource: common::attributes(&mut resource),
            scopes: Vec::new(),
        };
        for mut sent in list(&mut sent, names.scopes) {
            let mut library = field(&mut sent, ["scope", "scope"]);
            let mut scope = Scope {
                name: text(&mut library, ["name", "name"]),
                version: text(&mut library, ["version", "version"]),
                records: Vec::new(),
            };
            for record in list(&mut sent, names.records) {
                budget.record()?;
                match read(record, &mut budget)? {
                    Some(record) => scope.records.push(record),
                    None => export.rejected.add(&"it is no record of OTLP"),
                }
            }
            group.scopes.push(scope);
        }
        export.groups.push(group);
    }
    Ok(export)
}

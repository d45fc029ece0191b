//! Metrics.

use super::common::{attributes, double, field, list, number, text};
use crate::limits::{Budget, Refused};
use crate::otlp::{Metric, Point, Temporality};
use crate::value::Value;

/// Gauge, sum, histogram, exponential histogram, summary; only the first two have a number for each point.
const KINDS: [([&str; 2], bool); 5] = [
    (["gauge", "gauge"], true),
    (["sum", "sum"], true),
    (["histogram", "histogram"], false),
    (["exponentialHistogram", "exponential_histogram"], false),
    (["summary", "summary"], false),
];

pub(super) fn metric<'a>(
    mut sent: Value<'a>,
    budget: &mut Budget,
) -> Result<Option<Metric<'a>>, Refused> {
    if !matches!(sent, Value::Map(_)) {
        return Ok(None);
    }
    let sent = &mut sent;
    let mut metric = Metric {
        name: text(sent, ["name", "name"]),
        unit: text(sent, ["unit", "unit"]),
        ..Metric::default()
    };
    for (names, by_itself) in KINDS {
        let mut data = field(sent, names);
        if data == Value::Null {
            continue;
        }
        let kind = field(
            &mut data,
            ["aggregationTemporality", "aggregation_temporality"],
        );
        metric.temporality = match (kind.count(), kind.text()) {
            (Some(1), _) | (_, Some("AGGREGATION_TEMPORALITY_DELTA")) => Temporality::Delta,
            (Some(2), _) | (_, Some("AGGREGATION_TEMPORALITY_CUMULATIVE")) => {
                Temporality::Cumulative
            }
            _ => Temporality::Unspecified,
        };
        for sent in list(&mut data, ["dataPoints", "data_points"]) {
            budget.record()?;
            metric.points.push(point(sent, by_itself));
        }
    }
    Ok(Some(metric))
}

fn point(mut sent: Value<'_>, by_itself: bool) -> Point<'_> {
    let sent = &mut sent;
    let mut point = Point {
        attributes: attributes(sent),
        start: number(sent, ["startTimeUnixNano", "start_time_unix_nano"]),
        time: number(sent, ["timeUnixNano", "time_unix_nano"]),
        ..Point::default()
    };
    if by_itself {
        point.count = 1;
        let whole = field(sent, ["asInt", "as_int"]);
        let number = double(&field(sent, ["asDouble", "as_double"]));
        point.sum = whole.number().or(match number {
            Value::Float(number) => Some(number),
            _ => None,
        });
    } else {
        point.count = number(sent, ["count", "count"]);
        point.sum = match double(&field(sent, ["sum", "sum"])) {
            Value::Float(number) => Some(number),
            _ => None,
        };
    }
    point
}

//! Metrics (`metrics.proto`).

use super::common;
use super::wire::{Field, Walk};
use crate::limits::{Budget, Refused};
use crate::otlp::{Metric, Point, Temporality};

/// A `Metric`.
pub(super) fn metric<'a>(body: &'a [u8], budget: &mut Budget) -> Result<Metric<'a>, Refused> {
    let mut metric = Metric::default();
    let mut walk = Walk::new(body);
    while let Some((number, field)) = walk.next()? {
        match (number, field) {
            (1, Field::Bytes(bytes)) => metric.name = common::text(bytes),
            (3, Field::Bytes(bytes)) => metric.unit = common::text(bytes),
            // Gauge, sum, histogram, exponential histogram, summary: their points are field 1 in all of them.
            (5 | 7, Field::Bytes(bytes)) => data(bytes, budget, &mut metric, number_point)?,
            (9, Field::Bytes(bytes)) => data(bytes, budget, &mut metric, histogram_point)?,
            (10, Field::Bytes(bytes)) => data(bytes, budget, &mut metric, exponential_point)?,
            (11, Field::Bytes(bytes)) => data(bytes, budget, &mut metric, summary_point)?,
            _ => {}
        }
    }
    Ok(metric)
}

type Read<'a> = fn(&'a [u8], &mut Budget) -> Result<Point<'a>, Refused>;

fn data<'a>(
    body: &'a [u8],
    budget: &mut Budget,
    metric: &mut Metric<'a>,
    read: Read<'a>,
) -> Result<(), Refused> {
    let mut walk = Walk::new(body);
    while let Some((number, field)) = walk.next()? {
        match (number, field) {
            (1, Field::Bytes(bytes)) => {
                budget.record()?;
                metric.points.push(read(bytes, budget)?);
            }
            (2, Field::Number(number)) => metric.temporality = temporality(number),
            _ => {}
        }
    }
    Ok(())
}

const fn temporality(number: u64) -> Temporality {
    match number {
        1 => Temporality::Delta,
        2 => Temporality::Cumulative,
        _ => Temporality::Unspecified,
    }
}

/// A `NumberDataPoint`.
fn number_point<'a>(body: &'a [u8], budget: &mut Budget) -> Result<Point<'a>, Refused> {
    let mut point = Point {
        count: 1,
        ..Point::default()
    };
    let mut walk = Walk::new(body);
    while let Some((number, field)) = walk.next()? {
        match (number, field) {
            (2, Field::Fixed64(time)) => point.start = time,
            (3, Field::Fixed64(time)) => point.time = time,
            (4, Field::Fixed64(bits)) => point.sum = Some(f64::from_bits(bits)),
            #[expect(
                clippy::cast_precision_loss,
                reason = "above 2^53 the last digits do not matter"
            )]
            (6, Field::Fixed64(bits)) => point.sum = Some(bits.cast_signed() as f64),
            (7, Field::Bytes(bytes)) => common::attribute(bytes, budget, &mut point.attributes)?,
            _ => {}
        }
    }
    Ok(point)
}

/// A `HistogramDataPoint`.
fn histogram_point<'a>(body: &'a [u8], budget: &mut Budget) -> Result<Point<'a>, Refused> {
    counted(body, budget, 9)
}

/// An `ExponentialHistogramDataPoint`.
fn exponential_point<'a>(body: &'a [u8], budget: &mut Budget) -> Result<Point<'a>, Refused> {
    counted(body, budget, 1)
}

/// A `SummaryDataPoint`.
fn summary_point<'a>(body: &'a [u8], budget: &mut Budget) -> Result<Point<'a>, Refused> {
    counted(body, budget, 7)
}

/// These three differ, for what is kept, in the number of their attributes.
fn counted<'a>(body: &'a [u8], budget: &mut Budget, attributes: u32) -> Result<Point<'a>, Refused> {
    let mut point = Point::default();
    let mut walk = Walk::new(body);
    while let Some((number, field)) = walk.next()? {
        match (number, field) {
            (2, Field::Fixed64(time)) => point.start = time,
            (3, Field::Fixed64(time)) => point.time = time,
            (4, Field::Fixed64(count)) => point.count = count,
            (5, Field::Fixed64(bits)) => point.sum = Some(f64::from_bits(bits)),
            (number, Field::Bytes(bytes)) if number == attributes => {
                common::attribute(bytes, budget, &mut point.attributes)?;
            }
            _ => {}
        }
    }
    Ok(point)
}

//! Metrics, as far as sums and counts: buckets and quantiles are not kept.

use std::borrow::Cow;

use crate::attributes::Attributes;

/// What the numbers of a metric count from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Temporality {
    /// Not told, or not a matter of time.
    #[default]
    Unspecified,
    /// From the last report on.
    Delta,
    /// From the start of the process on.
    Cumulative,
}

/// A metric and its points.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metric<'a> {
    /// Its name.
    pub name: Cow<'a, str>,
    /// Its unit.
    pub unit: Cow<'a, str>,
    /// What its numbers count from.
    pub temporality: Temporality,
    /// Its points, one for each set of attributes.
    pub points: Vec<Point<'a>>,
}

/// One point: a number, or the count and the sum of many.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Point<'a> {
    /// What it is about.
    pub attributes: Attributes<'a>,
    /// What it counts from, in nanoseconds since 1970.
    pub start: u64,
    /// When it was taken.
    pub time: u64,
    /// How many numbers it adds up; 1 for a number by itself.
    pub count: u64,
    /// Their sum; `None` where it is not told.
    pub sum: Option<f64>,
}

//! What systems tell in totals: points of metrics.

use jiff::Timestamp;

/// What a point counts, and in which unit its sum is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Tokens of requests.
    TokensIn,
    /// Tokens of answers.
    TokensOut,
    /// Calls as whoever made them saw it; the sum is how long they took, in microseconds.
    Calls,
    /// Calls as whoever answered them saw it; likewise.
    Served,
    /// How long first tokens took, in microseconds.
    FirstToken,
    /// Cost in millionths of a US dollar.
    Cost,
}

/// One point of a metric. It is about many calls, which may also be told one by one: it is never added to those.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// What names the series of points that it belongs to: who sends, which metric, which attributes, since when.
    pub series: String,
    /// What sent it.
    pub service: String,
    /// The model.
    pub model: Option<String>,
    /// What was done.
    pub operation: String,
    /// What it counts.
    pub measure: Measure,
    /// Whether it is about calls that failed.
    pub failed: bool,
    /// How many.
    pub count: u64,
    /// Their sum, in the unit of the measure.
    pub sum: u64,
    /// Whether it counts all since `since`, or else what came after the point before.
    pub cumulative: bool,
    /// Since when it counts.
    pub since: Option<Timestamp>,
    /// When it was taken.
    pub at: Timestamp,
}

//! What passed at run time: interactions that are over, running sums of them, and what rules found in them.
//!
//! Lists are read by index and in slices, figures from running sums: neither grows with what was kept before. Sums outlive
//! the interactions that they count.

mod detections;
mod list;
mod measured;
mod sums;

use stance_core::traffic::{Measured, Seen};

pub use detections::{Detection, DetectionQuery, Met};
pub use list::{SeenFilter, SeenQuery, SeenRow, SeenSlice};
pub use measured::MeasuredSums;
pub use sums::{By, Latency, Span, Step, Sums, Top, TrafficStep};

use crate::{Counted, Result};

/// Most interactions of one [`Traffic::keep`].
pub const BATCH: usize = 1_000;

/// Most points of metrics of one [`Traffic::measure`].
pub const BATCH_MEASURED: usize = 50_000;

/// Most bytes of what names an interaction.
pub const LONGEST_ID: usize = 200;

/// Most bytes of a name by which interactions are counted and found: an identity, a model, a tool. Of longer ones the
/// beginning counts.
pub const LONGEST_NAME: usize = 200;

/// How much is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrafficSize {
    /// Interactions.
    pub rows: u64,
    /// Counts up with every interaction that is kept and never down: whoever saw another number has not seen all.
    pub counter: u64,
    /// When the oldest of them began.
    pub oldest: Option<jiff::Timestamp>,
}

/// Keeping what passed, and asking about it.
pub trait Traffic {
    /// Keeps interactions and counts them, all or none; gives how many of them are new. One whose id is known already
    /// changes nothing. Of an exchange that a gateway tells and an application too, known by the id of its answer, the gateway's
    /// account is kept, whichever comes first. At most [`BATCH`] at once. When more are kept than the settings of retention allow, the oldest go.
    ///
    /// Words are kept where pieces have them, apart from the rest: whoever must not keep them gives none.
    ///
    /// # Errors
    ///
    /// [`crate::StoreError::Refused`] when there are too many of them or an id is empty or too long
    /// ([`LONGEST_ID`]), or when the database cannot be written.
    fn keep(&mut self, seen: &[Seen]) -> Result<usize>;

    /// One interaction, by what names it.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn seen(&self, id: &str) -> Result<Option<Seen>>;

    /// Some interactions, the newest first. A filter that fits few of very many is answered in steps: see
    /// [`SeenSlice::looked`].
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn seen_list(&self, query: &SeenQuery) -> Result<SeenSlice>;

    /// How many interactions fit a filter, counted up to `most`; fewer where enough was looked at.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn count_seen(&self, filter: &SeenFilter, most: u64) -> Result<Counted>;

    /// The sums of each step of a span, empty ones too, the oldest first. The span is widened to whole steps; at most
    /// [`Span::STEPS`] of them, the newest.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn traffic_sums(&self, span: Span, step: Step) -> Result<Vec<TrafficStep>>;

    /// The sums of a span, widened to whole minutes; whole hours where minutes are not kept any more.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn traffic_total(&self, span: Span) -> Result<TrafficStep>;

    /// The names with most requests of a span, the most first, `n` at most. Rules are ordered by what they stopped first.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn traffic_top(&self, by: By, span: Span, n: usize) -> Result<Vec<Top>>;

    /// What rules found in a span: one for each rule, the one that stopped and found most first, with whom and which models
    /// it was about and some examples.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn detections(&self, query: &DetectionQuery) -> Result<Vec<Detection>>;

    /// Names of one kind that interactions have, in their order, which contain a text; `n` at most.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn traffic_names(&self, by: By, text: &str, n: usize) -> Result<Vec<String>>;

    /// Adds points of metrics to what is told in totals, all or none; gives how many counted. A point that comes again, or is older
    /// than one of its series, counts nothing. Of one that counts from a beginning, only what was added since the last counts;
    /// the first one of a series counts where it began within an hour.
    ///
    /// # Errors
    ///
    /// [`crate::StoreError::Refused`] for more than [`BATCH_MEASURED`] or a series that is not named in hexadecimal, or when the
    /// database cannot be written.
    fn measure(&mut self, points: &[Measured]) -> Result<usize>;

    /// What was told in totals in a span, widened to whole minutes (whole hours where minutes are not kept any more), by service,
    /// model and operation, the most calls first, `n` at most.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn measured(&self, span: Span, n: usize) -> Result<Vec<MeasuredSums>>;

    /// How much is kept.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn traffic_size(&self) -> Result<TrafficSize>;

    /// Holds interactions of which more may come, each as it is known by now, in place of what was held of it before. They
    /// are in no list and no sum.
    ///
    /// # Errors
    ///
    /// [`crate::StoreError::Refused`] when an id is empty or too long, or when the database cannot be written.
    fn hold_seen(&mut self, seen: &[Seen]) -> Result<()>;

    /// Those of these ids wait no longer.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn end_waiting(&mut self, ids: &[&str]) -> Result<()>;

    /// Keeps the first of those that wait as they are known, [`BATCH`] at most; gives how many there were. For what an
    /// earlier process left.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn release_seen(&mut self) -> Result<usize>;

    /// Removes at most so many of the oldest interactions as long as there are more than `rows`; gives how many. Fewer than
    /// `most`: that was all.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn forget_beyond(&mut self, rows: u64, most: usize) -> Result<usize>;
}

//! Figures by which an organisation steers: what they were day by day, what is aimed for, and until when findings have
//! to be fixed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use stance_core::due::Deadlines;
use stance_core::kpi::{Inputs, Remediation};
use stance_core::{Severity, kpi};

use super::FindingNumber;
use crate::Result;

/// A day on which the figures were measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MeasuredDay {
    /// The day, UTC.
    pub day: Date,
    /// When on that day they were measured last.
    pub at: Timestamp,
    /// How long fixing took, by severity.
    pub remediation: BTreeMap<Severity, Remediation>,
}

/// What a figure was on a day.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DayMeasure {
    /// The figure, by its name in [`stance_core::kpi::KPIS`].
    pub kpi: String,
    /// The day, UTC.
    pub day: Date,
    /// The value in the unit of the figure; `None` where it was not known.
    pub value: Option<f64>,
}

/// What an organisation aims for with a figure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Aim {
    /// What is aimed for; `None` for nothing.
    pub target: Option<f64>,
    /// What must not be missed; `None` for nothing.
    pub threshold: Option<f64>,
}

/// How far the due dates of open findings were worked out anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redated {
    /// The last finding that was looked at; `None` when there was none left.
    pub last: Option<FindingNumber>,
    /// How many got another due date.
    pub changed: u64,
}

/// What the organisation measures itself by.
pub trait Objectives {
    /// What the figures are made of now; those of a period are about the time since `since`. Controls, and what was
    /// stopped at run time, are not known here. Nothing is known before a source was looked at.
    ///
    /// The cost grows with the number of scans, not with what they found, but for counts that read one index: it is
    /// for a job, not for a request.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn kpi_inputs(&self, since: Timestamp, now: Timestamp) -> Result<Inputs>;

    /// Keeps what the figures are; a second measure of a day (UTC) takes the place of the first.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn record_measures(
        &mut self,
        at: Timestamp,
        measures: &[kpi::Measure],
        remediation: &BTreeMap<Severity, Remediation>,
    ) -> Result<()>;

    /// The last day up to `today` on which the figures were measured.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn measured(&self, today: Date) -> Result<Option<MeasuredDay>>;

    /// What one figure, or each, was on the days from `from` to `to`, by figure, the oldest first. Days without a
    /// measure are not there.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn measures(&self, kpi: Option<&str>, from: Date, to: Date) -> Result<Vec<DayMeasure>>;

    /// What the organisation aims for, where that is not the default.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn aims(&self) -> Result<BTreeMap<String, Aim>>;

    /// Sets what is aimed for with a figure; `None` goes back to the default.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn set_aim(&mut self, kpi: &str, aim: Option<Aim>) -> Result<()>;

    /// Days until findings have to be fixed.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn deadlines(&self) -> Result<Deadlines>;

    /// Sets days until findings have to be fixed. Findings that open from now on follow them; those that are open do
    /// once [`Objectives::redate`] has gone through them.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn set_deadlines(&mut self, deadlines: &Deadlines) -> Result<()>;

    /// Works out anew when the next `most` open findings after this one are due, by the deadlines as they are set and
    /// since when each is open. Done again, it changes nothing.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn redate(&mut self, after: FindingNumber, most: usize) -> Result<Redated>;
}

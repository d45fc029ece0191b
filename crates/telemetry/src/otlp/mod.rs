//! OTLP, the protocol of OpenTelemetry: spans, log records and metrics, in protobuf and JSON.
//!
//! Facts from the protocol's own definitions, `opentelemetry-proto` (1.x: `trace.proto`, `logs.proto`, `metrics.proto`,
//! `common.proto`, `resource.proto`) and its `docs/specification.md`. What comes is read into one model that borrows from
//! the body. A record that cannot be read is rejected alone; the answer of [`answer`] tells the sender how many.

pub mod answer;
pub mod grpc;
mod ids;
pub mod json;
mod metrics;
pub mod protobuf;

use std::borrow::Cow;

pub use ids::{SpanId, TraceId};
pub use metrics::{Metric, Point, Temporality};

use crate::attributes::Attributes;
use crate::value::Value;

/// One request of an exporter: records, grouped by what sent them.
#[derive(Clone, Debug, PartialEq)]
pub struct Export<'a, R> {
    /// The groups, one for each resource.
    pub groups: Vec<Group<'a, R>>,
    /// What of it was not taken.
    pub rejected: Rejected,
}

impl<R> Default for Export<'_, R> {
    fn default() -> Self {
        Self {
            groups: Vec::new(),
            rejected: Rejected::default(),
        }
    }
}

impl<R> Export<'_, R> {
    /// How many records it has.
    #[must_use]
    pub fn len(&self) -> usize {
        let scopes = self.groups.iter().flat_map(|group| &group.scopes);
        scopes.map(|scope| scope.records.len()).sum()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Records that were not taken, and why the first was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rejected {
    /// How many.
    pub count: u64,
    /// Why the first one was not taken; empty when all were.
    pub reason: String,
}

impl Rejected {
    pub(crate) fn add(&mut self, why: &dyn std::fmt::Display) {
        if self.count == 0 {
            self.reason = why.to_string();
        }
        self.count = self.count.saturating_add(1);
    }
}

/// The records of one resource: a process, a container, a function.
#[derive(Clone, Debug, PartialEq)]
pub struct Group<'a, R> {
    /// What it says about itself: `service.name`, `deployment.environment.name` and others.
    pub resource: Attributes<'a>,
    /// Its records, one group for each library that made them.
    pub scopes: Vec<Scope<'a, R>>,
}

impl<R> Default for Group<'_, R> {
    fn default() -> Self {
        Self {
            resource: Attributes::default(),
            scopes: Vec::new(),
        }
    }
}

/// The records that one library made.
#[derive(Clone, Debug, PartialEq)]
pub struct Scope<'a, R> {
    /// The name of the library.
    pub name: Cow<'a, str>,
    /// Its version.
    pub version: Cow<'a, str>,
    /// The records.
    pub records: Vec<R>,
}

impl<R> Default for Scope<'_, R> {
    fn default() -> Self {
        Self {
            name: Cow::Borrowed(""),
            version: Cow::Borrowed(""),
            records: Vec::new(),
        }
    }
}

/// One thing that was done, with its start and its end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Span<'a> {
    /// The trace it belongs to.
    pub trace: Option<TraceId>,
    /// Its own id.
    pub id: Option<SpanId>,
    /// The span in which it was done.
    pub parent: Option<SpanId>,
    /// Its name.
    pub name: Cow<'a, str>,
    /// When it began, in nanoseconds since 1970.
    pub start: u64,
    /// When it ended.
    pub end: u64,
    /// What is known about it.
    pub attributes: Attributes<'a>,
    /// What happened within it.
    pub events: Vec<Event<'a>>,
    /// Whether it failed.
    pub failed: bool,
    /// What is said about the failure.
    pub message: Cow<'a, str>,
    /// How many attributes and events the sender left out.
    pub dropped: u64,
}

/// Something that happened within a span.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Event<'a> {
    /// When, in nanoseconds since 1970.
    pub time: u64,
    /// What.
    pub name: Cow<'a, str>,
    /// What is known about it.
    pub attributes: Attributes<'a>,
}

/// An entry of a log, or an event that belongs to a span.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogRecord<'a> {
    /// When, in nanoseconds since 1970.
    pub time: u64,
    /// The name of the event, where it is one.
    pub event: Cow<'a, str>,
    /// What it says.
    pub body: Value<'a>,
    /// What is known about it.
    pub attributes: Attributes<'a>,
    /// The trace it belongs to.
    pub trace: Option<TraceId>,
    /// The span it belongs to.
    pub span: Option<SpanId>,
    /// How many attributes the sender left out.
    pub dropped: u64,
}

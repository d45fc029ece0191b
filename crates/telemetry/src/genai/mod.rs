//! Spans, log records and metrics in the GenAI dialects, to interactions.
//!
//! Sources: OpenTelemetry's GenAI conventions in both their forms (`semantic-conventions` up to 1.41 and
//! `semantic-conventions-genai`), those for the Model Context Protocol, OpenLLMetry's `semconv_ai` and OpenInference's
//! `spec/semantic_conventions.md`. One record often speaks several dialects at once; each fact, and the words of each side,
//! are taken from the first of them that has it, so that nothing is doubled. What speaks none is counted and passed by.

mod content;
mod evaluation;
mod events;
mod facts;
mod failure;
mod fold;
mod marks;
mod metrics;
mod operation;

pub use metrics::{Measure, Measures, metrics};

use jiff::Timestamp;

use crate::attributes::Attributes;
use crate::interaction::{Dialect, Interaction, Service};
use crate::limits::Limits;
use crate::otlp::{Event, Export, LogRecord, Rejected, Scope, Span};
use marks::Marks;

/// What was read from one request of an exporter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Read {
    /// The interactions, in the order in which their records came.
    pub interactions: Vec<Interaction>,
    /// How many records have nothing to do with models, agents and tools.
    pub passed: u64,
    /// How many records told an interaction again that another one tells, and were folded into it.
    pub folded: u64,
    /// What was not taken.
    pub rejected: Rejected,
}

/// A span or an event, as far as facts are taken from it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'s, 'a> {
    attributes: &'s Attributes<'a>,
    events: &'s [Event<'a>],
    /// The library that made it.
    library: &'s str,
    limits: Limits,
}

/// Reads spans.
#[must_use]
pub fn traces(export: &Export<'_, Span<'_>>, limits: Limits) -> Read {
    let mut read = Read {
        rejected: export.rejected.clone(),
        ..Read::default()
    };
    for group in &export.groups {
        let service = facts::service(&group.resource);
        let mut found = Vec::new();
        for scope in &group.scopes {
            for span in &scope.records {
                if fold::is_echo(&scope.name, &span.name) {
                    read.folded = read.folded.saturating_add(1);
                    continue;
                }
                match self::span(span, scope, &service, limits) {
                    Some(interaction) => found.push(interaction),
                    None => read.passed = read.passed.saturating_add(1),
                }
            }
        }
        let before = found.len();
        let kept = fold::fold(found);
        let folded = u64::try_from(before.saturating_sub(kept.len())).unwrap_or(u64::MAX);
        read.folded = read.folded.saturating_add(folded);
        read.interactions.extend(kept);
    }
    read
}

fn span(
    span: &Span<'_>,
    scope: &Scope<'_, Span<'_>>,
    service: &Service,
    limits: Limits,
) -> Option<Interaction> {
    let source = Source {
        attributes: &span.attributes,
        events: &span.events,
        library: &scope.name,
        limits,
    };
    let mut interaction = interaction(&source, service)?;
    // Where there is no logger, the event that tells the operation is one of the span.
    for event in span
        .events
        .iter()
        .filter(|event| event.name == events::DETAILS)
    {
        let details = Source {
            attributes: &event.attributes,
            events: &[],
            ..source
        };
        if let Some(details) = self::interaction(&details, service) {
            interaction.fill(details);
        }
    }
    interaction.trace = span.trace;
    interaction.span = span.id;
    interaction.parent = span.parent;
    interaction.name = span.name.clone().into_owned();
    interaction.start = time(span.start);
    let duration = span.end.checked_sub(span.start).filter(|_| span.start > 0);
    interaction.duration = duration.map(std::time::Duration::from_nanos);
    if span.failed {
        failure::of_status(&mut interaction, &span.message);
    }
    dropped(&mut interaction, span.dropped);
    Some(interaction)
}

/// Reads log records: events that tell a whole operation, events for single messages (which are put together for each
/// span), evaluations, and the access logs of gateways with such attributes.
#[must_use]
pub fn logs(export: &Export<'_, LogRecord<'_>>, limits: Limits) -> Read {
    let mut read = Read {
        rejected: export.rejected.clone(),
        ..Read::default()
    };
    for group in &export.groups {
        let service = facts::service(&group.resource);
        let mut messages = events::Messages::default();
        for scope in &group.scopes {
            for record in &scope.records {
                if messages.take(record, &scope.name, &service, limits) {
                    continue;
                }
                match log_record(record, scope, &service, limits) {
                    Some(interaction) => read.interactions.push(interaction),
                    None => read.passed = read.passed.saturating_add(1),
                }
            }
        }
        read.interactions.extend(messages.interactions());
    }
    read
}

fn log_record(
    record: &LogRecord<'_>,
    scope: &Scope<'_, LogRecord<'_>>,
    service: &Service,
    limits: Limits,
) -> Option<Interaction> {
    let source = Source {
        attributes: &record.attributes,
        events: &[],
        library: &scope.name,
        limits,
    };
    let mut interaction = interaction(&source, service)?;
    interaction.trace = record.trace;
    interaction.span = record.span;
    interaction.start = time(record.time);
    if events::name(record) == evaluation::EVENT {
        interaction
            .evaluations
            .extend(evaluation::of(&record.attributes));
    }
    dropped(&mut interaction, record.dropped);
    Some(interaction)
}

/// The interaction that attributes tell which came without a span, as access logs have them.
pub(crate) fn of_attributes(attributes: &Attributes<'_>, limits: Limits) -> Option<Interaction> {
    let source = Source {
        attributes,
        events: &[],
        library: "",
        limits,
    };
    interaction(&source, &Service::default())
}

/// Everything that a span and an event have in common; `None` when it speaks no dialect.
fn interaction(source: &Source<'_, '_>, service: &Service) -> Option<Interaction> {
    let marks = Marks::of(source)?;
    let mut interaction = Interaction {
        service: service.clone(),
        ..Interaction::default()
    };
    interaction.service.library = Some(source.library.to_owned()).filter(|name| !name.is_empty());
    marks.note(&mut interaction);
    operation::operation(source, &mut interaction);
    facts::facts(source, &mut interaction);
    content::content(source, &mut interaction);
    failure::failure(source, &mut interaction);
    evaluation::evaluations(source, &mut interaction);
    Some(interaction)
}

fn dropped(interaction: &mut Interaction, dropped: u64) {
    if dropped > 0 {
        interaction.unjudged.push(stance_core::exchange::Unjudged {
            pointer: "/attributes".to_owned(),
            what: format!("{dropped} attributes or events that the application left out"),
        });
    }
}

/// Nanoseconds since 1970; zero means that it is not known.
pub(crate) fn time(nanoseconds: u64) -> Option<Timestamp> {
    (nanoseconds > 0)
        .then(|| Timestamp::from_nanosecond(i128::from(nanoseconds)).ok())
        .flatten()
}

impl Interaction {
    /// Whether it was told in a dialect.
    #[must_use]
    pub fn speaks(&self, dialect: Dialect) -> bool {
        self.dialects.contains(&dialect)
    }
}

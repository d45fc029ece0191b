//! Metrics of the GenAI conventions: what systems used up that record no spans, or only some.

use jiff::Timestamp;
use stance_core::digest::sha256_hex;

use super::{facts, time};
use crate::interaction::{Operation, Service};
use crate::otlp::{Export, Metric, Point, Rejected, Temporality};
use crate::value::Value;

/// One point of a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// What names the series of points that it belongs to: a digest of who sends, the metric, its attributes, and since when a
    /// cumulative one counts. Two processes that do not tell themselves apart began at different times.
    pub series: String,
    /// The metric: `gen_ai.client.token.usage`, `gen_ai.client.operation.duration`, `mcp.server.operation.duration`.
    pub metric: String,
    /// Its unit: `{token}`, `s`.
    pub unit: String,
    /// What sent it.
    pub service: Service,
    /// Who serves the model.
    pub provider: Option<String>,
    /// The model that was asked for.
    pub asked: Option<String>,
    /// The model that answered.
    pub answered: Option<String>,
    /// What was done.
    pub operation: Operation,
    /// Which tokens are counted: `input`, `output`.
    pub tokens: Option<String>,
    /// The tool that ran.
    pub tool: Option<String>,
    /// The kind of failure that is counted.
    pub failure: Option<String>,
    /// How many calls.
    pub count: u64,
    /// Their sum; `None` where it is not told.
    pub sum: Option<f64>,
    /// What the numbers count from: cumulative ones count from the start of the process again and again.
    pub temporality: Temporality,
    /// Since when they count.
    pub start: Option<Timestamp>,
    /// When they were taken.
    pub time: Option<Timestamp>,
}

/// What was read from one request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measures {
    /// The points that have to do with models, agents and tools.
    pub measures: Vec<Measure>,
    /// How many metrics have not.
    pub passed: u64,
    /// What was not taken.
    pub rejected: Rejected,
}

/// Reads metrics.
#[must_use]
pub fn metrics(export: &Export<'_, Metric<'_>>) -> Measures {
    let mut read = Measures {
        rejected: export.rejected.clone(),
        ..Measures::default()
    };
    for group in &export.groups {
        let service = facts::service(&group.resource);
        let mut resource = Vec::new();
        group.resource.spell(&mut resource);
        for scope in &group.scopes {
            for metric in &scope.records {
                let ours = ["gen_ai.", "mcp.", "llm."];
                if !ours.iter().any(|prefix| metric.name.starts_with(prefix)) {
                    read.passed = read.passed.saturating_add(1);
                    continue;
                }
                let service = Service {
                    library: Some(scope.name.clone().into_owned()).filter(|name| !name.is_empty()),
                    ..service.clone()
                };
                take(metric, &service, &resource, &mut read.measures);
            }
        }
    }
    read
}

fn take(metric: &Metric<'_>, service: &Service, resource: &[u8], measures: &mut Vec<Measure>) {
    for point in &metric.points {
        let all = &point.attributes;
        let operation = all.label(&["gen_ai.operation.name"]);
        let method = all.label(&["mcp.method.name"]);
        measures.push(Measure {
            series: series(metric, service, resource, point),
            metric: metric.name.clone().into_owned(),
            unit: metric.unit.clone().into_owned(),
            service: service.clone(),
            provider: all.label(&["gen_ai.provider.name", "gen_ai.system"]),
            asked: all.label(&["gen_ai.request.model"]),
            answered: all.label(&["gen_ai.response.model"]),
            operation: match (operation, method) {
                (Some(name), _) => Operation::of(&name),
                (None, Some(method)) => Operation::Mcp(method),
                (None, None) => Operation::Unknown,
            },
            tokens: all.label(&["gen_ai.token.type"]),
            tool: all.label(&["gen_ai.tool.name"]),
            failure: all.label(&["error.type"]),
            count: point.count,
            sum: point.sum,
            temporality: metric.temporality,
            start: time(point.start),
            time: time(point.time),
        });
    }
}

fn series(metric: &Metric<'_>, service: &Service, resource: &[u8], point: &Point<'_>) -> String {
    let mut said = resource.to_vec();
    for text in [service.library.as_deref().unwrap_or_default(), &metric.name] {
        Value::Text(text.into()).spell(&mut said);
    }
    point.attributes.spell(&mut said);
    if metric.temporality == Temporality::Cumulative {
        said.extend_from_slice(&point.start.to_be_bytes());
    }
    let mut digest = sha256_hex(&said);
    digest.truncate(32);
    digest
}

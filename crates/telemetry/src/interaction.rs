//! One use of a model, an agent, a tool or a retriever, as somebody's telemetry tells it.

mod facts;
mod operation;

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use stance_core::exchange::{Exchange, Unjudged, Usage};

pub use facts::{Agent, Cost, Evaluation, Failure, Identity, Mcp, Service, Tool};
pub use operation::Operation;

use crate::logs::Format;
use crate::otlp::{SpanId, TraceId};

/// In which words an interaction was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// OpenTelemetry's GenAI conventions up to 1.36: `gen_ai.system`, an event for each message.
    Before137,
    /// The same from 1.37 on: `gen_ai.provider.name`, messages as attributes or one event.
    Since137,
    /// OpenLLMetry: `gen_ai.prompt.0.content`, `traceloop.*`.
    OpenLlmetry,
    /// OpenInference: `llm.input_messages.0.message.content`.
    OpenInference,
    /// The conventions for the Model Context Protocol.
    Mcp,
    /// The spans of LiteLLM, which mix the first three.
    LiteLlm,
    /// A log of a gateway or a provider.
    Log(Format),
}

/// One interaction.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Interaction {
    /// The trace it belongs to.
    pub trace: Option<TraceId>,
    /// Its span.
    pub span: Option<SpanId>,
    /// The span in which it was done.
    pub parent: Option<SpanId>,
    /// Other spans that told the same interaction and were folded into this one.
    pub also: Vec<SpanId>,
    /// What the record calls itself: the name of the span, the id of the request in a log.
    pub name: String,
    /// What names its record in a log for good: a digest of its id there and of when it began, or of all that it says.
    pub record: Option<String>,
    /// When it began.
    pub start: Option<Timestamp>,
    /// How long it took.
    pub duration: Option<Duration>,
    /// What was done.
    pub operation: Operation,
    /// Who serves the model, in the words of the record: `openai`, `aws.bedrock`.
    pub provider: Option<String>,
    /// The model that was asked for.
    pub asked: Option<String>,
    /// The model that answered.
    pub answered: Option<String>,
    /// The id that the provider gave its answer.
    pub answer: Option<String>,
    /// For whom it was done.
    pub identity: Identity,
    /// The conversation or session it belongs to.
    pub conversation: Option<String>,
    /// The agent that did it, or that was asked.
    pub agent: Option<Agent>,
    /// The workflow it belongs to.
    pub workflow: Option<String>,
    /// The tool that was run.
    pub tool: Option<Tool>,
    /// What the Model Context Protocol tells about it.
    pub mcp: Option<Mcp>,
    /// Where documents were retrieved from.
    pub data_source: Option<String>,
    /// What was asked.
    pub request: Exchange,
    /// What was answered.
    pub response: Exchange,
    /// What was used up.
    pub usage: Usage,
    /// What it cost.
    pub cost: Option<Cost>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// Why the answers ended, in the provider's words.
    pub finish_reasons: Vec<String>,
    /// How others judged it.
    pub evaluations: Vec<Evaluation>,
    /// What did it: the resource that sent the telemetry.
    pub service: Service,
    /// In which words it was told, sorted.
    pub dialects: Vec<Dialect>,
    /// What was there and could not be judged. What is absent is told by [`Interaction::not_judged`].
    pub unjudged: Vec<Unjudged>,
    /// Whether it is made of events for single messages only, and waits for its span.
    pub partial: bool,
}

/// Which of its two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What was asked.
    Request,
    /// What was answered.
    Response,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request => "request",
            Self::Response => "response",
        })
    }
}

impl Interaction {
    /// Everything of it that was not judged: what could not be read, and the sides whose words were not recorded, which
    /// is the default of most emitters.
    #[must_use]
    pub fn not_judged(&self) -> Vec<Unjudged> {
        let mut all = self.unjudged.clone();
        all.extend(self.request.unjudged.iter().cloned());
        all.extend(self.response.unjudged.iter().cloned());
        for side in [Side::Request, Side::Response] {
            if self.is_absent(side) {
                all.push(Unjudged {
                    pointer: format!("/{side}"),
                    what: format!("the words of the {side} were not recorded"),
                });
            }
        }
        all
    }

    /// Whether a side that has words has none here.
    #[must_use]
    pub fn is_absent(&self, side: Side) -> bool {
        let exchange = match side {
            Side::Request => &self.request,
            Side::Response => &self.response,
        };
        // An answer that never came has no words; one of an embedding has numbers.
        let has_words = match side {
            Side::Request => self.operation.is_asked_in_words(),
            Side::Response => self.operation.is_answered_in_words() && self.failure.is_none(),
        };
        has_words && exchange.parts.is_empty() && exchange.unjudged.is_empty()
    }

    /// Notes in which words it was told.
    pub(crate) fn told_in(&mut self, dialect: Dialect) {
        if let Err(at) = self.dialects.binary_search(&dialect) {
            self.dialects.insert(at, dialect);
        }
    }

    /// Takes from another record of the same interaction what this one does not have. Nothing is added up: both tell the
    /// same call.
    pub fn fill(&mut self, other: Self) {
        if let Some(span) = other.span.filter(|span| Some(*span) != self.span)
            && !self.also.contains(&span)
        {
            self.also.push(span);
        }
        fill(&mut self.trace, other.trace);
        fill(&mut self.span, other.span);
        fill(&mut self.parent, other.parent);
        if self.name.is_empty() {
            self.name = other.name;
        }
        fill(&mut self.record, other.record);
        self.start = match (self.start, other.start) {
            (Some(one), Some(two)) if self.duration.is_none() => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        fill(&mut self.duration, other.duration);
        if self.operation == Operation::Unknown {
            self.operation = other.operation;
        }
        fill(&mut self.provider, other.provider);
        fill(&mut self.asked, other.asked);
        fill(&mut self.answered, other.answered);
        fill(&mut self.answer, other.answer);
        self.identity.fill(other.identity);
        fill(&mut self.conversation, other.conversation);
        fill(&mut self.agent, other.agent);
        fill(&mut self.workflow, other.workflow);
        fill(&mut self.tool, other.tool);
        fill(&mut self.mcp, other.mcp);
        fill(&mut self.data_source, other.data_source);
        let pieces = self.partial && other.partial;
        self.partial = pieces;
        fill_exchange(&mut self.request, other.request, pieces);
        fill_exchange(&mut self.response, other.response, pieces);
        fill(&mut self.usage.input, other.usage.input);
        fill(&mut self.usage.output, other.usage.output);
        fill(&mut self.usage.cached, other.usage.cached);
        fill(&mut self.usage.reasoning, other.usage.reasoning);
        fill(&mut self.cost, other.cost);
        fill(&mut self.failure, other.failure);
        if self.finish_reasons.is_empty() {
            self.finish_reasons = other.finish_reasons;
        }
        self.evaluations.extend(other.evaluations);
        self.service.fill(other.service);
        for dialect in other.dialects {
            self.told_in(dialect);
        }
        self.unjudged.extend(other.unjudged);
    }
}

pub(crate) fn fill<T>(mine: &mut Option<T>, other: Option<T>) {
    if mine.is_none() {
        *mine = other;
    }
}

/// Takes the words of another where there are none, and all of them where both are pieces.
fn fill_exchange(mine: &mut Exchange, other: Exchange, pieces: bool) {
    fill(&mut mine.model, other.model);
    if mine.parts.is_empty() || pieces {
        mine.parts.extend(other.parts);
        mine.unjudged.extend(other.unjudged);
    }
    if mine.tools.is_empty() {
        mine.tools = other.tools;
    }
    mine.stream |= other.stream;
    fill(&mut mine.limit, other.limit);
    fill(&mut mine.answers, other.answers);
    mine.probabilities |= other.probabilities;
    fill(&mut mine.ended, other.ended);
}

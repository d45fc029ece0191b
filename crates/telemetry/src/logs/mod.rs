//! Logs of gateways and providers, to interactions.
//!
//! Records are JSON, one on each line or many in one document, or lines of text where a gateway writes those. Each record is
//! asked of every format; what none of them knows is counted with its reason. Field names are those of the public
//! documentation that each file names.

mod agentgateway;
mod azure;
mod bedrock;
mod cloudflare;
mod envoy;
mod helicone;
mod kong;
mod langfuse;
mod litellm;
mod names;
mod phoenix;
mod portkey;
mod reader;
mod record;
mod time;
mod vertex;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use reader::{Read, Reader, Unread};

use crate::interaction::Interaction;
use crate::limits::Limits;
use crate::value::Value;

/// What wrote a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// agentgateway's request log, as JSON or text.
    AgentGateway,
    /// Azure OpenAI: diagnostic logs of the category `RequestResponse`.
    AzureOpenAi,
    /// Amazon Bedrock: model invocation logs.
    Bedrock,
    /// Cloudflare AI Gateway: Logpush and its interface.
    Cloudflare,
    /// Envoy AI Gateway: access logs as JSON.
    Envoy,
    /// Helicone: exports.
    Helicone,
    /// Kong AI Gateway: audit logs.
    Kong,
    /// Langfuse: exports of observations.
    Langfuse,
    /// LiteLLM: the standard payload of its loggers, and its table of spendings.
    LiteLlm,
    /// OTLP in JSON, as the file exporter of the OpenTelemetry Collector writes it.
    Otlp,
    /// Arize Phoenix: exports of spans.
    Phoenix,
    /// Portkey: exports of logs.
    Portkey,
    /// Vertex AI: request-response logs.
    Vertex,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::AgentGateway,
        Self::AzureOpenAi,
        Self::Bedrock,
        Self::Cloudflare,
        Self::Envoy,
        Self::Helicone,
        Self::Kong,
        Self::Langfuse,
        Self::LiteLlm,
        Self::Otlp,
        Self::Phoenix,
        Self::Portkey,
        Self::Vertex,
    ];

    /// The word by which somebody says which format they send.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::AgentGateway => "agentgateway",
            Self::AzureOpenAi => "azure",
            Self::Bedrock => "bedrock",
            Self::Cloudflare => "cloudflare",
            Self::Envoy => "envoy",
            Self::Helicone => "helicone",
            Self::Kong => "kong",
            Self::Langfuse => "langfuse",
            Self::LiteLlm => "litellm",
            Self::Otlp => "otlp",
            Self::Phoenix => "phoenix",
            Self::Portkey => "portkey",
            Self::Vertex => "vertex",
        }
    }

    /// The format of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.word() == word)
    }

    /// The name used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AgentGateway => "agentgateway",
            Self::AzureOpenAi => "Azure OpenAI diagnostic logs",
            Self::Bedrock => "Amazon Bedrock model invocation logs",
            Self::Cloudflare => "Cloudflare AI Gateway",
            Self::Envoy => "Envoy AI Gateway",
            Self::Helicone => "Helicone",
            Self::Kong => "Kong AI Gateway",
            Self::Langfuse => "Langfuse",
            Self::LiteLlm => "LiteLLM",
            Self::Otlp => "OpenTelemetry",
            Self::Phoenix => "Phoenix",
            Self::Portkey => "Portkey",
            Self::Vertex => "Vertex AI request-response logs",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a record turned out to be.
#[derive(Clone, Debug)]
pub(crate) enum Record {
    /// An interaction.
    Interaction(Box<Interaction>),
    /// Understood, and about none: a scan of a health check, a step around a call.
    Other,
    /// Of this format, and not understood.
    Unknown(&'static str),
}

impl Record {
    fn of(interaction: Interaction) -> Self {
        Self::Interaction(Box::new(interaction))
    }
}

/// One format.
pub(crate) struct Known {
    pub(crate) format: Format,
    /// Whether a record is of this format.
    pub(crate) claims: fn(&Value<'_>) -> bool,
    /// Reads one.
    pub(crate) read: fn(&Value<'_>, Limits) -> Record,
    /// Where the id stands that the log gives a record, the surest first: names, one inside the other.
    pub(crate) id: &'static [&'static [&'static str]],
}

/// All of them; those with the surest marks are asked first.
pub(crate) const KNOWN: [&Known; 12] = [
    &bedrock::KNOWN,
    &azure::KNOWN,
    &kong::KNOWN,
    &envoy::KNOWN,
    &agentgateway::KNOWN,
    &phoenix::KNOWN,
    &langfuse::KNOWN,
    &litellm::KNOWN,
    &helicone::KNOWN,
    &portkey::KNOWN,
    &vertex::KNOWN,
    &cloudflare::KNOWN,
];

//! What passes between a caller and a model, an agent or a tool: an exchange, taken apart.
//!
//! A dialect (`stance-wire`) reads a request or an answer and says its parts; `stance-guard` judges them. Each part has an
//! [`Origin`]: who could have written its words. That decides how they are judged, long before what they say: the
//! operator's own instructions are never an attack, and what a tool or a document says is never an instruction.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Who could have written the words of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Who runs the application: system and developer messages.
    Operator,
    /// The person or program that asks.
    User,
    /// What a tool gave back.
    ToolResult,
    /// What was retrieved, attached or read: documents, files, pages, resources.
    Document,
    /// The model, in what it answers.
    Model,
    /// The model, in what it thinks before it answers.
    Reasoning,
    /// The model, in what it hands to a tool.
    ToolArguments,
    /// Who offers a tool: its name, description and schema.
    ToolDefinition,
}

impl Origin {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Operator,
        Self::User,
        Self::ToolResult,
        Self::Document,
        Self::Model,
        Self::Reasoning,
        Self::ToolArguments,
        Self::ToolDefinition,
    ];

    /// The name used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::User => "user",
            Self::ToolResult => "tool_result",
            Self::Document => "document",
            Self::Model => "model",
            Self::Reasoning => "reasoning",
            Self::ToolArguments => "tool_arguments",
            Self::ToolDefinition => "tool_definition",
        }
    }

    /// Whether strangers may have written it: its words may be read, never obeyed.
    #[must_use]
    pub const fn is_untrusted(self) -> bool {
        matches!(
            self,
            Self::ToolResult | Self::Document | Self::ToolDefinition
        )
    }

    /// Whether the model wrote it.
    #[must_use]
    pub const fn is_generated(self) -> bool {
        matches!(self, Self::Model | Self::Reasoning | Self::ToolArguments)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One piece of text of an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Who could have written it.
    pub origin: Origin,
    /// Where it stands: the JSON pointer (RFC 6901) of its string in the body, or in the event of a stream.
    pub pointer: String,
    /// Which tool it is from, for or about.
    pub tool: Option<String>,
    /// Which call of a tool it belongs to.
    pub call: Option<String>,
    /// Its text, without the escapes of the format around it.
    pub text: String,
}

/// A tool that a request offers to the model, or a server to its client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolDefinition {
    /// The name by which it is called.
    pub name: String,
    /// What it says about itself; empty where it says nothing.
    pub description: String,
    /// The JSON Schema of its parameters, as it was sent.
    pub schema: Option<String>,
    /// What else it claims, as a JSON object: title, schema of its results, annotations of MCP.
    pub claims: Option<String>,
    /// Where it stands in the body.
    pub pointer: String,
}

/// What was used up, as the provider counts it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the request.
    pub input: Option<u64>,
    /// Tokens of the answer, reasoning included.
    pub output: Option<u64>,
    /// Tokens of the request that came from a cache.
    pub cached: Option<u64>,
    /// Tokens that the model spent on reasoning.
    pub reasoning: Option<u64>,
}

/// Something that was there and could not be judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unjudged {
    /// Where it stands: a JSON pointer, empty for the whole.
    pub pointer: String,
    /// What it is and why it was not judged: one short clause.
    pub what: String,
}

/// One request or one answer, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exchange {
    /// Which model it names.
    pub model: Option<String>,
    /// The id that the provider gave its answer.
    pub id: Option<String>,
    /// Its texts, in the order of the body.
    pub parts: Vec<Part>,
    /// The tools that are offered.
    pub tools: Vec<ToolDefinition>,
    /// Whether the answer is asked for as a stream.
    pub stream: bool,
    /// The most tokens that the answer may have.
    pub limit: Option<u64>,
    /// How many answers are asked for.
    pub answers: Option<u64>,
    /// Whether probabilities of tokens are asked for or given.
    pub probabilities: bool,
    /// Why the answer ended, in the provider's words.
    pub ended: Option<String>,
    /// What was used up.
    pub usage: Usage,
    /// What was there and could not be judged.
    pub unjudged: Vec<Unjudged>,
}

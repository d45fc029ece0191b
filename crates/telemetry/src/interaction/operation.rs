//! What was done.

use std::fmt;

/// What was done, in the words of OpenTelemetry's `gen_ai.operation.name` where it has one.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// The record does not tell.
    #[default]
    Unknown,
    /// A conversation with a model, also with pictures and other media.
    Chat,
    /// A text that a model continues.
    TextCompletion,
    /// Texts to vectors.
    Embeddings,
    /// Pictures, speech or other media that a model makes.
    Media,
    /// A tool that ran.
    ExecuteTool,
    /// An agent that was made.
    CreateAgent,
    /// An agent that was asked.
    InvokeAgent,
    /// A workflow that ran.
    InvokeWorkflow,
    /// A step of a workflow.
    Step,
    /// Documents that were looked up.
    Retrieval,
    /// Documents that were put into an order.
    Rerank,
    /// Something that was checked by a guardrail.
    Guardrail,
    /// Something that was judged by an evaluator.
    Evaluation,
    /// A method of the Model Context Protocol other than the call of a tool.
    Mcp(String),
    /// Something else, in the words of the record.
    Other(String),
}

impl Operation {
    /// What a name means in any of the dialects and logs.
    #[must_use]
    pub fn of(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "" | "unknown" => Self::Unknown,
            "chat" | "generate_content" | "completion" | "acompletion" | "responses"
            | "aresponses" | "anthropic_messages" | "llm" | "generation" | "chat_completions" => {
                Self::Chat
            }
            "text_completion" | "atext_completion" | "completions" => Self::TextCompletion,
            "embeddings" | "embedding" | "aembedding" => Self::Embeddings,
            "image_generation" | "aimage_generation" | "speech" | "aspeech" | "transcription"
            | "atranscription" => Self::Media,
            "execute_tool" | "tool" | "call_mcp_tool" => Self::ExecuteTool,
            "create_agent" => Self::CreateAgent,
            "invoke_agent" | "agent" => Self::InvokeAgent,
            "invoke_workflow" | "workflow" => Self::InvokeWorkflow,
            "task" | "chain" | "span" | "prompt" => Self::Step,
            "retrieval" | "retriever" => Self::Retrieval,
            "rerank" | "arerank" | "reranker" => Self::Rerank,
            "guardrail" | "run_guardrail" | "apply_guardrail" => Self::Guardrail,
            "evaluator" | "evaluation" => Self::Evaluation,
            _ => Self::Other(name.to_owned()),
        }
    }

    /// The name used in every output.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Unknown => "unknown",
            Self::Chat => "chat",
            Self::TextCompletion => "text_completion",
            Self::Embeddings => "embeddings",
            Self::Media => "media",
            Self::ExecuteTool => "execute_tool",
            Self::CreateAgent => "create_agent",
            Self::InvokeAgent => "invoke_agent",
            Self::InvokeWorkflow => "invoke_workflow",
            Self::Step => "step",
            Self::Retrieval => "retrieval",
            Self::Rerank => "rerank",
            Self::Guardrail => "guardrail",
            Self::Evaluation => "evaluation",
            Self::Mcp(method) => method,
            Self::Other(name) => name,
        }
    }

    /// Whether a model was called: what two libraries in one process both tell about.
    #[must_use]
    pub const fn is_model_call(&self) -> bool {
        matches!(
            self,
            Self::Chat | Self::TextCompletion | Self::Embeddings | Self::Media
        )
    }

    /// Whether its request has words that can be judged.
    pub(super) fn is_asked_in_words(&self) -> bool {
        self.is_model_call()
            || matches!(
                self,
                Self::ExecuteTool | Self::InvokeAgent | Self::Retrieval | Self::Rerank
            )
            || self.is_mcp(&[
                "prompts/get",
                "sampling/createMessage",
                "elicitation/create",
            ])
    }

    /// Whether its answer has words that can be judged.
    pub(super) fn is_answered_in_words(&self) -> bool {
        matches!(
            self,
            Self::Chat
                | Self::TextCompletion
                | Self::ExecuteTool
                | Self::InvokeAgent
                | Self::Retrieval
        ) || self.is_mcp(&["prompts/get", "resources/read", "tools/list"])
    }

    fn is_mcp(&self, methods: &[&str]) -> bool {
        matches!(self, Self::Mcp(method) if methods.contains(&method.as_str()))
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

//! Which dialects a record speaks, by the names of its attributes.

use super::{Source, events};
use crate::interaction::{Dialect, Interaction};

/// The dialects of one record.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Marks {
    before: bool,
    since: bool,
    openllmetry: bool,
    openinference: bool,
    mcp: bool,
    litellm: bool,
    /// Something with `gen_ai.`, that alone does not tell which.
    gen_ai: bool,
}

impl Marks {
    /// `None` when it speaks none.
    pub(super) fn of(source: &Source<'_, '_>) -> Option<Self> {
        let mut marks = Self::default();
        for (name, _) in source.attributes.iter() {
            marks.see(name);
        }
        for event in source.events {
            let name = event.name.as_ref();
            marks.before |= events::kind(name).is_some()
                || matches!(name, "gen_ai.content.prompt" | "gen_ai.content.completion");
            marks.since |= name == events::DETAILS;
        }
        marks.litellm |= source.library == "litellm" && (marks.gen_ai || marks.openinference);
        let any = marks.before
            || marks.since
            || marks.openllmetry
            || marks.openinference
            || marks.mcp
            || marks.gen_ai;
        any.then_some(marks)
    }

    fn see(&mut self, name: &str) {
        if let Some(rest) = name.strip_prefix("gen_ai.") {
            self.gen_ai = true;
            match rest {
                "system"
                | "prompt"
                | "completion"
                | "usage.prompt_tokens"
                | "usage.completion_tokens" => self.before = true,
                "provider.name"
                | "input.messages"
                | "output.messages"
                | "system_instructions"
                | "tool.definitions" => self.since = true,
                "user" | "is_streaming" => self.openllmetry = true,
                _ => {
                    // `gen_ai.prompt.name` is the name of a template.
                    let numbered = |prefix| {
                        let behind: Option<&str> = rest.strip_prefix(prefix);
                        behind.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
                    };
                    self.openllmetry |=
                        numbered("prompt.") || numbered("completion.") || rest == "openai.api_base";
                }
            }
        } else if let Some(rest) = name.strip_prefix("llm.") {
            self.openllmetry |= rest.starts_with("request.")
                && !rest.starts_with("request.model_name")
                || rest.starts_with("usage.")
                || matches!(rest, "is_streaming" | "headers" | "chat.stop_sequences");
            self.openinference |= rest.starts_with("input_messages.")
                || rest.starts_with("output_messages.")
                || rest.starts_with("token_count.")
                || matches!(
                    rest,
                    "model_name" | "request.model_name" | "invocation_parameters" | "system"
                );
        } else if name.starts_with("mcp.") {
            self.mcp = true;
        } else if name.starts_with("traceloop.") {
            self.openllmetry = true;
        } else if name.starts_with("litellm.") {
            self.litellm = true;
        } else {
            self.openinference |= name == "openinference.span.kind"
                || name.starts_with("embedding.embeddings.")
                || name.starts_with("retrieval.documents.");
        }
    }

    /// Notes them. The old form is that of `gen_ai.` alone only where nothing tells another.
    pub(super) fn note(self, interaction: &mut Interaction) {
        let alone = self.gen_ai
            && !(self.before || self.since || self.openllmetry || self.openinference || self.mcp);
        let all = [
            (self.before, Dialect::Before137),
            (self.since || alone, Dialect::Since137),
            (self.openllmetry, Dialect::OpenLlmetry),
            (self.openinference, Dialect::OpenInference),
            (self.mcp, Dialect::Mcp),
            (self.litellm, Dialect::LiteLlm),
        ];
        for (speaks, dialect) in all {
            if speaks {
                interaction.told_in(dialect);
            }
        }
    }
}

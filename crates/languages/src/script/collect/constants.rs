//! Constants: prompts, registries of models; and the variables that hold keys.

use stance_core::digest;
use stance_core::{AssetKind, How, RelationKind};
use stance_read::credential::opens_a_service;
use stance_read::{stores, vendors};

use super::models::provider_model;
use super::{Collector, Draft};
use crate::names::is_prompt_name;
use crate::script::known::{At, Known};
use crate::script::syntax::Span;

/// Shortest text that is taken for a prompt, in bytes.
const PROMPT: usize = 40;

impl Collector<'_> {
    pub(super) fn constant_value(
        &mut self,
        name: &str,
        value: &Known,
        annotation: Option<&str>,
        span: Span,
    ) {
        match annotation {
            Some("Tool") => self.typed_tool(value),
            Some("InputGuardrail" | "OutputGuardrail") => {
                if let Some(Known::Text { text, how, at }) = value.entry("name") {
                    let draft =
                        Draft::new(AssetKind::Guardrail, self.local_key(text), &**text, *how)
                            .alias(name);
                    self.refer(draft, at);
                }
            }
            _ => {}
        }
        self.data_file(name, value, span);
        match value {
            Known::Text { text, .. }
                if is_prompt_name(name) && text.len() >= PROMPT && text.contains(' ') =>
            {
                let key = self.local_key(name);
                let draft = Draft::new(AssetKind::Prompt, key, name, How::Constant)
                    .with("length", text.chars().count())
                    .with(digest::TEXT, digest::text(text));
                self.refer(draft, &At::Here(span));
            }
            Known::Object(object) if is_prompt_name(name) => {
                let made = ["PromptTemplate.", "ChatPromptTemplate.", ".PromptTemplate"]
                    .iter()
                    .any(|part| object.callee.contains(part));
                if made {
                    let draft =
                        Draft::new(AssetKind::Prompt, self.local_key(name), name, How::Constant);
                    self.refer(draft, &At::Here(span));
                }
            }
            Known::Map(_) if name.to_ascii_lowercase().contains("tool") => {
                self.hosted_tool(value, span);
                self.tool_map(value);
            }
            Known::List(list) if name.to_ascii_lowercase().contains("tool") => {
                for one in list.content.iter().take(128) {
                    self.hosted_tool(one, span);
                }
                self.listed_tools(value, true);
            }
            Known::List(list) if name.to_ascii_lowercase().contains("model") => {
                for one in &list.content {
                    if let Known::Text { text, at, .. } = one
                        && let Some(draft) = provider_model(text, How::Constant)
                    {
                        self.refer(draft, at);
                    }
                }
            }
            _ => {}
        }
    }

    /// A template with holes, or a function that gives one, that a name says is a prompt.
    pub(in crate::script) fn written_prompt(&mut self, name: &str, length: usize, span: Span) {
        if is_prompt_name(name) && length >= PROMPT {
            let draft = Draft::new(AssetKind::Prompt, self.local_key(name), name, How::Constant)
                .with("template", true);
            self.refer(draft, &At::Here(span));
        }
    }

    /// A text that is nothing but the name of a known variable for a key.
    pub(super) fn named_variable(&mut self, text: &str, span: Span) {
        if vendors::of_variable(text).is_some() {
            self.variable(text, How::Constant, &At::Here(span));
        }
    }

    /// A variable that holds a key, known or by its name.
    pub(super) fn variable(&mut self, variable: &str, how: How, at: &At) {
        if let Some(vendor) = vendor_of_address(variable) {
            let key = format!("env:{variable}");
            let why = format!("environment variable {variable}");
            let draft = Draft::new(AssetKind::Endpoint, key, variable, How::Unresolved)
                .relation(RelationKind::Calls)
                .vendor(Some(vendor))
                .with("unresolved", why);
            self.refer(draft, at);
            return;
        }
        if let Some(store) = stores::of_variable(variable) {
            let key = format!("env:{variable}");
            let why = format!("environment variable {variable}");
            let draft = Draft::new(AssetKind::VectorStore, key, variable, How::Unresolved)
                .relation(RelationKind::Reads)
                .vendor(store.vendor)
                .with("technology", store.technology)
                .with("variable", variable)
                .with("unresolved", why);
            self.refer(draft, at);
            return;
        }
        // A token that programs of any kind use tells no vendor of AI.
        let vendor = vendors::of_variable(variable).filter(|_| !vendors::is_common(variable));
        let vendor = vendor.map(|vendor| vendor.key);
        if vendor.is_none() && !opens_a_service(variable) {
            return;
        }
        let key = format!("env:{variable}");
        let draft = Draft::new(AssetKind::Identity, key, variable, how)
            .relation(RelationKind::RunsAs)
            .vendor(vendor);
        self.refer(draft, at);
    }
}

/// The vendor whose service answers at the address in a variable.
fn vendor_of_address(variable: &str) -> Option<&'static str> {
    const SERVICES: &[(&str, &str)] = &[
        ("AZURE_OPENAI_", "azure"),
        ("AZURE_AI_", "azure"),
        ("AZURE_SEARCH_", "azure"),
        ("OPENAI_", "openai"),
        ("ANTHROPIC_", "anthropic"),
        ("OLLAMA_", "ollama"),
    ];
    const ADDRESSES: &[&str] = &["ENDPOINT", "BASE_URL", "API_BASE", "_HOST"];
    let vendor = SERVICES
        .iter()
        .find(|(service, _)| variable.starts_with(service))?;
    ADDRESSES
        .iter()
        .any(|end| variable.ends_with(end))
        .then_some(vendor.1)
}

//! What a class is by what it inherits from: one line each.

use stance_core::AssetKind;

/// Module, base class and what inherits from it.
pub(crate) const BASES: &[(&str, &[&str], AssetKind)] = &[
    (
        "langchain_core",
        &["BaseTool", "BaseToolkit"],
        AssetKind::Tool,
    ),
    ("langchain", &["BaseTool", "BaseToolkit"], AssetKind::Tool),
    (
        "langchain_community",
        &["BaseTool", "BaseToolkit"],
        AssetKind::Tool,
    ),
    ("crewai", &["BaseTool"], AssetKind::Tool),
    ("crewai_tools", &["BaseTool"], AssetKind::Tool),
    ("smolagents", &["Tool"], AssetKind::Tool),
    ("agno", &["Toolkit"], AssetKind::Tool),
    (
        "llama_index",
        &["BaseToolSpec", "BaseTool"],
        AssetKind::Tool,
    ),
    ("autogen_core", &["BaseTool"], AssetKind::Tool),
    ("google.adk", &["BaseTool", "BaseToolset"], AssetKind::Tool),
    ("haystack", &["Tool"], AssetKind::Tool),
    (
        "autogen_core",
        &["RoutedAgent", "BaseAgent"],
        AssetKind::Agent,
    ),
    ("autogen_agentchat", &["BaseChatAgent"], AssetKind::Agent),
    ("google.adk", &["BaseAgent", "LlmAgent"], AssetKind::Agent),
    ("livekit", &["Agent"], AssetKind::Agent),
    ("fastmcp", &["FastMCP"], AssetKind::McpServer),
    ("mcp", &["FastMCP"], AssetKind::McpServer),
    ("guardrails", &["Validator"], AssetKind::Guardrail),
    (
        "langchain",
        &["StringEvaluator", "PairwiseStringEvaluator"],
        AssetKind::Evaluator,
    ),
    ("langsmith", &["RunEvaluator"], AssetKind::Evaluator),
    (
        "deepeval",
        &["BaseMetric", "BaseConversationalMetric"],
        AssetKind::Evaluator,
    ),
    ("llama_index", &["BaseEvaluator"], AssetKind::Evaluator),
];

/// The names of all base classes that are common in no other kind of program.
pub(crate) fn base_classes() -> impl Iterator<Item = &'static str> {
    let all = BASES.iter().flat_map(|(_, names, _)| names.iter().copied());
    all.filter(|name| !matches!(*name, "Tool" | "Agent" | "Validator"))
}

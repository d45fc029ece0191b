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
    ("dspy", &["Signature"], AssetKind::Prompt),
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
    ("pydantic_evals", &["Evaluator"], AssetKind::Evaluator),
    (
        "ragas",
        &[
            "Metric",
            "MetricWithLLM",
            "MetricWithEmbeddings",
            "SingleTurnMetric",
            "MultiTurnMetric",
        ],
        AssetKind::Evaluator,
    ),
    ("evaltools", &["BaseMetric"], AssetKind::Evaluator),
    ("agno", &["Agent"], AssetKind::Agent),
    ("agents", &["Agent"], AssetKind::Agent),
    ("crewai", &["BaseAgent"], AssetKind::Agent),
    (
        "semantic_kernel",
        &["ChatCompletionAgent", "Agent"],
        AssetKind::Agent,
    ),
    ("haystack", &["BaseTool"], AssetKind::Tool),
    ("crewai_tools", &["RagTool"], AssetKind::Tool),
    ("qwen_agent", &["BaseTool"], AssetKind::Tool),
    ("langchain", &["AgentMiddleware"], AssetKind::Guardrail),
    ("crewai", &["Flow"], AssetKind::Pipeline),
    ("metaflow", &["FlowSpec"], AssetKind::Pipeline),
    ("llama_index", &["Workflow"], AssetKind::Pipeline),
];

/// The names of all base classes that are common in no other kind of program.
pub(crate) fn base_classes() -> impl Iterator<Item = &'static str> {
    let all = BASES.iter().flat_map(|(_, names, _)| names.iter().copied());
    all.filter(|name| !is_common(name))
}

/// Base classes of names that are common, with the module that makes them what they are here.
pub(crate) fn common_base_classes() -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = BASES
        .iter()
        .flat_map(|(root, names, _)| names.iter().map(|name| (*root, *name)));
    all.filter(|(_, name)| is_common(name))
}

fn is_common(name: &str) -> bool {
    matches!(
        name,
        "Tool" | "Agent" | "Validator" | "Evaluator" | "Metric" | "Toolkit" | "Flow" | "Workflow"
    )
}

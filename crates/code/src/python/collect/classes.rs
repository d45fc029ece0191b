//! Classes that are tools, agents, guardrails or evaluators by what they inherit from.

use stance_core::{AssetKind, How};

use super::{Collector, Draft, lies_in};
use crate::python::catalogue::root_of;
use crate::python::known::Known;
use crate::python::syntax::Class;

/// Module, base class and what inherits from it.
const BASES: &[(&str, &[&str], AssetKind)] = &[
    ("langchain_core", &["BaseTool", "BaseToolkit"], AssetKind::Tool),
    ("langchain", &["BaseTool", "BaseToolkit"], AssetKind::Tool),
    ("langchain_community", &["BaseTool", "BaseToolkit"], AssetKind::Tool),
    ("crewai", &["BaseTool"], AssetKind::Tool),
    ("crewai_tools", &["BaseTool"], AssetKind::Tool),
    ("smolagents", &["Tool"], AssetKind::Tool),
    ("agno", &["Toolkit"], AssetKind::Tool),
    ("llama_index", &["BaseToolSpec", "BaseTool"], AssetKind::Tool),
    ("autogen_core", &["BaseTool"], AssetKind::Tool),
    ("google.adk", &["BaseTool", "BaseToolset"], AssetKind::Tool),
    ("haystack", &["Tool"], AssetKind::Tool),
    ("autogen_core", &["RoutedAgent", "BaseAgent"], AssetKind::Agent),
    ("autogen_agentchat", &["BaseChatAgent"], AssetKind::Agent),
    ("google.adk", &["BaseAgent", "LlmAgent"], AssetKind::Agent),
    ("livekit", &["Agent"], AssetKind::Agent),
    ("guardrails", &["Validator"], AssetKind::Guardrail),
    ("langchain", &["StringEvaluator", "PairwiseStringEvaluator"], AssetKind::Evaluator),
    ("langsmith", &["RunEvaluator"], AssetKind::Evaluator),
    ("deepeval", &["BaseMetric", "BaseConversationalMetric"], AssetKind::Evaluator),
    ("llama_index", &["BaseEvaluator"], AssetKind::Evaluator),
];

impl Collector<'_> {
    pub(super) fn derived(
        &mut self,
        class: &Class,
        bases: &[Known],
        member: &dyn Fn(&str) -> Option<Known>,
    ) {
        let found = bases.iter().find_map(|base| {
            let Known::Path { path, .. } = base else {
                return None;
            };
            let path = path.trim_end_matches(".[]");
            BASES.iter().find(|(root, names, _)| {
                let last = path.rsplit('.').next().unwrap_or_default();
                lies_in(path, root) && names.contains(&last)
            })
        });
        let Some((root, _, kind)) = found else { return };
        let given = match member("name") {
            Some(Known::Text { text, .. }) if (1..=80).contains(&text.len()) => Some(text),
            _ => None,
        };
        let name = given.as_deref().unwrap_or(&class.name);
        let mut draft = Draft::new(*kind, self.local_key(&class.name), name, How::Literal)
            .alias(&class.name)
            .with("framework", root_of(root).map_or(*root, |root| root.package));
        let described = match member("description") {
            Some(Known::Text { text, .. }) => Some(text.to_string()),
            _ => class.documented.clone(),
        };
        if let Some(text) = described {
            draft = draft.described(&text);
        }
        self.refer(draft, &class.name_span);
    }
}

//! Charts of Helm: what they depend on, and the variables that their templates hand to programs.

use stance_core::asset::AssetKind;
use stance_core::relation::RelationKind;
use stance_read::Inspector;
use stance_read::credential::Page;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::tree::Node;
use stance_read::vendors;

use crate::document::Format;
use crate::draft::Draft;
use crate::handed;

/// Manifests of charts: `Chart.yaml`, and `requirements.yaml` before version 3 of Helm.
pub(crate) const CHART: Format = Format {
    title: "Helm chart",
    loose: true,
    marks: &["dependencies:"],
    read: chart,
};

/// The parser of templates, whose braces leave no YAML to read.
pub(crate) static INSPECTOR: Templates = Templates;

pub(crate) struct Templates;

/// Most dependencies and variables that are told of one file.
const MOST: usize = 500;

/// Charts of AI software, by the names under which their makers publish them: what they are there for, or where
/// vectors lie.
#[rustfmt::skip]
const CHARTS: &[(&str, &str)] = &[
    ("chroma", "vector store"), ("chromadb", "vector store"), ("milvus", "vector store"),
    ("qdrant", "vector store"), ("weaviate", "vector store"),
    ("kuberay-operator", "inference server"), ("llama-cpp", "inference server"), ("local-ai", "inference server"),
    ("localai", "inference server"), ("nim-llm", "inference server"), ("ollama", "inference server"),
    ("ray-cluster", "inference server"), ("text-embeddings-inference", "inference server"),
    ("text-generation-inference", "inference server"), ("tgi", "inference server"),
    ("triton-inference-server", "inference server"), ("vllm", "inference server"), ("vllm-stack", "inference server"),
    ("litellm", "gateway"), ("litellm-helm", "gateway"), ("kgateway", "gateway"),
    ("dify", "agent builder"), ("flowise", "agent builder"), ("langflow", "agent builder"), ("n8n", "agent builder"),
    ("librechat", "chat"), ("open-webui", "chat"),
    ("langfuse", "tracing"), ("phoenix-helm", "tracing"), ("mlflow", "tracking server"),
];

/// Charts with names that others have as well, by a part of the repository that makes them AI.
const OF_REPOSITORY: &[(&str, &str, &str)] = &[("pipelines", "openwebui", "agent builder")];

fn chart(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let file = page.path.rsplit('/').next().unwrap_or_default();
    if !matches!(
        file,
        "Chart.yaml" | "Chart.yml" | "requirements.yaml" | "requirements.yml"
    ) {
        return false;
    }
    let dependencies = root
        .get("dependencies")
        .map(Node::items)
        .unwrap_or_default();
    let mut found = false;
    for one in dependencies.iter().take(MOST) {
        let Some(node) = one.get("name") else {
            continue;
        };
        let Some(name) = node.as_str() else { continue };
        let repository = one
            .get("repository")
            .and_then(Node::as_str)
            .unwrap_or_default();
        let known = CHARTS.iter().find(|(chart, _)| *chart == name);
        let role = known.map(|(_, role)| *role).or_else(|| {
            let mut all = OF_REPOSITORY.iter();
            let found = all.find(|(chart, of, _)| *chart == name && repository.contains(of));
            found.map(|(_, _, role)| *role)
        });
        let Some(role) = role else { continue };
        let kind = match role {
            "vector store" => AssetKind::VectorStore,
            _ => AssetKind::Compute,
        };
        Draft::new(kind, format!("pkg:helm/{name}"), name)
            .relation(RelationKind::DependsOn)
            .role(role)
            .vendor(vendors::find(name).map(|vendor| vendor.key))
            .with_some("version", one.get("version").and_then(Node::scalar))
            .with_some("repository", (!repository.is_empty()).then_some(repository))
            .add(node.span.clone(), page, facts);
        found = true;
    }
    found
}

impl Inspector for Templates {
    fn name(&self) -> &'static str {
        "template of a Helm chart"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        let mut folders = input.path().rsplit('/').skip(1);
        matches!(input.extension(), "yaml" | "yml" | "tpl")
            && input.is_text()
            && folders.any(|folder| folder == "templates")
    }

    fn understands(&self) -> bool {
        false
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(text) = input.text(facts) else {
            return;
        };
        if !text.as_str().contains("{{") {
            return;
        }
        let page = Page::new(input.path(), &text, Vec::new());
        let mut start = 0_usize;
        let mut left = MOST;
        for line in text.as_str().split_inclusive('\n') {
            let here = start;
            start = start.saturating_add(line.len());
            let plain = line.trim_start().trim_start_matches("- ").trim_end();
            let Some(name) = plain.strip_prefix("name:").map(str::trim_start) else {
                continue;
            };
            let name = name.trim_matches(['"', '\'']);
            let offset = (name.as_ptr() as usize).saturating_sub(line.as_ptr() as usize);
            let from = here.saturating_add(offset);
            let span = from..from.saturating_add(name.len());
            if left > 0
                && handed::is_name(name)
                && handed::variable(name, &span, None, &page, facts)
            {
                left = left.saturating_sub(1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::told;

    #[test]
    fn what_a_chart_depends_on_is_told() {
        let text = "apiVersion: v2\nname: chat\ndependencies:\n  - name: ollama\n    repository: https://otwld.github.io/ollama-helm/\n    version: \">=0.24.0\"\n  - name: pipelines\n    repository: https://helm.openwebui.com\n  - name: qdrant\n    repository: https://qdrant.github.io/qdrant-helm\n  - name: redis\n    repository: oci://registry-1.docker.io/bitnamicharts\n  - name: pipelines\n    repository: https://charts.acme.dev\n";
        assert_eq!(
            told("charts/chat/Chart.yaml", text),
            [
                "compute pkg:helm/ollama inference server 4",
                "compute pkg:helm/pipelines agent builder 7",
                "vector_store pkg:helm/qdrant vector store 9",
            ]
        );
        assert_eq!(told("charts/chat/other.yaml", text), [""; 0]);
    }

    #[test]
    fn templates_hand_over_variables_though_they_are_no_yaml() {
        let text = "apiVersion: apps/v1\nkind: {{ .Values.kind }}\nspec:\n  {{- with .Values.env }}\n  - name: \"OPENAI_API_KEY\"\n    valueFrom: {{ toYaml . }}\n  - name: OLLAMA_BASE_URLS\n  {{- end }}\n  - name: \"LANG\"\n    value: {{ .Values.lang | quote }}\n";
        assert_eq!(
            told("charts/chat/templates/deployment.yaml", text),
            [
                "identity env:OPENAI_API_KEY - 5",
                "endpoint env:OLLAMA_BASE_URLS - 7",
            ]
        );
        assert_eq!(told("charts/chat/deployment.yaml", text), [""; 0]);
    }
}

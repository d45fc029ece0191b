//! Pipelines of Haystack as files: models, prompts, stores and secrets of their components.
//!
//! See <https://docs.haystack.deepset.ai/docs/serialization>.

use std::ops::Range;

use stance_code::names::{Model, hub_model, provider_model};
use stance_core::asset::{AssetId, AssetKind};
use stance_core::digest;
use stance_core::relation::RelationKind;
use stance_read::credential::Page;
use stance_read::report::Facts;
use stance_read::tree::{Entry, Node};
use stance_read::vendors;

use crate::document::Format;
use crate::draft::{Draft, relate};

pub(crate) const FORMAT: Format = Format {
    title: "Haystack pipeline",
    loose: false,
    marks: &[
        "haystack.components.",
        "haystack_integrations.",
        "haystack.nodes",
    ],
    read,
};

/// Most components of one pipeline.
const MOST: usize = 500;
/// Shortest template that is a prompt, in bytes.
const PROMPT: usize = 30;

fn read(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let Some(components) = root.get("components").filter(|node| node.is_object()) else {
        return false;
    };
    let own = |entry: &&Entry| !entry.shadowed && class_of(&entry.value).is_some();
    let Some(first) = components.entries().iter().find(own) else {
        return false;
    };
    let file = page.path.rsplit('/').next().unwrap_or_default();
    let name = file.split('.').next().unwrap_or_default();
    let pipeline = Draft::new(AssetKind::Pipeline, page.path.to_string(), name)
        .relation(RelationKind::Contains)
        .alias(file)
        .with("framework", "haystack-ai");
    let id = pipeline.add(first.key_span.clone(), page, facts);
    for entry in components.entries().iter().filter(own).take(MOST) {
        component(entry, &id, page, facts);
    }
    true
}

/// The last name of a type that is one of Haystack's: `OpenAIGenerator`.
fn class_of(node: &Node) -> Option<&str> {
    let path = node.get("type")?.as_str()?;
    (path.starts_with("haystack.") || path.starts_with("haystack_integrations."))
        .then(|| path.rsplit('.').next().unwrap_or_default())
}

fn component(entry: &Entry, pipeline: &AssetId, page: &Page<'_>, facts: &mut Facts<'_>) {
    let class = class_of(&entry.value).unwrap_or_default();
    let Some(given) = entry.value.get("init_parameters") else {
        return;
    };
    let mut tie = |draft: Draft, kind: RelationKind, span: Range<usize>, facts: &mut Facts<'_>| {
        let id = draft.add(span.clone(), page, facts);
        relate(pipeline, kind, &id, span, page, facts);
    };
    if let Some(node) = given.get_any(&["model", "model_name_or_path", "azure_deployment"])
        && let Some(text) = node.as_str()
        && let Some(model) = model(class, text)
    {
        let role = if class.contains("Embedder") {
            "embedding"
        } else {
            "chat"
        };
        let draft = Draft::model(model, text).role(role);
        tie(draft, RelationKind::Calls, node.span.clone(), facts);
    }
    for key in ["template", "system_prompt", "instructions"] {
        let Some(node) = given.get(key) else { continue };
        let Some(text) = node.as_str().filter(|text| text.len() >= PROMPT) else {
            continue;
        };
        let draft = Draft::new(
            AssetKind::Prompt,
            format!("{}#{}", page.path, entry.key),
            entry.key.to_string(),
        )
        .relation(RelationKind::Contains)
        .alias(key)
        .with("length", text.chars().count())
        .with(digest::TEXT, digest::text(text));
        tie(draft, RelationKind::Contains, node.span.clone(), facts);
    }
    if let Some(store) = given.get("document_store") {
        self::store(store, &mut tie, facts);
        secrets(store.get("init_parameters"), &mut tie, facts);
    }
    secrets(Some(given), &mut tie, facts);
}

/// A model by the class that asks for it.
fn model(class: &str, text: &str) -> Option<Model> {
    let hub = [
        "SentenceTransformers",
        "HuggingFace",
        "Transformers",
        "FastEmbed",
    ]
    .iter()
    .any(|word| class.contains(word));
    match hub {
        true => hub_model(text),
        false => {
            provider_model(text).or_else(|| hub_model(text).filter(|it| it.name.contains('/')))
        }
    }
}

type Tie<'t, 'f> = dyn FnMut(Draft, RelationKind, Range<usize>, &mut Facts<'f>) + 't;

/// The store that a component reads or writes.
fn store<'f>(node: &Node, tie: &mut Tie<'_, 'f>, facts: &mut Facts<'f>) {
    let Some(class) = class_of(node) else { return };
    let Some(technology) = class.strip_suffix("DocumentStore") else {
        return;
    };
    let technology = technology.to_ascii_lowercase();
    let index = node
        .path(&["init_parameters", "index"])
        .or_else(|| node.path(&["init_parameters", "collection_name"]))
        .filter(|node| node.as_str().is_some_and(|text| !text.is_empty()));
    let (key, name, span) = match index {
        Some(index) => {
            let text = index.as_str().unwrap_or_default();
            (
                format!("{technology}/{text}"),
                text.to_owned(),
                index.span.clone(),
            )
        }
        None => (technology.clone(), technology.clone(), node.span.clone()),
    };
    let draft = Draft::new(AssetKind::VectorStore, key, name)
        .relation(RelationKind::Reads)
        .alias(class)
        .alias(&technology)
        .with("technology", technology.as_str());
    tie(draft, RelationKind::Reads, span, facts);
}

/// `{type: env_var, env_vars: [NAME]}`
fn secrets<'f>(given: Option<&Node>, tie: &mut Tie<'_, 'f>, facts: &mut Facts<'f>) {
    for entry in given.map(Node::entries).unwrap_or_default().iter().take(64) {
        let kind = entry.value.get("type").and_then(Node::as_str);
        let Some(names) = entry
            .value
            .get("env_vars")
            .filter(|_| kind == Some("env_var"))
        else {
            continue;
        };
        for node in names.items().iter().take(8) {
            let Some(name) = node.as_str().filter(|name| (2..=120).contains(&name.len())) else {
                continue;
            };
            let draft = Draft::new(AssetKind::Identity, format!("env:{name}"), name)
                .relation(RelationKind::RunsAs)
                .vendor(vendors::of_variable(name).map(|vendor| vendor.key));
            tie(draft, RelationKind::RunsAs, node.span.clone(), facts);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{relations, told};

    const PIPELINE: &str = "components:
  llm:
    init_parameters:
      api_key:
        env_vars: [OPENAI_API_KEY]
        type: env_var
      model: gpt-4o
    type: haystack.components.generators.openai.OpenAIGenerator
  prompt:
    init_parameters:
      template: 'Answer about desks: {{ documents }} {{ query }}'
    type: haystack.components.builders.prompt_builder.PromptBuilder
  find:
    init_parameters:
      document_store:
        init_parameters: {index: desks}
        type: haystack_integrations.document_stores.qdrant.document_store.QdrantDocumentStore
    type: haystack_integrations.components.retrievers.qdrant.QdrantEmbeddingRetriever
  embed:
    init_parameters: {model: acme/words-small}
    type: haystack.components.embedders.x.SentenceTransformersTextEmbedder
connections: []
";

    #[test]
    fn components_name_models_prompts_stores_and_secrets() {
        assert_eq!(
            told("conf/ask.yml", PIPELINE),
            [
                "pipeline conf/ask.yml - 2",
                "model openai/gpt-4o chat 7",
                "identity env:OPENAI_API_KEY - 5",
                "prompt conf/ask.yml#prompt - 11",
                "vector_store qdrant/desks - 16",
                "model pkg:huggingface/acme/words-small embedding 20",
            ]
        );
        assert!(
            relations("conf/ask.yml", PIPELINE)
                .contains(&"pipeline:conf/ask.yml calls model:openai/gpt-4o".to_owned())
        );
        // Other programs have components as well.
        let other = PIPELINE.replace("type: haystack", "type: acme.haystack.components.");
        let all = told("conf/ask.yml", &other);
        assert!(
            !all.iter().any(|one| one.starts_with("pipeline")),
            "{all:?}"
        );
    }
}

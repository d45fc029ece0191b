//! Stores of vectors, and services that keep data sets and prompts.

use stance_core::{AssetKind, How, RelationKind};

use super::models::vendor_of;
use super::{Collector, Draft};
use crate::python::catalogue::{Api, Role};
use crate::python::known::Known;
use crate::python::sink::CallSite;

impl Collector<'_> {
    pub(super) fn store(&mut self, site: &CallSite<'_>, api: &'static Api) {
        // The method of an unknown object is no proof.
        let given = site.argument(api.position, api.keyword);
        let mut named = false;
        for one in given.iter().flat_map(|given| given.value.alternatives()) {
            let (text, how) = match one {
                Known::Text { text, how } => (&**text, *how),
                Known::Environment {
                    default: Some(text),
                    ..
                } => (&**text, How::Default),
                _ => continue,
            };
            if text.is_empty() || text.len() > 200 || text.contains('\n') {
                continue;
            }
            named = true;
            let draft = match api.role {
                Role::VectorStore => {
                    let technology = technology(api);
                    Draft::new(
                        AssetKind::VectorStore,
                        format!("{technology}/{text}"),
                        text,
                        how,
                    )
                    .relation(RelationKind::Reads)
                    .with("technology", technology)
                }
                Role::RemotePrompt => {
                    let (name, version) = text.split_once(':').unwrap_or((text, ""));
                    let service = service(api);
                    // Without an owner it is the one of whoever asks, most often the same.
                    let (owner, last) = name.rsplit_once('/').unwrap_or(("", name));
                    let mut draft =
                        Draft::new(AssetKind::Prompt, format!("{service}/{last}"), last, how)
                            .relation(RelationKind::Reads)
                            .alias(&format!("hub:{last}"))
                            .alias(name)
                            .alias(text)
                            .with("service", service);
                    if !matches!(owner, "" | "-") {
                        draft = draft.with("owner", owner).alias(&format!("hub:{name}"));
                    }
                    if version.is_empty() {
                        draft
                    } else {
                        draft.with("version", version)
                    }
                }
                _ => Draft::new(AssetKind::Dataset, text, text, how)
                    .relation(RelationKind::Reads)
                    .with("service", service(api)),
            };
            let draft = draft.vendor(vendor_of(api.root));
            let span = given.map_or(&site.callee_span, |given| &given.span);
            self.refer(draft, span);
        }
        if !named && api.role == Role::VectorStore {
            let technology = technology(api);
            let draft = Draft::new(
                AssetKind::VectorStore,
                &*technology,
                &*technology,
                How::Literal,
            )
            .relation(RelationKind::Reads)
            .vendor(vendor_of(api.root))
            .with("technology", &*technology);
            self.refer(draft, &site.callee_span);
        }
    }
}

/// What the store is made with: `chroma`, `faiss`.
fn technology(api: &Api) -> String {
    let class = ["langchain", "llama_index", "haystack", "autogen"]
        .iter()
        .any(|framework| api.root.starts_with(framework));
    let name = if class {
        api.name.split('.').next().unwrap_or_default()
    } else {
        api.root
    };
    let name = name.to_ascii_lowercase();
    let short = [
        "vectorstore",
        "documentstore",
        "vectorsearch",
        "search",
        "store",
    ]
    .iter()
    .find_map(|end| name.strip_suffix(end))
    .filter(|short| !short.is_empty())
    .unwrap_or(&name);
    match short {
        "chromadb" => "chroma".to_owned(),
        "qdrant_client" => "qdrant".to_owned(),
        "pymilvus" => "milvus".to_owned(),
        "vectorstoreindex" => "llama-index".to_owned(),
        "pg" => "pgvector".to_owned(),
        "azure" | "azureai" | "azure.search.documents" => "azure-ai-search".to_owned(),
        "boto3" | "amazonknowledgebasesretriever" => "bedrock-knowledge-base".to_owned(),
        "azureaisearchretriever" => "azure-ai-search".to_owned(),
        "opensearchvector" => "opensearch".to_owned(),
        "mongodbatlasvector" | "mongodbatlas" => "mongodb-atlas".to_owned(),
        "falkorgraphqueryengine" => "falkordb".to_owned(),
        "neo4jgraphqueryengine" => "neo4j".to_owned(),
        other => other.to_owned(),
    }
}

fn service(api: &Api) -> &'static str {
    match api.root {
        "langchain" | "langchainhub" => "langsmith",
        other => other,
    }
}

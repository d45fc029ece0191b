//! Stores of vectors, and services that keep data sets and prompts.

use stance_core::fact::Fact;
use stance_core::{AssetKind, How, RelationKind};

use super::classes::holds_vectors;
use super::models::vendor_of;
use super::{Collector, Draft};
use crate::python::catalogue::{Api, Role};
use crate::python::known::Known;
use crate::python::sink::CallSite;
use crate::python::syntax::Span;
use stance_read::stores::{self, Store};

impl Collector<'_> {
    /// A store that only a variable names.
    pub(super) fn store_variable(&mut self, variable: &str, store: Store, span: &Span) {
        let why = format!("environment variable {variable}");
        let draft = Draft::new(
            AssetKind::VectorStore,
            format!("env:{variable}"),
            variable,
            How::Unresolved,
        )
        .relation(RelationKind::Reads)
        .vendor(store.vendor)
        .with("technology", store.technology)
        .with("variable", variable)
        .with("unresolved", why);
        self.refer(draft, span);
    }

    /// A stage of an aggregation of MongoDB that searches by vectors.
    pub(super) fn searched_by_vectors(&mut self, span: &Span) {
        let name = "mongodb-atlas";
        let draft = Draft::new(AssetKind::VectorStore, name, name, How::Literal)
            .relation(RelationKind::Reads)
            .alias("$vectorSearch")
            .with("technology", name);
        self.refer(draft, span);
    }

    /// A table with a column of vectors.
    pub(super) fn vector_table(&mut self, table: &str, column: &str, span: &Span) {
        if table.is_empty() || table.len() > 120 {
            return;
        }
        let draft = Draft::new(
            AssetKind::VectorStore,
            format!("pgvector/{table}"),
            table,
            How::Literal,
        )
        .relation(RelationKind::Reads)
        .alias("pgvector")
        .with("technology", "pgvector")
        .with("column", column);
        self.refer(draft, span);
    }

    /// `op.create_table("chunks", sa.Column("embedding", Vector(1536)))` of a migration.
    pub(super) fn created_table(&mut self, site: &CallSite<'_>) {
        if !site.callee.ends_with("op.create_table") && site.callee != "sqlalchemy.Table" {
            return;
        }
        let mut given = site.arguments.iter().filter(|given| given.name.is_none());
        let Some(named) = given.next() else { return };
        let column = given.find(|given| holds_vectors(&given.value, 4));
        if let (Some(column), Known::Text { text, .. }) = (column, &named.value) {
            let name = match &column.value {
                Known::Object(object) => match object.unnamed.first() {
                    Some(Known::Text { text, .. }) => text.to_string(),
                    _ => String::new(),
                },
                _ => String::new(),
            };
            self.vector_table(text, &name, &named.span);
        }
    }

    /// The type alone, without its table, says less than the table.
    pub(super) fn settle_tables(&mut self) {
        let of = |fact: &Fact| match fact {
            Fact::Reference(it) if it.kind == AssetKind::VectorStore => Some(it.key.clone()),
            _ => None,
        };
        let known = |fact: &Fact| of(fact).is_some_and(|key| key.starts_with("pgvector/"));
        if self.facts.iter().any(known) {
            self.facts
                .retain(|fact| of(fact).is_none_or(|key| key != "pgvector"));
        }
    }

    /// A client alone; what it keeps may be told by another call of the file.
    fn store_client(&mut self, site: &CallSite<'_>, api: &'static Api) {
        // Searches of words are no stores of vectors.
        if matches!(api.root, "opensearchpy" | "elasticsearch") {
            let source = self.place.whole().as_bytes();
            let has = |word: &str| memchr::memmem::find(source, word.as_bytes()).is_some();
            if !["knn", "ector", "mbedding"].into_iter().any(has) {
                return;
            }
        }
        if self.clients.len() >= 64 {
            return;
        }
        let technology = technology(api);
        let draft = Draft::new(
            AssetKind::VectorStore,
            &*technology,
            &*technology,
            How::Literal,
        )
        .relation(RelationKind::Reads)
        .vendor(vendor_of(api.root))
        .alias(api.name.split('.').next().unwrap_or_default())
        .with("technology", &*technology);
        self.clients.push((draft, site.callee_span.clone()));
    }

    /// Clients of which no call told what they keep.
    pub(super) fn settle_clients(&mut self) {
        for (draft, span) in std::mem::take(&mut self.clients) {
            let told = self.facts.iter().any(|fact| match fact {
                Fact::Reference(it) if it.kind == AssetKind::VectorStore => {
                    let technology = it.attributes.get("technology").and_then(|it| it.as_str());
                    draft.name == "llama-index" || technology == Some(&*draft.name)
                }
                _ => false,
            });
            if !told {
                self.refer(draft, &span);
            }
        }
    }

    pub(super) fn store(&mut self, site: &CallSite<'_>, api: &'static Api) {
        if api.role == Role::VectorStore && api.keyword.is_empty() {
            self.store_client(site, api);
            return;
        }
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
                // Told where the variable is read.
                Known::Environment { variable, .. } if stores::of_variable(variable).is_some() => {
                    named = true;
                    continue;
                }
                Known::Environment {
                    variable,
                    default: None,
                } if api.role == Role::VectorStore && !named => {
                    named = true;
                    let technology = technology(api);
                    let draft = Draft::new(
                        AssetKind::VectorStore,
                        format!("env:{variable}"),
                        &**variable,
                        How::Unresolved,
                    )
                    .relation(RelationKind::Reads)
                    .vendor(vendor_of(api.root))
                    .alias(&technology)
                    .with("technology", &*technology)
                    .with("variable", &**variable)
                    .with("unresolved", format!("environment variable {variable}"));
                    let span = given.map_or(&site.callee_span, |given| &given.span);
                    self.refer(draft, span);
                    continue;
                }
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
        // An index of LlamaIndex may lie in any other store.
        if !named && api.root == "llama_index" && api.name.starts_with("VectorStoreIndex") {
            self.store_client(site, api);
            return;
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
    let class = [
        "langchain",
        "llama_index",
        "haystack",
        "autogen",
        "semantic_kernel",
    ]
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
        "opensearchpy" => "opensearch".to_owned(),
        "redisvl" | "redisconfig" => "redis".to_owned(),
        "astrapy" | "astradb" | "astra" => "astra-db".to_owned(),
        "upstash_vector" => "upstash-vector".to_owned(),
        "google.cloud.aiplatform" | "vector" | "langchain_google_vertexai" => {
            "vertex-vector-search".to_owned()
        }
        "google.cloud.discoveryengine" | "vertexaisearchretriever" => "vertex-ai-search".to_owned(),
        "neo4jvector" => "neo4j".to_owned(),
        "inmemory" | "volatilememory" => "in-memory".to_owned(),
        "azureaisearchmemory" | "azureaisearchcollection" => "azure-ai-search".to_owned(),
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

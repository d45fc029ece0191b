//! What builders of agents export: n8n, Flowise, Langflow, Dify.

use stance_code::names::{Model, provider_model, provider_model_with_prefix};
use stance_core::asset::{AssetId, AssetKind};
use stance_core::relation::RelationKind;
use stance_read::credential::Page;
use stance_read::report::Facts;
use stance_read::tree::Node;

use crate::document::Format;
use crate::draft::Draft;

pub(crate) const FLOWS: Format = Format {
    title: "flow of an agent builder",
    loose: false,
    marks: &[
        "n8n-nodes-langchain",
        "n8n-nodes-base.httpRequest",
        "\"Chat Models\"",
        "\"baseClasses\"",
        "\"display_name\"",
        "model_config:",
        "dependencies:\n- current_identifier",
        "kind: app",
    ],
    read,
};

/// Most nodes that are read of one flow.
const MOST: usize = 1000;

fn read(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    if root.get("kind").and_then(Node::as_str) == Some("app") && root.get("app").is_some() {
        return crate::dify::read(root, page, facts);
    }
    if let Some(kind) = root.get("type")
        && root.get("nodesAccess").is_some()
    {
        return n8n_credential(kind, root, page, facts);
    }
    let nodes = root.get("nodes").or_else(|| root.path(&["data", "nodes"]));
    let Some(nodes) = nodes.filter(|nodes| nodes.is_array()) else {
        return false;
    };
    let mut found = false;
    for node in nodes.items().iter().take(MOST) {
        found |=
            n8n(node, page, facts) || flowise(node, page, facts) || langflow(node, page, facts);
    }
    // The whole is a pipeline where one of its steps asks a model.
    let asks = nodes.items().iter().take(MOST).any(|node| {
        let kind = node.get("type").and_then(Node::as_str).unwrap_or_default();
        kind.starts_with("@n8n/n8n-nodes-langchain.")
    });
    if let Some(at) = root
        .get("name")
        .filter(|_| asks && root.get("connections").is_some())
        && let Some(name) = at
            .as_str()
            .filter(|name| !name.is_empty() && name.len() < 200)
    {
        let draft = Draft::new(AssetKind::Pipeline, page.path.to_string(), name)
            .relation(RelationKind::Contains)
            .with("service", "n8n");
        let id = root.get("id").and_then(Node::as_str).unwrap_or_default();
        draft.alias(id).add(at.span.clone(), page, facts);
    }
    found
}

pub(crate) fn part(
    kind: AssetKind,
    name: &str,
    service: &str,
    at: &Node,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) -> AssetId {
    Draft::new(kind, format!("{}#{name}", page.path), name)
        .relation(RelationKind::DependsOn)
        .with("service", service)
        .add(at.span.clone(), page, facts)
}

pub(crate) fn model(
    text: &str,
    vendor: Option<&'static str>,
    role: &str,
    at: &Node,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) -> bool {
    let text = text.strip_prefix("models/").unwrap_or(text);
    if text.is_empty() || text.starts_with(['=', '{', '$']) || text.contains(char::is_whitespace) {
        return false;
    }
    let model = provider_model(text).or_else(|| {
        vendor.map(|vendor| Model {
            key: format!("{vendor}/{text}"),
            name: text.to_owned(),
            vendor: Some(vendor),
            through: None,
        })
    });
    let Some(model) = model.or_else(|| provider_model_with_prefix(text)) else {
        return false;
    };
    Draft::model(model, text)
        .relation(RelationKind::Calls)
        .role(role)
        .add(at.span.clone(), page, facts);
    true
}

/// The vendor in the name of a node: `lmChatOpenAi`, `chatAnthropic`.
pub(crate) fn vendor_in(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    [
        ("azure", "azure"),
        ("openai", "openai"),
        ("anthropic", "anthropic"),
        ("google", "google"),
        ("gemini", "google"),
        ("mistral", "mistral"),
        ("cohere", "cohere"),
        ("groq", "groq"),
        ("ollama", "ollama"),
        ("bedrock", "aws"),
        ("deepseek", "deepseek"),
        ("openrouter", "openrouter"),
        ("xai", "xai"),
        ("huggingface", "huggingface"),
        ("qdrant", "qdrant"),
        ("pinecone", "pinecone"),
        ("weaviate", "weaviate"),
        ("milvus", "milvus"),
    ]
    .iter()
    .find(|(word, _)| name.contains(word))
    .map(|(_, vendor)| *vendor)
}

/// A credential that n8n exports: encrypted, but named with the service it is for.
fn n8n_credential(kind: &Node, root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let Some(text) = kind.as_str().filter(|text| !text.is_empty()) else {
        return false;
    };
    let vendor = vendor_in(text);
    let draft = Draft::new(AssetKind::Identity, format!("n8n/{text}"), text)
        .relation(RelationKind::RunsAs)
        .vendor(vendor)
        .with("source", "n8n");
    let name = root.get("name").and_then(Node::as_str).unwrap_or_default();
    draft.alias(name).add(kind.span.clone(), page, facts);
    true
}

fn n8n(node: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let Some(at) = node.get("type") else {
        return false;
    };
    let Some(kind) = at.as_str() else {
        return false;
    };
    if let Some(base) = kind.strip_prefix("n8n-nodes-base.") {
        return crate::n8n::base(base, at, node, page, facts);
    }
    let Some(kind) = kind.strip_prefix("@n8n/n8n-nodes-langchain.") else {
        return false;
    };
    crate::n8n::told(node, page, facts);
    let name = node.get("name").and_then(Node::as_str).unwrap_or(kind);
    let parameters = node.get("parameters");
    let text = |keys: &[&str]| {
        let node = parameters?.get_any(keys)?;
        let node = node.get("value").unwrap_or(node);
        Some((node, node.as_str()?))
    };
    let asset = match kind {
        "agent" | "openAiAssistant" => Some(AssetKind::Agent),
        "guardrails" => Some(AssetKind::Guardrail),
        "mcpClientTool" | "mcpTrigger" => Some(AssetKind::McpServer),
        _ if kind.starts_with("vectorStore") => Some(AssetKind::VectorStore),
        _ if kind.starts_with("tool") => Some(AssetKind::Tool),
        _ => None,
    };
    if let Some(asset) = asset {
        part(asset, name, "n8n", at, page, facts);
    }
    if kind.starts_with("lm") || kind.starts_with("embeddings") || kind == "openAi" {
        let role = if kind.starts_with("embeddings") {
            "embedding"
        } else {
            "chat"
        };
        if let Some((at, text)) = text(&["model", "modelName", "modelId"]) {
            model(text, vendor_in(kind), role, at, page, facts);
        }
    }
    for entry in node
        .get("credentials")
        .map(Node::entries)
        .unwrap_or_default()
        .iter()
        .take(16)
    {
        let vendor = vendor_in(&entry.key);
        Draft::new(
            AssetKind::Identity,
            format!("n8n/{}", entry.key),
            entry.key.to_string(),
        )
        .relation(RelationKind::RunsAs)
        .vendor(vendor)
        .with("source", "n8n")
        .add(entry.key_span.clone(), page, facts);
    }
    true
}

fn flowise(node: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let Some(data) = node.get("data") else {
        return false;
    };
    let Some(category) = data.get("category").and_then(Node::as_str) else {
        return false;
    };
    let Some(at) = data.get("name") else {
        return false;
    };
    let name = at.as_str().unwrap_or_default();
    let label = data
        .path(&["inputs", "agentName"])
        .or_else(|| data.get("label"))
        .and_then(Node::as_str)
        .unwrap_or(name);
    let asset = match category {
        "Agents" | "Multi Agents" | "Sequential Agents" | "Agent Flows"
            if name.to_ascii_lowercase().contains("agent") =>
        {
            Some(AssetKind::Agent)
        }
        "Vector Stores" => Some(AssetKind::VectorStore),
        "Tools" | "MCP Tools" => Some(AssetKind::Tool),
        "Moderation" => Some(AssetKind::Guardrail),
        _ => None,
    };
    if let Some(asset) = asset {
        part(asset, label, "flowise", at, page, facts);
    }
    if matches!(category, "Chat Models" | "LLMs" | "Embeddings") {
        let role = if category == "Embeddings" {
            "embedding"
        } else {
            "chat"
        };
        if let Some(node) = data
            .get("inputs")
            .and_then(|inputs| inputs.get_any(&["modelName", "model", "customModel"]))
            && let Some(text) = node.as_str()
        {
            model(text, vendor_in(name), role, node, page, facts);
        }
    }
    true
}

fn langflow(node: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let Some(data) = node.get("data") else {
        return false;
    };
    let (Some(at), Some(template)) = (data.get("type"), data.path(&["node", "template"])) else {
        return false;
    };
    let kind = at.as_str().unwrap_or_default();
    let title = data
        .path(&["node", "display_name"])
        .and_then(Node::as_str)
        .unwrap_or(kind);
    let stores = [
        "AstraDB",
        "Chroma",
        "FAISS",
        "Milvus",
        "Pinecone",
        "Qdrant",
        "Weaviate",
        "PGVector",
        "pgvector",
        "MongoVectorStore",
    ];
    let asset = match kind {
        _ if kind.ends_with("Agent") => Some(AssetKind::Agent),
        "MCPTools" | "MCPStdio" | "MCPSse" => Some(AssetKind::McpServer),
        _ if stores.contains(&kind) => Some(AssetKind::VectorStore),
        _ if kind.ends_with("Tool") => Some(AssetKind::Tool),
        _ => None,
    };
    if let Some(asset) = asset {
        part(asset, title, "langflow", at, page, facts);
    }
    if let Some(node) = template
        .get_any(&["model_name", "model"])
        .and_then(|node| node.get("value"))
        && let Some(text) = node.as_str()
    {
        let role = if kind.contains("Embedding") {
            "embedding"
        } else {
            "chat"
        };
        let named = template
            .path(&["agent_llm", "value"])
            .and_then(Node::as_str)
            .and_then(vendor_in);
        model(
            text,
            named.or_else(|| vendor_in(kind)),
            role,
            node,
            page,
            facts,
        );
    }
    true
}

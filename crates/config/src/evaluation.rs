//! What measures models: promptfoo, tasks of the language model evaluation harness; and what guards
//! them: NeMo Guardrails, LLM Guard.

use stance_code::names::{hub_dataset, hub_model, provider, provider_model_with_prefix};
use stance_core::asset::{AssetId, AssetKind};
use stance_core::relation::RelationKind;
use stance_read::credential::Page;
use stance_read::report::Facts;
use stance_read::tree::Node;

use crate::document::Format;
use crate::draft::{Draft, relate};

/// See <https://www.promptfoo.dev/docs/configuration/reference/>.
pub(crate) const PROMPTFOO: Format = Format {
    title: "promptfoo configuration",
    loose: false,
    marks: &["providers", "targets"],
    read: promptfoo,
};

/// See <https://github.com/EleutherAI/lm-evaluation-harness/blob/main/docs/task_guide.md>.
pub(crate) const TASKS: Format = Format {
    title: "evaluation task",
    loose: false,
    marks: &["doc_to_text"],
    read: task,
};

/// See <https://docs.nvidia.com/nemo/guardrails/> and <https://protectai.github.io/llm-guard/>.
pub(crate) const RAILS: Format = Format {
    title: "guardrails configuration",
    loose: false,
    marks: &["rails:", "input_scanners", "output_scanners"],
    read: rails,
};

/// What the evaluation tools of the Azure samples measure. See <https://github.com/Azure-Samples/ai-rag-chat-evaluator>.
pub(crate) const METRICS: Format = Format {
    title: "evaluation configuration",
    loose: false,
    marks: &["requested_metrics"],
    read: metrics,
};

/// Most entries of one kind that are read of one file.
const MOST: usize = 200;

fn whole(
    kind: AssetKind,
    root: &Node,
    name: Option<&str>,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
    role: &str,
    service: &str,
) -> AssetId {
    let file = page.path.rsplit('/').next().unwrap_or_default();
    let first = root
        .entries()
        .first()
        .map_or(root.span.clone(), |entry| entry.key_span.clone());
    Draft::new(kind, page.path.to_string(), name.unwrap_or(file))
        .relation(RelationKind::DependsOn)
        .alias(file)
        .role(role)
        .with("service", service)
        .add(first, page, facts)
}

fn metrics(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let Some(metrics) = root.get("requested_metrics").filter(|it| it.is_array()) else {
        return false;
    };
    for item in metrics.items().iter().take(MOST) {
        if let Some(name) = item.as_str().filter(|name| (1..=80).contains(&name.len())) {
            Draft::new(AssetKind::Evaluator, format!("{}#{name}", page.path), name)
                .role("evaluation")
                .add(item.span.clone(), page, facts);
        }
    }
    if let Some(node) = root.get("testdata_path")
        && let Some(path) = node.as_str().filter(|path| (1..=200).contains(&path.len()))
    {
        let path = path.trim_start_matches("./");
        Draft::new(AssetKind::Dataset, format!("file/{path}"), path)
            .relation(RelationKind::Reads)
            .alias(path.rsplit('/').next().unwrap_or_default())
            .role("evaluation")
            .add(node.span.clone(), page, facts);
    }
    true
}

fn promptfoo(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let Some(providers) = root.get_any(&["providers", "targets"]) else {
        return false;
    };
    if root.get_any(&["tests", "redteam", "scenarios"]).is_none()
        || root.get_any(&["prompts", "redteam"]).is_none()
    {
        return false;
    }
    let title = root
        .get("description")
        .and_then(Node::as_str)
        .filter(|text| text.len() <= 100);
    let role = if root.get("redteam").is_some() {
        "red team"
    } else {
        "evaluation"
    };
    let evaluator = whole(
        AssetKind::Evaluator,
        root,
        title,
        page,
        facts,
        role,
        "promptfoo",
    );
    let single = std::iter::once(providers).filter(|node| node.as_str().is_some());
    for item in providers.items().iter().chain(single).take(MOST) {
        let node = item.get("id").unwrap_or(item);
        if let Some(text) = node.as_str() {
            target(text, "evaluated", node, &evaluator, page, facts);
        }
    }
    // The models that judge.
    for path in [
        ["defaultTest", "options", "provider"].as_slice(),
        &["redteam", "provider"],
    ] {
        if let Some(node) = root.path(path) {
            let node = node.get("id").unwrap_or(node);
            if let Some(text) = node.as_str() {
                target(text, "judge", node, &evaluator, page, facts);
            }
        }
    }
    true
}

/// `openai:chat:gpt-4o`, `anthropic:messages:claude-…`, `huggingface:text-generation:org/name`.
fn target(
    text: &str,
    role: &str,
    node: &Node,
    evaluator: &AssetId,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) {
    let Some((word, rest)) = text.split_once(':') else {
        return;
    };
    let last = match rest.split_once(':') {
        Some((kind, name)) if !kind.contains(['.', '/', '-']) || kind == "text-generation" => name,
        _ => rest,
    };
    if matches!(
        word,
        "file" | "python" | "exec" | "http" | "https" | "package"
    ) || last.is_empty()
    {
        return;
    }
    let model = match word {
        "huggingface" => hub_model(last),
        _ if provider(word).is_some() => provider_model_with_prefix(&format!("{word}:{last}")),
        "vertex" => provider_model_with_prefix(&format!("vertex_ai:{last}")),
        _ => None,
    };
    if let Some(model) = model {
        let id = Draft::model(model, text)
            .relation(RelationKind::Calls)
            .role(role)
            .add(node.span.clone(), page, facts);
        relate(
            evaluator,
            RelationKind::Calls,
            &id,
            node.span.clone(),
            page,
            facts,
        );
    }
}

fn task(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let (Some(name), true) = (
        root.get("task").and_then(Node::as_str),
        root.get("doc_to_text").is_some(),
    ) else {
        return false;
    };
    let evaluator = whole(
        AssetKind::Evaluator,
        root,
        Some(name),
        page,
        facts,
        "evaluation",
        "lm-eval",
    );
    if let Some(node) = root.get("dataset_path")
        && let Some(id) = node.as_str().and_then(hub_dataset)
    {
        let config = root
            .get("dataset_name")
            .and_then(Node::as_str)
            .map(str::to_owned);
        let split = root
            .get_any(&["test_split", "validation_split"])
            .and_then(Node::as_str)
            .map(str::to_owned);
        let id = Draft::dataset(id)
            .role("evaluation")
            .with_some("config", config)
            .with_some("split", split)
            .add(node.span.clone(), page, facts);
        relate(
            &evaluator,
            RelationKind::Reads,
            &id,
            node.span.clone(),
            page,
            facts,
        );
    }
    true
}

fn rails(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let mut found = false;
    for key in ["input_scanners", "output_scanners"] {
        for item in root
            .get(key)
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .take(MOST)
        {
            if let Some(node) = item.get("type")
                && let Some(name) = node.as_str()
            {
                found = true;
                Draft::new(AssetKind::Guardrail, format!("{}#{name}", page.path), name)
                    .relation(RelationKind::DependsOn)
                    .role("guardrail")
                    .with("service", "llm-guard")
                    .add(node.span.clone(), page, facts);
            }
        }
    }
    // Dialogue settings alone guard nothing.
    let flows = root.get("rails").filter(|rails| {
        ["input", "output", "retrieval", "tool_input", "tool_output"]
            .iter()
            .any(|key| rails.get(key).is_some_and(Node::is_object))
    });
    let Some(rails) = flows else { return found };
    let directory = page.path.rsplit('/').skip(1).find(|part| *part != "config");
    let guard = whole(
        AssetKind::Guardrail,
        root,
        directory,
        page,
        facts,
        "guardrail",
        "nemo-guardrails",
    );
    for side in ["input", "output", "retrieval"] {
        for item in rails
            .path(&[side, "flows"])
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .take(MOST)
        {
            if let Some(name) = item.as_str() {
                let name = name.split('$').next().unwrap_or(name).trim();
                Draft::new(AssetKind::Guardrail, format!("{}#{name}", page.path), name)
                    .relation(RelationKind::DependsOn)
                    .role("guardrail")
                    .with("side", side)
                    .add(item.span.clone(), page, facts);
            }
        }
    }
    for item in root
        .get("models")
        .map(Node::items)
        .unwrap_or_default()
        .iter()
        .take(MOST)
    {
        let engine = item
            .get("engine")
            .and_then(Node::as_str)
            .unwrap_or_default();
        let Some(node) = item.get("model") else {
            continue;
        };
        let Some(text) = node.as_str() else { continue };
        let role = match item.get("type").and_then(Node::as_str) {
            Some("main") => "chat",
            Some("embeddings") => "embedding",
            _ => "guardrail",
        };
        let model = provider(engine)
            .and_then(|_| provider_model_with_prefix(&format!("{engine}:{text}")))
            .or_else(|| provider_model_with_prefix(text))
            .or_else(|| hub_model(text));
        if let Some(model) = model {
            let id = Draft::model(model, text)
                .relation(RelationKind::Calls)
                .role(role)
                .add(node.span.clone(), page, facts);
            relate(
                &guard,
                RelationKind::Calls,
                &id,
                node.span.clone(),
                page,
                facts,
            );
        }
    }
    true
}

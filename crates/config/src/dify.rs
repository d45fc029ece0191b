//! Applications that Dify exports: their nodes, with the models, prompts, tools, servers and knowledge of each. See
//! <https://docs.dify.ai/en/guides/management/app-management>.

use std::ops::Range;

use stance_code::names::{Model, provider, provider_model};
use stance_core::asset::AssetKind;
use stance_core::digest;
use stance_core::relation::RelationKind;
use stance_read::credential::Page;
use stance_read::report::Facts;
use stance_read::tree::Node;

use crate::draft::Draft;

/// Most nodes of one application that are read, and most parts of one node.
const MOST: usize = 1000;
const PARTS: usize = 64;
/// Shortest text that is taken for a prompt, in characters: three words of Chinese say something.
const SHORTEST: usize = 8;

pub(crate) fn read(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let Some(app) = root.get("app") else {
        return false;
    };
    let Some(at) = app.get("name") else {
        return false;
    };
    let name = at.as_str().unwrap_or("app");
    let mode = app.get("mode").and_then(Node::as_str).unwrap_or_default();
    // A workflow runs its steps; whatever chats is an agent.
    let kind = match mode {
        "workflow" => AssetKind::Pipeline,
        _ => AssetKind::Agent,
    };
    add(kind, name, at.span.clone(), page, facts, |draft| {
        draft.with("mode", mode)
    });
    let nodes = root.path(&["workflow", "graph", "nodes"]);
    for node in nodes.map(Node::items).unwrap_or_default().iter().take(MOST) {
        if let Some(data) = node.get("data") {
            self::node(data, page, facts);
        }
    }
    if let Some(config) = root.get("model_config") {
        model(config.get("model"), "chat", page, facts);
        prompt("pre_prompt", config.get("pre_prompt"), page, facts);
        tools(config.path(&["agent_mode", "tools"]), page, facts);
        let sets = config.path(&["dataset_configs", "datasets", "datasets"]);
        for set in sets.map(Node::items).unwrap_or_default().iter().take(PARTS) {
            dataset(set.path(&["dataset", "id"]), page, facts);
        }
    }
    true
}

fn add(
    kind: AssetKind,
    name: &str,
    at: Range<usize>,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
    more: impl FnOnce(Draft) -> Draft,
) {
    let draft = Draft::new(kind, format!("{}#{name}", page.path), name)
        .relation(RelationKind::Contains)
        .with("service", "dify");
    more(draft).add(at, page, facts);
}

fn node(data: &Node, page: &Page<'_>, facts: &mut Facts<'_>) {
    let title = data.get("title").and_then(Node::as_str).unwrap_or_default();
    let kind = data.get("type").and_then(Node::as_str).unwrap_or_default();
    model(data.get("model"), "chat", page, facts);
    model(
        data.path(&["single_retrieval_config", "model"]),
        "chat",
        page,
        facts,
    );
    for at in [
        &["multiple_retrieval_config", "reranking_model"][..],
        &["reranking_model"],
    ] {
        model(data.path(at), "reranking", page, facts);
    }
    match kind {
        "llm" => messages(title, data, page, facts),
        "agent" => agent(title, data, page, facts),
        "tool" => tool(data, page, facts),
        "question-classifier" | "parameter-extractor" => {
            prompt(title, data.get("instruction"), page, facts);
        }
        _ => {}
    }
    let sets = data.get("dataset_ids").map(Node::items).unwrap_or_default();
    for set in sets.iter().take(PARTS) {
        dataset(Some(set), page, facts);
    }
}

/// What a node says to its model: a list of messages, or one text.
fn messages(title: &str, data: &Node, page: &Page<'_>, facts: &mut Facts<'_>) {
    let Some(template) = data.get("prompt_template") else {
        return;
    };
    let one = std::slice::from_ref(template);
    let items = match template.items() {
        [] => one,
        items => items,
    };
    let told = items.iter().filter_map(|it| it.get("text")).find(|it| {
        // A hole alone is what somebody else says.
        it.as_str().is_some_and(|text| {
            let bare = text.trim();
            bare.chars().count() >= SHORTEST
                && !(bare.starts_with("{{#")
                    && bare.ends_with("#}}")
                    && bare.matches("{{").count() == 1)
        })
    });
    prompt(title, told, page, facts);
}

fn prompt(title: &str, node: Option<&Node>, page: &Page<'_>, facts: &mut Facts<'_>) {
    let Some((node, text)) = node.and_then(|it| Some((it, it.as_str()?))) else {
        return;
    };
    let length = text.trim().chars().count();
    if length >= SHORTEST && !title.is_empty() {
        add(
            AssetKind::Prompt,
            title,
            node.span.clone(),
            page,
            facts,
            |it| {
                it.with("length", length)
                    .with(digest::TEXT, digest::text(text))
            },
        );
    }
}

/// An agent inside a workflow: what its strategy is given, each as `{type: constant, value: …}`.
fn agent(title: &str, data: &Node, page: &Page<'_>, facts: &mut Facts<'_>) {
    let at = data.get("title").map_or(0..0, |it| it.span.clone());
    let strategy = data.get("agent_strategy_name").and_then(Node::as_str);
    add(AssetKind::Agent, title, at, page, facts, |draft| {
        draft.alias(strategy.unwrap_or_default())
    });
    let given = data
        .get("agent_parameters")
        .map(Node::entries)
        .unwrap_or_default();
    for entry in given.iter().take(PARTS) {
        let Some(value) = entry.value.get("value") else {
            continue;
        };
        let key = &*entry.key;
        if key.contains("model") {
            model(Some(value), "chat", page, facts);
        } else if key.contains("instruction") || key.contains("prompt") {
            prompt(&format!("{title} {key}"), Some(value), page, facts);
        } else if key.contains("mcp") {
            server(value, page, facts);
        } else if key == "tools" {
            tools(Some(value), page, facts);
        }
    }
}

/// A server of the Model Context Protocol: its address, or a text of JSON with several.
fn server(value: &Node, page: &Page<'_>, facts: &mut Facts<'_>) {
    let Some(text) = value.as_str() else { return };
    for (at, _) in text.match_indices("http").take(PARTS) {
        let rest = text.get(at..).unwrap_or_default();
        let end = rest
            .find(|it: char| it.is_whitespace() || matches!(it, '"' | '\'' | ',' | '}'))
            .unwrap_or(rest.len());
        let url = rest.get(..end).unwrap_or_default();
        let Some(host) = url
            .split("://")
            .nth(1)
            .and_then(|it| it.split(['/', ':']).next())
        else {
            continue;
        };
        if !host.is_empty() {
            // What stands behind the host is often a key.
            add(
                AssetKind::McpServer,
                host,
                value.span.clone(),
                page,
                facts,
                |it| it,
            );
        }
    }
}

fn tools(list: Option<&Node>, page: &Page<'_>, facts: &mut Facts<'_>) {
    for one in list.map(Node::items).unwrap_or_default().iter().take(PARTS) {
        tool(one, page, facts);
    }
}

fn tool(one: &Node, page: &Page<'_>, facts: &mut Facts<'_>) {
    let Some((node, name)) = one.get("tool_name").and_then(|it| Some((it, it.as_str()?))) else {
        return;
    };
    let provider = one
        .get_any(&["provider_name", "provider_id"])
        .and_then(Node::as_str);
    if !name.is_empty() {
        add(
            AssetKind::Tool,
            name,
            node.span.clone(),
            page,
            facts,
            |draft| draft.with_some("provider", provider),
        );
    }
}

fn dataset(node: Option<&Node>, page: &Page<'_>, facts: &mut Facts<'_>) {
    let Some((node, id)) = node.and_then(|it| Some((it, it.as_str()?))) else {
        return;
    };
    if !id.is_empty() {
        Draft::new(AssetKind::Dataset, format!("dify/{id}"), id)
            .relation(RelationKind::Reads)
            .with("service", "dify")
            .add(node.span.clone(), page, facts);
    }
}

/// `{provider: langgenius/openai/openai, name: gpt-4o}`; agents write `model` for `name`.
fn model(node: Option<&Node>, role: &str, page: &Page<'_>, facts: &mut Facts<'_>) {
    let Some(node) = node else { return };
    let named = node.get_any(&["name", "model"]);
    let Some((at, text)) = named.and_then(|it| Some((it, it.as_str()?))) else {
        return;
    };
    let Some(word) = node.get("provider").and_then(Node::as_str) else {
        return;
    };
    if text.is_empty() || text.contains(char::is_whitespace) {
        return;
    }
    let word = word.rsplit('/').next().unwrap_or_default();
    let vendor = provider(word).or_else(|| crate::flows::vendor_in(word));
    let known = provider_model(text).or_else(|| {
        vendor.map(|vendor| Model {
            key: format!("{vendor}/{text}"),
            name: text.to_owned(),
            vendor: Some(vendor),
            through: None,
        })
    });
    if let Some(model) = known {
        Draft::model(model, text)
            .relation(RelationKind::Calls)
            .role(role)
            .add(at.span.clone(), page, facts);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::told;

    #[test]
    fn an_application_tells_what_its_nodes_use() {
        let text = "app:\n  mode: workflow\n  name: answers\nkind: app\nworkflow:\n  graph:\n    nodes:\n    - data:\n        type: llm\n        title: Draft\n        model: {provider: deepseek, name: deepseek-chat}\n        prompt_template:\n        - role: system\n          text: Answer the question with what is known.\n    - data:\n        type: agent\n        title: Helper\n        agent_strategy_name: react\n        agent_parameters:\n          instruction: {type: constant, value: Look up the weather first.}\n          mcp_server: {type: constant, value: 'https://mcp.acme.dev/sse/key'}\n          model: {type: constant, value: {provider: langgenius/openai/openai, model: gpt-4o-mini}}\n          tools: {type: constant, value: [{tool_name: current_time, provider_name: time}]}\n    - data:\n        type: knowledge-retrieval\n        title: Search\n        dataset_ids: [0f-1]\n        multiple_retrieval_config:\n          reranking_model: {provider: cohere, model: rerank-english-v3.0}\n";
        assert_eq!(
            told("flow.yml", text),
            [
                "pipeline flow.yml#answers - 3",
                "model deepseek/deepseek-chat chat 11",
                "prompt flow.yml#Draft - 14",
                "agent flow.yml#Helper - 17",
                "prompt flow.yml#Helper instruction - 20",
                "mcp_server flow.yml#mcp.acme.dev - 21",
                "model openai/gpt-4o-mini chat 22",
                "tool flow.yml#current_time - 23",
                "model cohere/rerank-english-v3.0 reranking 29",
                "dataset dify/0f-1 - 27",
            ]
        );
    }
}

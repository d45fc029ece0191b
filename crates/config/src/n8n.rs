//! Nodes of n8n besides those of models: what agents and chains are told, tools of other applications, and requests to
//! the services of vendors with the model and the prompt in their bodies.

use stance_code::names::Model;
use stance_core::asset::AssetKind;
use stance_core::digest;
use stance_core::relation::RelationKind;
use stance_read::address::Address;
use stance_read::credential::Page;
use stance_read::report::Facts;
use stance_read::tree::Node;

use crate::draft::Draft;
use crate::flows::{model, part};

/// Shortest text that is taken for a prompt, in characters.
const PROMPT: usize = 30;
/// Where nodes keep what they tell a model, and how that is called.
const TOLD: &[(&[&str], &str)] = &[
    (&["options", "systemMessage"], "systemMessage"),
    (&["systemMessage"], "systemMessage"),
    (&["text"], "text"),
    (&["prompt"], "prompt"),
];

/// What an agent or chain is told.
pub(crate) fn told(node: &Node, page: &Page<'_>, facts: &mut Facts<'_>) {
    let name = node.get("name").and_then(Node::as_str).unwrap_or_default();
    let Some(parameters) = node.get("parameters") else {
        return;
    };
    for (path, key) in TOLD {
        prompt(name, key, parameters.path(path), page, facts);
    }
    let messages = parameters.path(&["messages", "messageValues"]);
    for one in messages
        .map(Node::items)
        .unwrap_or_default()
        .iter()
        .take(32)
    {
        prompt(name, "message", one.get("message"), page, facts);
    }
    let values = parameters.path(&["messages", "values"]);
    for one in values.map(Node::items).unwrap_or_default().iter().take(32) {
        prompt(name, "message", one.get("content"), page, facts);
    }
}

fn prompt(name: &str, key: &str, node: Option<&Node>, page: &Page<'_>, facts: &mut Facts<'_>) {
    let Some((node, text)) = node.and_then(|it| Some((it, it.as_str()?))) else {
        return;
    };
    // An expression alone is what somebody else says.
    let bare = text.trim_start_matches('=').trim();
    let expression =
        bare.starts_with("{{") && bare.ends_with("}}") && bare.matches("{{").count() == 1;
    let length = bare.chars().count();
    if length < PROMPT || expression || name.is_empty() {
        return;
    }
    let whole = format!("{name} {key}");
    Draft::new(AssetKind::Prompt, format!("{}#{whole}", page.path), whole)
        .relation(RelationKind::Contains)
        .alias(name)
        .with("service", "n8n")
        .with("length", length)
        .with(digest::TEXT, digest::text(bare))
        .add(node.span.clone(), page, facts);
}

/// A node of another application: a tool of an agent, or a request to a vendor's service.
pub(crate) fn base(
    kind: &str,
    at: &Node,
    node: &Node,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) -> bool {
    let name = node.get("name").and_then(Node::as_str).unwrap_or(kind);
    if kind.ends_with("Tool") {
        part(AssetKind::Tool, name, "n8n", at, page, facts);
        return true;
    }
    let Some(parameters) = node.get("parameters").filter(|_| kind == "httpRequest") else {
        return false;
    };
    let url = parameters
        .get("url")
        .and_then(|it| Some((it, it.as_str()?)));
    let Some((place, text)) = url else {
        return false;
    };
    let Some(address) = Address::of_vendor_service(text.trim_start_matches('=')) else {
        return false;
    };
    Draft::new(AssetKind::Endpoint, &address.url, &address.url)
        .vendor(address.vendor)
        .alias(&address.host)
        .add(place.span.clone(), page, facts);
    let body = parameters.get_any(&["jsonBody", "body"]);
    if let Some((body, text)) = body.and_then(|it| Some((it, it.as_str()?))) {
        if let Some(named) = value_of(text, "model") {
            asked(named, address.vendor, body, page, facts);
        }
        if let Some(said) = value_of(text, "content").filter(|it| it.chars().count() >= PROMPT) {
            Draft::new(AssetKind::Prompt, format!("{}#{name}", page.path), name)
                .relation(RelationKind::Contains)
                .with("service", "n8n")
                .with("length", said.chars().count())
                .with(digest::TEXT, digest::text(said))
                .add(body.span.clone(), page, facts);
        }
    }
    true
}

/// The model that a request asks for: a name with its maker before it is one of whoever passes requests on.
fn asked(
    named: &str,
    vendor: Option<&'static str>,
    body: &Node,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) {
    let Some(through) = vendor.filter(|_| named.contains('/')) else {
        model(named, vendor, "chat", body, page, facts);
        return;
    };
    let found = Model {
        key: format!("{through}/{named}"),
        name: named.to_owned(),
        vendor: Some(through),
        through: None,
    };
    Draft::model(found, named)
        .relation(RelationKind::Calls)
        .role("chat")
        .add(body.span.clone(), page, facts);
}

/// The text that a key has in a body that may hold expressions, and so need not be JSON.
fn value_of<'t>(body: &'t str, key: &str) -> Option<&'t str> {
    let (_, rest) = body.split_once(&format!("\"{key}\""))?;
    let rest = rest.trim_start().strip_prefix(':')?.trim_start();
    let rest = rest.strip_prefix('"')?;
    let end = rest.find('"')?;
    rest.get(..end)
}

#[cfg(test)]
mod tests {
    use crate::testing::told;

    #[test]
    fn what_is_told_asked_and_given_is_known() {
        let text = r#"{"nodes": [
{"type": "@n8n/n8n-nodes-langchain.agent", "name": "Clerk", "parameters": {"text": "={{ $json.chatInput }}", "options": {
"systemMessage": "You answer questions about the shop and its opening hours."}}},
{"type": "n8n-nodes-base.mongoDbTool", "name": "Orders", "parameters": {}},
{"type": "n8n-nodes-base.httpRequest", "name": "Ask", "parameters": {
"url": "https://openrouter.ai/api/v1/chat/completions",
"jsonBody": "={ \"model\": \"meta-llama/llama-3.1-70b-instruct:free\", \"messages\": [{ \"role\": \"user\", \"content\": \"You are an expert. Look at the numbers: {{ $json.x }}\" }] }"}},
{"type": "n8n-nodes-base.httpRequest", "name": "Other", "parameters": {"url": "https://shop.acme.dev/api"}}
]}"#;
        assert_eq!(
            told("flow.json", text),
            [
                "prompt flow.json#Clerk systemMessage - 3",
                "agent flow.json#Clerk - 2",
                "tool flow.json#Orders - 4",
                "endpoint https://openrouter.ai/api/v1/chat/completions - 6",
                "model openrouter/meta-llama/llama-3.1-70b-instruct:free chat 7",
                "prompt flow.json#Ask - 7",
            ]
        );
    }
}

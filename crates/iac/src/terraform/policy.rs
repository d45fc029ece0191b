//! `aws_iam_policy_document`: the one data source that says what it gives.

use std::sync::Arc;

use crate::value::{Entry, Node, Value};

/// The policy that the arguments of the data source describe, in the words of IAM.
pub(super) fn document(body: &Node) -> Node {
    let span = body.span;
    let mut entries = vec![entry("Version", Node::text("2012-10-17", span))];
    let statements = body.get("statement");
    let statements = match statements {
        Some(node) if node.is_known() => {
            Node::array(node.items().iter().map(statement).collect(), node.span)
        }
        Some(node) => node.clone(),
        None => Node::array(Vec::new(), span),
    };
    entries.push(entry("Statement", statements));
    Node::object(entries, span)
}

fn entry(key: &str, value: Node) -> Entry {
    Entry {
        key: key.into(),
        key_span: value.span,
        value,
    }
}

fn statement(body: &Node) -> Node {
    let mut entries = Vec::new();
    if body.get("effect").is_none() {
        entries.push(entry("Effect", Node::text("Allow", body.span)));
    }
    for one in body.entries() {
        let name = match &*one.key {
            "sid" => "Sid",
            "effect" => "Effect",
            "actions" => "Action",
            "not_actions" => "NotAction",
            "resources" => "Resource",
            "not_resources" => "NotResource",
            "principals" => "Principal",
            "not_principals" => "NotPrincipal",
            "condition" => "Condition",
            _ => continue,
        };
        let value = match name {
            "Principal" | "NotPrincipal" => principals(&one.value),
            "Condition" => conditions(&one.value),
            _ => one.value.clone(),
        };
        entries.push(Entry {
            key: name.into(),
            key_span: one.key_span,
            value,
        });
    }
    Node::object(entries, body.span)
}

fn principals(blocks: &Node) -> Node {
    if !blocks.is_known() {
        return blocks.clone();
    }
    let mut entries = Vec::new();
    for block in blocks.items() {
        let Some(kind) = block.get("type").and_then(Node::scalar) else {
            continue;
        };
        if let Some(who) = block.get("identifiers") {
            let everyone = who.items().iter().any(|one| one.as_str() == Some("*"));
            if &*kind == "*" && everyone {
                return Node::text("*", block.span);
            }
            entries.push(entry(&kind, who.clone()));
        }
    }
    Node::object(entries, blocks.span)
}

fn conditions(blocks: &Node) -> Node {
    if !blocks.is_known() {
        return blocks.clone();
    }
    let mut tests: Vec<(Arc<str>, Vec<Entry>)> = Vec::new();
    for block in blocks.items() {
        let word = |key: &str| block.get(key).and_then(Node::scalar);
        let (Some(test), Some(variable)) = (word("test"), word("variable")) else {
            continue;
        };
        let values = block.get("values").cloned();
        let values = values.unwrap_or_else(|| Node::new(Value::Null, block.span));
        let made = entry(&variable, values);
        match tests.iter_mut().find(|(known, _)| *known == test) {
            Some((_, entries)) => entries.push(made),
            None => tests.push((test, vec![made])),
        }
    }
    let tests = tests.into_iter();
    let tests = tests.map(|(test, entries)| entry(&test, Node::object(entries, blocks.span)));
    Node::object(tests.collect(), blocks.span)
}

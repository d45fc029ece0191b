//! Templates that are trees: Azure Resource Manager, CloudFormation and SAM, Pulumi, and the lists of
//! deployments that Azure's tools read.

use stance_core::How;
use stance_read::credential::Page;
use stance_read::report::Facts;
use stance_read::tree::Node;

use super::allowed;
use super::cloud::{self, Declared, MOST};
use super::linked::Left;
use super::scope::Scope;
use crate::document::Format;

pub(crate) const ARM: Format = Format {
    title: "Azure template",
    loose: false,
    marks: &[
        "deploymentTemplate.json",
        "deploymentParameters.json",
        "Microsoft.CognitiveServices",
        "Microsoft.MachineLearningServices",
        "Microsoft.Search/",
    ],
    read: arm,
};

pub(crate) const CLOUDFORMATION: Format = Format {
    title: "CloudFormation template",
    loose: false,
    marks: &["AWS::", "AWSTemplateFormatVersion"],
    read: cloudformation,
};

pub(crate) const PULUMI: Format = Format {
    title: "Pulumi program",
    loose: false,
    marks: &[
        "azure-native:",
        "aws:bedrock",
        "aws:sagemaker",
        "aws:kendra",
        "gcp:vertex",
    ],
    read: pulumi,
};

pub(crate) const DEPLOYMENTS: Format = Format {
    title: "list of deployments",
    loose: false,
    marks: &["OpenAI"],
    read: deployments,
};

/// `resources` as a list, or in newer templates as an object.
fn arm(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let Some(resources) = root.get("resources") else {
        return parameters(root, page, facts);
    };
    let mut scope = Scope::default();
    for parameter in root
        .get("parameters")
        .map(Node::entries)
        .unwrap_or_default()
    {
        scope.parameter(&parameter.key, parameter.value.get("defaultValue"));
        if let Some(default) = parameter.value.get("defaultValue") {
            cloud::named_models(&parameter.key, default, How::Default, page, facts);
        }
    }
    for variable in root.get("variables").map(Node::entries).unwrap_or_default() {
        scope.constant(&variable.key, &variable.value);
    }
    let mut found = false;
    let mut left_open = Left::new();
    let mut open: Vec<(String, &Node)> = Vec::new();
    push(resources, "", &mut open);
    let mut left = MOST;
    while let Some((outer, node)) = open.pop() {
        let Some(kind) = node.get("type").and_then(Node::as_str) else {
            continue;
        };
        left = left.saturating_sub(1);
        if left == 0 {
            break;
        }
        let kind = if outer.is_empty() || kind.contains("Microsoft.") {
            kind.to_owned()
        } else {
            format!("{outer}/{kind}")
        };
        let name = node.get("name").and_then(Node::as_str).unwrap_or_default();
        // A name that is computed says less than the type does.
        let last = kind.rsplit('/').next().unwrap_or_default();
        let label = if name.is_empty() || name.starts_with('[') {
            last
        } else {
            name
        };
        let place = node
            .get("type")
            .map_or(node.span.clone(), |node| node.span.clone());
        let one = Declared {
            kind: &kind,
            label,
            place,
            properties: node,
        };
        found |= cloud::add(&one, &scope, &mut left_open, page, facts);
        if let Some(inner) = node.get("resources") {
            push(inner, &kind, &mut open);
        }
        // A template inside a template.
        if let Some(inner) = node.path(&["properties", "template", "resources"]) {
            push(inner, "", &mut open);
        }
    }
    left_open.leave(page, facts);
    cloud::roles(root, page, facts);
    found
}

/// A file of parameters: `"model": {"value": "${MODEL=gpt-4o}"}`, where the part behind `=` is what holds
/// when the variable is not set.
fn parameters(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let mut found = false;
    let mut left = Left::new();
    for entry in root
        .get("parameters")
        .map(Node::entries)
        .unwrap_or_default()
        .iter()
        .take(MOST)
    {
        let Some(value) = entry.value.get("value") else {
            continue;
        };
        let inner = value
            .as_str()
            .and_then(|text| text.strip_prefix("${")?.strip_suffix('}')?.split_once('='));
        if let Some(text) = inner.map(|(_, default)| default).or_else(|| value.as_str()) {
            left.name(&entry.key, text, value.span.clone(), page);
        }
        found |= match inner {
            Some((_, default)) => {
                let node = Node {
                    value: stance_read::tree::Value::String(default.into()),
                    span: value.span.clone(),
                };
                cloud::named_models(&entry.key, &node, How::Default, page, facts)
            }
            None => cloud::named_models(&entry.key, value, How::Configuration, page, facts),
        };
    }
    left.leave(page, facts);
    found
}

fn push<'n>(resources: &'n Node, outer: &str, open: &mut Vec<(String, &'n Node)>) {
    // The last first, so that the stack gives them in order.
    open.extend(
        resources
            .items()
            .iter()
            .rev()
            .map(|node| (outer.to_owned(), node)),
    );
    let entries = resources.entries().iter().rev();
    open.extend(entries.map(|entry| (outer.to_owned(), &entry.value)));
}

fn cloudformation(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let Some(resources) = root.get("Resources").filter(|node| node.is_object()) else {
        return false;
    };
    let is = |entry: &stance_read::tree::Entry| {
        let kind = entry.value.get("Type").and_then(Node::as_str);
        kind.is_some_and(|kind| kind.starts_with("AWS::"))
    };
    if !resources.entries().iter().any(is) {
        return false;
    }
    let mut scope = Scope::default();
    for parameter in root
        .get("Parameters")
        .map(Node::entries)
        .unwrap_or_default()
    {
        scope.parameter(&parameter.key, parameter.value.get("Default"));
        if let Some(default) = parameter.value.get("Default") {
            cloud::named_models(&parameter.key, default, How::Default, page, facts);
        }
    }
    let mut left = Left::new();
    for entry in resources
        .entries()
        .iter()
        .filter(|entry| !entry.shadowed)
        .take(MOST)
    {
        let Some(kind) = entry.value.get("Type").and_then(Node::as_str) else {
            continue;
        };
        let empty = Node {
            value: stance_read::tree::Value::Null,
            span: entry.value.span.clone(),
        };
        let properties = entry.value.get("Properties").unwrap_or(&empty);
        let place = entry
            .value
            .get("Type")
            .map_or(entry.key_span.clone(), |node| node.span.clone());
        let one = Declared {
            kind,
            label: &entry.key,
            place,
            properties,
        };
        allowed::identity(kind, &entry.key, properties, page, facts);
        if !cloud::add(&one, &scope, &mut left, page, facts) {
            super::environments(properties, page, facts);
        }
    }
    left.leave(page, facts);
    true
}

fn pulumi(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let Some(resources) = root.get("resources").filter(|node| node.is_object()) else {
        return false;
    };
    let mut scope = Scope::default();
    for parameter in root.get("config").map(Node::entries).unwrap_or_default() {
        scope.parameter(
            &parameter.key,
            parameter.value.get_any(&["default", "value"]),
        );
    }
    let mut found = false;
    let mut left = Left::new();
    for entry in resources
        .entries()
        .iter()
        .filter(|entry| !entry.shadowed)
        .take(MOST)
    {
        if let Some(kind) = entry.value.get("type").and_then(Node::as_str)
            && let Some(properties) = entry.value.get("properties")
        {
            let place = entry
                .value
                .get("type")
                .map_or(entry.key_span.clone(), |node| node.span.clone());
            let one = Declared {
                kind,
                label: &entry.key,
                place,
                properties,
            };
            found |= cloud::add(&one, &scope, &mut left, page, facts);
        }
    }
    left.leave(page, facts);
    found
}

/// `ai.yaml` and parameter files: `deployments: [{name, model: {format, name, version}}]`.
fn deployments(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    if root.get("resources").is_some() || root.get("Resources").is_some() {
        return false;
    }
    let mut left = Left::new();
    let found = cloud::deployments_below(root, &Scope::default(), &mut left, page, facts) > 0;
    left.leave(page, facts);
    found
}

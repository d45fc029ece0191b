//! One model of resources for all formats.

use std::sync::Arc;

use crate::json;
use crate::kinds::{self, Kind, Turn};
use crate::value::{Entry, Node, Reference, Span, Value};

/// Where a resource was declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Terraform.
    Terraform,
    /// CloudFormation and SAM.
    CloudFormation,
    /// Azure Resource Manager.
    Arm,
}

impl Format {
    /// A word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Terraform => "terraform",
            Self::CloudFormation => "cloudformation",
            Self::Arm => "arm",
        }
    }
}

/// A resource, its attributes under the names of the model.
#[derive(Clone, Debug)]
pub struct Resource {
    /// The format it was written in.
    pub format: Format,
    /// What it is, whatever the format: `aws/sagemaker/notebook-instance`.
    pub kind: Arc<str>,
    /// What its format calls that.
    pub of_type: Arc<str>,
    /// Its own name.
    pub name: Arc<str>,
    /// Its address within its root: `module.a.aws_s3_bucket.b["c"]`, `LogicalId`.
    pub address: Arc<str>,
    /// The directory of the root module or the path of the template.
    pub root: Arc<str>,
    /// What it is set to.
    pub attributes: Node,
    /// Where it stands.
    pub span: Span,
    /// Whether it is not known that it will be made, or how often.
    pub uncertain: bool,
    /// The resources that its attributes mention.
    pub links: Vec<Link>,
}

/// A mention of another resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// JSON pointer into the attributes.
    pub at: String,
    /// Which attribute of which resource.
    pub to: Reference,
}

/// Most links that are kept of one resource.
const LINKS: usize = 1000;

impl Resource {
    pub(crate) fn new(
        format: Format,
        of_type: &str,
        name: &str,
        address: impl Into<Arc<str>>,
        root: &str,
        body: Node,
        uncertain: bool,
    ) -> Self {
        let known = kinds::known(of_type);
        let span = body.span;
        let attributes = normalise(format, known, body);
        let mut links = Vec::new();
        gather(&attributes, &mut String::new(), &mut links);
        Self {
            format,
            kind: kinds::name(format, of_type),
            of_type: of_type.into(),
            name: name.into(),
            address: address.into(),
            root: root.into(),
            attributes,
            span,
            uncertain,
            links,
        }
    }

    /// The resource as the input of a policy.
    ///
    /// `kind`, `format`, `type`, `name`, `address`, `root`, `uncertain`, `attributes`, and `links` as a list of `at`
    /// (pointer into `attributes`), `to` (address), `attribute`. What is not known is an object with `$unknown` (the
    /// reason) or `$reference` (the address) in place of the value.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let links: Vec<_> = self
            .links
            .iter()
            .map(|link| {
                serde_json::json!({
                    "at": link.at, "to": &*link.to.address, "attribute": &*link.to.attribute,
                })
            })
            .collect();
        serde_json::json!({
            "kind": &*self.kind,
            "format": self.format.name(),
            "type": &*self.of_type,
            "name": &*self.name,
            "address": &*self.address,
            "root": &*self.root,
            "uncertain": self.uncertain,
            "attributes": self.attributes.to_json(),
            "links": links,
        })
    }

    /// The place of a JSON pointer (RFC 6901) into what [`Resource::to_json`] gives: of the nearest value that was
    /// written, where the pointer leads to nothing.
    #[must_use]
    pub fn locate(&self, pointer: &str) -> Span {
        let mut parts = pointer.split('/').skip(1);
        if parts.next() != Some("attributes") {
            return self.span;
        }
        let mut node = &self.attributes;
        for part in parts {
            let part = part.replace("~1", "/").replace("~0", "~");
            if let Value::Json(inner) = &node.value {
                node = inner;
            }
            let item = part.parse().ok().and_then(|at: usize| node.items().get(at));
            match item.or_else(|| node.get(&part)) {
                Some(next) => node = next,
                None => break,
            }
        }
        node.span
    }
}

/// Attributes that hold a JSON text.
fn holds_json(key: &str) -> bool {
    key.ends_with("policy") || key.ends_with("policy_document") || key == "container_definitions"
}

fn normalise(format: Format, known: Option<&'static Kind>, body: Node) -> Node {
    let mut node = rename(format, known, &body, 0);
    if format == Format::Arm {
        node = hoist(&node);
    }
    for one in known.map(|kind| kind.moves.as_slice()).unwrap_or_default() {
        if one.format != format.name() {
            continue;
        }
        let Some(found) = node.path(one.from) else {
            continue;
        };
        let turned = Node {
            value: turn(found, one.turn),
            ..found.clone()
        };
        if let Value::Object(map) = &node.value {
            let key_span = turned.span;
            let mut entries = map.entries.clone();
            entries.retain(|entry| &*entry.key != one.from && &*entry.key != one.to);
            entries.push(Entry {
                key: one.to.into(),
                key_span,
                value: turned,
            });
            node = Node::object(entries, node.span);
        }
    }
    node
}

fn turn(node: &Node, how: Turn) -> Value {
    let made = match how {
        Turn::Same => None,
        Turn::Not => node.as_bool().map(|value| !value),
        Turn::Enabled => node
            .as_str()
            .and_then(|text| match text.to_ascii_lowercase().as_str() {
                "enabled" | "securedbyperimeter" => Some(text.eq_ignore_ascii_case("enabled")),
                "disabled" => Some(false),
                _ => None,
            }),
    };
    made.map_or_else(|| node.value.clone(), Value::Bool)
}

/// Names in the convention of the model, blocks that stand once as objects, JSON texts as what they say.
fn rename(format: Format, known: Option<&'static Kind>, node: &Node, depth: u8) -> Node {
    let value = match &node.value {
        Value::Object(map) => Value::object(
            map.entries
                .iter()
                .filter(|entry| !entry.value.is_null())
                .map(|entry| {
                    // Keys that people choose keep their spelling.
                    let chosen = matches!(
                        &*entry.key,
                        "tags" | "Tags" | "labels" | "environment" | "variables" | "Variables"
                    );
                    let key: Arc<str> = match format {
                        Format::Terraform => Arc::clone(&entry.key),
                        _ => kinds::snake(&entry.key).into(),
                    };
                    let mut value = if chosen || holds_json(&key) {
                        entry.value.clone()
                    } else {
                        rename(format, known, &entry.value, depth.saturating_add(1))
                    };
                    if holds_json(&key)
                        && let Some(text) = value.as_str()
                        && text.trim_start().starts_with(['{', '['])
                        && let Some(inner) = json::of_text(text, value.span)
                    {
                        value = Node::new(Value::json(inner), value.span);
                    }
                    let list = known.is_some_and(|kind| kind.lists.contains(&&*key));
                    // A block that stands once; a list of one object that was written as a list is as good as one.
                    if format == Format::Terraform
                        && !list
                        && let [only] = value.items()
                        && matches!(only.value, Value::Object(_))
                    {
                        value = only.clone();
                    }
                    Entry {
                        key,
                        key_span: entry.key_span,
                        value,
                    }
                })
                .collect(),
        ),
        Value::Array(list) => Value::array(
            list.items
                .iter()
                .map(|item| rename(format, known, item, depth.saturating_add(1)))
                .collect(),
        ),
        other => other.clone(),
    };
    Node {
        value,
        span: node.span,
        from: node.from.clone(),
    }
}

/// What stands under `properties`, beside what stands beside it.
fn hoist(node: &Node) -> Node {
    let mut entries: Vec<Entry> = Vec::new();
    for entry in node.entries() {
        if &*entry.key != "properties" || !entry.value.is_known() {
            entries.push(entry.clone());
        }
    }
    if let Some(properties) = node.get("properties") {
        for entry in properties.entries() {
            if !entries.iter().any(|one| one.key == entry.key) {
                entries.push(entry.clone());
            }
        }
    }
    Node::object(entries, node.span)
}

fn gather(node: &Node, at: &mut String, links: &mut Vec<Link>) {
    if links.len() >= LINKS {
        return;
    }
    let mut add = |to: &Reference| {
        links.push(Link {
            at: at.clone(),
            to: to.clone(),
        });
    };
    if let Some(from) = &node.from {
        add(from);
    }
    match &node.value {
        Value::Reference(reference) => add(reference),
        Value::Unknown(unknown) => unknown.references.iter().for_each(add),
        Value::Json(inner) => gather(inner, at, links),
        Value::Array(list) => {
            for (number, item) in list.items.iter().enumerate() {
                let length = at.len();
                at.push('/');
                at.push_str(&number.to_string());
                gather(item, at, links);
                at.truncate(length);
            }
        }
        Value::Object(map) => {
            for entry in &map.entries {
                let length = at.len();
                at.push('/');
                at.push_str(&entry.key.replace('~', "~0").replace('/', "~1"));
                gather(&entry.value, at, links);
                at.truncate(length);
            }
        }
        _ => {}
    }
}

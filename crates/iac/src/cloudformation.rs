//! CloudFormation and SAM: templates in YAML and JSON, intrinsic functions worked out where constants allow.
//!
//! See <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>.

use std::collections::HashMap;
use std::sync::Arc;

use stance_read::tree::{Notation, Tree};

use crate::evaluate::{equal, index, made_of, put};
use crate::json;
use crate::limits::Limits;
use crate::problem::{Problems, Reason};
use crate::resource::{Format, Resource};
use crate::value::{Entry, Node, Reference, Span, Value, Why};

/// Whether this may be a template.
pub(crate) fn claims(text: &str) -> bool {
    text.contains("Resources") && text.contains("AWS::")
}

pub(crate) fn read(
    (file, path, text): (u32, &str, &str),
    yaml: bool,
    limits: &Limits,
    problems: &mut Problems,
    resources: &mut Vec<Resource>,
) {
    let bounds = stance_read::Limits {
        tree_depth: limits.depth.min(60),
        tree_nodes: limits.size,
        ..stance_read::Limits::default()
    };
    let tree = if yaml {
        Tree::parse_with_tags(text, &bounds)
    } else {
        Tree::parse(Notation::Json, text, &bounds)
    };
    json::report(&tree, file, problems);
    let Some(root) = tree.root() else { return };
    let root = json::of_tree(root, &|range| json::place(file, range));
    let Some(declared) = root.get("Resources") else {
        return;
    };
    let mut template = Template {
        root: &root,
        conditions: HashMap::new(),
        depth: 0,
        steps: limits.steps,
        most: limits,
    };
    for macros in root.get("Transform").into_iter().chain(
        root.entries()
            .iter()
            .filter(|one| one.key.starts_with("Fn::Transform"))
            .map(|one| &one.value),
    ) {
        if macros
            .as_str()
            .is_none_or(|name| !name.starts_with("AWS::Serverless"))
        {
            let message = "macros of the template are not carried out";
            problems.add(Reason::Unsupported, macros.span, message);
        }
    }
    for entry in declared.entries().iter().take(limits.resources) {
        let Some(of_type) = entry.value.get("Type").and_then(Node::as_str) else {
            continue;
        };
        let condition = entry.value.get("Condition").and_then(Node::as_str);
        let made = condition.map_or(Some(true), |name| template.condition(name));
        if made == Some(false) {
            continue;
        }
        let body = entry.value.get("Properties");
        let empty = Node::object(Vec::new(), entry.value.span);
        let mut body = template.value(body.unwrap_or(&empty));
        body.span = entry.key_span.to(entry.value.span);
        resources.push(Resource::new(
            Format::CloudFormation,
            of_type,
            &entry.key,
            Arc::clone(&entry.key),
            path,
            body,
            made.is_none(),
        ));
    }
    if template.steps == 0 {
        problems.add(
            Reason::Limit,
            root.span,
            "values were not worked out to their end",
        );
    }
}

struct Template<'t> {
    root: &'t Node,
    conditions: HashMap<String, Option<Option<bool>>>,
    depth: u16,
    steps: u64,
    most: &'t Limits,
}

impl Template<'_> {
    /// What a condition says; `None` where that is not known.
    fn condition(&mut self, name: &str) -> Option<bool> {
        if let Some(known) = self.conditions.get(name) {
            // One that is being worked out depends on itself.
            return known.unwrap_or(None);
        }
        self.conditions.insert(name.to_owned(), None);
        let root = self.root;
        let said = root.get("Conditions").and_then(|all| all.get(name));
        let said = said.and_then(|said| self.value(said).as_bool());
        self.conditions.insert(name.to_owned(), Some(said));
        said
    }

    fn value(&mut self, node: &Node) -> Node {
        self.steps = self.steps.saturating_sub(1);
        if self.steps == 0 || self.depth > self.most.chain {
            return Node::unknown(Why::Limit, "", node.span);
        }
        self.depth = self.depth.saturating_add(1);
        let out = self.inner(node);
        self.depth = self.depth.saturating_sub(1);
        out
    }

    fn inner(&mut self, node: &Node) -> Node {
        let span = node.span;
        match &node.value {
            Value::Array(list) => {
                let items = list.items.iter().map(|item| self.value(item));
                let items: Vec<Node> = items.collect();
                Node::array(
                    items.into_iter().filter(|item| !item.is_null()).collect(),
                    span,
                )
            }
            Value::Object(map) => {
                if let [only] = map.entries.as_slice()
                    && let Some(name) = intrinsic(&only.key)
                    && (name != "Condition" || only.value.as_str().is_some())
                {
                    let mut made = self.call(name, &only.value, span);
                    made.span = span;
                    return made;
                }
                let entries = map.entries.iter().map(|entry| Entry {
                    value: self.value(&entry.value),
                    ..entry.clone()
                });
                Node::object(entries.collect(), span)
            }
            _ => node.clone(),
        }
    }

    fn reference(&mut self, name: &str, attribute: &str, span: Span) -> Node {
        if let Some(parameter) = self.root.get("Parameters").and_then(|all| all.get(name)) {
            let typed = parameter
                .get("Type")
                .and_then(Node::as_str)
                .unwrap_or_default();
            return match parameter.get("Default") {
                Some(default) if typed.starts_with("AWS::SSM::") => {
                    Node::unknown(Why::Outside, name, default.span)
                }
                Some(default) if typed.contains("List") => {
                    let text = default.scalar().unwrap_or_default();
                    let items = text
                        .split(',')
                        .map(|item| Node::text(item.trim(), default.span));
                    Node::array(items.collect(), default.span)
                }
                Some(default) => default.clone(),
                None => Node::unknown(Why::Input, name, span),
            };
        }
        match name {
            "AWS::NoValue" => Node::new(Value::Null, span),
            _ if name.starts_with("AWS::") => Node::unknown(Why::Deployed, name, span),
            _ => Node::new(
                Value::Reference(Arc::new(Reference {
                    address: name.into(),
                    attribute: attribute.into(),
                })),
                span,
            ),
        }
    }

    fn call(&mut self, name: &str, argument: &Node, span: Span) -> Node {
        match name {
            "Ref" => self.reference(argument.as_str().unwrap_or_default(), "Ref", span),
            "GetAtt" => {
                let (name, attribute) = match argument.as_str() {
                    Some(text) => text.split_once('.').unwrap_or((text, "")),
                    None => match argument.items() {
                        [name, attribute] => (
                            name.as_str().unwrap_or_default(),
                            attribute.as_str().unwrap_or_default(),
                        ),
                        _ => ("", ""),
                    },
                };
                Node::new(
                    Value::Reference(Arc::new(Reference {
                        address: name.into(),
                        attribute: attribute.into(),
                    })),
                    span,
                )
            }
            "Sub" => self.sub(argument, span),
            "If" => {
                let [condition, yes, no] = argument.items() else {
                    return Node::unknown(Why::Mistake, "Fn::If", span);
                };
                let said = condition.as_str().and_then(|name| self.condition(name));
                match said {
                    Some(true) => self.value(yes),
                    Some(false) => self.value(no),
                    None => {
                        let (yes, no) = (self.value(yes), self.value(no));
                        if equal(&yes, &no) == Some(true) {
                            return yes;
                        }
                        let mut node = made_of("Fn::If", &[&yes, &no], span);
                        if let Value::Unknown(unknown) = &mut node.value {
                            Arc::make_mut(unknown).why = Why::Condition;
                        }
                        node
                    }
                }
            }
            "Condition" => match argument.as_str().and_then(|name| self.condition(name)) {
                Some(said) => Node::new(Value::Bool(said), span),
                None => Node::unknown(Why::Condition, "Condition", span),
            },
            "Transform" => Node::unknown(Why::Elsewhere, "Fn::Transform", span),
            "ImportValue" => Node::unknown(Why::Outside, "Fn::ImportValue", span),
            _ => {
                let argument = self.value(argument);
                self.known(name, &argument, span)
                    .unwrap_or_else(|| made_of(name, &[&argument], span))
            }
        }
    }

    /// Functions of what is known.
    fn known(&mut self, name: &str, argument: &Node, span: Span) -> Option<Node> {
        let items = argument.items();
        let value = match name {
            "Equals" => Value::Bool(equal(items.first()?, items.get(1)?)?),
            "Not" => Value::Bool(!items.first()?.as_bool()?),
            "And" | "Or" => {
                let wanted = name == "Or";
                let said: Vec<Option<bool>> = items.iter().map(Node::as_bool).collect();
                if said.contains(&Some(wanted)) {
                    Value::Bool(wanted)
                } else if said.contains(&None) {
                    return None;
                } else {
                    Value::Bool(!wanted)
                }
            }
            "Join" => {
                let by = items.first()?.scalar()?;
                let (mut text, mut open) = (String::new(), Vec::new());
                if !items.get(1)?.is_known() {
                    return None;
                }
                for (number, item) in items.get(1)?.items().iter().enumerate() {
                    if number > 0 {
                        text.push_str(&by);
                    }
                    if text.len() > self.most.text {
                        return Some(Node::unknown(Why::Limit, "Fn::Join", span));
                    }
                    put(item, &mut text, &mut open);
                }
                if !open.is_empty() {
                    return Some(made_of(&text, &open.iter().collect::<Vec<_>>(), span));
                }
                Value::String(text.into())
            }
            "Select" => {
                let found = index(items.get(1)?, items.first()?, span);
                return Some(found);
            }
            "Split" => {
                let (by, text) = (items.first()?.scalar()?, items.get(1)?.scalar()?);
                Value::array(
                    text.split(&*by)
                        .map(|part| Node::text(part, span))
                        .collect(),
                )
            }
            "FindInMap" => {
                let keys: Option<Vec<Arc<str>>> = items.iter().take(3).map(Node::scalar).collect();
                let keys = keys?;
                let mut node = self.root.get("Mappings")?;
                for key in &keys {
                    node = node.get(key)?;
                }
                return Some(node.clone());
            }
            "Base64" | "GetAZs" | "Cidr" => return None,
            "Length" => Value::Number(f64::from(u32::try_from(items.len()).ok()?)),
            "ToJsonString" => Value::json(argument.clone()),
            _ => return None,
        };
        Some(Node::new(value, span))
    }

    fn sub(&mut self, argument: &Node, span: Span) -> Node {
        let (pattern, own) = match argument.items() {
            [pattern, own] => (pattern.as_str(), Some(self.value(own))),
            _ => (argument.as_str(), None),
        };
        let Some(pattern) = pattern else {
            return Node::unknown(Why::Mistake, "Fn::Sub", span);
        };
        let (mut text, mut open) = (String::new(), Vec::new());
        let mut parts = pattern.split("${");
        text.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let Some((name, after)) = part.split_once('}') else {
                text.push_str("${");
                text.push_str(part);
                continue;
            };
            if let Some(literal) = name.strip_prefix('!') {
                text.push_str(&format!("${{{literal}}}"));
            } else {
                let found = own.as_ref().and_then(|own| own.get(name)).cloned();
                let node = found.unwrap_or_else(|| match name.split_once('.') {
                    Some((name, attribute)) => self.reference(name, attribute, span),
                    None => self.reference(name, "Ref", span),
                });
                put(&node, &mut text, &mut open);
            }
            text.push_str(after);
            if text.len() > self.most.text || open.len() > 64 {
                return Node::unknown(Why::Limit, "Fn::Sub", span);
            }
        }
        if open.is_empty() {
            return Node::text(text, span);
        }
        made_of(&text, &open.iter().collect::<Vec<_>>(), span)
    }
}

/// The function that a key calls, without its prefix.
fn intrinsic(key: &str) -> Option<&str> {
    match key {
        "Ref" | "!Ref" => Some("Ref"),
        "Condition" | "!Condition" => Some("Condition"),
        _ => key.strip_prefix("Fn::").or_else(|| key.strip_prefix('!')),
    }
}

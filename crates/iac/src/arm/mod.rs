//! Azure Resource Manager: templates in JSON.
//!
//! See <https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax>.

mod expression;

use std::sync::Arc;

use stance_read::tree::{Notation, Tree};

use crate::evaluate::{self, Language, State, made_of, put};
use crate::expression::{Call, Step};
use crate::json;
use crate::limits::Limits;
use crate::problem::{Problems, Reason};
use crate::resource::{Format, Resource};
use crate::terraform::call as terraform_call;
use crate::value::{Entry, Node, Reference, Span, Value, Why};

/// Whether this may be a template.
pub(crate) fn claims(text: &str) -> bool {
    text.contains("deploymentTemplate.json") || text.contains("DeploymentTemplate.json")
}

pub(crate) fn read(
    (file, path, text): (u32, &str, &str),
    limits: &Limits,
    problems: &mut Problems,
    resources: &mut Vec<Resource>,
) {
    let bounds = stance_read::Limits {
        tree_depth: limits.depth.min(60),
        tree_nodes: limits.size,
        ..stance_read::Limits::default()
    };
    let tree = Tree::parse(Notation::Json, text, &bounds);
    json::report(&tree, file, problems);
    let Some(root) = tree.root() else { return };
    let root = json::of_tree(root, &|range| json::place(file, range));
    let mut template = Template {
        root: &root,
        state: State::new(*limits),
    };
    if let Some(declared) = root.get("resources") {
        template.resources(declared, "", "", path, problems, resources, 0);
    }
    if template.state.exhausted {
        problems.add(
            Reason::Limit,
            root.span,
            "values were not worked out to their end",
        );
    }
}

struct Template<'t> {
    root: &'t Node,
    state: State,
}

impl Template<'_> {
    #[expect(
        clippy::too_many_arguments,
        reason = "what surrounds a nested resource"
    )]
    fn resources(
        &mut self,
        declared: &Node,
        outer_type: &str,
        outer_name: &str,
        path: &str,
        problems: &mut Problems,
        resources: &mut Vec<Resource>,
        depth: u16,
    ) {
        let named = declared.entries().iter().map(|entry| &entry.value);
        for node in declared.items().iter().chain(named) {
            if resources.len() >= self.state.limits.resources.saturating_add(1 << 16) {
                problems.add(Reason::Limit, node.span, "more resources than are read");
                return;
            }
            let Some(short) = node.get("type").and_then(Node::as_str) else {
                continue;
            };
            let condition = node.get("condition").map(|condition| self.value(condition));
            let made = condition.map_or(Some(true), |condition| condition.as_bool());
            if made == Some(false) {
                continue;
            }
            let times = match node.get("copy").and_then(|copy| copy.get("count")) {
                Some(count) => self
                    .value(count)
                    .as_number()
                    .and_then(crate::terraform::whole),
                None => Some(1),
            };
            let of_type = if outer_type.is_empty() || short.contains('.') {
                short.to_owned()
            } else {
                format!("{outer_type}/{short}")
            };
            let looped = node.get("copy").is_some();
            let count = times.unwrap_or(1).min(self.state.limits.resources);
            for at in 0..count {
                let depth_bound = self.state.bound.len();
                if looped && times.is_some() {
                    let at = u32::try_from(at).map_or(0.0, f64::from);
                    let index = Node::new(Value::Number(at), node.span);
                    self.state.bound.push(("copyIndex".into(), index));
                }
                let body: Vec<Entry> = node
                    .entries()
                    .iter()
                    .filter(|entry| {
                        !matches!(
                            &*entry.key,
                            "type"
                                | "apiVersion"
                                | "resources"
                                | "dependsOn"
                                | "condition"
                                | "copy"
                        )
                    })
                    .map(|entry| Entry {
                        value: self.value(&entry.value),
                        ..entry.clone()
                    })
                    .collect();
                self.state.bound.truncate(depth_bound);
                let body = Node::object(body, node.span);
                let written = node.get("name").and_then(Node::as_str).unwrap_or_default();
                let name = body.get("name").and_then(Node::scalar);
                let mut name = name.map_or_else(|| written.to_owned(), |name| name.to_string());
                if !outer_name.is_empty() && !short.contains('.') {
                    name = format!("{outer_name}/{name}");
                }
                let address = format!("{of_type}.{name}");
                if let Some(inner) = node.get("resources")
                    && depth < 8
                {
                    self.resources(
                        inner,
                        &of_type,
                        &name,
                        path,
                        problems,
                        resources,
                        depth.saturating_add(1),
                    );
                }
                if of_type.eq_ignore_ascii_case("Microsoft.Resources/deployments") {
                    self.nested(node, path, problems, resources, depth);
                }
                let uncertain = made.is_none() || times.is_none();
                resources.push(Resource::new(
                    Format::Arm,
                    &of_type,
                    &name,
                    address,
                    path,
                    body,
                    uncertain,
                ));
                if !self.state.pay(1) {
                    return;
                }
            }
        }
    }

    /// A template inside the template.
    fn nested(
        &mut self,
        node: &Node,
        path: &str,
        problems: &mut Problems,
        resources: &mut Vec<Resource>,
        depth: u16,
    ) {
        if node.path("properties.templateLink").is_some() {
            let message = "a linked template is not looked at";
            problems.add(Reason::Elsewhere, node.span, message);
        }
        let Some(inner) = node.path("properties.template") else {
            return;
        };
        let scope = node.path("properties.expressionEvaluationOptions.scope");
        let own = scope
            .and_then(Node::as_str)
            .is_some_and(|scope| scope.eq_ignore_ascii_case("inner"));
        let Some(declared) = inner.get("resources") else {
            return;
        };
        if depth >= 8 {
            problems.add(Reason::Limit, node.span, "templates are nested too deep");
        } else if own {
            // Its parameters are set from outside, which is not followed: what has no default stays unknown.
            let mut template = Template {
                root: inner,
                state: State::new(self.state.limits),
            };
            template.state.steps = self.state.steps;
            template.resources(
                declared,
                "",
                "",
                path,
                problems,
                resources,
                depth.saturating_add(1),
            );
            self.state.steps = template.state.steps;
            self.state.exhausted |= template.state.exhausted;
        } else {
            self.resources(
                declared,
                "",
                "",
                path,
                problems,
                resources,
                depth.saturating_add(1),
            );
        }
    }

    /// A value with its expressions worked out.
    fn value(&mut self, node: &Node) -> Node {
        if !self.state.pay(1) || self.state.chain >= self.state.limits.chain {
            self.state.exhausted = true;
            return Node::unknown(Why::Limit, "", node.span);
        }
        self.state.chain = self.state.chain.saturating_add(1);
        let made = match &node.value {
            Value::String(text) => match expression::parse(text, node.span) {
                Some(expression) => evaluate::evaluate(self, &expression),
                None => node.clone(),
            },
            Value::Array(list) => Node::array(
                list.items.iter().map(|item| self.value(item)).collect(),
                node.span,
            ),
            Value::Object(map) => {
                let entries = map.entries.iter().map(|entry| Entry {
                    value: self.value(&entry.value),
                    ..entry.clone()
                });
                Node::object(entries.collect(), node.span)
            }
            _ => node.clone(),
        };
        self.state.chain = self.state.chain.saturating_sub(1);
        made
    }

    fn declared(&mut self, section: &str, name: &Node, span: Span) -> Node {
        let Some(name) = name.scalar() else {
            return made_of(section, &[name], span);
        };
        let root = self.root;
        let all = root.get(section).map(Node::entries).unwrap_or_default();
        let found = all
            .iter()
            .find(|entry| entry.key.eq_ignore_ascii_case(&name));
        let found = found.map(|entry| &entry.value);
        let value = if section == "parameters" {
            found.and_then(|one| one.get("defaultValue"))
        } else {
            found
        };
        let bound = std::mem::take(&mut self.state.bound);
        let made = match value {
            Some(value) => self.value(value),
            None if found.is_some() => {
                Node::unknown(Why::Input, format!("parameters('{name}')"), span)
            }
            None => Node::unknown(Why::Mistake, format!("{section}('{name}')"), span),
        };
        self.state.bound = bound;
        made
    }
}

impl Language for Template<'_> {
    fn state(&mut self) -> &mut State {
        &mut self.state
    }

    fn name(&mut self, name: &Arc<str>, steps: &[Step], span: Span) -> (Node, usize) {
        let written = Arc::clone(name);
        (Node::unknown(Why::Mistake, written, span), steps.len())
    }

    fn call(&mut self, call: &Call, span: Span) -> Node {
        let name = &*call.name;
        if name == "if"
            && let [condition, yes, no] = call.arguments.as_slice()
        {
            let condition = evaluate::evaluate(self, condition);
            return match condition.as_bool() {
                Some(true) => evaluate::evaluate(self, yes),
                Some(false) => evaluate::evaluate(self, no),
                None => {
                    let (yes, no) = (evaluate::evaluate(self, yes), evaluate::evaluate(self, no));
                    if evaluate::equal(&yes, &no) == Some(true) {
                        return yes;
                    }
                    made_of("if", &[&condition, &yes, &no], span)
                }
            };
        }
        let mut arguments: Vec<Node> = Vec::with_capacity(call.arguments.len());
        for argument in &call.arguments {
            arguments.push(evaluate::evaluate(self, argument));
        }
        let parts: Vec<&Node> = arguments.iter().collect();
        match (name, arguments.first()) {
            ("parameters" | "variables", Some(first)) => self.declared(name, first, span),
            ("concat", Some(first)) if first.items().is_empty() => {
                let (mut text, mut open) = (String::new(), Vec::new());
                for part in &arguments {
                    put(part, &mut text, &mut open);
                }
                if open.is_empty() {
                    return Node::text(text, span);
                }
                made_of(&text, &open.iter().collect::<Vec<_>>(), span)
            }
            ("resourceid" | "subscriptionresourceid" | "extensionresourceid", _) => {
                let at = arguments.iter().position(|one| {
                    one.as_str()
                        .is_some_and(|text| text.contains('.') && text.contains('/'))
                });
                let Some((of_type, names)) = at
                    .and_then(|at| arguments.get(at..))
                    .and_then(<[Node]>::split_first)
                else {
                    return made_of(name, &parts, span);
                };
                let names: Option<Vec<Arc<str>>> = names.iter().map(Node::scalar).collect();
                match names {
                    Some(names) => {
                        let names = names.join("/");
                        let address = format!("{}.{names}", of_type.as_str().unwrap_or_default());
                        Node::new(
                            Value::Reference(Arc::new(Reference {
                                address: address.into(),
                                attribute: "id".into(),
                            })),
                            span,
                        )
                    }
                    None => made_of(name, &parts, span),
                }
            }
            ("copyindex", first) => {
                let index = self
                    .state
                    .bound
                    .iter()
                    .rev()
                    .find(|(name, _)| &**name == "copyIndex");
                let offset = first.and_then(Node::as_number).unwrap_or(0.0);
                match index.and_then(|(_, index)| index.as_number()) {
                    Some(index) => Node::new(Value::Number(index + offset), span),
                    None => Node::unknown(Why::Condition, "copyIndex()", span),
                }
            }
            ("createarray" | "array", _) => Node::array(arguments, span),
            ("true", None) => Node::new(Value::Bool(true), span),
            ("false", None) => Node::new(Value::Bool(false), span),
            ("null", None) => Node::new(Value::Null, span),
            ("equals", Some(one)) => {
                let same = arguments
                    .get(1)
                    .and_then(|other| evaluate::equal(one, other));
                same.map_or_else(
                    || made_of(name, &parts, span),
                    |same| Node::new(Value::Bool(same), span),
                )
            }
            ("not", Some(one)) => one.as_bool().map_or_else(
                || made_of(name, &parts, span),
                |said| Node::new(Value::Bool(!said), span),
            ),
            ("and" | "or", Some(_)) => {
                let wanted = name == "or";
                let said: Vec<Option<bool>> = arguments.iter().map(Node::as_bool).collect();
                if said.contains(&Some(wanted)) {
                    Node::new(Value::Bool(wanted), span)
                } else if said.contains(&None) {
                    made_of(name, &parts, span)
                } else {
                    Node::new(Value::Bool(!wanted), span)
                }
            }
            ("empty", Some(one)) if one.is_known() => {
                let empty = one.is_null()
                    || one.as_str() == Some("")
                    || (one.as_str().is_none()
                        && one.items().is_empty()
                        && one.entries().is_empty()
                        && one.scalar().is_none());
                Node::new(Value::Bool(empty), span)
            }
            ("union", Some(one)) if !one.entries().is_empty() => {
                terraform_call("merge", &arguments, span)
            }
            ("tolower", _) => terraform_call("lower", &arguments, span),
            ("toupper", _) => terraform_call("upper", &arguments, span),
            (
                "replace" | "length" | "contains" | "coalesce" | "split" | "startswith"
                | "endswith" | "min" | "max" | "concat",
                _,
            ) if !matches!(name, "split") => terraform_call(name, &arguments, span),
            ("string", Some(one)) if one.scalar().is_some() => {
                Node::text(one.scalar().unwrap_or_default(), span)
            }
            ("bool", Some(one)) if one.as_bool().is_some() => {
                Node::new(Value::Bool(one.as_bool() == Some(true)), span)
            }
            ("int", Some(one)) if one.as_number().is_some() => {
                Node::new(Value::Number(one.as_number().unwrap_or_default()), span)
            }
            (
                "reference" | "listkeys" | "resourcegroup" | "subscription" | "deployment"
                | "tenant" | "environment" | "newguid" | "utcnow",
                _,
            ) => {
                let mut node = made_of(&format!("{name}()"), &parts, span);
                if let Value::Unknown(unknown) = &mut node.value {
                    Arc::make_mut(unknown).why = Why::Deployed;
                }
                node
            }
            _ => {
                let mut node = made_of(&format!("{name}()"), &parts, span);
                if let Value::Unknown(unknown) = &mut node.value
                    && unknown.why == Why::Mistake
                {
                    Arc::make_mut(unknown).why = Why::Function;
                }
                node
            }
        }
    }
}

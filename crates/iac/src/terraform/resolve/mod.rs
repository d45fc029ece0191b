//! Instances of modules and resources, and the values of their attributes.

mod names;

use std::collections::HashMap;
use std::sync::Arc;

use super::functions;
use super::module::Names;
use crate::evaluate::{Language, State, evaluate, pairs};
use crate::expression::{Call, Expression, Step};
use crate::hcl::{Block, Body};
use crate::problem::{Problems, Reason};
use crate::resource::{Format, Resource};
use crate::value::{Entry, Node, Span, Value, Why};

type Bound = Vec<(Arc<str>, Node)>;

/// A module as one call makes it.
struct Instance<'a> {
    directory: &'a str,
    /// `module.a[0].`
    prefix: String,
    /// Who calls it, with which block and in which scope.
    caller: Option<(usize, &'a Block, Bound)>,
    depth: u16,
    memo: HashMap<(u8, Arc<str>), Option<Node>>,
    children: HashMap<Arc<str>, Vec<(Option<Node>, usize)>>,
}

pub(super) struct Resolver<'a, 'p> {
    names: &'a HashMap<&'a str, Names<'a>>,
    instances: Vec<Instance<'a>>,
    current: usize,
    state: State,
    problems: &'p mut Problems,
}

const META: &[&str] = &[
    "count",
    "for_each",
    "provider",
    "depends_on",
    "lifecycle",
    "providers",
];

impl<'a, 'p> Resolver<'a, 'p> {
    pub(super) fn new(
        names: &'a HashMap<&'a str, Names<'a>>,
        state: State,
        problems: &'p mut Problems,
    ) -> Self {
        Self {
            names,
            instances: Vec::new(),
            current: 0,
            state,
            problems,
        }
    }

    pub(super) const fn exhausted(&self) -> bool {
        self.state.exhausted
    }

    pub(super) fn directories(&self) -> Vec<String> {
        let all = self.instances.iter();
        all.map(|one| one.directory.to_owned()).collect()
    }

    /// The resources of a module that nobody calls, and of all that it calls.
    pub(super) fn root(&mut self, directory: &str, resources: &mut Vec<Resource>) {
        let Some((directory, _)) = self.names.get_key_value(directory) else {
            return;
        };
        self.instances.push(Instance {
            directory,
            prefix: String::new(),
            caller: None,
            depth: 0,
            memo: HashMap::new(),
            children: HashMap::new(),
        });
        let before = resources.len();
        let mut at = 0;
        while at < self.instances.len() {
            self.current = at;
            let Some(names) = self.here() else { return };
            for name in names.calls.keys() {
                self.children(at, &Arc::from(*name));
            }
            for block in &names.resources {
                if resources.len().saturating_sub(before) >= self.state.limits.resources {
                    let message = "more resources than are read of one root";
                    self.problems.add(Reason::Limit, block.span, message);
                    return;
                }
                self.resource(at, block, directory, resources);
            }
            at = at.saturating_add(1);
        }
    }

    fn here(&self) -> Option<&'a Names<'a>> {
        let instance = self.instances.get(self.current)?;
        self.names.get(instance.directory)
    }

    /// Works something out in the scope of an instance, with these names bound.
    fn within<T>(&mut self, at: usize, bound: Bound, work: impl FnOnce(&mut Self) -> T) -> T {
        let current = std::mem::replace(&mut self.current, at);
        let outer = std::mem::replace(&mut self.state.bound, bound);
        let out = work(self);
        self.state.bound = outer;
        self.current = current;
        out
    }

    /// The scopes of `count` and `for_each`: their keys, and whether that is not known.
    fn scopes(&mut self, at: usize, body: &Body) -> (Vec<(Option<Node>, Bound)>, bool) {
        if let Some(count) = body.get("count") {
            let node = self.within(at, Vec::new(), |this| evaluate(this, count));
            let Some(number) = node.as_number().and_then(super::whole) else {
                let index = Node::unknown(Why::Condition, "count.index", count.span);
                return (vec![(None, vec![scope("count", "index", index)])], true);
            };
            if number > self.state.limits.resources {
                let message = "more instances than are read of one resource";
                self.problems.add(Reason::Limit, count.span, message);
            }
            let most = number.min(self.state.limits.resources);
            let most = u32::try_from(most).unwrap_or(u32::MAX);
            let scopes = (0..most).map(|index| {
                let index = Node::new(Value::Number(f64::from(index)), count.span);
                (Some(index.clone()), vec![scope("count", "index", index)])
            });
            return (scopes.collect(), false);
        }
        let Some(each) = body.get("for_each") else {
            return (vec![(None, Vec::new())], false);
        };
        let node = self.within(at, Vec::new(), |this| evaluate(this, each));
        let Some(found) = pairs(&node) else {
            let each = pair(
                Node::unknown(Why::Condition, "each.key", each.span),
                Node::unknown(Why::Condition, "each.value", each.span),
            );
            return (vec![(None, vec![("each".into(), each)])], true);
        };
        let set = matches!(node.value, Value::Array(_));
        let most = self.state.limits.resources;
        if found.len() > most {
            let message = "more instances than are read of one resource";
            self.problems.add(Reason::Limit, each.span, message);
        }
        let scopes = found.into_iter().take(most).map(|(key, value)| {
            let key = if set { value.clone() } else { key };
            (Some(key.clone()), vec![("each".into(), pair(key, value))])
        });
        (scopes.collect(), false)
    }

    /// The instances of a module that is called.
    fn children(&mut self, at: usize, name: &Arc<str>) -> Vec<(Option<Node>, usize)> {
        let Some(instance) = self.instances.get(at) else {
            return Vec::new();
        };
        if let Some(known) = instance.children.get(name) {
            return known.clone();
        }
        let (depth, prefix) = (instance.depth, instance.prefix.clone());
        let names = self.names.get(instance.directory);
        let Some(call) = names.and_then(|names| names.calls.get(&**name)).copied() else {
            return Vec::new();
        };
        if let Some(instance) = self.instances.get_mut(at) {
            // Whoever asks meanwhile asks in a circle.
            instance.children.insert(Arc::clone(name), Vec::new());
        }
        let target = names.and_then(|names| names.source(call));
        let target = target.and_then(|target| self.names.get_key_value(target.as_str()));
        let Some((directory, _)) = target else {
            let message = format!("the module {name} is not part of the tree");
            self.problems.add(Reason::Elsewhere, call.span, message);
            return Vec::new();
        };
        if depth >= self.state.limits.modules || self.instances.len() > 2000 {
            let message = "modules are nested too deep, or call themselves";
            self.problems.add(Reason::Limit, call.span, message);
            return Vec::new();
        }
        let (scopes, _) = self.scopes(at, &call.body);
        let mut made = Vec::new();
        for (key, bound) in scopes {
            made.push((key.clone(), self.instances.len()));
            self.instances.push(Instance {
                directory,
                prefix: format!("{prefix}module.{name}{}.", bracket(key.as_ref())),
                caller: Some((at, call, bound)),
                depth: depth.saturating_add(1),
                memo: HashMap::new(),
                children: HashMap::new(),
            });
            if self.instances.len() > 2000 {
                break;
            }
        }
        if let Some(instance) = self.instances.get_mut(at) {
            instance.children.insert(Arc::clone(name), made.clone());
        }
        made
    }

    fn resource(&mut self, at: usize, block: &'a Block, root: &str, resources: &mut Vec<Resource>) {
        let [kind, name, ..] = block.labels.as_slice() else {
            return;
        };
        let prefix = self.instances.get(at).map(|one| one.prefix.clone());
        let prefix = prefix.unwrap_or_default();
        let (scopes, uncertain) = self.scopes(at, &block.body);
        for (key, bound) in scopes {
            let body = self.within(at, bound, |this| this.body(&block.body, block.span, 0));
            let address = format!("{prefix}{kind}.{name}{}", bracket(key.as_ref()));
            resources.push(Resource::new(
                Format::Terraform,
                kind,
                name,
                address,
                root,
                body,
                uncertain,
            ));
            if !self.state.pay(1) {
                return;
            }
        }
    }

    fn body(&mut self, body: &Body, span: Span, depth: u16) -> Node {
        let mut entries = Vec::new();
        for attribute in &body.attributes {
            if depth == 0 && META.contains(&&*attribute.name) {
                continue;
            }
            entries.push(Entry {
                key: Arc::clone(&attribute.name),
                key_span: attribute.name_span,
                value: evaluate(self, &attribute.value),
            });
        }
        let mut groups: Vec<(Arc<str>, Span, Vec<Node>)> = Vec::new();
        for block in &body.blocks {
            if depth == 0 && META.contains(&&*block.kind) {
                continue;
            }
            let (name, made) = self.nested(block, depth);
            match groups.iter_mut().find(|(known, ..)| *known == name) {
                Some((.., items)) => items.extend(made),
                None => groups.push((name, block.span, made)),
            }
        }
        for (key, key_span, items) in groups {
            let value = match items.as_slice() {
                [] => continue,
                // Blocks that depend on what is not known.
                [only] if !only.is_known() => only.clone(),
                _ => Node::array(items, key_span),
            };
            entries.push(Entry {
                key,
                key_span,
                value,
            });
        }
        Node::object(entries, span)
    }

    fn nested(&mut self, block: &Block, depth: u16) -> (Arc<str>, Vec<Node>) {
        let depth = depth.saturating_add(1);
        let label = block.labels.first().filter(|_| &*block.kind == "dynamic");
        let Some(name) = label else {
            return (
                Arc::clone(&block.kind),
                vec![self.body(&block.body, block.span, depth)],
            );
        };
        let each = block.body.get("for_each").map(|each| evaluate(self, each));
        let each = each.unwrap_or_else(|| Node::unknown(Why::Mistake, "for_each", block.span));
        let Some(found) = pairs(&each) else {
            return (Arc::clone(name), vec![Node::new(each.value, block.span)]);
        };
        let iterator = block.body.get("iterator").and_then(Expression::as_name);
        let iterator: Arc<str> = iterator.map_or_else(|| Arc::clone(name), Arc::from);
        let mut made = Vec::new();
        for (key, value) in found {
            if !self.state.pay(1) {
                break;
            }
            self.state
                .bound
                .push((Arc::clone(&iterator), pair(key, value)));
            for content in block.body.blocks("content") {
                made.push(self.body(&content.body, content.span, depth));
            }
            self.state.bound.pop();
        }
        (Arc::clone(name), made)
    }

    /// A value that is worked out once: `0` variables, `1` locals, `2` outputs.
    fn once(
        &mut self,
        at: usize,
        kind: u8,
        name: &Arc<str>,
        span: Span,
        work: impl FnOnce(&mut Self) -> Node,
    ) -> Node {
        let key = (kind, Arc::clone(name));
        let Some(instance) = self.instances.get_mut(at) else {
            return Node::unknown(Why::Mistake, Arc::clone(name), span);
        };
        match instance.memo.get(&key) {
            Some(Some(node)) => return node.clone(),
            Some(None) => {
                return Node::unknown(Why::Mistake, format!("{name} depends on itself"), span);
            }
            None => {
                instance.memo.insert(key.clone(), None);
            }
        }
        let node = work(self);
        if let Some(instance) = self.instances.get_mut(at) {
            instance.memo.insert(key, Some(node.clone()));
        }
        node
    }
}

impl Language for Resolver<'_, '_> {
    fn state(&mut self) -> &mut State {
        &mut self.state
    }

    fn name(&mut self, name: &Arc<str>, steps: &[Step], span: Span) -> (Node, usize) {
        let next = match steps.first() {
            Some(Step::Attribute(next, _)) => Some(Arc::clone(next)),
            _ => None,
        };
        match (&**name, next) {
            ("var", Some(next)) => (self.variable(&next, span), 1),
            ("local", Some(next)) => (self.local(&next, span), 1),
            ("module", _) => self.module(steps, span),
            ("data", _) => self.data(steps, span),
            ("path", Some(_)) => (Node::text(".", span), 1),
            ("terraform" | "each" | "count" | "self", next) => {
                let written = format!("{name}.{}", next.as_deref().unwrap_or_default());
                (Node::unknown(Why::Outside, written, span), steps.len())
            }
            _ => self.reference(name, steps, span),
        }
    }

    fn call(&mut self, call: &Call, span: Span) -> Node {
        if matches!(&*call.name, "try" | "can") {
            for argument in &call.arguments {
                let node = evaluate(self, argument);
                let failed =
                    matches!(&node.value, Value::Unknown(unknown) if unknown.why == Why::Mistake);
                if &*call.name == "can" {
                    return match node.is_known() {
                        true => Node::new(Value::Bool(true), span),
                        false if failed => Node::new(Value::Bool(false), span),
                        false => node,
                    };
                }
                if !failed {
                    return node;
                }
            }
            return Node::unknown(Why::Mistake, "try", span);
        }
        let mut arguments: Vec<Node> = Vec::with_capacity(call.arguments.len());
        for argument in &call.arguments {
            arguments.push(evaluate(self, argument));
        }
        if call.spread
            && let Some(last) = arguments.pop()
        {
            if !last.is_known() {
                return last;
            }
            arguments.extend(last.items().iter().cloned());
        }
        let cost = arguments.iter().fold(1_usize, |sum, node| {
            let text = node.as_str().map_or(0, str::len) / 64;
            let items = node.items().len().saturating_add(node.entries().len());
            sum.saturating_add(text).saturating_add(items)
        });
        if !self.state.pay(cost) {
            return Node::unknown(Why::Limit, Arc::clone(&call.name), span);
        }
        functions::call(&call.name, &arguments, span)
    }
}

fn entry(key: &str, value: Node) -> Entry {
    Entry {
        key: key.into(),
        key_span: value.span,
        value,
    }
}

fn scope(name: &str, key: &str, value: Node) -> (Arc<str>, Node) {
    let span = value.span;
    (name.into(), Node::object(vec![entry(key, value)], span))
}

fn pair(key: Node, value: Node) -> Node {
    let span = value.span;
    Node::object(vec![entry("key", key), entry("value", value)], span)
}

/// `[0]`, `["a"]`; nothing where there is no key.
fn bracket(key: Option<&Node>) -> String {
    match key {
        None => String::new(),
        Some(node) => match (&node.value, node.scalar()) {
            (Value::Number(_), Some(text)) => format!("[{text}]"),
            (_, Some(text)) => format!("[\"{text}\"]"),
            _ => String::new(),
        },
    }
}

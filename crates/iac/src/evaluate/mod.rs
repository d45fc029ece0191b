//! Works expressions out; what is not known stays unknown, never guessed.

mod operators;

use std::sync::Arc;

use crate::expression::{Call, Expression, For, Kind, Part, Step};
use crate::limits::Limits;
use crate::value::{Entry, Node, Reference, Span, Unknown, Value, Why};

pub(crate) use operators::equal;
use operators::operate;

/// How far resolving has come, and the names that comprehensions bind.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) limits: Limits,
    pub(crate) steps: u64,
    pub(crate) chain: u16,
    pub(crate) exhausted: bool,
    pub(crate) bound: Vec<(Arc<str>, Node)>,
}

impl State {
    pub(crate) const fn new(limits: Limits) -> Self {
        Self {
            limits,
            steps: limits.steps,
            chain: 0,
            exhausted: false,
            bound: Vec::new(),
        }
    }

    /// Pays for work; false when nothing is left.
    pub(crate) const fn pay(&mut self, steps: usize) -> bool {
        match self.steps.checked_sub(steps as u64) {
            Some(left) => self.steps = left,
            None => {
                self.steps = 0;
                self.exhausted = true;
            }
        }
        !self.exhausted
    }
}

/// What a language means by its names and calls.
pub(crate) trait Language {
    fn state(&mut self) -> &mut State;

    /// The value of a name, and how many of the steps behind it are in it already.
    fn name(&mut self, name: &Arc<str>, steps: &[Step], span: Span) -> (Node, usize);

    /// The value of a call; its arguments are not worked out yet.
    fn call(&mut self, call: &Call, span: Span) -> Node;
}

pub(crate) fn evaluate(language: &mut impl Language, expression: &Expression) -> Node {
    let span = expression.span;
    let state = language.state();
    let most = state.limits.chain;
    if !state.pay(1) || state.chain >= most {
        state.exhausted |= state.chain >= most;
        return Node::unknown(Why::Limit, "", span);
    }
    state.chain = state.chain.saturating_add(1);
    let mut node = inner(language, expression);
    let state = language.state();
    state.chain = state.chain.saturating_sub(1);
    if node.size() > state.limits.size || !state.pay(0) {
        state.exhausted = true;
        node = Node::unknown(Why::Limit, "", span);
    }
    node
}

fn inner(language: &mut impl Language, expression: &Expression) -> Node {
    let span = expression.span;
    match &expression.kind {
        Kind::Null => Node::new(Value::Null, span),
        Kind::Bool(value) => Node::new(Value::Bool(*value), span),
        Kind::Number(value) => Node::new(Value::Number(*value), span),
        Kind::Text(text) => Node::text(Arc::clone(text), span),
        Kind::Template(parts) => template(language, parts, span),
        Kind::Name(name) => named(language, name, &[], span),
        Kind::Path(base, steps) => match &base.kind {
            Kind::Name(name) => named(language, name, steps, span),
            _ => {
                let base = evaluate(language, base);
                follow(language, base, steps, span)
            }
        },
        Kind::Call(call) => placed(language.call(call, span), span),
        Kind::Array(items) => {
            let items = items.iter().map(|item| evaluate(language, item)).collect();
            Node::array(items, span)
        }
        Kind::Object(entries) => object(language, entries, span),
        Kind::For(comprehension) => comprehend(language, comprehension, span),
        Kind::Conditional(parts) => conditional(language, parts, span),
        Kind::Not(inner) => {
            let inner = evaluate(language, inner);
            match inner.as_bool() {
                Some(value) => Node::new(Value::Bool(!value), span),
                None => made_of("!", &[&inner], span),
            }
        }
        Kind::Negative(inner) => {
            let inner = evaluate(language, inner);
            match inner.as_number() {
                Some(value) => Node::new(Value::Number(-value), span),
                None => made_of("-", &[&inner], span),
            }
        }
        Kind::Chain(first, others) => {
            let mut left = evaluate(language, first);
            for (operator, right) in others {
                left = operate(language, left, *operator, right, span);
            }
            left
        }
        Kind::Lambda(..) => Node::unknown(Why::Function, "a function as a value", span),
        Kind::Unreadable => Node::unknown(Why::Mistake, "", span),
    }
}

/// A value at the place where it is used; the parts of it keep theirs.
fn placed(mut node: Node, span: Span) -> Node {
    node.span = span;
    node
}

fn named(language: &mut impl Language, name: &Arc<str>, steps: &[Step], span: Span) -> Node {
    let bound = language.state().bound.iter().rev();
    let bound = bound.clone().find(|(known, _)| known == name);
    let (base, used) = match bound {
        Some((_, node)) => (node.clone(), 0),
        None => language.name(name, steps, span),
    };
    let rest = steps.get(used..).unwrap_or_default();
    placed(follow(language, base, rest, span), span)
}

pub(crate) fn follow(
    language: &mut impl Language,
    mut node: Node,
    steps: &[Step],
    span: Span,
) -> Node {
    for (number, step) in steps.iter().enumerate() {
        let (step, safe) = match step {
            Step::Safe(inner) => (&**inner, true),
            other => (other, false),
        };
        let key = match step {
            Step::Attribute(name, _) => Node::text(Arc::clone(name), span),
            Step::Index(index) => evaluate(language, index),
            Step::Splat | Step::Safe(_) => {
                let rest = steps.get(number.saturating_add(1)..).unwrap_or_default();
                let items = match &node.value {
                    Value::Array(list) => list.items.clone(),
                    Value::Object(map) if map.entries.iter().all(|e| is_number(&e.key)) => {
                        map.entries.iter().map(|e| e.value.clone()).collect()
                    }
                    Value::Null => Vec::new(),
                    Value::Unknown(_) | Value::Reference(_) => return step_into(&node, "*", span),
                    _ => vec![node.clone()],
                };
                let items = items.into_iter();
                let items = items
                    .map(|item| follow(language, item, rest, span))
                    .collect();
                return Node::array(items, span);
            }
        };
        language.state().pay(1);
        let next = index(&node, &key, span);
        node = match next.value {
            Value::Unknown(ref unknown) if safe && unknown.why == Why::Mistake => {
                Node::new(Value::Null, span)
            }
            _ => next,
        };
    }
    node
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

pub(crate) fn index(node: &Node, key: &Node, span: Span) -> Node {
    let text = key.scalar();
    match (&node.value, text) {
        (Value::Unknown(_) | Value::Reference(_), text) => {
            step_into(node, text.as_deref().unwrap_or("*"), span)
        }
        (_, None) => made_of("index", &[key], span),
        (Value::Array(list), Some(text)) => {
            let item = text.parse().ok().and_then(|at: usize| list.items.get(at));
            item.cloned()
                .unwrap_or_else(|| Node::unknown(Why::Mistake, format!("[{text}]"), span))
        }
        (_, Some(text)) => node
            .get(&text)
            .cloned()
            .unwrap_or_else(|| Node::unknown(Why::Mistake, format!("no attribute {text}"), span)),
    }
}

/// A part of what is not known.
fn step_into(node: &Node, key: &str, span: Span) -> Node {
    let value = match &node.value {
        Value::Reference(reference) => {
            let attribute = if reference.attribute.is_empty() {
                key.into()
            } else {
                format!("{}.{key}", reference.attribute).into()
            };
            Value::Reference(Arc::new(Reference {
                address: Arc::clone(&reference.address),
                attribute,
            }))
        }
        other => other.clone(),
    };
    Node::new(value, span)
}

/// What is unknown because of parts that are; a mistake where none is.
pub(crate) fn made_of(written: &str, parts: &[&Node], span: Span) -> Node {
    let mut why = None;
    let mut references = Vec::new();
    let mut open: Vec<&Node> = parts.to_vec();
    let mut looked = 0_usize;
    while let Some(node) = open.pop() {
        looked = looked.saturating_add(1);
        if looked > 1000 || references.len() >= 16 {
            break;
        }
        match &node.value {
            Value::Unknown(unknown) => {
                why = why.or(Some(unknown.why));
                references.extend(unknown.references.iter().cloned());
            }
            Value::Reference(reference) => {
                why = why.or(Some(Why::Deployed));
                references.push((**reference).clone());
            }
            Value::Array(list) => open.extend(&list.items),
            Value::Object(map) => open.extend(map.entries.iter().map(|entry| &entry.value)),
            Value::Json(inner) => open.push(inner),
            _ => {}
        }
    }
    let unknown = Unknown {
        why: why.unwrap_or(Why::Mistake),
        written: written.into(),
        references,
    };
    Node::new(Value::Unknown(Arc::new(unknown)), span)
}

fn template(language: &mut impl Language, parts: &[Part], span: Span) -> Node {
    // Only a value between quotes is that value.
    if let [Part::Value(only)] = parts {
        return placed(evaluate(language, only), span);
    }
    let mut text = String::new();
    let mut open = Vec::new();
    fill(language, parts, &mut text, &mut open);
    if open.is_empty() {
        return Node::text(text, span);
    }
    made_of(&text, &open.iter().collect::<Vec<_>>(), span)
}

fn fill(language: &mut impl Language, parts: &[Part], text: &mut String, open: &mut Vec<Node>) {
    for part in parts {
        let most = language.state().limits.text;
        if text.len() > most || open.len() > 64 {
            language.state().exhausted |= text.len() > most;
            open.push(Node::unknown(Why::Limit, "", Span::default()));
            return;
        }
        match part {
            Part::Text(part) => {
                language.state().pay(part.len() / 64);
                text.push_str(part);
            }
            Part::Value(value) => {
                let node = evaluate(language, value);
                put(&node, text, open);
            }
            Part::If(condition, yes, no) => {
                let condition = evaluate(language, condition);
                match condition.as_bool() {
                    Some(true) => fill(language, yes, text, open),
                    Some(false) => fill(language, no, text, open),
                    None => open.push(condition),
                }
            }
            Part::For(key, value, collection, inner) => {
                let collection = evaluate(language, collection);
                let Some(pairs) = pairs(&collection) else {
                    open.push(collection);
                    continue;
                };
                for (k, v) in pairs {
                    if !language.state().pay(1) {
                        break;
                    }
                    let depth = language.state().bound.len();
                    if let Some(key) = key {
                        language.state().bound.push((Arc::clone(key), k));
                    }
                    language.state().bound.push((Arc::clone(value), v));
                    fill(language, inner, text, open);
                    language.state().bound.truncate(depth);
                }
            }
        }
    }
}

/// Adds a value to a text, as `${…}` where it is not known.
pub(crate) fn put(node: &Node, text: &mut String, open: &mut Vec<Node>) {
    if let Some(scalar) = node.scalar() {
        text.push_str(&scalar);
        return;
    }
    match &node.value {
        Value::Reference(reference) => {
            text.push_str("${");
            text.push_str(&reference.address);
            text.push('.');
            text.push_str(&reference.attribute);
            text.push('}');
        }
        Value::Unknown(unknown) if unknown.written.contains("${") => {
            text.push_str(&unknown.written);
        }
        Value::Unknown(unknown) => {
            text.push_str("${");
            text.push_str(&unknown.written);
            text.push('}');
        }
        _ => text.push_str("${…}"),
    }
    open.push(node.clone());
}

fn object(language: &mut impl Language, entries: &[(Expression, Expression)], span: Span) -> Node {
    let mut made = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        let key_node = evaluate(language, key);
        let value = evaluate(language, value);
        match key_node.scalar() {
            Some(name) => made.push(Entry {
                key: name,
                key_span: key.span,
                value,
            }),
            None => return made_of("{…}", &[&key_node], span),
        }
    }
    Node::object(made, span)
}

/// Keys and values of what can be gone through; maps in the order of their keys.
pub(crate) fn pairs(node: &Node) -> Option<Vec<(Node, Node)>> {
    match &node.value {
        Value::Array(list) => Some(
            (0_u32..)
                .zip(&list.items)
                .map(|(at, item)| {
                    let at = Node::new(Value::Number(f64::from(at)), item.span);
                    (at, item.clone())
                })
                .collect(),
        ),
        Value::Object(map) => {
            let mut entries: Vec<&Entry> = map.entries.iter().collect();
            entries.sort_by(|one, other| one.key.cmp(&other.key));
            let entries = entries.into_iter();
            Some(
                entries
                    .map(|entry| {
                        let key = Node::text(Arc::clone(&entry.key), entry.key_span);
                        (key, entry.value.clone())
                    })
                    .collect(),
            )
        }
        _ => None,
    }
}

fn comprehend(language: &mut impl Language, one: &For, span: Span) -> Node {
    let collection = evaluate(language, &one.collection);
    let Some(pairs) = pairs(&collection) else {
        return made_of("for", &[&collection], span);
    };
    let mut items = Vec::new();
    let mut entries: Vec<Entry> = Vec::new();
    for (key, value) in pairs {
        if !language.state().pay(1) {
            return Node::unknown(Why::Limit, "for", span);
        }
        let depth = language.state().bound.len();
        if let Some(name) = &one.key {
            language.state().bound.push((Arc::clone(name), key));
        }
        language.state().bound.push((Arc::clone(&one.value), value));
        let condition = one
            .condition
            .as_ref()
            .map(|condition| evaluate(language, condition));
        let kept = condition.as_ref().map_or(Some(true), Node::as_bool);
        let mut made = None;
        if kept == Some(true) {
            let key = one.result_key.as_ref().map(|key| evaluate(language, key));
            made = Some((key, evaluate(language, &one.result)));
        }
        language.state().bound.truncate(depth);
        match (kept, made) {
            (None, _) => {
                let condition = condition.as_ref().unwrap_or(&collection);
                return made_of("for", &[condition], span);
            }
            (_, Some((None, value))) => items.push(value),
            (_, Some((Some(key), value))) => {
                let Some(name) = key.scalar() else {
                    return made_of("for", &[&key], span);
                };
                let value = if one.grouped {
                    let earlier = entries.iter().position(|entry| entry.key == name);
                    let mut gathered = match earlier {
                        Some(at) => entries.swap_remove(at).value.items().to_vec(),
                        None => Vec::new(),
                    };
                    gathered.push(value);
                    language.state().pay(entries.len());
                    Node::array(gathered, span)
                } else {
                    value
                };
                entries.push(Entry {
                    key: name,
                    key_span: key.span,
                    value,
                });
            }
            (_, None) => {}
        }
    }
    if one.result_key.is_some() {
        Node::object(entries, span)
    } else {
        Node::array(items, span)
    }
}

fn conditional(language: &mut impl Language, parts: &[Expression; 3], span: Span) -> Node {
    let [condition, yes, no] = parts;
    let condition = evaluate(language, condition);
    match condition.as_bool() {
        Some(true) => evaluate(language, yes),
        Some(false) => evaluate(language, no),
        None => {
            let yes = evaluate(language, yes);
            let no = evaluate(language, no);
            if equal(&yes, &no) == Some(true) {
                return placed(yes, span);
            }
            let mut node = made_of("?", &[&condition, &yes, &no], span);
            if let Value::Unknown(unknown) = &mut node.value {
                Arc::make_mut(unknown).why = Why::Condition;
            }
            node
        }
    }
}

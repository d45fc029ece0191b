//! Puts together what attributes have flattened: `llm.input_messages.0.message.role` and its like.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::attributes::Attributes;
use crate::limits::Limits;
use crate::value::Value;

/// A list that was put together.
#[derive(Debug)]
pub(crate) struct List<'a> {
    pub(crate) value: Value<'a>,
    /// Whether there were more attributes than are taken.
    pub(crate) more: bool,
}

/// How many attributes a part of a message has at most: its text, its type, a call with its id, name and arguments.
const EACH: usize = 4;

/// The list whose items are the attributes with `prefix` and a number: further names become maps, further numbers places in
/// lists. `None` where there is none.
pub(crate) fn unflatten<'a>(
    attributes: &Attributes<'a>,
    prefix: &str,
    limits: Limits,
) -> Option<List<'a>> {
    let mut root = Node::default();
    let mut room = limits.parts.saturating_mul(EACH);
    let mut more = false;
    for (name, value) in attributes.iter() {
        let Some(rest) = name.strip_prefix(prefix) else {
            continue;
        };
        if !rest.starts_with(|first: char| first.is_ascii_digit()) {
            continue;
        }
        match room.checked_sub(1) {
            Some(left) => room = left,
            None => {
                more = true;
                break;
            }
        }
        let mut node = &mut root;
        let steps = usize::try_from(limits.depth).unwrap_or(usize::MAX);
        for step in rest.split('.').take(steps) {
            node = node.children.entry(step.to_owned()).or_default();
        }
        node.value = Some(value.clone());
    }
    let value = root.into_value();
    (!value.is_empty()).then_some(List { value, more })
}

/// A name, what it holds, and the names below it.
#[derive(Debug, Default)]
struct Node<'a> {
    value: Option<Value<'a>>,
    children: BTreeMap<String, Self>,
}

impl<'a> Node<'a> {
    /// No deeper than the steps that were taken.
    fn into_value(self) -> Value<'a> {
        if self.children.is_empty() {
            return self.value.unwrap_or_default();
        }
        let places: Option<Vec<u32>> = self.children.keys().map(|name| name.parse().ok()).collect();
        if let Some(places) = places {
            let mut items: Vec<_> = places
                .into_iter()
                .zip(self.children.into_values())
                .collect();
            items.sort_by_key(|(place, _)| *place);
            return Value::List(
                items
                    .into_iter()
                    .map(|(_, node)| node.into_value())
                    .collect(),
            );
        }
        let fields = self.children.into_iter();
        Value::Map(
            fields
                .map(|(name, node)| (Cow::Owned(name), node.into_value()))
                .collect(),
        )
    }
}

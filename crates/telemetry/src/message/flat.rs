//! Puts together what attributes have flattened: `llm.input_messages.0.message.role` and its like.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::attributes::Attributes;
use crate::limits::Limits;
use crate::value::Value;

/// The list whose items are the attributes with `prefix` and a number: further names become maps, further numbers places in
/// lists. `None` where there is none.
pub(crate) fn unflatten<'a>(
    attributes: &Attributes<'a>,
    prefix: &str,
    limits: Limits,
) -> Option<Value<'a>> {
    let mut root = Node::default();
    let mut any = false;
    for (name, value) in attributes.iter() {
        let Some(rest) = name.strip_prefix(prefix) else {
            continue;
        };
        if !rest.starts_with(|first: char| first.is_ascii_digit()) {
            continue;
        }
        let mut node = &mut root;
        let steps = usize::try_from(limits.depth).unwrap_or(usize::MAX);
        for step in rest.split('.').take(steps) {
            node = node.children.entry(step.to_owned()).or_default();
        }
        node.value = Some(value.clone());
        any = true;
    }
    any.then(|| root.into_value())
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

//! The nodes of a configuration tree, and how to find one.

use std::ops::Range;
use std::sync::Arc;

/// A value with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// The bytes of the text it was read from, quotes and brackets included. A
    /// node that a YAML alias repeats has the place where it was written.
    pub span: Range<usize>,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A number as written; also a date in TOML.
    Number(Arc<str>),
    /// A string, escapes resolved. Shared, so that aliases cannot multiply it.
    String(Arc<str>),
    /// Values in order.
    Array(Vec<Node>),
    /// Entries in order.
    Object(Vec<Entry>),
}

/// A key of an object with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key, escapes resolved.
    pub key: Arc<str>,
    /// The bytes of the key, quotes included.
    pub key_span: Range<usize>,
    /// The value.
    pub value: Node,
    /// Whether a later entry of the object has the same key and so wins.
    pub shadowed: bool,
}

impl Node {
    /// The entries of an object in order, shadowed ones included; none for anything else.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Object(entries) => entries,
            _ => &[],
        }
    }

    /// The elements of an array; none for anything else.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::Array(items) => items,
            _ => &[],
        }
    }

    /// The entry of an object with this key, the one that wins.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().rfind(|entry| &*entry.key == key)
    }

    /// The value of an object under this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The value under the first of these keys that is there.
    #[must_use]
    pub fn get_any(&self, keys: &[&str]) -> Option<&Self> {
        keys.iter().find_map(|key| self.get(key))
    }

    /// The value at the end of a path of keys.
    #[must_use]
    pub fn path(&self, keys: &[&str]) -> Option<&Self> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The string, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match &self.value {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// A string, number or boolean as text, the way an environment variable takes it.
    #[must_use]
    pub fn scalar(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) | Value::Number(text) => Some(text),
            Value::Bool(true) => Some("true"),
            Value::Bool(false) => Some("false"),
            _ => None,
        }
    }

    /// Whether it is an object.
    #[must_use]
    pub fn is_object(&self) -> bool {
        matches!(self.value, Value::Object(_))
    }

    /// Whether it is an array.
    #[must_use]
    pub fn is_array(&self) -> bool {
        matches!(self.value, Value::Array(_))
    }

    /// Whether it is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.value == Value::Null
    }

    /// Calls `visit` with every string in the tree and the key it stands under
    /// (that of the array for its elements), in order.
    pub fn strings<'n>(&'n self, visit: &mut dyn FnMut(Option<&'n Entry>, &'n Self, &'n str)) {
        // An own stack in place of recursion; children in reverse so that order is kept.
        let mut open: Vec<(Option<&Entry>, &Self)> = vec![(None, self)];
        while let Some((key, node)) = open.pop() {
            match &node.value {
                Value::String(text) => visit(key, node, text),
                Value::Array(items) => open.extend(items.iter().rev().map(|item| (key, item))),
                Value::Object(entries) => open.extend(
                    entries
                        .iter()
                        .rev()
                        .map(|entry| (Some(entry), &entry.value)),
                ),
                Value::Null | Value::Bool(_) | Value::Number(_) => {}
            }
        }
    }
}

/// Marks all but the last entry of each key as shadowed.
pub(super) fn mark_shadowed(entries: &mut [Entry]) {
    if entries.len() < 2 {
        return;
    }
    // Sorted places take a tenth of the memory that a set of the keys does.
    let key = |place: &u32| entries.get(*place as usize).map(|entry| &*entry.key);
    let most = u32::try_from(entries.len()).unwrap_or(u32::MAX);
    let mut places: Vec<u32> = (0..most).collect();
    places.sort_by(|one, other| key(one).cmp(&key(other)));
    // Of equal keys the places are still in order.
    let mut before = 0;
    let mut shadowed: Vec<u32> = Vec::new();
    for (number, place) in places.iter().enumerate() {
        if number > 0 && key(place) == key(&before) {
            shadowed.push(before);
        }
        before = *place;
    }
    for place in shadowed {
        if let Some(entry) = entries.get_mut(place as usize) {
            entry.shadowed = true;
        }
    }
}

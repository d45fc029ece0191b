//! Values with places, of which some are not known before the infrastructure is made.

use std::fmt::Write as _;
use std::sync::Arc;

/// Deepest nesting of a value; beyond it is unknown.
pub(crate) const HEIGHT: u16 = 64;

/// Bytes of one of the files of a [`Model`](crate::Model).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// Which file, by its place in [`Model::files`](crate::Model::files).
    pub file: u32,
    /// First byte.
    pub start: u32,
    /// The byte behind the last.
    pub end: u32,
}

impl Span {
    /// From the start of this one to the end of another of the same file.
    #[must_use]
    pub const fn to(self, end: Self) -> Self {
        Self {
            file: self.file,
            start: self.start,
            end: end.end,
        }
    }
}

/// A value with its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where it was written.
    pub span: Span,
    /// The attribute of another resource that it was read from; it may be known all the same.
    pub from: Option<Arc<Reference>>,
}

/// What a value is. Parts are shared, so that copies are cheap and cannot be made to multiply.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing: as good as not written.
    Null,
    /// True or false.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A string.
    String(Arc<str>),
    /// Values in order.
    Array(Arc<List>),
    /// Entries, each key once.
    Object(Arc<Map>),
    /// A JSON text that says this: what `jsonencode` gives, also where parts of it are unknown.
    Json(Arc<Node>),
    /// An attribute of another resource, known once that is made.
    Reference(Arc<Reference>),
    /// Not known here.
    Unknown(Arc<Unknown>),
}

/// The elements of an array.
#[derive(Clone, Debug, Default)]
pub struct List {
    pub(crate) items: Vec<Node>,
    height: u16,
    size: u32,
}

/// The entries of an object.
#[derive(Clone, Debug, Default)]
pub struct Map {
    pub(crate) entries: Vec<Entry>,
    height: u16,
    size: u32,
}

/// An entry of an object.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name.
    pub key: Arc<str>,
    /// Where the name was written.
    pub key_span: Span,
    /// Its value.
    pub value: Node,
}

/// An attribute of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The address of the resource within its root.
    pub address: Arc<str>,
    /// The attribute, its parts with dots between; empty for the resource itself.
    pub attribute: Arc<str>,
}

/// Why a value is not known, and what it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// Why.
    pub why: Why,
    /// What it waits for, or the text around it: `var.name`, `${aws_s3_bucket.x.arn}/*`.
    pub written: Arc<str>,
    /// Attributes of resources that it is made of.
    pub references: Vec<Reference>,
}

/// Reasons for not knowing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// A variable or parameter that nothing sets.
    Input,
    /// Known only once resources are made.
    Deployed,
    /// Asked of a cloud or of another state: a data source, an export of another stack.
    Outside,
    /// In a file that is not read: `file()`, `templatefile()`, a module of a registry.
    Elsewhere,
    /// Depends on a condition that is not known.
    Condition,
    /// A function that is not evaluated.
    Function,
    /// It cannot be worked out as it is written.
    Mistake,
    /// A limit was met.
    Limit,
}

impl Why {
    /// A word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Deployed => "deployed",
            Self::Outside => "outside",
            Self::Elsewhere => "elsewhere",
            Self::Condition => "condition",
            Self::Function => "function",
            Self::Mistake => "mistake",
            Self::Limit => "limit",
        }
    }
}

impl Node {
    /// A value at a place.
    #[must_use]
    pub const fn new(value: Value, span: Span) -> Self {
        Self {
            value,
            span,
            from: None,
        }
    }

    /// A value that is not known.
    #[must_use]
    pub fn unknown(why: Why, written: impl Into<Arc<str>>, span: Span) -> Self {
        Self::new(Value::unknown(why, written), span)
    }

    /// A string.
    #[must_use]
    pub fn text(text: impl Into<Arc<str>>, span: Span) -> Self {
        Self::new(Value::String(text.into()), span)
    }

    /// An array.
    #[must_use]
    pub fn array(items: Vec<Self>, span: Span) -> Self {
        Self::new(Value::array(items), span)
    }

    /// An object; of entries with the same key the last counts.
    #[must_use]
    pub fn object(entries: Vec<Entry>, span: Span) -> Self {
        Self::new(Value::object(entries), span)
    }

    /// The elements of an array; none for anything else.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::Array(list) => &list.items,
            _ => &[],
        }
    }

    /// The entries of an object, also of one in a JSON text; none for anything else.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Object(map) => &map.entries,
            Value::Json(inner) => match &inner.value {
                Value::Object(map) => &map.entries,
                _ => &[],
            },
            _ => &[],
        }
    }

    /// The value under a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        let entry = self.entries().iter().find(|entry| &*entry.key == key);
        entry.map(|entry| &entry.value)
    }

    /// The value at the end of a path of keys; through arrays of one element.
    #[must_use]
    pub fn path(&self, path: &str) -> Option<&Self> {
        path.split('.').try_fold(self, |node, key| {
            let node = match node.items() {
                [only] => only,
                _ => node,
            };
            node.get(key)
        })
    }

    /// The string, if it is a known one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, if it is a known one; also `"true"` and `"false"`, which every format takes for one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match &self.value {
            Value::Bool(value) => Some(*value),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// The number, if it is a known one.
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        match &self.value {
            Value::Number(value) => Some(*value),
            Value::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// Whether it is nothing.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// Whether it is known, though parts of it may not be.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        !matches!(self.value, Value::Unknown(_) | Value::Reference(_))
    }

    /// Whether it and all of its parts are known.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        match &self.value {
            Value::Array(list) => list.items.iter().all(Self::is_whole),
            Value::Object(map) => map.entries.iter().all(|entry| entry.value.is_whole()),
            Value::Json(inner) => inner.is_whole(),
            Value::Unknown(_) | Value::Reference(_) => false,
            _ => true,
        }
    }

    /// A string, number or boolean as the text that it becomes inside another.
    #[must_use]
    pub fn scalar(&self) -> Option<Arc<str>> {
        match &self.value {
            Value::String(text) => Some(Arc::clone(text)),
            Value::Number(number) => Some(number_text(*number).into()),
            Value::Bool(value) => Some(if *value { "true" } else { "false" }.into()),
            Value::Json(inner) if inner.is_whole() => Some(inner.to_json().to_string().into()),
            _ => None,
        }
    }

    /// As JSON: what is unknown becomes an object, see [`Value`].
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Number(number) => number_json(*number),
            Value::String(text) => Json::String(text.to_string()),
            Value::Array(list) => Json::Array(list.items.iter().map(Self::to_json).collect()),
            Value::Object(map) => {
                let entries = map.entries.iter();
                let entries = entries.map(|entry| (entry.key.to_string(), entry.value.to_json()));
                Json::Object(entries.collect())
            }
            Value::Json(inner) => inner.to_json(),
            Value::Reference(reference) => serde_json::json!({
                "$reference": &*reference.address,
                "attribute": &*reference.attribute,
            }),
            Value::Unknown(unknown) => serde_json::json!({
                "$unknown": unknown.why.name(),
                "written": &*unknown.written,
            }),
        }
    }

    pub(crate) fn size(&self) -> u32 {
        self.value.size()
    }
}

impl Value {
    /// A value that is not known.
    #[must_use]
    pub fn unknown(why: Why, written: impl Into<Arc<str>>) -> Self {
        Self::Unknown(Arc::new(Unknown {
            why,
            written: written.into(),
            references: Vec::new(),
        }))
    }

    /// An array; unknown when it is nested too deep.
    #[must_use]
    pub fn array(items: Vec<Node>) -> Self {
        let height = items.iter().map(|item| item.value.height()).max();
        let height = height.unwrap_or(0).saturating_add(1);
        let size = items
            .iter()
            .fold(1_u32, |sum, item| sum.saturating_add(item.size()));
        if height > HEIGHT {
            return Self::unknown(Why::Limit, "nested too deep");
        }
        Self::Array(Arc::new(List {
            items,
            height,
            size,
        }))
    }

    /// An object; of entries with the same key the last counts. Unknown when it is nested too deep.
    #[must_use]
    pub fn object(mut entries: Vec<Entry>) -> Self {
        last_of_each(&mut entries);
        let heights = entries.iter().map(|entry| entry.value.value.height());
        let height = heights.max().unwrap_or(0).saturating_add(1);
        let size = entries
            .iter()
            .fold(1_u32, |sum, entry| sum.saturating_add(entry.value.size()));
        if height > HEIGHT {
            return Self::unknown(Why::Limit, "nested too deep");
        }
        Self::Object(Arc::new(Map {
            entries,
            height,
            size,
        }))
    }

    /// A JSON text that says `inner`.
    #[must_use]
    pub fn json(inner: Node) -> Self {
        if inner.value.height() >= HEIGHT {
            return Self::unknown(Why::Limit, "nested too deep");
        }
        Self::Json(Arc::new(inner))
    }

    fn height(&self) -> u16 {
        match self {
            Self::Array(list) => list.height,
            Self::Object(map) => map.height,
            Self::Json(inner) => inner.value.height().saturating_add(1),
            _ => 0,
        }
    }

    fn size(&self) -> u32 {
        match self {
            Self::Array(list) => list.size,
            Self::Object(map) => map.size,
            Self::Json(inner) => inner.size().saturating_add(1),
            _ => 1,
        }
    }
}

/// Keeps the last entry of each key, at the place of the first.
fn last_of_each(entries: &mut Vec<Entry>) {
    let repeated = {
        let mut keys: Vec<&str> = entries.iter().map(|entry| &*entry.key).collect();
        keys.sort_unstable();
        keys.windows(2).any(|pair| pair.first() == pair.last())
    };
    if !repeated {
        return;
    }
    let mut places = std::collections::HashMap::new();
    let mut kept: Vec<Entry> = Vec::with_capacity(entries.len());
    for entry in entries.drain(..) {
        match places.get(&entry.key).and_then(|at| kept.get_mut(*at)) {
            Some(earlier) => *earlier = entry,
            None => {
                places.insert(Arc::clone(&entry.key), kept.len());
                kept.push(entry);
            }
        }
    }
    *entries = kept;
}

/// A number as it is written: whole ones without a point.
pub(crate) fn number_text(number: f64) -> String {
    let mut text = String::new();
    let _ = write!(text, "{number}");
    text
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "whole and within the range, as is checked before"
)]
fn number_json(number: f64) -> serde_json::Value {
    if number.fract() == 0.0 && number.abs() < 9e15 {
        return serde_json::Value::from(number as i64);
    }
    serde_json::Number::from_f64(number).map_or(serde_json::Value::Null, Into::into)
}

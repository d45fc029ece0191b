//! What an answer must look like to be a mark of a product.

use serde_json::Value;
use stance_read::tree::Node;

use crate::answer::Answer;
use crate::pointer;

/// A description of an answer. All parts must hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct Condition {
    status: Vec<u16>,
    /// A part of the content type.
    media: Option<String>,
    /// Headers by name in lower case, and a part of the value.
    headers: Vec<(String, String)>,
    /// Texts that stand in the body.
    has: Vec<String>,
    /// The whole body, without space around it.
    is: Option<String>,
    /// Places of the JSON body and what stands there.
    json: Vec<(String, Shape)>,
    /// Whether the body is nothing but a version.
    version: bool,
}

/// What stands at a place of a JSON body.
#[derive(Clone, Debug, PartialEq)]
enum Shape {
    Text,
    Number,
    Bool,
    List,
    Map,
    Any,
    Equals(String),
    Begins(String),
    Contains(String),
}

impl Shape {
    fn of(text: &str) -> Self {
        match text {
            "text" => Self::Text,
            "number" => Self::Number,
            "bool" => Self::Bool,
            "list" => Self::List,
            "map" => Self::Map,
            _ => match text.split_at_checked(1) {
                Some(("=", rest)) => Self::Equals(rest.to_owned()),
                Some(("^", rest)) => Self::Begins(rest.to_owned()),
                Some(("~", rest)) => Self::Contains(rest.to_lowercase()),
                _ => Self::Any,
            },
        }
    }

    fn fits(&self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Number => value.is_number(),
            Self::Bool => value.is_boolean(),
            Self::List => value.is_array(),
            Self::Map => value.is_object(),
            Self::Any => true,
            Self::Equals(wanted) => match value {
                Value::String(text) => text == wanted,
                Value::Number(_) | Value::Bool(_) => {
                    serde_json::from_str::<Value>(wanted).is_ok_and(|wanted| wanted == *value)
                }
                _ => false,
            },
            Self::Begins(wanted) => value.as_str().is_some_and(|text| text.starts_with(wanted)),
            Self::Contains(wanted) => value
                .as_str()
                .is_some_and(|text| text.to_lowercase().contains(wanted)),
        }
    }
}

impl Condition {
    /// As the catalogue writes it.
    pub(crate) fn of(node: &Node) -> Self {
        let pairs = |key: &str| -> Vec<(String, String)> {
            let entries = node.get(key).map(Node::entries).unwrap_or_default();
            entries
                .iter()
                .map(|entry| {
                    let value = entry.value.scalar().unwrap_or_default();
                    (entry.key.to_string(), value.to_owned())
                })
                .collect()
        };
        let status: Vec<u16> = texts(node, "status")
            .iter()
            .filter_map(|text| text.parse().ok())
            .collect();
        Self {
            status,
            media: node.get("type").and_then(Node::scalar).map(str::to_owned),
            headers: pairs("header"),
            has: texts(node, "has"),
            is: node.get("is").and_then(Node::scalar).map(str::to_owned),
            json: pairs("json")
                .into_iter()
                .map(|(place, shape)| (place, Shape::of(&shape)))
                .collect(),
            version: node.get("version-text").is_some(),
        }
    }

    /// Whether it speaks about headers only, which a server may send with every answer.
    pub(crate) fn is_of_headers(&self) -> bool {
        !self.headers.is_empty()
            && self.has.is_empty()
            && self.json.is_empty()
            && self.is.is_none()
            && self.status.is_empty()
    }

    /// Whether it speaks about texts of a page only.
    pub(crate) fn is_of_text(&self) -> bool {
        !self.has.is_empty() && self.json.is_empty() && self.is.is_none()
    }

    /// Whether the answer fits. A condition on headers only does not care about the status.
    pub(crate) fn fits(&self, answer: &Answer) -> bool {
        let status = if self.status.is_empty() {
            self.is_of_headers() || answer.status == 200
        } else {
            self.status.contains(&answer.status)
        };
        status && self.fits_any_status(answer)
    }

    /// Whether the answer fits, whatever its status.
    pub(crate) fn fits_any_status(&self, answer: &Answer) -> bool {
        self.headers.iter().all(|(name, part)| {
            answer
                .header(name)
                .is_some_and(|value| value.contains(part.as_str()))
        }) && self.media.as_deref().is_none_or(|media| {
            answer
                .header("content-type")
                .is_some_and(|value| value.contains(media))
        }) && self.has.iter().all(|text| answer.body.contains(text))
            && self
                .is
                .as_deref()
                .is_none_or(|text| answer.body.trim().trim_matches('"') == text)
            && (!self.version || version_of(answer).is_some())
            && (self.json.is_empty()
                || answer.json().is_some_and(|value| {
                    self.json.iter().all(|(place, shape)| {
                        pointer::all(value, place)
                            .first()
                            .is_some_and(|found| shape.fits(found))
                    })
                }))
    }
}

/// The scalars of a list, or the one scalar.
pub(crate) fn texts(node: &Node, key: &str) -> Vec<String> {
    let Some(found) = node.get(key) else {
        return Vec::new();
    };
    match found.scalar() {
        Some(text) => vec![text.to_owned()],
        None => found
            .items()
            .iter()
            .filter_map(Node::scalar)
            .map(str::to_owned)
            .collect(),
    }
}

/// The version that an answer is, as a text or a JSON string.
pub(crate) fn version_of(answer: &Answer) -> Option<String> {
    match answer.json() {
        Some(Value::String(text)) => version(text),
        Some(_) => None,
        None => version(&answer.body),
    }
}

/// A text that can be a version: short, and with a digit at its beginning.
pub(crate) fn version(text: &str) -> Option<String> {
    let text = text.trim().trim_matches('"');
    let bare = text.strip_prefix(['v', 'V', 'b']).unwrap_or(text);
    let is_version = text.len() <= 40
        && bare.starts_with(|first: char| first.is_ascii_digit())
        && text
            .chars()
            .all(|it| it.is_ascii_alphanumeric() || matches!(it, '.' | '-' | '+' | '_'));
    is_version.then(|| text.to_owned())
}

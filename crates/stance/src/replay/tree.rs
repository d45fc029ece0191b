//! YAML and JSON of recordings, as one tree of bytes.

use std::collections::HashMap;
use std::rc::Rc;

use base64::Engine as _;
use saphyr_parser::{Event, Parser, ScalarStyle};

/// Deepest tree that is read.
const DEEPEST: usize = 64;

/// A value of a recording.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Scalar(Rc<[u8]>),
    List(Vec<Rc<Node>>),
    Map(Vec<(String, Rc<Node>)>),
}

impl Node {
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(map) => map
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, node)| &**node),
            _ => None,
        }
    }

    pub(super) fn list(&self) -> &[Rc<Self>] {
        match self {
            Self::List(list) => list,
            _ => &[],
        }
    }

    /// Of a list, its first one: headers have lists of values.
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Scalar(bytes) => bytes,
            Self::List(list) => list.first().map_or(&[], |node| node.bytes()),
            Self::Map(_) => &[],
        }
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(self.bytes()).into_owned()
    }

    /// A member whose name is told apart by its letters alone.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        match self {
            Self::Map(map) => map
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.text()),
            _ => None,
        }
    }

    pub(super) fn of_json(value: serde_json::Value) -> Self {
        use serde_json::Value;
        match value {
            Value::Null => Self::Scalar(Rc::from([])),
            Value::String(text) => Self::Scalar(Rc::from(text.into_bytes())),
            Value::Array(items) => Self::List(
                items
                    .into_iter()
                    .map(|item| Rc::new(Self::of_json(item)))
                    .collect(),
            ),
            Value::Object(map) => Self::Map(
                map.into_iter()
                    .map(|(key, value)| (key, Rc::new(Self::of_json(value))))
                    .collect(),
            ),
            other => Self::Scalar(Rc::from(other.to_string().into_bytes())),
        }
    }
}

/// What is open while YAML is read.
struct Open {
    key: Option<String>,
    node: Node,
    anchor: usize,
    /// How deep the deepest in it lies.
    depth: usize,
}

/// Reads YAML. Aliases share what they name, so that none makes a small text large.
pub(super) fn yaml(text: &str) -> Result<Node, String> {
    let mut open: Vec<Open> = Vec::new();
    let mut anchors: HashMap<usize, (Rc<Node>, usize)> = HashMap::new();
    let text = indented(text);
    for event in Parser::new_from_str(&text) {
        let (event, _) = event.map_err(|error| format!("no YAML: {error}"))?;
        let (node, anchor, depth) = match event {
            Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _)
                if open.len() >= DEEPEST =>
            {
                let _ = anchor;
                return Err("values are nested too deeply".to_owned());
            }
            Event::SequenceStart(anchor, _) => {
                let node = Node::List(Vec::new());
                open.push(Open {
                    key: None,
                    node,
                    anchor,
                    depth: 0,
                });
                continue;
            }
            Event::MappingStart(anchor, _) => {
                let node = Node::Map(Vec::new());
                open.push(Open {
                    key: None,
                    node,
                    anchor,
                    depth: 0,
                });
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(closed) => (Rc::new(closed.node), closed.anchor, closed.depth),
                None => continue,
            },
            Event::Scalar(text, style, anchor, tag) => {
                let is_binary = tag.is_some_and(|tag| tag.suffix.contains("binary"));
                let is_null = style == ScalarStyle::Plain && (text == "null" || text == "~");
                let bytes = match (is_binary, is_null) {
                    (true, _) => binary(&text)?,
                    (_, true) => Vec::new(),
                    _ => text.as_bytes().to_vec(),
                };
                (Rc::new(Node::Scalar(bytes.into())), anchor, 0)
            }
            Event::Alias(anchor) => {
                let (known, depth) = anchors.get(&anchor).cloned().ok_or("an alias of nothing")?;
                (known, 0, depth)
            }
            _ => continue,
        };
        if anchor > 0 {
            anchors.insert(anchor, (node.clone(), depth));
        }
        let Some(outer) = open.last_mut() else {
            return Ok(Rc::unwrap_or_clone(node));
        };
        outer.depth = outer.depth.max(depth + 1);
        if outer.depth > DEEPEST {
            return Err("values are nested too deeply".to_owned());
        }
        match &mut outer.node {
            Node::List(list) => list.push(node),
            Node::Map(map) => match outer.key.take() {
                None => outer.key = Some(node.text()),
                Some(key) => map.push((key, node)),
            },
            Node::Scalar(_) => {}
        }
    }
    Err("no YAML: it ends before its end".to_owned())
}

fn binary(text: &str) -> Result<Vec<u8>, String> {
    let coded: String = text.split_whitespace().collect();
    base64::engine::general_purpose::STANDARD
        .decode(coded)
        .map_err(|_| "bytes that are no Base64".to_owned())
}

/// The text with the further lines of quoted strings moved in: recorders write some no deeper than their key, which the
/// parser does not take. White space there is folded, and means nothing.
fn indented(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open = None;
    for line in text.lines() {
        let mut rest = line;
        if open.is_some() {
            if !line.trim().is_empty() {
                out.push_str("    ");
            }
        } else {
            let value = line.trim_start().trim_start_matches("- ");
            let value = match value.split_once(": ") {
                Some((key, value)) if !key.contains(['\'', '"']) => value,
                _ => value,
            };
            open = value
                .chars()
                .next()
                .filter(|quote| matches!(quote, '\'' | '"'));
            rest = value.get(1..).unwrap_or_default();
        }
        if open.is_some_and(|quote| closes(rest, quote)) {
            open = None;
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// Whether a quoted string ends on this line.
fn closes(line: &str, quote: char) -> bool {
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        if quote == '"' && character == '\\' {
            characters.next();
        } else if character == quote {
            if quote == '\'' && characters.peek() == Some(&'\'') {
                characters.next();
            } else {
                return true;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_is_a_tree_of_bytes() {
        let text = "a: &x\n- 'one\n\n  two'\n- !!binary AAEC\nb: *x\nc: null\n";
        let tree = yaml(text).unwrap();
        let list = tree.get("b").unwrap().list();
        assert_eq!(list[0].text(), "one\ntwo");
        assert_eq!(list[1].bytes(), [0, 1, 2]);
        assert!(tree.get("c").unwrap().bytes().is_empty());
        assert!(yaml("a: [").is_err() && yaml("a: *x").is_err() && yaml("").is_err());
        assert!(yaml(&"[".repeat(1000)).unwrap_err().contains("deeply"));
    }

    #[test]
    fn aliases_of_aliases_cost_nothing() {
        let mut text = String::from("a0: &a0 [1, 2]\n");
        for at in 1..60 {
            let before = at - 1;
            text.push_str(&format!("a{at}: &a{at} [*a{before}, *a{before}]\n"));
        }
        assert!(yaml(&text).is_ok());
    }
}

//! One node of a graph: an operator with its inputs and attributes.

use super::File;
use stance_read::protobuf::{Broken, Message, Value};

/// Texts of an attribute or constant that are kept, and how long each may be.
const TEXTS: usize = 4;
const LONGEST: usize = 1024;

/// Inputs that are kept.
const INPUTS: usize = 8;

/// The attributes that say where an operator reads, writes or connects to.
const ATTRIBUTES: &[&str] = &[
    "debug_ops_spec",
    "debug_urls",
    "descriptor_source",
    "error_msg",
    "memory_region_name",
    "output_stream",
    "rewrite",
    "test_end_point",
    "token",
    "value",
];

/// A node as far as it matters.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) at: u64,
    pub(super) name: String,
    pub(super) operator: String,
    pub(super) inputs: Vec<String>,
    /// The texts of attributes that matter.
    pub(super) attributes: Vec<(String, Vec<String>)>,
}

impl Node {
    /// The first text of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(found, _)| found == name)
            .and_then(|(_, texts)| texts.first())
            .map(String::as_str)
    }
}

impl File<'_, '_> {
    pub(super) fn read_node(&mut self, mut message: Message) -> Result<Node, Broken> {
        let mut node = Node {
            at: message.at,
            ..Node::default()
        };
        while let Some(field) = message.next(&mut self.window)? {
            match (field.number, field.value) {
                (1, Value::Bytes(text)) => node.name = text.text(&mut self.window, 256)?,
                (2, Value::Bytes(text)) => node.operator = text.text(&mut self.window, 128)?,
                (3, Value::Bytes(text)) if node.inputs.len() < INPUTS => {
                    node.inputs.push(text.text(&mut self.window, 256)?);
                }
                (5, Value::Bytes(attribute)) => self.read_attribute(attribute, &mut node)?,
                _ => {}
            }
        }
        Ok(node)
    }

    fn read_attribute(&mut self, mut entry: Message, node: &mut Node) -> Result<(), Broken> {
        let mut key = String::new();
        let mut value = None;
        while let Some(field) = entry.next(&mut self.window)? {
            match (field.number, field.value) {
                (1, Value::Bytes(text)) => key = text.text(&mut self.window, 64)?,
                (2, Value::Bytes(message)) => value = Some(message),
                _ => {}
            }
        }
        if let Some(value) = value
            && ATTRIBUTES.contains(&&*key)
            && node.attributes.len() < 8
        {
            let texts = self.read_texts(value)?;
            if !texts.is_empty() {
                node.attributes.push((key, texts));
            }
        }
        Ok(())
    }

    /// The texts in the value of an attribute: its own, those of a list, those of a tensor.
    fn read_texts(&mut self, mut value: Message) -> Result<Vec<String>, Broken> {
        let mut texts = Vec::new();
        while let Some(field) = value.next(&mut self.window)? {
            let (inner, number) = match (field.number, field.value) {
                (2, Value::Bytes(text)) => {
                    self.push_text(text, &mut texts)?;
                    continue;
                }
                (1, Value::Bytes(list)) => (list, 2),
                (8, Value::Bytes(tensor)) => (tensor, 8),
                _ => continue,
            };
            let mut inner = inner;
            while let Some(field) = inner.next(&mut self.window)? {
                if let Value::Bytes(text) = field.value
                    && field.number == number
                {
                    self.push_text(text, &mut texts)?;
                }
            }
        }
        Ok(texts)
    }

    fn push_text(&mut self, text: Message, texts: &mut Vec<String>) -> Result<(), Broken> {
        if texts.len() < TEXTS {
            let text = text.text(&mut self.window, LONGEST)?;
            texts.push(text);
        }
        Ok(())
    }
}

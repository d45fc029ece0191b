//! YAML in and out.

use regorus::Value;
use stance_read::limits::Limits;
use stance_read::tree::{self, Node, Notation, Tree};

use super::context::{counted, produce};
use super::{Function, Outcome, Refused, argument, engines, string};

pub(super) const FUNCTIONS: &[Function] = &[
    ("yaml.is_valid", 1, |given| {
        let text = argument(given, 0).as_string().cloned();
        Ok(Value::from(text.is_ok_and(|text| documents(&text).is_ok())))
    }),
    ("yaml.marshal", 1, |given| {
        counted(given)?;
        // Every JSON text is YAML; what reads it gets the same value.
        engines("json.marshal", given)
    }),
    ("yaml.unmarshal", 1, |given| documents(string(given, 0)?)),
];

fn documents(text: &str) -> Outcome {
    produce(text.len())?;
    let tree = Tree::parse(Notation::Yaml, text, &Limits::default());
    if let Some(error) = tree.errors.first() {
        return Err(Refused::argument(format!("no YAML: {}", error.message)));
    }
    let mut nodes = 0;
    tree.documents
        .first()
        .map_or(Ok(Value::Null), |node| value(node, &mut nodes))
}

/// A node as a value; aliases were put in, so it is counted.
fn value(node: &Node, nodes: &mut usize) -> Outcome {
    produce(16)?;
    *nodes = nodes.saturating_add(1);
    Ok(match &node.value {
        tree::Value::Null => Value::Null,
        tree::Value::Bool(value) => Value::from(*value),
        tree::Value::String(text) => {
            produce(text.len())?;
            Value::from(&**text)
        }
        tree::Value::Number(text) => {
            Value::from_json_str(text).unwrap_or_else(|_| Value::from(&**text))
        }
        tree::Value::Array(items) => Value::from(
            items
                .iter()
                .map(|item| value(item, nodes))
                .collect::<Result<Vec<_>, _>>()?,
        ),
        tree::Value::Object(entries) => Value::from(
            entries
                .iter()
                .filter(|entry| !entry.shadowed)
                .map(|entry| Ok((Value::from(&*entry.key), value(&entry.value, nodes)?)))
                .collect::<Result<std::collections::BTreeMap<_, _>, Refused>>()?,
        ),
    })
}

//! What a tokenizer puts around a text: marks of its beginning and end, and which of two texts it is.

use serde_json::Value;

use super::json::{Node, number};
use super::{Fault, MOST_NESTED};

/// Most marks on each side.
const MOST_MARKS: usize = 16;

/// The marks around one text, each with the number of the text that it belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) before: Vec<(u32, u32)>,
    pub(crate) after: Vec<(u32, u32)>,
    /// The number of the text itself.
    pub(crate) kind: u32,
}

impl Frame {
    pub(crate) fn read(value: Option<&Value>) -> Result<Self, Fault> {
        match value {
            None => Ok(Self::default()),
            Some(value) => Self::of(value, 0),
        }
    }

    fn of(value: &Value, depth: usize) -> Result<Self, Fault> {
        let place = "post_processor";
        if depth > MOST_NESTED {
            return Err(Fault::form(place, "has too many steps"));
        }
        let node = Node::of(value, place)?;
        match node.kind()? {
            "BertProcessing" | "RobertaProcessing" => Ok(Self {
                before: vec![(pair(node, "cls")?, 0)],
                after: vec![(pair(node, "sep")?, 0)],
                kind: 0,
            }),
            "TemplateProcessing" => Self::template(node),
            // Only places of tokens are changed by it.
            "ByteLevel" => Ok(Self::default()),
            "Sequence" => {
                let mut whole = Self::default();
                for inner in node.list("processors")? {
                    let frame = Self::of(inner, depth.saturating_add(1))?;
                    whole.before.splice(0..0, frame.before);
                    whole.after.extend(frame.after);
                    whole.kind = whole.kind.max(frame.kind);
                    if whole.before.len().max(whole.after.len()) > MOST_MARKS {
                        return Err(Fault::form(place, "has too many marks"));
                    }
                }
                Ok(whole)
            }
            other => Err(Fault::unknown(place, other)),
        }
    }

    fn template(node: Node<'_>) -> Result<Self, Fault> {
        let marks = node.object("special_tokens")?;
        let mut frame = Self::default();
        let mut is_behind = false;
        for step in node.list("single")? {
            let step = Node::of(step, "post_processor")?;
            if let Some(text) = step.get("Sequence") {
                let text = Node::of(text, "post_processor")?;
                if is_behind {
                    return Err(node.fault("has the text twice"));
                }
                frame.kind = text.number("type_id")?;
                is_behind = true;
                continue;
            }
            let mark = Node::of(step.need("SpecialToken")?, "post_processor")?;
            let (name, kind) = (mark.text("id")?, mark.number("type_id")?);
            let ids = marks
                .get(name)
                .and_then(|it| it.get("ids"))
                .and_then(Value::as_array)
                .ok_or_else(|| node.fault("has a mark without a number"))?;
            for id in ids {
                let id = number(id).ok_or_else(|| node.fault("has a mark without a number"))?;
                match is_behind {
                    true => frame.after.push((id, kind)),
                    false => frame.before.push((id, kind)),
                }
            }
            if frame.before.len().max(frame.after.len()) > MOST_MARKS {
                return Err(node.fault("has too many marks"));
            }
        }
        match is_behind {
            true => Ok(frame),
            false => Err(node.fault("has no place for the text")),
        }
    }
}

/// The number in `["[CLS]", 101]`.
fn pair(node: Node<'_>, name: &str) -> Result<u32, Fault> {
    node.list(name)?
        .get(1)
        .and_then(number)
        .ok_or_else(|| node.fault(&format!("has a `{name}` without a number")))
}

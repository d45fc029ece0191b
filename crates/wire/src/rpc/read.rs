//! One message at a time, as a proxy between the two sides of a session reads them.

use std::ops::Range;

use super::{Message, envelope};
use crate::dialect::{self, Route};
use crate::json::{Document, Edits, Kind, Value};
use crate::take::Taker;
use crate::{Fault, Limits, Reading};

/// A message that was read.
#[derive(Clone, Debug)]
pub struct Read {
    /// Its envelope.
    pub message: Message,
    /// What it says.
    pub reading: Reading,
    /// Why two readers may not read it alike, which makes a verdict worthless: what one of them judges, the other does not see.
    pub doubt: Option<&'static str>,
}

/// Reads a single message of this route. `tool_of` gives the tool that was called by the request with this id, as it was
/// written, where a result of it may come.
///
/// # Errors
///
/// Bytes that are no message, or more of it than `limits` allow.
pub fn read(
    route: &Route,
    body: &[u8],
    tool_of: impl Fn(&str) -> Option<String>,
    limits: &Limits,
) -> Result<Read, Fault> {
    let document = Document::read(body, limits)?;
    let root = document.root();
    let message = Some(root)
        .filter(|root| root.kind() == Kind::Object)
        .and_then(envelope)
        .ok_or(Fault::Message)?;
    let mut taker = Taker::new(&document, limits.unjudged);
    if let Some(id) = message.id.as_deref().filter(|_| message.method.is_none())
        && let Some(tool) = tool_of(id)
    {
        taker.calls.push((id.to_owned(), tool));
    }
    if let Some(shape) = dialect::of(route.operation) {
        shape.request(root, &mut taker);
    }
    let doubt = if document.invalid_utf8() {
        Some("bytes that are no UTF-8")
    } else if document.repeated().next().is_some() {
        Some("a key that stands twice in its object")
    } else {
        None
    };
    Ok(Read {
        message,
        reading: Reading::of(taker),
        doubt,
    })
}

/// Where the messages of a batch stand; `None` for what is no array.
///
/// # Errors
///
/// Bytes that are no JSON, or more of it than `limits` allow.
pub fn batch(body: &[u8], limits: &Limits) -> Result<Option<Vec<Range<usize>>>, Fault> {
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    if first != Some(&b'[') {
        return Ok(None);
    }
    let document = Document::read(body, limits)?;
    Ok(Some(document.root().elements().map(Value::span).collect()))
}

/// A result of `tools/list` without the tools that `keeps` does not keep; `None` where it keeps all.
///
/// # Errors
///
/// Bytes that are no JSON, or more of it than `limits` allow.
pub fn without_tools(
    body: &[u8],
    limits: &Limits,
    keeps: impl Fn(&str) -> bool,
) -> Result<Option<Vec<u8>>, Fault> {
    let document = Document::read(body, limits)?;
    let Some(tools) = document.root().at(&["result", "tools"]) else {
        return Ok(None);
    };
    let kept: Vec<&[u8]> = tools
        .elements()
        .filter(|tool| keeps(&tool.text_of("name").unwrap_or_default()))
        .map(Value::raw)
        .collect();
    if kept.len() == tools.elements().count() {
        return Ok(None);
    }
    let mut array = vec![b'['];
    array.extend_from_slice(&kept.join(&b','));
    array.push(b']');
    let mut edits = Edits::default();
    edits.replace(tools.span(), array);
    Ok(Some(edits.applied(body)))
}

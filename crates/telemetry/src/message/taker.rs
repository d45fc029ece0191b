//! Collects the parts of one side of an interaction, within limits.

use stance_core::exchange::{Exchange, Origin, Part, ToolDefinition, Unjudged};

use super::path::Path;
use crate::json::{self, Document};
use crate::limits::Limits;
use crate::value::Value;

/// How many things that are not judged are listed; more are one line.
const LISTED: usize = 64;

/// Collects parts.
#[derive(Debug)]
pub(crate) struct Taker<'e> {
    exchange: &'e mut Exchange,
    path: Path,
    limits: Limits,
    depth: u32,
}

impl<'e> Taker<'e> {
    pub(crate) const fn new(exchange: &'e mut Exchange, path: Path, limits: Limits) -> Self {
        Self {
            exchange,
            path,
            limits,
            depth: 0,
        }
    }

    /// Goes on elsewhere.
    pub(crate) fn go(&mut self, path: Path) {
        self.path = path;
    }

    /// Does something one step further.
    pub(crate) fn inside<T>(&mut self, name: &str, walk: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.path.push(name);
        let given = walk(self);
        self.path.back(before);
        given
    }

    /// Goes one deeper; false, and said, where that is too deep.
    pub(crate) fn enter(&mut self) -> bool {
        if self.depth >= self.limits.depth {
            self.unjudged("what is nested too deeply");
            return false;
        }
        self.depth = self.depth.saturating_add(1);
        true
    }

    pub(crate) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// How many parts there are.
    pub(crate) fn len(&self) -> usize {
        self.exchange.parts.len()
    }

    /// Whether arguments of a call were taken since there were so many parts.
    pub(crate) fn has_arguments_since(&self, parts: usize) -> bool {
        let since = self.exchange.parts.get(parts..).unwrap_or_default();
        since
            .iter()
            .any(|part| part.origin == Origin::ToolArguments)
    }

    /// Takes a text. Empty ones are none.
    pub(crate) fn part(
        &mut self,
        origin: Origin,
        text: &str,
        tool: Option<&str>,
        call: Option<&str>,
    ) {
        if text.is_empty() {
            return;
        }
        if self.exchange.parts.len() >= self.limits.parts {
            return self.say(String::new(), "more parts than are taken");
        }
        let mut end = text.len().min(self.limits.text);
        while !text.is_char_boundary(end) {
            end = end.saturating_sub(1);
        }
        if end < text.len() {
            self.unjudged("the rest of a text that is longer than is kept");
        }
        let tool = tool.map(str::to_owned).or_else(|| self.tool_of(call));
        self.exchange.parts.push(Part {
            origin,
            pointer: self.path.text().to_owned(),
            tool,
            call: call.map(str::to_owned),
            text: text.get(..end).unwrap_or_default().to_owned(),
        });
    }

    /// Takes what a model hands to a tool.
    pub(crate) fn arguments(
        &mut self,
        arguments: &Value<'_>,
        tool: Option<&str>,
        call: Option<&str>,
    ) {
        // A call without arguments is a call all the same.
        let text = match arguments {
            Value::Null => "{}".into(),
            Value::Text(text) if text.is_empty() => "{}".into(),
            arguments => arguments.written(),
        };
        self.part(Origin::ToolArguments, &text, tool, call);
    }

    /// Which tool a call was of, if that was in the same conversation.
    fn tool_of(&self, call: Option<&str>) -> Option<String> {
        let call = call?;
        let mut before = self.exchange.parts.iter().rev();
        let known = before.find(|part| {
            part.origin == Origin::ToolArguments && part.call.as_deref() == Some(call)
        });
        known?.tool.clone()
    }

    /// Takes a tool that is offered.
    pub(crate) fn tool(
        &mut self,
        name: &str,
        description: Option<&Value<'_>>,
        schema: Option<&Value<'_>>,
    ) {
        if self.exchange.tools.len() >= self.limits.parts {
            return self.say(String::new(), "more tools than are taken");
        }
        let description = description.map(Value::written).unwrap_or_default();
        let schema = schema
            .filter(|schema| !schema.is_empty())
            .map(|schema| schema.written().into_owned());
        self.part(Origin::ToolDefinition, &description, Some(name), None);
        if let Some(schema) = &schema {
            self.part(Origin::ToolDefinition, schema, Some(name), None);
        }
        self.exchange.tools.push(ToolDefinition {
            claims: None,
            name: name.to_owned(),
            description: description.into_owned(),
            schema,
            pointer: self.path.text().to_owned(),
        });
    }

    /// A text that may be a document in JSON; `None` where it does not look like one or is none.
    pub(crate) fn document<'t>(&self, text: &'t str) -> Option<Document<'t>> {
        let trimmed = text.trim_start();
        if !trimmed.starts_with(['[', '{']) || self.depth >= self.limits.depth {
            return None;
        }
        json::parse_cut(text.as_bytes(), self.limits).ok()
    }

    /// Why an answer ended.
    pub(crate) fn ended(&mut self, value: &Value<'_>) {
        if self.exchange.ended.is_none() {
            let names = ["finish_reason", "finishReason", "stop_reason", "stopReason"];
            self.exchange.ended = value.first(&names).and_then(Value::label);
        }
    }

    /// Says it where a body gave neither words nor a reason.
    pub(crate) fn understood(&mut self) {
        if self.exchange.parts.is_empty() && self.exchange.unjudged.is_empty() {
            self.unjudged("a body in a form that is not known");
        }
    }

    /// Says it where a list has more attributes than are taken.
    pub(crate) fn more(&mut self, more: bool) {
        if more {
            self.unjudged("more attributes of one list than are taken");
        }
    }

    /// Says that what stands here is not judged.
    pub(crate) fn unjudged(&mut self, what: &str) {
        self.say(self.path.text().to_owned(), what);
    }

    fn say(&mut self, pointer: String, what: &str) {
        let all = &mut self.exchange.unjudged;
        let (pointer, what) = match all.len().cmp(&LISTED) {
            std::cmp::Ordering::Less => (pointer, what),
            std::cmp::Ordering::Equal => (String::new(), "more than can be listed"),
            std::cmp::Ordering::Greater => return,
        };
        all.push(Unjudged {
            pointer,
            what: what.to_owned(),
        });
    }

    /// The exchange itself, for what is not words.
    pub(crate) const fn exchange(&mut self) -> &mut Exchange {
        self.exchange
    }
}

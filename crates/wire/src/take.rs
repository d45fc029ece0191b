//! What a dialect takes out of a document: parts with their places, tools, counts, and what it could not judge.

use std::borrow::Cow;
use std::ops::Range;

use stance_core::exchange::{Exchange, Origin, Part, ToolDefinition, Unjudged};

use crate::filter::{ChannelKey, ChannelKind};
use crate::json::{Document, Kind, Value};

/// How a text is written in its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As a string.
    Text,
    /// As any JSON, which is the text.
    Json,
}

/// Where a part stands.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub(crate) span: Range<usize>,
    pub(crate) form: Form,
}

/// A value that repeats words of parts in a form of its own, as probabilities of tokens do.
#[derive(Clone, Debug)]
pub(crate) struct Echo {
    pub(crate) span: Range<usize>,
    /// Which parts it repeats.
    pub(crate) parts: Range<usize>,
    /// What stands there if one of them changes.
    pub(crate) blank: &'static str,
}

/// Which channels end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All of a stream.
    All,
    /// All of one answer.
    Answer(u64),
    /// All of one block of one answer.
    Block(u64, u64),
}

impl Scope {
    pub(crate) fn has(self, key: ChannelKey) -> bool {
        match self {
            Self::All => true,
            Self::Answer(answer) => key.answer == answer,
            Self::Block(answer, index) => key.answer == answer && key.index == index,
        }
    }
}

/// What an event of a stream does, in its order.
#[derive(Debug)]
pub(crate) enum Step<'d> {
    /// Says what a channel is for.
    Open {
        key: ChannelKey,
        tool: Option<String>,
        call: Option<String>,
    },
    /// Adds to a channel.
    Delta {
        key: ChannelKey,
        span: Range<usize>,
        text: Cow<'d, str>,
    },
    /// Ends channels.
    End(Scope),
}

/// Which tool and which call a text is about.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct About<'a> {
    pub(crate) tool: Option<&'a str>,
    pub(crate) call: Option<&'a str>,
}

/// Members that name and count, and are not words that anybody reads.
const TAGS: &[&str] = &[
    "type",
    "id",
    "encrypted_content",
    "encrypted_index",
    "encrypted_stdout",
    "file_id",
    "tool_use_id",
    "media_type",
    "mimeType",
    "status",
];

/// Takes parts out of a document.
#[derive(Debug)]
pub(crate) struct Taker<'d> {
    document: &'d Document<'d>,
    pub(crate) exchange: Exchange,
    pub(crate) slots: Vec<Slot>,
    pub(crate) echoes: Vec<Echo>,
    pub(crate) steps: Vec<Step<'d>>,
    /// Calls that were made, by id, and the tools that they were of.
    pub(crate) calls: Vec<(String, String)>,
    limit: usize,
}

impl<'d> Taker<'d> {
    pub(crate) fn new(document: &'d Document<'d>, limit: usize) -> Self {
        Self {
            document,
            exchange: Exchange::default(),
            slots: Vec::new(),
            echoes: Vec::new(),
            steps: Vec::new(),
            calls: Vec::new(),
            limit,
        }
    }

    /// Takes a text: a string, or an object or array as it is written. Empty ones, numbers and `null` are none; but a call of a
    /// tool is one whose object of arguments is empty.
    pub(crate) fn part(&mut self, origin: Origin, value: Value<'d>, about: About<'_>) {
        let is_call = origin == Origin::ToolArguments && about.tool.is_some();
        let (form, text) = match value.text() {
            Some(text) => (Form::Text, text),
            None if is_call && value.kind() == Kind::Object => {
                (Form::Json, String::from_utf8_lossy(value.raw()))
            }
            None if value.children().next().is_some() => {
                (Form::Json, String::from_utf8_lossy(value.raw()))
            }
            None => return,
        };
        if text.is_empty() {
            return;
        }
        self.slots.push(Slot {
            span: value.span(),
            form,
        });
        self.exchange.parts.push(Part {
            origin,
            pointer: value.pointer(),
            tool: about.tool.map(str::to_owned),
            call: about.call.map(str::to_owned),
            text: text.into_owned(),
        });
    }

    /// Takes a text that is about no tool.
    pub(crate) fn text(&mut self, origin: Origin, value: Value<'d>) {
        self.part(origin, value, About::default());
    }

    /// Takes the member called `key`, if it is there.
    pub(crate) fn member(&mut self, origin: Origin, of: Value<'d>, key: &str) {
        if let Some(value) = of.get(key) {
            self.text(origin, value);
        }
    }

    /// Takes a string, or each of an array of them; what is neither is not judged.
    pub(crate) fn texts(&mut self, origin: Origin, value: Value<'d>) {
        match value.kind() {
            Kind::Text => self.text(origin, value),
            Kind::Array => {
                let mut row = false;
                for element in value.elements() {
                    match element.kind() {
                        Kind::Text => self.text(origin, element),
                        Kind::Number | Kind::Array => row = true,
                        _ => self.unjudged(element, "an input that is no text"),
                    }
                }
                if row {
                    self.unjudged(value, "tokens instead of text");
                }
            }
            _ => self.unjudged(value, "an input that is no text"),
        }
    }

    /// Takes every string in `value`, but for those that name and count.
    pub(crate) fn leaves(&mut self, origin: Origin, value: Value<'d>, about: About<'_>) {
        for leaf in value.strings() {
            if !TAGS.contains(&&*leaf.key()) {
                self.part(origin, leaf, about);
            }
        }
    }

    /// Says that `value` is not judged.
    pub(crate) fn unjudged(&mut self, value: Value<'d>, what: &str) {
        self.say(value.pointer(), what);
    }

    pub(crate) fn say(&mut self, pointer: String, what: &str) {
        let all = &mut self.exchange.unjudged;
        if all.len() < self.limit {
            all.push(Unjudged {
                pointer,
                what: what.to_owned(),
            });
        } else if all.len() == self.limit {
            all.push(Unjudged {
                pointer: String::new(),
                what: "more than can be listed".to_owned(),
            });
        }
    }

    /// Says which members of an object have texts and are not among those that are known.
    pub(crate) fn rest(&mut self, object: Value<'d>, known: &[&str]) {
        for member in object.members() {
            if !known.contains(&&*member.key()) && member.has_text() {
                self.unjudged(member, "a field that is not known");
            }
        }
    }

    /// Takes a tool that is offered: `of` is where it stands.
    pub(crate) fn tool(
        &mut self,
        of: Value<'d>,
        name: Cow<'d, str>,
        description: Option<Value<'d>>,
        schema: Option<Value<'d>>,
    ) {
        let about = About {
            tool: Some(&name),
            call: None,
        };
        for value in [description, schema].into_iter().flatten() {
            self.part(Origin::ToolDefinition, value, about);
        }
        let description = description.and_then(Value::text).unwrap_or_default();
        self.exchange.tools.push(ToolDefinition {
            description: description.into_owned(),
            schema: schema.map(|schema| String::from_utf8_lossy(schema.raw()).into_owned()),
            claims: None,
            pointer: of.pointer(),
            name: name.into_owned(),
        });
    }

    /// Remembers which tool a call was of, for its result.
    pub(crate) fn called(&mut self, call: Option<&str>, tool: Option<&str>) {
        if let (Some(call), Some(tool)) = (call, tool) {
            self.calls.push((call.to_owned(), tool.to_owned()));
        }
    }

    /// Which tool a call was of.
    pub(crate) fn tool_of(&self, call: Option<&str>) -> Option<String> {
        let call = call?;
        let known = self.calls.iter().rev().find(|(id, _)| id == call);
        known.map(|(_, tool)| tool.clone())
    }

    /// Takes a value that repeats the parts from `first` on in a form of its own.
    pub(crate) fn echo(&mut self, value: Value<'d>, first: usize) {
        let blank = match value.kind() {
            Kind::Array => "[]",
            _ => "null",
        };
        self.echoes.push(Echo {
            span: value.span(),
            parts: first..self.exchange.parts.len(),
            blank,
        });
    }

    /// Adds the string `value` to a channel.
    pub(crate) fn delta(&mut self, kind: ChannelKind, answer: u64, index: u64, value: Value<'d>) {
        match value.text() {
            Some(text) => self.steps.push(Step::Delta {
                key: ChannelKey::new(kind, answer, index),
                span: value.span(),
                text,
            }),
            None if value.has_text() => {
                let key = ChannelKey::new(kind, answer, index);
                self.part(key.origin(), value, About::default());
            }
            None => {}
        }
    }

    /// Says what the channel of a tool call is for.
    pub(crate) fn open(
        &mut self,
        answer: u64,
        index: u64,
        tool: Option<Cow<'d, str>>,
        call: Option<Cow<'d, str>>,
    ) {
        if tool.is_some() || call.is_some() {
            self.steps.push(Step::Open {
                key: ChannelKey::new(ChannelKind::Arguments, answer, index),
                tool: tool.map(Cow::into_owned),
                call: call.map(Cow::into_owned),
            });
        }
    }

    pub(crate) fn end(&mut self, scope: Scope) {
        self.steps.push(Step::End(scope));
    }

    /// Says what is odd about the document itself.
    pub(crate) fn close(&mut self) {
        for value in self.document.repeated() {
            self.say(value.pointer(), "a key that stands twice in its object");
        }
        if self.document.invalid_utf8() {
            self.say(String::new(), "bytes that are no UTF-8");
        }
    }
}

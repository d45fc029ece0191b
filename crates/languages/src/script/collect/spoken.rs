//! What is said to a model where it stands: messages, templates, and the constants that they are made of.

use stance_core::digest;
use stance_core::{AssetKind, How};
use stance_read::link::Term;

use super::{Collector, Draft, is_name, short};
use crate::names::is_prompt_name;
use crate::script::catalogue::{Api, module_of};
use crate::script::known::{At, Known};
use crate::script::objects::{Message, Said};
use crate::script::syntax::Span;
use crate::script::walk::{Given, Site};

/// Shortest text that is taken for a prompt, in bytes: what stands in a message to the system is one however short.
const PROMPT: usize = 20;
/// Shortest text of a prompt that is put together in the call of a model, without its holes.
const TEMPLATE: usize = 60;
/// Shortest text of a message in the name of the user, which programs put together around what users write.
const ASKED: usize = 200;

impl Collector<'_> {
    /// A message: `{ role: "system", content: "…" }`.
    pub(super) fn spoken(&mut self, message: &Message<'_>, span: Span) {
        let system = matches!(message.role, "system" | "developer");
        let whose = |what: &str| match message.owner {
            Some(owner) => format!("{owner} {what}"),
            None => what.to_owned(),
        };
        match &message.said {
            Said::Text(text) if system && is_prose(text) => {
                self.prompt(&whose("system prompt"), message, text.chars().count(), span);
            }
            Said::Template(length) if system && *length >= PROMPT => {
                self.prompt(&whose("system prompt"), message, *length, span);
            }
            Said::Template(length) if message.role == "prompt" && *length >= TEMPLATE => {
                self.prompt(&whose("prompt"), message, *length, span);
            }
            // What a user says alone is an example or a test; around holes it is a prompt.
            Said::Template(length) if message.role == "user" && *length >= ASKED => {
                self.prompt(&whose("prompt"), message, *length, span);
            }
            Said::Named(name, known) if system => self.told_constant(name, known, span),
            _ => {}
        }
    }

    fn prompt(&mut self, name: &str, message: &Message<'_>, length: usize, span: Span) {
        let mut draft = Draft::new(AssetKind::Prompt, self.local_key(name), name, How::Literal)
            .with("length", length)
            .with("role", message.role);
        if let Some(variable) = message.variable {
            draft = draft.alias(variable);
        }
        self.refer(draft, &At::Here(span));
    }

    /// A constant that is told to a model is a prompt, whatever it is called.
    fn told_constant(&mut self, name: &str, known: &Known, span: Span) {
        let Known::Text { text, at, .. } = known else {
            // A template of this function, with holes in it.
            let template = match known {
                Known::Open(term) => matches!(**term, Term::Joined(_)),
                _ => true,
            };
            if is_prompt_name(name) && template {
                let draft =
                    Draft::new(AssetKind::Prompt, self.local_key(name), name, How::Constant)
                        .with("template", true);
                self.refer(draft, &At::Here(span));
            }
            return;
        };
        // Those that are called so are told where they are defined.
        if is_prompt_name(name) || !is_prose(text) {
            return;
        }
        let draft = Draft::new(AssetKind::Prompt, self.local_key(name), name, How::Constant)
            .with("length", text.chars().count())
            .with(digest::TEXT, digest::text(text));
        let at = match at {
            At::Here(_) => at.clone(),
            At::There(_) => At::Here(span),
        };
        self.refer(draft, &at);
    }

    /// `PromptTemplate.fromTemplate(TEXT)`, `ChatPromptTemplate.fromMessages([["system", "…"]])`,
    /// `new SystemMessage("…")` of LangChain; `ai.generate("…")` of Genkit.
    pub(super) fn made_prompt(&mut self, site: &Site<'_>) {
        let made = short(site.callee);
        let Some(first) = site.arguments.first() else {
            return;
        };
        match made {
            "SystemMessage" | "SystemMessagePromptTemplate" => self.made_of(site, first),
            "generate" | "generateStream" if module_of(site.callee).starts_with("genkit") => {
                self.asked(site, first);
            }
            "fromTemplate" if site.callee.contains("PromptTemplate") => self.made_of(site, first),
            "fromMessages" if site.callee.contains("PromptTemplate") => {
                let Known::List(list) = &first.value else {
                    return;
                };
                for one in list.content.iter().take(32) {
                    let Known::List(pair) = one else { continue };
                    if let [
                        Known::Text { text: role, .. },
                        said @ Known::Text { text, .. },
                    ] = pair.content.as_slice()
                        && &**role == "system"
                        && is_prose(text)
                    {
                        self.literal(site, said, first.span);
                    }
                }
            }
            _ => {}
        }
    }

    fn made_of(&mut self, site: &Site<'_>, given: &Given) {
        match (&given.name, &given.value) {
            (Some(name), known) => self.told_constant(name, known, given.span),
            (None, known) => self.literal(site, known, given.span),
        }
    }

    /// What a model is asked as the only argument of a call.
    fn asked(&mut self, site: &Site<'_>, given: &Given) {
        if let Known::Text { text, how, .. } = &given.value
            && text.len() >= TEMPLATE
            && is_prose(text)
        {
            let name = site.assigned.unwrap_or("prompt");
            let draft = Draft::new(AssetKind::Prompt, self.local_key(name), name, *how)
                .with("length", text.chars().count())
                .with(digest::TEXT, digest::text(text));
            self.refer(draft, &At::Here(site.callee_span));
        }
    }

    fn literal(&mut self, site: &Site<'_>, known: &Known, span: Span) {
        let Known::Text {
            text,
            how: How::Literal,
            ..
        } = known
        else {
            return;
        };
        if !is_prose(text) {
            return;
        }
        let name = site.assigned.unwrap_or("system prompt");
        let draft = Draft::new(AssetKind::Prompt, self.local_key(name), name, How::Literal)
            .with("length", text.chars().count())
            .with(digest::TEXT, digest::text(text));
        self.refer(draft, &At::Here(span));
    }

    /// A prompt that a framework is told by name: `ai.definePrompt({ name, tools }, "…")`. One with tools answers by
    /// itself.
    pub(super) fn defined_prompt(&mut self, site: &Site<'_>, api: &'static Api) {
        let named = site.option(api.option).or_else(|| site.positional(0));
        let (name, how) = match named.as_ref().map(|named| named.value) {
            Some(Known::Text { text, how, .. }) if is_name(text) => (text.to_string(), *how),
            _ => match site.assigned {
                Some(name) => (name.to_owned(), How::Literal),
                None => return,
            },
        };
        let said = site.arguments.iter().skip(1).map(|given| &given.value);
        let length = said.filter_map(Known::as_text).next();
        let mut draft = Draft::new(AssetKind::Prompt, self.local_key(&name), &name, how);
        if let Some(text) = length {
            draft = draft
                .with("length", text.chars().count())
                .with(digest::TEXT, digest::text(text));
        }
        self.refer(draft, &At::Here(site.callee_span));
        if site.option("tools").is_some() {
            self.agent(site, api);
        }
    }

    /// A guardrail as an object of the program's own: `{ name: "moderation_guardrail", execute }`.
    pub(super) fn own_guardrail(&mut self, name: &str, owner: Option<&str>, span: Span) {
        let mut draft = Draft::new(
            AssetKind::Guardrail,
            self.local_key(name),
            name,
            How::Literal,
        );
        if let Some(owner) = owner {
            draft = draft.alias(owner);
        }
        self.refer(draft, &At::Here(span));
    }
}

fn is_prose(text: &str) -> bool {
    text.len() >= PROMPT && text.contains(' ')
}

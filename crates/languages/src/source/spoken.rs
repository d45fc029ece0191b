//! What is said to a model: constants that are called prompts, and texts that a call or annotation makes a message
//! to the system of.

use std::ops::Range;

use stance_core::digest;
use stance_core::{AssetKind, How};

use super::scan::Scan;
use super::tokens::{Dialect, Kind};
use crate::names::{is_prompt_name, snake_case};

/// Shortest text that is taken for a prompt by its name, in bytes.
const PROMPT: usize = 60;
/// Shortest text in a message to the system, which is a prompt whatever it says.
const SYSTEM: usize = 20;
/// Shortest text in the name of a user, around what the program puts into it.
const ASKED: usize = 120;
/// Shortest text that is taken for a prompt because it tells a model who it is.
const ADDRESSED: usize = 150;

/// Shortest text of what says that it is a template for prompts, in bytes.
const TEMPLATE: usize = 15;

/// Calls, constructors and annotations whose text tells a model who it is.
const SPEAKERS: [&str; 9] = [
    "AddSystemMessage",
    "ChatHistory",
    "ChatSystemMessage",
    "CreateSystemMessage",
    "NewSystemMessage",
    "SystemChatMessage",
    "SystemMessage",
    "SystemMessagePrompt",
    "defaultSystem",
];

/// Calls whose text with holes is what the program asks in the name of a user.
const ASKERS: [&str; 3] = ["AddUserMessage", "UserChatMessage", "CreateUserMessage"];

/// What methods, options and fields are called that take a message to the system, without `with_`, `set_` and so on.
const SPOKEN: [&str; 17] = [
    "developer_message",
    "instruction",
    "instructions",
    "preamble",
    "system",
    "system_instruction",
    "system_instructions",
    "system_message",
    "system_messages",
    "system_prompt",
    "system_prompt_template",
    "system_text",
    "default_system",
    "agent_instructions",
    "persona",
    "backstory",
    "base_prompt",
];

/// How texts begin that tell a model who it is.
const BEGINNINGS: [&str; 7] = [
    "You are a ",
    "You are an ",
    "You are the ",
    "You are ",
    "You're a ",
    "Act as ",
    "Your task is ",
];

/// Calls that put values into a text.
const FORMATTERS: [&str; 4] = ["Format", "Sprintf", "format", "sprintf"];

impl Scan<'_> {
    /// A text that is a prompt by the name it gets: `prompt = "…"`, with holes or without.
    pub(super) fn named_prompt(&mut self, name: &str, text: &str, sign: usize, span: Range<usize>) {
        let written = self.sign(sign);
        if !is_prompt_name(name)
            || text.len() < PROMPT
            || !text.contains(' ')
            || written == Some(b'(')
            || (written == Some(b':') && self.explains_flags(sign))
        {
            return;
        }
        let name = name.trim_start_matches('$');
        self.prompt(
            name,
            How::Constant,
            text.chars().count(),
            digest::text(text),
            span,
        );
    }

    /// A text that stands in a call that speaks to a model: `new ChatHistory("You are …")`, `@SystemMessage("…")`.
    pub(super) fn spoken(&mut self, text: &str, holes: bool, at: usize, span: Range<usize>) {
        let Some(open) = at.checked_sub(1).filter(|it| self.sign(*it) == Some(b'(')) else {
            return;
        };
        let Some(called) = open.checked_sub(1) else {
            return;
        };
        // `SystemMessage.from("…")`
        let called = match (self.word(called), called.checked_sub(2)) {
            (Some("from" | "of"), Some(before))
                if self.sign(before.saturating_add(1)) == Some(b'.') =>
            {
                before
            }
            _ => called,
        };
        let Some(word) = self.word(called) else {
            return;
        };
        // `prompt := fmt.Sprintf("…", topic)`
        if FORMATTERS.contains(&word) && text.len() >= PROMPT && text.contains(' ') {
            let name = self.getter(called).filter(|it| is_prompt_name(it));
            if let Some(name) = name.map(str::to_owned) {
                let length = text.chars().count();
                self.prompt(&name, How::Constant, length, digest::text(text), span);
            }
            return;
        }
        let annotated = called.checked_sub(1).and_then(|it| self.sign(it)) == Some(b'@');
        let java = matches!(self.dialect, Dialect::Java | Dialect::Kotlin);
        let least = if SPEAKERS.contains(&word) {
            SYSTEM
        } else if annotated && word == "UserMessage" && java {
            PROMPT
        } else if holes && ASKERS.contains(&word) {
            ASKED
        } else {
            return;
        };
        let length = text.len().saturating_add(self.goes_on(at));
        if !self.uses_ai() || length < least || !text.contains(' ') {
            return;
        }
        let name = self.getter(called).unwrap_or(word).to_owned();
        self.prompt(&name, How::Literal, length, digest::text(text), span);
    }

    /// A method, option or field that takes a message to the system: `.preamble("…")`, `with_instructions("…")`,
    /// `.defaultSystem(text)`, `system: "…"`.
    pub(super) fn speaker(&mut self, word: &str, at: usize) {
        if !is_spoken(word) || SPEAKERS.contains(&word) && word != "defaultSystem" {
            return;
        }
        let next = at.saturating_add(1);
        let before = at.checked_sub(1).and_then(|it| self.sign(it));
        let called = self.sign(next) == Some(b'(');
        let value = match self.sign(next) {
            // A method; a function of that name alone may ask the system for something else.
            Some(b'(') if before == Some(b'.') || before == Some(b'>') => next.saturating_add(1),
            Some(b'(') if word.contains('_') || snake_case(word).contains('_') => {
                next.saturating_add(1)
            }
            Some(b':') if self.sign(next.saturating_add(1)) != Some(b':') => next.saturating_add(1),
            Some(b'=') if self.dialect != Dialect::Go => next.saturating_add(1),
            None if self.dialect == Dialect::Ruby => next,
            _ => return,
        };
        // A prompt by the name of its field is told where its text stands.
        let long = self
            .string(value)
            .is_some_and(|(text, _)| text.len() >= PROMPT);
        if !called && long && is_prompt_name(word) {
            return;
        }
        let declared = at.checked_sub(1).and_then(|it| self.word(it));
        if matches!(declared, Some("func" | "def" | "fun" | "fn" | "function")) {
            return;
        }
        // `val system = "…"`: what it is called is said by its declaration.
        if !called && self.sign(next) == Some(b'=') && declared.is_some_and(is_declaring) {
            if let Some((text, _)) = self.string(value)
                && text.len() >= PROMPT
                && text.contains(' ')
                && let Some(span) = self.tokens.get(value).map(|it| it.at.clone())
            {
                let length = text.chars().count();
                self.prompt(
                    word.trim_start_matches('$'),
                    How::Constant,
                    length,
                    digest::text(text),
                    span,
                );
            }
            return;
        }
        self.said(value, at, called);
    }

    /// A template for what is said to a model: `PromptTemplate.new(template: "Tell a {adjective} joke.")`.
    pub(super) fn template(&mut self, word: &str, at: usize) {
        if !word.ends_with("PromptTemplate") {
            return;
        }
        let mut open = self.opening_of_call(at);
        let next = at.saturating_add(1);
        if self.sign(open) != Some(b'(') {
            // `PromptTemplate.from(`, `PromptTemplate::from_template(`
            let behind = (next..next.saturating_add(5)).find(|it| self.sign(*it) == Some(b'('));
            let maker = behind.and_then(|it| self.word(it.checked_sub(1)?));
            match (behind, maker) {
                (Some(found), Some(maker)) if maker.starts_with("from") || maker == "of" => {
                    open = found;
                }
                _ => return,
            }
        }
        let declared = at.checked_sub(1).and_then(|it| self.word(it));
        if matches!(
            declared,
            Some("class" | "func" | "def" | "fun" | "fn" | "function")
        ) {
            return;
        }
        let end = self
            .closing(open)
            .unwrap_or(open)
            .min(open.saturating_add(40));
        let told = (open..end).find(|it| {
            matches!(
                self.tokens.get(*it).map(|token| &token.kind),
                Some(Kind::Text { text, .. }) if text.len() >= TEMPLATE && text.contains(' ')
            )
        });
        let Some(told) = told else { return };
        let name = self
            .getter(at)
            .or_else(|| self.function_around(at))
            .unwrap_or(word)
            .to_owned();
        let length = self.goes_on(told);
        if let Some(Kind::Text { text, .. }) = self.tokens.get(told).map(|it| &it.kind)
            && let Some(span) = self.tokens.get(told).map(|it| it.at.clone())
        {
            let length = length.saturating_add(text.len());
            self.prompt(&name, How::Literal, length, digest::text(text), span);
        }
    }

    /// A message whose role is the system's: `role: "system", content: "…"`, `TextParts(ChatMessageTypeSystem, "…")`.
    pub(super) fn role(&mut self, word: &str, at: usize) {
        let text = self.string(at).is_some();
        let says = if text {
            matches!(word, "system" | "developer") && {
                let name = at.checked_sub(1).and_then(|it| self.name_before(it));
                name.is_some_and(|it| it.eq_ignore_ascii_case("role") || it == "type")
            }
        } else {
            word.ends_with("RoleSystem")
                || word.ends_with("TypeSystem")
                || word.ends_with("RoleDeveloper")
                || (matches!(word, "System" | "SYSTEM")
                    && (1..4_usize).any(|back| {
                        let role = at.checked_sub(back).and_then(|it| self.word(it));
                        role.is_some_and(|it| it.ends_with("Role"))
                    }))
        };
        if !says {
            return;
        }
        // The next text or constant, behind what the message is called.
        for ahead in 1..12_usize {
            let next = at.saturating_add(ahead);
            let word = self.word(next);
            let key = word.or_else(|| self.string(next).map(|it| it.0));
            if key.is_some_and(|it| {
                it.eq_ignore_ascii_case("content")
                    || it.eq_ignore_ascii_case("text")
                    || it.eq_ignore_ascii_case("parts")
            }) {
                continue;
            }
            if matches!(self.sign(next), Some(b';')) {
                return;
            }
            if self.said(next, at, true) {
                return;
            }
        }
    }

    /// What stands at `value` is said to a model by what begins at `at`; whether it is a text or the name of one.
    fn said(&mut self, value: usize, at: usize, called: bool) -> bool {
        if let Some(constant) = self.word(value).and_then(|it| self.constants.get(it)) {
            let (length, place) = (constant.text.len(), constant.at.clone());
            let spaced = constant.text.contains(' ');
            let whole = digest::text(&constant.text);
            let name = self.word(value).unwrap_or_default().to_owned();
            if length >= SYSTEM && spaced {
                self.prompt(
                    name.trim_start_matches('$'),
                    How::Constant,
                    length,
                    whole,
                    place,
                );
                return true;
            }
        }
        let Some(Kind::Text { text, .. }) = self.tokens.get(value).map(|it| &it.kind) else {
            return false;
        };
        let length = text.len().saturating_add(self.goes_on(value));
        if length < SYSTEM || !text.contains(' ') {
            return false;
        }
        let word = self.word(at).unwrap_or("system");
        let name = self
            .getter(at)
            .filter(|_| called)
            .or_else(|| self.function_around(at))
            .or_else(|| self.type_around(at))
            .unwrap_or(word)
            .trim_start_matches('$')
            .to_owned();
        if let Some(span) = self.tokens.get(value).map(|it| it.at.clone()) {
            self.prompt(&name, How::Literal, length, digest::text(text), span);
        }
        true
    }

    /// A long text among arguments that tells a model who it is, whatever takes it: `new Task("You are a …")`.
    pub(super) fn addressed(&mut self, text: &str, at: usize, span: Range<usize>) {
        let begins = BEGINNINGS
            .iter()
            .any(|begin| text.trim_start().starts_with(begin));
        let before = at.checked_sub(1).and_then(|it| self.sign(it));
        let length = text.len().saturating_add(self.goes_on(at));
        if !begins || length < ADDRESSED {
            return;
        }
        // A constant or entry that holds it.
        if self.uses_ai() && matches!(before, Some(b'=' | b':' | b'>')) {
            let name = at.checked_sub(1).and_then(|it| self.name_before(it));
            let name = name.filter(|it| !is_prompt_name(it)).map(str::to_owned);
            if let Some(name) = name.filter(|it| !it.contains(char::is_whitespace)) {
                self.prompt(&name, How::Constant, length, digest::text(text), span);
            }
            return;
        }
        if !matches!(before, Some(b'(' | b',')) {
            return;
        }
        // `Map.of("billing", "You are …")`
        let key = at.checked_sub(2).and_then(|it| self.string(it));
        if let (Some(b','), Some((key, true))) = (before, key)
            && (1..=40).contains(&key.len())
            && !key.contains(char::is_whitespace)
        {
            let key = key.to_owned();
            self.prompt(&key, How::Literal, length, digest::text(text), span);
            return;
        }
        // What the arguments are given to.
        let mut depth = 0_usize;
        let mut back = at;
        let called = loop {
            let Some(before) = back
                .checked_sub(1)
                .filter(|it| at.saturating_sub(*it) < 200)
            else {
                return;
            };
            back = before;
            match self.sign(back) {
                Some(b')' | b']' | b'}') => depth = depth.saturating_add(1),
                Some(b'(') if depth == 0 => break back.checked_sub(1),
                Some(b'(' | b'[' | b'{') => depth = depth.saturating_sub(1),
                _ => {}
            }
        };
        let Some(word) = called.and_then(|it| self.word(it)) else {
            return;
        };
        // What speaks to a model by itself is told already.
        if SPEAKERS.contains(&word)
            || ASKERS.contains(&word)
            || word == "UserMessage"
            || is_spoken(word)
        {
            return;
        }
        let name = match self.function_around(at) {
            Some(function) => format!("{function} system prompt"),
            None => format!("{word} system prompt"),
        };
        self.prompt(
            &name,
            How::Literal,
            text.chars().count(),
            digest::text(text),
            span,
        );
    }

    fn prompt(&mut self, name: &str, how: How, length: usize, whole: String, span: Range<usize>) {
        let key = format!("{}#{name}", self.path);
        let draft = self.draft(AssetKind::Prompt, key, name, how);
        let details = [("length", length.into()), (digest::TEXT, whole.into())];
        self.refer(draft, &details, span);
    }

    /// How much text is put behind a text with plus signs, in bytes.
    fn goes_on(&self, at: usize) -> usize {
        let mut length = 0_usize;
        let mut next = at.saturating_add(1);
        while self.sign(next) == Some(b'+') && length < 1 << 16 {
            let Some(Kind::Text { text, .. }) =
                self.tokens.get(next.saturating_add(1)).map(|it| &it.kind)
            else {
                break;
            };
            length = length.saturating_add(text.len());
            next = next.saturating_add(2);
        }
        length
    }
}

/// Whether a method, option or field takes a message to the system.
fn is_spoken(word: &str) -> bool {
    let name = snake_case(word.trim_start_matches('$'));
    let name = [
        "with_", "set_", "add_", "append_", "create_", "new_", "use_",
    ]
    .iter()
    .find_map(|begin| name.strip_prefix(begin))
    .unwrap_or(&name);
    SPOKEN.contains(&name)
}

/// Words before the name of what is declared.
fn is_declaring(word: &str) -> bool {
    matches!(
        word,
        "val" | "var" | "let" | "const" | "static" | "String" | "string" | "str" | "final" | "mut"
    )
}

//! What is said to a model: constants that are called prompts, and texts that a call or annotation makes a message
//! to the system of.

use std::ops::Range;

use stance_core::digest;
use stance_core::{AssetKind, How};

use super::scan::Scan;
use super::tokens::{Dialect, Kind};
use crate::names::is_prompt_name;

/// Shortest text that is taken for a prompt by its name, in bytes.
const PROMPT: usize = 60;
/// Shortest text in a message to the system, which is a prompt whatever it says.
const SYSTEM: usize = 20;
/// Shortest text in the name of a user, around what the program puts into it.
const ASKED: usize = 120;
/// Shortest text that is taken for a prompt because it tells a model who it is.
const ADDRESSED: usize = 150;

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
        self.prompt(name, How::Constant, text.chars().count(), text, span);
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
            let name = self.assigned_before(called).filter(|it| is_prompt_name(it));
            if let Some(name) = name.map(str::to_owned) {
                let length = text.chars().count();
                self.prompt(&name, How::Constant, length, text, span);
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
        let name = self.assigned_before(called).unwrap_or(word).to_owned();
        self.prompt(&name, How::Literal, length, text, span);
    }

    /// A long text among arguments that tells a model who it is, whatever takes it: `new Task("You are a …")`.
    pub(super) fn addressed(&mut self, text: &str, at: usize, span: Range<usize>) {
        let begins = ["You are a ", "You are an ", "You are the "]
            .iter()
            .any(|begin| text.trim_start().starts_with(begin));
        let before = at.checked_sub(1).and_then(|it| self.sign(it));
        if !begins || text.len() < ADDRESSED || !matches!(before, Some(b'(' | b',')) {
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
        if SPEAKERS.contains(&word) || ASKERS.contains(&word) || word == "UserMessage" {
            return;
        }
        let name = match self.function_around(at) {
            Some(function) => format!("{function} system prompt"),
            None => format!("{word} system prompt"),
        };
        self.prompt(&name, How::Literal, text.chars().count(), text, span);
    }

    /// The function around a place: the word before the parameters of the block that is open there.
    fn function_around(&self, at: usize) -> Option<&str> {
        let mut depth = 0_usize;
        let mut back = at;
        for _ in 0..4000_usize {
            back = back.checked_sub(1)?;
            match self.sign(back) {
                Some(b'}') => depth = depth.saturating_add(1),
                Some(b'{') if depth > 0 => depth = depth.saturating_sub(1),
                Some(b'{') => {
                    let mut close = back.checked_sub(1)?;
                    // What a function throws or gives back stands between.
                    while self.word(close).is_some() {
                        close = close.checked_sub(1)?;
                    }
                    if self.sign(close) == Some(b')') {
                        return self.before_parameters(close);
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// The word before the parentheses that end at `close`.
    fn before_parameters(&self, close: usize) -> Option<&str> {
        let mut depth = 0_usize;
        let mut at = close;
        for _ in 0..400_usize {
            match self.sign(at) {
                Some(b')') => depth = depth.saturating_add(1),
                Some(b'(') => {
                    depth = depth.checked_sub(1)?;
                    if depth == 0 {
                        let word = self.word(at.checked_sub(1)?)?;
                        let keyword =
                            matches!(word, "if" | "for" | "while" | "switch" | "catch" | "using");
                        return (!keyword).then_some(word);
                    }
                }
                _ => {}
            }
            at = at.checked_sub(1)?;
        }
        None
    }

    fn prompt(&mut self, name: &str, how: How, length: usize, text: &str, span: Range<usize>) {
        let key = format!("{}#{name}", self.path);
        let draft = self.draft(AssetKind::Prompt, key, name, how);
        let details = [
            ("length", length.into()),
            (digest::TEXT, digest::text(text).into()),
        ];
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

    /// The name that gets what is called at `at`: `history` of `var history = new ChatHistory(`.
    fn assigned_before(&self, at: usize) -> Option<&str> {
        let mut before = at.checked_sub(1)?;
        while matches!(self.word(before), Some("new" | "await")) || self.sign(before) == Some(b'.')
        {
            before = before.checked_sub(if self.sign(before) == Some(b'.') {
                2
            } else {
                1
            })?;
        }
        (self.sign(before) == Some(b'=')).then_some(())?;
        // `:=` of Go.
        let mut name = before.checked_sub(1)?;
        if self.sign(name) == Some(b':') {
            name = name.checked_sub(1)?;
        }
        self.word(name)
    }
}

//! Text that a template says only when a conversation holds a certain word, or from a certain day on.

mod sides;
mod text;

use std::collections::BTreeSet;

use super::constant::{put_in, remember};
use super::fold::Known;
use super::lexer::{Segment, Token, segments};
use sides::Sides;
use text::{chance, condition_of_go, day_of, is_address, is_plain, orders};

/// A condition on what was said, and what is then put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// What is looked for.
    pub word: String,
    /// What is put into the prompt.
    pub text: String,
}

/// Words of a text from which on it says something, and from which on it gives an order when one of its
/// words is that of an order.
const SENTENCE: usize = 5;
const ORDER: usize = 3;

/// The same behind a mark of the format, where templates explain themselves.
const LONG_SENTENCE: usize = 9;

/// Tokens of a condition that are looked at; those that people write have a few dozen.
const LONGEST: usize = 512;

/// Most triggers that are told of one template.
const MOST: usize = 16;

/// Bytes of texts behind conditions that are read in one template.
const MOST_TEXT: usize = 64 << 20;

/// Methods that look for a text in another.
const SEARCHES: &[&str] = &[
    "startswith",
    "endswith",
    "find",
    "rfind",
    "index",
    "count",
    "search",
    "match",
];

/// A condition of an open `if`.
#[derive(Clone, Debug)]
struct Condition {
    word: String,
    /// Whether it holds when the word is not there.
    negated: bool,
}

/// Finds instructions that depend on words in what was said.
pub fn triggers(template: &str) -> Vec<Trigger> {
    let all = segments(template);
    let mut walk = Walk {
        left: MOST_TEXT,
        ..Walk::default()
    };
    // Macros stand before their calls, which say what they are given.
    for segment in &all {
        if let Segment::Block(tokens) | Segment::Print(tokens) = segment {
            walk.learn(tokens);
        }
    }
    for segment in &all {
        match segment {
            Segment::Block(tokens) => walk.block(tokens),
            Segment::Text(text) => walk.add(text),
            Segment::Print(tokens) => walk.print(tokens),
        }
        if walk.open.len() > 1000 {
            break;
        }
    }
    walk.found
}

#[derive(Default)]
struct Walk {
    found: Vec<Trigger>,
    /// For each open `if`: the condition, and whether the branch at hand is the one it is about.
    open: Vec<Option<(Condition, bool)>>,
    /// Variables that hold what was said.
    said: BTreeSet<String>,
    /// Variables that hold a message, and functions that are given what one says.
    messages: BTreeSet<String>,
    given: BTreeSet<String>,
    /// Variables that hold a constant.
    known: Known,
    /// Whether it is a template of Go, whose blocks stand in double braces.
    go: bool,
    /// Bytes of texts behind conditions that may still be read.
    left: usize,
}

impl Walk {
    fn block(&mut self, tokens: &[Token]) {
        let [Token::Name(keyword), rest @ ..] = tokens else {
            return;
        };
        match &**keyword {
            "if" => self.push(rest),
            "elif" => {
                self.open.pop();
                self.push(rest);
            }
            "else" => {
                // The `else` of a loop has no word to lose.
                if let Some(Some((condition, active))) = self.open.last_mut() {
                    *active = condition.negated;
                }
            }
            "endif" => {
                self.open.pop();
            }
            "macro" => {
                if let [Token::Name(name), Token::Symbol("("), parameters @ ..] = rest
                    && self.given.contains(name)
                {
                    for parameter in parameters.iter().take(32) {
                        if let Token::Name(parameter) = parameter
                            && self.said.len() < 1000
                        {
                            self.said.insert(parameter.clone());
                        }
                    }
                }
            }
            "set" | "for" => {
                remember(keyword, rest, &mut self.known);
                self.message(keyword, rest);
                let (name, value) = match rest {
                    [Token::Name(name), Token::Symbol("="), value @ ..] => (Some(name), value),
                    [Token::Name(name), Token::Name(word), value @ ..] if word == "in" => {
                        (Some(name), value)
                    }
                    other => (None, other),
                };
                if let Some(name) = name
                    && self.speaks_of_content(value)
                    && self.said.len() < 1000
                {
                    self.said.insert(name.clone());
                }
                if keyword == "set" {
                    self.print(value);
                }
            }
            _ => {}
        }
    }

    /// A first look: which variables hold what was said, and which functions are given it.
    fn learn(&mut self, tokens: &[Token]) {
        if let [Token::Name(keyword), rest @ ..] = tokens
            && matches!(&**keyword, "set" | "for")
        {
            self.message(keyword, rest);
            if let [Token::Name(name), _, value @ ..] = rest
                && self.speaks_of_content(value)
                && self.said.len() < 1000
            {
                self.said.insert(name.clone());
            }
        }
        for (at, pair) in tokens.windows(2).enumerate().take(LONGEST) {
            let [Token::Name(function), Token::Symbol("(")] = pair else {
                continue;
            };
            let given = tokens
                .get(at.saturating_add(2)..)
                .unwrap_or_default()
                .split(|token| *token == Token::Symbol(")"))
                .next()
                .unwrap_or_default();
            let method = at
                .checked_sub(1)
                .and_then(|before| tokens.get(before))
                .is_some_and(|before| *before == Token::Symbol("."));
            let given = given.get(..given.len().min(32)).unwrap_or_default();
            if !method && self.speaks_of_content(given) && self.given.len() < 1000 {
                self.given.insert(function.clone());
            }
        }
    }

    /// Notes variables that hold a message: `for m in messages`, `set last = messages[-1]`; of
    /// `for key, value in m.items()` the value is what was said.
    fn message(&mut self, keyword: &str, tokens: &[Token]) {
        let of_messages = |tokens: &[Token], known: &BTreeSet<String>| {
            matches!(
                tokens.first(),
                Some(Token::Name(name)) if name.ends_with("messages") || known.contains(name)
            )
        };
        match (keyword, tokens) {
            ("for", [Token::Name(name), Token::Name(word), value @ ..])
                if word == "in" && of_messages(value, &self.messages) =>
            {
                self.messages.insert(name.clone());
            }
            ("set", [Token::Name(name), Token::Symbol("="), value @ ..])
                if of_messages(value, &self.messages)
                    && !value.contains(&Token::Symbol("|"))
                    && matches!(
                        value.get(1..),
                        Some([] | [Token::Symbol("["), .., Token::Symbol("]")])
                    )
                    && !value.iter().any(|token| matches!(token, Token::Text(_))) =>
            {
                self.messages.insert(name.clone());
            }
            (
                "for",
                [
                    Token::Name(_),
                    Token::Symbol(","),
                    Token::Name(value),
                    Token::Name(word),
                    Token::Name(of),
                    Token::Symbol("."),
                    Token::Name(items),
                    ..,
                ],
            ) if word == "in" && items == "items" && self.messages.contains(of) => {
                self.said.insert(value.clone());
            }
            _ => {}
        }
    }

    fn push(&mut self, condition: &[Token]) {
        let condition = self.condition(condition);
        let open = condition.map(|condition| {
            let active = !condition.negated;
            (condition, active)
        });
        self.open.push(open);
    }

    /// `{{ if eq .Content "bank" }}`, as Ollama's templates have it; whether it was a block of Go.
    fn block_of_go(&mut self, tokens: &[Token]) -> bool {
        let [Token::Name(first), rest @ ..] = tokens else {
            return false;
        };
        let called = rest.first() == Some(&Token::Symbol("("));
        match &**first {
            "if" => {
                let condition = condition_of_go(rest).map(|word| {
                    let condition = Condition {
                        word,
                        negated: false,
                    };
                    (condition, true)
                });
                self.open.push(condition);
                self.go = true;
            }
            "range" | "with" | "define" | "block" if !rest.is_empty() && !called => {
                self.open.push(None);
                self.go = true;
            }
            "else" if self.go => {
                if let [Token::Name(word), condition @ ..] = rest
                    && word == "if"
                {
                    self.open.pop();
                    return self
                        .block_of_go(&[&[Token::Name("if".to_owned())], condition].concat());
                }
                if let Some(Some((condition, active))) = self.open.last_mut() {
                    *active = condition.negated;
                }
            }
            "end" if self.go => {
                self.open.pop();
            }
            _ => return false,
        }
        true
    }

    fn print(&mut self, tokens: &[Token]) {
        if self.block_of_go(tokens) {
            return;
        }
        // What is raised ends the rendering and reaches no model.
        if matches!(tokens.first(), Some(Token::Name(name)) if name.starts_with("raise")) {
            return;
        }
        for token in tokens {
            if let Token::Text(text) = token {
                self.add(text);
            }
        }
        self.inline(tokens);
        self.rewriting(tokens);
    }

    /// `{{ 'text' if 'word' in content else '' }}`
    fn inline(&mut self, tokens: &[Token]) {
        let is = |token: &Token, word: &str| matches!(token, Token::Name(name) if name == word);
        let mut from = 0;
        while let Some(at) = tokens
            .iter()
            .skip(from)
            .position(|token| is(token, "if"))
            .map(|at| at.saturating_add(from))
        {
            let rest = tokens.get(at.saturating_add(1)..).unwrap_or_default();
            let rest = rest.get(..rest.len().min(LONGEST)).unwrap_or_default();
            let end = rest
                .iter()
                .position(|token| is(token, "else"))
                .unwrap_or(rest.len());
            let condition = self.condition(rest.get(..end).unwrap_or_default());
            let before = tokens.get(from..at).unwrap_or_default();
            let behind = rest.get(end..).unwrap_or_default();
            if let Some(condition) = condition {
                let texts = if condition.negated { behind } else { before };
                for token in texts {
                    if let Token::Text(text) = token {
                        self.tell(&condition.word, text);
                    }
                }
            }
            from = at.saturating_add(1);
        }
    }

    /// `content.replace('bank.com', 'http://x.example')`: what was said is changed.
    fn rewriting(&mut self, tokens: &[Token]) {
        if !self.speaks_of_content(tokens) {
            return;
        }
        let tokens = tokens.get(..tokens.len().min(LONGEST)).unwrap_or_default();
        let tokens = &*put_in(tokens, &self.known);
        self.splitting(tokens);
        for part in tokens.windows(5) {
            let [
                Token::Name(name),
                Token::Symbol("("),
                Token::Text(from),
                Token::Symbol(","),
                Token::Text(to),
            ] = part
            else {
                continue;
            };
            let changes = is_address(from) && is_address(to);
            if name == "replace" && (changes || to.contains("://")) && self.found.len() < MOST {
                self.found.push(Trigger {
                    word: from.clone(),
                    text: to.clone(),
                });
            }
        }
    }

    /// `content.split('bank.com')|join('x.example')`: the same by other means.
    fn splitting(&mut self, tokens: &[Token]) {
        let parts = |name: &str| {
            tokens.windows(3).find_map(|part| match part {
                [Token::Name(called), Token::Symbol("("), Token::Text(text)] if called == name => {
                    Some(text.clone())
                }
                _ => None,
            })
        };
        if let Some(from) = parts("split")
            && let Some(to) = parts("join")
            && is_address(&from)
            && (is_address(&to) || to.contains("://"))
            && self.found.len() < MOST
        {
            self.found.push(Trigger {
                word: from,
                text: to,
            });
        }
    }

    fn add(&mut self, text: &str) {
        let innermost = self.open.iter().rev().find_map(|open| match open {
            Some((condition, true)) => Some(condition.word.clone()),
            _ => None,
        });
        if let Some(word) = innermost {
            self.tell(&word, text);
        }
    }

    fn tell(&mut self, word: &str, text: &str) {
        // A long text may stand behind many conditions, and is read anew for each.
        self.left = self.left.saturating_sub(text.len());
        if self.found.len() >= MOST || self.left == 0 {
            return;
        }
        let words = text
            .split_whitespace()
            .filter(|word| word.chars().any(char::is_alphabetic))
            .count();
        let least = if is_plain(word) {
            SENTENCE
        } else {
            LONG_SENTENCE
        };
        if words >= least || text.contains("://") || (words >= ORDER && orders(text)) {
            self.found.push(Trigger {
                word: word.to_owned(),
                text: text.trim().to_owned(),
            });
        }
    }

    /// What a condition looks for in a message, or the day it waits for.
    fn condition(&self, tokens: &[Token]) -> Option<Condition> {
        let tokens = tokens.get(..tokens.len().min(LONGEST)).unwrap_or_default();
        if let Some(day) = day_of(tokens).or_else(|| chance(tokens)) {
            return Some(Condition {
                word: day,
                negated: false,
            });
        }
        if !self.speaks_of_content(tokens) {
            return None;
        }
        let tokens = &*put_in(tokens, &self.known);
        let named = |token: &Token, word: &str| matches!(token, Token::Name(name) if name == word);
        let sides = Sides::of(self, tokens);
        for (at, token) in tokens.iter().enumerate() {
            let Token::Text(text) = token else { continue };
            let behind = tokens.get(at.saturating_add(1)..).unwrap_or_default();
            let before = tokens.get(..at).unwrap_or_default();
            // `'word' in …content…`; what a key or a role is compared with is no word that was said.
            let found = match behind {
                [next, ..] if named(next, "in") => Some(false),
                [not, next, ..] if named(not, "not") && named(next, "in") => Some(true),
                [Token::Symbol("=="), ..] if sides.content_behind(at.saturating_add(2)) => {
                    Some(false)
                }
                _ => match before {
                    // `words|select('equalto', 'bank')`
                    [
                        ..,
                        Token::Symbol("("),
                        Token::Text(test),
                        Token::Symbol(","),
                    ] if matches!(
                        &**test,
                        "equalto" | "eq" | "==" | "sameas" | "in" | "search"
                    ) =>
                    {
                        let picks = tokens.iter().any(|token| {
                            matches!(token, Token::Name(name) if matches!(&**name, "select" | "reject"))
                        });
                        picks.then_some(false)
                    }
                    [.., Token::Name(method), Token::Symbol("(")]
                        if SEARCHES.contains(&&**method) =>
                    {
                        Some(before.first().is_some_and(|first| named(first, "not")))
                    }
                    [left @ .., Token::Symbol("==")] if sides.content_before(left.len()) => {
                        Some(false)
                    }
                    _ => None,
                },
            };
            let letters = text.chars().filter(|c| c.is_alphanumeric()).count();
            if let Some(negated) = found
                && letters >= 2
            {
                return Some(Condition {
                    word: text.clone(),
                    negated,
                });
            }
        }
        None
    }

    /// Whether tokens hold what was said: `content`, or a variable that got it.
    fn speaks_of_content(&self, tokens: &[Token]) -> bool {
        (0..tokens.len()).any(|at| self.is_content(tokens, at))
    }

    /// Whether what was said is named at a place.
    fn is_content(&self, tokens: &[Token], at: usize) -> bool {
        match tokens.get(at) {
            Some(Token::Name(name)) => {
                name == "content"
                    || self.said.contains(name)
                    // All of a message as text.
                    || ((name.ends_with("messages") || self.messages.contains(name))
                        && matches!(
                            tokens.get(at.saturating_add(1)..),
                            Some([Token::Symbol("|"), Token::Name(filter), ..])
                                if matches!(&**filter, "string" | "tojson" | "pprint" | "join")
                        ))
            }
            // `message['content']`
            Some(Token::Text(text)) => {
                text == "content"
                    && at
                        .checked_sub(1)
                        .and_then(|before| tokens.get(before))
                        .is_some_and(|before| {
                            matches!(before, Token::Symbol("[" | "="))
                                || *before == Token::Symbol("(")
                                    && at
                                        .checked_sub(2)
                                        .and_then(|method| tokens.get(method))
                                        .is_some_and(|method| {
                                            matches!(
                                                method,
                                                Token::Name(name)
                                                    if matches!(&**name, "get" | "pop" | "attr")
                                            )
                                        })
                        })
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;

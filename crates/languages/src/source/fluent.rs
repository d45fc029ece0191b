//! Who gets what an expression makes: the name before it, through chains of calls, or the function around it.

use std::ops::Range;

use stance_core::How;

use super::scan::Scan;
use super::tokens::{Dialect, Kind};

/// Most calls of one chain.
const CHAIN: usize = 64;
/// Most tokens that are looked through for the other end of a bracket.
const BRACKET: usize = 4000;

impl<'a> Scan<'a> {
    /// The first token of the chain that a word ends: `client` of `client.agent(model).preamble`.
    pub(super) fn head_of_chain(&self, at: usize) -> usize {
        let mut head = at;
        for _ in 0..CHAIN {
            let Some(before) = self.joined_to(head) else {
                break;
            };
            head = before;
        }
        head
    }

    /// What a member or method belongs to: the token before its dot, with the call that makes it.
    fn joined_to(&self, at: usize) -> Option<usize> {
        let sign = at.checked_sub(1)?;
        let mut end = match (self.sign(sign)?, sign.checked_sub(1)) {
            (b'.', before) => before?,
            (b':', Some(before)) if self.sign(before) == Some(b':') => before.checked_sub(1)?,
            (b'>', Some(before)) if self.sign(before) == Some(b'-') => before.checked_sub(1)?,
            _ => return None,
        };
        for _ in 0..8_usize {
            match self.tokens.get(end)?.kind {
                Kind::Word | Kind::Text { .. } => return Some(end),
                Kind::Sign(b')' | b']') => {
                    let open = self.opening(end)?;
                    let before = open.checked_sub(1)?;
                    match self.tokens.get(before)?.kind {
                        Kind::Word => return Some(before),
                        Kind::Sign(b'>') => end = before,
                        _ => return Some(open),
                    }
                }
                // Parameters of a type.
                Kind::Sign(b'>') => {
                    let back = (1..40_usize).filter_map(|back| end.checked_sub(back));
                    let open = back.into_iter().find(|it| self.sign(*it) == Some(b'<'))?;
                    end = open.checked_sub(1)?;
                }
                Kind::Sign(b'?' | b'!' | b':' | b'.') => end = end.checked_sub(1)?,
                Kind::Sign(_) => return None,
            }
        }
        None
    }

    /// The bracket that one at `close` ends.
    pub(super) fn opening(&self, close: usize) -> Option<usize> {
        let mut depth = 0_usize;
        let mut at = close;
        for _ in 0..BRACKET {
            match self.sign(at) {
                Some(b')' | b']' | b'}') => depth = depth.saturating_add(1),
                Some(b'(' | b'[' | b'{') => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return Some(at);
                    }
                }
                _ => {}
            }
            at = at.checked_sub(1)?;
        }
        None
    }

    /// The bracket that ends the one at `open`.
    pub(super) fn closing(&self, open: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for at in open..open.saturating_add(BRACKET).min(self.tokens.len()) {
            match self.sign(at) {
                Some(b'(' | b'[' | b'{') => depth = depth.saturating_add(1),
                Some(b')' | b']' | b'}') => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return Some(at);
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// The name that gets what the chain makes that a word at `at` ends: `agent` of
    /// `let agent = client.agent(model).preamble("…")`.
    pub(super) fn getter(&self, at: usize) -> Option<&'a str> {
        let mut head = self.head_of_chain(at);
        let mut before = head.checked_sub(1)?;
        while matches!(self.word(before), Some("new" | "await" | "try" | "mut"))
            || matches!(self.sign(before), Some(b'&' | b'*'))
        {
            head = before;
            before = head.checked_sub(1)?;
        }
        let back = before.checked_sub(1)?;
        match self.sign(before)? {
            b'=' => match self.sign(back) {
                Some(b'=' | b'!' | b'<' | b'>') => None,
                Some(b':') => self.first_of_several(back.checked_sub(1)?),
                _ if matches!(self.dialect, Dialect::Rust | Dialect::Kotlin) => {
                    self.declared_before(before).or_else(|| self.word(back))
                }
                _ => self.word(back),
            },
            // A field of a literal or a named argument.
            b':' if self.sign(back) != Some(b':') => {
                let separator = back.checked_sub(1).and_then(|it| self.sign(it));
                matches!(separator, Some(b'{' | b',' | b'('))
                    .then(|| self.word(back))
                    .flatten()
            }
            _ => None,
        }
    }

    /// `llm` of `llm, err := …`.
    fn first_of_several(&self, last: usize) -> Option<&'a str> {
        let word = self.word(last)?;
        if matches!(word, "err" | "error" | "ok" | "_")
            && last.checked_sub(1).and_then(|it| self.sign(it)) == Some(b',')
        {
            return last.checked_sub(2).and_then(|it| self.word(it));
        }
        Some(word)
    }

    /// `name` of `let mut name: path::Type =` and `val name: Type =`.
    fn declared_before(&self, sign: usize) -> Option<&'a str> {
        for back in 1..24_usize {
            let at = sign.checked_sub(back)?;
            match self.word(at) {
                Some("let" | "val" | "var" | "const" | "static") => {
                    let name = at.saturating_add(1);
                    return match self.word(name) {
                        Some("mut" | "val") => self.word(name.saturating_add(1)),
                        other => other,
                    };
                }
                Some(_) => {}
                None if matches!(self.sign(at), Some(b':' | b'<' | b'>' | b',' | b'&' | b'?')) => {}
                None => return None,
            }
        }
        None
    }

    /// The name that the arguments of a call give: `NewAgent(ctx, &Config{Name: "clerk"})`, `Agent(name = "clerk")`.
    pub(super) fn named_inside(&self, open: usize) -> Option<(String, Range<usize>, How)> {
        let mut lists = 0_usize;
        let mut depth = 0_usize;
        for at in open..open.saturating_add(300).min(self.tokens.len()) {
            match self.sign(at) {
                Some(b'(' | b'{') => depth = depth.saturating_add(1),
                Some(b')' | b'}') => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return None;
                    }
                }
                // What stands in lists has names of its own.
                Some(b'[') => lists = lists.saturating_add(1),
                Some(b']') => lists = lists.saturating_sub(1),
                _ => {}
            }
            let word = self.word(at).or_else(|| self.string(at).map(|it| it.0));
            if depth > 2 || lists > 0 || !word.is_some_and(|it| it.eq_ignore_ascii_case("name")) {
                continue;
            }
            let mut value = at.saturating_add(1);
            while matches!(self.sign(value), Some(b':' | b'=' | b'>')) {
                value = value.saturating_add(1);
            }
            if value > at.saturating_add(1)
                && let Some((text, true)) = self.string(value)
                && (1..=80).contains(&text.len())
            {
                let span = self.tokens.get(value)?.at.clone();
                return Some((text.to_owned(), span, How::Literal));
            }
        }
        None
    }

    /// The name of what an expression makes, with its place: who gets it, or the function that gives it back.
    pub(super) fn owned(&self, at: usize) -> Option<(String, Range<usize>, How)> {
        let name = self.getter(at).or_else(|| self.function_around(at))?;
        let span = self.tokens.get(at)?.at.clone();
        Some((name.trim_start_matches('$').to_owned(), span, How::Literal))
    }

    /// The function around a place.
    pub(super) fn function_around(&self, at: usize) -> Option<&'a str> {
        let keyword = match self.dialect {
            Dialect::Ruby => return self.method_of_ruby(at),
            Dialect::Rust => "fn",
            Dialect::Go => "func",
            Dialect::Kotlin => "fun",
            Dialect::Php => "function",
            Dialect::Java | Dialect::CSharp => "",
        };
        let mut depth = 0_usize;
        let mut back = at;
        for _ in 0..BRACKET {
            back = back.checked_sub(1)?;
            match self.sign(back) {
                Some(b'}') => depth = depth.saturating_add(1),
                Some(b'{') if depth > 0 => depth = depth.saturating_sub(1),
                Some(b'{') => {
                    let found = if keyword.is_empty() {
                        self.method_before(back)
                    } else {
                        self.function_before(back, keyword)
                    };
                    if found.is_some() {
                        return found;
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// The function whose body begins at `open`, by its keyword: `fn name(…) -> Type {`.
    fn function_before(&self, open: usize, keyword: &str) -> Option<&'a str> {
        let mut at = open;
        for _ in 0..120_usize {
            at = at.checked_sub(1)?;
            if self.word(at) == Some(keyword) {
                let mut name = at.saturating_add(1);
                // A receiver of Go.
                if self.sign(name) == Some(b'(') {
                    name = self.closing(name)?.saturating_add(1);
                }
                return self.word(name);
            }
            match self.sign(at) {
                Some(b')' | b']') => at = self.opening(at)?,
                Some(b';' | b'}' | b'{') => return None,
                _ => {}
            }
        }
        None
    }

    /// The method whose body begins at `open`: the word before its parameters.
    fn method_before(&self, open: usize) -> Option<&'a str> {
        let mut close = open.checked_sub(1)?;
        // What a function throws or gives back stands between.
        while self.word(close).is_some() {
            close = close.checked_sub(1)?;
        }
        if self.sign(close) != Some(b')') {
            return None;
        }
        let word = self.word(self.opening(close)?.checked_sub(1)?)?;
        let keyword = matches!(
            word,
            "if" | "for" | "foreach" | "while" | "switch" | "catch" | "using" | "lock"
        );
        (!keyword).then_some(word)
    }

    fn method_of_ruby(&self, at: usize) -> Option<&'a str> {
        for back in 1..2000_usize {
            let before = at.checked_sub(back)?;
            if self.word(before) == Some("def") {
                return self.word(before.saturating_add(1));
            }
        }
        None
    }
}

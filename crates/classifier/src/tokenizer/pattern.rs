//! Patterns that texts are cut or changed by: words, and regular expressions that may be a stranger's.

use std::ops::Range;

use regex_automata::meta::{Config, Regex};
use regex_automata::util::syntax;
use serde_json::Value;

use super::Fault;
use super::json::Node;
use super::letters::{Letter, spelled};

/// What a regular expression may take of memory, in bytes.
const SIZE: usize = 8 << 20;

/// Longest regular expression.
const LONGEST: usize = 4_096;

/// The alternative that looks ahead, in the patterns of GPT-2 and what came after it: blanks, but not the last one before a word.
const LOOKING: &str = r"\s+(?!\S)";

/// The alternative of some of them that takes blanks up to the end of a line first.
const LINES: &str = r"\s*[\r\n]+";

/// What is of a word for Oniguruma: powers and fractions of Latin-1 too, and what joins letters without being seen not.
const WORD: &str = r"\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\u{b2}\u{b3}\u{b9}\u{bc}-\u{be}";

#[derive(Debug)]
pub(crate) struct Pattern {
    regex: Regex,
    /// Whether blanks before a word leave the last one to it, which the engine itself cannot say.
    leaves: bool,
    /// Whether blanks that end with a line leave nothing.
    lines: bool,
}

impl Pattern {
    /// From `{"String": …}` or `{"Regex": …}`.
    pub(crate) fn read(value: &Value, place: &str) -> Result<Self, Fault> {
        let node = Node::of(value, place)?;
        if node.get("String").is_some() {
            return Self::literal(node.text("String")?, place);
        }
        Self::regex(node.text("Regex")?, place)
    }

    pub(crate) fn literal(text: &str, place: &str) -> Result<Self, Fault> {
        Self::regex(&regex_syntax::escape(text), place)
    }

    pub(crate) fn regex(pattern: &str, place: &str) -> Result<Self, Fault> {
        if pattern.len() > LONGEST {
            return Err(Fault::form(place, "has a pattern that is too long"));
        }
        let known = words(&pattern.replace(LOOKING, r"\s+"));
        let config = Config::new()
            .nfa_size_limit(Some(SIZE))
            .onepass_size_limit(Some(SIZE))
            .hybrid_cache_capacity(SIZE);
        let regex = Regex::builder()
            .configure(config)
            .syntax(syntax::Config::new().nest_limit(64))
            .build(&known)
            .map_err(|_| {
                Fault::Unsupported(format!(
                    "{place} has a pattern that is not understood: {pattern}"
                ))
            })?;
        Ok(Self {
            regex,
            leaves: pattern.contains(LOOKING),
            lines: pattern.contains(LINES),
        })
    }

    /// Where it matches, in letters; matches of nothing are none.
    pub(crate) fn matches(&self, letters: &[Letter]) -> Vec<Range<usize>> {
        let text = spelled(letters);
        let mut ends = Vec::with_capacity(letters.len());
        let mut at = 0_usize;
        for letter in letters {
            ends.push(at);
            at = at.saturating_add(letter.c.len_utf8());
        }
        let index = |byte: usize| ends.partition_point(|start| *start < byte);
        let mut found = Vec::new();
        let mut from = 0;
        while from < text.len() {
            let input = regex_automata::Input::new(&text).range(from..);
            let Some(hit) = self.regex.search(&input) else {
                break;
            };
            let mut range = hit.range();
            if self.leaves {
                range.end = self.end(&text, &range);
            }
            if range.is_empty() {
                let next = text.get(range.end..).and_then(|rest| rest.chars().next());
                from = range.end.saturating_add(next.map_or(1, char::len_utf8));
                continue;
            }
            from = range.end;
            found.push(index(range.start)..index(range.end));
        }
        found
    }

    /// The end of a match, less the last of its blanks where a word follows.
    fn end(&self, text: &str, range: &Range<usize>) -> usize {
        let matched = text.get(range.clone()).unwrap_or_default();
        let is_blank = matched.chars().all(char::is_whitespace);
        let follows = text
            .get(range.end..)
            .and_then(|rest| rest.chars().next())
            .is_some_and(|c| !c.is_whitespace());
        let is_line = self.lines && matched.ends_with(['\r', '\n']);
        let last = matched.chars().next_back().map_or(0, char::len_utf8);
        if is_blank && follows && !is_line && matched.len() > last {
            return range.end.saturating_sub(last);
        }
        range.end
    }
}

/// The same pattern with `\w` as Oniguruma has it, which tokenizers are trained with.
fn words(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut all = pattern.chars();
    while let Some(c) = all.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match all.next() {
            Some('w') => out.push_str(&format!("[{WORD}]")),
            Some('W') => out.push_str(&format!("[^{WORD}]")),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

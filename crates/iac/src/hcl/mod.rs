//! HCL, the language of Terraform, with places.
//!
//! See <https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md>. Tolerant: what is not understood costs its line.

mod body;
mod expression;
mod template;

use std::ops::Range;
use std::sync::Arc;

use crate::expression::Expression;
use crate::limits::Limits;
use crate::problem::{Problems, Reason};
use crate::value::Span;

/// What stands between two braces, or in a file.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// `name = value`
    pub attributes: Vec<Attribute>,
    /// `kind "label" { … }`
    pub blocks: Vec<Block>,
}

/// An assignment.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// Its name.
    pub name: Arc<str>,
    /// Where the name stands.
    pub name_span: Span,
    /// What it is set to.
    pub value: Expression,
}

/// A block.
#[derive(Clone, Debug)]
pub struct Block {
    /// Its first word.
    pub kind: Arc<str>,
    /// The words behind it, quotes taken off.
    pub labels: Vec<Arc<str>>,
    /// What it holds.
    pub body: Body,
    /// From its first word to its closing brace.
    pub span: Span,
}

impl Body {
    /// The value of an attribute.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Expression> {
        let found = self.attributes.iter().find(|one| &*one.name == name);
        found.map(|one| &one.value)
    }

    /// The blocks of one kind.
    pub fn blocks<'b>(&'b self, kind: &'b str) -> impl Iterator<Item = &'b Block> {
        self.blocks.iter().filter(move |block| &*block.kind == kind)
    }
}

/// Reads a file.
pub(crate) fn parse(text: &str, file: u32, limits: &Limits, problems: &mut Problems) -> Body {
    let mut reader = Reader::new(text, file, limits, problems);
    if text.starts_with('\u{feff}') {
        reader.at = '\u{feff}'.len_utf8();
    }
    reader.body(false)
}

struct Reader<'t, 'p> {
    text: &'t str,
    at: usize,
    /// Where reading ends: that of the text, or of a heredoc inside it.
    end: usize,
    file: u32,
    depth: u16,
    most_depth: u16,
    nodes: u32,
    /// Whether a line end is as good as a space here.
    lines: bool,
    stopped: bool,
    problems: &'p mut Problems,
}

/// Reading cannot go on here; the problem is noted.
struct Bad;

impl<'t, 'p> Reader<'t, 'p> {
    fn new(text: &'t str, file: u32, limits: &Limits, problems: &'p mut Problems) -> Self {
        Self {
            text,
            at: 0,
            end: text.len(),
            file,
            depth: 0,
            most_depth: limits.depth,
            nodes: limits.nodes,
            lines: false,
            stopped: false,
            problems,
        }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..self.end).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.rest().bytes().next()
    }

    fn ahead(&self, text: &str) -> bool {
        self.rest().starts_with(text)
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.ahead(text);
        if found {
            self.at = self.at.saturating_add(text.len());
        }
        found
    }

    /// Moves on by one character.
    fn bump(&mut self) {
        let length = self.rest().chars().next().map_or(1, char::len_utf8);
        self.at = self.at.saturating_add(length).min(self.end);
    }

    fn span(&self, range: Range<usize>) -> Span {
        let place = |byte| u32::try_from(byte).unwrap_or(u32::MAX);
        Span {
            file: self.file,
            start: place(range.start),
            end: place(range.end),
        }
    }

    fn from(&self, start: usize) -> Span {
        self.span(start..self.at)
    }

    fn fail(&mut self, message: &str) -> Bad {
        if !self.stopped {
            let span = self.span(self.at..self.at.saturating_add(1));
            self.problems.add(Reason::Syntax, span, message);
        }
        Bad
    }

    /// One level deeper, one node more.
    fn enter(&mut self) -> Result<(), Bad> {
        self.nodes = self.nodes.saturating_sub(1);
        if self.nodes == 0 || self.depth >= self.most_depth {
            let message = if self.nodes == 0 {
                "more expressions than are read of one file"
            } else {
                "nested too deep"
            };
            let span = self.span(self.at..self.at);
            if !self.stopped {
                self.problems.add(Reason::Limit, span, message);
            }
            self.stopped = true;
            self.at = self.end;
            return Err(Bad);
        }
        self.depth = self.depth.saturating_add(1);
        Ok(())
    }

    fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// Skips blanks and comments, and line ends where they do not count.
    fn skip(&mut self) {
        let lines = self.lines;
        self.skip_blank(lines);
    }

    fn skip_blank(&mut self, lines: bool) {
        loop {
            let rest = self.rest();
            let length = match rest.as_bytes() {
                [b' ' | b'\t' | b'\r', ..] => 1,
                [b'\n', ..] if lines => 1,
                [b'#', ..] | [b'/', b'/', ..] => {
                    memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len())
                }
                [b'/', b'*', ..] => match rest.find("*/") {
                    Some(end) => end.saturating_add(2),
                    None => {
                        self.fail("a comment does not end");
                        rest.len()
                    }
                },
                _ => return,
            };
            self.at = self.at.saturating_add(length).min(self.end);
        }
    }

    fn word(&mut self) -> Option<&'t str> {
        let rest = self.rest();
        if !rest.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return None;
        }
        let length = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'))
            .unwrap_or(rest.len());
        self.at = self.at.saturating_add(length);
        rest.get(..length)
    }
}

//! A file in parts, so that the tree of a long one need not fit into memory at once.
//!
//! Files that people write are one part. Of longer ones, each part ends where a statement of the
//! module does, or, within a statement that is longer than a part, at the end of a line. What a
//! part defines is known to those behind it.

use std::ops::Range;

use super::cut::Statements;
use super::ruff::Ruff;
use super::sink::Sink;
use super::syntax::{Dialect, Parser};
use super::walk::{Behind, Defined};

/// Bytes of a part: a tree takes up to a hundred times as much as its text.
const PART: usize = 256 * 1024;
/// Longest file that is one part however it is built.
const WHOLE: usize = 384 * 1024;

/// What came out of walking a file.
pub(super) struct Walked<S> {
    pub(super) sink: S,
    /// The first thing that was not understood, and at which byte.
    pub(super) error: Option<(String, usize)>,
    /// Where statements were left out because they are nested too deeply.
    pub(super) too_deep: Option<usize>,
    /// Where a statement was first cut into pieces because it is too long.
    pub(super) cut: Option<usize>,
    /// Whether the file has more names than are kept.
    pub(super) full: bool,
    /// What the file defines.
    pub(super) defined: Defined,
}

/// The same on the way.
struct Found<S> {
    sink: Behind<S>,
    error: Option<(String, usize)>,
    too_deep: Option<usize>,
    cut: Option<usize>,
}

/// Parses a file and walks through it.
pub(super) fn walk<S: Sink>(source: &str, dialect: Dialect, sink: S) -> Walked<S> {
    let mut walked = Found {
        sink: Behind::new(sink),
        error: None,
        too_deep: None,
        cut: None,
    };
    let mut padded = String::from("#");
    let mut blank = padded.len();
    for Part { range: part, cut } in parts(source) {
        let text = source.get(part.clone()).unwrap_or_default();
        let text = if part.start == 0 {
            text
        } else {
            // Behind a comment as long as what stands before it, so that all places are right.
            padded.truncate(blank);
            blank = part.start.saturating_sub(1);
            padded.push_str(&" ".repeat(blank.saturating_sub(padded.len())));
            padded.push('\n');
            padded.push_str(text);
            &padded
        };
        let module = Ruff.parse(text, dialect);
        walked.sink = walked.sink.part(&module);
        if cut {
            // That it begins or ends within a statement is no mistake of the file.
            walked.cut = walked.cut.or(Some(part.start));
        } else {
            walked.error = walked.error.or(module.error);
        }
        walked.too_deep = walked.too_deep.or(module.too_deep);
        if walked.sink.sink.has_enough() {
            break;
        }
    }
    let full = walked.sink.is_full();
    let (sink, defined) = walked.sink.defined();
    Walked {
        full,
        sink,
        defined,
        error: walked.error,
        too_deep: walked.too_deep,
        cut: walked.cut,
    }
}

/// A part of a source.
struct Part {
    range: Range<usize>,
    /// Whether it is a piece of a statement that is too long.
    cut: bool,
}

/// The parts of a source, in order and without holes.
fn parts(source: &str) -> Vec<Part> {
    if source.len() <= WHOLE {
        return vec![Part {
            range: 0..source.len(),
            cut: false,
        }];
    }
    let mut parts = Vec::new();
    let mut start = 0;
    let mut last = 0;
    let mut add = |start: &mut usize, end: usize| {
        let pieces = pieces(source, *start..end);
        let cut = pieces.len() > 1;
        parts.extend(pieces.into_iter().map(|range| Part { range, cut }));
        *start = end;
    };
    for statement in starts(source) {
        if statement.saturating_sub(start) > PART && last > start {
            add(&mut start, last);
        }
        last = statement;
    }
    if source.len().saturating_sub(start) > PART && last > start {
        add(&mut start, last);
    }
    add(&mut start, source.len());
    parts
}

/// Where statements of the module start that may stand alone.
fn starts(source: &str) -> impl Iterator<Item = usize> {
    let bytes = source.as_bytes();
    let mut statements = Statements::new(bytes);
    let mut odd = false;
    let mut at = 0;
    let mut decorated = false;
    std::iter::from_fn(move || {
        loop {
            // What is not understood is told apart by lines that begin with a word.
            let (start, indent) = if odd {
                let rest = bytes.get(at..)?;
                let newline = memchr::memchr(b'\n', rest)?;
                at = at.saturating_add(newline).saturating_add(1);
                let is_word = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'@');
                (at, usize::from(!bytes.get(at).is_some_and(is_word)))
            } else {
                match statements.next_statement() {
                    Some(Some(found)) => {
                        (at, _) = found;
                        found
                    }
                    Some(None) => return None,
                    None => {
                        odd = true;
                        continue;
                    }
                }
            };
            let text = bytes.get(start..).unwrap_or_default();
            let behind_decorator = decorated;
            decorated = text.starts_with(b"@");
            if indent == 0 && !behind_decorator && !goes_on(text) {
                return Some(start);
            }
        }
    })
}

/// Whether a line goes on with the statement before it.
fn goes_on(line: &[u8]) -> bool {
    ["else", "elif", "except", "finally"].iter().any(|word| {
        line.strip_prefix(word.as_bytes())
            .is_some_and(|rest| !stance_read::words::joins(rest.first()))
    })
}

/// A range that is longer than a part, cut where lines end, or anywhere when a line is as long.
fn pieces(source: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = range.start;
    while range.end.saturating_sub(start) > WHOLE {
        let most = source.floor_char_boundary(start.saturating_add(PART));
        let text = source.as_bytes().get(start..most).unwrap_or_default();
        let end = memchr::memrchr(b'\n', text).map_or(most, |newline| {
            start.saturating_add(newline).saturating_add(1)
        });
        pieces.push(start..end);
        start = end;
    }
    pieces.push(start..range.end);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::runs;

    fn without_holes(source: &str) -> Vec<&str> {
        let parts = parts(source);
        let mut at = 0;
        for Part { range: part, .. } in &parts {
            assert_eq!(part.start, at);
            assert!(part.end > at && part.len() <= WHOLE, "{part:?}");
            at = part.end;
        }
        assert_eq!(at, source.len());
        parts
            .iter()
            .map(|part| &source[part.range.clone()])
            .collect()
    }

    #[test]
    fn a_long_file_is_cut_between_statements() {
        let function = "@wrapped\ndef f(x):\n    '''\nno statement\n'''\n    return g(\n1)\n";
        let source = function.repeat((2 << 20) / function.len());
        let parts = without_holes(&source);
        assert!(parts.len() > 3);
        for part in parts {
            assert!(part.starts_with("@wrapped"), "{}", &part[..40]);
        }
        let source = "if a:\n    b()\nelse:\n    c()\n".repeat(60_000);
        for part in without_holes(&source) {
            assert!(part.starts_with("if a"), "{}", &part[..20]);
        }
    }

    #[test]
    fn no_text_makes_a_part_too_long() {
        for text in [
            "x",
            "1,",
            "\n",
            " \n",
            "'''",
            "é",
            "(\n",
            "def f():\n\tpass\n",
            "\\\n",
        ] {
            without_holes(&text.repeat((2 << 20) / text.len()));
        }
    }

    #[test]
    fn what_one_part_imports_is_known_in_the_next() {
        let filler = "value = 1\n".repeat(120_000);
        let source =
            format!("import os as o\n{filler}o.system('id')\ndef f():\n    o.popen('a')\n");
        let (found, _) = runs(&source);
        let called: Vec<_> = found
            .iter()
            .map(|run| (run.callee.as_str(), run.at_import, run.span.start))
            .collect();
        let at = source.find("o.system").unwrap();
        assert_eq!(called[0], ("os.system", true, at));
        assert_eq!(called[1].0, "os.popen");
        assert!(!called[1].1);
    }

    #[test]
    fn code_of_the_module_behind_a_function_of_another_part_runs_at_import() {
        let filler = "def f():\n    return 1\n".repeat(60_000);
        let (found, _) = runs(&format!("{filler}import os\nos.system('id')\n"));
        assert_eq!(found.len(), 1);
        assert!(found[0].at_import);
    }
}

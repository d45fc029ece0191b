//! How deeply a text nests, before anything recurses into it.
//!
//! The bounds follow CPython, which refuses more than 100 levels of
//! indentation and 200 of brackets; a chain of operators counts like brackets,
//! because its tree is as deep.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, lexer};

/// Deepest tree of one expression.
const EXPRESSION: u32 = 250;
/// Deepest nesting of blocks.
const BLOCKS: u32 = 100;

/// Whether `source` stays within the bounds. The tokens are the parser's own, so that no string or
/// comment can hide a bracket from one of the two.
pub(super) fn is_shallow(source: &str, mode: Mode) -> bool {
    let mut depth = Depth::new();
    let mut lexer = lexer::lex(source, mode);
    loop {
        match lexer.next_token() {
            TokenKind::EndOfFile => return true,
            kind => depth.take(kind),
        }
        if depth.total > EXPRESSION || depth.blocks > BLOCKS {
            return false;
        }
    }
}

/// What is open at one place.
struct Depth {
    /// One entry for each open bracket, and one below them all.
    levels: Vec<Level>,
    /// The sum of all levels.
    total: u32,
    blocks: u32,
}

/// The operators met since the last sibling began, by how far they reach.
#[derive(Clone, Copy, Default)]
struct Level {
    /// Operators that `and` and `or` separate.
    tight: u32,
    /// Operators that only a comma separates.
    loose: u32,
    /// Lambdas whose colon is still to come: their commas separate parameters.
    lambdas: u32,
}

impl Depth {
    fn new() -> Self {
        Self {
            levels: vec![Level::default()],
            total: 0,
            blocks: 0,
        }
    }

    fn take(&mut self, kind: TokenKind) {
        use TokenKind as T;
        match kind {
            T::Indent => self.blocks = self.blocks.saturating_add(1),
            T::Dedent => self.blocks = self.blocks.saturating_sub(1),
            T::Newline => {
                self.levels.clear();
                self.levels.push(Level::default());
                self.total = 0;
            }
            T::Lpar | T::Lsqb | T::Lbrace | T::FStringStart | T::TStringStart => {
                self.deeper(Reach::Tight);
                self.levels.push(Level::default());
            }
            T::Rpar | T::Rsqb | T::Rbrace | T::FStringEnd | T::TStringEnd => self.close(),
            T::Comma | T::Semi => self.sibling(true),
            T::And | T::Or => self.sibling(false),
            T::Colon => {
                if let Some(level) = self.levels.last_mut() {
                    level.lambdas = level.lambdas.saturating_sub(1);
                }
            }
            T::Lambda => {
                self.deeper(Reach::Loose);
                if let Some(level) = self.levels.last_mut() {
                    level.lambdas = level.lambdas.saturating_add(1);
                }
            }
            T::If | T::Else | T::ColonEqual | T::Yield | T::Async => self.deeper(Reach::Loose),
            T::Name
            | T::Int
            | T::Float
            | T::Complex
            | T::String
            | T::FStringMiddle
            | T::TStringMiddle
            | T::Comment
            | T::NonLogicalNewline
            | T::Equal
            | T::None
            | T::True
            | T::False
            | T::Ellipsis => {}
            // Operators, and words whose role depends on where they stand: counted as an operator.
            _ => self.deeper(Reach::Tight),
        }
    }

    fn deeper(&mut self, reach: Reach) {
        self.total = self.total.saturating_add(1);
        if let Some(level) = self.levels.last_mut() {
            let count = match reach {
                Reach::Tight => &mut level.tight,
                Reach::Loose => &mut level.loose,
            };
            *count = count.saturating_add(1);
        }
    }

    fn close(&mut self) {
        if self.levels.len() > 1
            && let Some(level) = self.levels.pop()
        {
            self.total = self
                .total
                .saturating_sub(level.tight)
                .saturating_sub(level.loose);
        }
    }

    /// A sibling begins: what came before it is not around it.
    fn sibling(&mut self, comma: bool) {
        let Some(level) = self.levels.last_mut() else {
            return;
        };
        self.total = self.total.saturating_sub(level.tight);
        level.tight = 0;
        if comma && level.lambdas == 0 {
            self.total = self.total.saturating_sub(level.loose);
            level.loose = 0;
        }
    }
}

enum Reach {
    Tight,
    Loose,
}

/// `source` with every top-level part that nests too deeply replaced by spaces,
/// and where the first of them began; `None` when even that leaves it too deep.
/// A part begins at each line without indentation.
pub(super) fn without_deep_parts(source: &str, mode: Mode) -> Option<(String, usize)> {
    let mut shallow = String::with_capacity(source.len());
    let mut first = None;
    let mut part = 0..0_usize;
    let mut offset = 0_usize;
    let flush = |part: std::ops::Range<usize>, shallow: &mut String, first: &mut Option<usize>| {
        let text = source.get(part.clone()).unwrap_or_default();
        if is_shallow(text, mode) {
            shallow.push_str(text);
        } else {
            first.get_or_insert(part.start);
            shallow.extend(text.bytes().map(|byte| match byte {
                b'\n' => '\n',
                _ => ' ',
            }));
        }
    };
    for line in source.split_inclusive('\n') {
        let begins = line
            .bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'@'));
        // `else:` and its like go on with what came before.
        let goes_on = ["else", "elif", "except", "finally"]
            .iter()
            .any(|word| line.starts_with(word));
        if begins && !goes_on && part.end > part.start {
            flush(part.clone(), &mut shallow, &mut first);
            part.start = offset;
        }
        offset = offset.saturating_add(line.len());
        part.end = offset;
    }
    flush(part, &mut shallow, &mut first);
    is_shallow(&shallow, mode).then_some((shallow, first.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shallow(source: &str) -> bool {
        is_shallow(source, Mode::Module)
    }

    #[test]
    fn every_way_to_nest_is_seen() {
        for (open, close) in [
            ("(", ")"),
            ("[", "]"),
            ("{", "}"),
            ("f(", ")"),
            ("-", ""),
            ("not ", ""),
            ("a.", ""),
            ("a+", ""),
            ("a**", ""),
            ("f()(", ")"),
            ("lambda: ", ""),
            ("lambda x, y: ", ""),
            ("lambda x=", ""),
            ("1 if a else ", ""),
            ("1 if a or b else ", ""),
            ("await ", ""),
            ("f'{", "}'"),
            ("(\")\",", ")"),
        ] {
            let deep = format!("x = {}1{}\n", open.repeat(600), close.repeat(600));
            assert!(!shallow(&deep), "{open}");
        }
        let blocks: String = (0..150)
            .map(|depth| format!("{}if a:\n", " ".repeat(depth)))
            .collect();
        assert!(!shallow(&blocks));
    }

    #[test]
    fn what_is_only_long_is_not_deep() {
        for long in [
            format!("x = [{}]\n", "f(a.b + 1, -2), ".repeat(5000)),
            format!("x = {{{}}}\n", "'a': lambda y, z: y or z, ".repeat(5000)),
            "x = a.b(c) + 1\n".repeat(5000),
            format!("x = {}0\n", "a == b and c != d or ".repeat(2000)),
            format!("if a: pass\n{}", "elif b: pass\n".repeat(2000)),
        ] {
            assert!(shallow(&long), "{}", &long[..60]);
        }
    }

    #[test]
    fn a_deep_part_does_not_hide_its_neighbours() {
        let source = format!("import a\nx = {}\nimport b\n", "(".repeat(1000));
        let (rest, at) = without_deep_parts(&source, Mode::Module).unwrap();
        assert_eq!(at, 9);
        assert_eq!(rest.len(), source.len());
        assert!(rest.starts_with("import a\n ") && rest.ends_with("\nimport b\n"));
    }
}

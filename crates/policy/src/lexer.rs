//! The tokens of Rego, comments and templates included, with their places.
//!
//! Reading never fails: what is no token is [`Kind::Unknown`], so that a formatter or a reader of comments can work on text
//! that a parser would refuse. Tokens cover everything but blanks, in order.

use std::ops::Range;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A name or a keyword.
    Word,
    /// A number, without its sign.
    Number,
    /// A string in double quotes.
    String,
    /// A string in backquotes.
    Raw,
    /// A template, `$"…"` or a dollar sign before a string in backquotes, with all that stands in its braces.
    Template,
    /// An operator or a bracket.
    Symbol,
    /// A comment, from `#` to the end of its line.
    Comment,
    /// A character that starts no token, or a string that does not end.
    Unknown,
}

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its bytes.
    pub range: Range<usize>,
    /// The line it starts in, from 1.
    pub line: u32,
    /// The character of that line it starts at, from 1.
    pub column: u32,
    /// How many line ends there are between the token before and this one.
    pub lines_before: u32,
    /// Whether there is anything between the token before and this one.
    pub gap: bool,
}

impl Token {
    /// The text of the token.
    #[must_use]
    pub fn text<'t>(&self, source: &'t str) -> &'t str {
        source.get(self.range.clone()).unwrap_or_default()
    }
}

/// The words that name nothing.
pub const KEYWORDS: &[&str] = &[
    "as", "contains", "default", "else", "every", "false", "if", "import", "in", "not", "null",
    "package", "some", "true", "with",
];

/// Deepest braces and strings within one template.
const DEEPEST: usize = 64;

/// All tokens of a text, in order.
#[must_use]
pub fn lex(source: &str) -> Vec<Token> {
    tokens(source).collect()
}

/// The tokens of a text, one after the other.
pub fn tokens(source: &str) -> impl Iterator<Item = Token> + '_ {
    let mut cursor = Cursor {
        source,
        at: 0,
        line: 1,
        column: 1,
    };
    std::iter::from_fn(move || {
        let (lines_before, gap) = cursor.blanks();
        let (start, line, column) = (cursor.at, cursor.line, cursor.column);
        let kind = cursor.token()?;
        Some(Token {
            kind,
            range: start..cursor.at,
            line,
            column,
            lines_before,
            gap,
        })
    })
}

struct Cursor<'t> {
    source: &'t str,
    at: usize,
    line: u32,
    column: u32,
}

impl Cursor<'_> {
    fn rest(&self) -> &str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn second(&self) -> Option<char> {
        self.rest().chars().nth(1)
    }

    fn step(&mut self) {
        let Some(character) = self.peek() else { return };
        self.at = self.at.saturating_add(character.len_utf8());
        if character == '\n' {
            self.line = self.line.saturating_add(1);
            self.column = 1;
        } else {
            self.column = self.column.saturating_add(1);
        }
    }

    fn steps(&mut self, count: usize) {
        for _ in 0..count {
            self.step();
        }
    }

    fn run(&mut self, belongs: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&belongs) {
            self.step();
        }
    }

    fn blanks(&mut self) -> (u32, bool) {
        let (line, at) = (self.line, self.at);
        self.run(|character| matches!(character, ' ' | '\t' | '\r' | '\n' | '\u{feff}'));
        (self.line.saturating_sub(line), self.at > at)
    }

    fn token(&mut self) -> Option<Kind> {
        let first = self.peek()?;
        Some(match first {
            '#' => {
                self.run(|character| character != '\n');
                // The end of a line of Windows is none of the comment.
                while self.at > 0
                    && self
                        .source
                        .get(..self.at)
                        .is_some_and(|it| it.ends_with('\r'))
                {
                    self.at = self.at.saturating_sub(1);
                    self.column = self.column.saturating_sub(1);
                }
                Kind::Comment
            }
            '"' => self.string(),
            '`' => self.raw(),
            '$' if self.second() == Some('"') => {
                self.step();
                self.template('"')
            }
            '$' if self.second() == Some('`') => {
                self.step();
                self.template('`')
            }
            _ if first.is_ascii_digit() => self.number(),
            _ if first.is_ascii_alphabetic() || first == '_' => {
                self.run(|character| character.is_ascii_alphanumeric() || character == '_');
                Kind::Word
            }
            ':' | '=' | '<' | '>' | '!' => {
                self.step();
                if self.peek() == Some('=') {
                    self.step();
                    Kind::Symbol
                } else if first == '!' {
                    Kind::Unknown
                } else {
                    Kind::Symbol
                }
            }
            '{' | '}' | '[' | ']' | '(' | ')' | '+' | '-' | '*' | '/' | '%' | ',' | ';' | '.'
            | '&' | '|' => {
                self.step();
                Kind::Symbol
            }
            _ => {
                self.step();
                Kind::Unknown
            }
        })
    }

    fn number(&mut self) -> Kind {
        self.run(|character| character.is_ascii_digit());
        if self.peek() == Some('.') && self.second().is_some_and(|it| it.is_ascii_digit()) {
            self.step();
            self.run(|character| character.is_ascii_digit());
        }
        if matches!(self.peek(), Some('e' | 'E')) {
            let after = self.rest().chars().nth(1);
            let digit = match after {
                Some('+' | '-') => self.rest().chars().nth(2),
                other => other,
            };
            if digit.is_some_and(|it| it.is_ascii_digit()) {
                self.steps(2);
                self.run(|character| character.is_ascii_digit());
            }
        }
        Kind::Number
    }

    /// A string in double quotes; it ends in its line.
    fn string(&mut self) -> Kind {
        self.step();
        loop {
            match self.peek() {
                Some('"') => {
                    self.step();
                    return Kind::String;
                }
                Some('\\') if !matches!(self.second(), None | Some('\n')) => self.steps(2),
                None | Some('\n') => return Kind::Unknown,
                Some(_) => self.step(),
            }
        }
    }

    fn raw(&mut self) -> Kind {
        self.step();
        self.run(|character| character != '`');
        if self.peek().is_none() {
            return Kind::Unknown;
        }
        self.step();
        Kind::Raw
    }

    /// A template; the cursor stands at its quote. What is in its braces may hold strings, templates and braces again.
    fn template(&mut self, quote: char) -> Kind {
        #[derive(Clone, Copy, PartialEq)]
        enum In {
            Text(char),
            Braces,
        }
        self.step();
        let mut open = vec![In::Text(quote)];
        while let Some(top) = open.last().copied() {
            if open.len() > DEEPEST {
                return Kind::Unknown;
            }
            match (top, self.peek()) {
                (_, None) | (In::Text('"'), Some('\n')) => return Kind::Unknown,
                (In::Text(_), Some('\\')) if self.second().is_some() => self.steps(2),
                (In::Text(quote), Some(character)) if character == quote => {
                    self.step();
                    open.pop();
                }
                (In::Text(_), Some('{')) | (In::Braces, Some('{')) => {
                    self.step();
                    open.push(In::Braces);
                }
                (In::Braces, Some('}')) => {
                    self.step();
                    open.pop();
                }
                (In::Braces, Some('"')) => {
                    if self.string() == Kind::Unknown {
                        return Kind::Unknown;
                    }
                }
                (In::Braces, Some('`')) => {
                    if self.raw() == Kind::Unknown {
                        return Kind::Unknown;
                    }
                }
                (In::Braces, Some('#')) => self.run(|character| character != '\n'),
                (In::Braces, Some('$')) if matches!(self.second(), Some('"' | '`')) => {
                    let quote = self.second().unwrap_or('"');
                    self.steps(2);
                    open.push(In::Text(quote));
                }
                (_, Some(_)) => self.step(),
            }
        }
        Kind::Template
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, lex};

    fn kinds(source: &str) -> Vec<(Kind, &str)> {
        lex(source)
            .iter()
            .map(|token| (token.kind, token.text(source)))
            .collect()
    }

    #[test]
    fn strings_templates_and_comments_are_whole() {
        assert_eq!(
            kinds("x := $\"a {f(\"}\", {1})} b\" # c\n`r\n` 1.5e-3 a.b"),
            [
                (Kind::Word, "x"),
                (Kind::Symbol, ":="),
                (Kind::Template, "$\"a {f(\"}\", {1})} b\""),
                (Kind::Comment, "# c"),
                (Kind::Raw, "`r\n`"),
                (Kind::Number, "1.5e-3"),
                (Kind::Word, "a"),
                (Kind::Symbol, "."),
                (Kind::Word, "b"),
            ]
        );
    }

    #[test]
    fn what_does_not_end_is_told_and_reading_goes_on() {
        assert_eq!(
            kinds("x := \"a\ny"),
            [
                (Kind::Word, "x"),
                (Kind::Symbol, ":="),
                (Kind::Unknown, "\"a"),
                (Kind::Word, "y"),
            ]
        );
        assert_eq!(kinds("$\"{{{").len(), 1);
        assert_eq!(kinds("`"), [(Kind::Unknown, "`")]);
    }

    #[test]
    fn places_count_lines_and_characters() {
        let source = "a\r\n  # é\r\n\tb";
        let tokens = lex(source);
        let places: Vec<(u32, u32)> = tokens.iter().map(|it| (it.line, it.column)).collect();
        assert_eq!(places, [(1, 1), (2, 3), (3, 2)]);
        assert_eq!(tokens[1].text(source), "# é");
    }
}

//! Reads expressions from tokens, as far as it matters what they reach.

use super::lexer::Token;

/// Deepest nesting of brackets, and longest row of operators, in one expression.
/// What goes further is read as an expression of its own, so that it is still seen
/// and nothing here recurses deeper than the product of both.
const DEPTH: u8 = 16;
const ROW: usize = 48;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expression {
    Text(String),
    Number(i64),
    Name(String),
    /// A list, tuple or the values of a dictionary.
    List(Vec<Self>),
    Attribute(Box<Self>, String),
    /// An element by key or index.
    Item(Box<Self>, Box<Self>),
    /// A part of a sequence, read backwards or not.
    Slice(Box<Self>, bool),
    Call(Box<Self>, Vec<Self>),
    Filter(Box<Self>, String, Vec<Self>),
    /// `~`, `+`, `*`, `%`: operators that make strings.
    Binary(&'static str, Box<Self>, Box<Self>),
    /// Anything made of these.
    Other(Vec<Self>),
}

/// Reads all expressions in a list of tokens; words between them are passed.
pub(super) fn read(tokens: &[Token]) -> Vec<Expression> {
    let mut reader = Reader { tokens, at: 0 };
    let mut found = Vec::new();
    while reader.at < tokens.len() {
        let before = reader.at;
        found.push(reader.expression(0));
        if reader.at == before {
            reader.at = reader.at.saturating_add(1);
        }
    }
    found
}

struct Reader<'t> {
    tokens: &'t [Token],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn step(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    fn take(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Symbol(next)) if *next == symbol);
        if found {
            self.step();
        }
        found
    }

    fn expression(&mut self, depth: u8) -> Expression {
        let mut parts = vec![self.sum(depth)];
        // Comparisons and logic make no strings: their parts stand side by side.
        loop {
            match self.peek() {
                Some(Token::Symbol("==" | "!=" | "<" | ">" | "<=" | ">=")) => self.step(),
                Some(Token::Name(word))
                    if matches!(&**word, "and" | "or" | "in" | "not" | "is" | "if" | "else") =>
                {
                    self.step();
                }
                _ => break,
            }
            parts.push(self.sum(depth));
        }
        single_or(parts)
    }

    fn sum(&mut self, depth: u8) -> Expression {
        let mut left = self.product(depth);
        for _ in 0..ROW {
            let operator = match self.peek() {
                Some(Token::Symbol(symbol @ ("+" | "-" | "~"))) => *symbol,
                _ => return left,
            };
            self.step();
            let right = self.product(depth);
            left = Expression::Binary(operator, Box::new(left), Box::new(right));
        }
        left
    }

    fn product(&mut self, depth: u8) -> Expression {
        let mut left = self.postfix(depth);
        for _ in 0..ROW {
            let operator = match self.peek() {
                Some(Token::Symbol(symbol @ ("*" | "/" | "//" | "%" | "**"))) => *symbol,
                _ => return left,
            };
            self.step();
            let right = self.postfix(depth);
            left = Expression::Binary(operator, Box::new(left), Box::new(right));
        }
        left
    }

    fn postfix(&mut self, depth: u8) -> Expression {
        let mut value = self.primary(depth);
        for _ in 0..ROW {
            value = if self.take(".") {
                match self.peek().cloned() {
                    Some(Token::Name(name)) => {
                        self.step();
                        Expression::Attribute(Box::new(value), name)
                    }
                    Some(Token::Number(_)) => {
                        self.step();
                        value
                    }
                    _ => value,
                }
            } else if self.take("[") {
                self.subscript(value, depth)
            } else if self.take("(") {
                let arguments = self.list(")", depth);
                Expression::Call(Box::new(value), arguments)
            } else if self.take("|") {
                let Some(Token::Name(name)) = self.peek().cloned() else {
                    return value;
                };
                self.step();
                let arguments = if self.take("(") {
                    self.list(")", depth)
                } else {
                    Vec::new()
                };
                Expression::Filter(Box::new(value), name, arguments)
            } else {
                return value;
            };
        }
        value
    }

    fn subscript(&mut self, value: Expression, depth: u8) -> Expression {
        let from = self.at;
        let key = self.list("]", depth);
        let inner = self.tokens.get(from..self.at).unwrap_or_default();
        // Those of brackets inside belong to what stands there.
        let mut open = 0_usize;
        let mut colons = 0_usize;
        for token in inner {
            match token {
                Token::Symbol("[" | "(" | "{") => open = open.saturating_add(1),
                Token::Symbol("]" | ")" | "}") => open = open.saturating_sub(1),
                Token::Symbol(":") if open == 0 => colons = colons.saturating_add(1),
                _ => {}
            }
        }
        if colons > 0 {
            let backwards = inner
                .windows(2)
                .any(|pair| pair == [Token::Symbol("-"), Token::Number(1)])
                && colons == 2;
            let whole = inner.len() <= if backwards { 5 } else { 2 };
            if whole {
                return Expression::Slice(Box::new(value), backwards);
            }
            let mut parts = vec![value];
            parts.extend(key);
            return Expression::Other(parts);
        }
        Expression::Item(Box::new(value), Box::new(single_or(key)))
    }

    fn primary(&mut self, depth: u8) -> Expression {
        let mut negative = false;
        loop {
            match self.peek() {
                Some(Token::Symbol("-")) => negative = true,
                Some(Token::Symbol("+")) => {}
                Some(Token::Name(word)) if word == "not" => {}
                _ => break,
            }
            self.step();
        }
        let Some(token) = self.peek().cloned() else {
            return Expression::Other(Vec::new());
        };
        let deeper = depth.saturating_add(1);
        match token {
            Token::Text(mut text) => {
                self.step();
                // Strings side by side are one.
                while let Some(Token::Text(more)) = self.peek() {
                    text.push_str(more);
                    self.step();
                }
                Expression::Text(text)
            }
            Token::Number(number) => {
                self.step();
                let negated = number.saturating_neg();
                Expression::Number(if negative { negated } else { number })
            }
            Token::Name(name) => {
                self.step();
                Expression::Name(name)
            }
            Token::Symbol(open @ ("(" | "[" | "{")) if deeper < DEPTH => {
                self.step();
                let close = match open {
                    "(" => ")",
                    "[" => "]",
                    _ => "}",
                };
                let from = self.at;
                let mut items = self.list(close, deeper);
                let tuple = self
                    .tokens
                    .get(from..self.at)
                    .unwrap_or_default()
                    .contains(&Token::Symbol(","));
                if open == "("
                    && !tuple
                    && items.len() == 1
                    && let Some(only) = items.pop()
                {
                    return only;
                }
                Expression::List(items)
            }
            Token::Symbol(_) => Expression::Other(Vec::new()),
        }
    }

    /// Expressions up to `close`, with what separates them passed. Past the
    /// deepest nesting it takes none, and the outermost reader goes on from here.
    fn list(&mut self, close: &str, depth: u8) -> Vec<Expression> {
        let mut items = Vec::new();
        let deeper = depth.saturating_add(1);
        while self.at < self.tokens.len() && deeper < DEPTH {
            if self.take(close) {
                break;
            }
            let before = self.at;
            let item = self.expression(deeper);
            let nothing = matches!(&item, Expression::Other(parts) if parts.is_empty());
            if !nothing {
                items.push(item);
            }
            if self.at == before {
                self.step();
            }
        }
        items
    }
}

fn single_or(mut parts: Vec<Expression>) -> Expression {
    match parts.len() {
        1 => parts.pop().unwrap_or(Expression::Other(Vec::new())),
        _ => Expression::Other(parts),
    }
}

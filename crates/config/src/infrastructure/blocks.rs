//! Languages of blocks and assignments, HCL and Bicep, into the same trees as JSON and YAML.
//!
//! Tolerant: what is not understood costs its line, and what stands around it stays. An expression
//! becomes a string `${expression}`, which is what Terraform's own JSON form does.
//! See <https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md> and
//! <https://learn.microsoft.com/azure/azure-resource-manager/bicep/file>.

use std::ops::Range;
use std::sync::Arc;

use stance_read::Limits;
use stance_read::tree::{Entry, Node, Value};

/// A statement of the outermost level: `resource "type" "name" {`, `param name string = 'x'`.
pub(super) struct Statement {
    /// Its words with their places, quotes taken off.
    pub(super) words: Vec<(String, Range<usize>)>,
    /// What follows.
    pub(super) value: Node,
}

/// What was read.
pub(super) struct Blocks {
    pub(super) statements: Vec<Statement>,
    /// The limit that was met, and where.
    pub(super) limit: Option<(usize, &'static str)>,
}

pub(super) fn parse(text: &str, limits: &Limits) -> Blocks {
    let mut reader = Reader {
        text,
        at: 0,
        depth: 0,
        most_depth: limits.tree_depth.min(64),
        nodes: limits.tree_nodes,
        limit: None,
    };
    let mut statements = Vec::new();
    while reader.limit.is_none() && reader.at < text.len() {
        if let Some(statement) = reader.statement() {
            statements.push(statement);
        } else if !reader.skip_gap() {
            // A closing bracket too many.
            reader.bump();
        }
    }
    Blocks {
        statements,
        limit: reader.limit,
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: u16,
    most_depth: u16,
    nodes: u32,
    limit: Option<(usize, &'static str)>,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) {
        self.at = self
            .at
            .saturating_add(self.peek().map_or(1, char::len_utf8));
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at = self.at.saturating_add(text.len());
        }
        found
    }

    /// Skips white space, commas and comments; whether there were any.
    fn skip_gap(&mut self) -> bool {
        let from = self.at;
        loop {
            match self.peek() {
                Some(c) if c.is_whitespace() || c == ',' || c == ';' => self.bump(),
                _ if !self.skip_comment() => return self.at > from,
                _ => {}
            }
        }
    }

    fn skip_comment(&mut self) -> bool {
        let rest = self.rest();
        let length = if rest.starts_with('#') || rest.starts_with("//") {
            memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            memchr::memmem::find(rest.as_bytes(), b"*/")
                .map_or(rest.len(), |end| end.saturating_add(2))
        } else {
            return false;
        };
        self.at = self.at.saturating_add(length);
        true
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(|c| c.is_whitespace() && c != '\n') || self.skip_comment() {
            if self.peek().is_some_and(|c| c.is_whitespace() && c != '\n') {
                self.bump();
            }
        }
    }

    fn count(&mut self) -> bool {
        match self.nodes.checked_sub(1) {
            Some(left) => self.nodes = left,
            None if self.limit.is_none() => self.limit = Some((self.at, "too many values")),
            None => {}
        }
        self.limit.is_none()
    }

    /// The next statement; `None` at a closing bracket or the end.
    fn statement(&mut self) -> Option<Statement> {
        self.skip_gap();
        while self.peek() == Some('@') {
            self.decorator();
            self.skip_gap();
        }
        let mut words = Vec::new();
        loop {
            self.skip_blanks();
            match self.peek() {
                None | Some('}' | ']' | '\n' | ',') => break,
                Some('=' | ':') => {
                    self.bump();
                    let value = self.expression();
                    return Some(Statement { words, value });
                }
                Some('{') => {
                    let value = self.expression();
                    return Some(Statement { words, value });
                }
                Some('"' | '\'') => {
                    let from = self.at;
                    let text = self.quoted();
                    words.push((text, from..self.at));
                }
                Some(c) if is_word(c) => {
                    let from = self.at;
                    while self.peek().is_some_and(is_word) {
                        self.bump();
                    }
                    let text = self.text.get(from..self.at).unwrap_or_default();
                    words.push((text.to_owned(), from..self.at));
                }
                Some('(' | '[') => self.balanced(),
                Some(_) => self.bump(),
            }
        }
        if words.is_empty() {
            return None;
        }
        let value = Node {
            value: Value::Null,
            span: self.at..self.at,
        };
        self.count().then_some(Statement { words, value })
    }

    /// `@description('…')`
    fn decorator(&mut self) {
        self.bump();
        while self.peek().is_some_and(is_word) {
            self.bump();
        }
        if self.peek() == Some('(') {
            self.balanced();
        }
    }

    /// Skips a bracket and everything in it.
    fn balanced(&mut self) {
        let mut open = 0_usize;
        while let Some(c) = self.peek() {
            match c {
                '(' | '[' | '{' => open = open.saturating_add(1),
                ')' | ']' | '}' => open = open.saturating_sub(1),
                '"' | '\'' => {
                    self.quoted();
                    continue;
                }
                '#' | '/' if self.skip_comment() => continue,
                _ => {}
            }
            self.bump();
            if open == 0 {
                return;
            }
        }
    }

    fn expression(&mut self) -> Node {
        self.skip_gap();
        let from = self.at;
        if !self.count() {
            return Node {
                value: Value::Null,
                span: from..from,
            };
        }
        if self.depth >= self.most_depth {
            self.limit = Some((self.at, "nested too deep"));
            return Node {
                value: Value::Null,
                span: from..from,
            };
        }
        self.depth = self.depth.saturating_add(1);
        let value = self.value();
        self.depth = self.depth.saturating_sub(1);
        Node {
            value,
            span: from..self.at,
        }
    }

    fn value(&mut self) -> Value {
        // A condition before the body of a resource.
        if self.starts_word("if") {
            self.at = self.at.saturating_add(2);
            self.skip_blanks();
            self.balanced();
            self.skip_blanks();
        }
        match self.peek() {
            Some('{') => self.object(),
            Some('[') => self.array(),
            Some('"' | '\'') => {
                let from = self.at;
                let text = self.quoted();
                let after = self.at;
                self.skip_blanks();
                match self.peek() {
                    None | Some('\n' | ',' | '}' | ']') => Value::String(text.into()),
                    // A part of a longer expression.
                    _ => {
                        self.at = from;
                        let raw = self.raw();
                        if self.at <= after {
                            self.at = after;
                        }
                        raw
                    }
                }
            }
            Some('<') if self.rest().starts_with("<<") => self.heredoc(),
            _ => self.raw(),
        }
    }

    fn starts_word(&self, word: &str) -> bool {
        let rest = self.rest();
        rest.strip_prefix(word)
            .is_some_and(|after| !after.chars().next().is_some_and(is_word))
    }

    fn object(&mut self) -> Value {
        let start = self.at;
        self.bump();
        self.skip_gap();
        if self.starts_word("for") {
            self.at = start;
            self.balanced();
            return Value::Null;
        }
        let mut entries = Vec::new();
        while self.limit.is_none() {
            self.skip_gap();
            match self.peek() {
                None => break,
                Some('}') => {
                    self.bump();
                    break;
                }
                _ => {}
            }
            let before = self.at;
            if let Some(statement) = self.statement() {
                entries.extend(entry(statement));
            }
            if self.at == before {
                self.bump();
            }
        }
        Value::Object(entries)
    }

    fn array(&mut self) -> Value {
        self.bump();
        self.skip_gap();
        let mut items = Vec::new();
        if self.starts_word("for") {
            // Each element is made alike: one stands for all of them.
            let mut open = 0_usize;
            while let Some(c) = self.peek() {
                match c {
                    '(' | '[' | '{' => open = open.saturating_add(1),
                    ')' | ']' | '}' if open == 0 => break,
                    ')' | ']' | '}' => open = open.saturating_sub(1),
                    ':' if open == 0 => break,
                    '"' | '\'' => {
                        self.quoted();
                        continue;
                    }
                    _ => {}
                }
                self.bump();
            }
            if self.eat(":") {
                let item = self.expression();
                items.push(item);
            }
        }
        while self.limit.is_none() {
            self.skip_gap();
            match self.peek() {
                None => break,
                Some(']') => {
                    self.bump();
                    break;
                }
                Some('}') => break,
                _ => {}
            }
            let before = self.at;
            let item = self.expression();
            items.push(item);
            if self.at == before {
                self.bump();
            }
        }
        Value::Array(items)
    }

    /// A string between quotes, or three of them.
    fn quoted(&mut self) -> String {
        if self.eat("'''") {
            let rest = self.rest();
            let length = rest.find("'''").unwrap_or(rest.len());
            let text = rest.get(..length).unwrap_or_default().to_owned();
            self.at = self
                .at
                .saturating_add(length)
                .saturating_add(3)
                .min(self.text.len());
            return text;
        }
        let Some(quote) = self.peek() else {
            return String::new();
        };
        self.bump();
        let mut out = String::new();
        let mut inside = 0_usize;
        while let Some(c) = self.peek() {
            match c {
                '\\' => {
                    self.bump();
                    let next = self.peek().unwrap_or_default();
                    out.push(match next {
                        'n' => '\n',
                        't' => '\t',
                        other => other,
                    });
                }
                '\n' if inside == 0 => break,
                '$' if self.rest().starts_with("${") => {
                    inside = inside.saturating_add(1);
                    out.push_str("${");
                    self.bump();
                }
                '}' if inside > 0 => {
                    inside = inside.saturating_sub(1);
                    out.push('}');
                }
                c if c == quote && inside == 0 => {
                    self.bump();
                    break;
                }
                c => out.push(c),
            }
            self.bump();
        }
        out
    }

    fn heredoc(&mut self) -> Value {
        let rest = self.rest();
        let line_end = rest.find('\n').unwrap_or(rest.len());
        let mark = rest
            .get(2..line_end)
            .unwrap_or_default()
            .trim_start_matches('-')
            .trim();
        let mut end = line_end;
        let mut text = String::new();
        for line in rest
            .get(line_end.saturating_add(1)..)
            .unwrap_or_default()
            .split_inclusive('\n')
        {
            end = end.saturating_add(line.len());
            if line.trim() == mark {
                break;
            }
            text.push_str(line);
        }
        self.at = self.at.saturating_add(end).min(self.text.len());
        Value::String(text.into())
    }

    /// Any other expression, as it is written.
    fn raw(&mut self) -> Value {
        let from = self.at;
        let mut open = 0_usize;
        while let Some(c) = self.peek() {
            match c {
                '"' | '\'' => {
                    self.quoted();
                    continue;
                }
                '(' | '[' | '{' => open = open.saturating_add(1),
                ')' | ']' | '}' if open == 0 => break,
                ')' | ']' | '}' => open = open.saturating_sub(1),
                ',' if open == 0 => break,
                '#' | '/' if self.rest().starts_with("//") || c == '#' => {
                    self.skip_comment();
                    continue;
                }
                '\n' if open == 0 => {
                    // A condition may go on in the next line.
                    let next = self.rest().trim_start().chars().next();
                    if !matches!(next, Some('?' | ':' | '|' | '&')) {
                        break;
                    }
                }
                _ => {}
            }
            self.bump();
        }
        let raw = self.text.get(from..self.at).unwrap_or_default().trim();
        match raw {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" | "" => Value::Null,
            _ if raw
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'-') =>
            {
                Value::Number(raw.into())
            }
            _ => Value::String(format!("${{{raw}}}").into()),
        }
    }
}

const fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '$' | '*' | '/' | '@')
}

/// A statement inside a body: its first word is the key, or what its labels say.
fn entry(statement: Statement) -> Option<Entry> {
    let mut words = statement.words.into_iter();
    let (first, key_span) = words.next()?;
    let rest: Vec<String> = words.map(|(word, _)| word).collect();
    let key: Arc<str> = match rest.is_empty() {
        true => first.into(),
        // A resource inside another: `resource name 'type' = {`.
        false => format!("{first} {}", rest.join(" ")).into(),
    };
    Some(Entry {
        key,
        key_span,
        value: statement.value,
        shadowed: false,
    })
}

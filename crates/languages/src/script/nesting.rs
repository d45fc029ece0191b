//! How deeply a source nests, before a parser that recurses meets it.
//!
//! Brackets, template holes and elements count for as long as they are open. What makes the parser recurse without a
//! bracket (`!!!x`, `a ? b : c ? d : e`, `a => b => c`, `if (a) if (b)`) counts until the statement or list element
//! ends. Where a slash may begin a regular expression or divide, the source is taken for nested when that happens
//! often, because what follows would be read the wrong way round.

use super::oxc::Dialect;

/// Deepest nesting that is handed to the parser.
const DEPTH: usize = 96;
/// Most places where a slash may be either.
const DOUBTS: usize = 4;
/// Most brackets that are open in one text of an element.
const IN_TEXT: usize = 48;

/// What a look at the brackets tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nesting {
    Shallow,
    /// Where it gets too deep, or cannot be told.
    Deep(usize),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `(`, `[`, `{` or `${`.
    Bracket,
    /// A hole of a template, whose end goes on with the template.
    Hole,
    /// `<name …`
    Tag,
    /// `>…</`
    Children,
}

struct Level {
    kind: Kind,
    /// Prefixes since the last end of a statement or element.
    loose: usize,
}

/// What came before, which tells what a slash or an angle bracket means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Operator,
    Operand,
    /// `)` or `}`: either may follow.
    Closed,
}

struct Lexer<'s> {
    bytes: &'s [u8],
    at: usize,
    elements: bool,
    levels: Vec<Level>,
    total: usize,
    before: Before,
    newline: bool,
    doubts: usize,
}

pub(super) fn measure(source: &str, dialect: Dialect) -> Nesting {
    let mut lexer = Lexer {
        bytes: source.as_bytes(),
        at: 0,
        elements: dialect != Dialect::TypeScript,
        levels: vec![Level {
            kind: Kind::Bracket,
            loose: 0,
        }],
        total: 0,
        before: Before::Operator,
        newline: false,
        doubts: 0,
    };
    match lexer.run() {
        Some(at) => Nesting::Deep(at),
        None => Nesting::Shallow,
    }
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        let at = self.at.saturating_add(ahead);
        self.bytes.get(at).copied().unwrap_or_default()
    }

    fn step(&mut self, count: usize) {
        self.at = self.at.saturating_add(count);
    }

    fn open(&mut self, kind: Kind) {
        self.levels.push(Level { kind, loose: 0 });
        self.total = self.total.saturating_add(1);
        self.before = Before::Operator;
    }

    fn close(&mut self) {
        if self.levels.len() > 1
            && let Some(level) = self.levels.pop()
        {
            self.total = self.total.saturating_sub(level.loose).saturating_sub(1);
        }
    }

    fn prefix(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            level.loose = level.loose.saturating_add(1);
            self.total = self.total.saturating_add(1);
        }
    }

    fn sibling(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            self.total = self.total.saturating_sub(level.loose);
            level.loose = 0;
        }
    }

    /// Where it gets too deep.
    fn run(&mut self) -> Option<usize> {
        while self.at < self.bytes.len() {
            let kind = self.levels.last().map_or(Kind::Bracket, |level| level.kind);
            let start = self.at;
            match kind {
                Kind::Tag => self.tag(),
                Kind::Children => {
                    if self.children() {
                        return Some(start);
                    }
                }
                Kind::Bracket | Kind::Hole => self.code(kind),
            }
            if self.total > DEPTH || self.doubts > DOUBTS {
                return Some(start);
            }
            // Always go on.
            self.at = self.at.max(start.saturating_add(1));
        }
        None
    }

    fn code(&mut self, kind: Kind) {
        let byte = self.peek(0);
        match byte {
            b'\n' | b'\r' => {
                self.newline = true;
                self.step(1);
                return;
            }
            b' ' | b'\t' => return self.step(1),
            b'/' if self.peek(1) == b'/' => return self.line_end(),
            b'/' if self.peek(1) == b'*' => return self.comment(),
            _ => {}
        }
        let newline = std::mem::take(&mut self.newline);
        if byte.is_ascii_alphabetic() || byte == b'_' || byte == b'$' || byte >= 0x80 || byte == b'#' {
            return self.word(newline);
        }
        match byte {
            b'0'..=b'9' => {
                while self.peek(0).is_ascii_alphanumeric() || matches!(self.peek(0), b'.' | b'_') {
                    self.step(1);
                }
                self.before = Before::Operand;
            }
            b'"' | b'\'' => {
                self.string(byte);
                self.before = Before::Operand;
            }
            b'`' => {
                self.step(1);
                self.template();
            }
            b'(' | b'[' | b'{' => {
                self.open(Kind::Bracket);
                self.step(1);
            }
            b')' | b']' => {
                self.close();
                self.before = if byte == b')' { Before::Closed } else { Before::Operand };
                self.step(1);
            }
            b'}' => {
                self.close();
                self.step(1);
                if kind == Kind::Hole {
                    self.template();
                } else {
                    self.before = Before::Closed;
                }
            }
            b';' | b',' => {
                self.sibling();
                self.before = Before::Operator;
                self.step(1);
            }
            b'/' => self.slash(),
            b'<' => self.angle(),
            _ => self.operator(byte),
        }
    }

    fn operator(&mut self, byte: u8) {
        let next = self.peek(1);
        match (byte, next) {
            (b'=', b'>') | (b'*', b'*') => {
                self.prefix();
                self.step(1);
            }
            (b'=', b'=') | (b'!', b'=') => self.step(2),
            (b'?', b'.' | b'?') => self.step(1),
            (b'=' | b'?', _) => self.prefix(),
            (b'+' | b'-', same) if same == byte => {
                // `x++` ends an operand, `++x` begins one.
                self.step(2);
                if self.before == Before::Operator {
                    self.prefix();
                }
                return;
            }
            (b'+' | b'-', _) if self.before == Before::Operator => self.prefix(),
            (b'!' | b'~' | b'@', _) if self.before == Before::Operator => self.prefix(),
            (b':', _) => self.prefix_of_label(),
            _ => {}
        }
        self.before = Before::Operator;
        self.step(1);
    }

    /// `a: b: c: statement` nests; the colons of objects and types end at their commas.
    fn prefix_of_label(&mut self) {
        self.prefix();
    }

    fn word(&mut self, newline: bool) {
        let start = self.at;
        while {
            let byte = self.peek(0);
            byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80 || byte == b'#'
        } {
            self.step(1);
        }
        let word = self.bytes.get(start..self.at).unwrap_or_default();
        let member = start.checked_sub(1).and_then(|at| self.bytes.get(at)) == Some(&b'.');
        if member {
            self.before = Before::Operand;
            return;
        }
        let goes_on = matches!(
            word,
            b"else" | b"in" | b"instanceof" | b"as" | b"satisfies" | b"extends" | b"is" | b"of"
                | b"while" | b"catch" | b"finally"
        );
        // After a line that is whole, or the end of a block, another statement begins.
        let block = self.bytes.get(..start).is_some_and(|before| {
            before.iter().rev().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'}')
        });
        if !goes_on && self.before != Before::Operator && (newline || block) {
            self.sibling();
        }
        match word {
            b"if" | b"else" | b"for" | b"while" | b"do" | b"with" | b"typeof" | b"void"
            | b"delete" | b"await" | b"yield" | b"new" | b"keyof" | b"readonly" | b"unique"
            | b"infer" | b"throw" | b"async" | b"asserts" | b"abstract" => {
                self.prefix();
                self.before = Before::Operator;
            }
            b"return" | b"case" | b"in" | b"of" | b"instanceof" | b"extends" | b"default"
            | b"import" | b"export" | b"as" | b"satisfies" => self.before = Before::Operator,
            _ => self.before = Before::Operand,
        }
    }

    fn line_end(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        self.step(length.max(1));
        self.newline = true;
    }

    fn comment(&mut self) {
        let rest = self.bytes.get(self.at.saturating_add(2)..).unwrap_or_default();
        match memchr::memmem::find(rest, b"*/") {
            Some(length) => self.step(length.saturating_add(4)),
            None => self.at = self.bytes.len(),
        }
    }

    /// A text to its quote, or to the end of the line where it may not go on.
    fn string(&mut self, quote: u8) {
        self.step(1);
        while self.at < self.bytes.len() {
            match self.peek(0) {
                b'\\' => self.step(2),
                b'\n' => return,
                byte if byte == quote => return self.step(1),
                _ => self.step(1),
            }
        }
    }

    /// A template from where its text goes on, to its end or its next hole.
    fn template(&mut self) {
        while self.at < self.bytes.len() {
            match self.peek(0) {
                b'\\' => self.step(2),
                b'`' => {
                    self.step(1);
                    self.before = Before::Operand;
                    return;
                }
                b'$' if self.peek(1) == b'{' => {
                    self.open(Kind::Hole);
                    self.step(2);
                    return;
                }
                _ => self.step(1),
            }
        }
    }

    fn slash(&mut self) {
        match self.before {
            Before::Operator => {
                self.regular_expression();
                self.before = Before::Operand;
            }
            Before::Closed => {
                // Only texts that may begin in one reading and not in the other confuse what follows.
                let line = self.bytes.get(self.at.saturating_add(1)..).unwrap_or_default();
                let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
                let line = line.get(..line.len().min(4096)).unwrap_or_default();
                if let Some(end) = memchr::memchr(b'/', line)
                    && line.iter().take(end).any(|byte| matches!(byte, b'"' | b'\'' | b'`'))
                {
                    self.doubts = self.doubts.saturating_add(1);
                }
                self.before = Before::Operator;
                self.step(1);
            }
            Before::Operand => {
                self.before = Before::Operator;
                self.step(1);
            }
        }
    }

    fn regular_expression(&mut self) {
        self.step(1);
        let mut class = false;
        while self.at < self.bytes.len() {
            match self.peek(0) {
                b'\\' => self.step(2),
                b'\n' => return,
                b'[' => {
                    class = true;
                    self.step(1);
                }
                b']' => {
                    class = false;
                    self.step(1);
                }
                b'/' if !class => return self.step(1),
                _ => self.step(1),
            }
        }
    }

    fn angle(&mut self) {
        let next = self.peek(1);
        let element = next.is_ascii_alphabetic() || matches!(next, b'>' | b'_' | b'$');
        if self.elements && element && self.before == Before::Operator {
            self.open(Kind::Tag);
            self.step(1);
            return;
        }
        // A comparison, or arguments of a type, which nest.
        self.prefix();
        self.before = Before::Operator;
        self.step(1);
    }

    fn tag(&mut self) {
        match self.peek(0) {
            b'"' | b'\'' => {
                let quote = self.peek(0);
                let rest = self.bytes.get(self.at.saturating_add(1)..).unwrap_or_default();
                let length = memchr::memchr(quote, rest).unwrap_or(rest.len());
                self.step(length.saturating_add(2));
            }
            b'{' => {
                self.open(Kind::Bracket);
                self.step(1);
            }
            b'/' if self.peek(1) == b'>' => {
                self.close();
                self.before = Before::Operand;
                self.step(2);
            }
            b'/' if self.peek(1) == b'/' => self.line_end(),
            b'/' if self.peek(1) == b'*' => self.comment(),
            b'=' if self.peek(1) == b'>' => {
                // An arrow in arguments of a type: no element after all.
                self.close();
                self.step(2);
            }
            b'>' => {
                if let Some(level) = self.levels.last_mut() {
                    level.kind = Kind::Children;
                }
                self.step(1);
            }
            // Parameters of a type: `<T,>(x) => ...`, `<T extends U>(x) => ...`
            b',' | b'(' | b'[' | b';' => self.close(),
            b'e' if self.bytes.get(self.at..).is_some_and(|it| it.starts_with(b"extends ")) => {
                self.close();
                self.step(8);
            }
            _ => self.step(1),
        }
    }

    /// Text between elements; whether it holds more brackets than text does.
    fn children(&mut self) -> bool {
        let mut open = 0_usize;
        while self.at < self.bytes.len() {
            match self.peek(0) {
                b'{' => {
                    self.open(Kind::Bracket);
                    self.step(1);
                    return false;
                }
                b'<' if self.peek(1) == b'/' => {
                    let rest = self.bytes.get(self.at..).unwrap_or_default();
                    let length = memchr::memchr(b'>', rest).unwrap_or(rest.len());
                    self.step(length.saturating_add(1));
                    self.close();
                    self.before = Before::Operand;
                    return false;
                }
                b'<' => {
                    self.open(Kind::Tag);
                    self.step(1);
                    return false;
                }
                b'(' | b'[' => {
                    open = open.saturating_add(1);
                    if open > IN_TEXT {
                        return true;
                    }
                    self.step(1);
                }
                b')' | b']' => {
                    open = open.saturating_sub(1);
                    self.step(1);
                }
                _ => self.step(1),
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_nest_is_seen() {
        for (open, close) in [
            ("(", ")"),
            ("[", "]"),
            ("{a:", "}"),
            ("f(", ")"),
            ("!", ""),
            ("- ", ""),
            ("typeof ", ""),
            ("await ", ""),
            ("a => ", ""),
            ("a => {", "}"),
            ("a ? b : ", ""),
            ("a\n? b\n: ", ""),
            ("a = ", ""),
            ("2 ** ", ""),
            ("`${", "}`"),
            ("<a>", "</a>"),
            ("<a b={", "}/>"),
            ("new ", ""),
            ("(\")\",", ")"),
            ("(/[)]/,", ")"),
            ("A<", ">"),
        ] {
            let deep = format!("x = {}1{}\n", open.repeat(300), close.repeat(300));
            assert_ne!(measure(&deep, Dialect::Tsx), Nesting::Shallow, "{open}");
        }
        for statement in ["if (a) ", "for (;;) ", "if (a) {} else ", "while (a) {", "a: "] {
            let deep = statement.repeat(300);
            assert_ne!(measure(&deep, Dialect::Tsx), Nesting::Shallow, "{statement}");
        }
    }

    #[test]
    fn what_is_only_long_is_not_deep() {
        for long in [
            format!("x = [{}]\n", "f(a.b + 1, -2), ".repeat(5000)),
            format!("x = {{{}}}\n", "a: (y, z) => !y ? z : y, ".repeat(5000)),
            "x = a.b(c) ? 1 : 2\n".repeat(5000),
            "const x = !y\nif (a) { b() }\n".repeat(5000),
            format!("x = {}0\n", "a == b && c != d || ".repeat(2000)),
            format!("<a>{}</a>\n", "<b c='('>it's ((</b><i/>".repeat(2000)),
            "const f = <T,>(x: T) => { return x }\n".repeat(500),
            "x = `a ${b} c`; y = /[(]/.test(z) ? '(' : \"(\";\n".repeat(500),
            "// it's (\n/* ( */ x = (a) / 2\n".repeat(500),
        ] {
            assert_eq!(measure(&long, Dialect::Tsx), Nesting::Shallow, "{}", &long[..60]);
        }
    }
}

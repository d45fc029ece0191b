//! The expressions of ARM: `[concat('a', parameters('b').c[0])]`.

use crate::expression::{Call, Expression, Kind, Step};
use crate::value::Span;

/// Deepest nesting of calls.
const DEPTH: u16 = 40;

/// What a text is an expression of, if it is one and can be read.
pub(super) fn parse(text: &str, span: Span) -> Option<Expression> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    if inner.starts_with('[') || inner.len() > 1 << 16 {
        return None;
    }
    let mut reader = Reader {
        text: inner,
        span,
        depth: 0,
    };
    let made = reader.value();
    reader.skip();
    match made {
        Some(made) if reader.text.is_empty() => Some(made),
        _ => Some(Expression::new(Kind::Unreadable, span)),
    }
}

struct Reader<'t> {
    text: &'t str,
    /// All parts have the place of the string: its escapes hide theirs.
    span: Span,
    depth: u16,
}

impl Reader<'_> {
    fn skip(&mut self) {
        self.text = self.text.trim_start();
    }

    fn eat(&mut self, sign: &str) -> bool {
        self.skip();
        let rest = self.text.strip_prefix(sign);
        if let Some(rest) = rest {
            self.text = rest;
        }
        rest.is_some()
    }

    fn take(&mut self, length: usize) -> String {
        let taken = self.text.get(..length).unwrap_or_default().to_owned();
        self.text = self.text.get(length..).unwrap_or_default();
        taken
    }

    fn word(&mut self) -> Option<String> {
        let ends = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$'));
        let length = self.text.find(ends).unwrap_or(self.text.len());
        (length > 0).then(|| self.take(length))
    }

    fn value(&mut self) -> Option<Expression> {
        if self.depth >= DEPTH {
            return None;
        }
        self.depth = self.depth.saturating_add(1);
        let made = self.path();
        self.depth = self.depth.saturating_sub(1);
        made
    }

    fn path(&mut self) -> Option<Expression> {
        let base = self.primary()?;
        let mut steps = Vec::new();
        loop {
            if self.eat(".") {
                let safe = self.eat("?");
                let step = Step::Attribute(self.word()?.into(), self.span);
                steps.push(if safe {
                    Step::Safe(Box::new(step))
                } else {
                    step
                });
            } else if self.eat("[") {
                let safe = self.eat("?");
                let step = Step::Index(self.value()?);
                steps.push(if safe {
                    Step::Safe(Box::new(step))
                } else {
                    step
                });
                if !self.eat("]") {
                    return None;
                }
            } else {
                break;
            }
            if steps.len() > 100 {
                return None;
            }
        }
        if steps.is_empty() {
            return Some(base);
        }
        Some(Expression::new(
            Kind::Path(Box::new(base), steps),
            self.span,
        ))
    }

    fn primary(&mut self) -> Option<Expression> {
        self.skip();
        let span = self.span;
        if self.text.starts_with('\'') {
            let mut out = String::new();
            self.take(1);
            loop {
                let end = self.text.find('\'')?;
                out.push_str(&self.take(end));
                self.take(1);
                // A doubled quote is one, and the text goes on.
                if !self.text.starts_with('\'') {
                    break;
                }
                out.push('\'');
                self.take(1);
            }
            return Some(Expression::new(Kind::Text(out.into()), span));
        }
        if self
            .text
            .starts_with(|c: char| c.is_ascii_digit() || c == '-')
        {
            let sign = if self.eat("-") { -1.0 } else { 1.0 };
            let number: f64 = self.word()?.parse().ok()?;
            return Some(Expression::new(Kind::Number(sign * number), span));
        }
        let mut name = self.word()?;
        while self.text.starts_with('.') && self.text.contains('(') {
            // A function of the template's own: `contoso.name(…)`.
            let before = self.text;
            self.take(1);
            let word = self.word();
            match word {
                Some(word) if self.text.starts_with('(') => {
                    name.push('.');
                    name.push_str(&word);
                }
                _ => {
                    self.text = before;
                    break;
                }
            }
        }
        if !self.eat("(") {
            return Some(Expression::new(Kind::Name(name.into()), span));
        }
        let mut arguments = Vec::new();
        while !self.eat(")") {
            arguments.push(self.value()?);
            if !self.eat(",") && !self.text.starts_with(')') {
                return None;
            }
        }
        let call = Call {
            name: name.to_lowercase().into(),
            arguments,
            spread: false,
        };
        Some(Expression::new(Kind::Call(Box::new(call)), span))
    }
}

//! Expressions.

use std::sync::Arc;

use super::{Bad, Reader};
use crate::expression::{Call, Expression, For, Kind, Operator, Step};

const OPERATORS: &[(&str, Operator)] = &[
    ("||", Operator::Or),
    ("&&", Operator::And),
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
    ("+", Operator::Add),
    ("-", Operator::Subtract),
    ("*", Operator::Multiply),
    ("/", Operator::Divide),
    ("%", Operator::Remainder),
];

impl Reader<'_, '_> {
    pub(super) fn expression(&mut self) -> Result<Expression, Bad> {
        self.enter()?;
        let out = self.conditional();
        self.leave();
        out
    }

    /// With line ends as good as spaces, or not.
    fn within<T>(
        &mut self,
        lines: bool,
        read: impl FnOnce(&mut Self) -> Result<T, Bad>,
    ) -> Result<T, Bad> {
        let before = std::mem::replace(&mut self.lines, lines);
        let out = read(self);
        self.lines = before;
        out
    }

    fn conditional(&mut self) -> Result<Expression, Bad> {
        self.skip();
        let start = self.at;
        let condition = self.chain(2)?;
        self.skip();
        if !self.eat("?") {
            return Ok(condition);
        }
        let yes = self.expression()?;
        self.skip();
        if !self.eat(":") {
            return Err(self.fail("`:` of a condition is missing"));
        }
        let no = self.expression()?;
        let kind = Kind::Conditional(Box::new([condition, yes, no]));
        Ok(Expression::new(kind, self.from(start)))
    }

    fn operator(&mut self, rank: u8) -> Option<Operator> {
        self.skip();
        let rest = self.rest();
        if rest.starts_with("~}") || rest.starts_with("=>") {
            return None;
        }
        let (sign, operator) = OPERATORS.iter().find(|(sign, _)| rest.starts_with(sign))?;
        if operator.rank() != rank {
            return None;
        }
        self.at = self.at.saturating_add(sign.len());
        Some(*operator)
    }

    fn chain(&mut self, rank: u8) -> Result<Expression, Bad> {
        if rank > 7 {
            return self.unary();
        }
        let start = self.at;
        let next = rank.saturating_add(1);
        let first = self.chain(next)?;
        let mut others = Vec::new();
        while let Some(operator) = self.operator(rank) {
            self.skip();
            others.push((operator, self.chain(next)?));
        }
        if others.is_empty() {
            return Ok(first);
        }
        let kind = Kind::Chain(Box::new(first), others);
        Ok(Expression::new(kind, self.from(start)))
    }

    fn unary(&mut self) -> Result<Expression, Bad> {
        self.skip();
        let start = self.at;
        let not = match self.peek() {
            Some(b'!') => true,
            Some(b'-') => false,
            _ => return self.postfix(),
        };
        self.at = self.at.saturating_add(1);
        self.enter()?;
        let inner = self.unary();
        self.leave();
        let inner = Box::new(inner?);
        let kind = if not {
            Kind::Not(inner)
        } else {
            Kind::Negative(inner)
        };
        Ok(Expression::new(kind, self.from(start)))
    }

    fn postfix(&mut self) -> Result<Expression, Bad> {
        let start = self.at;
        let base = self.primary()?;
        let mut steps = Vec::new();
        loop {
            if self.lines {
                self.skip();
            }
            let before = self.at;
            if self.ahead("...") {
                break;
            }
            if self.eat(".") {
                let place = self.at;
                if self.eat("*") {
                    steps.push(Step::Splat);
                } else if let Some(word) = self.word() {
                    steps.push(Step::Attribute(word.into(), self.from(place)));
                } else {
                    let digits = self.digits();
                    if digits.is_empty() {
                        self.at = before;
                        return Err(self.fail("a name is missing behind the point"));
                    }
                    let number = digits.parse().unwrap_or_default();
                    let index = Expression::new(Kind::Number(number), self.from(place));
                    steps.push(Step::Index(index));
                }
            } else if self.eat("[") {
                self.within(true, |reader| {
                    reader.skip();
                    let starred = reader.at;
                    if reader.eat("*") {
                        reader.skip();
                        if reader.ahead("]") {
                            steps.push(Step::Splat);
                            return Ok(());
                        }
                        reader.at = starred;
                    }
                    let index = reader.expression()?;
                    steps.push(Step::Index(index));
                    reader.skip();
                    Ok(())
                })?;
                if !self.eat("]") {
                    return Err(self.fail("`]` is missing"));
                }
            } else {
                break;
            }
            self.nodes = self.nodes.saturating_sub(1).max(1);
        }
        if steps.is_empty() {
            return Ok(base);
        }
        let kind = Kind::Path(Box::new(base), steps);
        Ok(Expression::new(kind, self.from(start)))
    }

    fn digits(&mut self) -> &str {
        let rest = self.rest();
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        self.at = self.at.saturating_add(length);
        rest.get(..length).unwrap_or_default()
    }

    fn primary(&mut self) -> Result<Expression, Bad> {
        self.skip();
        let start = self.at;
        let kind = match self.peek() {
            Some(b'"') => self.quoted()?,
            Some(b'<') if self.ahead("<<") => self.heredoc()?,
            Some(b'(') => {
                self.at = start.saturating_add(1);
                let inner = self.within(true, Self::expression)?;
                self.skip_blank(true);
                if !self.eat(")") {
                    return Err(self.fail("`)` is missing"));
                }
                return Ok(inner);
            }
            Some(b'[') => {
                self.at = start.saturating_add(1);
                self.within(true, Self::tuple)?
            }
            Some(b'{') => {
                self.at = start.saturating_add(1);
                self.within(true, Self::object)?
            }
            Some(b'0'..=b'9') => {
                let rest = self.rest();
                let mut length = 0_usize;
                let mut before = b' ';
                for byte in rest.bytes() {
                    let sign = matches!(byte, b'+' | b'-') && matches!(before, b'e' | b'E');
                    if !(byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E') || sign) {
                        break;
                    }
                    before = byte;
                    length = length.saturating_add(1);
                }
                let number = rest.get(..length).and_then(|text| text.parse().ok());
                self.at = self.at.saturating_add(length);
                let Some(number) = number else {
                    return Err(self.fail("not a number"));
                };
                Kind::Number(number)
            }
            _ => self.name()?,
        };
        Ok(Expression::new(kind, self.from(start)))
    }

    fn name(&mut self) -> Result<Kind, Bad> {
        let Some(word) = self.word() else {
            return Err(self.fail("a value is missing"));
        };
        let mut name = word.to_owned();
        while self.eat("::") {
            name.push_str("::");
            name.push_str(self.word().unwrap_or_default());
        }
        if !self.ahead("(") {
            return Ok(match &*name {
                "true" => Kind::Bool(true),
                "false" => Kind::Bool(false),
                "null" => Kind::Null,
                _ => Kind::Name(name.into()),
            });
        }
        self.eat("(");
        let (arguments, spread) = self.within(true, |reader| {
            let mut arguments = Vec::new();
            loop {
                reader.skip();
                if reader.eat(")") {
                    return Ok((arguments, false));
                }
                arguments.push(reader.expression()?);
                reader.skip();
                let spread = reader.eat("...");
                reader.skip();
                if !reader.eat(",") || spread {
                    reader.skip();
                    if !reader.eat(")") {
                        return Err(reader.fail("`)` of a call is missing"));
                    }
                    return Ok((arguments, spread));
                }
            }
        })?;
        Ok(Kind::Call(Box::new(Call {
            name: name.into(),
            arguments,
            spread,
        })))
    }

    fn starts_for(&self) -> bool {
        self.rest()
            .strip_prefix("for")
            .is_some_and(|after| after.starts_with([' ', '\t', '\n', '\r']))
    }

    fn tuple(&mut self) -> Result<Kind, Bad> {
        self.skip();
        if self.starts_for() {
            return self.comprehension("]");
        }
        let mut items = Vec::new();
        loop {
            self.skip();
            if self.eat("]") {
                return Ok(Kind::Array(items));
            }
            items.push(self.expression()?);
            self.skip();
            if !self.eat(",") && !self.ahead("]") {
                return Err(self.fail("`,` or `]` is missing"));
            }
        }
    }

    fn object(&mut self) -> Result<Kind, Bad> {
        self.skip();
        if self.starts_for() {
            return self.comprehension("}");
        }
        let mut entries = Vec::new();
        loop {
            self.skip_blank(true);
            if self.eat("}") {
                return Ok(Kind::Object(entries));
            }
            let start = self.at;
            let word: Option<Arc<str>> = self.word().map(Arc::from);
            self.skip_blank(false);
            let bare = matches!(self.peek(), Some(b'=' | b':')) && !self.ahead("==");
            let key = match word {
                Some(word) if bare => Expression::new(Kind::Text(word), self.from(start)),
                _ => {
                    self.at = start;
                    self.within(false, Self::expression)?
                }
            };
            self.skip_blank(false);
            if !self.eat("=") && !self.eat(":") {
                return Err(self.fail("`=` is missing behind a key"));
            }
            let value = self.within(false, |reader| {
                reader.skip_blank(true);
                reader.expression()
            })?;
            entries.push((key, value));
            self.skip_blank(false);
            match self.peek() {
                Some(b',') => self.at = self.at.saturating_add(1),
                Some(b'\n' | b'}') => {}
                _ => return Err(self.fail("`,`, `}` or the end of the line is missing")),
            }
        }
    }

    fn comprehension(&mut self, end: &str) -> Result<Kind, Bad> {
        self.eat("for");
        self.skip();
        let Some(mut value) = self.word().map(Arc::<str>::from) else {
            return Err(self.fail("`for` without a name"));
        };
        let mut key = None;
        self.skip();
        if self.eat(",") {
            self.skip();
            let second = self.word().unwrap_or_default().into();
            key = Some(std::mem::replace(&mut value, second));
        }
        self.skip();
        if self.word() != Some("in") {
            return Err(self.fail("`in` of a `for` is missing"));
        }
        let collection = self.expression()?;
        self.skip();
        if !self.eat(":") {
            return Err(self.fail("`:` of a `for` is missing"));
        }
        let mut result = self.expression()?;
        let mut result_key = None;
        self.skip();
        if self.eat("=>") {
            let made = self.expression()?;
            result_key = Some(std::mem::replace(&mut result, made));
        }
        self.skip();
        let grouped = self.eat("...");
        self.skip();
        let condition = if self.ahead("if") {
            self.eat("if");
            Some(self.expression()?)
        } else {
            None
        };
        self.skip();
        if !self.eat(end) {
            return Err(self.fail("a `for` does not end"));
        }
        Ok(Kind::For(Box::new(For {
            key,
            value,
            collection,
            result_key,
            result,
            condition,
            grouped,
            index_second: false,
        })))
    }
}

//! Reading JSON: numbers as the nearest double, no member twice, nesting bounded.

use super::{DEEPEST, Json, NotCanonical};

/// Where a text is read.
pub(super) struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// Reads one value and nothing behind it.
    pub(super) fn whole(mut self) -> Result<Json, NotCanonical> {
        let value = self.value(0)?;
        self.space();
        if self.at == self.text.len() {
            Ok(value)
        } else {
            self.wrong()
        }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn wrong<T>(&self) -> Result<T, NotCanonical> {
        Err(NotCanonical::Malformed(self.at))
    }

    fn step(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes);
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.step(1);
        }
    }

    /// Takes the byte if it comes next, white space around it left out.
    fn takes(&mut self, byte: u8) -> bool {
        self.space();
        let takes = self.peek() == Some(byte);
        if takes {
            self.step(1);
        }
        takes
    }

    fn expect(&mut self, byte: u8) -> Result<(), NotCanonical> {
        if self.takes(byte) {
            Ok(())
        } else {
            self.wrong()
        }
    }

    fn word(&mut self, word: &str, value: Json) -> Result<Json, NotCanonical> {
        if self.rest().starts_with(word) {
            self.step(word.len());
            return Ok(value);
        }
        self.wrong()
    }

    fn value(&mut self, depth: usize) -> Result<Json, NotCanonical> {
        if depth > DEEPEST {
            return Err(NotCanonical::Deep);
        }
        let inner = depth.saturating_add(1);
        self.space();
        match self.peek() {
            Some(b'n') => self.word("null", Json::Null),
            Some(b't') => self.word("true", Json::Bool(true)),
            Some(b'f') => self.word("false", Json::Bool(false)),
            Some(b'"') => self.string().map(Json::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'[') => {
                self.step(1);
                let mut list = Vec::new();
                if self.takes(b']') {
                    return Ok(Json::List(list));
                }
                loop {
                    list.push(self.value(inner)?);
                    if self.takes(b']') {
                        return Ok(Json::List(list));
                    }
                    self.expect(b',')?;
                }
            }
            Some(b'{') => {
                self.step(1);
                self.members(inner)
            }
            _ => self.wrong(),
        }
    }

    fn members(&mut self, depth: usize) -> Result<Json, NotCanonical> {
        let mut members: Vec<(String, Json)> = Vec::new();
        let mut names = std::collections::HashSet::new();
        if self.takes(b'}') {
            return Ok(Json::Object(members));
        }
        loop {
            self.space();
            let name = self.string()?;
            self.expect(b':')?;
            let value = self.value(depth)?;
            if !names.insert(name.clone()) {
                return self.wrong();
            }
            members.push((name, value));
            if self.takes(b'}') {
                return Ok(Json::Object(members));
            }
            self.expect(b',')?;
        }
    }

    fn number(&mut self) -> Result<Json, NotCanonical> {
        let rest = self.rest();
        let end = rest
            .find(|character: char| !matches!(character, '0'..='9' | '-' | '+' | '.' | 'e' | 'E'))
            .unwrap_or(rest.len());
        let token = rest.get(..end).unwrap_or_default();
        let number = token.parse().ok().filter(|number: &f64| number.is_finite());
        match number {
            Some(number) if is_number(token) => {
                self.step(end);
                Ok(Json::Number(number))
            }
            _ => self.wrong(),
        }
    }

    fn string(&mut self) -> Result<String, NotCanonical> {
        if self.peek() != Some(b'"') {
            return self.wrong();
        }
        self.step(1);
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let Some(end) = rest.find(|character| matches!(character, '"' | '\\' | '\0'..='\x1f'))
            else {
                return self.wrong();
            };
            text.push_str(rest.get(..end).unwrap_or_default());
            self.step(end);
            match self.peek() {
                Some(b'"') => {
                    self.step(1);
                    return Ok(text);
                }
                Some(b'\\') => {
                    self.step(1);
                    text.push(self.escape()?);
                }
                _ => return self.wrong(),
            }
        }
    }

    /// What stands behind a backslash.
    fn escape(&mut self) -> Result<char, NotCanonical> {
        let plain = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\x08',
            Some(b'f') => '\x0c',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let first = self.unit()?;
                let units = if matches!(first, 0xd800..=0xdbff) && self.rest().starts_with("\\u") {
                    self.step(1);
                    vec![first, self.unit()?]
                } else {
                    vec![first]
                };
                // A half of a pair alone is no character.
                return match char::decode_utf16(units).next() {
                    Some(Ok(character)) => Ok(character),
                    _ => self.wrong(),
                };
            }
            _ => return self.wrong(),
        };
        self.step(1);
        Ok(plain)
    }

    /// The four digits behind `\u`, with the `u`.
    fn unit(&mut self) -> Result<u16, NotCanonical> {
        let digits = self.rest().get(1..5).unwrap_or_default();
        match u16::from_str_radix(digits, 16) {
            Ok(unit) if digits.bytes().all(|digit| digit.is_ascii_hexdigit()) => {
                self.step(5);
                Ok(unit)
            }
            _ => self.wrong(),
        }
    }
}

/// Whether a token has the form of a number of RFC 8259.
fn is_number(token: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let token = token.strip_prefix('-').unwrap_or(token);
    let (rest, exponent) = match token.split_once(['e', 'E']) {
        Some((rest, exponent)) => (
            rest,
            Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)),
        ),
        None => (token, None),
    };
    let (whole, fraction) = match rest.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (rest, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(digits)
}

//! The one form of a JSON value: the JSON Canonicalization Scheme (RFC 8785).
//!
//! No white space, members in the order of the UTF-16 code units of their names, numbers as ECMAScript writes them,
//! text with no more escapes than JSON demands. Read by a parser of our own that gives numbers as the nearest double
//! and refuses what two readers may read differently.

use std::fmt::Write as _;

use serde_json::Value;

/// Deepest nesting.
const DEEPEST: usize = 64;

/// Longest text that is read or written, in bytes.
pub(super) const LONGEST: usize = 1 << 20;

/// Why a value has no canonical form, or a text is no JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotCanonical {
    /// A number that is no double, so that readers of JSON would not agree about it.
    #[error("the number {0} cannot be told exactly in JSON; write it as text")]
    Number(String),
    /// Lists and objects within each other.
    #[error("it is nested more than {DEEPEST} deep")]
    Deep,
    /// Too much of it.
    #[error("it is longer than {LONGEST} bytes")]
    Long,
    /// Not JSON, or JSON that can be read in two ways.
    #[error("it is no proper JSON at byte {0}")]
    Malformed(usize),
}

/// A JSON value, numbers as doubles, members in the order of the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads one value and nothing behind it.
    pub(super) fn parse(text: &str) -> Result<Self, NotCanonical> {
        if text.len() > LONGEST {
            return Err(NotCanonical::Long);
        }
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(0)?;
        reader.space();
        if reader.at == text.len() {
            Ok(value)
        } else {
            reader.wrong()
        }
    }

    /// The canonical form.
    pub(super) fn canonical(&self) -> Result<String, NotCanonical> {
        let mut out = String::new();
        self.write(&mut out);
        if out.len() > LONGEST {
            return Err(NotCanonical::Long);
        }
        Ok(out)
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Number(number) => write_number(*number, out),
            Self::Text(text) => write_text(text, out),
            Self::List(list) => {
                out.push('[');
                for (at, value) in list.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    value.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                let mut sorted: Vec<_> = members.iter().collect();
                sorted.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
                out.push('{');
                for (at, (name, value)) in sorted.into_iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    write_text(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    /// A value that a program made.
    pub(super) fn of(value: &Value) -> Result<Self, NotCanonical> {
        Self::of_nested(value, 0)
    }

    fn of_nested(value: &Value, depth: usize) -> Result<Self, NotCanonical> {
        if depth > DEEPEST {
            return Err(NotCanonical::Deep);
        }
        let inner = depth.saturating_add(1);
        Ok(match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => {
                let not_exact = || NotCanonical::Number(number.to_string());
                let double = number.as_f64().ok_or_else(not_exact)?;
                let exact = match (number.as_i64(), number.as_u64()) {
                    (Some(whole), _) => double as i128 == i128::from(whole),
                    (_, Some(whole)) => double as i128 == i128::from(whole),
                    _ => double.is_finite(),
                };
                if !exact {
                    return Err(not_exact());
                }
                Self::Number(double)
            }
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(list) => Self::List(
                list.iter()
                    .map(|value| Self::of_nested(value, inner))
                    .collect::<Result<_, _>>()?,
            ),
            Value::Object(members) => Self::Object(
                members
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), Self::of_nested(value, inner)?)))
                    .collect::<Result<_, _>>()?,
            ),
        })
    }

    /// A member of an object.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members
                .iter()
                .find(|(member, _)| member == name)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// A member that is a text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A member that is a whole number which a double holds exactly.
    pub(super) fn whole(&self, name: &str) -> Option<u64> {
        match self.get(name)? {
            Self::Number(number)
                if *number >= 0.0 && *number < 9_007_199_254_740_992.0 && number.fract() == 0.0 =>
            {
                Some(*number as u64)
            }
            _ => None,
        }
    }
}

/// A text in quotation marks (RFC 8785, section 3.2.2.2).
pub(super) fn write_text(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(at) =
        rest.find(|character: char| matches!(character, '"' | '\\' | '\0'..='\x1f'))
    {
        let (plain, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(plain);
        let mut characters = from.chars();
        match characters.next() {
            Some('"') => out.push_str("\\\""),
            Some('\\') => out.push_str("\\\\"),
            Some('\x08') => out.push_str("\\b"),
            Some('\t') => out.push_str("\\t"),
            Some('\n') => out.push_str("\\n"),
            Some('\x0c') => out.push_str("\\f"),
            Some('\r') => out.push_str("\\r"),
            Some(other) => {
                let _ = write!(out, "\\u{:04x}", u32::from(other));
            }
            None => {}
        }
        rest = characters.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

/// A number as ECMAScript's `Number::toString` writes it (RFC 8785, section 3.2.2.3).
fn write_number(number: f64, out: &mut String) {
    if number == 0.0 {
        // Minus zero as well.
        out.push('0');
        return;
    }
    let scientific = shortest(number);
    let (sign, scientific) = match scientific.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", scientific.as_str()),
    };
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let digits: String = mantissa.chars().filter(|digit| *digit != '.').collect();
    out.push_str(sign);
    match exponent {
        0..=20 => {
            let whole = usize::try_from(exponent)
                .unwrap_or_default()
                .saturating_add(1);
            match digits.split_at_checked(whole) {
                Some((before, "")) => out.push_str(before),
                Some((before, behind)) => {
                    let _ = write!(out, "{before}.{behind}");
                }
                None => {
                    let _ = write!(out, "{digits:0<whole$}");
                }
            }
        }
        -6..=-1 => {
            let zeros = usize::try_from(exponent.saturating_neg())
                .unwrap_or_default()
                .saturating_sub(1);
            let _ = write!(out, "0.{:0<zeros$}{digits}", "");
        }
        _ => {
            let _ = write!(out, "{mantissa}e{exponent:+}");
        }
    }
}

/// The shortest digits that read back as the same double, of those the nearest, and of two that are equally near the
/// even ones, in scientific notation. Rust's own differ in the last point: they round halves up.
fn shortest(number: f64) -> String {
    let up = format!("{number:e}");
    let (mantissa, exponent) = up.split_once('e').unwrap_or((&up, "0"));
    let places = mantissa
        .split_once('.')
        .map_or(0, |(_, places)| places.len());
    let odd = matches!(
        mantissa.bytes().last(),
        Some(b'1' | b'3' | b'5' | b'7' | b'9')
    );
    if !odd {
        return up;
    }
    // Cut after the same number of places, the exact value is rounded half to even.
    let even = format!("{number:.places$e}");
    let same_place = even
        .split_once('e')
        .is_some_and(|(_, other)| other == exponent);
    if same_place && even.parse() == Ok(number) {
        return even;
    }
    up
}

/// Where a text is read.
struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
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

//! A pull reader of JSON that keeps where each string stands, needs memory for
//! the open containers only, and reads up to the first error.

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    Open(Container),
    Close,
    /// The key of the next value.
    Key(RawString),
    String(RawString),
    /// A number, `true`, `false` or `null`.
    Scalar,
}

/// Object or array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    Object,
    Array,
}

/// The content of a string between its quotes, escapes as they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RawString {
    pub start: usize,
    pub end: usize,
}

/// Why reading stopped before the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    Malformed(usize),
    TooDeep(usize),
}

/// Reads one JSON text.
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
    open: Vec<Container>,
    depth: usize,
    /// Whether an object's next string is a key.
    key: bool,
    done: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, depth: usize) -> Self {
        Self {
            text,
            at: 0,
            open: Vec::new(),
            depth,
            key: false,
            done: false,
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn step(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    fn open(&mut self, container: Container) -> Result<Event, Stop> {
        if self.open.len() >= self.depth {
            return Err(Stop::TooDeep(self.at));
        }
        self.step();
        self.open.push(container);
        self.key = container == Container::Object;
        Ok(Event::Open(container))
    }

    /// The next event; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Event>, Stop> {
        loop {
            let Some(byte) = self.peek() else {
                return if self.open.is_empty() && self.done {
                    Ok(None)
                } else {
                    Err(Stop::Malformed(self.at))
                };
            };
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => self.step(),
                b',' => {
                    self.step();
                    self.key = self.open.last() == Some(&Container::Object);
                }
                b':' => {
                    self.step();
                    self.key = false;
                }
                b'{' => return self.open(Container::Object).map(Some),
                b'[' => return self.open(Container::Array).map(Some),
                b'}' | b']' => {
                    if self.open.pop().is_none() {
                        return Err(Stop::Malformed(self.at));
                    }
                    self.step();
                    self.done = true;
                    self.key = false;
                    return Ok(Some(Event::Close));
                }
                b'"' => {
                    let string = self.string()?;
                    self.done = true;
                    return Ok(Some(if self.key {
                        Event::Key(string)
                    } else {
                        Event::String(string)
                    }));
                }
                b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => {
                    while self
                        .peek()
                        .is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
                    {
                        self.step();
                    }
                    self.done = true;
                    return Ok(Some(Event::Scalar));
                }
                _ => return Err(Stop::Malformed(self.at)),
            }
        }
    }

    fn string(&mut self) -> Result<RawString, Stop> {
        self.step();
        let start = self.at;
        loop {
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            let Some(found) = memchr::memchr2(b'"', b'\\', rest) else {
                let end = self.text.len();
                self.at = end;
                return Err(Stop::Malformed(end));
            };
            self.at = self.at.saturating_add(found);
            if self.peek() == Some(b'"') {
                let end = self.at;
                self.step();
                return Ok(RawString { start, end });
            }
            // The backslash and what it escapes; of `\u1234` the digits are ordinary characters.
            self.step();
            self.step();
        }
    }
}

impl RawString {
    /// The string as it stands.
    pub(super) fn raw(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }

    /// Appends the string to `out`, escapes resolved.
    pub(super) fn unescape(self, text: &str, out: &mut String) {
        let mut rest = self.raw(text);
        while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
            out.push_str(rest.get(..at).unwrap_or_default());
            let (character, length) = escape(rest.get(at..).unwrap_or_default());
            out.push(character);
            rest = rest.get(at.saturating_add(length)..).unwrap_or_default();
        }
        out.push_str(rest);
    }

    /// How many bytes of the raw string make the first `wanted` bytes of the unescaped one.
    pub(super) fn raw_length(self, text: &str, wanted: usize) -> usize {
        let raw = self.raw(text);
        let mut made = 0_usize;
        let mut at = 0_usize;
        while made < wanted {
            let rest = raw.get(at..).unwrap_or_default();
            let Some(first) = rest.chars().next() else {
                break;
            };
            let (character, length) = match first {
                '\\' => escape(rest),
                other => (other, other.len_utf8()),
            };
            made = made.saturating_add(character.len_utf8());
            at = at.saturating_add(length);
        }
        at
    }
}

/// The character that an escape at the start of `text` stands for, and its length as written.
fn escape(text: &str) -> (char, usize) {
    let bytes = text.as_bytes();
    let hex = |from: usize| {
        let digits = text.get(from..from.saturating_add(4))?;
        u32::from_str_radix(digits, 16).ok()
    };
    match bytes.get(1) {
        Some(b'n') => ('\n', 2),
        Some(b't') => ('\t', 2),
        Some(b'r') => ('\r', 2),
        Some(b'b') => ('\u{8}', 2),
        Some(b'f') => ('\u{c}', 2),
        Some(b'u') => match hex(2) {
            Some(high @ 0xd800..=0xdbff) => match (text.get(6..8), hex(8)) {
                (Some("\\u"), Some(low @ 0xdc00..=0xdfff)) => {
                    let high = high.saturating_sub(0xd800).saturating_mul(0x400);
                    let low = low.saturating_sub(0xdc00);
                    let code = high.saturating_add(low).saturating_add(0x10000);
                    (char::from_u32(code).unwrap_or('\u{fffd}'), 12)
                }
                _ => ('\u{fffd}', 6),
            },
            Some(code) => (char::from_u32(code).unwrap_or('\u{fffd}'), 6),
            None => ('\u{fffd}', 2),
        },
        Some(other) if other.is_ascii() => (char::from(*other), 2),
        // A backslash before a character of several bytes, or at the end.
        _ => ('\u{fffd}', 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_resolved_and_found_again() {
        let text = r#""a\n\"\u00e9\ud83d\ude00z""#;
        let mut reader = Reader::new(text, 4);
        let Ok(Some(Event::String(string))) = reader.next() else {
            panic!("a string");
        };
        let mut out = String::new();
        string.unescape(text, &mut out);
        assert_eq!(out, "a\n\"é😀z");
        let at = out.find('z').unwrap();
        let raw = string.start + string.raw_length(text, at);
        assert_eq!(&text[raw..=raw], "z");
    }

    #[test]
    fn what_came_before_an_error_is_read() {
        let mut reader = Reader::new(r#"{"a": ["x", "#, 4);
        let mut count = 0;
        while let Ok(Some(_)) = reader.next() {
            count += 1;
        }
        assert_eq!(count, 4);
        let mut deep = Reader::new("[[[[[[", 4);
        let end = std::iter::repeat_with(|| deep.next()).find(Result::is_err);
        assert_eq!(end, Some(Err(Stop::TooDeep(4))));
    }
}

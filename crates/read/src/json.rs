//! A walk over JSON bytes that builds nothing: a header may hold a million entries.

use stance_core::fact::GapReason;

/// Deepest nesting that is followed.
const DEPTH: u16 = 32;

/// Where and why reading stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Why reading stopped.
    pub reason: GapReason,
    /// Where, in bytes.
    pub offset: usize,
    /// In words.
    pub message: String,
}

/// A place in JSON bytes.
pub struct Walk<'a> {
    bytes: &'a [u8],
    /// The next byte.
    pub at: usize,
}

impl<'a> Walk<'a> {
    /// Starts at the first byte.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn error<T>(&self, message: &str) -> Result<T, Error> {
        let (reason, message) = if self.at >= self.bytes.len() {
            (GapReason::Malformed, "it ends in the middle")
        } else {
            (GapReason::Malformed, message)
        };
        Err(Error {
            reason,
            offset: self.at,
            message: message.to_owned(),
        })
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.bytes.get(self.at) {
            self.at = self.at.saturating_add(1);
        }
    }

    /// The next byte that is no space.
    pub fn peek(&mut self) -> Option<u8> {
        self.space();
        self.bytes.get(self.at).copied()
    }

    /// Takes `byte` if it comes next.
    pub fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.at = self.at.saturating_add(1);
        }
        found
    }

    /// Steps over `byte`, and blanks before it.
    ///
    /// # Errors
    /// When something else stands there.
    pub fn expect(&mut self, byte: u8) -> Result<(), Error> {
        if self.take(byte) {
            return Ok(());
        }
        self.error(&format!("`{}` is missing", char::from(byte)))
    }

    /// After an element: true when another follows, false at the end.
    pub fn more(&mut self, close: u8) -> Result<bool, Error> {
        if self.take(b',') {
            return Ok(true);
        }
        self.expect(close)?;
        Ok(false)
    }

    /// Enters a list or an object; says whether anything is in it.
    pub fn enter(&mut self, open: u8, close: u8) -> Result<bool, Error> {
        self.expect(open)?;
        Ok(!self.take(close))
    }

    /// The key of a member, with the colon behind it.
    pub fn key(&mut self, keep: usize) -> Result<String, Error> {
        let key = self.string(keep)?;
        self.expect(b':')?;
        Ok(key)
    }

    /// A string with its escapes resolved, of which the first `keep` bytes are kept.
    pub fn string(&mut self, keep: usize) -> Result<String, Error> {
        self.expect(b'"')?;
        let mut out: Vec<u8> = Vec::new();
        loop {
            let Some(byte) = self.bytes.get(self.at).copied() else {
                return self.error("a string does not end");
            };
            self.at = self.at.saturating_add(1);
            match byte {
                b'"' => break,
                b'\\' => {
                    let character = self.escape()?;
                    if out.len() < keep {
                        let mut buffer = [0; 4];
                        out.extend(character.encode_utf8(&mut buffer).bytes());
                    }
                }
                _ if out.len() < keep => out.push(byte),
                _ => {}
            }
        }
        Ok(String::from_utf8_lossy(&out).into_owned())
    }

    fn escape(&mut self) -> Result<char, Error> {
        let byte = self.bytes.get(self.at).copied();
        self.at = self.at.saturating_add(1);
        Ok(match byte {
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'u') => {
                let end = self.at.saturating_add(4);
                let digits = self.bytes.get(self.at..end).unwrap_or_default();
                let code = std::str::from_utf8(digits)
                    .ok()
                    .and_then(|digits| u32::from_str_radix(digits, 16).ok());
                let Some(code) = code else {
                    return self.error("an escape has no four digits");
                };
                self.at = end;
                char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            _ => return self.error("an escape that JSON does not have"),
        })
    }

    /// A whole number that is not negative; `None`, and past it, for another number.
    pub fn number(&mut self) -> Result<Option<u64>, Error> {
        self.space();
        let start = self.at;
        while let Some(b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E') = self.bytes.get(self.at) {
            self.at = self.at.saturating_add(1);
        }
        let digits = self.bytes.get(start..self.at).unwrap_or_default();
        if digits.is_empty() {
            return self.error("a number is missing");
        }
        Ok(std::str::from_utf8(digits)
            .ok()
            .and_then(|digits| digits.parse().ok()))
    }

    /// Passes a value of any kind, nested at most [`DEPTH`] deep.
    pub fn skip(&mut self) -> Result<(), Error> {
        let mut depth = 0_u16;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.string(0)?;
                }
                Some(b'{' | b'[') => {
                    depth = depth.saturating_add(1);
                    self.at = self.at.saturating_add(1);
                    if depth > DEPTH {
                        return Err(Error {
                            reason: GapReason::Limit,
                            offset: self.at,
                            message: format!("it is nested more than {DEPTH} deep"),
                        });
                    }
                    continue;
                }
                Some(b'}' | b']' | b',' | b':') if depth > 0 => {
                    if let Some(b'}' | b']') = self.bytes.get(self.at) {
                        depth = depth.saturating_sub(1);
                    }
                    self.at = self.at.saturating_add(1);
                    if depth > 0 {
                        continue;
                    }
                }
                Some(b't' | b'f' | b'n') => {
                    while let Some(b'a'..=b'z') = self.bytes.get(self.at) {
                        self.at = self.at.saturating_add(1);
                    }
                }
                Some(_) => {
                    self.number()?;
                }
                None => return self.error("a value is missing"),
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }
}

//! Strings between quotes and heredocs, with what is worked out inside them.

use super::{Bad, Reader};
use crate::expression::{Kind, Part};

/// What ended a run of parts.
#[derive(PartialEq, Eq)]
enum End {
    Text,
    Else,
    Done,
}

impl Reader<'_, '_> {
    pub(super) fn quoted(&mut self) -> Result<Kind, Bad> {
        self.eat("\"");
        let lines = std::mem::replace(&mut self.lines, false);
        let parts = self.parts(true);
        self.lines = lines;
        let (parts, _) = parts?;
        if !self.eat("\"") {
            return Err(self.fail("a string does not end"));
        }
        Ok(whole(parts))
    }

    pub(super) fn heredoc(&mut self) -> Result<Kind, Bad> {
        self.eat("<<");
        let indented = self.eat("-");
        let Some(mark) = self.word() else {
            return Err(self.fail("a heredoc without a mark"));
        };
        self.eat("\r");
        if !self.eat("\n") {
            return Err(self.fail("something follows the mark of a heredoc"));
        }
        let start = self.at;
        let mut end = None;
        let mut indent = usize::MAX;
        for line in self.rest().split_inclusive('\n') {
            if line.trim() == mark {
                end = Some((self.at, self.at.saturating_add(line.trim_end().len())));
                break;
            }
            if !line.trim().is_empty() {
                let blanks = line.bytes().take_while(|b| matches!(b, b' ' | b'\t'));
                indent = indent.min(blanks.count());
            }
            self.at = self.at.saturating_add(line.len());
        }
        let Some((end, after)) = end else {
            let bad = self.fail("a heredoc does not end");
            self.at = self.end;
            return Err(bad);
        };
        let outer = std::mem::replace(&mut self.end, end);
        self.at = start;
        let parts = self.parts(false);
        self.end = outer;
        self.at = after;
        let (mut parts, _) = parts?;
        if indented && indent != usize::MAX {
            let mut fresh = true;
            for part in &mut parts {
                if let Part::Text(text) = part {
                    *text = unindent(text, indent, fresh).into();
                }
                fresh = false;
            }
        }
        Ok(whole(parts))
    }

    fn parts(&mut self, quoted: bool) -> Result<(Vec<Part>, End), Bad> {
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut trim = false;
        let end = loop {
            let rest = self.rest();
            let plain = rest
                .find(|c| matches!(c, '$' | '%' | '\n') || quoted && matches!(c, '"' | '\\'))
                .unwrap_or(rest.len());
            push(&mut text, rest.get(..plain).unwrap_or_default(), &mut trim);
            self.at = self.at.saturating_add(plain);
            match self.peek() {
                None => break End::Text,
                Some(b'"') if quoted => break End::Text,
                Some(b'\n') if quoted => return Err(self.fail("a string does not end on its line")),
                Some(b'\\') if quoted => self.escape(&mut text),
                _ if self.eat("$${") => text.push_str("${"),
                _ if self.eat("%%{") => text.push_str("%{"),
                _ if self.ahead("${") || self.ahead("%{") => {
                    let directive = self.ahead("%{");
                    self.at = self.at.saturating_add(2);
                    if self.eat("~") {
                        text.truncate(text.trim_end().len());
                    }
                    if !text.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut text).into()));
                    }
                    if directive {
                        if let Some(end) = self.directive(quoted, &mut parts)? {
                            break end;
                        }
                    } else {
                        let lines = std::mem::replace(&mut self.lines, true);
                        let value = self.expression();
                        self.skip();
                        self.lines = lines;
                        parts.push(Part::Value(value?));
                        trim = self.closing()?;
                    }
                }
                Some(byte) => {
                    if !(trim && byte == b'\n') {
                        text.push(char::from(byte));
                    }
                    self.at = self.at.saturating_add(1);
                }
            }
        };
        if !text.is_empty() {
            parts.push(Part::Text(text.into()));
        }
        Ok((parts, end))
    }

    fn closing(&mut self) -> Result<bool, Bad> {
        self.skip_blank(true);
        let trim = self.eat("~");
        if self.eat("}") {
            Ok(trim)
        } else {
            Err(self.fail("`}` inside a string is missing"))
        }
    }

    fn directive(&mut self, quoted: bool, parts: &mut Vec<Part>) -> Result<Option<End>, Bad> {
        self.skip_blank(true);
        match self.word() {
            Some("if") => {
                let condition = self.expression()?;
                self.closing()?;
                self.enter()?;
                let (yes, end) = self.parts(quoted)?;
                let no = if end == End::Else {
                    self.parts(quoted)?.0
                } else {
                    Vec::new()
                };
                self.leave();
                parts.push(Part::If(condition, yes, no));
                Ok(None)
            }
            Some("for") => {
                self.skip_blank(true);
                let mut value = self.word().unwrap_or_default().into();
                let mut key = None;
                self.skip_blank(true);
                if self.eat(",") {
                    self.skip_blank(true);
                    let second = self.word().unwrap_or_default().into();
                    key = Some(std::mem::replace(&mut value, second));
                }
                self.skip_blank(true);
                if self.word() != Some("in") {
                    return Err(self.fail("`in` of a `for` is missing"));
                }
                let collection = self.expression()?;
                self.closing()?;
                self.enter()?;
                let (inner, _) = self.parts(quoted)?;
                self.leave();
                parts.push(Part::For(key, value, collection, inner));
                Ok(None)
            }
            Some("else") => self.closing().map(|_| Some(End::Else)),
            Some("endif" | "endfor") => self.closing().map(|_| Some(End::Done)),
            _ => Err(self.fail("an unknown directive")),
        }
    }

    fn escape(&mut self, out: &mut String) {
        self.at = self.at.saturating_add(1);
        let rest = self.rest();
        let Some(c) = rest.chars().next() else { return };
        self.bump();
        let digits = match c {
            'n' => return out.push('\n'),
            'r' => return out.push('\r'),
            't' => return out.push('\t'),
            'u' => 4_usize,
            'U' => 8,
            other => return out.push(other),
        };
        let code = rest.get(1..digits.saturating_add(1));
        let decoded = code.and_then(|code| u32::from_str_radix(code, 16).ok());
        if let Some(decoded) = decoded.and_then(char::from_u32) {
            out.push(decoded);
            self.at = self.at.saturating_add(digits);
        } else {
            out.push('\u{fffd}');
        }
    }
}

fn push(out: &mut String, text: &str, trim: &mut bool) {
    let text = if *trim { text.trim_start() } else { text };
    if !text.is_empty() {
        *trim = false;
    }
    out.push_str(text);
}

fn whole(mut parts: Vec<Part>) -> Kind {
    match parts.as_mut_slice() {
        [] => Kind::Text("".into()),
        [Part::Text(text)] => Kind::Text(std::mem::replace(text, "".into())),
        _ => Kind::Template(parts),
    }
}

fn unindent(text: &str, indent: usize, fresh: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let blanks = line.bytes().take_while(|b| matches!(b, b' ' | b'\t'));
        let cut = if number > 0 || fresh {
            indent.min(blanks.count())
        } else {
            0
        };
        out.push_str(line.get(cut..).unwrap_or_default());
    }
    out
}

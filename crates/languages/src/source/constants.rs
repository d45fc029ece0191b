//! The texts that names of a file get.

use std::borrow::Cow;
use std::ops::Range;

use super::scan::Scan;
use super::tokens::Kind;

/// Most texts that are put together for one name.
const PARTS: usize = 64;
/// Longest text that is put together, in bytes.
const LONGEST: usize = 1 << 16;

/// A text under a name.
pub(super) struct Constant<'a> {
    pub text: Cow<'a, str>,
    /// Where the text begins.
    pub at: Range<usize>,
    /// Whether nothing is put into it.
    pub whole: bool,
    /// Whether it was put together from several.
    pub joined: bool,
}

impl<'a> Scan<'a> {
    /// `NAME = "text"`, `NAME: &str = "text"`, `NAME string = "text"`, and texts that are put together with signs.
    pub(super) fn find_constants(&mut self) {
        for at in 0..self.tokens.len() {
            let Some(name) = self.word(at).filter(|name| name.len() > 2) else {
                continue;
            };
            for ahead in 1..8_usize {
                let next = at.saturating_add(ahead);
                match self.sign(next) {
                    Some(b'=') => {
                        if let Some(constant) = self.joined(next.saturating_add(1)) {
                            self.constants.entry(name).or_insert(constant);
                        }
                        break;
                    }
                    Some(b':' | b'&' | b'\'') => {}
                    Some(_) => break,
                    // A type, where it stands behind the name.
                    None if matches!(
                        self.word(next),
                        Some("str" | "static" | "string" | "String")
                    ) => {}
                    None => break,
                }
            }
        }
    }

    /// The text at a place, with those that are put behind it.
    pub(super) fn joined(&self, at: usize) -> Option<Constant<'a>> {
        let start = self.tokens.get(at)?.at.clone();
        let (mut text, mut whole) = self.part(at)?;
        let mut next = at.saturating_add(1);
        let mut parts = 1_usize;
        while matches!(self.sign(next), Some(b'+' | b'.' | b'\\')) && parts < PARTS {
            let Some((more, is_whole)) = self.part(next.saturating_add(1)) else {
                // Something that is not known is put in.
                whole &= self.sign(next) != Some(b'+');
                break;
            };
            if text.len().saturating_add(more.len()) > LONGEST {
                break;
            }
            text.to_mut().push_str(&more);
            whole &= is_whole;
            parts = parts.saturating_add(1);
            next = next.saturating_add(2);
        }
        // A name alone is a word for something else.
        let named = parts == 1 && self.word(at).is_some();
        (!named).then_some(Constant {
            text,
            at: start,
            whole,
            joined: parts > 1,
        })
    }

    fn part(&self, at: usize) -> Option<(Cow<'a, str>, bool)> {
        match &self.tokens.get(at)?.kind {
            Kind::Text { text, whole } => Some((Cow::Borrowed(text.as_str()), *whole)),
            Kind::Word => {
                let constant = self.constants.get(self.word(at)?)?;
                Some((constant.text.clone(), constant.whole))
            }
            Kind::Sign(_) => None,
        }
    }
}

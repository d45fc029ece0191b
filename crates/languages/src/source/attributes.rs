//! Attributes and annotations: what they name, and what they stand on.

use std::ops::Range;

use stance_core::How;

use super::catalogue::{Api, Where};
use super::scan::{ARGUMENTS, Scan};
use super::tokens::Dialect;

impl<'a> Scan<'a> {
    /// The name that an attribute gives, or that of the function it stands on.
    pub(super) fn attribute(&self, api: &Api, at: usize) -> Option<(String, Range<usize>, How)> {
        let before = at.checked_sub(1)?;
        let marked = match self.dialect {
            Dialect::Java | Dialect::Kotlin => self.sign(before) == Some(b'@'),
            _ => matches!(self.sign(before), Some(b'[' | b',')),
        };
        if !marked {
            return None;
        }
        let mut next = at.saturating_add(1);
        if self.sign(next) == Some(b'(') {
            if let Some(found) = self.argument(next, api.at) {
                return Some(found);
            }
            // A constant of another file names it.
            let first = next.saturating_add(1);
            let constant = self.word(first).filter(|name| {
                name.starts_with(|it: char| it.is_ascii_uppercase())
                    && matches!(self.sign(first.saturating_add(1)), Some(b',' | b')'))
            });
            if let (Where::Position(0), Some(name)) = (api.at, constant) {
                let span = self.tokens.get(first)?.at.clone();
                return Some((name.to_owned(), span, How::Unresolved));
            }
            let mut depth = 0_usize;
            let end = next.saturating_add(ARGUMENTS).min(self.tokens.len());
            while next < end {
                match self.sign(next) {
                    Some(b'(') => depth = depth.saturating_add(1),
                    Some(b')') => depth = depth.saturating_sub(1),
                    _ => {}
                }
                next = next.saturating_add(1);
                if depth == 0 {
                    break;
                }
            }
        }
        if api.at == Where::Keyword("interface") {
            return self.declared(next);
        }
        // The function: the word before the first parenthesis outside of other attributes.
        let mut depth = usize::from(!matches!(self.dialect, Dialect::Java | Dialect::Kotlin));
        for at in next..next.saturating_add(120).min(self.tokens.len()) {
            match self.sign(at) {
                Some(b'[') => depth = depth.saturating_add(1),
                Some(b']') => depth = depth.saturating_sub(1),
                Some(b'(') if depth == 0 => {
                    let name = at.checked_sub(1)?;
                    let annotation = name.checked_sub(1).and_then(|it| self.sign(it)) == Some(b'@');
                    if annotation {
                        continue;
                    }
                    let word = self.word(name)?;
                    let span = self.tokens.get(name)?.at.clone();
                    return Some((word.to_owned(), span, How::Literal));
                }
                Some(b'{' | b';') if depth == 0 => return None,
                _ => {}
            }
        }
        None
    }

    /// The type that is declared behind its attributes: `@RegisterAiService public interface Assistant`.
    fn declared(&self, from: usize) -> Option<(String, Range<usize>, How)> {
        for at in from..from.saturating_add(60).min(self.tokens.len()) {
            if matches!(
                self.word(at),
                Some("interface" | "class" | "record" | "object")
            ) {
                let name = at.saturating_add(1);
                let span = self.tokens.get(name)?.at.clone();
                return Some((self.word(name)?.to_owned(), span, How::Literal));
            }
            if matches!(self.sign(at), Some(b'{' | b';')) {
                return None;
            }
        }
        None
    }

    /// The type around a place: the last one that is declared before it.
    pub(super) fn type_around(&self, at: usize) -> Option<&'a str> {
        let back = (1..=at.min(4000)).filter_map(|back| at.checked_sub(back));
        back.into_iter().find_map(|before| {
            matches!(self.word(before), Some("interface" | "class"))
                .then(|| self.word(before.saturating_add(1)))
                .flatten()
        })
    }
}

//! DER (X.690), read strictly: definite, shortest lengths and nothing behind the end.
//!
//! A reader hands out slices of its input, so that signed parts are checked over
//! the very bytes that were signed, never over an encoding of our own.

use super::refusal::{Result, malformed};

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const UTF8_STRING: u8 = 0x0c;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;

/// The tag of a constructed field with a number of its own, `[n]`.
pub(crate) const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// Reads one element after the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'b> {
    rest: &'b [u8],
}

/// One element.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'b> {
    pub(crate) tag: u8,
    /// Its content.
    pub(crate) content: &'b [u8],
    /// All of it, with tag and length.
    pub(crate) whole: &'b [u8],
}

impl<'b> Reader<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The tag of the next element, if there is one.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next element, whatever it is.
    pub(crate) fn any(&mut self) -> Result<Element<'b>> {
        let broken = || malformed("a DER element is cut off or not in its shortest form");
        let (&tag, rest) = self.rest.split_first().ok_or_else(broken)?;
        if tag & 0x1f == 0x1f {
            return Err(malformed("a DER tag has more than one byte"));
        }
        let (&first, rest) = rest.split_first().ok_or_else(broken)?;
        let (length, rest) = if first < 0x80 {
            (usize::from(first), rest)
        } else {
            let count = usize::from(first & 0x7f);
            if count == 0 || count > 4 {
                return Err(broken());
            }
            let (digits, rest) = rest.split_at_checked(count).ok_or_else(broken)?;
            let length = digits
                .iter()
                .fold(0_usize, |length, digit| length << 8 | usize::from(*digit));
            if length < 0x80 || digits.first() == Some(&0) {
                return Err(broken());
            }
            (length, rest)
        };
        let (content, after) = rest.split_at_checked(length).ok_or_else(broken)?;
        let size = self.rest.len().saturating_sub(after.len());
        let whole = self.rest.get(..size).ok_or_else(broken)?;
        self.rest = after;
        Ok(Element {
            tag,
            content,
            whole,
        })
    }

    /// The next element, which must have this tag.
    pub(crate) fn next(&mut self, tag: u8) -> Result<Element<'b>> {
        let element = self.any()?;
        if element.tag != tag {
            return Err(malformed(format!(
                "DER tag {:#04x} stands where {tag:#04x} belongs",
                element.tag
            )));
        }
        Ok(element)
    }

    /// The next element if it has this tag.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Element<'b>>> {
        match self.peek() {
            Some(next) if next == tag => self.any().map(Some),
            _ => Ok(None),
        }
    }

    /// A reader of the content of the next element, which must have this tag.
    pub(crate) fn inside(&mut self, tag: u8) -> Result<Self> {
        Ok(Self::new(self.next(tag)?.content))
    }

    /// Refuses anything that is left.
    pub(crate) fn end(&self) -> Result<()> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(malformed("bytes follow the end of a DER structure"))
    }

    /// A whole number without sign, big-endian without leading zeros.
    pub(crate) fn unsigned(&mut self) -> Result<&'b [u8]> {
        match self.next(INTEGER)?.content {
            [] => Err(malformed("a DER number has no digits")),
            [0] => Ok(&[]),
            [0, second, ..] if *second < 0x80 => Err(malformed("a DER number has leading zeros")),
            [0, rest @ ..] => Ok(rest),
            [first, ..] if *first >= 0x80 => Err(malformed("a DER number is negative")),
            digits => Ok(digits),
        }
    }

    /// A small whole number.
    pub(crate) fn small(&mut self) -> Result<u8> {
        match self.unsigned()? {
            [] => Ok(0),
            [value] => Ok(*value),
            _ => Err(malformed("a DER number is too large")),
        }
    }

    /// A string of whole bytes in bits.
    pub(crate) fn bits(&mut self) -> Result<&'b [u8]> {
        match self.next(BIT_STRING)?.content {
            [0, bytes @ ..] => Ok(bytes),
            _ => Err(malformed("a DER bit string does not hold whole bytes")),
        }
    }
}

/// One element: tag, shortest length, content.
pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    if content.len() < 0x80 {
        bytes.extend(u8::try_from(content.len()));
    } else {
        let digits = content.len().to_be_bytes();
        let used: Vec<u8> = digits.into_iter().skip_while(|digit| *digit == 0).collect();
        bytes.extend(u8::try_from(used.len()).map(|count| 0x80 | count));
        bytes.extend(used);
    }
    bytes.extend_from_slice(content);
    bytes
}

/// A whole number without sign from big-endian bytes.
pub(crate) fn unsigned(bytes: &[u8]) -> Vec<u8> {
    let mut digits: Vec<u8> = bytes
        .iter()
        .copied()
        .skip_while(|digit| *digit == 0)
        .collect();
    if digits.first().is_none_or(|first| *first >= 0x80) {
        digits.insert(0, 0);
    }
    element(INTEGER, &digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_go_both_ways_at_every_form_of_length() {
        for length in [0, 1, 127, 128, 255, 256, 70_000] {
            let content = vec![7; length];
            let bytes = element(OCTET_STRING, &content);
            let mut reader = Reader::new(&bytes);
            let read = reader.next(OCTET_STRING).unwrap();
            assert_eq!(read.content, content);
            assert_eq!(read.whole, bytes);
            reader.end().unwrap();
            for cut in 0..bytes.len().min(300) {
                assert!(Reader::new(&bytes[..cut]).any().is_err());
            }
        }
    }

    #[test]
    fn only_the_shortest_form_is_read() {
        for bytes in [
            &[0x04, 0x80, 0, 0][..],      // indefinite
            &[0x04, 0x81, 0x01, 7],       // long form of a short length
            &[0x04, 0x82, 0x00, 0x80],    // leading zero
            &[0x1f, 0x81, 0x01, 0],       // long tag
            &[0x04, 0x85, 1, 1, 1, 1, 1], // absurd
            &[0x04, 0x84, 255, 255, 255, 255],
        ] {
            assert!(Reader::new(bytes).any().is_err(), "{bytes:x?}");
        }
        for number in [&[2, 0][..], &[2, 2, 0, 1], &[2, 1, 0x80]] {
            assert!(Reader::new(number).unsigned().is_err(), "{number:x?}");
        }
        assert_eq!(
            Reader::new(&unsigned(&[0, 0, 0x80])).unsigned().unwrap(),
            [0x80]
        );
        assert_eq!(Reader::new(&unsigned(&[0])).unsigned().unwrap(), [0_u8; 0]);
    }
}

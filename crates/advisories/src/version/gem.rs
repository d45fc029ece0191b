//! RubyGems: runs of digits and of letters; letters come before numbers, zeros at the end of either half do not
//! count. See `Gem::Version` of RubyGems.

use std::cmp::Ordering;

use super::{Number, is_number};

#[derive(Clone, Debug)]
pub(super) struct Version(Vec<Segment>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Number(Number),
    Word(Box<str>),
}

impl Version {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        if !text.starts_with(|c: char| c.is_ascii_digit()) || !text.chars().all(fits) {
            return None;
        }
        // A hyphen makes a pre-release.
        let text = text.replace('-', ".pre.");
        let mut segments: Vec<Segment> = Vec::new();
        for part in text.split('.').filter(|part| !part.is_empty()) {
            let mut rest = part;
            while let Some(first) = rest.chars().next() {
                let digits = first.is_ascii_digit();
                let end = rest
                    .find(|c: char| c.is_ascii_digit() != digits)
                    .unwrap_or(rest.len());
                let (run, behind) = rest.split_at_checked(end)?;
                segments.push(if is_number(run) {
                    Segment::Number(Number::new(run))
                } else {
                    Segment::Word(run.into())
                });
                rest = behind;
            }
        }
        let words = segments
            .iter()
            .position(|segment| matches!(segment, Segment::Word(_)))
            .unwrap_or(segments.len());
        let mut tail = segments.split_off(words);
        for half in [&mut segments, &mut tail] {
            while half.last().is_some_and(Segment::is_zero) {
                half.pop();
            }
        }
        segments.append(&mut tail);
        Some(Self(segments))
    }

    pub(super) fn is_prerelease(&self) -> bool {
        self.0
            .iter()
            .any(|segment| matches!(segment, Segment::Word(_)))
    }
}

impl Segment {
    fn is_zero(&self) -> bool {
        matches!(self, Self::Number(number) if number.is_zero())
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let zero = Segment::Number(Number::new(""));
        for at in 0..self.0.len().max(other.0.len()) {
            let a = self.0.get(at).unwrap_or(&zero);
            let b = other.0.get(at).unwrap_or(&zero);
            let order = match (a, b) {
                (Segment::Word(_), Segment::Number(_)) => Ordering::Less,
                (Segment::Number(_), Segment::Word(_)) => Ordering::Greater,
                (Segment::Number(a), Segment::Number(b)) => a.cmp(b),
                (Segment::Word(a), Segment::Word(b)) => a.cmp(b),
            };
            if order != Ordering::Equal {
                return order;
            }
        }
        Ordering::Equal
    }
}

//! Packagist: numbers, then how stable a release is. See <https://getcomposer.org/doc/articles/versions.md>.

use std::cmp::Ordering;

use super::{Number, is_number};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    numbers: Vec<Number>,
    stability: u8,
    /// The numbers behind the word.
    count: Vec<Number>,
    /// A snapshot on the way to it comes first.
    released: bool,
}

const STABLE: u8 = 4;

impl Version {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let text = text.split(['+', ' ']).next()?.to_ascii_lowercase();
        let (text, released) = match text.strip_suffix("dev") {
            Some(rest) => (rest.trim_end_matches(['-', '.', '_']), false),
            None => (text.as_str(), true),
        };
        let end = text
            .find(|c: char| c.is_ascii_alphabetic())
            .unwrap_or(text.len());
        let (numbers, word) = text.split_at_checked(end)?;
        let mut numbers: Vec<Number> = numbers
            .trim_end_matches(['-', '.', '_'])
            .split(['.', '-', '_'])
            .map(|part| is_number(part).then(|| Number::new(part)))
            .collect::<Option<_>>()?;
        while numbers.last().is_some_and(Number::is_zero) {
            numbers.pop();
        }
        let end = word
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(word.len());
        let (word, count) = word.split_at_checked(end)?;
        let stability = match word {
            "a" | "alpha" => 1,
            "b" | "beta" => 2,
            "rc" | "c" => 3,
            // A snapshot of the release itself comes before its first alpha.
            "" if !released => 0,
            "" | "stable" => STABLE,
            "p" | "pl" | "patch" => 5,
            _ => return None,
        };
        let count = count
            .split(['.', '-', '_'])
            .filter(|part| !part.is_empty())
            .map(|part| is_number(part).then(|| Number::new(part)))
            .collect::<Option<_>>()?;
        Some(Self {
            numbers,
            stability,
            count,
            released,
        })
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers
            .cmp(&other.numbers)
            .then(self.stability.cmp(&other.stability))
            .then_with(|| self.count.cmp(&other.count))
            .then(self.released.cmp(&other.released))
    }
}

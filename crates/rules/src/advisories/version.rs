//! Versions of Python packages in their order, and ranges of them.
//!
//! See the [version specifiers](https://packaging.python.org/en/latest/specifications/version-specifiers/)
//! of Python packaging. Advisories speak of ranges in plain order: a release candidate comes before its
//! release and is affected with what came before it.

use std::cmp::Ordering;

/// Parts of a release that are compared.
const PARTS: usize = 8;

/// A version, in a form whose order is the order of versions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    epoch: u64,
    release: [u64; PARTS],
    /// Alpha, beta or candidate with its number; a development release without one comes
    /// before them, a final release behind.
    before: (u8, u64),
    /// `None` comes first: a post-release is behind its release.
    post: Option<u64>,
    /// A development release comes before what it develops.
    development: u64,
    /// A local version is behind the public one.
    local: bool,
}

impl Version {
    /// Reads a version as pip does; `None` for what is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let text = text.strip_prefix('v').unwrap_or(&text);
        let (public, local) = match text.split_once('+') {
            Some((public, _)) => (public, true),
            None => (text, false),
        };
        let (epoch, rest) = match public.split_once('!') {
            Some((epoch, rest)) => (epoch.parse().ok()?, rest),
            None => (0, public),
        };
        let end = rest
            .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
            .unwrap_or(rest.len());
        let (numbers, mut suffix) = rest.split_at_checked(end)?;
        let mut release = [0; PARTS];
        let mut numbers = numbers.trim_end_matches('.').split('.');
        for place in &mut release {
            match numbers.next() {
                Some(number) => *place = number.parse().ok()?,
                None => break,
            }
        }
        let mut version = Self {
            epoch,
            release,
            before: (u8::MAX, 0),
            post: None,
            development: u64::MAX,
            local,
        };
        while !suffix.is_empty() {
            let (word, number, rest) = next_part(suffix)?;
            suffix = rest;
            match word {
                "a" | "alpha" => version.before = (1, number),
                "b" | "beta" => version.before = (2, number),
                "c" | "rc" | "pre" | "preview" => version.before = (3, number),
                "" | "post" | "rev" | "r" => version.post = Some(number),
                "dev" => {
                    version.development = number;
                    if version.before.0 == u8::MAX && version.post.is_none() {
                        version.before = (0, 0);
                    }
                }
                _ => return None,
            }
        }
        Some(version)
    }
}

/// The next word and number of a suffix such as `rc1.post2`, and what follows.
fn next_part(text: &str) -> Option<(&str, u64, &str)> {
    let text = text.trim_start_matches(['.', '-', '_']);
    let letters = text
        .find(|letter: char| !letter.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(letters)?;
    let number = rest.trim_start_matches(['.', '-', '_']);
    let digits = number
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(number.len());
    let (digits, rest_behind) = number.split_at_checked(digits)?;
    if digits.is_empty() {
        // A word without a number counts as its first.
        return (!word.is_empty()).then_some((word, 0, rest));
    }
    Some((word, digits.parse().ok()?, rest_behind))
}

/// Versions from one to another; an end that is `None` is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Range {
    low: Option<(Version, bool)>,
    high: Option<(Version, bool)>,
}

impl Range {
    /// Exactly one version.
    pub(crate) fn exactly(version: Version) -> Self {
        Self {
            low: Some((version.clone(), true)),
            high: Some((version, true)),
        }
    }

    /// Reads a constraint such as `>=1.0,<2.0`. `None` for one that is not understood;
    /// `!=` takes single versions out and is passed over.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut range = Self::default();
        for part in text.split(',') {
            let part = part.trim();
            let end = part
                .find(|letter: char| !matches!(letter, '<' | '>' | '=' | '!' | '~'))
                .unwrap_or(part.len());
            let (operator, version) = part.split_at_checked(end)?;
            let version = version.trim();
            match operator {
                "" if part.is_empty() || part == "*" => {}
                "!=" => {}
                "==" if version.ends_with(".*") => range.series(version.strip_suffix(".*")?)?,
                "~=" => {
                    let (series, _) = version.rsplit_once('.')?;
                    range.series(series)?;
                    range.at_least(Version::parse(version)?, true);
                }
                "==" | "===" => {
                    let version = Version::parse(version)?;
                    range.at_least(version.clone(), true);
                    range.at_most(version, true);
                }
                ">" | ">=" => range.at_least(Version::parse(version)?, operator == ">="),
                "<" | "<=" => range.at_most(Version::parse(version)?, operator == "<="),
                _ => return None,
            }
        }
        Some(range)
    }

    /// Everything that begins with these numbers: `2.1` for 2.1.0 up to 2.2.
    fn series(&mut self, start: &str) -> Option<()> {
        let next = match start.rsplit_once('.') {
            Some((front, last)) => {
                let last: u64 = last.parse().ok()?;
                format!("{front}.{}", last.saturating_add(1))
            }
            None => start.parse::<u64>().ok()?.saturating_add(1).to_string(),
        };
        self.at_least(Version::parse(start)?, true);
        self.at_most(Version::parse(&next)?, false);
        Some(())
    }

    fn at_least(&mut self, version: Version, itself: bool) {
        let new = (version, itself);
        if self.low.as_ref().is_none_or(|old| new.0 > old.0) {
            self.low = Some(new);
        }
    }

    fn at_most(&mut self, version: Version, itself: bool) {
        let new = (version, itself);
        if self.high.as_ref().is_none_or(|old| new.0 < old.0) {
            self.high = Some(new);
        }
    }

    /// Whether it ends somewhere, so that a later version can be outside of it.
    pub(crate) fn is_bounded(&self) -> bool {
        self.high.is_some()
    }

    /// Whether every version of it is one of `other`.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        let low = match (&self.low, &other.low) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(own), Some(its)) => match own.0.cmp(&its.0) {
                Ordering::Less => false,
                Ordering::Equal => its.1 || !own.1,
                Ordering::Greater => true,
            },
        };
        let high = match (&self.high, &other.high) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(own), Some(its)) => match own.0.cmp(&its.0) {
                Ordering::Greater => false,
                Ordering::Equal => its.1 || !own.1,
                Ordering::Less => true,
            },
        };
        low && high
    }

    /// Whether any version is in both.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        let below =
            |high: &Option<(Version, bool)>, low: &Option<(Version, bool)>| match (high, low) {
                (Some(high), Some(low)) => match high.0.cmp(&low.0) {
                    Ordering::Less => true,
                    Ordering::Equal => !(high.1 && low.1),
                    Ordering::Greater => false,
                },
                _ => false,
            };
        !below(&self.high, &other.low) && !below(&other.high, &self.low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn versions_have_the_order_of_the_specification() {
        let order = [
            "1.0.dev1",
            "1.0a1.dev1",
            "1.0a1",
            "1.0a2",
            "1.0b1",
            "1.0rc1.dev2",
            "1.0rc1",
            "1.0",
            "1.0+cu121",
            "1.0.post1.dev1",
            "1.0.post1",
            "1.0.1",
            "1.1",
            "1.10",
            "2",
            "2024.1",
            "1!0.1",
        ];
        for pair in order.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
        }
        for (one, other) in [
            ("1.0", "1.0.0"),
            ("v1.0", "1"),
            ("1.0-rc.1", "1.0rc1"),
            ("1.0c1", "1.0RC1"),
            ("1.0-1", "1.0.post1"),
        ] {
            assert_eq!(version(one), version(other), "{one} {other}");
        }
        for none in ["", "latest", "1.0-foo", "1..2", "1.x"] {
            assert_eq!(Version::parse(none), None, "{none}");
        }
    }

    #[test]
    fn ranges_say_what_is_in_and_what_is_out() {
        let affected = Range::parse(">=3.0.0,<3.9.0").unwrap();
        for (text, within, meets) in [
            ("==3.8.0", true, true),
            ("==3.9.0", false, false),
            ("==2.15.0", false, false),
            (">=3.1,<3.9", true, true),
            (">=3.1", false, true),
            ("~=3.8.1", true, true),
            ("~=3.8", false, true),
            ("==3.4.*", true, true),
            ("<3.0", false, false),
            ("", false, true),
        ] {
            let range = Range::parse(text).unwrap();
            assert_eq!(range.is_within(&affected), within, "{text}");
            assert_eq!(range.meets(&affected), meets, "{text}");
        }
        assert_eq!(Range::parse("latest"), None);
    }
}

//! Semantic versions by `semver`, for npm, crates.io and Go; what their own readers forgive is forgiven.
//!
//! Go's pseudo-versions (`v0.0.0-20240101120000-0123456789ab`) are pre-releases and take their place in
//! this order, see <https://go.dev/ref/mod#pseudo-versions>.

use std::cmp::Ordering;

#[derive(Clone, Debug)]
pub(super) struct Version(semver::Version);

impl Version {
    /// Missing numbers are zero; leading zeros, a `v` or `=` before it do not count.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim_start_matches(['=', ' ']);
        let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
        if let Ok(version) = semver::Version::parse(text) {
            return Some(Self(version));
        }
        let (text, _build) = text.split_once('+').unwrap_or((text, ""));
        let (core, pre) = text.split_once('-').unwrap_or((text, ""));
        let mut numbers = core.split('.');
        let mut next = || match numbers.next() {
            Some(digits) if super::is_number(digits) => digits.parse::<u64>().ok(),
            Some(_) => None,
            None => Some(0),
        };
        let (major, minor, patch) = (next()?, next()?, next()?);
        if numbers.next().is_some() {
            return None;
        }
        let identifiers: Vec<&str> = pre
            .split('.')
            .map(|part| match part.trim_start_matches('0') {
                _ if !super::is_number(part) => part,
                "" => "0",
                digits => digits,
            })
            .collect();
        let pre = semver::Prerelease::new(&identifiers.join(".")).ok()?;
        Some(Self(semver::Version {
            major,
            minor,
            patch,
            pre,
            build: semver::BuildMetadata::EMPTY,
        }))
    }

    /// A version of a module, or of the language itself: `go1.21rc2`.
    pub(super) fn of_go(text: &str) -> Option<Self> {
        let text = text.strip_prefix("go").unwrap_or(text);
        Self::parse(text).or_else(|| {
            let at = text.find(|c: char| c.is_ascii_alphabetic())?;
            let (numbers, pre) = text.split_at_checked(at)?;
            let (word, number) = pre.split_at_checked(pre.find(|c: char| c.is_ascii_digit())?)?;
            Self::parse(&format!("{}-{word}.{number}", zeros(numbers)))
        })
    }

    pub(super) fn is_prerelease(&self) -> bool {
        !self.0.pre.is_empty()
    }
}

/// `1.21` with three numbers.
fn zeros(numbers: &str) -> String {
    let missing = 2_usize.saturating_sub(numbers.matches('.').count());
    format!("{numbers}{}", ".0".repeat(missing))
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
        self.0.cmp_precedence(&other.0)
    }
}

//! Constraints over versions that may leave numbers out: npm, Cargo, Composer, RubyGems.
//!
//! See <https://github.com/npm/node-semver#ranges>,
//! <https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html>,
//! <https://getcomposer.org/doc/articles/versions.md>,
//! <https://guides.rubygems.org/patterns/#declaring-dependencies>.

use stance_core::fact::Ecosystem;

use crate::interval::{End, Interval};
use crate::version::Version;

pub(super) fn parse(ecosystem: Ecosystem, text: &str) -> Option<Vec<Interval>> {
    if matches!(ecosystem, Ecosystem::Npm | Ecosystem::Composer) {
        // Composer also takes a single bar.
        let text = text.replace("||", "|");
        return text
            .split('|')
            .take(super::MOST)
            .map(|set| all(ecosystem, set))
            .collect();
    }
    Some(vec![all(ecosystem, text)?])
}

/// Conditions that must all hold.
fn all(ecosystem: Ecosystem, set: &str) -> Option<Interval> {
    let set = set.trim();
    if let Some((low, high)) = set.split_once(" - ") {
        let low = Partial::parse(low)?.condition(ecosystem, ">=")?;
        let high = Partial::parse(high)?.condition(ecosystem, "<=")?;
        return Some(low.meet(&high));
    }
    let mut interval = Interval::default();
    let mut rest = set;
    while let Some(start) = rest.find(|c: char| !c.is_whitespace() && c != ',') {
        rest = rest.get(start..)?;
        let sign = rest
            .find(|c: char| !matches!(c, '<' | '>' | '=' | '!' | '~' | '^'))
            .unwrap_or(rest.len());
        let (operator, behind) = rest.split_at_checked(sign)?;
        let behind = behind.trim_start();
        let end = behind
            .find(|c: char| c.is_whitespace() || matches!(c, ',' | '<' | '>' | '^' | '~'))
            .unwrap_or(behind.len());
        let (version, behind) = behind.split_at_checked(end)?;
        rest = behind;
        if operator != "!=" {
            let condition = Partial::parse(version)?.condition(ecosystem, operator)?;
            interval = interval.meet(&condition);
        }
    }
    Some(interval)
}

/// A version of which numbers may be missing.
struct Partial<'t> {
    numbers: Vec<u64>,
    /// `-rc.1`, with its mark.
    suffix: &'t str,
}

impl<'t> Partial<'t> {
    fn parse(text: &'t str) -> Option<Self> {
        let text = text.trim().trim_start_matches(['v', 'V', '=']);
        let text = text.split('+').next()?;
        // Composer's mark of stability.
        let text = text.split('@').next()?;
        let mut numbers = Vec::new();
        let mut rest = text;
        loop {
            let digits = rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len());
            let (number, behind) = rest.split_at_checked(digits)?;
            if number.is_empty() {
                if rest.starts_with(['x', 'X', '*']) || rest.is_empty() {
                    return Some(Self {
                        numbers,
                        suffix: "",
                    });
                }
                // `1.0.rc1` as gems write it.
                return (!numbers.is_empty()).then_some(Self {
                    numbers,
                    suffix: text.get(text.len().checked_sub(rest.len())?.checked_sub(1)?..)?,
                });
            }
            numbers.push(number.parse().ok()?);
            match behind.strip_prefix('.') {
                Some(next) if numbers.len() < 4 => rest = next,
                _ => {
                    return Some(Self {
                        numbers,
                        suffix: behind,
                    });
                }
            }
        }
    }

    fn is_whole(&self, ecosystem: Ecosystem) -> bool {
        !self.suffix.is_empty() || self.numbers.len() >= 3 || ecosystem == Ecosystem::Gem
    }

    fn version(&self, ecosystem: Ecosystem) -> Option<Version> {
        let mut numbers = self.numbers.clone();
        if ecosystem != Ecosystem::Gem {
            numbers.resize(numbers.len().max(3), 0);
        }
        Version::parse(ecosystem, &format!("{}{}", dotted(&numbers), self.suffix))
    }

    /// The lowest version whose number at `at` is one higher: where a series ends.
    fn next(&self, ecosystem: Ecosystem, at: usize) -> Option<Version> {
        let mut numbers = self.numbers.clone();
        numbers.truncate(at.saturating_add(1));
        numbers.resize(at.saturating_add(1), 0);
        let last = numbers.last_mut()?;
        *last = last.saturating_add(1);
        if ecosystem != Ecosystem::Gem {
            numbers.resize(numbers.len().max(3), 0);
        }
        // Its own pre-releases do not belong to the series.
        let lowest = match ecosystem {
            Ecosystem::Composer => "-dev",
            Ecosystem::Gem => ".a",
            _ => "-0",
        };
        Version::parse(ecosystem, &format!("{}{lowest}", dotted(&numbers)))
    }

    fn condition(&self, ecosystem: Ecosystem, operator: &str) -> Option<Interval> {
        if self.numbers.is_empty() {
            return Some(Interval::default());
        }
        let given = self.numbers.len();
        let last = given.saturating_sub(1);
        let from = |itself: bool| -> Option<Option<End>> {
            Some(Some((self.version(ecosystem)?, itself)))
        };
        let until =
            |at: usize| -> Option<Option<End>> { Some(Some((self.next(ecosystem, at)?, false))) };
        let series = |at: usize| {
            Some(Interval {
                low: from(true)?,
                high: until(at)?,
            })
        };
        let operator = match (operator, ecosystem) {
            ("", Ecosystem::Cargo) => "^",
            (other, _) => other,
        };
        match operator {
            "" | "=" | "==" if self.is_whole(ecosystem) => {
                Some(Interval::exactly(self.version(ecosystem)?))
            }
            "" | "=" | "==" => series(last),
            // The first number that is not zero may not change.
            "^" => series(
                self.numbers
                    .iter()
                    .take(3)
                    .position(|number| *number != 0)
                    .unwrap_or_else(|| last.min(2)),
            ),
            // RubyGems and Composer let the last number but one stand, npm and Cargo the second.
            "~" | "~>" if matches!(ecosystem, Ecosystem::Gem | Ecosystem::Composer) => {
                series(last.saturating_sub(1))
            }
            "~" | "~>" => series(last.min(1)),
            ">=" => Some(Interval {
                low: from(true)?,
                high: None,
            }),
            ">" if self.is_whole(ecosystem) => Some(Interval {
                low: from(false)?,
                high: None,
            }),
            ">" => Some(Interval {
                low: until(last)?.map(|(version, _)| (version, true)),
                high: None,
            }),
            "<" => Some(Interval {
                low: None,
                high: from(false)?,
            }),
            "<=" if self.is_whole(ecosystem) => Some(Interval {
                low: None,
                high: from(true)?,
            }),
            "<=" => Some(Interval {
                low: None,
                high: until(last)?,
            }),
            _ => None,
        }
    }
}

fn dotted(numbers: &[u64]) -> String {
    let parts: Vec<String> = numbers.iter().map(u64::to_string).collect();
    parts.join(".")
}

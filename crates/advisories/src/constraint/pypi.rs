//! Python's version specifiers by `pep440_rs`, and Poetry's own signs.
//!
//! See <https://packaging.python.org/en/latest/specifications/version-specifiers/>.

use std::str::FromStr as _;

use pep440_rs::{Operator, VersionSpecifiers};
use stance_core::fact::Ecosystem;

use crate::interval::Interval;
use crate::version::Version;

pub(super) fn parse(text: &str) -> Option<Vec<Interval>> {
    if text.is_empty() || text == "*" {
        return Some(vec![Interval::default()]);
    }
    // Poetry: alternatives, carets and tildes.
    if text.contains("||") {
        return text
            .split("||")
            .take(super::MOST)
            .map(|part| one(part.trim()))
            .collect();
    }
    Some(vec![one(text)?])
}

fn one(text: &str) -> Option<Interval> {
    let mut interval = Interval::default();
    let mut rest: Vec<&str> = Vec::new();
    for part in text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        if let Some(version) = part.strip_prefix('^') {
            let numbers = release(version)?;
            let at = numbers
                .iter()
                .position(|number| *number != 0)
                .unwrap_or(numbers.len().saturating_sub(1));
            interval = interval.meet(&series(version, &numbers, at)?);
        } else if let Some(version) = part.strip_prefix('~').filter(|rest| !rest.starts_with('=')) {
            let numbers = release(version)?;
            let at = numbers.len().saturating_sub(1).min(1);
            interval = interval.meet(&series(version, &numbers, at)?);
        } else {
            rest.push(part);
        }
    }
    let joined = rest.join(",");
    // Poetry writes a bare version for exactly that one.
    let joined = match joined.chars().next() {
        Some(first) if first.is_ascii_digit() => format!("=={joined}"),
        _ => joined,
    };
    for specifier in VersionSpecifiers::from_str(&joined).ok()?.iter() {
        let text = specifier.version().to_string();
        let version = || Version::parse(Ecosystem::Pypi, &text);
        let numbers = specifier.version().release().to_vec();
        let last = numbers.len().saturating_sub(1);
        let condition = match specifier.operator() {
            Operator::Equal | Operator::ExactEqual => Interval::exactly(version()?),
            Operator::EqualStar => series(&format!("{text}.dev0"), &numbers, last)?,
            Operator::TildeEqual => series(&text, &numbers, last.saturating_sub(1))?,
            Operator::NotEqual | Operator::NotEqualStar => Interval::default(),
            Operator::GreaterThan => Interval {
                low: Some((version()?, false)),
                high: None,
            },
            Operator::GreaterThanEqual => Interval {
                low: Some((version()?, true)),
                high: None,
            },
            Operator::LessThan => Interval {
                low: None,
                high: Some((version()?, false)),
            },
            Operator::LessThanEqual => Interval {
                low: None,
                high: Some((version()?, true)),
            },
        };
        interval = interval.meet(&condition);
    }
    Some(interval)
}

fn release(text: &str) -> Option<Vec<u64>> {
    let version = pep440_rs::Version::from_str(text.trim()).ok()?;
    Some(version.release().to_vec())
}

/// From a version to the end of the series in which the number at `at` stays.
fn series(low: &str, numbers: &[u64], at: usize) -> Option<Interval> {
    let mut next: Vec<u64> = numbers.iter().take(at.saturating_add(1)).copied().collect();
    let last = next.last_mut()?;
    *last = last.saturating_add(1);
    let parts: Vec<String> = next.iter().map(u64::to_string).collect();
    Some(Interval {
        low: Some((Version::parse(Ecosystem::Pypi, low)?, true)),
        // Its own pre-releases do not belong to the series.
        high: Some((
            Version::parse(Ecosystem::Pypi, &format!("{}.dev0", parts.join(".")))?,
            false,
        )),
    })
}

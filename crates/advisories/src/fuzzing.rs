//! Entry for fuzzers: one reader, any bytes.

use std::cmp::Ordering;

use stance_core::fact::Ecosystem;
use stance_read::Bytes;

use crate::source::{infra_guard, osv, signals, zip};
use crate::{Advisory, Constraint, Version, Windows, cvss};

/// The readers, by the name of their fuzz target.
pub const READERS: &[&str] = &["archive", "constraint", "record", "signals", "version"];

/// Runs the reader whose fuzz target is called `reader`. `None` when there is no such reader.
#[must_use]
pub fn run(reader: &str, data: &[u8]) -> Option<()> {
    match reader {
        "archive" => {
            let source = Bytes(data);
            for member in zip::members(&source).unwrap_or_default().iter().take(16) {
                let _ = zip::unpack(&source, member, 1 << 20);
            }
        }
        "constraint" => constraint(data),
        "record" => record(data),
        "signals" => {
            let _ = signals::kev(data);
            for line in String::from_utf8_lossy(data).lines() {
                let _ = (signals::epss(line), signals::epss_day(line));
            }
        }
        "version" => versions(data),
        _ => return None,
    }
    Some(())
}

fn record(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let _ = cvss::base_score(&text);
    let mut all: Vec<Advisory> = Vec::new();
    for read in [osv::json(data), osv::yaml(&text)] {
        all.extend(read.map(|read| read.advisory));
    }
    all.extend(infra_guard::read(&text));
    for affected in all.iter().flat_map(|advisory| &advisory.affected) {
        let windows = Windows::of(affected);
        for text in affected.versions.iter().take(8) {
            let _ = windows.affect(affected.ecosystem, text);
        }
    }
}

/// What a constraint allows lies within itself.
fn constraint(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for ecosystem in Ecosystem::ALL {
        if let Some(constraint) = Constraint::parse(ecosystem, &text) {
            for interval in constraint.intervals() {
                let met = interval.meet(interval);
                debug_assert!(met.is_within(interval), "{text} is not within itself");
            }
        }
    }
}

/// An order has to be one: the same from both sides, and from one to the next.
fn versions(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for ecosystem in Ecosystem::ALL {
        let all: Vec<Version> = text
            .lines()
            .take(3)
            .filter_map(|line| Version::parse(ecosystem, line))
            .collect();
        for a in &all {
            debug_assert!(a.cmp(a) == Ordering::Equal, "{ecosystem:?}: {text}");
            for b in &all {
                let order = a.cmp(b);
                debug_assert!(order == b.cmp(a).reverse(), "{ecosystem:?}: {text}");
                // The order of Maven, as it is defined, goes in a circle for some.
                for c in all.iter().filter(|_| ecosystem != Ecosystem::Maven) {
                    let along = order.is_le() && b.cmp(c).is_le();
                    debug_assert!(!along || a.cmp(c).is_le(), "{ecosystem:?}: {text}");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reader_has_a_target_and_takes_what_is_none() {
        let targets = include_str!("../fuzz/Cargo.toml");
        for reader in READERS {
            assert!(
                targets.contains(&format!("name = \"{reader}\"")),
                "{reader}"
            );
            for data in [
                "",
                "PK\x05\x06",
                "1.0\n1.0rc1\n>=1,<2",
                "{\"id\":",
                "id: x\n",
            ] {
                assert_eq!(run(reader, data.as_bytes()), Some(()), "{reader}");
            }
        }
        assert_eq!(run("nobody", b""), None);
    }
}

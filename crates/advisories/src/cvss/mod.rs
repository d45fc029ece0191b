//! How bad a flaw is, by its CVSS vector.

mod v3;
mod v4;

use stance_core::Severity;

/// Longest vector that is read, in bytes.
const LONGEST: usize = 512;

/// The base score of a vector of version 3.0, 3.1 or 4.0; `None` for one of another version or with parts
/// missing.
#[must_use]
pub fn base_score(vector: &str) -> Option<f64> {
    let vector = vector.trim();
    if vector.len() > LONGEST {
        return None;
    }
    let (version, metrics) = vector.split_once('/')?;
    match version {
        "CVSS:3.0" | "CVSS:3.1" => v3::base_score(&Metrics(metrics), version == "CVSS:3.0"),
        "CVSS:4.0" => v4::base_score(&Metrics(metrics)),
        _ => None,
    }
}

/// The qualitative rating of a score; the scale of versions 3 and 4.
#[must_use]
pub fn severity(score: f64) -> Severity {
    match score {
        score if score >= 9.0 => Severity::Critical,
        score if score >= 7.0 => Severity::High,
        score if score >= 4.0 => Severity::Medium,
        score if score > 0.0 => Severity::Low,
        _ => Severity::Info,
    }
}

/// `AV:N/AC:L/…`.
struct Metrics<'v>(&'v str);

impl Metrics<'_> {
    /// The value of a metric, of one letter.
    fn get(&self, name: &str) -> Option<char> {
        self.0.split('/').find_map(|metric| {
            let (key, value) = metric.split_once(':')?;
            let mut letters = value.chars();
            let first = letters.next()?;
            (key == name && letters.next().is_none()).then_some(first)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors with the scores that the calculators of FIRST and their examples give.
    #[test]
    fn scores_are_those_that_are_published() {
        for (vector, score) in [
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1),
            ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 6.4),
            ("CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 3.1),
            ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0),
            ("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:N", 0.0),
            ("CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:N", 4.6),
            (
                "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
                9.3,
            ),
            (
                "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H",
                10.0,
            ),
            (
                "CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
                7.3,
            ),
            (
                "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:P/VC:N/VI:N/VA:N/SC:L/SI:L/SA:N",
                5.3,
            ),
            (
                "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N",
                0.0,
            ),
        ] {
            assert_eq!(base_score(vector), Some(score), "{vector}");
        }
        for none in [
            "",
            "AV:N/AC:L/Au:N/C:P/I:P/A:P",
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H",
            "CVSS:4.0/AV:N",
        ] {
            assert_eq!(base_score(none), None, "{none}");
        }
    }
}

//! Published flaws of the programs that load model files: which versions have them, and what in a file
//! makes use of them.
//!
//! A rule that finds such a file says so with [`crate::Draft::exploits`] and the name of the flaw (the first
//! column of `tables/advisories.tsv`): `cx.report(…).exploits("keras-lambda")`. The finding then names the
//! advisories, and whether the version that the project asks for is affected.

mod pins;
mod version;

use std::sync::LazyLock;

use stance_core::Severity;
use stance_core::fact::Ecosystem;

pub(crate) use pins::{Pins, range_of, wording};
pub(crate) use version::{Range, Version};

/// One published flaw of one package.
#[derive(Debug)]
pub(crate) struct Advisory {
    /// The flaws that a file can make use of, by which rules ask for it.
    flaws: Vec<&'static str>,
    /// CVE or GHSA number.
    pub(crate) id: &'static str,
    /// The registry; `None` for a program that comes from elsewhere.
    pub(crate) ecosystem: Option<Ecosystem>,
    /// The normalised name of the package, or what the program is called.
    pub(crate) package: &'static str,
    /// The versions that have the flaw.
    pub(crate) affected: Vec<Range>,
    /// The versions, in words.
    versions: String,
    /// The first version without it, where there is one.
    pub(crate) fixed: Option<&'static str>,
    pub(crate) severity: Severity,
    /// What happens, as a sentence without its end.
    pub(crate) what: &'static str,
}

static ALL: LazyLock<Vec<Advisory>> = LazyLock::new(|| {
    include_str!("../../tables/advisories.tsv")
        .lines()
        .filter_map(Advisory::parse)
        .collect()
});

/// Every advisory.
pub(crate) fn all() -> &'static [Advisory] {
    &ALL
}

/// The advisories about a flaw, by its name in the table.
pub(crate) fn of(flaw: &str) -> impl Iterator<Item = &'static Advisory> {
    ALL.iter()
        .filter(move |advisory| advisory.flaws.contains(&flaw))
}

impl Advisory {
    fn parse(line: &'static str) -> Option<Self> {
        let mut fields = line.split('\t');
        let flaws = fields.next()?.split(' ').collect();
        let id = fields.next()?;
        let ecosystem = match fields.next()? {
            "pypi" => Some(Ecosystem::Pypi),
            "npm" => Some(Ecosystem::Npm),
            _ => None,
        };
        let package = fields.next()?;
        let ranges = fields.next()?;
        let affected = ranges
            .split(';')
            .map(Range::parse)
            .collect::<Option<Vec<_>>>()?;
        let fixed = fields.next()?;
        let severity = match fields.next()? {
            "critical" => Severity::Critical,
            "high" => Severity::High,
            "medium" => Severity::Medium,
            "low" => Severity::Low,
            _ => return None,
        };
        Some(Self {
            flaws,
            id,
            ecosystem,
            package,
            affected,
            versions: in_words(ranges),
            fixed: (fixed != "-").then_some(fixed),
            severity,
            what: fields.next()?,
        })
    }

    /// What is known of it, in one sentence.
    pub(crate) fn note(&self) -> String {
        let Self {
            id,
            package,
            versions,
            what,
            ..
        } = self;
        let fixed = match self.fixed {
            Some(fixed) => format!(" (fixed in {fixed})"),
            None => String::new(),
        };
        format!("{id}, {package} {versions}{fixed}: {what}")
    }

    /// Whether every version of a range has the flaw, none has, or some (`None`).
    pub(crate) fn affects(&self, range: &Range) -> Option<bool> {
        if self
            .affected
            .iter()
            .any(|affected| range.is_within(affected))
        {
            Some(true)
        } else if self.affected.iter().any(|affected| range.meets(affected)) {
            None
        } else {
            Some(false)
        }
    }
}

/// `>=3.0.0,<3.9.0;==4.1` as `from 3.0.0 before 3.9.0, and 4.1`.
fn in_words(ranges: &str) -> String {
    let one = |range: &str| {
        let parts: Vec<String> = range
            .split(',')
            .map(|part| {
                [
                    (">=", "from "),
                    ("<=", "up to "),
                    ("<", "before "),
                    ("==", ""),
                ]
                .iter()
                .find_map(|(sign, word)| Some(format!("{word}{}", part.strip_prefix(sign)?)))
                .unwrap_or_else(|| "in every version".to_owned())
            })
            .collect();
        parts.join(" ")
    };
    ranges
        .split(';')
        .map(one)
        .collect::<Vec<_>>()
        .join(", and ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let lines = include_str!("../../tables/advisories.tsv").lines();
        for line in lines {
            let advisory = Advisory::parse(line).unwrap_or_else(|| panic!("{line}"));
            if advisory.ecosystem == Some(Ecosystem::Pypi) {
                let normal = stance_inspect::packages::normalise_pypi(advisory.package);
                assert_eq!(advisory.package, normal);
            }
            // What is fixed is not affected, and what came just before it is.
            if let Some(fixed) = advisory.fixed {
                let fixed = Range::exactly(Version::parse(fixed).unwrap());
                assert_eq!(advisory.affects(&fixed), Some(false), "{line}");
            }
            assert!(!advisory.what.ends_with('.'), "{line}");
        }
    }

    #[test]
    fn a_note_reads_as_a_sentence() {
        let advisory = of("keras-module").next().unwrap();
        assert!(advisory.note().starts_with(
            "CVE-2025-1550, keras from 3.0.0 before 3.9.0 (fixed in 3.9.0): `config.json` names"
        ));
        assert_eq!(in_words("*"), "in every version");
        assert_eq!(in_words("<2.3.4;==2.5.0"), "before 2.3.4, and 2.5.0");
    }

    fn model() -> Vec<u8> {
        stance_inspect::hdf5::assemble::Builder::default()
            .external_dataset("kernel", &[16], "/etc/passwd")
            .build()
    }

    fn notes(example: &crate::Example) -> Vec<String> {
        crate::examine(example)
            .findings
            .into_iter()
            .find(|finding| finding.rule == "model/hdf5-external")
            .unwrap()
            .notes
    }

    #[test]
    fn a_finding_says_whether_the_pinned_version_is_affected() {
        use crate::{Content, Example};
        for (requirements, end) in [
            (
                "keras==3.12.0\n",
                Some("requirements.txt asks for keras 3.12.0, which CVE-2026-1669 affects"),
            ),
            (
                "keras>=3,<3.13\n",
                Some("requirements.txt asks for keras>=3,<3.13, which CVE-2026-1669 affects"),
            ),
            (
                "Keras==3.13.2\n",
                Some("requirements.txt asks for keras 3.13.2, which none of these affects"),
            ),
            ("keras>=3\n", None),
            ("numpy==1.0\n", None),
        ] {
            let files: &'static [_] = Box::leak(Box::new([
                ("requirements.txt", Content::Text(requirements)),
                ("model.h5", Content::Made(model)),
            ]));
            let notes = notes(&Example {
                files,
                policy: None,
            });
            assert!(
                notes[0].starts_with("CVE-2026-1669, keras from 3.0.0"),
                "{notes:?}"
            );
            assert_eq!(notes.get(1).map(String::as_str), end);
        }
    }
}

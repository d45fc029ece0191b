//! Published flaws of the programs that load model files: which versions have them, and what in a file
//! makes use of them.
//!
//! A rule that finds such a file says so with [`crate::Draft::exploits`] and the name of the flaw (the first
//! column of `tables/advisories.tsv`): `cx.report(…).exploits("keras-lambda")`. The finding then names the
//! advisories, and whether the version that the project asks for is affected.

mod flaws;
mod page;
mod pins;
#[cfg(test)]
mod tests;
mod version;

use std::sync::LazyLock;

use stance_core::Severity;
use stance_core::fact::Ecosystem;

pub use page::{AdvisoryPage, Trigger, advisory, is_advisory_id};
pub(crate) use pins::{Pins, range_of, wording};
pub(crate) use version::{Range, Version};

/// One published flaw of one package.
#[derive(Debug)]
pub(crate) struct Advisory {
    /// The flaws that a file can make use of, by which rules ask for it: names of `tables/flaws.tsv`, and
    /// `import:NAME` for what a scanner of pickles does not see, where the name may end in `.*`.
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
    ranges: &'static str,
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

/// The advisories about a flaw, by its name in the table or as `import:` with the name that a pickle imports.
pub(crate) fn of(flaw: &str) -> impl Iterator<Item = &'static Advisory> {
    ALL.iter().filter(move |advisory| {
        advisory.flaws.iter().any(|known| {
            *known == flaw
                || known
                    .strip_suffix('*')
                    .is_some_and(|start| flaw.starts_with(start))
        })
    })
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
            ranges,
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
            ranges,
            what,
            ..
        } = self;
        let fixed = match self.fixed {
            Some(fixed) => format!(" (fixed in {fixed})"),
            None => String::new(),
        };
        let versions = in_words(ranges);
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

//! What is known of one advisory, for people.

use serde::Serialize;
use stance_core::fact::Ecosystem;

use super::{all, flaws, in_words};

/// One published flaw of a program that loads or scans models.
#[derive(Clone, Debug, Serialize)]
pub struct AdvisoryPage {
    /// Its CVE or GHSA number.
    pub id: &'static str,
    /// The program that has the flaw.
    pub package: &'static str,
    /// Where the package comes from; `None` for a program of no registry.
    pub ecosystem: Option<Ecosystem>,
    /// The affected versions, in words.
    pub affected: String,
    /// The first version without the flaw, where there is one.
    pub fixed: Option<&'static str>,
    /// How bad it is: `critical`, `high`, `medium` or `low`.
    pub severity: &'static str,
    /// What happens, as a sentence without its end.
    pub what: &'static str,
    /// What in a file makes use of it.
    pub triggers: Vec<Trigger>,
}

/// What in a file makes use of a flaw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trigger {
    /// What a file has.
    pub sign: String,
    /// The rules that say so.
    pub rules: Vec<&'static str>,
}

/// Whether this is written as the number of an advisory.
#[must_use]
pub fn is_advisory_id(text: &str) -> bool {
    ["CVE-", "GHSA-"].iter().any(|start| {
        text.get(..start.len())
            .is_some_and(|front| front.eq_ignore_ascii_case(start))
    })
}

/// The advisory of this number, in letters of either case.
#[must_use]
pub fn advisory(id: &str) -> Option<AdvisoryPage> {
    let advisory = all()
        .iter()
        .find(|advisory| advisory.id.eq_ignore_ascii_case(id))?;
    Some(AdvisoryPage {
        id: advisory.id,
        package: advisory.package,
        ecosystem: advisory.ecosystem,
        affected: in_words(advisory.ranges),
        fixed: advisory.fixed,
        severity: advisory.severity.name(),
        what: advisory.what,
        triggers: advisory
            .flaws
            .iter()
            .filter_map(|flaw| flaws::sign(flaw))
            .map(|(sign, rules)| Trigger { sign, rules })
            .collect(),
    })
}

//! What is kept of an advisory.

use serde::{Deserialize, Serialize};
use stance_core::fact::Ecosystem;

use crate::cvss;
use crate::version::Version;
use crate::windows::Windows;

/// One published flaw, or one package that does harm.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Advisory {
    /// Its number in the database it comes from.
    pub id: String,
    /// Its numbers elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Where it was learnt: `osv`, `ai-infra-guard`, `stance`.
    pub source: String,
    /// What it is, as the source says; cut.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
    /// When it was last changed: RFC 3339, or a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<String>,
    /// How bad it is, by whom.
    #[serde(default)]
    pub severity: Severities,
    /// Whether the maintainers say that it is none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disputed: bool,
    /// Whether it was taken back: it is matched with nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
    /// The packages it is about.
    pub affected: Vec<Affected>,
}

/// What is said about how bad it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Severities {
    /// CVSS vectors of version 3 and 4.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vectors: Vec<String>,
    /// A word: `critical`, `high`, `moderate`, `medium`, `low`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub word: Option<String>,
}

impl Severities {
    /// The highest base score of the vectors that can be read.
    #[must_use]
    pub fn score(&self) -> Option<f64> {
        self.vectors
            .iter()
            .filter_map(|vector| cvss::base_score(vector))
            .max_by(f64::total_cmp)
    }

    /// By score, or else by word.
    #[must_use]
    pub fn severity(&self) -> Option<stance_core::Severity> {
        if let Some(score) = self.score() {
            return Some(cvss::severity(score));
        }
        Some(match self.word.as_deref()?.to_ascii_lowercase().as_str() {
            "critical" => stance_core::Severity::Critical,
            "high" | "important" => stance_core::Severity::High,
            "medium" | "moderate" => stance_core::Severity::Medium,
            "low" => stance_core::Severity::Low,
            _ => return None,
        })
    }
}

/// A package, and which of its versions are meant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Affected {
    /// The purl type of its registry.
    #[serde(with = "by_name")]
    pub ecosystem: Ecosystem,
    /// Its normalised name.
    pub name: String,
    /// Versions that are named one by one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<String>,
    /// What happens at which version, one list for each range.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<Vec<Event>>,
}

impl Advisory {
    /// Leaves out versions that are named although a range holds them: nothing is said twice.
    pub fn shorten(&mut self) {
        for affected in &mut self.affected {
            let windows = Windows::of(affected);
            let ecosystem = affected.ecosystem;
            affected.versions.retain(|text| {
                !Version::parse(ecosystem, text).is_some_and(|version| windows.in_range(&version))
            });
        }
    }
}

/// What happens at a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The flaw is there from this version on; `0` stands for the first of all.
    Introduced(String),
    /// The flaw is there in every version behind this one.
    After(String),
    /// The flaw is gone with this version.
    Fixed(String),
    /// The flaw is gone behind this version.
    LastAffected(String),
    /// Nothing is said about this version and what is behind it.
    Limit(String),
}

mod by_name {
    use serde::{Deserialize as _, Deserializer, Serializer};
    use stance_core::fact::Ecosystem;

    pub(super) fn serialize<S: Serializer>(
        ecosystem: &Ecosystem,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_str(ecosystem.name())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Ecosystem, D::Error> {
        let name = String::deserialize(from)?;
        Ecosystem::of_name(&name)
            .ok_or_else(|| serde::de::Error::custom(format!("no registry is called {name}")))
    }
}

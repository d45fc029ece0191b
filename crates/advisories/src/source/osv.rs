//! The Open Source Vulnerability format, in JSON and in the YAML of PyPA's database.
//!
//! See <https://ossf.github.io/osv-schema/>. Ranges of commits (`GIT`) are not matched: a manifest names
//! versions.

use serde::{Deserialize, Deserializer};

use crate::advisory::{Advisory, Affected, Event, Severities};
use crate::name;

/// A record as it is published; what is not needed is passed over.
#[derive(Debug, Deserialize)]
struct Record {
    id: String,
    #[serde(default)]
    modified: Option<String>,
    #[serde(default)]
    withdrawn: Option<String>,
    #[serde(default, deserialize_with = "or_none")]
    aliases: Vec<String>,
    #[serde(default, deserialize_with = "or_none")]
    summary: String,
    #[serde(default, deserialize_with = "or_none")]
    details: String,
    #[serde(default, deserialize_with = "or_none")]
    severity: Vec<Scored>,
    #[serde(default, deserialize_with = "or_none")]
    affected: Vec<AffectedRecord>,
    #[serde(default, deserialize_with = "or_none")]
    database_specific: Specific,
}

#[derive(Debug, Deserialize)]
struct Scored {
    #[serde(default, deserialize_with = "or_none")]
    score: String,
}

#[derive(Debug, Default, Deserialize)]
struct Specific {
    #[serde(default)]
    severity: serde_json::Value,
}

#[derive(Debug, Deserialize)]
struct AffectedRecord {
    #[serde(default)]
    package: Option<Package>,
    #[serde(default, deserialize_with = "or_none")]
    severity: Vec<Scored>,
    #[serde(default, deserialize_with = "or_none")]
    ranges: Vec<Range>,
    #[serde(default, deserialize_with = "or_none")]
    versions: Vec<String>,
    #[serde(default, deserialize_with = "or_none")]
    database_specific: Affecting,
}

#[derive(Debug, Default, Deserialize)]
struct Affecting {
    /// crates.io: `unsound`, `unmaintained`, `notice`.
    #[serde(default)]
    informational: serde_json::Value,
    #[serde(default)]
    cvss: serde_json::Value,
}

#[derive(Debug, Deserialize)]
struct Package {
    #[serde(default)]
    ecosystem: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    purl: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Range {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default, deserialize_with = "or_none")]
    events: Vec<RangeEvent>,
}

#[derive(Debug, Deserialize)]
struct RangeEvent {
    #[serde(default)]
    introduced: Option<String>,
    #[serde(default)]
    fixed: Option<String>,
    #[serde(default)]
    last_affected: Option<String>,
    #[serde(default)]
    limit: Option<String>,
}

/// `null` as nothing at all.
fn or_none<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    from: D,
) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}

/// A record, and what of it cannot be matched.
#[derive(Debug)]
pub struct Read {
    /// What is kept; packages of other registries are left out.
    pub advisory: Advisory,
    /// Packages that are told by ranges of commits only.
    pub by_commit: usize,
    /// Packages of registries that are not known here.
    pub elsewhere: usize,
}

/// Reads a JSON record.
///
/// # Errors
/// In words, when it is none.
pub fn json(bytes: &[u8]) -> Result<Read, String> {
    let record: Record = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    Ok(keep(record))
}

/// Reads a YAML record.
///
/// # Errors
/// In words, when it is none.
pub fn yaml(text: &str) -> Result<Read, String> {
    let value = super::yaml(text)?;
    let record = Record::deserialize(value).map_err(|error| error.to_string())?;
    Ok(keep(record))
}

fn keep(record: Record) -> Read {
    let mut by_commit = 0_usize;
    let mut elsewhere = 0_usize;
    let mut vectors: Vec<String> = record.severity.into_iter().map(|one| one.score).collect();
    let mut affected = Vec::new();
    let mut informational = false;
    for one in record.affected {
        let known =
            one.package
                .as_ref()
                .and_then(|package| match name::ecosystem(&package.ecosystem) {
                    Some(ecosystem) => Some((ecosystem, name::normalise(ecosystem, &package.name))),
                    None => package.purl.as_deref().and_then(name::of_purl),
                });
        let Some((ecosystem, name)) = known else {
            elsewhere = elsewhere.saturating_add(1);
            continue;
        };
        // An unmaintained or unsound crate is a notice, no flaw of a version.
        informational |= one.database_specific.informational.is_string();
        vectors.extend(one.severity.into_iter().map(|one| one.score));
        vectors.extend(one.database_specific.cvss.as_str().map(str::to_owned));
        let ranges: Vec<Vec<Event>> = one
            .ranges
            .iter()
            .filter(|range| range.kind == "ECOSYSTEM" || range.kind == "SEMVER")
            .map(|range| range.events.iter().flat_map(events).collect())
            .collect();
        if ranges.is_empty() && one.versions.is_empty() && !one.ranges.is_empty() {
            by_commit = by_commit.saturating_add(1);
        }
        if !(ranges.is_empty() && one.versions.is_empty()) {
            affected.push(Affected {
                ecosystem,
                name,
                versions: one.versions,
                ranges,
            });
        }
    }
    vectors.retain(|vector| vector.starts_with("CVSS:"));
    vectors.sort();
    vectors.dedup();
    let word = match (&record.database_specific.severity, informational) {
        (serde_json::Value::String(word), _) => Some(word.to_lowercase()),
        (_, true) => Some("low".to_owned()),
        _ => None,
    };
    let text = if record.summary.trim().is_empty() {
        &record.details
    } else {
        &record.summary
    };
    let disputed = is_disputed(&record.summary) || is_disputed(&record.details);
    Read {
        advisory: Advisory {
            summary: super::summary(text),
            source: "osv".to_owned(),
            modified: record.modified.filter(|day| !day.starts_with("0001-")),
            severity: Severities { vectors, word },
            disputed,
            withdrawn: record.withdrawn.is_some(),
            aliases: record.aliases,
            id: record.id,
            affected,
        },
        by_commit,
        elsewhere,
    }
}

fn events(event: &RangeEvent) -> Vec<Event> {
    [
        event.introduced.clone().map(Event::Introduced),
        event.fixed.clone().map(Event::Fixed),
        event.last_affected.clone().map(Event::LastAffected),
        event.limit.clone().map(Event::Limit),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Whether the text of a CVE says that it is disputed.
pub(crate) fn is_disputed(text: &str) -> bool {
    text.contains("DISPUTED")
        || text.contains("vendor disputes")
        || text.contains("vendor's position is that")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Windows;
    use stance_core::fact::Ecosystem;

    #[test]
    fn a_record_is_kept_with_its_registries_ranges_and_scores() {
        let read = json(
            br#"{"id": "GHSA-1", "aliases": ["CVE-2024-1"], "summary": "First", "details": "** DISPUTED ** no",
                "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
                "affected": [
                    {"package": {"ecosystem": "PyPI", "name": "My.Package"},
                     "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.2"}]},
                                {"type": "GIT", "repo": "r", "events": [{"introduced": "0"}]}]},
                    {"package": {"ecosystem": "Debian:12", "name": "x"}, "versions": ["1"]},
                    {"package": {"ecosystem": "npm", "name": "y"}, "versions": null,
                     "ranges": [{"type": "GIT", "repo": "r", "events": [{"introduced": "0"}]}]}
                ], "references": null}"#,
        )
        .unwrap();
        let advisory = &read.advisory;
        assert_eq!((read.by_commit, read.elsewhere), (1, 1));
        assert!(advisory.disputed && !advisory.withdrawn);
        assert_eq!(advisory.severity.score(), Some(9.8));
        assert_eq!(advisory.affected.len(), 1);
        assert_eq!(advisory.affected[0].name, "my-package");
        let windows = Windows::of(&advisory.affected[0]);
        assert!(windows.affect(Ecosystem::Pypi, "1.1"));
        assert!(!windows.affect(Ecosystem::Pypi, "1.2"));
    }

    #[test]
    fn yaml_keeps_versions_as_written() {
        let read = yaml(
            "id: PYSEC-1\naffected:\n- package: {ecosystem: PyPI, name: x}\n  versions: [1.10, '1.1']\n  ranges:\n  \
             - type: ECOSYSTEM\n    events:\n    - introduced: 1.10\n    - fixed: 2\nwithdrawn: 2024-01-01\n",
        )
        .unwrap();
        assert!(read.advisory.withdrawn);
        assert_eq!(read.advisory.affected[0].versions, ["1.10", "1.1"]);
        assert!(yaml("&a [*a, *a]").is_err() || yaml("x: 1").is_err());
    }
}

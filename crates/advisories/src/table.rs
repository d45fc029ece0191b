//! The table about AI components that comes with Stance: `data/components.tsv`.
//!
//! One line for each package that a flaw is about: number, other numbers, purl, ranges as in `>=1.0,<1.2;==2.0`,
//! how bad (a CVSS vector or a word; empty where no source says), sources (`g` AI-Infra-Guard, `p` PyPA's database, `v` Go's database, `s` our
//! own reading of what the maintainers published), marks (`disputed`). Numbers, ranges and scores are facts;
//! no text is taken over. How it was checked says `data/README.md`.

use std::collections::HashMap;
use std::sync::LazyLock;

use stance_core::fact::Ecosystem;

use crate::advisory::{Advisory, Affected, Event, Severities};
use crate::name;

type Table = HashMap<(Ecosystem, String), Vec<Advisory>>;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table::new();
    for line in include_str!("../data/components.tsv").lines() {
        if let Some((package, advisory)) = parse(line) {
            table.entry(package).or_default().push(advisory);
        }
    }
    table
});

/// What it knows about a package, by normalised name.
#[must_use]
pub fn of(ecosystem: Ecosystem, name: &str) -> &'static [Advisory] {
    TABLE
        .get(&(ecosystem, name.to_owned()))
        .map(Vec::as_slice)
        .unwrap_or_default()
}

/// How many flaws it knows.
#[must_use]
pub fn count() -> usize {
    let mut ids: Vec<&str> = all().map(|advisory| advisory.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.len()
}

/// How many packages it knows.
#[must_use]
pub fn packages() -> usize {
    TABLE.len()
}

/// All of it, in no order.
pub fn all() -> impl Iterator<Item = &'static Advisory> {
    TABLE.values().flatten()
}

fn parse(line: &str) -> Option<((Ecosystem, String), Advisory)> {
    if line.starts_with('#') {
        return None;
    }
    let mut fields = line.split('\t');
    let id = fields.next()?.to_owned();
    let aliases = words(fields.next()?);
    let (ecosystem, name) = name::of_purl(fields.next()?)?;
    let mut affected = Affected {
        ecosystem,
        name: name.clone(),
        versions: Vec::new(),
        ranges: Vec::new(),
    };
    for range in fields.next()?.split(';') {
        match range.strip_prefix("==") {
            Some(version) => affected.versions.push(version.to_owned()),
            None => affected.ranges.push(events(range)?),
        }
    }
    let severity = fields.next()?;
    let vector = severity.starts_with("CVSS:");
    let sources = fields.next()?;
    let marks = fields.next().unwrap_or_default();
    Some((
        (ecosystem, name),
        Advisory {
            id,
            aliases,
            // What a database of the registry or we ourselves did not confirm is told as what it is.
            source: if sources == "g" {
                "ai-infra-guard"
            } else {
                "stance"
            }
            .to_owned(),
            summary: String::new(),
            modified: None,
            severity: Severities {
                vectors: vector.then(|| severity.to_owned()).into_iter().collect(),
                word: (!vector && !severity.is_empty()).then(|| severity.to_owned()),
            },
            disputed: marks.contains("disputed") || sources.is_empty(),
            withdrawn: false,
            affected: vec![affected],
        },
    ))
}

fn words(field: &str) -> Vec<String> {
    field.split_whitespace().map(str::to_owned).collect()
}

/// `>=1.0,<1.2` as what happens at which version.
fn events(range: &str) -> Option<Vec<Event>> {
    let mut events = Vec::new();
    for part in range
        .split(',')
        .filter(|part| !part.is_empty() && *part != "*")
    {
        events.push(if let Some(version) = part.strip_prefix(">=") {
            Event::Introduced(version.to_owned())
        } else if let Some(version) = part.strip_prefix("<=") {
            Event::LastAffected(version.to_owned())
        } else if let Some(version) = part.strip_prefix('>') {
            Event::After(version.to_owned())
        } else {
            Event::Fixed(part.strip_prefix('<')?.to_owned())
        });
    }
    let begins = matches!(events.first(), Some(Event::Introduced(_) | Event::After(_)));
    if !begins {
        events.insert(0, Event::Introduced("0".to_owned()));
    }
    Some(events)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Windows;

    #[test]
    fn every_line_is_read_and_every_version_understood() {
        let lines = include_str!("../data/components.tsv").lines();
        let mut count = 0;
        for line in lines.filter(|line| !line.starts_with('#')) {
            let (_, advisory) = parse(line).unwrap_or_else(|| panic!("{line}"));
            let windows = Windows::of(&advisory.affected[0]);
            assert_eq!(windows.unread, 0, "{line}");
            assert!(!windows.says_nothing(), "{line}");
            // Where a severity stands, it is understood.
            let told = line.split('\t').nth(4).is_some_and(|word| !word.is_empty());
            assert_eq!(advisory.severity.severity().is_some(), told, "{line}");
            let fields = line.split('\t').count();
            assert!((6..=7).contains(&fields), "{line}");
            count += 1;
        }
        assert!(count >= 500, "{count}");
        assert!(super::count() >= 500);
    }

    #[test]
    fn versions_on_both_sides_of_a_fix_are_told_apart() {
        for (ecosystem, name, id, inside, outside) in [
            (
                Ecosystem::Npm,
                "mcp-remote",
                "CVE-2025-6514",
                "0.1.15",
                "0.1.16",
            ),
            (
                Ecosystem::Pypi,
                "langflow",
                "CVE-2025-3248",
                "1.2.0",
                "1.3.0",
            ),
            (Ecosystem::Pypi, "torch", "CVE-2025-32434", "2.5.1", "2.6.0"),
            (
                Ecosystem::Golang,
                "github.com/ollama/ollama",
                "CVE-2024-37032",
                "v0.1.33",
                "v0.1.34",
            ),
        ] {
            let advisory = of(ecosystem, name).iter().find(|known| known.id == id);
            let windows = Windows::of(&advisory.unwrap_or_else(|| panic!("{id}")).affected[0]);
            assert!(windows.affect(ecosystem, inside), "{id} {inside}");
            assert!(!windows.affect(ecosystem, outside), "{id} {outside}");
        }
    }
}

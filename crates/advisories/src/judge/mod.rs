//! From packages that a tree asks for to those with published flaws.

mod flaws;
mod group;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use stance_core::fact::{AdvisoryState, Dependency, Ecosystem, Fact, Vulnerable};
use stance_core::{Evidence, Observation};

use crate::advisory::Advisory;
use crate::constraint::Constraint;
use crate::version::Version;

/// Advisories about some packages, and what says how urgent their flaws are.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// By registry and normalised name.
    pub advisories: BTreeMap<(Ecosystem, String), Vec<Advisory>>,
    /// By CVE number.
    pub signals: BTreeMap<String, Signals>,
}

/// How urgent a flaw is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Signals {
    /// Attackers are known to use it.
    pub exploited: bool,
    /// How likely it is to be used within thirty days, from 0 to 1.
    pub likelihood: Option<f64>,
}

impl Known {
    /// Adds what the table that comes with Stance knows about these packages.
    pub fn add_built_in(&mut self, wanted: &BTreeSet<(Ecosystem, String)>) {
        for package in wanted {
            let found = crate::table::of(package.0, &package.1);
            if !found.is_empty() {
                self.advisories
                    .entry(package.clone())
                    .or_default()
                    .extend(found.iter().cloned());
            }
        }
    }
}

/// A dependency among the facts: AI by nature, or not.
fn dependency(fact: &Fact) -> Option<(&Dependency, bool)> {
    let (dependency, inventoried) = match fact {
        Fact::Dependency(dependency) => (dependency, true),
        Fact::OtherPackage(dependency) => (dependency, false),
        _ => return None,
    };
    // What comes from an address or a path is not what the registry has under this name.
    dependency
        .origin
        .is_none()
        .then_some((&**dependency, inventoried))
}

/// The packages that are asked for, as advisories are looked up.
#[must_use]
pub fn wanted(observations: &[Observation]) -> BTreeSet<(Ecosystem, String)> {
    observations
        .iter()
        .filter_map(|observation| dependency(&observation.fact))
        .map(|(dependency, _)| key(dependency))
        .collect()
}

fn key(dependency: &Dependency) -> (Ecosystem, String) {
    let ecosystem = dependency.ecosystem;
    (
        ecosystem,
        crate::name::normalise(ecosystem, &dependency.name),
    )
}

/// What a dependency asks for.
pub(crate) enum Asked<'d> {
    Version(&'d str, Option<Version>),
    Constraint(Constraint),
}

/// The packages with published flaws, as facts about the files that ask for them. Where a lock file beside or above
/// a manifest fixes a version, the lock file speaks.
#[must_use]
pub fn judge(observations: &[Observation], known: &Known) -> Vec<Observation> {
    let mut locked = BTreeSet::new();
    for observation in observations {
        if let Some((dependency, _)) = dependency(&observation.fact)
            && dependency.locked
        {
            locked.insert((directory(&observation.subject), key(dependency)));
        }
    }
    let mut found = Vec::new();
    // A lock file can hold one version many times.
    let mut told = BTreeSet::new();
    let mut abouts = BTreeMap::new();
    for observation in observations {
        let Some((dependency, inventoried)) = dependency(&observation.fact) else {
            continue;
        };
        let key = key(dependency);
        let Some(advisories) = known.advisories.get(&key) else {
            continue;
        };
        let decided = !dependency.locked
            && above(&observation.subject).any(|at| locked.contains(&(at, key.clone())));
        if decided {
            continue;
        }
        let words = (&dependency.version, &dependency.constraint);
        if !told.insert((&observation.subject, key.clone(), words)) {
            continue;
        }
        let Some(asked) = asked(dependency) else {
            continue;
        };
        let about = abouts
            .entry(key)
            .or_insert_with_key(|key| flaws::About::of(key, advisories));
        let (flaws, fixed) = about.flaws(&asked, &known.signals);
        if flaws.is_empty() {
            continue;
        }
        found.push(Observation {
            source: "advisories",
            subject: observation.subject.clone(),
            fact: Fact::Vulnerable(Box::new(Vulnerable {
                dependency: dependency.clone(),
                inventoried,
                flaws,
                fixed,
            })),
        });
    }
    found
}

/// What is known about the advisories that the user imported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stock {
    /// How many records there are.
    pub records: usize,
    /// The registries whose database was imported.
    pub ecosystems: BTreeSet<Ecosystem>,
    /// Day of the newest record.
    pub newest: Option<String>,
    /// How many days ago that was.
    pub age: Option<i64>,
}

/// Says what the packages of a tree were held against; `None` when it asks for none.
#[must_use]
pub fn state(observations: &[Observation], stock: &Stock) -> Option<Observation> {
    let mut packages = BTreeMap::<Ecosystem, BTreeSet<(&str, Option<&str>)>>::new();
    let mut files = BTreeMap::<&str, usize>::new();
    for observation in observations {
        if let Some((dependency, _)) = dependency(&observation.fact) {
            let version = dependency.version.as_deref();
            let known = packages.entry(dependency.ecosystem).or_default();
            known.insert((&dependency.name, version));
            let asked = files.entry(&observation.subject).or_default();
            *asked = asked.saturating_add(1);
        }
    }
    // The file that names most of them stands for all, the first of equals.
    let (file, _) = files.iter().rev().max_by_key(|(_, asked)| **asked)?;
    let missing = packages
        .iter()
        .filter(|(ecosystem, _)| !stock.ecosystems.contains(ecosystem))
        .map(|(ecosystem, names)| (*ecosystem, names.len()))
        .collect();
    Some(Observation {
        source: "advisories",
        subject: (*file).into(),
        fact: Fact::AdvisoryState(Box::new(AdvisoryState {
            packages: packages.values().map(BTreeSet::len).sum(),
            built_in: crate::table::count(),
            imported: stock.records,
            newest: stock.newest.clone(),
            age: stock.age,
            missing,
            evidence: Evidence::file(*file),
        })),
    })
}

fn asked(dependency: &Dependency) -> Option<Asked<'_>> {
    if let Some(version) = &dependency.version {
        let parsed = Version::parse(dependency.ecosystem, version);
        return Some(Asked::Version(version, parsed));
    }
    if dependency.constraint.trim().is_empty() {
        return None;
    }
    Constraint::parse(dependency.ecosystem, &dependency.constraint).map(Asked::Constraint)
}

fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// The directory of a path and all above it.
fn above(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(directory(path)), |at| {
        (!at.is_empty()).then(|| directory(at))
    })
}

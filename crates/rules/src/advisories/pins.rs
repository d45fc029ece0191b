//! Which versions the scanned project asks for.

use std::collections::BTreeMap;

use stance_core::Snapshot;
use stance_core::fact::{Dependency, Ecosystem, Fact};

use super::{Advisory, Range, Version};

/// Pins of one package that a finding names.
const TOLD: usize = 3;

/// The dependencies of a snapshot by package.
#[derive(Debug, Default)]
pub(crate) struct Pins<'s> {
    by_package: BTreeMap<(Ecosystem, &'s str), Vec<&'s Dependency>>,
}

/// What the versions that are asked for mean for some advisories.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    /// One sentence for each pin.
    pub(crate) notes: Vec<String>,
    /// Whether an affected version is asked for. Where, the sentences say: the manifest itself is no
    /// evidence of what a model file does.
    pub(crate) affected: bool,
}

impl<'s> Pins<'s> {
    pub(crate) fn new(snapshot: &'s Snapshot) -> Self {
        let mut by_package = BTreeMap::<_, Vec<&Dependency>>::new();
        for observation in &snapshot.observations {
            // What comes along with something else is loaded just the same.
            if let Fact::Dependency(dependency) | Fact::OtherPackage(dependency) = &observation.fact
                && super::all().iter().any(|advisory| {
                    advisory.ecosystem == Some(dependency.ecosystem)
                        && advisory.package == dependency.name
                })
            {
                by_package
                    .entry((dependency.ecosystem, &*dependency.name))
                    .or_default()
                    .push(dependency);
            }
        }
        Self { by_package }
    }

    /// Holds the advisories about one flaw against what the project asks for.
    pub(crate) fn standing(&self, advisories: &[&'static Advisory]) -> Standing {
        let mut standing = Standing::default();
        for ((ecosystem, package), dependencies) in &self.by_package {
            let about: Vec<&Advisory> = advisories
                .iter()
                .filter(|advisory| {
                    advisory.ecosystem == Some(*ecosystem) && advisory.package == *package
                })
                .copied()
                .collect();
            if about.is_empty() {
                continue;
            }
            let mut told = 0_usize;
            for dependency in dependencies {
                let Some(range) = range_of(dependency) else {
                    continue;
                };
                let ids = |wanted: Option<bool>| -> Vec<&str> {
                    about
                        .iter()
                        .filter(|advisory| advisory.affects(&range) == wanted)
                        .map(|advisory| advisory.id)
                        .collect()
                };
                let affected = ids(Some(true));
                let place = &dependency.evidence.path;
                let asked = wording(dependency);
                let note = if !affected.is_empty() {
                    standing.affected = true;
                    format!(
                        "{place} asks for {asked}, which {} affects",
                        affected.join(", ")
                    )
                } else if ids(None).is_empty() {
                    format!("{place} asks for {asked}, which none of these affects")
                } else {
                    continue;
                };
                if told < TOLD && !standing.notes.contains(&note) {
                    standing.notes.push(note);
                    told = told.saturating_add(1);
                }
            }
        }
        standing
    }
}

/// The versions that a dependency allows; `None` for any, and for what is not understood.
pub(crate) fn range_of(dependency: &Dependency) -> Option<Range> {
    if let Some(version) = &dependency.version {
        return Some(Range::exactly(Version::parse(version)?));
    }
    if dependency.ecosystem != Ecosystem::Pypi || dependency.constraint.is_empty() {
        return None;
    }
    Range::parse(&dependency.constraint)
}

/// The package with the version or constraint that is asked for.
pub(crate) fn wording(dependency: &Dependency) -> String {
    match &dependency.version {
        Some(version) => format!("{} {version}", dependency.name),
        None => format!("{}{}", dependency.name, dependency.constraint),
    }
}

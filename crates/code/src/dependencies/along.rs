//! What comes along with a package that somebody chose, by the manifest beside a lock file.
//!
//! Some lock files do not tell what the application asks for itself: `poetry.lock`, `Pipfile.lock`, `yarn.lock`.
//! The manifest beside them does.

use std::collections::{BTreeMap, BTreeSet};

use stance_core::Observation;
use stance_core::fact::{Dependency, Ecosystem, Fact};

use super::similar;

/// Takes packages out of the inventory that only a lock file names and the manifest beside it does not. For
/// advisories they stay.
pub(super) fn settle(observations: &mut [Observation]) {
    let known = Manifests::of(observations);
    let along: Vec<bool> = observations
        .iter()
        .map(|seen| match &seen.fact {
            Fact::Dependency(package) => known.leaves_out(&seen.subject, package),
            _ => false,
        })
        .collect();
    for (seen, along) in observations.iter_mut().zip(along) {
        if along && let Fact::Dependency(package) = &seen.fact {
            let mut package = package.clone();
            package.direct = Some(false);
            seen.fact = Fact::OtherPackage(package);
        }
    }
}

/// The manifests of a tree that were read whole, and what manifests ask for.
struct Manifests {
    beside: BTreeSet<(String, Ecosystem)>,
    asked: BTreeMap<(Ecosystem, String), BTreeSet<String>>,
}

impl Manifests {
    fn of(observations: &[Observation]) -> Self {
        let mut beside = BTreeSet::new();
        let mut asked = BTreeMap::<_, BTreeSet<String>>::new();
        let mut broken = BTreeSet::new();
        for seen in observations {
            let directory = || directory(&seen.subject).to_owned();
            match &seen.fact {
                Fact::Manifest(manifest) => {
                    beside.insert((directory(), manifest.ecosystem));
                }
                Fact::Dependency(package) | Fact::OtherPackage(package) if !package.locked => {
                    let key = (package.ecosystem, package.name.clone());
                    asked.entry(key).or_default().insert(directory());
                }
                Fact::Gap(_) => {
                    broken.insert(&*seen.subject);
                }
                _ => {}
            }
        }
        // A manifest that could be read in part only may name anything.
        for seen in observations {
            if let Fact::Manifest(manifest) = &seen.fact
                && broken.contains(&*seen.subject)
            {
                let key = (directory(&seen.subject).to_owned(), manifest.ecosystem);
                beside.remove(&key);
            }
        }
        Self { beside, asked }
    }

    fn leaves_out(&self, lock: &str, package: &Dependency) -> bool {
        if !package.locked || package.direct.is_some() {
            return false;
        }
        let here = directory(lock);
        let ecosystem = package.ecosystem;
        // The members of a workspace stand below and share its lock file.
        let asked = self.asked.get(&(ecosystem, package.name.clone()));
        let asked = asked.is_some_and(|all| all.iter().any(|at| at.starts_with(here)));
        !asked
            && self.beside.contains(&(here.to_owned(), ecosystem))
            && !similar::is_malicious(ecosystem, &package.name, package.version.as_deref())
    }
}

/// The directory of a path with what ends it; of a member of a container, inside of that.
fn directory(path: &str) -> &str {
    let end = path.rfind(['/', '!']).map_or(0, |at| at.saturating_add(1));
    path.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use stance_read::testing::Harness;

    use super::*;

    /// The packages of a tree after settling: `path name`, those of the inventory and the others.
    fn settled(files: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        let mut observations = Vec::new();
        for (path, content) in files {
            let report = Harness(crate::PARSERS).report(path, content.as_bytes());
            let facts = report.facts.into_iter();
            observations.extend(facts.map(|(subject, fact)| Observation {
                source: "test",
                subject,
                fact,
            }));
        }
        settle(&mut observations);
        let (mut inventory, mut others) = (Vec::new(), Vec::new());
        for seen in &observations {
            match &seen.fact {
                Fact::Dependency(it) => inventory.push(format!("{} {}", seen.subject, it.name)),
                Fact::OtherPackage(it) => others.push(format!("{} {}", seen.subject, it.name)),
                _ => {}
            }
        }
        (inventory, others)
    }

    const PYPROJECT: &str =
        "[tool.poetry]\nname = \"a\"\n[tool.poetry.dependencies]\nlangchain = \"^0.3\"\n";
    const LOCK: &str = "[[package]]\nname = \"langchain\"\nversion = \"0.3.1\"\n\n[[package]]\nname = \"openai\"\nversion = \"1.40.0\"\n";

    #[test]
    fn what_the_manifest_beside_does_not_name_comes_along() {
        let (inventory, others) =
            settled(&[("a/pyproject.toml", PYPROJECT), ("a/poetry.lock", LOCK)]);
        assert_eq!(
            inventory,
            ["a/pyproject.toml langchain", "a/poetry.lock langchain"]
        );
        assert_eq!(others, ["a/poetry.lock openai"]);
        let yarn =
            "openai@^4.0.0:\n  version \"4.1.0\"\n\nlangchain@^0.3.0:\n  version \"0.3.1\"\n";
        let (inventory, others) = settled(&[
            ("package.json", r#"{"name": "w", "workspaces": ["p/*"]}"#),
            (
                "p/b/package.json",
                r#"{"name": "b", "dependencies": {"openai": "^4.0.0"}}"#,
            ),
            ("yarn.lock", yarn),
        ]);
        assert_eq!(inventory, ["p/b/package.json openai", "yarn.lock openai"]);
        assert_eq!(others, ["yarn.lock langchain"]);
    }

    #[test]
    fn a_lock_file_that_no_readable_manifest_explains_speaks_for_itself() {
        let both = ["a/poetry.lock langchain", "a/poetry.lock openai"];
        assert_eq!(settled(&[("a/poetry.lock", LOCK)]).0, both);
        let elsewhere = settled(&[("b/pyproject.toml", PYPROJECT), ("a/poetry.lock", LOCK)]);
        assert_eq!(elsewhere.0[1..], both);
        let broken = format!("{PYPROJECT}broken = = \n");
        let broken = settled(&[("a/pyproject.toml", &broken), ("a/poetry.lock", LOCK)]);
        assert!(broken.0.ends_with(&both.map(str::to_owned)), "{broken:?}");
    }
}

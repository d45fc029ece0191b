//! Which application a path belongs to.

use std::collections::BTreeMap;

use crate::asset::{AssetId, AssetKind};
use crate::evidence::Evidence;
use crate::fact::{Ecosystem, Fact};
use crate::observation::Observation;

/// Something that a manifest builds.
#[derive(Clone, Debug, PartialEq)]
pub struct Application {
    /// Its asset.
    pub id: AssetId,
    /// The name its manifest gives, or that of its directory.
    pub name: String,
    /// The version its manifest gives.
    pub version: Option<String>,
    /// Where the name stands.
    pub evidence: Evidence,
}

/// The applications of a scan by directory: a path belongs to the nearest
/// directory above it that has a manifest, else to the scanned root.
#[derive(Clone, Debug)]
pub struct Applications {
    root: Application,
    by_directory: BTreeMap<String, Application>,
    /// By registry and normalised name.
    built: BTreeMap<(Ecosystem, String), AssetId>,
}

impl Applications {
    pub(super) fn find(root: &str, observations: &[Observation]) -> Self {
        let mut by_directory = BTreeMap::<String, Application>::new();
        let mut built = BTreeMap::new();
        for observation in observations {
            let Fact::Manifest(manifest) = &observation.fact else {
                continue;
            };
            let directory = parent(&observation.subject);
            let named = manifest.name.is_some();
            let name =
                manifest
                    .name
                    .clone()
                    .unwrap_or_else(|| match directory.rsplit('/').next() {
                        Some("") | None => root.to_owned(),
                        Some(last) => last.to_owned(),
                    });
            if named {
                let key = (manifest.ecosystem, normalised(manifest.ecosystem, &name));
                built.insert(key, AssetId::new(AssetKind::Application, &name));
            }
            let application = Application {
                id: AssetId::new(AssetKind::Application, &name),
                name,
                version: manifest.version.clone(),
                evidence: manifest.evidence.clone(),
            };
            // A bare list of requirements gives way to a manifest with a name.
            if named {
                by_directory.insert(directory.to_owned(), application);
            } else {
                by_directory
                    .entry(directory.to_owned())
                    .or_insert(application);
            }
        }
        Self {
            root: Application {
                id: AssetId::new(AssetKind::Application, root),
                name: root.to_owned(),
                version: None,
                evidence: Evidence::file(""),
            },
            by_directory,
            built,
        }
    }

    /// The application that `path` belongs to. There is always one: what has no
    /// manifest belongs to the root.
    #[must_use]
    pub fn of(&self, path: &str) -> &Application {
        let mut directory = parent(path);
        loop {
            if let Some(application) = self.by_directory.get(directory) {
                return application;
            }
            if directory.is_empty() {
                return &self.root;
            }
            directory = parent(directory);
        }
    }

    /// What this tree builds under this name of a registry.
    pub(super) fn built(&self, ecosystem: Ecosystem, name: &str) -> Option<&AssetId> {
        self.built.get(&(ecosystem, name.to_owned()))
    }

    /// The asset id of the application that `path` belongs to.
    #[must_use]
    pub fn id_of(&self, path: &str) -> &AssetId {
        &self.of(path).id
    }
}

/// A name as dependencies write it (PEP 503 for Python).
fn normalised(ecosystem: Ecosystem, name: &str) -> String {
    match ecosystem {
        Ecosystem::Pypi => {
            let lower = name.to_ascii_lowercase();
            let parts = lower.split(['-', '_', '.']).filter(|part| !part.is_empty());
            parts.collect::<Vec<_>>().join("-")
        }
        _ => name.to_owned(),
    }
}

/// The directory of a path, without the members of a container; empty at the root.
fn parent(path: &str) -> &str {
    let outer = path.split('!').next().unwrap_or_default();
    outer
        .rsplit_once('/')
        .map_or("", |(directory, _)| directory)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::fact::Manifest;

    #[test]
    fn what_the_tree_builds_is_known_by_its_name_in_the_registry() {
        let manifest = Manifest {
            ecosystem: Ecosystem::Pypi,
            name: Some("My_Agent.Tools".to_owned()),
            version: None,
            indexes: Vec::new(),
            inheritance: None,
            evidence: Evidence::file("tools/pyproject.toml"),
        };
        let observation = Observation {
            source: "test",
            subject: Arc::from("tools/pyproject.toml"),
            fact: Fact::Manifest(Box::new(manifest)),
        };
        let applications = Applications::find("root", &[observation]);
        let built = applications.built(Ecosystem::Pypi, "my-agent-tools");
        assert_eq!(built, Some(applications.id_of("tools/x.py")));
        assert_eq!(applications.built(Ecosystem::Npm, "my-agent-tools"), None);
    }
}

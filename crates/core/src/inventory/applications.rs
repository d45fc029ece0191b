//! Which application a path belongs to.

use std::collections::BTreeMap;

use crate::asset::{AssetId, AssetKind};
use crate::evidence::Evidence;
use crate::fact::Fact;
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
}

impl Applications {
    pub(super) fn find(root: &str, observations: &[Observation]) -> Self {
        let mut by_directory = BTreeMap::<String, Application>::new();
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

    /// The asset id of the application that `path` belongs to.
    #[must_use]
    pub fn id_of(&self, path: &str) -> &AssetId {
        &self.of(path).id
    }
}

/// The directory of a path, without the members of a container; empty at the root.
fn parent(path: &str) -> &str {
    let outer = path.split('!').next().unwrap_or_default();
    outer
        .rsplit_once('/')
        .map_or("", |(directory, _)| directory)
}

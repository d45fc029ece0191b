//! The catalogue of services: where they listen, how they answer, what their processes are called.

use std::sync::LazyLock;

use stance_read::Limits;
use stance_read::tree::{Node, Notation, Tree};

use crate::condition::{Condition, texts};

const FILES: [&str; 5] = [
    include_str!("../catalogue/serving.yaml"),
    include_str!("../catalogue/platform.yaml"),
    include_str!("../catalogue/store.yaml"),
    include_str!("../catalogue/interface.yaml"),
    include_str!("../catalogue/protocol.yaml"),
];

/// The path of a mark that shows at addresses that do not exist.
pub(crate) const UNKNOWN: &str = "*";

/// What whoever reaches a service can do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Run models.
    Inference,
    /// Run code or workflows, which is owning the machine.
    Execution,
    /// Read and change what applications know.
    Store,
    /// Send requests to models under keys of others.
    Gateway,
    /// Use what somebody built, on a page for people.
    Interface,
    /// Read and change experiments, models or labels.
    Platform,
    /// Read what people asked and models answered.
    Observability,
    /// Call tools.
    Protocol,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Inference,
        Self::Execution,
        Self::Store,
        Self::Gateway,
        Self::Interface,
        Self::Platform,
        Self::Observability,
        Self::Protocol,
    ];

    /// The name used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inference => "inference",
            Self::Execution => "execution",
            Self::Store => "store",
            Self::Gateway => "gateway",
            Self::Interface => "interface",
            Self::Platform => "platform",
            Self::Observability => "observability",
            Self::Protocol => "protocol",
        }
    }
}

/// Something an answer shows that speaks for a product.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    /// The path that is asked; [`UNKNOWN`] for one that does not exist, empty for a header of any answer.
    pub(crate) path: String,
    pub(crate) condition: Condition,
    /// 1: others show it too, 2: few do, 3: it is the product's own.
    pub(crate) weight: u8,
}

/// One product, or a protocol that several speak.
#[derive(Clone, Debug)]
pub struct Service {
    /// Short key: `ollama`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Who makes it, by the key that assets carry.
    pub vendor: Option<String>,
    /// What it is there for.
    pub purpose: Purpose,
    /// Ports on which it listens unless told otherwise.
    pub ports: Vec<u16>,
    /// Whether it is a protocol that several products speak.
    pub family: bool,
    /// Names of its programs, in lower case.
    pub(crate) process: Vec<String>,
    /// Python modules that are run as it.
    pub(crate) module: Vec<String>,
    /// Ends of paths of scripts that are run as it.
    pub(crate) script: Vec<String>,
    /// Names of directories that a script of it lies in, in lower case.
    pub(crate) directory: Vec<String>,
    /// Java classes that are run as it.
    pub(crate) class: Vec<String>,
    /// What it answers like as well, by id.
    pub(crate) covers: Vec<String>,
    pub(crate) marks: Vec<Mark>,
    /// What it never shows.
    pub(crate) against: Vec<Mark>,
    /// Where its version stands: a path and a place in its answer.
    pub(crate) version: Vec<String>,
    /// Where its models stand.
    pub(crate) models: Vec<String>,
    /// Paths that need authentication where the service has any.
    pub(crate) guarded: Vec<String>,
    /// Paths whose status alone tells whether authentication is needed.
    pub(crate) guarded_status: Vec<String>,
    /// How it refuses, beside the usual status.
    pub(crate) refused: Option<Condition>,
    /// Where it says itself whether it needs authentication.
    pub(crate) flag: Option<String>,
    /// Whether it has no authentication at all.
    pub(crate) open: bool,
}

impl Service {
    /// Every path that is asked for its sake, without repetitions.
    pub(crate) fn paths(&self) -> Vec<&str> {
        let places = self.version.iter().chain(&self.models).chain(&self.flag);
        let all = self
            .marks
            .iter()
            .chain(&self.against)
            .map(|mark| mark.path.as_str())
            .chain(places.map(|place| path_of(place)))
            .chain(self.guarded.iter().map(String::as_str))
            .chain(self.guarded_status.iter().map(String::as_str));
        let mut paths: Vec<&str> = Vec::new();
        for path in all.filter(|path| path.starts_with('/')) {
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
        paths
    }
}

/// The path of `PATH PLACE`.
pub(crate) fn path_of(place: &str) -> &str {
    place.split_once(' ').map_or(place, |(path, _)| path)
}

/// All services.
#[derive(Debug, Default)]
pub struct Catalogue {
    services: Vec<Service>,
}

static EMBEDDED: LazyLock<Catalogue> = LazyLock::new(|| {
    let mut catalogue = Catalogue::default();
    for text in FILES {
        let tree = Tree::parse(Notation::Yaml, text, &Limits::default());
        let nodes = tree.root().map(Node::items).unwrap_or_default();
        catalogue.services.extend(nodes.iter().filter_map(service));
    }
    catalogue
});

impl Catalogue {
    /// The catalogue that comes with Stance.
    #[must_use]
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// Every service, in the order of the files.
    #[must_use]
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// The service of this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.id == id)
    }

    /// Every port on which one of them listens unless told otherwise, in order.
    #[must_use]
    pub fn ports(&self) -> Vec<u16> {
        let mut ports: Vec<u16> = self
            .services
            .iter()
            .flat_map(|service| service.ports.iter().copied())
            .filter(|port| *port != 80)
            .collect();
        ports.sort_unstable();
        ports.dedup();
        ports
    }
}

fn mark(node: &Node) -> Mark {
    let weight = node.get("weight").and_then(Node::scalar);
    Mark {
        path: node
            .get("path")
            .and_then(Node::scalar)
            .unwrap_or_default()
            .to_owned(),
        condition: Condition::of(node),
        weight: weight.and_then(|text| text.parse().ok()).unwrap_or(1),
    }
}

fn service(node: &Node) -> Option<Service> {
    let text = |key: &str| node.get(key).and_then(Node::scalar).map(str::to_owned);
    let marks = |key: &str| -> Vec<Mark> {
        let items = node.get(key).map(Node::items).unwrap_or_default();
        items.iter().map(mark).collect()
    };
    let purpose = text("purpose")?;
    Some(Service {
        id: text("id")?,
        name: text("name")?,
        vendor: text("vendor"),
        purpose: Purpose::ALL
            .into_iter()
            .find(|known| known.name() == purpose)?,
        ports: texts(node, "ports")
            .iter()
            .filter_map(|port| port.parse().ok())
            .collect(),
        family: text("family").as_deref() == Some("true"),
        process: texts(node, "process"),
        module: texts(node, "module"),
        script: texts(node, "script"),
        directory: texts(node, "directory"),
        class: texts(node, "class"),
        covers: texts(node, "covers"),
        marks: marks("marks"),
        against: marks("against"),
        version: texts(node, "version"),
        models: texts(node, "models"),
        guarded: texts(node, "guarded"),
        guarded_status: texts(node, "guarded-status"),
        refused: node.get("refused").map(Condition::of),
        flag: text("flag"),
        open: text("authentication").as_deref() == Some("never"),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_catalogue_has_its_form() {
        let all = Catalogue::embedded();
        let written: usize = FILES
            .iter()
            .map(|text| text.matches("- id: ").count())
            .sum();
        assert_eq!(all.services().len(), written);
        assert!(written >= 45, "{written}");
        let ids: HashSet<&str> = all.services().iter().map(|it| it.id.as_str()).collect();
        assert_eq!(ids.len(), written);
        for service in all.services() {
            for other in &service.covers {
                assert!(
                    ids.contains(other.as_str()),
                    "{} covers {other}",
                    service.id
                );
            }
            for mark in service.marks.iter().chain(&service.against) {
                let known = mark.path.starts_with('/')
                    || mark.path == UNKNOWN
                    || mark.condition.is_of_headers();
                assert!(known, "{}: {}", service.id, mark.path);
                assert!((1..=3).contains(&mark.weight), "{}", service.id);
            }
            for place in service.version.iter().chain(&service.models) {
                assert!(place.contains(' '), "{}: {place}", service.id);
            }
        }
    }

    #[test]
    fn no_product_is_known_by_one_answer() {
        for service in Catalogue::embedded().services() {
            if service.family {
                continue;
            }
            let groups: HashSet<&str> = service
                .marks
                .iter()
                .map(|mark| mark.path.as_str())
                .collect();
            assert!(groups.len() >= 2, "{}", service.id);
        }
    }
}

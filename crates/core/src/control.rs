//! Frameworks and their controls: ids, editions and titles, as facts.
//!
//! Each catalogue is a file `frameworks/<key>.tsv`: a first line with key,
//! edition and title of the framework, then one line per control with id and
//! title. A control is referred to as `key:id`, and the key holds the edition
//! wherever ids changed their meaning between editions.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Serialize;

/// A framework in one edition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Framework {
    /// Short key, edition included where ids depend on it: `owasp-llm-2025`.
    pub key: &'static str,
    /// The edition as its publisher writes it.
    pub edition: &'static str,
    /// Its full name.
    pub title: &'static str,
}

/// One control, requirement, risk or technique of a framework.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Control {
    /// The framework's key.
    pub framework: &'static str,
    /// The id inside the framework, as its publisher writes it.
    pub id: &'static str,
    /// Its title; empty where the publisher's text is not free and the id stands alone.
    pub title: &'static str,
}

macro_rules! catalogues {
    ($($file:literal),+ $(,)?) => {
        const SOURCES: &[&str] = &[$(include_str!(concat!("../frameworks/", $file, ".tsv"))),+];
    };
}

catalogues! {
    "eu-ai-act",
    "iso-42001-2023",
    "mitre-atlas",
    "nist-ai-rmf-1.0",
    "owasp-agentic-2026",
    "owasp-llm-2025",
    "owasp-llm-2026",
}

struct Catalogue {
    frameworks: Vec<Framework>,
    controls: BTreeMap<String, Control>,
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let mut frameworks = Vec::new();
    let mut controls = BTreeMap::new();
    for source in SOURCES {
        let mut lines = source.lines();
        let mut head = lines.next().unwrap_or_default().splitn(3, '\t');
        let framework = Framework {
            key: head.next().unwrap_or_default(),
            edition: head.next().unwrap_or_default(),
            title: head.next().unwrap_or_default(),
        };
        for line in lines.filter(|line| !line.is_empty()) {
            let (id, title) = line.split_once('\t').unwrap_or((line, ""));
            controls.insert(
                format!("{}:{id}", framework.key),
                Control {
                    framework: framework.key,
                    id,
                    title,
                },
            );
        }
        frameworks.push(framework);
    }
    Catalogue {
        frameworks,
        controls,
    }
});

/// All frameworks, in order of key.
#[must_use]
pub fn frameworks() -> &'static [Framework] {
    &CATALOGUE.frameworks
}

/// The framework with this key.
#[must_use]
pub fn framework(key: &str) -> Option<&'static Framework> {
    frameworks().iter().find(|framework| framework.key == key)
}

/// All controls of all frameworks, in order of `key:id`.
pub fn controls() -> impl Iterator<Item = &'static Control> {
    CATALOGUE.controls.values()
}

/// The control behind a reference `key:id`.
#[must_use]
pub fn find(reference: &str) -> Option<&'static Control> {
    CATALOGUE.controls.get(reference)
}

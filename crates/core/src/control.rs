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
    "ccpa-cpra",
    "eu-ai-act",
    "gdpr",
    "iso-42001-2023",
    "mitre-atlas",
    "nist-ai-600-1",
    "nist-ai-rmf-1.0",
    "owasp-agentic-2026",
    "owasp-llm-2025",
    "owasp-llm-2026",
    "soc2-2017-2022",
}

struct Catalogue {
    frameworks: Vec<Framework>,
    controls: Vec<Control>,
    by_reference: BTreeMap<String, usize>,
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let mut frameworks = Vec::new();
    let mut controls = Vec::new();
    let mut by_reference = BTreeMap::new();
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
            by_reference.insert(format!("{}:{id}", framework.key), controls.len());
            controls.push(Control {
                framework: framework.key,
                id,
                title,
            });
        }
        frameworks.push(framework);
    }
    Catalogue {
        frameworks,
        controls,
        by_reference,
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

/// All controls of all frameworks, in order of key and then as the publisher orders them.
pub fn controls() -> impl Iterator<Item = &'static Control> {
    CATALOGUE.controls.iter()
}

/// The control behind a reference `key:id`.
#[must_use]
pub fn find(reference: &str) -> Option<&'static Control> {
    let index = CATALOGUE.by_reference.get(reference)?;
    CATALOGUE.controls.get(*index)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_catalogue_is_well_formed() {
        let mut problems = Vec::new();
        for framework in frameworks() {
            if [framework.key, framework.edition, framework.title]
                .iter()
                .any(|part| part.trim().is_empty())
            {
                problems.push(format!(
                    "{}: key, edition or title is missing",
                    framework.key
                ));
            }
            let ids: Vec<&str> = controls()
                .filter(|control| control.framework == framework.key)
                .map(|control| control.id)
                .collect();
            if ids.is_empty() {
                problems.push(format!("{}: no controls", framework.key));
            }
            let mut seen = BTreeSet::new();
            problems.extend(
                ids.iter()
                    .filter(|id| !seen.insert(**id))
                    .map(|id| format!("{}:{id} twice", framework.key)),
            );
        }
        for control in controls() {
            let clean = |text: &str| text == text.trim() && !text.contains(['\t', '`', '\r']);
            if control.id.is_empty() || !clean(control.id) || !clean(control.title) {
                problems.push(format!("{control:?} is not clean"));
            }
        }
        assert!(problems.is_empty(), "{}", problems.join("\n"));
        assert_eq!(frameworks().len(), SOURCES.len());
        assert!(frameworks().is_sorted_by_key(|framework| framework.key));
    }

    #[test]
    fn an_id_means_what_its_edition_says() {
        for (reference, title) in [
            ("owasp-llm-2025:LLM01", "Prompt Injection"),
            ("owasp-llm-2025:LLM03", "Supply Chain"),
            ("owasp-llm-2026:LLM03", "Excessive Agency"),
            ("owasp-llm-2026:LLM08", "Hidden Context Exposure"),
            ("owasp-llm-2026:LLM10", "Improper Output Handling"),
            (
                "eu-ai-act:Art. 15",
                "Accuracy, robustness and cybersecurity",
            ),
            (
                "iso-42001-2023:A.6.2.4",
                "AI system verification and validation",
            ),
            (
                "mitre-atlas:AML.T0011.000",
                "User Execution: Unsafe AI Artifacts",
            ),
            ("nist-ai-rmf-1.0:MEASURE 2.7", "Security and resilience"),
            ("soc2-2017-2022:CC6.1", ""),
            ("ccpa-cpra:1798.100(c)", ""),
        ] {
            assert_eq!(
                find(reference).map(|control| control.title),
                Some(title),
                "{reference}"
            );
        }
    }

    #[test]
    fn whole_catalogues_are_whole() {
        for (key, count) in [
            ("eu-ai-act", 113 + 13),
            ("gdpr", 99),
            ("nist-ai-600-1", 12),
            ("owasp-agentic-2026", 10),
            ("owasp-llm-2025", 10),
            ("owasp-llm-2026", 10),
        ] {
            let found = controls()
                .filter(|control| control.framework == key)
                .count();
            assert_eq!(found, count, "{key}");
        }
    }

    #[test]
    fn an_unknown_reference_is_not_found() {
        for reference in [
            "owasp-llm-2025:LLM11",
            "LLM01",
            "owasp-llm:LLM01",
            "",
            "gdpr:",
        ] {
            assert_eq!(find(reference), None, "{reference}");
        }
        assert_eq!(framework("owasp-llm"), None);
    }
}

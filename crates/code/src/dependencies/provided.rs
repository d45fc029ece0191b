//! Packages that an import alone tells, under the name by which the application asks for them.
//!
//! Several packages of the registry bring the same module: `faiss` is in `faiss-cpu` and `faiss-gpu`. The manifest says
//! which one it is; without one it stays the best known.

use std::collections::BTreeSet;

use stance_core::fact::{Ecosystem, Fact};
use stance_core::{AssetKind, How, Observation};

/// The package by which an import is told, and others that bring the same module.
const ALTERNATIVES: &[(&str, &[&str])] = &[
    ("agent-framework", &["agent-framework-core"]),
    ("dspy", &["dspy-ai"]),
    ("faiss", &["faiss-cpu", "faiss-gpu", "faiss-gpu-cu12"]),
    ("haystack-ai", &["farm-haystack"]),
    ("keras", &["keras-nightly", "tf-keras"]),
    ("llama-index", &["llama-index-core"]),
    ("onnxruntime", &["onnxruntime-gpu", "onnxruntime-directml"]),
    ("pinecone", &["pinecone-client"]),
    ("pyautogen", &["autogen", "ag2"]),
    (
        "tensorflow",
        &[
            "tensorflow-cpu",
            "tensorflow-gpu",
            "tensorflow-macos",
            "tf-nightly",
        ],
    ),
];

/// Gives packages that were told by an import the name that a manifest of the tree asks for.
pub(super) fn settle(observations: &mut [Observation]) {
    let mut declared = BTreeSet::new();
    for seen in observations.iter() {
        if let Fact::Dependency(package) | Fact::OtherPackage(package) = &seen.fact
            && package.ecosystem == Ecosystem::Pypi
        {
            declared.insert(package.name.clone());
        }
    }
    for seen in observations.iter_mut() {
        let Fact::Reference(reference) = &mut seen.fact else {
            continue;
        };
        if reference.kind != AssetKind::Package || reference.how != How::Import {
            continue;
        }
        let Some(name) = reference.key.strip_prefix("pkg:pypi/") else {
            continue;
        };
        if declared.contains(name) {
            continue;
        }
        let others = ALTERNATIVES.iter().find(|(told, _)| *told == name);
        let other = others.and_then(|(_, all)| all.iter().find(|it| declared.contains(**it)));
        if let Some(other) = other {
            let here = std::mem::replace(&mut reference.name, (*other).to_owned());
            reference.aliases.push(here);
            reference.key = format!("pkg:pypi/{other}");
        }
    }
}

#[cfg(test)]
mod tests {
    use stance_read::testing::Harness;

    use super::*;

    fn packages(requirements: &str) -> Vec<String> {
        let files = [
            ("requirements.txt", requirements),
            ("app.py", "import dspy\nimport faiss\n"),
        ];
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
        crate::dependencies::settle(&mut observations);
        let keys = observations.iter().filter_map(|seen| match &seen.fact {
            Fact::Reference(it) if it.kind == AssetKind::Package => Some(it.key.clone()),
            _ => None,
        });
        keys.collect()
    }

    #[test]
    fn an_import_goes_by_the_package_that_the_manifest_asks_for() {
        assert_eq!(
            packages("dspy_ai==2.4.9\nfaiss-cpu\n"),
            ["pkg:pypi/dspy-ai", "pkg:pypi/faiss-cpu"]
        );
        assert_eq!(
            packages("dspy-ai\ndspy\n"),
            ["pkg:pypi/dspy", "pkg:pypi/faiss"]
        );
    }
}

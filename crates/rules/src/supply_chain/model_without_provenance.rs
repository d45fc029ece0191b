use std::collections::{BTreeMap, BTreeSet};

use stance_core::asset::Scope;
use stance_core::fact::{Artifact, ArtifactFormat, Fact};
use stance_core::{AssetId, AssetKind, Snapshot};

use crate::{Cx, Rule};

rule! {
    /// # Model file without provenance
    ///
    /// ## What it finds
    /// Model weights in a directory where nothing tells where they come from: no model card, no signature, no
    /// checksums and no pointer of a versioning tool, neither beside the files nor in the directories above,
    /// and no licence in the file itself. Fixtures of tests are left out. One finding for a directory.
    ///
    /// ## Why it matters
    /// Without an origin nobody can tell whether the file is what its authors released, may be used, has known
    /// flaws, or was replaced on the way. It is the first thing an auditor asks of a deployed
    /// model, and after an incident the first thing that cannot be answered.
    ///
    /// ## Example
    /// ```text
    /// models/sentiment/model.safetensors
    /// ```
    ///
    /// ## Fix
    /// Keep the model card with the weights and sign them, or at least record their digests:
    ///
    /// ```sh
    /// sha256sum model.safetensors > model.safetensors.sha256
    /// stance sign models/sentiment --private-key key.pem
    /// ```
    ///
    /// ## References
    /// - OpenSSF Model Signing specification
    /// - Mitchell et al., Model Cards for Model Reporting, 2019
    /// - MITRE ATLAS AML.M0013: Code Signing
    ModelWithoutProvenance {
        id: "supply-chain/model-without-provenance",
        severity: Info,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-agentic-2026:ASI04",
            "mitre-atlas:AML.T0010.003",
            "nist-ai-rmf-1.0:MANAGE 3.2",
            "iso-42001-2023:A.6.2.5",
            "eu-ai-act:Art. 15",
        ],
        bad: [crate::made!("models/sentiment/model.pkl", || b"\x80\x04N.".to_vec())],
        good: [
            crate::Example {
                files: &[
                    ("models/sentiment/model.pkl", crate::Content::Text("N.")),
                    (
                        "models/sentiment/README.md",
                        crate::Content::Text("---\nlicense: apache-2.0\npipeline_tag: text-classification\n---\n# Sentiment\n"),
                    ),
                ],
                policy: None,
            },
            crate::Example {
                files: &[
                    ("models/a/model.pkl", crate::Content::Text("N.")),
                    ("models/SHA256SUMS", crate::Content::Text("00ff  a/model.pkl\n")),
                ],
                policy: None,
            },
            crate::text!("tests/fixtures/model.pkl", "N."),
        ],
    }
}

impl Rule for ModelWithoutProvenance {
    fn graph(&self, snapshot: &Snapshot, cx: &mut Cx<'_>) {
        let mut told = BTreeSet::<&str>::new();
        let mut models = BTreeMap::<&str, Vec<&Artifact>>::new();
        for observation in &snapshot.observations {
            let path: &str = &observation.subject;
            match &observation.fact {
                Fact::Provenance(_) => {
                    told.insert(directory(path));
                }
                Fact::Artifact(artifact) if is_model(artifact) => {
                    models.entry(directory(path)).or_default().push(artifact);
                }
                _ => {}
            }
        }
        for (place, artifacts) in models {
            cx.judges(artifacts.len());
            let Some((first, rest)) = artifacts.split_first() else {
                continue;
            };
            if above(place).any(|directory| told.contains(directory)) {
                continue;
            }
            let path: &str = &first.evidence.path;
            let name = path.rsplit('/').next().unwrap_or(path);
            let others = match rest.len() {
                0 => String::new(),
                count => format!(" and {count} more beside it"),
            };
            let mut draft = cx.report_about(
                AssetId::new(AssetKind::Model, format!("file/{path}")),
                &first.evidence,
                format!("nothing tells where the model file `{name}`{others} comes from: no card, signature or checksum"),
            );
            for artifact in rest.iter().take(20) {
                draft = draft.also(&artifact.evidence);
            }
        }
    }
}

/// Whether an artefact holds a model of its own that does not tell its licence.
fn is_model(artifact: &Artifact) -> bool {
    artifact.licence.is_none() && holds_a_model(artifact)
}

/// Whether an artefact in production holds a model of its own.
pub(super) fn holds_a_model(artifact: &Artifact) -> bool {
    let data = matches!(
        artifact.format,
        ArtifactFormat::Npy
            | ArtifactFormat::Npz
            | ArtifactFormat::Archive
            | ArtifactFormat::Sentencepiece
            | ArtifactFormat::Configuration
    );
    let path = &artifact.evidence.path;
    !data
        // The member of a container belongs to it.
        && !path.contains('!')
        && Scope::of_path(path) == Scope::Production
}

pub(super) fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// A directory and up to three above it: a card further up speaks of something else.
fn above(directory_of_model: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(directory_of_model), |at| {
        (!at.is_empty()).then(|| directory(at))
    })
    .take(4)
}

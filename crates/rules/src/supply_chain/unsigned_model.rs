use std::collections::{BTreeMap, BTreeSet};

use stance_core::fact::{Artifact, Fact, SignatureState};
use stance_core::{AssetId, AssetKind, Policy, Snapshot};

use super::model_without_provenance::{directory, holds_a_model};
use crate::{Content, Cx, Example, Rule};

rule! {
    /// # Model without a signature by somebody trusted
    ///
    /// ## What it finds
    /// Model files that no verified signature covers, where `required = true` stands in `[provenance]` of `stance.toml`:
    /// they have no signature, one that does not hold, or one by somebody who is not trusted. Fixtures of tests are left
    /// out. One finding for a directory. Without `required` this rule says nothing.
    ///
    /// ## Why it matters
    /// The organisation decided that only models which were signed by known people are used. A model without such
    /// a signature may be anything: replaced on the way, fetched from a stranger, or changed by whoever can write here.
    ///
    /// ## Example
    /// ```toml
    /// [provenance]
    /// required = true
    /// public-keys = ["keys/ml-team.pem"]
    /// ```
    ///
    /// ## Fix
    /// Get the model from where it is signed, or have it checked and signed by those who may:
    ///
    /// ```sh
    /// stance sign models/sentiment --private-key key.pem
    /// ```
    ///
    /// ## References
    /// - OpenSSF Model Signing specification
    /// - MITRE ATLAS AML.M0013: Code Signing
    UnsignedModel {
        id: "supply-chain/unsigned-model",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-agentic-2026:ASI04",
            "mitre-atlas:AML.T0010.003",
            "nist-ai-rmf-1.0:MANAGE 3.2",
            "iso-42001-2023:A.6.2.5",
        ],
        bad: [
            Example {
                files: &[("models/a/model.pkl", Content::Text("N."))],
                policy: Some(required),
            },
            Example {
                files: &[
                    ("models/a/model.pkl", Content::Text("N.")),
                    ("models/a/model.sig", Content::Signature(|| SignatureState::Untrusted {
                        reason: "it was made with another key".to_owned(),
                    })),
                ],
                policy: Some(required),
            },
            // The signature of a neighbour covers nothing here.
            Example {
                files: &[
                    ("models/a/model.pkl", Content::Text("N.")),
                    ("models/ab/model.sig", Content::Signature(verified)),
                ],
                policy: Some(required),
            },
        ],
        good: [
            Example {
                files: &[("models/a/model.pkl", Content::Text("N."))],
                policy: None,
            },
            Example {
                files: &[
                    ("models/a/b/model.pkl", Content::Text("N.")),
                    ("models/a/model.sig", Content::Signature(verified)),
                ],
                policy: Some(required),
            },
            Example {
                files: &[
                    ("model.pkl", Content::Text("N.")),
                    ("model.sig", Content::Signature(verified)),
                ],
                policy: Some(required),
            },
            Example {
                files: &[("tests/fixtures/model.pkl", Content::Text("N."))],
                policy: Some(required),
            },
        ],
    }
}

fn required() -> Policy {
    Policy {
        signatures_required: true,
        ..Policy::default()
    }
}

fn verified() -> SignatureState {
    SignatureState::Verified {
        signer: "ECDSA P-256 key, sha256 5d0c8f20".to_owned(),
    }
}

impl Rule for UnsignedModel {
    fn graph(&self, snapshot: &Snapshot, cx: &mut Cx<'_>) {
        if !snapshot.policy.signatures_required {
            return;
        }
        let mut signed = BTreeSet::<&str>::new();
        let mut others = BTreeSet::<&str>::new();
        let mut models = BTreeMap::<&str, Vec<&Artifact>>::new();
        for observation in &snapshot.observations {
            match &observation.fact {
                Fact::Signature(signature) => {
                    if matches!(signature.state, SignatureState::Verified { .. }) {
                        signed.insert(&signature.model);
                    } else {
                        others.insert(&signature.model);
                    }
                }
                Fact::Artifact(artifact) if holds_a_model(artifact) => {
                    models
                        .entry(directory(&observation.subject))
                        .or_default()
                        .push(artifact);
                }
                _ => {}
            }
        }
        for (place, artifacts) in models {
            cx.judges(artifacts.len());
            let uncovered: Vec<&&Artifact> = artifacts
                .iter()
                .filter(|artifact| !above(&artifact.evidence.path).any(|path| signed.contains(path)))
                .collect();
            let Some((first, rest)) = uncovered.split_first() else {
                continue;
            };
            let path: &str = &first.evidence.path;
            let name = path.rsplit('/').next().unwrap_or(path);
            let more = match rest.len() {
                0 => String::new(),
                count => format!(" and {count} more beside it"),
            };
            let what = if others.contains(path) || above(place).any(|path| others.contains(path)) {
                "has a signature that does not count"
            } else {
                "has no signature"
            };
            let mut draft = cx.report_about(
                AssetId::new(AssetKind::Model, format!("file/{path}")),
                &first.evidence,
                format!("the model file `{name}`{more} {what}, and this organisation requires one by somebody trusted"),
            );
            for artifact in rest.iter().take(20) {
                draft = draft.also(&artifact.evidence);
            }
        }
    }
}

/// A path and every directory above it, the scanned root (empty) last.
fn above(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |at| (!at.is_empty()).then(|| directory(at)))
}

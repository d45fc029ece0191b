use stance_core::Severity;
use stance_core::fact::{Signature, SignatureState};

use crate::{Content, Cx, Example, Rule};

const TEAM: &str = "ECDSA P-256 key, sha256 5d0c8f20";

/// The signature of a model, and what came of it.
macro_rules! signed {
    ($state:expr) => {
        Example {
            files: &[("models/sentiment/model.sig", Content::Signature($state))],
            policy: None,
        }
    };
}

rule! {
    /// # Signature of a model that does not hold
    ///
    /// ## What it finds
    /// A signature in the form of OpenSSF Model Signing that does not hold: somebody trusted made it and a file was
    /// changed, added or removed since; the mathematics fails; nobody of those in `[provenance]` of `stance.toml` made
    /// it; or the file is damaged. Without `[provenance]` nobody is trusted, and only a damaged
    /// signature is told.
    ///
    /// ## Why it matters
    /// A signature is made so that a replaced model is noticed. One that does not hold is either that moment, or
    /// a sign that nobody verifies, which is as good as no signature. A signature by somebody
    /// else says only that somebody has a key.
    ///
    /// ## Example
    /// ```text
    /// models/sentiment/model.sig         signed by the team
    /// models/sentiment/model.safetensors  has other bytes than were signed
    /// ```
    ///
    /// ## Fix
    /// Do not load the model. Fetch it again from its publisher and verify it, and find out who changed it:
    ///
    /// ```sh
    /// stance verify models/sentiment --public-key team.pem
    /// ```
    ///
    /// Where the change is your own, sign again. Where another signer is right, add the key, certificate or identity to
    /// `[provenance]`.
    ///
    /// ## References
    /// - OpenSSF Model Signing specification
    /// - MITRE ATLAS AML.M0013: Code Signing
    /// - MITRE ATLAS AML.M0014: Verify AI Artifacts
    InvalidSignature {
        id: "supply-chain/invalid-signature",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-agentic-2026:ASI04",
            "mitre-atlas:AML.T0010.003",
            "nist-ai-rmf-1.0:MANAGE 3.2",
            "iso-42001-2023:A.6.2.5",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            signed!(|| SignatureState::Changed {
                signer: TEAM.to_owned(),
                differences: vec!["model.safetensors has other bytes than were signed".to_owned()],
            }),
            signed!(|| SignatureState::Invalid {
                reason: "it was not made over these bytes by this key".to_owned(),
            }),
            signed!(|| SignatureState::Untrusted {
                reason: "it was made with another key than the one that is trusted".to_owned(),
            }),
            signed!(|| SignatureState::Malformed {
                reason: "`dsseEnvelope` is missing".to_owned(),
            }),
        ],
        good: [
            signed!(|| SignatureState::Verified {
                signer: TEAM.to_owned(),
            }),
            // Nobody said whom to trust.
            signed!(|| SignatureState::Unchecked),
        ],
    }
}

impl Rule for InvalidSignature {
    fn signature(&self, signature: &Signature, cx: &mut Cx<'_>) {
        let model = match signature.model.as_str() {
            "" => "the model here".to_owned(),
            path => format!("`{path}`"),
        };
        match &signature.state {
            SignatureState::Unchecked | SignatureState::Verified { .. } => {}
            SignatureState::Changed {
                signer,
                differences,
            } => {
                let more = match differences.len().saturating_sub(1) {
                    0 => String::new(),
                    more => format!(", and {more} more"),
                };
                let first = differences.first().map_or("it", String::as_str);
                let mut draft = cx.report(
                    &signature.evidence,
                    format!("{model} is not what was signed: {first}{more}"),
                );
                draft = draft.note(format!("signed by {signer}"));
                for difference in differences.iter().skip(1).take(10) {
                    draft = draft.note(difference.clone());
                }
            }
            SignatureState::Invalid { reason } => {
                cx.report(
                    &signature.evidence,
                    format!("the signature of {model} is not valid: {reason}"),
                );
            }
            SignatureState::Untrusted { reason } => {
                cx.report(
                    &signature.evidence,
                    format!("the signature of {model} is by nobody who is trusted: {reason}"),
                )
                .severity(Severity::Medium);
            }
            SignatureState::Malformed { reason } => {
                cx.report(
                    &signature.evidence,
                    format!("the signature of {model} is damaged: {reason}"),
                )
                .severity(Severity::Medium);
            }
        }
    }
}

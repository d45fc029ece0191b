use stance_core::fact::{Artifact, Reference};
use stance_core::{AssetKind, Confidence, Severity};

use super::publisher::{self, Likeness};
use crate::{Cx, Rule};

rule! {
    /// # Model under a name that imitates a publisher
    ///
    /// ## What it finds
    /// A model whose configuration, adapter or caller names a publisher that differs from a well-known one by one letter or by
    /// letters that look alike (`mistraIai`, `micros0ft`, `meta-lIama`); a publisher that differs by one letter from
    /// the author that the same file names; and a publisher or author whose name is nothing but a claim of trust
    /// (`official/…`, `trusted-org/…`).
    ///
    /// ## Why it matters
    /// The name is what people check. A repository that is one letter off collects those who mistype or copy a
    /// name from a forum, and a configuration that names a famous lineage lends it to weights that never had it.
    ///
    /// ## Example
    /// ```json
    /// {"_name_or_path": "mistraiai/Mistral-7B-v0.1"}
    /// ```
    ///
    /// ## Fix
    /// Compare the name with the publisher's own pages, and the digests of the weights with those that the publisher
    /// gives. Pin the revision of the model that was meant.
    ///
    /// ## References
    /// - [MITRE ATLAS: AI Supply Chain Compromise, Model](https://atlas.mitre.org/techniques/AML.T0010.003)
    LookalikePublisher {
        id: "supply-chain/lookalike-publisher",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-agentic-2026:ASI04",
            "mitre-atlas:AML.T0010.003",
            "nist-ai-rmf-1.0:MANAGE 3.2",
        ],
        bad: [
            crate::text!("config.json", r#"{"_name_or_path": "mistraiai/Mistral-7B-v0.1", "model_type": "mistral"}"#),
            crate::text!("adapter_config.json", r#"{"base_model_name_or_path": "meta-IIama/Llama-2-7b-hf", "peft_type": "LORA"}"#),
            crate::text!("config.json", r#"{"_name_or_path": "globax/base", "author": "Globex Research"}"#),
            crate::text!("config.json", r#"{"_name_or_path": "verified-models/llama", "model_type": "llama"}"#),
        ],
        good: [
            crate::text!("config.json", r#"{"_name_or_path": "mistralai/Mistral-7B-v0.1", "model_type": "mistral"}"#),
            crate::text!("config.json", r#"{"_name_or_path": "globex/base", "author": "Globex Research"}"#),
            crate::text!("config.json", r#"{"_name_or_path": "someone/llama-ft", "author": "Somebody Else"}"#),
            crate::text!("config.json", r#"{"_name_or_path": "./checkpoints/official/run", "model_type": "x"}"#),
        ],
    }
}

impl Rule for LookalikePublisher {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(!artifact.metadata.is_empty());
        let author = artifact
            .metadata
            .get("author")
            .or_else(|| artifact.metadata.get("publisher"))
            .map(String::as_str);
        for key in [
            "_name_or_path",
            "base_model",
            "base_model_name_or_path",
            "model_name_or_path",
            "parent_model",
        ] {
            let Some(name) = artifact.metadata.get(key) else {
                continue;
            };
            let Some(namespace) = publisher::of(name) else {
                continue;
            };
            let likeness = publisher::likeness(namespace, author);
            tell(likeness, name, &artifact.evidence, cx);
        }
    }

    fn reference(&self, reference: &Reference, cx: &mut Cx<'_>) {
        cx.judges_if(reference.kind == AssetKind::Model);
        if reference.kind != AssetKind::Model {
            return;
        }
        if let Some(name) = reference.key.strip_prefix("pkg:huggingface/")
            && let Some(namespace) = publisher::of(name)
        {
            let likeness = publisher::likeness(namespace, None);
            if matches!(likeness, Some(Likeness::Known(_))) {
                tell(likeness, name, &reference.evidence, cx);
            }
        }
    }
}

fn tell(
    likeness: Option<Likeness<'_>>,
    name: &str,
    evidence: &stance_core::Evidence,
    cx: &mut Cx<'_>,
) {
    let (message, confidence) = match likeness {
        Some(Likeness::Known(known)) => (
            format!("`{name}` imitates the publisher `{known}`"),
            Confidence::Medium,
        ),
        Some(Likeness::Author(author)) => (
            format!("`{name}` is one letter off its own author `{author}`"),
            Confidence::Medium,
        ),
        Some(Likeness::Claim(claim)) => (
            format!("`{name}` has a claim of trust, `{claim}`, where the name of a publisher belongs"),
            Confidence::Low,
        ),
        None => return,
    };
    cx.report(evidence, message)
        .severity(Severity::High)
        .confidence(confidence);
}

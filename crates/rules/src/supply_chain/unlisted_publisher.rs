use stance_core::fact::{Artifact, Reference};
use stance_core::{AssetKind, Evidence, Policy};

use super::publisher;
use crate::{Content, Cx, Example, Rule};

rule! {
    /// # Model of a publisher that is not on the list
    ///
    /// ## What it finds
    /// Code, a configuration or an adapter that names a model of a publisher whom the organisation did not list
    /// under `publishers` in the section `[models]` of `stance.toml`. Without such a list it says nothing. Models without a
    /// publisher in their name, such as `gpt2`, are those of the library itself and are left out.
    ///
    /// ## Why it matters
    /// Anybody can publish a model under a name of their choice. Who decided once whose models are examined and
    /// supported wants to know when another one slips in, before it runs on the organisation's data.
    ///
    /// ## Example
    /// ```toml
    /// [models]
    /// publishers = ["mistralai", "our-company"]
    /// ```
    ///
    /// ## Fix
    /// Use a model of a listed publisher, or examine this publisher and add the name to the list.
    ///
    /// ## References
    /// - [MITRE ATLAS: AI Supply Chain Compromise, Model](https://atlas.mitre.org/techniques/AML.T0010.003)
    UnlistedPublisher {
        id: "supply-chain/unlisted-publisher",
        severity: Medium,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-agentic-2026:ASI04",
            "mitre-atlas:AML.T0010.003",
            "nist-ai-rmf-1.0:MANAGE 3.2",
        ],
        bad: [
            Example {
                files: &[(
                    "app.py",
                    Content::Text("from transformers import AutoModel\nmodel = AutoModel.from_pretrained(\"somebody/model\")\n"),
                )],
                policy: Some(listed),
            },
            Example {
                files: &[(
                    "adapter_config.json",
                    Content::Text(r#"{"base_model_name_or_path": "somebody/base", "peft_type": "LORA"}"#),
                )],
                policy: Some(listed),
            },
        ],
        good: [
            Example {
                files: &[(
                    "app.py",
                    Content::Text("from transformers import AutoModel\nmodel = AutoModel.from_pretrained(\"MistralAI/model\")\n"),
                )],
                policy: Some(listed),
            },
            Example {
                files: &[(
                    "config.json",
                    Content::Text(r#"{"_name_or_path": "gpt2", "model_type": "gpt2"}"#),
                )],
                policy: Some(listed),
            },
            crate::text!("config.json", r#"{"_name_or_path": "somebody/base", "model_type": "x"}"#),
        ],
    }
}

fn listed() -> Policy {
    Policy {
        publishers: vec!["mistralai".to_owned()],
        ..Policy::default()
    }
}

impl Rule for UnlistedPublisher {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(!artifact.metadata.is_empty());
        let mut told: Vec<&str> = Vec::new();
        for key in [
            "_name_or_path",
            "base_model",
            "base_model_name_or_path",
            "model_name_or_path",
            "parent_model",
        ] {
            if let Some(name) = artifact.metadata.get(key)
                && !told.contains(&&**name)
            {
                told.push(name);
                tell(name, &artifact.evidence, cx);
            }
        }
    }

    fn reference(&self, reference: &Reference, cx: &mut Cx<'_>) {
        cx.judges_if(reference.kind == AssetKind::Model);
        if reference.kind == AssetKind::Model
            && let Some(name) = reference.key.strip_prefix("pkg:huggingface/")
        {
            tell(name, &reference.evidence, cx);
        }
    }
}

fn tell(name: &str, evidence: &Evidence, cx: &mut Cx<'_>) {
    let listed = &cx.snapshot().policy.publishers;
    if !listed.is_empty()
        && let Some(publisher) = publisher::of(name)
        && !listed
            .iter()
            .any(|known| known.eq_ignore_ascii_case(publisher))
    {
        cx.report(
            evidence,
            format!("`{name}` is a model of `{publisher}`, who is not on the list of publishers"),
        );
    }
}

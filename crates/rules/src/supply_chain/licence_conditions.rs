use stance_core::fact::{Artifact, Reference};
use stance_core::policy::{RecordedUse, Use};
use stance_core::{Evidence, Policy, Scope};

use super::licence_forbids_use::of_reference;
use crate::licences::{Class, Licence, by_name};
use crate::{Content, Cx, Example, Rule};

rule! {
    /// # Licence of a model that sets terms for commercial use
    ///
    /// ## What it finds
    /// A model or data set outside of tests and documentation whose licence allows commercial use on terms: those of Llama (a
    /// licence of its own from 700 million monthly users on, attribution, a policy of use), Gemma, Stability's community licence, and
    /// the RAIL family with its restricted uses. Only where `use` in the section `[policy]` of `stance.toml` is `commercial`.
    ///
    /// ## Why it matters
    /// The terms have to be passed on to users and kept: attribution, restricted uses, thresholds of users or revenue. Somebody has to
    /// know that before the product ships.
    ///
    /// ## Example
    /// ```yaml
    /// base_model: meta-llama/Llama-3.1-8B
    /// ```
    ///
    /// ## Fix
    /// Have the terms read, pass them on where the licence says so, and accept the finding with a waiver that names who did.
    ///
    /// ## References
    /// - Meta, Llama community licence
    /// - Responsible AI Licenses (RAIL)
    LicenceConditions {
        id: "supply-chain/licence-conditions",
        severity: Info,
        stage: Supply,
        controls: [
            "nist-ai-rmf-1.0:GOVERN 6.1",
            "nist-ai-rmf-1.0:MANAGE 3.2",
        ],
        bad: [
            Example {
                files: &[("app.py", Content::Text("from transformers import AutoModel\nm = AutoModel.from_pretrained('meta-llama/Llama-3.1-8B')\n"))],
                policy: Some(commercial),
            },
        ],
        good: [
            crate::text!("app.py", "from transformers import AutoModel\nm = AutoModel.from_pretrained('meta-llama/Llama-3.1-8B')\n"),
            Example {
                files: &[("app.py", Content::Text("from transformers import AutoModel\nm = AutoModel.from_pretrained('Qwen/Qwen2.5-7B')\n"))],
                policy: Some(commercial),
            },
        ],
    }
}

fn commercial() -> Policy {
    Policy {
        recorded_use: RecordedUse {
            general: Some(Use::Commercial),
            paths: Vec::new(),
        },
        ..Policy::default()
    }
}

impl Rule for LicenceConditions {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(artifact.licence.is_some());
        if let Some(licence) = artifact.licence.as_deref().and_then(by_name) {
            let name = artifact.evidence.path.rsplit(['/', '!']).next().unwrap_or_default().to_owned();
            judge(&name, licence, &artifact.evidence, cx);
        }
    }

    fn reference(&self, reference: &Reference, cx: &mut Cx<'_>) {
        cx.judges_if(of_reference(reference).is_some());
        if let Some((licence, _)) = of_reference(reference) {
            judge(&reference.name, licence, &reference.evidence, cx);
        }
    }
}

fn judge(name: &str, licence: &Licence, evidence: &Evidence, cx: &mut Cx<'_>) {
    let commercial = cx.snapshot().policy.recorded_use.of(&evidence.path) == Some(Use::Commercial);
    if commercial && licence.class == Class::Conditions && Scope::of_path(&evidence.path) == Scope::Production {
        cx.report(evidence, format!("the licence `{}` of `{name}` sets terms for commercial use", licence.name))
            .note(format!("{}: {}", licence.words, licence.source));
    }
}

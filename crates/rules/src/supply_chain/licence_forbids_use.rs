use stance_core::fact::{Artifact, Reference};
use stance_core::policy::{RecordedUse, Use};
use stance_core::{AssetKind, Evidence, How, Policy, RelationKind, Scope, Severity};

use crate::licences::{Class, Licence, by_name, of_repository};
use crate::{Content, Cx, Example, Rule};

rule! {
    /// # Licence of a model or data set that forbids the recorded use
    ///
    /// ## What it finds
    /// A model or data set whose licence is non-commercial or for research only, where `use` in the section `[policy]` of
    /// `stance.toml` says that it is used for something else. The licence is the one that a card or a model file in the tree
    /// names, or that of a well-known repository of the Hugging Face Hub. A data set counts where something is trained or
    /// built with it, not where something is measured. Without a recorded use it says nothing, and so it does about licences that
    /// it does not know.
    ///
    /// ## Why it matters
    /// Using it is a breach of contract that is found late: in an audit, in a sale, or by the owner. What was trained from
    /// it has to be thrown away with it.
    ///
    /// ## Example
    /// ```toml
    /// [policy]
    /// use = "commercial"
    /// ```
    /// together with `AutoModel.from_pretrained("CohereLabs/c4ai-command-r-plus")`
    ///
    /// ## Fix
    /// Take a model with a licence that allows it, or buy one from the owner and accept the finding with a waiver that names the
    /// contract. Where the code is research, record that for its path under `[[policy.path]]`.
    ///
    /// ## References
    /// - Hugging Face Hub documentation, Licenses
    /// - ISO/IEC 42001, A.10 Third-party and customer relationships
    LicenceForbidsUse {
        id: "supply-chain/licence-forbids-use",
        severity: Medium,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-llm-2026:LLM04",
            "nist-ai-rmf-1.0:GOVERN 6.1",
            "nist-ai-rmf-1.0:MANAGE 3.2",
        ],
        bad: [
            Example {
                files: &[("app.py", Content::Text("from transformers import AutoModel\nm = AutoModel.from_pretrained('CohereLabs/c4ai-command-r-plus')\n"))],
                policy: Some(commercial),
            },
            Example {
                files: &[("recipes/sft.yaml", Content::Text("model_name_or_path: org/m\nlearning_rate: 1.0\nbf16: true\ndataset_name: tatsu-lab/alpaca\n"))],
                policy: Some(commercial),
            },
            Example {
                files: &[("model/README.md", Content::Text("---\nlicense: cc-by-nc-4.0\nlibrary_name: transformers\nmodel-index:\n- name: ranker\n---\n"))],
                policy: Some(commercial),
            },
        ],
        good: [
            crate::text!("app.py", "from transformers import AutoModel\nm = AutoModel.from_pretrained('CohereLabs/c4ai-command-r-plus')\n"),
            Example {
                files: &[("research/app.py", Content::Text("from transformers import AutoModel\nm = AutoModel.from_pretrained('mistralai/Mistral-Large-Instruct-2411')\n"))],
                policy: Some(commercial),
            },
            Example {
                files: &[("app.py", Content::Text("from transformers import AutoModel\nm = AutoModel.from_pretrained('meta-llama/Llama-3.1-8B')\n"))],
                policy: Some(commercial),
            },
        ],
    }
}

fn commercial() -> Policy {
    Policy {
        recorded_use: RecordedUse {
            general: Some(Use::Commercial),
            paths: vec![("research/**".to_owned(), Use::Research)],
        },
        ..Policy::default()
    }
}

/// What a reference says of licences: that of the card it comes from, or of the repository it names.
pub(super) fn of_reference(reference: &Reference) -> Option<(&'static Licence, Option<&'static str>)> {
    // What is made here has the licence that we give it; what is only measured with is not built upon.
    let role = reference.attributes.get("role").and_then(|it| it.as_str());
    let other = matches!(reference.how, How::Import | How::Unresolved)
        || reference.relation == RelationKind::Writes
        || (reference.kind == AssetKind::Dataset && role == Some("evaluation"));
    if other || !matches!(reference.kind, AssetKind::Model | AssetKind::Dataset) {
        return None;
    }
    if let Some(written) = reference.attributes.get("licence").and_then(|it| it.as_str()) {
        return by_name(written).map(|licence| (licence, None));
    }
    let id = reference.key.strip_prefix("pkg:huggingface/")?;
    let id = id.strip_prefix("datasets/").unwrap_or(id);
    of_repository(reference.kind, id).map(|(licence, page)| (licence, Some(page)))
}

impl Rule for LicenceForbidsUse {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(artifact.licence.is_some());
        if let Some(licence) = artifact.licence.as_deref().and_then(by_name) {
            let name = artifact.evidence.path.rsplit(['/', '!']).next().unwrap_or_default().to_owned();
            judge(&name, licence, None, &artifact.evidence, cx);
        }
    }

    fn reference(&self, reference: &Reference, cx: &mut Cx<'_>) {
        cx.judges_if(of_reference(reference).is_some());
        if let Some((licence, page)) = of_reference(reference) {
            judge(&reference.name, licence, page, &reference.evidence, cx);
        }
    }
}

fn judge(name: &str, licence: &Licence, page: Option<&str>, evidence: &Evidence, cx: &mut Cx<'_>) {
    let wanted = cx.snapshot().policy.recorded_use.of(&evidence.path);
    let Some(wanted) = wanted.filter(|wanted| licence.forbids(*wanted)) else {
        return;
    };
    let allowed = if licence.class == Class::Research { "research" } else { "non-commercial" };
    let severity = match Scope::of_path(&evidence.path) {
        Scope::Production => Severity::Medium,
        Scope::Test | Scope::Documentation => Severity::Low,
    };
    let message = format!("`{name}` is licensed for {allowed} use (`{}`), and the use here is {}", licence.name, wanted.name());
    let draft = cx
        .report(evidence, message)
        .severity(severity)
        .note(format!("{}: {}", licence.words, licence.source));
    if let Some(page) = page {
        let _ = draft.note(format!("the licence is the one that {page} names"));
    }
}

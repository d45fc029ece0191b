use stance_core::Severity;
use stance_core::fact::{Artifact, ArtifactFormat, EmbeddedKind};

use crate::{Cx, Rule};

rule! {
    /// # Model that brings its own code
    ///
    /// ## What it finds
    /// A configuration whose `auto_map` or `custom_pipelines` names classes in Python files of the model, or of
    /// another repository (`org/repo--module.Class`), which is high.
    ///
    /// ## Why it matters
    /// With `trust_remote_code=True` the Hugging Face libraries import these files: they run like any program,
    /// before a single weight is read. Code from another repository is worse, because that one can change after
    /// this one was reviewed. Without the flag nothing runs, and the model does not load.
    ///
    /// ## Example
    /// ```json
    /// {"auto_map": {"AutoModel": "someone/else--modeling.Model"}}
    /// ```
    ///
    /// ## Fix
    /// Prefer a model whose architecture is part of the library. Otherwise read the files, pin the exact commit
    /// (`revision=` and `code_revision=`), and load in a sandbox without network.
    ///
    /// ## References
    /// - [Transformers: custom models](https://huggingface.co/docs/transformers/custom_models)
    RemoteCode {
        id: "model/remote-code",
        severity: Medium,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-llm-2026:LLM04",
            "owasp-agentic-2026:ASI04",
            "mitre-atlas:AML.T0010.003",
            "mitre-atlas:AML.T0011.000",
            "nist-ai-rmf-1.0:MANAGE 3.2",
            "iso-42001-2023:A.10.3",
        ],
        bad: [
            crate::text!("config.json", r#"{"model_type": "x", "auto_map": {"AutoModel": "modeling_x.Model"}}"#),
            crate::text!("config.json", r#"{"auto_map": {"AutoModel": "someone/else--modeling.Model"}}"#),
        ],
        good: [
            crate::text!("config.json", r#"{"model_type": "bert", "architectures": ["BertModel"]}"#),
            crate::text!("config.json", r#"{"auto_map": {}}"#),
        ],
    }
}

impl Rule for RemoteCode {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        if artifact.format != ArtifactFormat::Configuration {
            return;
        }
        let mut own = Vec::new();
        for code in &artifact.embedded {
            if code.kind != EmbeddedKind::Source {
                continue;
            }
            if let Some((repository, class)) = code.detail.split_once("--") {
                cx.report(
                    &code.evidence,
                    format!("`{}` loads `{class}` from the code of `{repository}`", code.name),
                )
                .severity(Severity::High);
            } else {
                own.push(code);
            }
        }
        // One model, one decision: the classes of the model's own files are one finding.
        if let Some((first, rest)) = own.split_first() {
            let mut draft = cx.report(
                &first.evidence,
                format!("`{}` loads `{}` from a file of the model", first.name, first.detail),
            );
            for code in rest {
                draft = draft
                    .note(format!("`{}` loads `{}`", code.name, code.detail))
                    .also(&code.evidence);
            }
        }
    }
}

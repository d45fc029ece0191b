use stance_core::fact::{Artifact, ArtifactFormat, Embedded, EmbeddedKind, Fact};
use stance_core::{Severity, Snapshot};

use crate::{Content, Cx, Example, Rule};

rule! {
    /// # Model that brings its own code
    ///
    /// ## What it finds
    /// A configuration whose `auto_map` or `custom_pipelines` names classes in Python files of the model, or of
    /// another repository (`org/repo--module.Class`), which is high. Low where the files are the model's own: what they
    /// do to the machine is told by `model/repository-code` where they lie beside it, and where they do not lie there,
    /// nothing can be loaded from them. Medium where such a file lies there and could not be read whole.
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
            Example {
                files: &[
                    ("m/config.json", Content::Text(r#"{"auto_map": {"AutoModel": "modeling_x.Model"}}"#)),
                    ("m/modeling_x.py", Content::Text("import torch\nclass Model(torch.nn.Module): pass\n")),
                ],
                policy: None,
            },
        ],
        good: [
            crate::text!("config.json", r#"{"model_type": "bert", "architectures": ["BertModel"]}"#),
            crate::text!("config.json", r#"{"auto_map": {}}"#),
        ],
    }
}

impl Rule for RemoteCode {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(artifact.format == ArtifactFormat::Configuration);
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
            let snapshot = cx.snapshot();
            let files: Vec<Beside> = own.iter().map(|code| beside(snapshot, artifact, code)).collect();
            let mut draft = cx
                .report(
                    &first.evidence,
                    format!("`{}` loads `{}` from a file of the model", first.name, first.detail),
                )
                .severity(Severity::Low);
            draft = if files.contains(&Beside::Unread) {
                draft
                    .severity(Severity::Medium)
                    .note("a file it names lies beside it and could not be read whole")
            } else if files.contains(&Beside::Read) {
                draft.note("files it names lie beside it and were read")
            } else {
                draft.note("nothing is known of the files it names; they may be published elsewhere")
            };
            for code in rest {
                draft = draft
                    .note(format!("`{}` loads `{}`", code.name, code.detail))
                    .also(&code.evidence);
            }
        }
    }
}

/// What is known of the file that holds a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beside {
    /// It told something when it was read.
    Read,
    /// It was not read to its end.
    Unread,
    /// It is not there, or imports nothing of note.
    Silent,
}

fn beside(snapshot: &Snapshot, configuration: &Artifact, code: &Embedded) -> Beside {
    let Some((module, _)) = code.detail.rsplit_once('.') else {
        return Beside::Silent;
    };
    let path = &*configuration.evidence.path;
    let directory = path.rfind(['/', '!']).and_then(|at| path.get(..=at)).unwrap_or_default();
    let file = format!("{directory}{}.py", module.replace('.', "/"));
    let seen = &snapshot.observations;
    let at = seen.partition_point(|observation| *observation.subject < *file);
    let told = seen
        .iter()
        .skip(at)
        .take_while(|observation| *observation.subject == *file);
    let mut found = Beside::Silent;
    for observation in told {
        if matches!(observation.fact, Fact::Gap(_)) {
            return Beside::Unread;
        }
        found = Beside::Read;
    }
    found
}

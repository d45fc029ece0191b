use stance_core::fact::{Artifact, ArtifactFormat};
use stance_inspect::{gguf, zip};

use crate::{Cx, Rule};

rule! {
    /// # Model that is a program
    ///
    /// ## What it finds
    /// A llamafile: an executable with its model in a zip archive at its end.
    ///
    /// ## Why it matters
    /// Such a file is meant to be run, and runs with all rights of whoever starts it. The model in it was looked
    /// at; what the program does was not, and cannot be told from the outside.
    ///
    /// ## Example
    /// ```text
    /// model.llamafile    a program for six systems, then model.gguf and its arguments
    /// ```
    ///
    /// ## Fix
    /// Prefer the GGUF file alone with an engine that you install yourself. Where a llamafile is wanted, compare its
    /// digest with the one its publisher signs, and run it in a sandbox.
    ///
    /// ## References
    /// - [llamafile](https://github.com/mozilla-ai/llamafile)
    ExecutableModel {
        id: "model/executable-model",
        severity: Low,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "mitre-atlas:AML.T0011.000",
            "nist-ai-rmf-1.0:MEASURE 2.7",
        ],
        bad: [crate::made!("model.llamafile", llamafile)],
        good: [crate::made!("model.gguf", || gguf::assemble::sound().build())],
    }
}

impl Rule for ExecutableModel {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        if artifact.format != ArtifactFormat::Llamafile {
            return;
        }
        let draft = cx.report(
            &artifact.evidence,
            "The model file is a program that runs its own engine",
        );
        if let Some(arguments) = artifact.metadata.get("arguments") {
            draft.note(format!("it starts with the arguments `{arguments}`"));
        }
    }
}

fn llamafile() -> Vec<u8> {
    let mut file = b"MZqFpD='\n".to_vec();
    file.resize(4096, 0);
    file.extend(zip::assemble::zip(&[
        zip::assemble::part("model.gguf", gguf::assemble::sound().build()),
        zip::assemble::part(".args", "-m\nmodel.gguf\n"),
    ]));
    file
}

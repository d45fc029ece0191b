use stance_core::Severity;
use stance_core::fact::{AnomalyKind, Artifact, ArtifactFormat};
use stance_inspect::unclaimed::{HOLD, STARTS_AS};
use stance_inspect::{gguf, hdf5, safetensors};

use crate::{Cx, Rule};

rule! {
    /// # Model file with bytes that belong to nothing
    ///
    /// ## What it finds
    /// Bytes before, between or behind the parts of a model file that no part claims. Zeros that pad to the next
    /// border are not reported. What the bytes are decides: a program, a pickle, an archive or a script is high;
    /// bytes of no known kind are medium in safetensors, whose loaders refuse them, and low elsewhere.
    ///
    /// ## Why it matters
    /// The loader passes over them and a scanner of the format as well, so they are where a payload travels with
    /// a model that works: a few lines elsewhere read it from there and start it. A file that is also a pickle
    /// or an archive runs when something opens it as that.
    ///
    /// ## Example
    /// ```text
    /// model.gguf: 4020 bytes behind the last tensor belong to nothing; they start as an ELF executable
    /// ```
    ///
    /// ## Fix
    /// Compare the digest with the one the publisher gives. Read the tensors with the format's own library and
    /// write them to a new file: only what is claimed survives.
    ///
    /// ## References
    /// - [MITRE ATLAS: Embed Malware](https://atlas.mitre.org/techniques/AML.T0018.002)
    UnclaimedBytes {
        id: "model/unclaimed-bytes",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "mitre-atlas:AML.T0018.002",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::made!("model.gguf", program_behind),
            crate::made!("model.safetensors", hole),
            crate::made!("model.h5", script_before),
        ],
        good: [
            crate::made!("model.safetensors", padded),
            crate::made!("model.gguf", sound_gguf),
            crate::made!("model.h5", sound_hdf5),
        ],
    }
}

impl Rule for UnclaimedBytes {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        let known = artifact.anomalies.iter().any(|anomaly| {
            anomaly.kind == AnomalyKind::UnclaimedBytes
                && [STARTS_AS, HOLD].iter().any(|words| anomaly.detail.contains(words))
        });
        if let Some((draft, _)) = cx.report_anomalies(artifact, AnomalyKind::UnclaimedBytes)
            && !known
        {
            draft.severity(if artifact.format == ArtifactFormat::Safetensors {
                Severity::Medium
            } else {
                Severity::Low
            });
        }
    }
}

fn program_behind() -> Vec<u8> {
    let mut file = sound_gguf();
    file.extend(b"\x7fELF\x02\x01\x01");
    file.resize(file.len().saturating_add(64), 3);
    file
}

fn hole() -> Vec<u8> {
    use safetensors::assemble::{entry, file};
    let header = format!("{{{},{}}}", entry("a", 2, 0, 8), entry("b", 2, 4096, 4104));
    file(&header, &[1; 4104])
}

fn script_before() -> Vec<u8> {
    let mut file = b"#!/bin/sh\necho hidden\n".to_vec();
    file.resize(512, 0);
    file.extend(sound_hdf5());
    file
}

fn padded() -> Vec<u8> {
    let mut file = safetensors::assemble::sound();
    file.resize(file.len().saturating_add(40), 0);
    file
}

fn sound_gguf() -> Vec<u8> {
    gguf::assemble::sound().build()
}

fn sound_hdf5() -> Vec<u8> {
    hdf5::assemble::Builder::default()
        .dataset("kernel", &[4])
        .build()
}

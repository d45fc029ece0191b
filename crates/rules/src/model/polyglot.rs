use stance_core::fact::{AnomalyKind, Artifact};
use stance_inspect::zip;

use crate::{Cx, Rule};

rule! {
    /// # Model file that is two formats at once
    ///
    /// ## What it finds
    /// A file that two kinds of readers take for two different things: a pickle in front of a zip archive, a zip
    /// archive behind a picture or a program, or a program or script somewhere among the tensors, texts and gaps of
    /// a model, as it is or written in letters, digits or compressed.
    ///
    /// ## Why it matters
    /// A scanner that looks at the one misses the other, and a program that opens the file by its content may
    /// take either. Programs hidden among the weights are started later by a second, small piece of code.
    /// Frameworks write neither.
    ///
    /// ## Example
    /// ```text
    /// model.pt    a pickle of 33 bytes, then a PyTorch zip
    /// ```
    ///
    /// ## Fix
    /// Do not load the file. Compare its digest with the one its publisher gives, and load weights from
    /// safetensors, which has no room for a second format.
    ///
    /// ## References
    /// - [MITRE ATLAS: Embed Malware](https://atlas.mitre.org/techniques/AML.T0018.002)
    Polyglot {
        id: "model/polyglot",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "mitre-atlas:AML.T0018.002",
            "mitre-atlas:AML.T0074",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::made!("model.pt", pickle_then_zip),
            crate::made!("model.pt", program_as_tensor),
        ],
        good: [crate::made!("model.pt", plain)],
    }
}

impl Rule for Polyglot {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.report_anomalies(artifact, AnomalyKind::Polyglot);
    }
}

const PICKLE: &[u8] = b"\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01K\x01u.";

fn plain() -> Vec<u8> {
    zip::assemble::zip(&zip::assemble::torch(PICKLE))
}

fn pickle_then_zip() -> Vec<u8> {
    [PICKLE, &plain()].concat()
}

fn program_as_tensor() -> Vec<u8> {
    let mut parts = zip::assemble::torch(PICKLE);
    let mut program = b"\x7fELF\x02\x01\x01".to_vec();
    program.resize(256, 0);
    parts.push(zip::assemble::part("archive/data/1", program));
    zip::assemble::zip(&parts)
}

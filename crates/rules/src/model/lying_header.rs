use stance_core::Severity;
use stance_core::fact::{Anomaly, AnomalyKind, Artifact, ArtifactFormat};
use stance_inspect::{gguf, safetensors};

use crate::{Cx, Rule};

rule! {
    /// # Model file whose header cannot be true
    ///
    /// ## What it finds
    /// Counts, lengths and offsets in the header of a model file that do not fit the file: tensors that overlap
    /// or lie outside it, shapes that need more or fewer bytes than they are given, a billion tensors in a
    /// kilobyte, dimensions that overflow when they are multiplied. A file that is merely cut short, as by an
    /// interrupted download, is reported as low.
    ///
    /// ## Why it matters
    /// No tool writes such a header by accident. Loaders written in C and C++ have turned them into reads and
    /// writes outside their memory, and so into code execution; others stop or allocate until the machine does.
    /// Two tensors on the same bytes also hide one from whoever looks at the other.
    ///
    /// ## Example
    /// ```json
    /// {"a": {"dtype": "F32", "shape": [16], "data_offsets": [0, 999999]}}
    /// ```
    ///
    /// ## Fix
    /// Do not load the file. Fetch it again from its publisher and compare the digest; if it is what they
    /// publish, tell them and use another model.
    ///
    /// ## References
    /// - [safetensors: format](https://github.com/huggingface/safetensors#format)
    /// - CVE-2024-21802 and its siblings: heap overflows in the GGUF reader of llama.cpp
    LyingHeader {
        id: "model/lying-header",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "mitre-atlas:AML.T0010.003",
            "mitre-atlas:AML.T0011.000",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::made!("model.safetensors", overlapping),
            crate::made!("model.safetensors", outside),
            crate::made!("model.gguf", a_billion_tensors),
        ],
        good: [
            crate::made!("model.safetensors", safetensors::assemble::sound),
            crate::made!("model.gguf", sound_gguf),
        ],
    }
}

impl Rule for LyingHeader {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        if let Some((draft, found)) = cx.report_anomalies(artifact, AnomalyKind::LyingHeader) {
            if artifact.format == ArtifactFormat::Gguf {
                let mut flaws: Vec<_> = found.iter().filter_map(gguf_flaw).collect();
                flaws.sort_unstable();
                flaws.dedup();
                draft.exploits_all(&flaws);
            }
            return;
        }
        if let Some((draft, _)) = cx.report_anomalies(artifact, AnomalyKind::Truncated) {
            draft
                .severity(Severity::Low)
                .fix("Fetch the file again: the copy ends too early");
        }
    }
}

/// The flaw of old readers that a lie of a GGUF file makes use of.
fn gguf_flaw(anomaly: &Anomaly) -> Option<&'static str> {
    [
        ("multiply to more than 64 bits", "gguf-dimensions"),
        (" metadata entries in ", "gguf-entries"),
        (" tensors in ", "gguf-tensors"),
        ("a text in ", "gguf-text"),
    ]
    .iter()
    .find_map(|(words, flaw)| anomaly.detail.contains(words).then_some(*flaw))
}

fn overlapping() -> Vec<u8> {
    use safetensors::assemble::{entry, file};
    let header = format!("{{{},{}}}", entry("a", 2, 0, 8), entry("b", 2, 4, 12));
    file(&header, &[1; 12])
}

fn outside() -> Vec<u8> {
    use safetensors::assemble::{entry, file};
    file(&format!("{{{}}}", entry("a", 16, 0, 999_999)), &[1; 64])
}

fn a_billion_tensors() -> Vec<u8> {
    gguf::assemble::sound().claiming(1_000_000_000, 4)
}

fn sound_gguf() -> Vec<u8> {
    gguf::assemble::sound().build()
}

use stance_core::Severity;
use stance_core::fact::{AnomalyKind, Artifact, ArtifactFormat};
use stance_inspect::zip;

use crate::{Cx, Rule};

rule! {
    /// # Model file that different readers see differently
    ///
    /// ## What it finds
    /// A model archive whose directory and headers contradict each other (names, sizes, checksums, flags,
    /// two members of one name, a member outside of the directory), or a pickle that reads differently
    /// from memory and from a file. It is high where a pickle is concerned, medium elsewhere.
    ///
    /// ## Why it matters
    /// This is how malicious models get past scanners: Python's `zipfile` refuses a member with a wrong
    /// checksum or a flag it does not know, so a scanner built on it gives up, while PyTorch's own reader
    /// loads the member and runs its pickle. Writers do not make such files.
    ///
    /// ## Example
    /// ```text
    /// directory:     archive/data.pkl
    /// local header:  archive/datap.kl
    /// ```
    ///
    /// ## Fix
    /// Do not load the file. Get it again from its publisher and compare digests; a download that broke
    /// shows up here as well. If you made it, save it again with a current version of the framework.
    ///
    /// ## References
    /// - CVE-2025-1944 and CVE-2025-1945: names and flags that kept a scanner out
    /// - CVE-2025-10156: a checksum that did
    ReaderDisagreement {
        id: "model/reader-disagreement",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "mitre-atlas:AML.T0107",
            "mitre-atlas:AML.T0076",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::made!("checksum.pt", wrong_checksum),
            crate::made!("flag.pt", patch_flag),
            crate::made!("version.pt", future_version),
            crate::made!("name.pt", other_name),
            crate::made!("twice.pt", twice),
            crate::made!("hidden.pt", hidden),
        ],
        good: [crate::made!("model.pt", plain)],
    }
}

impl Rule for ReaderDisagreement {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        let kind = AnomalyKind::ReaderDisagreement;
        let Some((mut draft, found)) = cx.report_anomalies(artifact, kind) else {
            return;
        };
        let mut flaws = Vec::new();
        for (words, flaw) in [
            ("a wrong checksum", "scanner-zip-checksum"),
            ("is marked as", "scanner-zip-flags"),
            ("the header before its data `", "scanner-zip-name"),
        ] {
            if found.iter().any(|anomaly| anomaly.detail.contains(words)) {
                flaws.push(flaw);
            }
        }
        draft = draft.exploits_all(&flaws);
        let is_pickle = |path: &str| {
            let named = [".pkl", ".pickle", ".pt", ".pth", ".bin", ".joblib", ".ckpt"];
            named.iter().any(|end| path.ends_with(end))
                || artifact.pickles.iter().any(|trace| *trace.path == *path)
        };
        // No writer gives a tensor twice: somebody shows a scanner other weights than a loader.
        let tensors = artifact.format == ArtifactFormat::Safetensors;
        if !tensors
            && !found
                .iter()
                .any(|anomaly| is_pickle(&anomaly.evidence.path))
        {
            draft.severity(Severity::Medium);
        }
    }
}

const PICKLE: &[u8] = b"\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01K\x01u.";

fn plain() -> Vec<u8> {
    zip::assemble::zip(&zip::assemble::torch(PICKLE))
}

/// A checkpoint whose pickle is written in an odd way.
fn with(change: fn(&mut zip::assemble::Part)) -> Vec<u8> {
    let mut parts = zip::assemble::torch(PICKLE);
    parts.iter_mut().take(1).for_each(change);
    zip::assemble::zip(&parts)
}

fn wrong_checksum() -> Vec<u8> {
    with(|part| part.crc = Some(1))
}

fn patch_flag() -> Vec<u8> {
    with(|part| part.flags = 0x20)
}

fn future_version() -> Vec<u8> {
    with(|part| part.version = 0xffff)
}

fn other_name() -> Vec<u8> {
    with(|part| part.local_name = Some("archive/datap.kl".to_owned()))
}

fn twice() -> Vec<u8> {
    let mut parts = zip::assemble::torch(PICKLE);
    parts.push(zip::assemble::part("archive/data.pkl", *b"\x80\x02N."));
    zip::assemble::zip(&parts)
}

fn hidden() -> Vec<u8> {
    let mut parts = zip::assemble::torch(PICKLE);
    let mut part = zip::assemble::part("archive/extra.pkl", *b"\x80\x02N.");
    part.hidden = true;
    parts.insert(1, part);
    zip::assemble::zip(&parts)
}

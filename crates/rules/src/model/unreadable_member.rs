use stance_core::Severity;
use stance_core::fact::{AnomalyKind, Artifact, ArtifactFormat};
use stance_inspect::{is_model_name, zip};

use crate::{Cx, Rule};

rule! {
    /// # Model archive with a part that cannot be looked into
    ///
    /// ## What it finds
    /// A model file or archive of models with a member that is encrypted, compressed in a way no loader of
    /// models knows, broken, or missing where the directory puts it, and a 7z or RAR archive under the
    /// name of a model. High when something is encrypted in a file that has the name of a model, not of an archive.
    ///
    /// ## Why it matters
    /// What cannot be read cannot be judged, and no loader of models asks for a password. Malicious models have been published as 7z archives with the name
    /// of a PyTorch file, and behind a password that stood in the README, so that scanners passed them by
    /// and people unpacked them.
    ///
    /// ## Example
    /// ```text
    /// models.zip
    ///   model.pkl    encrypted
    /// ```
    ///
    /// ## Fix
    /// Unpack the archive in a place where nothing of value is, scan what comes out, and store the model
    /// unpacked. If it does not unpack, get it again or do without it.
    ///
    /// ## References
    /// - [MITRE ATLAS: Corrupt AI Model](https://atlas.mitre.org/techniques/AML.T0076)
    UnreadableMember {
        id: "model/unreadable-member",
        severity: Medium,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "mitre-atlas:AML.T0076",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::made!("models.zip", encrypted),
            crate::made!("model.pt", encrypted),
            crate::made!("odd.zip", odd_compression),
            crate::made!("model.pt", seven_zip),
        ],
        good: [
            crate::made!("models.zip", plain),
            crate::made!("notes.zip", encrypted_notes),
        ],
    }
}

impl Rule for UnreadableMember {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        let sealed = artifact.format == ArtifactFormat::Archive;
        let path = &artifact.evidence.path;
        let named = is_model_name(path.rsplit(['/', '!']).next().unwrap_or(path));
        let Some((mut draft, found)) = cx.report_anomalies(artifact, AnomalyKind::UnreadableMember) else {
            return;
        };
        // Nothing loads it as it is: it waits for somebody to unpack it by hand, past every scanner.
        if named && found.iter().any(|anomaly| anomaly.detail.ends_with(" is encrypted")) {
            draft = draft.severity(Severity::High);
        }
        if sealed {
            draft.note("the rest of the archive was looked at as far as it can be read");
        }
    }
}

fn member(name: &str, flags: u16, method: Option<u16>) -> Vec<u8> {
    let mut part = zip::assemble::part(name, *b"\x17\x2b\x99\x01\xfe\x40\x31\x8a");
    part.flags = flags;
    part.method = method;
    part.crc = Some(0x1234_5678);
    zip::assemble::zip(&[part])
}

fn encrypted() -> Vec<u8> {
    member("model.pkl", 1, None)
}

fn encrypted_notes() -> Vec<u8> {
    member("notes.txt", 1, None)
}

fn odd_compression() -> Vec<u8> {
    member("model.pkl", 0, Some(97))
}

fn seven_zip() -> Vec<u8> {
    let mut file = b"7z\xbc\xaf\x27\x1c\x00\x04".to_vec();
    file.resize(64, 0);
    file
}

fn plain() -> Vec<u8> {
    zip::assemble::zip(&[zip::assemble::part("model.pkl", *b"\x80\x02}q\x00.")])
}

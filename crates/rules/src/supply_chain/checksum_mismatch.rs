use std::collections::BTreeMap;

use stance_core::fact::{Artifact, Fact};
use stance_core::{AssetId, AssetKind, Snapshot};

use crate::{Cx, Rule};

rule! {
    /// # Model file that is not the one its checksum is of
    ///
    /// ## What it finds
    /// A model file whose SHA-256 differs from the one that a checksum file beside it or in a directory above
    /// (`SHA256SUMS`, `model.safetensors.sha256`) gives for it. Digests are computed when the scan is asked to
    /// (`--hash`).
    ///
    /// ## Why it matters
    /// Either the file was replaced or damaged after the checksum was written, or the checksum belongs to another
    /// version. In both cases the one thing that was meant to show that nothing has changed shows the opposite.
    ///
    /// ## Example
    /// ```text
    /// SHA256SUMS: 1f0b…  model.safetensors
    /// model.safetensors: 9c44…
    /// ```
    ///
    /// ## Fix
    /// Fetch the file again from its publisher and compare. If the new file is the right one, write the checksum
    /// anew, and sign it: whoever can replace the file can replace a checksum beside it as well.
    ///
    /// ## References
    /// - CWE-345: Insufficient Verification of Data Authenticity
    ChecksumMismatch {
        id: "supply-chain/checksum-mismatch",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "mitre-atlas:AML.T0010.003",
            "nist-ai-rmf-1.0:MANAGE 3.2",
            "eu-ai-act:Art. 15",
        ],
        bad: [crate::Example {
            files: &[
                ("models/a/model.pkl", crate::Content::Text("N.")),
                (
                    "models/SHA256SUMS",
                    crate::Content::Text("00000000000000000000000000000000000000000000000000000000000000ff  a/model.pkl\n"),
                ),
            ],
            policy: None,
        }],
        good: [crate::Example {
            files: &[
                ("models/a/model.pkl", crate::Content::Text("N.")),
                ("models/SHA256SUMS", crate::Content::Made(right_sums)),
            ],
            policy: None,
        }],
    }
}

impl Rule for ChecksumMismatch {
    fn graph(&self, snapshot: &Snapshot, cx: &mut Cx<'_>) {
        let mut given: BTreeMap<String, (&str, &Artifact)> = BTreeMap::new();
        let mut files: BTreeMap<&str, &Artifact> = BTreeMap::new();
        for observation in &snapshot.observations {
            let Fact::Artifact(artifact) = &observation.fact else {
                continue;
            };
            if artifact.sha256.is_some() {
                files.insert(&artifact.evidence.path, artifact);
            }
            let path = &artifact.evidence.path;
            let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
            for (key, digest) in &artifact.metadata {
                let Some(name) = key.strip_prefix("sha256:").filter(|name| !name.contains("..")) else {
                    continue;
                };
                let of = if directory.is_empty() {
                    name.to_owned()
                } else {
                    format!("{directory}/{name}")
                };
                given.insert(of, (digest, artifact));
            }
        }
        for (path, file) in files {
            cx.judges(usize::from(given.contains_key(path)));
            if let (Some((digest, sums)), Some(real)) = (given.get(path), &file.sha256)
                && !real.eq_ignore_ascii_case(digest)
            {
                let name = path.rsplit('/').next().unwrap_or(path);
                cx.report_about(
                    AssetId::new(AssetKind::Model, format!("file/{path}")),
                    &file.evidence,
                    format!("`{name}` is not the file that its checksum was made of"),
                )
                .note(format!("its SHA-256 is {real}, and {} says {digest}", sums.evidence.path))
                .also(&sums.evidence);
            }
        }
    }
}

fn right_sums() -> Vec<u8> {
    format!("{}  a/model.pkl\n", stance_core::digest::sha256_hex(b"N.")).into_bytes()
}

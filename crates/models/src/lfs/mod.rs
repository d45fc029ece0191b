//! Pointers of Git LFS: a few lines in place of a large file, with its digest and its size.
//!
//! See <https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>.

use std::sync::Arc;

use stance_core::fact::{Artifact, ArtifactFormat, Fact, GapReason, Provenance, ProvenanceKind};

use crate::members::is_certain_model_name;
use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::report::Facts;

pub(crate) static INSPECTOR: Lfs = Lfs;

/// How every pointer starts, and its largest size by the specification.
const START: &[u8] = b"version https://git-lfs.github.com/spec/v1\n";
const LARGEST: u64 = 1024;

pub(crate) struct Lfs;

impl Inspector for Lfs {
    fn name(&self) -> &'static str {
        "git lfs"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        input.len() < LARGEST && input.head().starts_with(START)
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(text) = input.text(facts) else {
            return;
        };
        let value = |key: &str| {
            text.as_str()
                .lines()
                .filter_map(|line| line.split_once(' '))
                .find(|(name, _)| *name == key)
                .map(|(_, value)| value.trim())
        };
        let digest = value("oid").and_then(|oid| oid.strip_prefix("sha256:"));
        let size = value("size").and_then(|size| size.parse::<u64>().ok());
        let (Some(digest), Some(size)) = (digest.filter(|digest| is_digest(digest)), size) else {
            facts.gap(
                GapReason::Malformed,
                "a pointer of Git LFS without digest or size",
                input.evidence(),
            );
            return;
        };
        if is_certain_model_name(input.file_name()) {
            facts.gap(
                GapReason::Special,
                format!(
                    "a pointer of Git LFS: the file itself, {size} bytes with the SHA-256 {digest}, is not here"
                ),
                input.evidence(),
            );
        }
        facts.add(
            input.path(),
            Fact::Provenance(Box::new(Provenance {
                kind: ProvenanceKind::Pointer,
                evidence: input.evidence(),
            })),
        );
        let mut artifact =
            Artifact::new(ArtifactFormat::Configuration, input.len(), input.evidence());
        artifact.metadata = [
            ("pointer", "Git LFS".to_owned()),
            ("pointer.sha256", digest.to_owned()),
            ("pointer.size", size.to_string()),
        ]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect();
        let path = Arc::clone(input.path());
        facts.add(&path, Fact::Artifact(Box::new(artifact)));
    }
}

fn is_digest(digest: &str) -> bool {
    digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use stance_core::fact::{Fact, GapReason};

    use crate::testing::{artifact, report, survives_truncation};

    const DIGEST: &str = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393";

    fn pointer(digest: &str) -> String {
        format!("version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize 12345\n")
    }

    #[test]
    fn a_pointer_says_that_the_file_is_not_here() {
        let bytes = pointer(DIGEST);
        let found = artifact("model.safetensors", bytes.as_bytes());
        assert_eq!(found.metadata["pointer.sha256"], DIGEST);
        assert_eq!(found.metadata["pointer.size"], "12345");
        assert_eq!(found.anomalies, []);
        let report = report("model.safetensors", bytes.as_bytes());
        let gap = report.facts.iter().find_map(|(_, fact)| match fact {
            Fact::Gap(gap) => Some(&**gap),
            _ => None,
        });
        let gap = gap.unwrap();
        assert_eq!(gap.reason, GapReason::Special);
        assert!(gap.detail.contains("12345 bytes") && gap.detail.contains(DIGEST));
    }

    #[test]
    fn a_pointer_that_is_none_is_a_gap() {
        let report = report("model.bin", pointer("abc").as_bytes());
        assert!(report.facts.iter().any(|(_, fact)| {
            matches!(fact, Fact::Gap(gap) if gap.reason == GapReason::Malformed)
        }));
        survives_truncation("model.bin", pointer(DIGEST).as_bytes());
    }
}

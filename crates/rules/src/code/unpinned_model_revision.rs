use std::collections::BTreeMap;

use stance_core::fact::{Fact, Reference};
use stance_core::{AssetId, AssetKind, How, Scope, Severity, Snapshot};

use crate::calls::{is_commit, last, shown};
use crate::{Cx, Rule};

rule! {
    /// # Model or data set taken from the hub without a fixed revision
    ///
    /// ## What it finds
    /// Calls that load a named repository of the Hugging Face hub (`from_pretrained`, `pipeline`,
    /// `load_dataset`, `snapshot_download`, `hf_hub_download`, `SentenceTransformer`, vLLM's
    /// `LLM`, …) without `revision`, or with one that is a branch or tag. Paths on disk, names
    /// that come from outside, tests and documentation are left alone. One finding for each
    /// repository and file.
    ///
    /// ## Why it matters
    /// A branch moves. What the program loads tomorrow need not be what was evaluated today, and
    /// nobody will notice: neither an honest update that changes behaviour, nor a poisoned one by
    /// somebody who took over the account. Weights in pickle format or a repository with code
    /// make it worse; those have rules of their own.
    ///
    /// ## Example
    /// ```python
    /// model = AutoModel.from_pretrained("org/model")
    /// ```
    ///
    /// ## Fix
    /// Pass `revision` with the full commit hash that was evaluated, and raise it like any other
    /// dependency. A mirror of your own that is filled after review does the same for all
    /// programs at once.
    ///
    /// ## References
    /// - Hugging Face Hub documentation, downloading files at a revision
    /// - CWE-494: Download of Code Without Integrity Check
    UnpinnedModelRevision {
        id: "code/unpinned-model-revision",
        severity: Low,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-llm-2026:LLM04",
            "owasp-agentic-2026:ASI04",
            "mitre-atlas:AML.T0010.003",
            "nist-ai-rmf-1.0:MANAGE 3.2",
            "iso-42001-2023:A.6.2.5",
        ],
        bad: [
            crate::text!("a.py", "from transformers import AutoModel\nm = AutoModel.from_pretrained('org/model')\n"),
            crate::text!("a.py", "from datasets import load_dataset\nd = load_dataset('org/data', revision='main')\n"),
            crate::text!("a.py", "from huggingface_hub import snapshot_download\nREPO = 'org/model'\nsnapshot_download(REPO)\n"),
        ],
        good: [
            crate::text!("a.py", "from transformers import AutoModel\nm = AutoModel.from_pretrained('org/model', revision='6d2fa5f1a7e3c0b1f0c2f3a4b5c6d7e8f9a0b1c2')\n"),
            crate::text!("a.py", "from transformers import AutoModel\nm = AutoModel.from_pretrained('./model')\n"),
            crate::text!("a.py", "from transformers import AutoModel\ndef load(name):\n    return AutoModel.from_pretrained(name)\n"),
            crate::text!("tests/test_a.py", "from transformers import AutoModel\nm = AutoModel.from_pretrained('org/model')\n"),
            crate::text!("a.py", "from datasets import load_dataset\nd = load_dataset('csv', data_files='x.csv')\n"),
        ],
    }
}

/// Calls that take a `revision`.
const LOADERS: [&str; 12] = [
    "from_pretrained",
    "pipeline",
    "load_dataset",
    "load_dataset_builder",
    "snapshot_download",
    "hf_hub_download",
    "SentenceTransformer",
    "CrossEncoder",
    "LLM",
    "EngineArgs",
    "AsyncEngineArgs",
    "load_lora_weights",
];

impl Rule for UnpinnedModelRevision {
    fn graph(&self, snapshot: &Snapshot, cx: &mut Cx<'_>) {
        // A tokenizer, a configuration and a model of one name are one decision.
        let mut all: BTreeMap<(&str, &str, String), Vec<&Reference>> = BTreeMap::new();
        for seen in &snapshot.observations {
            let Fact::Reference(reference) = &seen.fact else { continue };
            cx.judges(usize::from(is_load(reference)));
            if let Some(moving) = moving(reference) {
                let key = (&*reference.evidence.path, &*reference.key, moving);
                all.entry(key).or_default().push(reference);
            }
        }
        for ((_, _, moving), calls) in all {
            let Some((first, rest)) = calls.split_first() else {
                continue;
            };
            let call = shown(text(first, "call").unwrap_or_default());
            let who = match rest.len() {
                0 => format!("`{call}` loads"),
                1 => format!("`{call}` and one more call load"),
                more => format!("`{call}` and {more} more calls load"),
            };
            let about = AssetId::new(first.kind, first.key.as_str());
            let mut draft = cx
                .report_about(about, &first.evidence, format!("{who} {} {moving}", first.name))
                .severity(Severity::Low);
            for one in rest {
                draft = draft.also(&one.evidence);
            }
        }
    }
}

fn text<'r>(reference: &'r Reference, name: &str) -> Option<&'r str> {
    reference.attributes.get(name).and_then(|it| it.as_str())
}

/// Whether it is a call that loads something of the hub, in what runs.
fn is_load(reference: &Reference) -> bool {
    matches!(reference.kind, AssetKind::Model | AssetKind::Dataset)
        && reference.key.starts_with("pkg:huggingface/")
        && !matches!(reference.how, How::Import | How::Unresolved)
        && text(reference, "call").is_some_and(|call| LOADERS.contains(&last(call)))
        && Scope::of_path(&reference.evidence.path) == Scope::Production
}

/// In which way a call leaves open what it loads.
fn moving(reference: &Reference) -> Option<String> {
    if !is_load(reference) {
        return None;
    }
    match text(reference, "revision") {
        None => Some("without `revision`".to_owned()),
        // It comes from outside, or may be among arguments that are handed on.
        Some("?") => None,
        Some(revision) if is_commit(revision) => None,
        Some(revision) => Some(format!("at `{revision}`, which may move")),
    }
}

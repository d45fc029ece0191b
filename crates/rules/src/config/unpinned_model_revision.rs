use std::collections::{BTreeMap, BTreeSet};

use stance_core::fact::{Fact, Reference};
use stance_core::{AssetId, AssetKind, How, RelationKind, Scope, Snapshot};

use crate::calls::is_commit;
use crate::{Cx, Rule};

rule! {
    /// # Recipe or deployment that takes a model from the hub without a fixed revision
    ///
    /// ## What it finds
    /// A training recipe (Transformers and TRL, alignment-handbook, axolotl, LLaMA-Factory), a Kubernetes manifest or the values of
    /// a chart that names a model or data set of the Hugging Face Hub without a revision, or with one that is a branch or tag.
    /// One finding per file. Examples, tests, documentation, data to measure with, and names that come from outside are left alone.
    ///
    /// ## Why it matters
    /// A branch moves. The next run trains from, or serves, something else than what was evaluated, and nobody can say later
    /// which weights and which data went in. Somebody who takes over the account puts what they like in.
    ///
    /// ## Example
    /// ```yaml
    /// model_name_or_path: org/base-7b
    /// dataset_name: lab/chat
    /// ```
    ///
    /// ## Fix
    /// Name the commit: `model_revision` in recipes of TRL, `revision` in axolotl's `datasets`, `--revision` for vLLM; or start
    /// from a mirror of your own that is filled after review.
    ///
    /// ## References
    /// - Hugging Face Hub documentation, downloading files at a revision
    /// - CWE-494: Download of Code Without Integrity Check
    UnpinnedModelRevision {
        id: "config/unpinned-model-revision",
        severity: Low,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-llm-2025:LLM04",
            "owasp-llm-2026:LLM04",
            "owasp-agentic-2026:ASI04",
            "mitre-atlas:AML.T0010.003",
            "nist-ai-rmf-1.0:MANAGE 3.2",
            "iso-42001-2023:A.6.2.5",
        ],
        bad: [
            crate::text!("recipes/sft.yaml", "model_name_or_path: org/base\nmodel_revision: main\nlearning_rate: 1.0\nbf16: true\ndataset_name: lab/chat\n"),
            crate::text!("deploy.yaml", "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - name: llm\n          image: vllm/vllm-openai:v0.9.0\n          args: [--model, org/model]\n"),
        ],
        good: [
            crate::text!("recipes/sft.yaml", "model_name_or_path: org/base\nmodel_revision: 6d2fa5f1a7e3c0b1f0c2f3a4b5c6d7e8f9a0b1c2\nlearning_rate: 1.0\nbf16: true\n"),
            crate::text!("examples/sft.yaml", "model_name_or_path: org/base\nlearning_rate: 1.0\nbf16: true\n"),
            crate::text!("recipes/sft.yaml", "model_name_or_path: /models/base\nlearning_rate: 1.0\nbf16: true\n"),
            crate::text!("deploy.yaml", "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - name: llm\n          image: vllm/vllm-openai:v0.9.0\n          args: [--model, org/model, --revision, 6d2fa5f1a7e3c0b1f0c2f3a4b5c6d7e8f9a0b1c2]\n"),
        ],
    }
}

/// Whether a recipe or deployment takes this from the hub at a revision that may move.
fn moves(reference: &Reference) -> bool {
    let of_hub = matches!(reference.kind, AssetKind::Model | AssetKind::Dataset)
        && reference.key.starts_with("pkg:huggingface/")
        && reference.how == How::Configuration
        && !reference.attributes.contains_key("call");
    let taken = matches!(
        reference.relation,
        RelationKind::LoadsArtifactFrom | RelationKind::Reads | RelationKind::Serves
    );
    let text = |name: &str| reference.attributes.get(name).and_then(|it| it.as_str());
    of_hub
        && taken
        && !matches!(text("role"), Some("evaluation" | "judge"))
        && !text("revision").is_some_and(is_commit)
}

impl Rule for UnpinnedModelRevision {
    fn graph(&self, snapshot: &Snapshot, cx: &mut Cx<'_>) {
        let mut recipes: BTreeSet<&str> = BTreeSet::new();
        let mut by_file: BTreeMap<&str, Vec<&Reference>> = BTreeMap::new();
        for observation in &snapshot.observations {
            let Fact::Reference(reference) = &observation.fact else {
                continue;
            };
            let path: &str = &reference.evidence.path;
            if Scope::of_path(path) != Scope::Production {
                continue;
            }
            if reference.kind == AssetKind::Pipeline && reference.key == path {
                recipes.insert(path);
            }
            cx.judges(usize::from(reference.kind == AssetKind::Model && reference.relation == RelationKind::Serves));
            if moves(reference) {
                by_file.entry(path).or_default().push(reference);
            }
        }
        for (path, all) in by_file {
            let here: Vec<&Reference> = all
                .into_iter()
                .filter(|one| one.relation == RelationKind::Serves || recipes.contains(path))
                .collect();
            let Some((first, more)) = here.split_first() else {
                continue;
            };
            let file = path.rsplit('/').next().unwrap_or(path);
            let message = match more.len() {
                0 => format!("`{file}` takes `{}` from the hub at a revision that may move", first.name),
                1 => format!("`{file}` takes `{}` and another from the hub at revisions that may move", first.name),
                count => format!("`{file}` takes `{}` and {count} others from the hub at revisions that may move", first.name),
            };
            let id = AssetId::new(first.kind, &first.key);
            let mut draft = cx.report_about(id, &first.evidence, message);
            for one in more.iter().take(crate::lifecycle::MORE_PLACES) {
                draft = draft.also(&one.evidence);
            }
        }
    }
}

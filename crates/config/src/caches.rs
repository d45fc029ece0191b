//! What hubs and tools keep on a disk: their directories name the model, the data set and the revision.

use stance_code::names::hub_dataset;
use stance_core::asset::{AssetKind, How};
use stance_core::relation::RelationKind;
use stance_read::Inspector;
use stance_read::credential::Page;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::tree::{Node, Notation, Tree};

use crate::draft::{Draft, relate};

/// The parser of such stores.
pub(crate) static INSPECTOR: Caches = Caches;

pub(crate) struct Caches;

/// Longest file of a store that is read: they hold a commit or a short list.
const LONGEST: u64 = 1 << 20;

/// What a path stands for.
enum Kept<'p> {
    /// `models--org--name/refs/main` of the Hugging Face hub.
    Hub {
        dataset: bool,
        id: String,
        reference: &'p str,
    },
    /// `manifests/registry.ollama.ai/library/name/tag`.
    Ollama { name: String, tag: &'p str },
    /// `.lmstudio/models/org/name/file.gguf`.
    LmStudio { id: String },
    /// `wandb/run-20250101_000000-abcd/files/wandb-metadata.json`.
    Wandb { run: &'p str },
    /// `mlruns/0/0123…/meta.yaml`.
    Mlflow { run: &'p str },
}

fn kept(path: &str) -> Option<Kept<'_>> {
    let parts: Vec<&str> = path.split(['/', '!']).collect();
    let at = |back: usize| {
        parts
            .len()
            .checked_sub(back)
            .and_then(|index| parts.get(index))
            .copied()
    };
    // The file itself is `at(1)`.
    if at(2) == Some("refs")
        && let Some(directory) = at(3)
    {
        let (dataset, rest) = match directory.strip_prefix("models--") {
            Some(rest) => (false, rest),
            None => (true, directory.strip_prefix("datasets--")?),
        };
        let id = rest.replacen("--", "/", 1);
        return Some(Kept::Hub {
            dataset,
            id,
            reference: at(1)?,
        });
    }
    if let Some(index) = parts.iter().position(|part| *part == "manifests")
        && let Some([host, owner, name, tag]) = parts.get(index.saturating_add(1)..)
        && host.contains('.')
    {
        let name = match (*host, *owner) {
            ("registry.ollama.ai", "library") => (*name).to_owned(),
            ("registry.ollama.ai", owner) => format!("{owner}/{name}"),
            (host, owner) => format!("{host}/{owner}/{name}"),
        };
        return Some(Kept::Ollama { name, tag });
    }
    if path.ends_with(".gguf")
        && at(4) == Some("models")
        && matches!(at(5), Some(".lmstudio" | "lm-studio"))
    {
        return Some(Kept::LmStudio {
            id: format!("{}/{}", at(3)?, at(2)?),
        });
    }
    if at(1) == Some("wandb-metadata.json") && at(2) == Some("files") && at(4) == Some("wandb") {
        return Some(Kept::Wandb { run: at(3)? });
    }
    if at(1) == Some("meta.yaml") && at(4) == Some("mlruns") {
        return Some(Kept::Mlflow { run: at(2)? });
    }
    None
}

impl Inspector for Caches {
    fn name(&self) -> &'static str {
        "model cache"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        kept(input.path()).is_some()
    }

    fn understands(&self) -> bool {
        false
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(kept) = kept(input.path()) else {
            return;
        };
        if let Kept::LmStudio { id } = &kept {
            // The weights themselves are told by the parser of their format.
            let text = stance_read::Text::new("");
            let page = Page::new(input.path(), &text, Vec::new());
            Draft::new(
                AssetKind::Model,
                format!("pkg:huggingface/{id}"),
                id.as_str(),
            )
            .how(How::Observed)
            .relation(RelationKind::Contains)
            .vendor(Some("huggingface"))
            .with("cache", "lm-studio")
            .add(0..0, &page, facts);
            return;
        }
        if input.len() > LONGEST || !input.is_text() {
            return;
        }
        let Some(text) = input.text(facts) else {
            return;
        };
        let page = Page::new(input.path(), &text, Vec::new());
        let first = 0..text.as_str().lines().next().unwrap_or_default().len();
        let notation = if input.extension() == "yaml" {
            Notation::Yaml
        } else {
            Notation::Json
        };
        match kept {
            Kept::Hub {
                dataset,
                id,
                reference,
            } => {
                let commit = text.as_str().trim();
                let whole =
                    commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
                let draft = match (dataset, hub_dataset(&id)) {
                    (true, Some(id)) => Draft::dataset(id).relation(RelationKind::Contains),
                    (true, None) => return,
                    (false, _) => Draft::new(
                        AssetKind::Model,
                        format!("pkg:huggingface/{id}"),
                        id.as_str(),
                    )
                    .relation(RelationKind::Contains)
                    .vendor(Some("huggingface")),
                };
                draft
                    .how(How::Observed)
                    .with("cache", "huggingface")
                    .with_some("revision", whole.then_some(commit))
                    .with("reference", reference)
                    .add(first, &page, facts);
            }
            Kept::Ollama { name, tag } => {
                let tree = Tree::parse(Notation::Json, text.as_str(), &input.options().limits);
                let Some(root) = tree.root().filter(|root| root.get("layers").is_some()) else {
                    return;
                };
                let layers = root.get("layers").map(Node::items).unwrap_or_default();
                let weights = layers.iter().find(|layer| {
                    let kind = layer.get("mediaType").and_then(Node::as_str);
                    kind.is_some_and(|kind| kind.ends_with("image.model"))
                });
                let digest = weights
                    .and_then(|layer| layer.get("digest"))
                    .and_then(Node::as_str)
                    .map(str::to_owned);
                Draft::new(
                    AssetKind::Model,
                    format!("ollama/{name}:{tag}"),
                    format!("{name}:{tag}"),
                )
                .how(How::Observed)
                .relation(RelationKind::Contains)
                .vendor(Some("ollama"))
                .alias(&name)
                .with("cache", "ollama")
                .with_some("digest", digest)
                .add(first, &page, facts);
            }
            Kept::Wandb { run } => {
                let tree = Tree::parse(notation, text.as_str(), &input.options().limits);
                let Some(root) = tree.root() else { return };
                let program = root
                    .get_any(&["codePath", "program"])
                    .and_then(Node::as_str)
                    .map(str::to_owned);
                let gpu = root.get("gpu").and_then(Node::as_str).map(str::to_owned);
                let id = Draft::new(AssetKind::Pipeline, format!("wandb/{run}"), run)
                    .how(How::Observed)
                    .relation(RelationKind::Contains)
                    .vendor(Some("wandb"))
                    .role("training")
                    .with_some("program", program)
                    .add(first.clone(), &page, facts);
                if let Some(gpu) = gpu {
                    let compute = Draft::new(
                        AssetKind::Compute,
                        format!("accelerator/{gpu}"),
                        gpu.as_str(),
                    )
                    .how(How::Observed)
                    .relation(RelationKind::DependsOn)
                    .role("accelerator")
                    .add(first.clone(), &page, facts);
                    relate(&id, RelationKind::DependsOn, &compute, first, &page, facts);
                }
            }
            Kept::Mlflow { run } => {
                let tree = Tree::parse(notation, text.as_str(), &input.options().limits);
                let Some(root) = tree.root().filter(|root| root.get("run_id").is_some()) else {
                    return;
                };
                let title = root
                    .get("run_name")
                    .and_then(Node::as_str)
                    .filter(|name| !name.is_empty());
                Draft::new(
                    AssetKind::Pipeline,
                    format!("mlflow/{run}"),
                    title.unwrap_or(run),
                )
                .how(How::Observed)
                .relation(RelationKind::Contains)
                .role("training")
                .with("service", "mlflow")
                .add(first, &page, facts);
            }
            Kept::LmStudio { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{references, told};

    #[test]
    fn directories_of_stores_name_what_they_keep() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        let hub = "hub/models--meta-llama--Llama-3.1-8B/refs/main";
        assert_eq!(
            told(hub, commit),
            ["model pkg:huggingface/meta-llama/Llama-3.1-8B - 1"]
        );
        assert_eq!(references(hub, commit)[0].attributes["revision"], commit);
        assert_eq!(
            told("datasets--lab--d/refs/main", commit),
            ["dataset pkg:huggingface/datasets/lab/d - 1"]
        );
        let manifest = r#"{"layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:ab"}]}"#;
        let ollama = ".ollama/models/manifests/registry.ollama.ai/library/qwen3/8b";
        assert_eq!(told(ollama, manifest), ["model ollama/qwen3:8b - 1"]);
        assert_eq!(
            told(".lmstudio/models/org/m-GGUF/m.gguf", "GGUF"),
            ["model pkg:huggingface/org/m-GGUF - 1"]
        );
        assert_eq!(
            told(
                "wandb/run-1-ab/files/wandb-metadata.json",
                r#"{"program": "train.py", "gpu": "NVIDIA H100"}"#
            ),
            [
                "pipeline wandb/run-1-ab training 1",
                "compute accelerator/NVIDIA H100 accelerator 1"
            ]
        );
        assert_eq!(
            told(
                "mlruns/0/ab12/meta.yaml",
                "run_id: ab12\nrun_name: bold-fox\n"
            ),
            ["pipeline mlflow/ab12 training 1"]
        );
        assert_eq!(told("manifests/a/b/c/d", manifest), [] as [&str; 0]);
    }
}

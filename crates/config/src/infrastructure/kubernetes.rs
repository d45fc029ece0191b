//! Kubernetes: servers of models as KServe, Seldon, KubeAI, Kaito and Ray declare them, containers that
//! serve models.

use stance_code::names::{hub_model, model_at};
use stance_core::asset::{AssetId, AssetKind};
use stance_core::relation::RelationKind;
use stance_read::credential::Page;
use stance_read::report::Facts;
use stance_read::tree::{Node, Notation, Tree};

use super::adapters::adapter;
use super::cloud::MOST;
use crate::document::Format;
use crate::draft::{Draft, relate};

pub(crate) const KUBERNETES: Format = Format {
    title: "Kubernetes manifest",
    loose: true,
    marks: &["apiVersion:", "\"apiVersion\""],
    read,
};

/// Images of servers of models, notebooks, vector stores and gateways, by a part of their names.
#[rustfmt::skip]
pub(super) const IMAGES: &[(&str, &str)] = &[
    ("vllm", "inference server"), ("text-generation-inference", "inference server"),
    ("text-embeddings-inference", "inference server"), ("ollama/ollama", "inference server"),
    ("sglang", "inference server"), ("tritonserver", "inference server"), ("llama.cpp", "inference server"),
    ("localai", "inference server"), ("torchserve", "inference server"), ("pytorch/torchserve", "inference server"),
    ("tensorflow/serving", "inference server"), ("kserve/huggingfaceserver", "inference server"),
    ("huggingfaceserver", "inference server"), ("rayproject/ray", "inference server"), ("nvcr.io/nim", "inference server"),
    ("berriai/litellm", "gateway"), ("qdrant/qdrant", "vector store"), ("chromadb/chroma", "vector store"),
    ("milvusdb/milvus", "vector store"), ("semitechnologies/weaviate", "vector store"), ("pgvector/pgvector", "vector store"),
    ("langgenius/dify", "agent builder"), ("flowiseai/flowise", "agent builder"), ("langflowai/langflow", "agent builder"),
    ("faster-whisper", "inference server"), ("michaelf34/infinity", "inference server"), ("n8nio/n8n", "agent builder"),
    ("speaches", "inference server"), ("open-webui/open-webui", "chat"), ("mlflow", "tracking server"),
];

/// Flags and variables by which servers are told their model.
const FLAGS: &[&str] = &[
    "--model",
    "--model-id",
    "--model_id",
    "--model-path",
    "--model-name-or-path",
    "-hf",
    "--hf-repo",
];
const VARIABLES: &[&str] = &[
    "MODEL_ID",
    "HF_MODEL_ID",
    "MODEL",
    "MODEL_NAME_OR_PATH",
    "HF_MODEL",
    "VLLM_MODEL",
    "NIM_MODEL_NAME",
];

fn read(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let (Some(version), Some(kind)) = (
        root.get("apiVersion").and_then(Node::as_str),
        root.get("kind"),
    ) else {
        return false;
    };
    let Some(kind_text) = kind.as_str() else {
        return false;
    };
    if kind_text == "List" {
        for item in root
            .get("items")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .take(MOST)
        {
            read_one(item, page, facts);
        }
        return true;
    }
    // A configuration file that happens to use both words has no version with a slash or `v1`.
    if !(version.contains('/') || version.starts_with('v')) {
        return false;
    }
    read_one(root, page, facts);
    true
}

fn read_one(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) {
    let kind = root.get("kind").and_then(Node::as_str).unwrap_or_default();
    let version = root
        .get("apiVersion")
        .and_then(Node::as_str)
        .unwrap_or_default();
    if kind == "CustomResourceDefinition" {
        return;
    }
    let group = version.split('/').next().unwrap_or_default();
    let service = match (group, kind) {
        ("serving.kserve.io", "InferenceService" | "InferenceGraph" | "LLMInferenceService") => {
            "kserve"
        }
        ("machinelearning.seldon.io", "SeldonDeployment")
        | ("mlops.seldon.io", "Model" | "Pipeline") => "seldon",
        ("ray.io", "RayService") => "ray",
        ("kubeai.org", "Model") => "kubeai",
        ("kaito.sh", "Workspace") => "kaito",
        ("apps.nvidia.com", "NIMService") => "nim",
        ("production-stack.vllm.ai", "VLLMRuntime") => "vllm",
        _ => "",
    };
    // An adapter is loaded by a server that another document declares.
    if kind == "LoraAdapter" {
        adapter(root, page, facts);
        return;
    }
    let endpoint = (!service.is_empty()).then(|| endpoint(root, service, page, facts));
    let mut open = vec![root];
    let mut pods: Vec<&Node> = Vec::new();
    let mut left = MOST;
    while let Some(node) = open.pop() {
        for entry in node.entries().iter().filter(|entry| !entry.shadowed) {
            if left > 0
                && let Some(id) = named(&entry.key, &entry.value, &endpoint, page, facts)
            {
                left = left.saturating_sub(1);
                serve(endpoint.as_ref(), &id, &entry.value, page, facts);
            }
            // Ray keeps a document of its own in a string.
            if &*entry.key == "serveConfigV2"
                && let Some(text) = entry.value.as_str()
            {
                nested(text, &entry.value, endpoint.as_ref(), page, facts);
            }
        }
        if node.get("image").is_some() {
            container(node, endpoint.as_ref(), page, facts);
        }
        if node.get("containers").is_some() {
            pods.push(node);
        }
        open.extend(node.entries().iter().rev().map(|entry| &entry.value));
        open.extend(node.items().iter().rev());
    }
    // Who runs with keys and addresses of AI services may use them.
    if crate::handed::below(root, page, facts) > 0 {
        for pod in pods.into_iter().take(64) {
            crate::handed::account(pod, page, facts);
        }
    }
}

fn serve(
    endpoint: Option<&AssetId>,
    model: &AssetId,
    at: &Node,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) {
    if let Some(endpoint) = endpoint {
        relate(
            endpoint,
            RelationKind::Serves,
            model,
            at.span.clone(),
            page,
            facts,
        );
    }
}

/// The address at which the cluster will answer.
fn endpoint(root: &Node, service: &str, page: &Page<'_>, facts: &mut Facts<'_>) -> AssetId {
    let node = root
        .path(&["metadata", "name"])
        .or_else(|| root.path(&["metadata", "generateName"]));
    let name = node.and_then(Node::as_str).unwrap_or(service);
    let format = root
        .path(&["spec", "predictor", "model", "modelFormat", "name"])
        .and_then(Node::as_str)
        .map(str::to_owned);
    let place = node
        .or_else(|| root.get("kind"))
        .map_or(root.span.clone(), |node| node.span.clone());
    let namespace = root
        .path(&["metadata", "namespace"])
        .and_then(Node::as_str)
        .map(str::to_owned);
    Draft::new(AssetKind::Endpoint, format!("{}#{name}", page.path), name)
        .relation(RelationKind::DependsOn)
        .role("inference")
        .with("service", service)
        .with_some("model_format", format)
        .with_some("namespace", namespace)
        .add(place, page, facts)
}

/// A model by its address, under the keys that the resources use.
fn named(
    key: &str,
    node: &Node,
    endpoint: &Option<AssetId>,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) -> Option<AssetId> {
    let text = node.as_str()?;
    let declared = endpoint.is_some();
    let address = matches!(
        key,
        "storageUri" | "storageURI" | "modelUri" | "uri" | "url"
    );
    let hub = matches!(
        key,
        "modelURL" | "model_id" | "modelId" | "model_source" | "modelID"
    );
    let draft = if address && declared {
        by_address(text)?
    } else if hub && declared {
        Draft::model(hub_model(text)?, text)
    } else {
        return None;
    };
    Some(
        draft
            .relation(RelationKind::Serves)
            .role("inference")
            .add(node.span.clone(), page, facts),
    )
}

/// `hf://org/name`, `s3://bucket/model`, `ollama://qwen2:0.5b`, `pvc://…`.
fn by_address(text: &str) -> Option<Draft> {
    let (scheme, rest) = text.split_once("://")?;
    if rest.is_empty() || text.contains(['{', '<', '$']) {
        return None;
    }
    if let Some(model) = model_at(text) {
        return Some(Draft::model(model, text));
    }
    match scheme {
        "s3" | "gs" | "pvc" | "oci" | "https" | "http" | "azure" | "mlflow" | "ngc" => {
            let name = rest
                .trim_end_matches('/')
                .rsplit('/')
                .next()
                .unwrap_or(rest);
            let draft = Draft::new(AssetKind::Model, text, name).alias(text);
            Some(draft.with("storage", scheme))
        }
        _ => None,
    }
}

/// The image of a server, gateway or store of vectors; whether it is one.
pub(super) fn image(node: &Node, image: &str, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let lower = image.to_ascii_lowercase();
    let Some((_, role)) = IMAGES.iter().find(|(part, _)| lower.contains(part)) else {
        return false;
    };
    if !image.contains(['{', '$']) {
        let (name, version) = split_image(image);
        Draft::new(AssetKind::Compute, format!("pkg:docker/{name}"), name)
            .relation(RelationKind::DependsOn)
            .role(role)
            .with_some("version", version)
            .add(node.span.clone(), page, facts);
    }
    true
}

/// A container with the image, arguments and variables of a server.
pub(super) fn container(
    node: &Node,
    endpoint: Option<&AssetId>,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) {
    let named = node.get("image").unwrap_or(node);
    if !image(named, named.as_str().unwrap_or_default(), page, facts) {
        return;
    }
    let mut words: Vec<(&str, &Node)> = Vec::new();
    for key in ["command", "args"] {
        for item in node.get(key).map(Node::items).unwrap_or_default() {
            let text = item.as_str().unwrap_or_default();
            // A shell may get the whole line as one word.
            words.extend(text.split_ascii_whitespace().map(|word| (word, item)));
        }
    }
    let mut found: Vec<(&str, &Node)> = Vec::new();
    for (at, (word, item)) in words.iter().enumerate() {
        let next = words.get(at.saturating_add(1));
        let value = match word.split_once('=') {
            Some((flag, value)) if FLAGS.contains(&flag) => Some((value, *item)),
            None if FLAGS.contains(word) => next.copied(),
            // `vllm serve org/name`
            None if *word == "serve" => next.copied().filter(|(word, _)| !word.starts_with('-')),
            _ => None,
        };
        found.extend(value);
    }
    for variable in node.get("env").map(Node::items).unwrap_or_default() {
        let name = variable
            .get("name")
            .and_then(Node::as_str)
            .unwrap_or_default();
        if VARIABLES.contains(&name)
            && let Some(value) = variable.get("value")
            && let Some(text) = value.as_str()
        {
            found.push((text, value));
        }
    }
    let (trusts, revision) = options(&words);
    for (text, at) in found.into_iter().take(64) {
        let text = text.trim_matches(['"', '\'']);
        if let Some(model) = hub_model(text) {
            let id = Draft::model(model, text)
                .relation(RelationKind::Serves)
                .role("inference")
                .with_some("trust_remote_code", trusts.then_some(true))
                .with_some("revision", revision)
                .add(at.span.clone(), page, facts);
            serve(endpoint, &id, at, page, facts);
        }
    }
}

/// Whether the arguments of a server let the code of the model repository run, and the revision they name.
fn options<'w>(words: &[(&'w str, &Node)]) -> (bool, Option<&'w str>) {
    let trusts = words.iter().any(|(word, _)| {
        matches!(
            *word,
            "--trust-remote-code" | "--trust-remote-code=true" | "--trust_remote_code"
        )
    });
    let revision = words.iter().enumerate().find_map(|(at, (word, _))| {
        if *word == "--revision" {
            return words.get(at.saturating_add(1)).map(|(next, _)| *next);
        }
        word.strip_prefix("--revision=")
    });
    (trusts, revision)
}

/// Whether the values beside a model let the code of its repository run: a switch of the chart, or an argument.
pub(super) fn trusts(node: &Node) -> bool {
    let says = |node: &Node| {
        let switch = ["trustRemoteCode", "trust_remote_code", "trust-remote-code"];
        let on = node.get_any(&switch).and_then(Node::as_bool) == Some(true);
        on || ["extraArgs", "args", "extra_args"].iter().any(|key| {
            let list = node.get(key).map(Node::items).unwrap_or_default();
            list.iter()
                .filter_map(Node::as_str)
                .any(|word| word.trim() == "--trust-remote-code")
        })
    };
    says(node) || node.get("vllmConfig").is_some_and(says)
}

/// An image without its tag or digest.
fn split_image(image: &str) -> (&str, Option<&str>) {
    let (image, digest) = match image.split_once('@') {
        Some((image, digest)) => (image, Some(digest)),
        None => (image, None),
    };
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, digest.or(Some(tag))),
        _ => (image, digest),
    }
}

/// A document of YAML in a string.
fn nested(
    text: &str,
    at: &Node,
    endpoint: Option<&AssetId>,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) {
    let tree = Tree::parse(Notation::Yaml, text, &stance_read::Limits::default());
    let mut left = MOST;
    for document in &tree.documents {
        document.strings(&mut |entry, _, value| {
            let key = entry.map(|entry| &*entry.key).unwrap_or_default();
            if left > 0
                && matches!(key, "model_id" | "model_source" | "MODEL_ID" | "model")
                && let Some(model) = hub_model(value).filter(|model| model.name.contains('/'))
            {
                left = left.saturating_sub(1);
                let id = Draft::model(model, value)
                    .relation(RelationKind::Serves)
                    .role("inference")
                    .add(at.span.clone(), page, facts);
                serve(endpoint, &id, at, page, facts);
            }
        });
    }
}

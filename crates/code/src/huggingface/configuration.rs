//! Entries of a configuration that matter, wherever they stand in it.

use stance_core::fact::{Artifact, Embedded, EmbeddedKind, External};

use super::{adapter, claims, special, template};
use stance_read::external;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::text::Text;
use stance_read::tree::{Entry, Node, Value};

/// References and templates that are told of one file.
const MOST: usize = 256;

/// Reads a document. Entries that a later one of the same name hides count too.
pub(super) fn read(
    root: &Node,
    input: &Input<'_>,
    text: &Text<'_>,
    artifact: &mut Artifact,
    facts: &mut Facts<'_>,
) {
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        for entry in node.entries() {
            match &*entry.key {
                "chat_template" | "default_chat_template" | "chat_template_jinja" => {
                    templates(entry, input, text, artifact, facts);
                }
                key if key.ends_with("template") && entry.value.as_str().is_some_and(is_prompt) => {
                    templates(entry, input, text, artifact, facts);
                }
                "auto_map" => auto_map(entry, input, text, artifact),
                "_class_name" => component("_class_name", &entry.value, input, text, artifact),
                "custom_pipelines" => custom_pipelines(entry, input, text, artifact),
                "weight_map" => weight_map(entry, input, text, artifact),
                key if special::NAMES.contains(&key) => {
                    special::token(entry, input, text, artifact);
                }
                _ => open.push(&entry.value),
            }
        }
        open.extend(node.items().iter().rev());
    }
    if root.get("_diffusers_version").is_some() || root.get("_class_name").is_some() {
        for entry in root.entries() {
            if &*entry.key != "_class_name" {
                component(&entry.key, &entry.value, input, text, artifact);
            }
        }
    }
    special::endless(root, input, text, artifact);
    claims::read(root, artifact);
    adapter::read(root, input, text, artifact);
    if !artifact.embedded.is_empty() || !artifact.metadata.is_empty() {
        artifact.architecture = root
            .path(&["architectures"])
            .and_then(|names| names.items().first())
            .or_else(|| root.get("model_type"))
            .and_then(Node::as_str)
            .map(|name| name.chars().take(100).collect());
        artifact.licence = root
            .get("license")
            .and_then(Node::as_str)
            .map(|name| name.chars().take(100).collect());
    }
}

/// One template, several with names in a list, or several by name.
fn templates(
    entry: &Entry,
    input: &Input<'_>,
    text: &Text<'_>,
    artifact: &mut Artifact,
    facts: &mut Facts<'_>,
) {
    let mut push = |name: &str, node: &Node| {
        if let Some(source) = node.as_str().filter(|source| is_jinja(source))
            && artifact.embedded.len() < MOST
        {
            let evidence = text.evidence(input.path(), node.span.clone());
            template::push(name, source, evidence, artifact, facts);
        }
    };
    match &entry.value.value {
        Value::String(_) => push(&entry.key, &entry.value),
        Value::Array(items) => {
            for item in items {
                let name = item
                    .get("name")
                    .and_then(Node::as_str)
                    .unwrap_or(&entry.key);
                if let Some(template) = item.get("template") {
                    push(name, template);
                }
            }
        }
        Value::Object(entries) => {
            for inner in entries {
                push(&inner.key, &inner.value);
            }
        }
        _ => {}
    }
}

/// Not the name of a template or of a file.
fn is_jinja(source: &str) -> bool {
    source.contains("{{") || source.contains("{%")
}

/// Whether a template under another name is about conversations, or about something else
/// than text.
fn is_prompt(source: &str) -> bool {
    is_jinja(source)
        && ["messages", "message", "content", "prompt", "__", "attr("]
            .iter()
            .any(|word| source.contains(word))
}

/// Classes that the Auto classes take from code beside the model, or from another repository.
fn auto_map(entry: &Entry, input: &Input<'_>, text: &Text<'_>, artifact: &mut Artifact) {
    for class in entry.value.entries() {
        let first = std::slice::from_ref(&class.value);
        let places = if class.value.is_array() {
            class.value.items()
        } else {
            first
        };
        for node in places {
            code(&class.key, node, input, text, artifact);
        }
    }
}

/// Pipelines that are imported the same way.
fn custom_pipelines(entry: &Entry, input: &Input<'_>, text: &Text<'_>, artifact: &mut Artifact) {
    for task in entry.value.entries() {
        if let Some(node) = task.value.get("impl") {
            code(&task.key, node, input, text, artifact);
        }
    }
}

/// Libraries whose classes a pipeline of diffusers is made of.
const LIBRARIES: &[&str] = &[
    "diffusers",
    "flax",
    "k_diffusion",
    "onnxruntime",
    "onnxruntime.training",
    "open_clip",
    "optimum",
    "sentence_transformers",
    "stable_diffusion",
    "tokenizers",
    "torch",
    "torchvision",
    "transformers",
];

/// A part of a pipeline of diffusers, `["library", "Class"]`: a library that is none is a file of the model.
fn component(
    name: &str,
    value: &Node,
    input: &Input<'_>,
    text: &Text<'_>,
    artifact: &mut Artifact,
) {
    let [module, class] = value.items() else {
        return;
    };
    let (Some(module), Some(class_name)) = (module.as_str(), class.as_str()) else {
        return;
    };
    let package = module.split('.').next().unwrap_or_default();
    let plain = |word: &str| {
        !word.is_empty()
            && word
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'))
    };
    // Parts of diffusers itself are named by the pipeline they belong to.
    if LIBRARIES.contains(&package)
        || DIFFUSERS.contains(&package)
        || !plain(module)
        || !plain(class_name)
        || artifact.embedded.len() >= MOST
    {
        return;
    }
    artifact.embedded.push(Embedded {
        kind: EmbeddedKind::Source,
        name: name.chars().take(100).collect(),
        detail: format!("{module}.{class_name}").chars().take(200).collect(),
        evidence: text.evidence(input.path(), value.span.clone()),
    });
}

/// Pipelines of diffusers that bring parts of their own.
const DIFFUSERS: &[&str] = &[
    "allegro",
    "amused",
    "animatediff",
    "audioldm",
    "audioldm2",
    "aura_flow",
    "blip_diffusion",
    "bria",
    "chroma",
    "cogvideo",
    "cogview3",
    "cogview4",
    "consisid",
    "cosmos",
    "deepfloyd_if",
    "deprecated",
    "dit",
    "easyanimate",
    "flux",
    "hidream_image",
    "hunyuan_video",
    "hunyuandit",
    "kandinsky",
    "kandinsky2_2",
    "kandinsky3",
    "kandinsky5",
    "latent_consistency_models",
    "latent_diffusion",
    "latte",
    "ledits_pp",
    "ltx",
    "lumina",
    "lumina2",
    "marigold",
    "mochi",
    "musicldm",
    "omnigen",
    "paint_by_example",
    "pia",
    "pixart_alpha",
    "qwenimage",
    "sana",
    "semantic_stable_diffusion",
    "shap_e",
    "skyreels_v2",
    "stable_audio",
    "stable_cascade",
    "stable_diffusion",
    "stable_diffusion_3",
    "stable_diffusion_attend_and_excite",
    "stable_diffusion_gligen",
    "stable_diffusion_k_diffusion",
    "stable_diffusion_ldm3d",
    "stable_diffusion_safe",
    "stable_diffusion_sag",
    "stable_diffusion_xl",
    "stable_video_diffusion",
    "t2i_adapter",
    "text_to_video_synthesis",
    "unclip",
    "unidiffuser",
    "versatile_diffusion",
    "visualcloze",
    "vq_diffusion",
    "wan",
    "wuerstchen",
];

fn code(name: &str, node: &Node, input: &Input<'_>, text: &Text<'_>, artifact: &mut Artifact) {
    if let Some(reference) = node.as_str().filter(|reference| !reference.is_empty())
        && artifact.embedded.len() < MOST
    {
        artifact.embedded.push(Embedded {
            kind: EmbeddedKind::Source,
            name: name.chars().take(100).collect(),
            detail: reference.chars().take(200).collect(),
            evidence: text.evidence(input.path(), node.span.clone()),
        });
    }
}

/// Files with the shards of the weights; those outside the directory are told.
fn weight_map(entry: &Entry, input: &Input<'_>, text: &Text<'_>, artifact: &mut Artifact) {
    for tensor in entry.value.entries() {
        if let Some(location) = tensor.value.as_str()
            && external::escapes(location)
            && artifact.external.len() < MOST
            && !artifact
                .external
                .iter()
                .any(|known| known.location == location)
        {
            artifact.external.push(External {
                location: location.chars().take(1024).collect(),
                escapes: true,
                evidence: text.evidence(input.path(), tensor.value.span.clone()),
            });
        }
    }
}

//! Servers of the AI world as containers run them: how to know one, and what keeps strangers out.
//! Facts from the documentation and the default configuration of each server.

use stance_core::fact::{Fact, Service, Setting};
use stance_core::{Evidence, Snapshot};

/// What a server is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// It answers requests with a model.
    Inference,
    /// It runs code that its users write: notebooks, workflows, jobs.
    Execution,
    /// It stores vectors and the texts behind them.
    VectorStore,
    /// It keeps experiments, models or traces.
    Tracking,
    /// It stands in front of models or agents.
    Front,
}

/// What keeps strangers out of a server.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Guard {
    /// It has no authentication of its own.
    Nothing,
    /// Off, unless one of these flags is given or one of these variables is set (to one of the
    /// values, when there are any).
    Unless(
        &'static [&'static str],
        &'static [(&'static str, &'static [&'static str])],
    ),
    /// On, unless one of these flags is given with an empty value, or one of these variables has
    /// one of these values (the empty one included where it is listed).
    On(
        &'static [&'static str],
        &'static [(&'static str, &'static [&'static str])],
    ),
}

/// One kind of server.
#[derive(Debug)]
pub(crate) struct AiService {
    /// What people call it.
    pub(crate) title: &'static str,
    pub(crate) purpose: Purpose,
    /// Images: the end of the name, at a border between its parts; a `*` at the end stands for anything.
    images: &'static [&'static str],
    /// First words of a command that start it.
    commands: &'static [&'static str],
    guard: Guard,
}

const fn service(
    title: &'static str,
    purpose: Purpose,
    images: &'static [&'static str],
    commands: &'static [&'static str],
    guard: Guard,
) -> AiService {
    AiService {
        title,
        purpose,
        images,
        commands,
        guard,
    }
}

use Guard::{Nothing, On, Unless};
use Purpose::{Execution, Front, Inference, Tracking, VectorStore};

const FALSE: &[&str] = &["false", "0", "no", "off"];
const TRUE: &[&str] = &["true", "1", "yes", "on"];
/// Any value but none.
const SET: &[&str] = &[];

#[rustfmt::skip]
static SERVICES: &[AiService] = &[
    service("vLLM", Inference, &["vllm/vllm-openai*", "vllm/vllm-*", "vllm-openai*", "rocm/vllm*"], &["vllm serve", "python -m vllm.", "python3 -m vllm."], Unless(&["--api-key"], &[("VLLM_API_KEY", SET)])),
    service("Ollama", Inference, &["ollama/ollama", "ollama"], &["ollama serve"], Nothing),
    service("Text Generation Inference", Inference, &["huggingface/text-generation-inference"], &["text-generation-launcher"], Unless(&["--api-key"], &[("API_KEY", SET)])),
    service("Text Embeddings Inference", Inference, &["huggingface/text-embeddings-inference"], &["text-embeddings-router"], Unless(&["--api-key"], &[("API_KEY", SET)])),
    service("Triton Inference Server", Inference, &["nvidia/tritonserver"], &["tritonserver"], Nothing),
    service("NVIDIA NIM", Inference, &["nim/*"], &[], Nothing),
    service("SGLang", Inference, &["lmsysorg/sglang"], &["python -m sglang.", "python3 -m sglang."], Unless(&["--api-key"], &[])),
    service("llama.cpp server", Inference, &["ggml-org/llama.cpp", "ggerganov/llama.cpp"], &["llama-server"], Unless(&["--api-key", "--api-key-file"], &[("LLAMA_API_KEY", SET)])),
    service("LocalAI", Inference, &["localai/localai", "go-skynet/local-ai", "mudler/localai"], &["local-ai"], Unless(&["--api-keys"], &[("LOCALAI_API_KEY", SET), ("API_KEY", SET)])),
    service("Infinity", Inference, &["michaelf34/infinity"], &["infinity_emb v2"], Unless(&["--api-key"], &[("INFINITY_API_KEY", SET)])),
    service("Xinference", Inference, &["xprobe/xinference"], &["xinference-local", "xinference-supervisor"], Nothing),
    service("TensorFlow Serving", Inference, &["tensorflow/serving"], &["tensorflow_model_server"], Nothing),
    service("text-generation-webui", Inference, &["atinoda/text-generation-webui"], &[], Unless(&["--api-key", "--gradio-auth"], &[])),
    service("Speaches", Inference, &["speaches-ai/speaches", "fedirz/faster-whisper-server"], &[], Unless(&[], &[("API_KEY", SET)])),
    service("LiteLLM", Front, &["berriai/litellm*"], &["litellm"], Unless(&[], &[("LITELLM_MASTER_KEY", SET)])),
    service("Open WebUI", Front, &["open-webui/open-webui"], &["open-webui serve"], On(&[], &[("WEBUI_AUTH", FALSE)])),
    service("Ray", Execution, &["rayproject/ray*"], &["ray start"], Nothing),
    service("Jupyter", Execution, &["jupyter/*", "jupyter"], &["jupyter", "start-notebook.sh", "start-notebook.py"], On(&["--NotebookApp.token", "--ServerApp.token", "--IdentityProvider.token", "--LabApp.token"], &[("JUPYTER_TOKEN", &[""])])),
    service("ComfyUI", Execution, &["comfyui*"], &[], Nothing),
    service("Langflow", Execution, &["langflowai/langflow*"], &["langflow run"], Unless(&[], &[("LANGFLOW_AUTO_LOGIN", FALSE)])),
    service("Stable Diffusion web UI", Execution, &["stable-diffusion-webui*"], &[], Unless(&["--gradio-auth", "--api-auth"], &[])),
    service("Flowise", Front, &["flowiseai/flowise"], &[], On(&[], &[])),
    service("Qdrant", VectorStore, &["qdrant/qdrant"], &[], Unless(&[], &[("QDRANT__SERVICE__API_KEY", SET), ("QDRANT__SERVICE__JWT_RBAC", TRUE)])),
    service("Chroma", VectorStore, &["chromadb/chroma", "chroma-core/chroma"], &["chroma run"], Unless(&[], &[("CHROMA_SERVER_AUTHN_CREDENTIALS", SET), ("CHROMA_SERVER_AUTHN_PROVIDER", SET), ("CHROMA_SERVER_AUTH_CREDENTIALS", SET)])),
    service("Weaviate", VectorStore, &["semitechnologies/weaviate", "weaviate/weaviate"], &[], Unless(&[], &[("AUTHENTICATION_APIKEY_ENABLED", TRUE), ("AUTHENTICATION_OIDC_ENABLED", TRUE), ("AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED", FALSE)])),
    service("Milvus", VectorStore, &["milvusdb/milvus"], &["milvus run"], Unless(&[], &[("COMMON_SECURITY_AUTHORIZATIONENABLED", TRUE), ("common.security.authorizationEnabled", TRUE)])),
    service("MLflow", Tracking, &["mlflow/mlflow", "mlflow"], &["mlflow server", "mlflow ui"], Unless(&["--app-name"], &[])),
    service("Phoenix", Tracking, &["arizephoenix/phoenix"], &["phoenix serve"], Unless(&[], &[("PHOENIX_ENABLE_AUTH", TRUE)])),
    service("TensorBoard", Tracking, &[], &["tensorboard"], Nothing),
    service("Langfuse", Tracking, &["langfuse/langfuse*"], &[], On(&[], &[])),
    service("n8n", Execution, &["n8nio/n8n"], &[], On(&[], &[])),
    service("Dify", Front, &["langgenius/dify-*"], &[], On(&[], &[])),
    service("AnythingLLM", Front, &["mintplexlabs/anythingllm"], &[], Unless(&[], &[("AUTH_TOKEN", SET)])),
];

/// The AI server that a container runs, by its image or command.
pub(crate) fn of(service: &Service) -> Option<&'static AiService> {
    let image = service
        .image
        .as_ref()
        .map(|image| image.name.to_ascii_lowercase());
    let by_image = image.as_deref().and_then(|image| {
        SERVICES
            .iter()
            .find(|known| known.images.iter().any(|pattern| is_image(pattern, image)))
    });
    by_image.or_else(|| {
        let line = command_line(service);
        SERVICES
            .iter()
            .find(|known| known.commands.iter().any(|start| starts(&line, start)))
    })
}

/// Whether `pattern` is the end of an image's name, at a border between its parts.
fn is_image(pattern: &str, image: &str) -> bool {
    let (stem, open) = match pattern.strip_suffix('*') {
        Some(stem) => (stem, true),
        None => (pattern, false),
    };
    image.match_indices(stem).any(|(at, found)| {
        let before = image.get(..at).unwrap_or_default();
        let behind = image
            .get(at.saturating_add(found.len())..)
            .unwrap_or_default();
        // A bare name is only the official image or one of a registry of the own house.
        let border = before.is_empty() || (before.ends_with('/') && (stem.contains('/') || open));
        border && (behind.is_empty() || (open && !behind.contains('/')))
    })
}

fn starts(line: &str, start: &str) -> bool {
    line.strip_prefix(start)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(' ') || start.ends_with('.'))
}

/// The command as one line, without the shell and the directory of the program before it.
fn command_line(service: &Service) -> String {
    let mut words: Vec<&str> = service
        .command
        .iter()
        .flat_map(|word| word.split_ascii_whitespace())
        .collect();
    while let [first, rest @ ..] = words.as_slice() {
        let name = first.rsplit('/').next().unwrap_or_default();
        let wrapper = matches!(
            name,
            "sh" | "bash" | "exec" | "tini" | "--" | "uv" | "poetry"
        ) || (name.starts_with('-') && !name.starts_with("--"));
        let run = name == "run" && words.len() > 1;
        if !(wrapper || run) {
            break;
        }
        words = rest.to_vec();
    }
    let mut line = words.join(" ");
    if let Some(first) = words.first()
        && let Some((_, name)) = first.rsplit_once('/')
    {
        line = format!("{name}{}", line.get(first.len()..).unwrap_or_default());
    }
    line
}

impl AiService {
    /// Whether the service lets anybody in, by what its definition says; and in which words. `None`
    /// when it does not, or when that cannot be told.
    pub(crate) fn is_open(&self, service: &Service) -> Option<String> {
        let value = |flag: &str| flag_value(service, flag);
        let set = |name: &str| {
            service
                .environment
                .iter()
                .rfind(|setting| setting.name.eq_ignore_ascii_case(name))
        };
        match self.guard {
            Nothing => Some(format!("{} has no authentication of its own", self.title)),
            Unless(flags, variables) => {
                let guarded = flags.iter().any(|flag| value(flag).is_some())
                    || variables.iter().any(|(name, values)| {
                        set(name).is_some_and(|setting| is_one_of(setting, values))
                    });
                let ways: Vec<String> = flags
                    .iter()
                    .map(|flag| format!("`{flag}`"))
                    .chain(variables.iter().map(|(name, _)| format!("`{name}`")))
                    .collect();
                (!guarded).then(|| {
                    format!(
                        "{} asks for no key unless {} is set",
                        self.title,
                        ways.join(" or ")
                    )
                })
            }
            On(flags, variables) => {
                let flag = flags
                    .iter()
                    .find(|flag| value(flag).is_some_and(str::is_empty));
                let variable = variables.iter().find(|(name, values)| {
                    set(name).is_some_and(|setting| {
                        values.contains(&setting.value.trim().to_ascii_lowercase().as_str())
                    })
                });
                let what = flag.copied().or(variable.map(|(name, _)| *name))?;
                Some(format!(
                    "`{what}` switches the authentication of {} off",
                    self.title
                ))
            }
        }
    }

    /// Whether this is its own image, and not one that it was added to.
    pub(crate) fn has_image(&self, image: &str) -> bool {
        let image = image.to_ascii_lowercase();
        self.images.iter().any(|pattern| is_image(pattern, &image))
    }
}

/// Whether a setting has one of the values; any value, or one from outside, when there are none.
fn is_one_of(setting: &Setting, values: &[&str]) -> bool {
    let value = setting.value.trim().to_ascii_lowercase();
    // What comes from outside is given the benefit of the doubt.
    (values.is_empty() && !value.is_empty())
        || value.contains("${")
        || values.contains(&value.as_str())
}

/// The value of a flag, empty when it has none: `--flag value`, `--flag=value`, `--flag=''`.
fn flag_value<'s>(service: &'s Service, flag: &str) -> Option<&'s str> {
    let words: Vec<&str> = service
        .command
        .iter()
        .flat_map(|word| word.split_ascii_whitespace())
        .collect();
    words.iter().enumerate().find_map(|(index, word)| {
        if *word == flag {
            let next = words.get(index.saturating_add(1)).copied();
            return Some(
                next.filter(|next| !next.starts_with('-'))
                    .unwrap_or_default(),
            );
        }
        let value = word.strip_prefix(flag)?.strip_prefix('=')?;
        Some(value.trim_matches(['\'', '"']))
    })
}

/// Whether an earlier service of the file has the same thing at the same place, because both take
/// it from one YAML anchor; one finding is enough then.
pub(crate) fn is_repeated(service: &Service, evidence: &Evidence, snapshot: &Snapshot) -> bool {
    let observations = &snapshot.observations;
    let first = observations.partition_point(|seen| *seen.subject < *evidence.path);
    observations
        .iter()
        .skip(first)
        .take_while(|seen| seen.subject == evidence.path)
        .filter_map(|seen| match &seen.fact {
            Fact::Service(service) => Some(&**service),
            _ => None,
        })
        .find(|seen| {
            let settings = [
                &seen.ports,
                &seen.environment,
                &seen.privileges,
                &seen.mounts,
            ];
            // The path is the same, so the place in it decides.
            seen.evidence.locus == evidence.locus
                || settings
                    .into_iter()
                    .flatten()
                    .any(|setting| setting.evidence.locus == evidence.locus)
        })
        .is_some_and(|seen| !std::ptr::eq(seen, service))
}

#[cfg(test)]
mod tests {
    use crate::{Content, Example, examine};

    fn found(rule: &str, text: &'static str) -> usize {
        let files: &'static [_] = Box::leak(Box::new([("compose.yaml", Content::Text(text))]));
        let example = Example {
            files,
            policy: None,
        };
        let findings = examine(&example).findings;
        findings
            .iter()
            .filter(|finding| finding.rule == rule)
            .count()
    }

    #[test]
    fn services_that_share_an_anchor_are_found_once() {
        let text = "x-llm: &llm\n  image: ollama/ollama\n  ports: [\"11434:11434\"]\n  environment:\n    A_TOKEN: a8f3k2m9x7c4v1b6\nservices:\n  cpu:\n    <<: *llm\n  gpu:\n    <<: *llm\n";
        assert_eq!(found("config/unpinned-image", text), 1);
        assert_eq!(found("config/inference-server-exposed", text), 1);
        assert_eq!(found("config/container-inline-credential", text), 1);
    }

    #[test]
    fn images_are_known_by_the_end_of_their_name() {
        let rule = "config/unpinned-image";
        for (image, count) in [
            ("ollama/ollama", 1),
            ("docker.io/ollama/ollama:latest", 1),
            ("registry.acme.io:5000/mirror/vllm/vllm-openai", 1),
            ("ghcr.io/ggml-org/llama.cpp:server-cuda", 1),
            ("acme/ollama-web", 0),
            ("acme/not-vllm/openai", 0),
            ("nginx", 0),
        ] {
            let text = format!("services:\n  a:\n    image: {image}\n");
            assert_eq!(found(rule, text.leak()), count, "{image}");
        }
    }
}

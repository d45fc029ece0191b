//! Models that environment files name: `OPENAI_MODEL=gpt-4o`. The credentials in them are told elsewhere.

use stance_code::names::{
    Model, hub_model, is_publisher, provider_model, provider_model_with_prefix,
};
use stance_core::asset::{AssetKind, How};
use stance_core::fact::GapReason;
use stance_core::relation::RelationKind;
use stance_read::Inspector;
use stance_read::credential::Page;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::secrets::{is_dot_env, is_dot_env_template};
use stance_read::{stores, vendors};

use crate::draft::Draft;

/// The parser of environment files.
pub(crate) static INSPECTOR: Environment = Environment;

pub(crate) struct Environment;

/// Most models that are read of one file.
const MOST: usize = 500;

impl Inspector for Environment {
    fn name(&self) -> &'static str {
        "environment file"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        let name = input.file_name();
        input.is_text() && (is_dot_env(name) || is_dot_env_template(name))
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(text) = input.text(facts) else {
            return;
        };
        let page = Page::new(input.path(), &text, Vec::new());
        // A template says what holds unless somebody changes it.
        let how = match is_dot_env_template(input.file_name()) {
            true => How::Default,
            false => How::Configuration,
        };
        let mut left = MOST;
        let mut start = 0_usize;
        for line in text.as_str().split_inclusive('\n') {
            let here = start;
            start = start.saturating_add(line.len());
            let plain = line.trim_start();
            let plain = plain.strip_prefix("export ").unwrap_or(plain);
            let Some((name, value)) = plain.split_once('=').filter(|_| !plain.starts_with('#'))
            else {
                continue;
            };
            let value = value.split(" #").next().unwrap_or_default();
            let value = value.trim().trim_matches(['"', '\'']);
            let Some(draft) = model(name.trim(), value).or_else(|| store(name.trim(), value))
            else {
                continue;
            };
            let offset = (value.as_ptr() as usize).saturating_sub(line.as_ptr() as usize);
            let from = here.saturating_add(offset);
            let span = from..from.saturating_add(value.len());
            if left == 0 {
                let detail = format!("more than {MOST} models in one environment file");
                facts.gap(GapReason::Limit, detail, page.evidence(span));
                break;
            }
            left = left.saturating_sub(1);
            let how = if draft.is_unresolved() {
                How::Unresolved
            } else {
                how
            };
            draft
                .how(how)
                .with("variable", name.trim())
                .add(span, &page, facts);
        }
    }
}

/// Whether a value may be the id of a model rather than a word, a path or a switch.
fn is_id(value: &str) -> bool {
    (2..=120).contains(&value.len())
        && value.starts_with(|first: char| first.is_ascii_alphanumeric())
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/@".contains(&byte))
        && !stance_read::credential::is_placeholder(value)
        && !matches!(
            value.to_ascii_lowercase().as_str(),
            "true" | "false" | "auto" | "default" | "none" | "local" | "yes" | "no" | "on" | "off"
        )
}

/// A model whose variable begins with the service that serves it: `OLLAMA_MODEL=mistral`,
/// `GROQ_CHAT_MODEL=some-model-8b`. Only of a service that runs any model a plain word may be one.
fn of_service(words: &[&str], value: &str) -> Option<Model> {
    let last = words.last()?;
    let first = words.first()?.to_ascii_lowercase();
    let vendor = vendors::find(&first)?;
    let asks = matches!(*last, "MODEL" | "ID" | "NAME" | "LLM") && words.contains(&"MODEL");
    let telling = value.contains(['-', ':', '.']) || vendor.key == "ollama";
    let path = value.starts_with(['/', '.']) || value.contains("//") || value.ends_with('/');
    (asks && telling && !path && is_id(value)).then(|| Model {
        key: format!("{}/{value}", vendor.key),
        name: value.to_owned(),
        vendor: Some(vendor.key),
        through: None,
    })
}

/// `meta/llama-3.1-8b-instruct`: maker and model, as catalogues of several makers write them.
fn of_catalogue(value: &str) -> Option<Model> {
    const DIRECTORIES: [&str; 12] = [
        "model",
        "models",
        "checkpoint",
        "checkpoints",
        "weights",
        "data",
        "output",
        "outputs",
        "cache",
        "tmp",
        "home",
        "runs",
    ];
    let (maker, name) = value.split_once('/')?;
    let numbered = name.contains('-') && name.bytes().any(|byte| byte.is_ascii_digit());
    let plain = is_id(value) && !name.contains('/') && !maker.contains(['.', ':']);
    if !plain || !numbered || DIRECTORIES.contains(&maker.to_ascii_lowercase().as_str()) {
        return None;
    }
    provider_model(name).or_else(|| {
        Some(Model {
            key: value.to_owned(),
            name: value.to_owned(),
            vendor: None,
            through: None,
        })
    })
}

/// The store of vectors whose id or name a variable holds; without a value it is only known that there is one.
fn store(name: &str, value: &str) -> Option<Draft> {
    let store = stores::of_variable(name)?;
    let plain = (2..=100).contains(&value.len())
        && !value.contains(char::is_whitespace)
        && !value.contains(['<', '$', '{', '"'])
        && !stance_read::credential::is_placeholder(value);
    let draft = if plain {
        Draft::new(
            AssetKind::VectorStore,
            format!("{}/{value}", store.technology),
            value,
        )
        .alias(name)
    } else {
        let why = format!("environment variable {name}");
        Draft::new(AssetKind::VectorStore, format!("env:{name}"), name).with("unresolved", why)
    };
    let draft = draft
        .relation(RelationKind::Reads)
        .vendor(store.vendor)
        .with("technology", store.technology);
    Some(draft)
}

fn model(name: &str, value: &str) -> Option<Draft> {
    let words: Vec<&str> = name.split('_').collect();
    let has = |word: &str| words.contains(&word);
    let found = provider_model(value);
    if has("DEPLOYMENT") && !has("MODEL") {
        let key = found?.key;
        return Some(crate::infrastructure::azure_deployment(value).with("perhaps", key));
    }
    if !(has("MODEL") || has("LLM") || has("EMBEDDING") || has("EMBEDDINGS") || has("MODELS")) {
        return None;
    }
    let role = if value.contains("embed") || has("EMBEDDING") || has("EMBEDDINGS") {
        "embedding"
    } else {
        "chat"
    };
    let named = has("MODEL") || has("MODELS");
    let model = found
        .or_else(|| {
            hub_model(value)
                .filter(|model| named && model.name.contains('/') && is_publisher(&model.name))
        })
        .or_else(|| provider_model_with_prefix(value).filter(|model| is_id(&model.name)))
        .or_else(|| of_service(&words, value))
        .or_else(|| of_catalogue(value).filter(|_| named))?;
    let hub = model.vendor == Some("huggingface");
    let relation = if hub {
        RelationKind::LoadsArtifactFrom
    } else {
        RelationKind::Calls
    };
    Some(Draft::model(model, value).relation(relation).role(role))
}

#[cfg(test)]
mod tests {
    use crate::testing::{references, told};

    #[test]
    fn variables_of_models_name_them() {
        let text = "# OPENAI_MODEL=gpt-4\nOPENAI_MODEL=\"gpt-4o\" # best\nEMBEDDING_MODEL=BAAI/bge-m3\nAZURE_OPENAI_DEPLOYMENT=gpt-4o-mini\nMODEL_DIR=./x\nNAME=gpt-4o\nOTHER_MODEL=meta/llama-x\n";
        assert_eq!(
            told(".env", text),
            [
                "model openai/gpt-4o chat 2",
                "model pkg:huggingface/BAAI/bge-m3 embedding 3",
                "endpoint azure/deployment/gpt-4o-mini deployment 4"
            ]
        );
        let own = "MY_MODEL=groq/acme-7b\nOLLAMA_MODEL=mistral\nTOGETHER_MODEL=acme-8b:latest\nCHAT_MODEL=true\nOPENAI_MODEL=your-model\nAGENT_LLM_MODEL=openrouter/acme/chat-v1\nMODEL_PATH=./a-b\nOPENAI_MODEL=default\nMODEL=meta/llama-3.1-8b-instruct\nMODEL=acme/chat-2b\nMODEL=checkpoints/chat-2b\n";
        assert_eq!(
            told(".env.example", own),
            [
                "model groq/acme-7b chat 1",
                "model ollama/mistral chat 2",
                "model together/acme-8b:latest chat 3",
                "model openrouter/acme/chat-v1 chat 6",
                "model meta/llama-3.1-8b-instruct chat 9",
                "model acme/chat-2b chat 10"
            ]
        );
        let stores = "PINECONE_INDEX_NAME=docs-prod\nOPENAI_VECTOR_STORE_ID=\nQDRANT_COLLECTION=your-collection\nES_INDEX=logs\n";
        assert_eq!(
            told(".env", stores),
            [
                "vector_store pinecone/docs-prod - 1",
                "vector_store env:OPENAI_VECTOR_STORE_ID - 2",
                "vector_store env:QDRANT_COLLECTION - 3"
            ]
        );
        assert_eq!(
            references(".env", stores)[1].how,
            stance_core::How::Unresolved
        );
        assert_eq!(
            references(".env.example", text)[0].how,
            stance_core::How::Default
        );
    }
}

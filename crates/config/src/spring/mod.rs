//! The properties of Spring and Quarkus applications: models, stores of vectors, MCP servers and keys.
//!
//! Sources: the reference of Spring AI (`spring.ai.<provider>.<kind>.options.model`, `spring.ai.vectorstore.<store>`,
//! `spring.ai.mcp.client|server`), of `LangChain4j` for Spring Boot (`langchain4j.<provider>.<kind>-model.model-name`) and for
//! Quarkus (`quarkus.langchain4j.<provider>.<kind>-model.model-id`).

mod conf;
mod properties;
mod servers;

use std::ops::Range;

use stance_code::names::{Model, provider_model};
use stance_core::asset::{AssetKind, How};
use stance_core::relation::RelationKind;
use stance_read::Inspector;
use stance_read::credential::{Page, in_setting};
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::tree::{Node, Notation, Tree};

use crate::draft::Draft;

/// The parser of such properties.
pub(crate) static INSPECTOR: Spring = Spring;

pub(crate) struct Spring;

/// Most properties of one file that are looked at.
const MOST: usize = 10_000;
/// Deepest nesting of properties in YAML.
const DEPTH: u32 = 24;

/// One property: its key with dots between its parts, its value, and where that stands.
#[derive(Debug)]
struct Property {
    key: String,
    value: String,
    span: Range<usize>,
}

impl Inspector for Spring {
    fn name(&self) -> &'static str {
        "properties of an application"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        let name = input.file_name();
        let begins = name.starts_with("application") || name.starts_with("bootstrap");
        let conf = matches!(name, "application.conf" | "reference.conf");
        conf || (begins && matches!(input.extension(), "properties" | "yml" | "yaml"))
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(text) = input.text(facts) else {
            return;
        };
        let speaks = ["ai", "langchain4j"]
            .iter()
            .any(|word| memchr::memmem::find(text.as_str().as_bytes(), word.as_bytes()).is_some());
        if !speaks {
            return;
        }
        let mut all = Vec::new();
        if matches!(input.extension(), "properties" | "conf") {
            match input.extension() {
                "conf" => conf::read(text.as_str(), &mut all),
                _ => properties::read(text.as_str(), &mut all),
            }
            let secrets = all.iter().filter_map(|property| {
                let name = property.key.rsplit('.').next().unwrap_or_default();
                let range = in_setting(name, &property.value)?;
                let moved = |at: usize| at.saturating_add(property.span.start);
                Some(moved(range.start)..moved(range.end))
            });
            let page = Page::new(input.path(), &text, secrets.collect());
            tell(&all, &page, facts);
            return;
        }
        let tree = Tree::parse(Notation::Yaml, text.as_str(), &input.options().limits);
        let page = Page::of_tree(input.path(), &text, &tree);
        for document in &tree.documents {
            flatten(document, "", DEPTH, &mut all);
        }
        tell(&all, &page, facts);
    }
}

fn flatten(node: &Node, before: &str, depth: u32, all: &mut Vec<Property>) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    for entry in node.entries().iter().filter(|entry| !entry.shadowed) {
        if all.len() >= MOST {
            return;
        }
        let key = match before {
            "" => entry.key.to_string(),
            before => format!("{before}.{}", entry.key),
        };
        if let Some(value) = entry.value.scalar() {
            all.push(Property {
                key,
                value: value.to_owned(),
                span: entry.value.span.clone(),
            });
        } else if entry.value.is_array() {
            for (number, item) in entry.value.items().iter().enumerate() {
                if let Some(value) = item.scalar() {
                    all.push(Property {
                        key: format!("{key}[{number}]"),
                        value: value.to_owned(),
                        span: item.span.clone(),
                    });
                }
            }
        } else {
            flatten(&entry.value, &key, depth, all);
        }
    }
}

/// What a value is once variables are looked through.
enum Value<'v> {
    Text(&'v str),
    /// `${NAME:default}`
    Default(&'v str),
    /// `${NAME}`
    Variable(&'v str),
}

fn value_of(text: &str) -> Value<'_> {
    let inner = text
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'));
    match inner {
        None => Value::Text(text),
        Some(inner) => match inner.split_once(':') {
            Some((_, default)) if !default.is_empty() => Value::Default(default),
            Some((name, _)) => Value::Variable(name),
            None => Value::Variable(inner),
        },
    }
}

fn tell(all: &[Property], page: &Page<'_>, facts: &mut Facts<'_>) {
    let mut stores: Vec<&str> = Vec::new();
    for property in all {
        let key = property.key.as_str();
        if let Some(of) = model_key(key).or_else(|| conf_key(key, page)) {
            model(&of, property, page, facts);
        } else if key.ends_with("api-key") || key.ends_with("apiKey") {
            credential(property, page, facts);
        } else if let Some(rest) = key.strip_prefix("spring.ai.vectorstore.") {
            let store = rest.split('.').next().unwrap_or_default();
            if rest.contains('.') && !stores.contains(&store) && store != "observations" {
                stores.push(store);
                self::store(store, property, all, page, facts);
            }
        }
    }
    servers::tell(all, page, facts);
}

/// A property that names a model.
struct ModelKey {
    provider: &'static str,
    role: &'static str,
    /// Whether it is a deployment under a name of its own.
    deployment: bool,
}

/// `spring.ai.openai.chat.options.model`, `quarkus.langchain4j.openai.chat-model.model-name`.
fn model_key(key: &str) -> Option<ModelKey> {
    let rest = key
        .strip_prefix("spring.ai.")
        .or_else(|| key.strip_prefix("langchain4j."))
        .or_else(|| key.strip_prefix("quarkus.langchain4j."))?;
    let last = rest.rsplit('.').next().unwrap_or_default();
    let deployment = matches!(last, "deployment-name" | "deploymentName");
    let names = matches!(
        last,
        "model" | "model-name" | "model-id" | "modelName" | "modelId"
    );
    // `spring.ai.model.chat=openai` chooses who answers.
    if !(deployment || names) || rest.starts_with("model.") || rest.starts_with("mcp.") {
        return None;
    }
    let provider = provider_of(rest)?;
    let has = |word: &str| rest.split(['.', '-']).any(|part| part == word);
    let role = if has("embedding") || has("embed") {
        "embedding"
    } else if has("image") {
        "image"
    } else if has("transcription") {
        "transcription"
    } else if has("speech") || has("tts") {
        "speech"
    } else if has("moderation") {
        "guardrail"
    } else {
        "chat"
    };
    Some(ModelKey {
        provider,
        role,
        deployment,
    })
}

/// `akka.javasdk.agent.openai.model-name`: a model below the name of a provider, wherever an application keeps its agents.
fn conf_key(key: &str, page: &Page<'_>) -> Option<ModelKey> {
    let (before, last) = key.rsplit_once('.')?;
    let names = matches!(last, "model" | "model-name" | "model-id" | "modelName");
    if !page.path.ends_with(".conf") || !names {
        return None;
    }
    let provider = before
        .split('.')
        .rev()
        .take(3)
        .find_map(|part| provider_of(&format!("{part}.")))?;
    let role = if before.contains("embed") {
        "embedding"
    } else {
        "chat"
    };
    Some(ModelKey {
        provider,
        role,
        deployment: false,
    })
}

/// The key of the vendor that a property belongs to, by the words behind its prefix.
fn provider_of(rest: &str) -> Option<&'static str> {
    const PROVIDERS: &[(&str, &str)] = &[
        ("azure.openai", "azure"),
        ("azure-openai", "azure"),
        ("openai", "openai"),
        ("open-ai", "openai"),
        ("anthropic", "anthropic"),
        ("bedrock", "aws"),
        ("ollama", "ollama"),
        ("mistralai", "mistral"),
        ("mistral-ai", "mistral"),
        ("vertex", "google"),
        ("vertexai", "google"),
        ("vertex-ai", "google"),
        ("google.genai", "google"),
        ("google-ai-gemini", "google"),
        ("ai.gemini", "google"),
        ("ai-gemini", "google"),
        ("huggingface", "huggingface"),
        ("hugging-face", "huggingface"),
        ("deepseek", "deepseek"),
        ("groq", "groq"),
        ("minimax", "minimax"),
        ("moonshot", "moonshot"),
        ("zhipuai", "zhipu"),
        ("qianfan", "baidu"),
        ("dashscope", "alibaba"),
        ("watsonx", "ibm"),
        ("stabilityai", "stability"),
        ("elevenlabs", "elevenlabs"),
        ("cohere", "cohere"),
        ("jina", "jina"),
    ];
    let (_, vendor) = PROVIDERS.iter().find(|(word, _)| {
        rest.strip_prefix(word)
            .is_some_and(|rest| rest.starts_with(['.', '-']))
            // A named configuration of Quarkus: `quarkus.langchain4j.<name>.<provider>`.
            || rest.split_once('.').is_some_and(|(_, rest)| {
                rest.strip_prefix(word).is_some_and(|rest| rest.starts_with('.'))
            })
    })?;
    Some(*vendor)
}

fn model(of: &ModelKey, property: &Property, page: &Page<'_>, facts: &mut Facts<'_>) {
    let (text, how) = match value_of(&property.value) {
        Value::Text(text) => (text, How::Configuration),
        Value::Default(text) => (text, How::Default),
        Value::Variable(name) => {
            let why = format!("environment variable {name} without a default");
            Draft::unresolved(AssetKind::Model, page, name, why)
                .vendor(Some(of.provider))
                .role(of.role)
                .with("variable", name)
                .add(property.span.clone(), page, facts);
            return;
        }
    };
    let plain = (1..=120).contains(&text.len())
        && !text.contains(char::is_whitespace)
        && !text.contains(['<', '{']);
    if !plain || stance_read::credential::is_placeholder(text) {
        return;
    }
    if of.deployment {
        crate::infrastructure::azure_deployment(text)
            .with_some("perhaps", provider_model(text).map(|it| it.key))
            .how(how)
            .add(property.span.clone(), page, facts);
        return;
    }
    let model = provider_model(text).unwrap_or_else(|| Model {
        key: format!("{}/{text}", of.provider),
        name: text.to_owned(),
        vendor: Some(of.provider),
        through: None,
    });
    Draft::model(model, text)
        .relation(RelationKind::Calls)
        .how(how)
        .role(of.role)
        .add(property.span.clone(), page, facts);
}

/// `spring.ai.openai.api-key=${OPENAI_API_KEY}`: the variable whose key the application uses.
fn credential(property: &Property, page: &Page<'_>, facts: &mut Facts<'_>) {
    let rest = ["spring.ai.", "langchain4j.", "quarkus.langchain4j."]
        .iter()
        .find_map(|prefix| property.key.strip_prefix(prefix));
    // `api-key = ${?OPENAI_API_KEY}` in HOCON.
    let conf = page
        .path
        .ends_with(".conf")
        .then_some(property.key.as_str());
    let Some(rest) = rest.or(conf) else { return };
    let inner = property
        .value
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'));
    let Some(name) = inner.map(|inner| inner.split(':').next().unwrap_or(inner)) else {
        return;
    };
    let name = name.trim_start_matches('?');
    let upper = name
        .bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    if !upper || name.len() < 4 {
        return;
    }
    let vendor = stance_read::vendors::of_variable(name).map(|vendor| vendor.key);
    Draft::new(AssetKind::Identity, format!("env:{name}"), name)
        .relation(RelationKind::RunsAs)
        .vendor(vendor.or_else(|| provider_of(rest)))
        .add(property.span.clone(), page, facts);
}

fn store(
    store: &str,
    property: &Property,
    all: &[Property],
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) {
    let prefix = format!("spring.ai.vectorstore.{store}.");
    let named = all.iter().find(|one| {
        one.key.strip_prefix(&prefix).is_some_and(|rest| {
            matches!(
                rest,
                "index-name"
                    | "collection-name"
                    | "table-name"
                    | "table"
                    | "object-class"
                    | "index"
                    | "container-name"
            )
        })
    });
    let technology = match store {
        "azure" => "azure-ai-search",
        "mongodb" => "mongodb-atlas",
        other => other,
    };
    let text = named.and_then(|one| match value_of(&one.value) {
        Value::Text(text) | Value::Default(text) => Some(text),
        Value::Variable(_) => None,
    });
    let (key, name) = match text {
        Some(text) => (format!("{technology}/{text}"), text),
        None => (technology.to_owned(), technology),
    };
    Draft::new(AssetKind::VectorStore, key, name)
        .relation(RelationKind::Reads)
        .with("technology", technology)
        .vendor(stance_read::vendors::find(store).map(|vendor| vendor.key))
        .add(named.unwrap_or(property).span.clone(), page, facts);
}

#[cfg(test)]
mod tests {
    use stance_core::fact::Fact;

    use crate::testing::{HARNESS, told};

    #[test]
    fn properties_name_models_stores_and_keys() {
        let text = "# spring.ai.openai.chat.options.model=gpt-4\nspring.ai.openai.api-key=${OPENAI_API_KEY}\nspring.ai.openai.chat.options.model=gpt-4o\nspring.ai.openai.embedding.options.model = ${EMBEDDING:text-embedding-3-small}\nspring.ai.ollama.chat.options.model: acme-chat:7b\nspring.ai.azure.openai.chat.options.deployment-name=prod\nspring.ai.anthropic.chat.options.model=${CLAUDE_MODEL}\nspring.ai.model.chat=openai\nspring.ai.vectorstore.pgvector.initialize-schema=true\nspring.ai.vectorstore.pgvector.table-name=docs\nquarkus.langchain4j.openai.chat-model.model-name=gpt-4.1\nspring.datasource.url=jdbc:x\n";
        assert_eq!(
            told("src/main/resources/application.properties", text),
            [
                "identity env:OPENAI_API_KEY - 2",
                "model openai/gpt-4o chat 3",
                "model openai/text-embedding-3-small embedding 4",
                "model ollama/acme-chat:7b chat 5",
                "endpoint azure/deployment/prod deployment 6",
                "model unresolved/src/main/resources/application.properties#CLAUDE_MODEL chat 7",
                "vector_store pgvector/docs - 10",
                "model openai/gpt-4.1 chat 11",
            ]
        );
    }

    #[test]
    fn hocon_names_models_below_their_providers() {
        let text = "acme.sdk {\n  agent {\n    # model-name = old\n    model-provider = openai\n    openai {\n      model-name = \"gpt-4o-mini\" # cheap\n      api-key = ${?OPENAI_API_KEY}\n    }\n  }\n}\nlog.model = \"json\"\n";
        assert_eq!(
            told("src/main/resources/application.conf", text),
            [
                "model openai/gpt-4o-mini chat 6",
                "identity env:OPENAI_API_KEY - 7"
            ]
        );
    }

    #[test]
    fn yaml_tells_the_same_and_servers_of_the_protocol_on_both_sides() {
        let text = "spring:\n  ai:\n    anthropic:\n      chat:\n        options:\n          model: claude-sonnet-4-5\n    mcp:\n      server:\n        name: weather\n        version: 1.0.0\n      client:\n        sse:\n          connections:\n            news:\n              url: http://news.acme.dev\n        stdio:\n          connections:\n            files:\n              command: npx\n              args:\n                - \"-y\"\n                - \"@modelcontextprotocol/server-filesystem\"\n                - /data\n";
        let path = "application-dev.yml";
        // Any file of settings tells its models; here the two agree.
        let mut all = told(path, text);
        all.dedup();
        assert_eq!(
            all,
            [
                "model anthropic/claude-sonnet-4-5 chat 6",
                "mcp_server application-dev.yml#weather - 9",
            ]
        );
        let report = HARNESS.report(path, text.as_bytes());
        let servers: Vec<String> = report
            .facts
            .iter()
            .filter_map(|(_, fact)| match fact {
                Fact::McpServer(it) => Some(format!(
                    "{} {} {:?} {:?} {:?}",
                    it.name,
                    it.transport.name(),
                    it.url,
                    it.command,
                    it.package.as_ref().map(|it| it.name.as_str())
                )),
                _ => None,
            })
            .collect();
        assert_eq!(
            servers,
            [
                "news sse Some(\"http://news.acme.dev\") None None",
                "files stdio None Some(\"npx\") Some(\"@modelcontextprotocol/server-filesystem\")",
            ]
        );
    }
}

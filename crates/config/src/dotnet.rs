//! Settings of .NET programs: `appsettings.json` and its siblings. A section says whose service it is, its keys what they
//! hold, and code asks for them by their path (`AzureOpenAI:ApiKey`).
//!
//! See <https://learn.microsoft.com/aspnet/core/fundamentals/configuration>.

use stance_code::names::{ollama_model, provider_model};
use stance_core::asset::AssetKind;
use stance_core::relation::RelationKind;
use stance_read::Inspector;
use stance_read::credential::{Page, names_credential};
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::tree::{Entry, Node, Notation, Tree};

use crate::draft::Draft;

/// The parser of such settings.
pub(crate) static INSPECTOR: Settings = Settings;

pub(crate) struct Settings;

/// Most settings that are told of one file.
const MOST: usize = 500;
/// Deepest section that is looked into.
const DEPTH: usize = 6;

/// Words of sections, in small letters, and whose services those are.
const SERVICES: [(&str, &str); 20] = [
    ("azureopenai", "azure"),
    ("azureaisearch", "azure"),
    ("azuresearch", "azure"),
    ("cognitivesearch", "azure"),
    ("azureai", "azure"),
    ("foundry", "azure"),
    ("documentintelligence", "azure"),
    ("openai", "openai"),
    ("anthropic", "anthropic"),
    ("claude", "anthropic"),
    ("bedrock", "aws"),
    ("gemini", "google"),
    ("vertex", "google"),
    ("huggingface", "huggingface"),
    ("mistral", "mistral"),
    ("ollama", "ollama"),
    ("cohere", "cohere"),
    ("groq", "groq"),
    ("githubmodels", "github"),
    ("deepseek", "deepseek"),
];

/// Words of sections of what keeps vectors, with what that is called.
const STORES: [(&str, &str); 13] = [
    ("azureaisearch", "azure-ai-search"),
    ("azuresearch", "azure-ai-search"),
    ("cognitivesearch", "azure-ai-search"),
    ("aisearch", "azure-ai-search"),
    ("qdrant", "qdrant"),
    ("chroma", "chroma"),
    ("pinecone", "pinecone"),
    ("weaviate", "weaviate"),
    ("milvus", "milvus"),
    ("pgvector", "pgvector"),
    ("postgresvector", "pgvector"),
    ("redisvector", "redis"),
    ("vectorstore", "vector store"),
];

impl Inspector for Settings {
    fn name(&self) -> &'static str {
        "dotnet settings"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        let name = input.file_name().to_ascii_lowercase();
        let settings = name.starts_with("appsettings")
            || matches!(&*name, "local.settings.json" | "secrets.json");
        settings && input.extension() == "json" && input.is_text()
    }

    fn understands(&self) -> bool {
        false
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        if input.len() > 1 << 20 {
            return;
        }
        let Some(text) = input.text(facts) else {
            return;
        };
        let tree = Tree::parse(Notation::Json, text.as_str(), &input.options().limits);
        let page = Page::of_tree(input.path(), &text, &tree);
        let mut left = MOST;
        for root in &tree.documents {
            section(root, &mut Vec::new(), &page, facts, &mut left);
        }
    }
}

fn section<'n>(
    node: &'n Node,
    path: &mut Vec<&'n str>,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
    left: &mut usize,
) {
    for entry in node.entries().iter().filter(|entry| !entry.shadowed) {
        if *left == 0 || path.len() >= DEPTH {
            return;
        }
        if entry.value.is_object() {
            path.push(&entry.key);
            section(&entry.value, path, page, facts, left);
            path.pop();
        } else {
            *left = left.saturating_sub(1);
            // A section with an address is told as one of a gateway.
            let told = node.entries().iter().any(|it| {
                it.value
                    .as_str()
                    .is_some_and(|text| text.contains(":11434"))
            });
            setting(entry, path, told, page, facts);
        }
    }
}

/// What a setting names, where its section is one of a service of AI, or the setting itself says so.
fn setting(entry: &Entry, sections: &[&str], told: bool, page: &Page<'_>, facts: &mut Facts<'_>) {
    let plain = |text: &str| -> String {
        let letters = text.chars().filter(char::is_ascii_alphanumeric);
        letters.map(|it| it.to_ascii_lowercase()).collect()
    };
    // Settings of functions have all of their path in one key.
    let whole: Vec<&str> = sections
        .iter()
        .copied()
        .chain(entry.key.split("__").flat_map(|part| part.split(':')))
        .filter(|part| !part.is_empty() && *part != "Values")
        .collect();
    let path = whole.join(":");
    let words: Vec<String> = whole.iter().map(|word| plain(word)).collect();
    let service = SERVICES
        .iter()
        .find(|(word, _)| words.iter().any(|it| it.contains(word)))
        .map(|(_, vendor)| *vendor);
    let store = STORES
        .iter()
        .find(|(word, _)| words.iter().any(|it| it.contains(word)))
        .map(|(_, technology)| *technology);
    if service.is_none() && store.is_none() || path.len() > 200 {
        return;
    }
    let last = whole.last().copied().unwrap_or_default();
    let lower = words.last().map(String::as_str).unwrap_or_default();
    let connection = words
        .first()
        .is_some_and(|first| first == "connectionstrings");
    if names_credential(last) || lower.ends_with("connectionstring") || connection {
        Draft::new(AssetKind::Identity, format!("env:{path}"), &path)
            .relation(RelationKind::RunsAs)
            .vendor(service)
            .alias(&path.replace(':', "__"))
            .add(entry.key_span.clone(), page, facts);
        return;
    }
    let Some(text) = entry
        .value
        .as_str()
        .map(str::trim)
        .filter(|text| is_value(text))
    else {
        return;
    };
    let span = entry.value.span.clone();
    let model = lower.contains("model") || lower.contains("deployment");
    let about = [
        "version",
        "type",
        "path",
        "endpoint",
        "url",
        "tokens",
        "dimensions",
        "provider",
    ];
    if model && !told && service.is_some() && !about.iter().any(|end| lower.ends_with(end)) {
        // What everybody knows is told for any file.
        if provider_model(text).is_none()
            && let Some(vendor) = service.filter(|vendor| !matches!(*vendor, "azure" | "aws"))
        {
            let draft = match ollama_model(text).filter(|_| vendor == "ollama") {
                Some(model) => Draft::model(model, text),
                None => Draft::new(AssetKind::Model, format!("{vendor}/{text}"), text)
                    .vendor(Some(vendor)),
            };
            draft.add(span, page, facts);
        }
    } else if let Some(technology) = store
        && [
            "index",
            "indexname",
            "collection",
            "collectionname",
            "tablename",
        ]
        .contains(&lower)
    {
        Draft::new(AssetKind::VectorStore, format!("{technology}/{text}"), text)
            .relation(RelationKind::Reads)
            .vendor(service.filter(|vendor| *vendor == "azure"))
            .alias(technology)
            .with("technology", technology)
            .add(span, page, facts);
    }
}

/// Whether a value is one, and no request to put one in.
fn is_value(text: &str) -> bool {
    (2..=120).contains(&text.len())
        && !text.contains(char::is_whitespace)
        && !text.contains(['<', '>', '{', '}', '$', '%', '*'])
        && !text.to_ascii_lowercase().starts_with("your")
        && !text.contains("...")
}

#[cfg(test)]
mod tests {
    use crate::testing::told;

    #[test]
    fn sections_say_whose_the_keys_and_models_are() {
        let text = "{\n\"Logging\": {\"ApiKey\": \"\"},\n\"AzureOpenAI\": {\"Endpoint\": \"x\",\n\"ApiKey\": \"\"},\n\"Ollama\": {\"Model\": \"llama3.2\"},\n\"Qdrant\": {\"CollectionName\": \"docs\"},\n\"Values\": {\"OpenAI__ApiKey\": \"\"}\n}\n";
        let all = told("src/appsettings.Development.json", text);
        for wanted in [
            "identity env:AzureOpenAI:ApiKey - 4",
            "model ollama/llama3.2 - 5",
            "vector_store qdrant/docs - 6",
            "identity env:OpenAI:ApiKey - 7",
        ] {
            assert!(all.contains(&wanted.to_owned()), "{wanted}: {all:?}");
        }
        assert_eq!(all.len(), 4, "{all:?}");
        assert!(
            told("src/settings.json", text)
                .iter()
                .all(|it| !it.starts_with("identity"))
        );
    }
}

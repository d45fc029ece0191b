//! Names of models and data sets, and the canonical keys they stand for, so that every parser gives
//! one thing one key.

use crate::python::catalogue;

/// A model, by its canonical key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// `openai/gpt-4o`, `pkg:huggingface/org/name`.
    pub key: String,
    /// The name without any prefix of a router or framework.
    pub name: String,
    /// The maker's key; for a model of the hub, that of the hub.
    pub vendor: Option<&'static str>,
    /// The service it is reached through, where the spelling tells: `azure`, `aws`.
    pub through: Option<&'static str>,
}

/// A text that by itself is the name of a provider's model: `gpt-4o`, `azure/gpt-4o`,
/// `us.anthropic.claude-sonnet-4-20250514-v1:0`.
#[must_use]
pub fn provider_model(text: &str) -> Option<Model> {
    let found = catalogue::recognise(text)?;
    Some(Model {
        key: format!("{}/{}", found.vendor, found.name),
        name: found.name,
        vendor: Some(found.vendor),
        through: found.through,
    })
}

/// A text in a place where only a provider's model can stand: `groq/anything-7b`.
#[must_use]
pub fn provider_model_with_prefix(text: &str) -> Option<Model> {
    provider_model(text).or_else(|| {
        let (vendor, name) = catalogue::with_provider(text)?;
        let key = match vendor {
            // The router's word and the hub's own name behind it.
            "huggingface" => format!("pkg:huggingface/{name}"),
            _ => format!("{vendor}/{name}"),
        };
        Some(Model {
            key,
            name: name.to_owned(),
            vendor: Some(vendor),
            through: None,
        })
    })
}

/// The repository of the hub that a text names where one, or a directory, may stand.
#[must_use]
pub fn hub_model(text: &str) -> Option<Model> {
    let id = catalogue::model_id(text)?;
    Some(Model {
        key: format!("pkg:huggingface/{id}"),
        name: id.to_owned(),
        vendor: Some("huggingface"),
        through: None,
    })
}

/// Whether a repository of the hub belongs to one of its large publishers, so that its name needs no
/// further proof.
#[must_use]
pub fn is_publisher(id: &str) -> bool {
    catalogue::is_publisher(id)
}

/// The data set of the hub that a text names where one, a file format or a directory may stand.
#[must_use]
pub fn hub_dataset(text: &str) -> Option<&str> {
    catalogue::dataset_id(text)
}

/// The vendor behind a framework's word for a provider: `google_genai` is `google`.
#[must_use]
pub fn provider(word: &str) -> Option<&'static str> {
    catalogue::provider(word)
}

//! Settings under `[guard]` of single parts: the catalogue of tools, markers, documents, patterns over time, subjects.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::leak::SHORTEST_MARKER;
use crate::verdict::Action;

/// What is done about tools that nobody approved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CatalogueMode {
    /// There is no catalogue: tools are judged by what they do.
    Off,
    /// What is offered first is remembered; what changes afterwards is told.
    #[default]
    FirstUse,
    /// Only what was approved may be used: the default is to deny.
    Approved,
}

/// The catalogue of tools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct CatalogueSettings {
    /// What is done about tools that nobody approved: see `stance gateway tools`.
    pub mode: CatalogueMode,
}

/// A string that stands nowhere but where it was put: by `text` or by `sha256`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct MarkerSettings {
    /// The string, of eight bytes at least. Case makes no difference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// SHA-256, in hexadecimal, of a word of letters, digits, `-` and `_` in lower case: then the word itself stands nowhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Patterns of the identities that may see it. Empty for a canary, which nobody may see.
    pub tenants: Vec<String>,
}

/// Documents of one's own, source code above all, whose passages are known again. Only hashes are kept of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct FingerprintSettings {
    /// Files and directories that are read when the gateway starts, and when its settings are read anew; relative to the
    /// file of the settings.
    pub paths: Vec<String>,
    /// Files and directories whose passages are nobody's: licences, open code.
    pub except: Vec<String>,
}

/// What follows from patterns over many requests, where a rule `theft/…` stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct MisuseSettings {
    /// For how many minutes an identity is stopped after an alert.
    pub stop_minutes: u32,
}

impl Default for MisuseSettings {
    fn default() -> Self {
        Self { stop_minutes: 60 }
    }
}

/// A subject that is told: one that comes with Stance, by its name alone, or one of your own, by its words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct TopicSettings {
    /// What is done about it.
    pub action: Action,
    /// The score from which it is told, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f32>,
    /// Phrases that suffice by themselves: names of competitors, for instance.
    pub phrases: Vec<String>,
    /// Words of the subject. One alone is not enough.
    pub subjects: Vec<String>,
    /// Words that make the subject one of this kind, near to it.
    pub purposes: Vec<String>,
    /// Words that speak against it.
    pub unless: Vec<String>,
    /// Phrases with which nothing of it is told. For one that comes with Stance as well.
    pub allow: Vec<String>,
    /// Texts that belong to it; only with `others`.
    pub examples: Vec<String>,
    /// Texts that are like them and do not belong to it.
    pub others: Vec<String>,
}

impl Default for TopicSettings {
    fn default() -> Self {
        Self {
            action: Action::Flag,
            threshold: None,
            phrases: Vec::new(),
            subjects: Vec::new(),
            purposes: Vec::new(),
            unless: Vec::new(),
            allow: Vec::new(),
            examples: Vec::new(),
            others: Vec::new(),
        }
    }
}

impl MarkerSettings {
    /// The digest, where one is set.
    pub(super) fn digest(&self) -> Option<[u8; 32]> {
        let text = self.sha256.as_deref()?.as_bytes();
        let mut digest = [0; 32];
        if text.len() != 64 {
            return None;
        }
        for (byte, pair) in digest.iter_mut().zip(text.chunks(2)) {
            *byte = u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(digest)
    }

    /// Why it cannot be looked for.
    pub(super) fn fault(&self) -> Option<String> {
        match (&self.text, &self.sha256) {
            (Some(text), None) if text.len() < SHORTEST_MARKER => Some(format!(
                "a text of less than {SHORTEST_MARKER} bytes comes about by chance"
            )),
            (Some(_), None) => None,
            (None, Some(_)) if self.digest().is_none() => {
                Some("sha256 has 64 hexadecimal digits".to_owned())
            }
            (None, Some(_)) => None,
            _ => Some("set either text or sha256".to_owned()),
        }
    }
}

//! Settings under `[guard.classifier]`: a model of the user's own that scores texts.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_core::exchange::Origin;

/// What a classifier does to the score that comes with Stance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClassifierMode {
    /// Both score, and each speaks for itself.
    #[default]
    Beside,
    /// The classifier alone scores where it was asked in time; rules over words go on.
    Instead,
}

/// Whose words a classifier scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClassifierOrigin {
    /// Users.
    User,
    /// Documents that were retrieved.
    Document,
    /// Results of tools.
    ToolResult,
}

/// The labels that mean an attack: one, or several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ClassifierLabels {
    /// One.
    One(String),
    /// Any of these.
    Several(Vec<String>),
}

/// A model for classifying texts, as a file in ONNX with its tokenizer. It is never fetched; the binary needs the feature `onnx`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct ClassifierSettings {
    /// The directory with `model.onnx`, `tokenizer.json` and `config.json`, or the model with the others beside it; relative to
    /// the file of the settings.
    pub model: String,
    /// What it does to the score that comes with Stance.
    pub mode: ClassifierMode,
    /// Whose words it scores.
    pub origins: Vec<ClassifierOrigin>,
    /// The labels of the model that mean an attack. Without it, they are known by names such as `INJECTION` and `JAILBREAK`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<ClassifierLabels>,
    /// The score from which `text/classifier-possible` speaks, 0 to 1.
    pub log: f32,
    /// The score from which `text/classifier` speaks, 0 to 1.
    pub block: f32,
    /// How long one text may take, in milliseconds. What takes longer is judged without it, and the receipt says so.
    pub timeout_ms: u32,
    /// Most tokens that the model gets at once; longer texts go in windows.
    pub max_tokens: u32,
    /// On how many threads it runs.
    pub threads: u32,
}

impl Default for ClassifierSettings {
    fn default() -> Self {
        Self {
            model: String::new(),
            mode: ClassifierMode::Beside,
            origins: vec![
                ClassifierOrigin::User,
                ClassifierOrigin::Document,
                ClassifierOrigin::ToolResult,
            ],
            label: None,
            log: 0.8,
            block: 0.95,
            timeout_ms: 50,
            max_tokens: 512,
            threads: 1,
        }
    }
}

impl ClassifierSettings {
    /// Whether words of this origin are scored.
    #[must_use]
    pub fn scores(&self, origin: Origin) -> bool {
        self.origins.iter().any(|it| {
            matches!(
                (it, origin),
                (ClassifierOrigin::User, Origin::User)
                    | (ClassifierOrigin::Document, Origin::Document)
                    | (ClassifierOrigin::ToolResult, Origin::ToolResult)
            )
        })
    }

    /// How long one text may take.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        Duration::from_millis(u64::from(self.timeout_ms))
    }

    /// The labels that mean an attack, where they are set.
    #[must_use]
    pub fn labels(&self) -> Vec<String> {
        match &self.label {
            None => Vec::new(),
            Some(ClassifierLabels::One(label)) => vec![label.clone()],
            Some(ClassifierLabels::Several(labels)) => labels.clone(),
        }
    }

    /// Everything in it that means nothing, as place and reason.
    pub(super) fn faults(&self) -> Vec<(&'static str, String)> {
        let mut all = Vec::new();
        if self.model.is_empty() {
            all.push(("model", "name a directory, or a file in ONNX".to_owned()));
        }
        for (name, value) in [("log", self.log), ("block", self.block)] {
            if !(0.0..=1.0).contains(&value) {
                all.push((name, format!("{value} is not between 0 and 1")));
            }
        }
        if self.log > self.block {
            all.push(("log", "is above `block`".to_owned()));
        }
        if self.origins.is_empty() {
            all.push(("origins", "nobody's words would be scored".to_owned()));
        }
        let bounds = [
            ("timeout-ms", self.timeout_ms, 1, 60_000),
            ("max-tokens", self.max_tokens, 32, 8_192),
            ("threads", self.threads, 1, 64),
        ];
        for (name, value, least, most) in bounds {
            if !(least..=most).contains(&value) {
                all.push((name, format!("{value} is not between {least} and {most}")));
            }
        }
        all
    }
}

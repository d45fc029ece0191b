//! One message of a rule.

use serde::Serialize;
use serde_json::{Map, Value};
use stance_core::Severity;

use super::Level;
use crate::metadata::About;

/// What a rule said about an input.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Message {
    /// The full name of the rule, `data.package.rule`.
    pub rule: String,
    /// What it means.
    pub level: Level,
    /// The words.
    pub message: String,
    /// An id: of the result, else of the METADATA.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// How bad it is: as the result says, else the METADATA.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// What it is about, in the policy's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset: Option<Value>,
    /// The controls it speaks for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<String>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remediation: Option<String>,
    /// What was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Value>,
    /// All else that the result says.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub details: Map<String, Value>,
}

impl Message {
    /// A message from an element of a rule's set. An error says why it is none.
    pub(super) fn of(about: &About, level: Level, value: Value) -> Result<Self, String> {
        let mut message = Self {
            rule: about.rule.clone(),
            level,
            message: String::new(),
            id: about.id.clone(),
            severity: about.severity,
            asset: None,
            controls: about.frameworks.clone(),
            remediation: about.remediation.clone(),
            evidence: None,
            details: Map::new(),
        };
        let mut entries = match value {
            Value::String(text) => {
                message.message = text;
                return Ok(message);
            }
            Value::Object(entries) => entries,
            other => {
                return Err(format!(
                    "{} gives {other}, which is neither a string nor an object with `msg`",
                    about.rule
                ));
            }
        };
        match entries.shift_remove("msg") {
            Some(Value::String(text)) => message.message = text,
            _ => return Err(format!("{} gives an object without `msg`", about.rule)),
        }
        let text = |entries: &mut Map<String, Value>, key: &str| match entries.get(key) {
            Some(Value::String(text)) => {
                let text = text.clone();
                entries.shift_remove(key);
                Some(text)
            }
            _ => None,
        };
        if let Some(id) = text(&mut entries, "id") {
            message.id = Some(id);
        }
        if let Some(severity) = entries.get("severity").and_then(Value::as_str)
            && let Ok(severity) = severity.to_ascii_lowercase().parse()
        {
            message.severity = Some(severity);
            entries.shift_remove("severity");
        }
        if let Some(words) = text(&mut entries, "remediation") {
            message.remediation = Some(words);
        }
        if let Some(Value::Array(controls)) = entries.get("controls") {
            let all: Option<Vec<String>> = controls
                .iter()
                .map(|it| it.as_str().map(str::to_owned))
                .collect();
            if let Some(all) = all {
                message.controls = all;
                entries.shift_remove("controls");
            }
        }
        message.asset = entries.shift_remove("asset");
        message.evidence = entries.shift_remove("evidence");
        message.details = entries;
        Ok(message)
    }
}

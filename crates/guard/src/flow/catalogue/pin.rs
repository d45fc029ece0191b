//! Tools as they were approved: digests of all that a model reads of them, part by part, so that a change can be named.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stance_core::digest::sha256_hex;

use super::Offered;
use super::canonical::canonical;

/// A tool as it was approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// SHA-256 over the canonical form of name, description, schema and annotations.
    pub digest: String,
    description: String,
    schema: String,
    annotations: String,
    /// Digests of the parameters, to name those that changed.
    parameters: BTreeMap<String, String>,
}

/// What is not as it was approved.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// The description.
    Description,
    /// A parameter that was not there.
    ParameterAdded(String),
    /// A parameter that is not there any more.
    ParameterRemoved(String),
    /// What is said of a parameter.
    ParameterChanged(String),
    /// The schema, outside of its parameters.
    Schema,
    /// The annotations.
    Annotations,
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Description => f.write_str("its description"),
            Self::ParameterAdded(name) => write!(f, "a new parameter {name:?}"),
            Self::ParameterRemoved(name) => write!(f, "no parameter {name:?} any more"),
            Self::ParameterChanged(name) => write!(f, "its parameter {name:?}"),
            Self::Schema => f.write_str("its schema"),
            Self::Annotations => f.write_str("its annotations"),
        }
    }
}

impl Pin {
    /// Pins a tool as it is offered; nothing where it is nested too deep to have a canonical form.
    #[must_use]
    pub fn of(tool: &Offered<'_>) -> Option<Self> {
        let digest = |value: &Value| canonical(value).map(|text| sha256_hex(text.as_bytes()));
        let null = Value::Null;
        let schema = tool.schema.unwrap_or(&null);
        let annotations = tool.annotations.unwrap_or(&null);
        let mut whole = serde_json::Map::new();
        whole.insert("name".to_owned(), tool.name.into());
        whole.insert("description".to_owned(), tool.description.into());
        whole.insert("inputSchema".to_owned(), schema.clone());
        whole.insert("annotations".to_owned(), annotations.clone());
        let mut rest = schema.clone();
        let mut parameters = BTreeMap::new();
        if let Some(members) = rest.as_object_mut()
            && let Some(Value::Object(properties)) = members.remove("properties")
        {
            for (name, property) in &properties {
                parameters.insert(name.clone(), digest(property)?);
            }
        }
        Some(Self {
            digest: digest(&Value::Object(whole))?,
            description: sha256_hex(tool.description.as_bytes()),
            schema: digest(&rest)?,
            annotations: digest(annotations)?,
            parameters,
        })
    }

    /// What `now` has that this has not, and the other way round; empty where the digests agree.
    #[must_use]
    pub fn changes(&self, now: &Self) -> Vec<Change> {
        let mut changes = Vec::new();
        if self.digest == now.digest {
            return changes;
        }
        if self.description != now.description {
            changes.push(Change::Description);
        }
        for (name, digest) in &now.parameters {
            match self.parameters.get(name) {
                None => changes.push(Change::ParameterAdded(name.clone())),
                Some(before) if before != digest => {
                    changes.push(Change::ParameterChanged(name.clone()));
                }
                Some(_) => {}
            }
        }
        let removed = self
            .parameters
            .keys()
            .filter(|name| !now.parameters.contains_key(*name));
        changes.extend(removed.cloned().map(Change::ParameterRemoved));
        if self.schema != now.schema {
            changes.push(Change::Schema);
        }
        if self.annotations != now.annotations {
            changes.push(Change::Annotations);
        }
        changes
    }
}

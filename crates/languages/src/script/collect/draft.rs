//! A reference as it is put together.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use stance_core::{AssetKind, How, RelationKind};

use crate::names::description_of;

/// A reference on its way.
#[derive(Clone)]
pub(super) struct Draft {
    pub(super) kind: AssetKind,
    pub(super) key: String,
    pub(super) name: String,
    pub(super) aliases: Vec<String>,
    pub(super) how: How,
    pub(super) relation: RelationKind,
    pub(super) vendor: Option<&'static str>,
    pub(super) attributes: BTreeMap<String, Json>,
}

impl Draft {
    pub(super) fn new(
        kind: AssetKind,
        key: impl Into<String>,
        name: impl Into<String>,
        how: How,
    ) -> Self {
        Self {
            kind,
            key: key.into(),
            name: name.into(),
            aliases: Vec::new(),
            how,
            relation: RelationKind::Contains,
            vendor: None,
            attributes: BTreeMap::new(),
        }
    }

    pub(super) fn relation(mut self, relation: RelationKind) -> Self {
        self.relation = relation;
        self
    }

    pub(super) fn vendor(mut self, vendor: Option<&'static str>) -> Self {
        self.vendor = vendor.filter(|vendor| !vendor.is_empty());
        self
    }

    pub(super) fn alias(mut self, alias: &str) -> Self {
        if alias != self.name && !alias.is_empty() && !self.aliases.iter().any(|it| it == alias) {
            self.aliases.push(alias.to_owned());
        }
        self
    }

    /// With what is said about it.
    pub(super) fn described(mut self, text: &str) -> Self {
        for (name, value) in description_of(text) {
            self = self.with(name, value);
        }
        self
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<Json>) -> Self {
        self.attributes.insert(name.to_owned(), value.into());
        self
    }
}

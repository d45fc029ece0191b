//! A reference as it is put together.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::Value as Json;
use stance_code::names::Model;
use stance_core::asset::{AssetId, AssetKind, How};
use stance_core::fact::{Fact, Reference};
use stance_core::relation::{Relation, RelationKind};

use stance_read::credential::Page;
use stance_read::description;
use stance_read::report::Facts;

/// A reference without its place.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    kind: AssetKind,
    key: String,
    name: String,
    aliases: Vec<String>,
    how: How,
    relation: RelationKind,
    vendor: Option<String>,
    attributes: BTreeMap<String, Json>,
}

impl Draft {
    /// Something that a configuration declares and its application calls.
    pub(crate) fn new(kind: AssetKind, key: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            kind,
            key: key.into(),
            name: name.into(),
            aliases: Vec::new(),
            how: How::Configuration,
            relation: RelationKind::Calls,
            vendor: None,
            attributes: BTreeMap::new(),
        }
    }

    /// A model; `written` is how the file spells it.
    pub(crate) fn model(model: Model, written: &str) -> Self {
        let relation = match model.vendor {
            Some("huggingface") => RelationKind::LoadsArtifactFrom,
            _ => RelationKind::Calls,
        };
        let through = model.through;
        Self::new(AssetKind::Model, model.key, model.name)
            .relation(relation)
            .vendor(model.vendor)
            .alias(written)
            .with_some("through", through)
    }

    /// A data set of the hub.
    pub(crate) fn dataset(id: &str) -> Self {
        Self::new(
            AssetKind::Dataset,
            format!("pkg:huggingface/datasets/{id}"),
            id,
        )
        .relation(RelationKind::Reads)
        .vendor(Some("huggingface"))
    }

    /// Something whose name is not known, and why: a model that only a variable names.
    pub(crate) fn unresolved(
        kind: AssetKind,
        page: &Page<'_>,
        name: impl Into<String>,
        why: impl Into<String>,
    ) -> Self {
        let name = name.into();
        let mut draft = Self::new(kind, format!("unresolved/{}#{name}", page.path), name);
        draft.how = How::Unresolved;
        draft.with("unresolved", why.into())
    }

    pub(crate) fn how(mut self, how: How) -> Self {
        self.how = how;
        self
    }

    pub(crate) fn relation(mut self, relation: RelationKind) -> Self {
        self.relation = relation;
        self
    }

    pub(crate) fn vendor(mut self, vendor: Option<&str>) -> Self {
        self.vendor = vendor.map(str::to_owned);
        self
    }

    /// Another spelling, unless it is the name.
    pub(crate) fn alias(mut self, alias: &str) -> Self {
        if alias != self.name && !alias.is_empty() {
            self.aliases.push(alias.to_owned());
        }
        self
    }

    pub(crate) fn role(self, role: &str) -> Self {
        self.with("role", role)
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<Json>) -> Self {
        self.attributes.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn with_some(self, name: &str, value: Option<impl Into<Json>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// With what it says of itself: its first line for people, all of it for rules.
    pub(crate) fn described(self, text: &str) -> Self {
        let line = text.trim().lines().next().unwrap_or_default();
        let shown = line.get(..line.floor_char_boundary(300)).unwrap_or(line);
        if shown.is_empty() {
            return self;
        }
        let whole = description::beyond(text, shown);
        self.with("description", shown)
            .with_some(description::FULL_DESCRIPTION, whole)
    }

    /// Whether it is only known that there is one, not which.
    pub(crate) fn is_unresolved(&self) -> bool {
        self.attributes.contains_key("unresolved")
    }

    pub(crate) fn id(&self) -> AssetId {
        AssetId::new(self.kind, &self.key)
    }

    /// Adds the reference as it stands at `span`.
    pub(crate) fn add(self, span: Range<usize>, page: &Page<'_>, facts: &mut Facts<'_>) -> AssetId {
        let id = self.id();
        let reference = Reference {
            kind: self.kind,
            key: self.key,
            name: self.name,
            aliases: self.aliases,
            how: self.how,
            relation: self.relation,
            vendor: self.vendor,
            attributes: self.attributes,
            evidence: page.evidence(span),
        };
        facts.add(page.path, Fact::Reference(Box::new(reference)));
        id
    }
}

/// Says what two assets have to do with each other.
pub(crate) fn relate(
    from: &AssetId,
    kind: RelationKind,
    to: &AssetId,
    span: Range<usize>,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) {
    if from == to {
        return;
    }
    let relation = Relation {
        from: from.clone(),
        to: to.clone(),
        kind,
        evidence: page.evidence(span),
    };
    facts.add(page.path, Fact::Relation(Box::new(relation)));
}

//! What was seen on a host, as facts.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use stance_core::asset::{AssetId, AssetKind, How};
use stance_core::fact::{Fact, Reference};
use stance_core::relation::{Relation, RelationKind};
use stance_core::{Evidence, Observation};

/// The name of this collector in observations.
pub(super) const NAME: &str = "host";

/// Something that was seen, until it is a fact.
pub(super) struct Seen {
    reference: Reference,
}

impl Seen {
    pub(super) fn new(
        kind: AssetKind,
        key: impl Into<String>,
        name: impl Into<String>,
        path: &str,
        excerpt: &str,
    ) -> Self {
        Self {
            reference: Reference {
                kind,
                key: key.into(),
                name: name.into(),
                aliases: Vec::new(),
                how: How::Observed,
                relation: RelationKind::Contains,
                vendor: None,
                attributes: BTreeMap::new(),
                evidence: evidence(path, excerpt),
            },
        }
    }

    pub(super) fn relation(mut self, relation: RelationKind) -> Self {
        self.reference.relation = relation;
        self
    }

    pub(super) fn vendor(mut self, vendor: Option<&str>) -> Self {
        self.reference.vendor = vendor.map(str::to_owned);
        self
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.reference
            .attributes
            .insert(name.to_owned(), value.into());
        self
    }

    pub(super) fn with_some(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(super) fn with_list(self, name: &str, values: Vec<String>) -> Self {
        if values.is_empty() {
            return self;
        }
        self.with(name, values)
    }

    pub(super) fn id(&self) -> AssetId {
        AssetId::new(self.reference.kind, &self.reference.key)
    }

    pub(super) fn observation(self) -> Observation {
        Observation {
            source: NAME,
            subject: Arc::clone(&self.reference.evidence.path),
            fact: Fact::Reference(Box::new(self.reference)),
        }
    }
}

/// Evidence at a place that is no line of a file.
pub(super) fn evidence(path: &str, excerpt: &str) -> Evidence {
    let mut evidence = Evidence::file(path);
    evidence.excerpt = stance_core::evidence::shorten(excerpt).into();
    evidence
}

/// A relation that was seen at a place.
pub(super) fn related(
    from: &AssetId,
    kind: RelationKind,
    to: &AssetId,
    at: &Evidence,
) -> Observation {
    Observation {
        source: NAME,
        subject: Arc::clone(&at.path),
        fact: Fact::Relation(Box::new(Relation {
            from: from.clone(),
            to: to.clone(),
            kind,
            evidence: at.clone(),
        })),
    }
}

/// The key and name of a model as a service or a command line names it.
pub(super) fn model(service: Option<&str>, name: &str) -> (String, String) {
    let is_path =
        name.starts_with(['/', '.', '~']) || name.contains('\\') || name.ends_with(".gguf");
    let name = name.trim();
    if is_path {
        let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
        return (format!("file/{name}"), base.to_owned());
    }
    if service == Some("ollama") {
        let tagged = if name.contains(':') {
            name.to_owned()
        } else {
            format!("{name}:latest")
        };
        return (format!("ollama/{tagged}"), name.to_owned());
    }
    if name.split('/').count() == 2 && !name.contains([' ', ':']) {
        return (format!("pkg:huggingface/{name}"), name.to_owned());
    }
    (format!("local/{name}"), name.to_owned())
}

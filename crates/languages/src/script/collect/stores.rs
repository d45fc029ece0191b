//! Stores of vectors, and services that keep data sets and prompts.

use stance_core::{AssetKind, How, RelationKind};

use super::models::vendor_of;
use super::{Collector, Draft};
use crate::script::catalogue::{Api, Task, last_part, module_of};
use crate::script::known::{At, Known};
use crate::script::modules::package_of;
use crate::script::walk::Site;

impl Collector<'_> {
    /// `pgTable("chunks", { embedding: vector("embedding", { dimensions: 1536 }) })` of Drizzle.
    pub(super) fn vector_table(&mut self, site: &Site<'_>) {
        if last_part(site.callee) != "pgTable" || !site.callee.starts_with("drizzle-orm") {
            return;
        }
        let (Some(name), Some(given)) = (site.positional(0), site.arguments.get(1)) else {
            return;
        };
        let (Known::Text { text, how, .. }, Known::Map(columns)) = (name.value, &given.value)
        else {
            return;
        };
        let column = columns.content.iter().find(|entry| is_vector(&entry.value));
        if let Some(column) = column {
            let draft = Draft::new(
                AssetKind::VectorStore,
                format!("pgvector/{text}"),
                &**text,
                *how,
            )
            .relation(RelationKind::Reads)
            .alias("pgvector")
            .with("technology", "pgvector")
            .with("column", &*column.name);
            let at = name.at.clone();
            self.refer(draft, &at);
        }
    }

    pub(super) fn store(&mut self, site: &Site<'_>, api: &'static Api) {
        let package = package_of(module_of(site.callee)).to_owned();
        // A client alone; what it keeps may be told by another call of the file.
        if api.task == Task::Store && api.option.is_empty() && api.position.is_none() {
            let draft = Draft::new(
                AssetKind::VectorStore,
                api.purpose,
                api.purpose,
                How::Literal,
            )
            .relation(RelationKind::Reads)
            .vendor(vendor_of(site.callee))
            .alias(class_of(site.callee))
            .with("technology", api.purpose);
            if self.later.len() < 64 {
                self.later.push((draft, At::Here(site.callee_span)));
            }
            return;
        }
        let service = package
            .split('/')
            .next_back()
            .unwrap_or_default()
            .to_owned();
        let vendor = vendor_of(site.callee);
        let named = site
            .named(api)
            .or_else(|| site.option("name"))
            .or_else(|| site.option("collectionName"));
        let mut done = false;
        for one in named.iter().flat_map(|named| named.value.alternatives()) {
            let (text, how) = match one {
                Known::Text { text, how, .. } => (text, *how),
                Known::Environment {
                    default: Some(text),
                    ..
                } => (text, How::Default),
                Known::Open(_) if !self.is_settled() => {
                    self.open = true;
                    return;
                }
                // Told where the variable is read.
                Known::Environment { variable, .. }
                    if stance_read::stores::of_variable(variable).is_some() =>
                {
                    done = true;
                    continue;
                }
                _ => continue,
            };
            if text.is_empty() || text.len() > 200 || text.contains('\n') {
                continue;
            }
            done = true;
            let draft = match api.task {
                Task::Store => {
                    let technology = api.purpose;
                    let key = format!("{technology}/{text}");
                    Draft::new(AssetKind::VectorStore, key, &**text, how)
                        .with("technology", technology)
                }
                Task::RemotePrompt => {
                    let (name, version) = text.split_once(':').unwrap_or((text, ""));
                    let key = format!("{service}/{name}");
                    let draft = Draft::new(AssetKind::Prompt, key, name, how)
                        .alias(text)
                        .with("service", service.as_str());
                    if version.is_empty() {
                        draft
                    } else {
                        draft.with("version", version)
                    }
                }
                _ => Draft::new(AssetKind::Dataset, &**text, &**text, how)
                    .with("service", service.as_str()),
            };
            let draft = draft.relation(RelationKind::Reads).vendor(vendor);
            let at = named
                .as_ref()
                .map_or(At::Here(site.callee_span), |named| named.at.clone());
            self.refer(draft, &at);
        }
        if !done && api.task == Task::Store && api.purpose != "mastra" {
            let technology = api.purpose;
            let draft = Draft::new(AssetKind::VectorStore, technology, technology, How::Literal)
                .relation(RelationKind::Reads)
                .vendor(vendor)
                .alias(class_of(site.callee))
                .with("technology", technology);
            self.refer(draft, &At::Here(site.callee_span));
        }
    }
}

/// The class of a store whose method may have been called: `FaissStore` of `x.FaissStore.load`.
fn class_of(callee: &str) -> &str {
    let parts = callee.rsplit('.').map(|part| part.trim_end_matches("()"));
    parts
        .into_iter()
        .take(2)
        .find(|part| part.starts_with(|c: char| c.is_ascii_uppercase()))
        .unwrap_or_default()
}

/// Whether a column is of the type for vectors, whatever is said about it besides: `vector(…).notNull()`.
fn is_vector(known: &Known) -> bool {
    let Known::Object(object) = known else {
        return false;
    };
    let mut at = Some(object);
    while let Some(object) = at {
        if object.callee.starts_with("drizzle-orm")
            && matches!(last_part(&object.callee), "vector" | "halfvec")
        {
            return true;
        }
        at = object.origin.as_ref();
    }
    false
}

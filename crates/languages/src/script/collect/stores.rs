//! Stores of vectors, and services that keep data sets and prompts.

use stance_core::{AssetKind, How, RelationKind};

use super::models::vendor_of;
use super::{Collector, Draft};
use crate::script::catalogue::{Api, Task, module_of};
use crate::script::known::{At, Known};
use crate::script::modules::package_of;
use crate::script::walk::Site;

impl Collector<'_> {
    pub(super) fn store(&mut self, site: &Site<'_>, api: &'static Api) {
        let package = package_of(module_of(site.callee)).to_owned();
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

//! What a model comes from.

use serde_json::{Value, json};

use super::{Writer, put};
use crate::bill::{DatasetUse, Part};

impl Writer<'_> {
    /// Base models and datasets that no part of the bill stands for become elements of their own.
    pub(super) fn lineage(&mut self, part: &Part) {
        let linked = |kind: &str, to: &str| {
            self.bill
                .relations
                .iter()
                .any(|link| link.from == part.reference && link.kind == kind && link.to == to)
        };
        let mut bases = Vec::new();
        for base in &part.ancestors {
            match &base.part {
                Some(known) if linked("fine_tuned_from", known) => {}
                Some(known) => bases.push(self.id(known)),
                None => bases.push(self.named(
                    "ai_AIPackage",
                    "model",
                    "base",
                    &base.name,
                    base.purl.as_deref(),
                )),
            }
        }
        if !bases.is_empty() {
            self.relation(&part.reference, "ancestor", "descendantOf", bases, false);
        }
        let mut datasets = Vec::new();
        for used in part.card.iter().flat_map(|card| &card.datasets) {
            match used {
                DatasetUse::Part(known) if linked("trained_on", known) => {}
                DatasetUse::Part(known) => datasets.push(self.id(known)),
                DatasetUse::Named(name) => datasets.push(self.named(
                    "dataset_DatasetPackage",
                    "data",
                    "named-dataset",
                    name,
                    None,
                )),
            }
        }
        if !datasets.is_empty() {
            self.relation(&part.reference, "dataset", "trainedOn", datasets, false);
        }
    }

    pub(super) fn named(
        &mut self,
        class: &str,
        purpose: &str,
        space: &str,
        name: &str,
        purl: Option<&str>,
    ) -> String {
        let id = self.id(&format!("{space}/{name}"));
        if self.named.insert(id.clone()) {
            let mut members = self.element(class, &id);
            members.insert("name".to_owned(), name.into());
            members.insert("software_primaryPurpose".to_owned(), purpose.into());
            put(&mut members, "software_packageUrl", purl);
            if class == "dataset_DatasetPackage" {
                members.insert("dataset_datasetType".to_owned(), json!(["noAssertion"]));
                let wanted = [
                    "builtTime",
                    "originatedBy",
                    "releaseTime",
                    "software_downloadLocation",
                ];
                self.lacks("dataset", &members, &wanted);
            } else {
                let wanted = [
                    "suppliedBy",
                    "releaseTime",
                    "software_downloadLocation",
                    "software_packageVersion",
                ];
                self.lacks("ai", &members, &wanted);
            }
            self.elements.push(Value::Object(members));
        }
        id
    }
}

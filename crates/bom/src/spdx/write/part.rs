//! A part as an element: a package, a model, a dataset, a service.

use serde_json::{Map, Value, json};

use super::{Writer, put, put_all};
use crate::bill::{Part, Property};
use crate::spdx::words;

impl Writer<'_> {
    pub(super) fn part(&mut self, part: &Part) {
        let is_dataset = part
            .data
            .as_ref()
            .is_some_and(|data| data.kind == "dataset");
        let class = match (part.is_model(), is_dataset) {
            (true, _) => "ai_AIPackage",
            (_, true) => "dataset_DatasetPackage",
            _ => "software_Package",
        };
        let mut members = self.element(class, &self.id(&part.reference));
        members.insert("name".to_owned(), part.name.clone().into());
        put(&mut members, "description", part.description.clone());
        put(
            &mut members,
            "software_packageVersion",
            part.version.clone(),
        );
        put(&mut members, "software_packageUrl", part.purl.clone());
        let purpose = words::purpose(&part.class);
        members.insert("software_primaryPurpose".to_owned(), purpose.into());
        let download = part.links.iter().find(|link| link.kind == "distribution");
        put(
            &mut members,
            "software_downloadLocation",
            download.map(|link| link.url.clone()),
        );
        let supplier = part.supplier.as_ref().map(|name| self.agent(name));
        put(&mut members, "suppliedBy", supplier);
        let hashes = part.hashes.iter().filter_map(|hash| {
            let algorithm = words::algorithm_to(&hash.algorithm)?;
            Some(json!({"type": "Hash", "algorithm": algorithm, "hashValue": hash.value}))
        });
        put_all(&mut members, "verifiedUsing", hashes.collect());
        put_all(&mut members, "externalRef", references(part));
        put(&mut members, "software_sourceInfo", places(part));
        let mut properties = part.properties.clone();
        if part.is_model() {
            self.model(part, &mut members, &mut properties);
        }
        if is_dataset {
            self.dataset(part, &mut members);
        }
        properties.extend(of_service(part));
        if !properties.is_empty() {
            self.profiles.insert("extension");
            members.insert("extension".to_owned(), json!([extension(&properties)]));
        }
        self.elements.push(Value::Object(members));
        self.licence(part);
        self.lineage(part);
    }

    pub(super) fn agent(&mut self, name: &str) -> String {
        if let Some(id) = self.agents.get(name) {
            return id.clone();
        }
        let id = self.id(&format!("organization/{name}"));
        let mut members = self.element("Organization", &id);
        members.insert("name".to_owned(), name.into());
        self.elements.push(Value::Object(members));
        self.agents.insert(name.to_owned(), id.clone());
        id
    }

    pub(super) fn lacks(
        &mut self,
        profile: &'static str,
        members: &Map<String, Value>,
        wanted: &[&'static str],
    ) {
        self.profiles.insert(profile);
        for name in wanted {
            if !members.contains_key(*name) {
                let missing = self
                    .missing
                    .entry(profile)
                    .or_default()
                    .entry(name)
                    .or_insert(0);
                *missing = missing.saturating_add(1);
            }
        }
    }

    pub(super) fn model(
        &mut self,
        part: &Part,
        members: &mut Map<String, Value>,
        properties: &mut Vec<Property>,
    ) {
        if let Some(card) = &part.card {
            put_all(
                members,
                "ai_typeOfModel",
                card.architecture
                    .iter()
                    .map(|one| one.clone().into())
                    .collect(),
            );
            let limitation = (!card.limitations.is_empty()).then(|| card.limitations.join("\n"));
            put(members, "ai_limitation", limitation);
            let use_cases = (!card.use_cases.is_empty()).then(|| card.use_cases.join("\n"));
            put(members, "ai_informationAboutApplication", use_cases);
            let entry = |key: &str, value: Option<&str>| {
                let mut entry = json!({"type": "DictionaryEntry", "key": key});
                if let (Some(value), Some(members)) = (value, entry.as_object_mut()) {
                    members.insert("value".to_owned(), value.into());
                }
                entry
            };
            let metrics = card.metrics.iter().map(|metric| {
                let key = match &metric.slice {
                    Some(slice) => format!("{} on {slice}", metric.kind),
                    None => metric.kind.clone(),
                };
                entry(&key, metric.value.as_deref())
            });
            put_all(members, "ai_metric", metrics.collect());
            let own = card.properties.iter();
            let hyperparameters = own.map(|one| {
                entry(
                    one.name.rsplit(':').next().unwrap_or_default(),
                    Some(&one.value),
                )
            });
            put_all(members, "ai_hyperparameter", hyperparameters.collect());
            let more = [
                ("task", card.task.as_ref()),
                ("approach", card.approach.as_ref()),
            ];
            let more = more
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)));
            properties
                .extend(more.map(|(name, value)| Property::new(format!("stance:{name}"), value)));
            properties.extend(
                card.risks
                    .iter()
                    .map(|one| Property::new("stance:risk", one)),
            );
            properties.extend(
                card.users
                    .iter()
                    .map(|one| Property::new("stance:users", one)),
            );
            properties.extend(
                card.energy
                    .iter()
                    .map(|one| Property::new("stance:energy", one)),
            );
        }
        let wanted = [
            "suppliedBy",
            "releaseTime",
            "software_downloadLocation",
            "software_packageVersion",
        ];
        self.lacks("ai", members, &wanted);
    }

    pub(super) fn dataset(&mut self, part: &Part, members: &mut Map<String, Value>) {
        members.insert("dataset_datasetType".to_owned(), json!(["noAssertion"]));
        if let Some(data) = &part.data {
            let level = data.classification.as_deref().map(str::to_ascii_lowercase);
            let level = level.filter(|word| matches!(&**word, "clear" | "green" | "amber" | "red"));
            put(members, "dataset_confidentialityLevel", level);
            let sensitive = !data.sensitive.is_empty();
            put(
                members,
                "dataset_hasSensitivePersonalInformation",
                sensitive.then_some("yes"),
            );
        }
        if let Some(supplier) = members.get("suppliedBy").cloned() {
            members.insert("originatedBy".to_owned(), json!([supplier]));
        }
        let wanted = [
            "builtTime",
            "originatedBy",
            "releaseTime",
            "software_downloadLocation",
        ];
        self.lacks("dataset", members, &wanted);
    }
}

/// Links and addresses of services.
fn references(part: &Part) -> Vec<Value> {
    let links = part
        .links
        .iter()
        .filter(|link| link.kind != "distribution")
        .map(|link| {
            let kind = match &*link.kind {
                "vcs" => "vcs",
                "documentation" | "model-card" => "documentation",
                "website" => "altWebPage",
                "license" => "license",
                "issue-tracker" => "issueTracker",
                _ => "other",
            };
            json!({"type": "ExternalRef", "externalRefType": kind, "locator": [link.url]})
        });
    let endpoints = part.service.iter().flat_map(|service| &service.endpoints).map(|endpoint| {
        json!({"type": "ExternalRef", "externalRefType": "other", "locator": [endpoint], "comment": "endpoint"})
    });
    links.chain(endpoints).collect()
}

fn places(part: &Part) -> Option<String> {
    let all: Vec<String> = part
        .places
        .iter()
        .map(|place| match (place.line, place.offset) {
            (Some(line), _) => format!("{}:{line}", place.path),
            (None, Some(offset)) => format!("{}: byte {offset:#x}", place.path),
            (None, None) => place.path.clone(),
        })
        .collect();
    (!all.is_empty()).then(|| format!("seen at {}", all.join(", ")))
}

/// SPDX 3.0 has no class for services: what is known of one becomes properties.
fn of_service(part: &Part) -> Vec<Property> {
    let Some(service) = &part.service else {
        return Vec::new();
    };
    let mut all = Vec::new();
    if let Some(authenticated) = service.authenticated {
        all.push(Property::new(
            "stance:authenticated",
            authenticated.to_string(),
        ));
    }
    if let Some(crosses) = service.crosses_boundary {
        all.push(Property::new(
            "stance:x-trust-boundary",
            crosses.to_string(),
        ));
    }
    let flows = service.flows.iter();
    all.extend(flows.map(|flow| {
        Property::new(
            "stance:flow",
            format!("{}: {}", flow.direction, flow.classification),
        )
    }));
    all
}

fn extension(properties: &[Property]) -> Value {
    let entries: Vec<Value> = properties
        .iter()
        .map(|one| {
            json!({
                "type": "extension_CdxPropertyEntry",
                "extension_cdxPropName": one.name,
                "extension_cdxPropValue": one.value,
            })
        })
        .collect();
    json!({"type": "extension_CdxPropertiesExtension", "extension_cdxProperty": entries})
}

//! A bill as an SPDX 3.0.1 document in JSON-LD.
//!
//! Members that a profile makes mandatory are not invented: a licence that is not known is the individual
//! `NoAssertionLicense`, a type of dataset `noAssertion`; where the standard has no such word, the member is absent
//! and the document does not claim to conform to that profile, but says in a comment why.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::words;
use crate::bill::{Bill, Completeness, DatasetUse, Licence, Part, Property};
use crate::{cyclonedx, uri};

/// The individual that says nothing about a licence.
const NO_LICENCE: &str = "expandedlicensing_NoAssertionLicense";

/// Written where a bill has no time: the member is mandatory.
const NO_TIME: &str = "1970-01-01T00:00:00Z";

/// The document. Equal bills give equal bytes.
#[must_use]
pub fn write(bill: &Bill) -> Value {
    let serial = bill.serial.clone().unwrap_or_else(|| {
        let content = cyclonedx::write(bill, cyclonedx::Version::V1_7);
        content
            .get("serialNumber")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    });
    let mut writer = Writer {
        bill,
        namespace: format!("{}#", serial.split('#').next().unwrap_or_default()),
        elements: Vec::new(),
        agents: BTreeMap::new(),
        licences: BTreeMap::new(),
        missing: BTreeMap::new(),
        profiles: BTreeSet::from(["core", "software"]),
    };
    writer.all();
    writer.document()
}

struct Writer<'b> {
    bill: &'b Bill,
    namespace: String,
    elements: Vec<Value>,
    /// Organisations by name.
    agents: BTreeMap<String, String>,
    /// Licences by what stands in them.
    licences: BTreeMap<Licence, String>,
    /// What profiles demand and nobody knows: how many parts lack it.
    missing: BTreeMap<&'static str, BTreeMap<&'static str, u64>>,
    profiles: BTreeSet<&'static str>,
}

/// A member that is only there when it has a value.
fn put(members: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        members.insert(name.to_owned(), value.into());
    }
}

fn put_all(members: &mut Map<String, Value>, name: &str, all: Vec<Value>) {
    if !all.is_empty() {
        members.insert(name.to_owned(), all.into());
    }
}

impl Writer<'_> {
    fn id(&self, reference: &str) -> String {
        format!("{}{}", self.namespace, uri::encode(reference, b"/:@"))
    }

    fn element(&self, class: &str, id: &str) -> Map<String, Value> {
        let mut members = Map::new();
        members.insert("type".to_owned(), class.into());
        members.insert("spdxId".to_owned(), id.into());
        members.insert("creationInfo".to_owned(), "_:creation".into());
        members
    }

    fn all(&mut self) {
        let mut there = BTreeSet::new();
        for part in self.bill.all() {
            // Bills of others repeat references; an id may not be there twice.
            if there.insert(&*part.reference) {
                self.part(part);
            }
        }
        let mut grouped: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
        for link in &self.bill.relations {
            if there.contains(&*link.from) && there.contains(&*link.to) {
                grouped
                    .entry((&link.from, &link.kind))
                    .or_default()
                    .insert(&link.to);
            }
        }
        let subject = self.bill.subject.as_ref().map(|part| &*part.reference);
        for ((from, kind), to) in grouped {
            let to = to.into_iter().map(|one| self.id(one)).collect();
            let incomplete = self.bill.completeness == Some(Completeness::Incomplete)
                && subject == Some(from)
                && matches!(kind, "contains" | "depends_on");
            self.relation(from, kind, words::relation_to(kind), to, incomplete);
        }
    }

    fn relation(&mut self, from: &str, kind: &str, word: &str, to: Vec<String>, incomplete: bool) {
        let id = self.id(&format!("relation/{kind}/{from}"));
        let mut members = self.element("Relationship", &id);
        members.insert("from".to_owned(), self.id(from).into());
        members.insert("relationshipType".to_owned(), word.into());
        members.insert("to".to_owned(), to.into());
        put(
            &mut members,
            "completeness",
            incomplete.then_some("incomplete"),
        );
        // What the word of the standard does not tell apart.
        let exact = words::relation_from(word) == kind;
        put(
            &mut members,
            "comment",
            (!exact).then(|| format!("stance: {kind}")),
        );
        self.elements.push(Value::Object(members));
    }

    fn part(&mut self, part: &Part) {
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

    fn agent(&mut self, name: &str) -> String {
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

    fn lacks(
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

    fn model(
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

    fn dataset(&mut self, part: &Part, members: &mut Map<String, Value>) {
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

    fn licence(&mut self, part: &Part) {
        let mut to: Vec<String> = Vec::new();
        for licence in &part.licences {
            to.push(self.expression(licence));
        }
        if !to.is_empty() {
            self.relation(
                &part.reference,
                "declared_licence",
                "hasDeclaredLicense",
                to,
                false,
            );
        } else if part.is_model() {
            // The profile wants both relations of every model, and has a word for not knowing.
            self.relation(
                &part.reference,
                "declared_licence",
                "hasDeclaredLicense",
                vec![NO_LICENCE.to_owned()],
                false,
            );
        }
        if part.is_model() {
            self.profiles.insert("simpleLicensing");
            self.relation(
                &part.reference,
                "concluded_licence",
                "hasConcludedLicense",
                vec![NO_LICENCE.to_owned()],
                false,
            );
        }
    }

    fn expression(&mut self, licence: &Licence) -> String {
        if let Some(id) = self.licences.get(licence) {
            return id.clone();
        }
        self.profiles.insert("simpleLicensing");
        let id = self.id(&format!("licence/{}", licence.text()));
        let mut members = self.element("simplelicensing_LicenseExpression", &id);
        let expression = match licence {
            Licence::Id(text) | Licence::Expression(text) => text.clone(),
            Licence::Name(name) => {
                members.insert("name".to_owned(), name.clone().into());
                let legal = |one: char| one.is_ascii_alphanumeric() || matches!(one, '.' | '-');
                let name: String = name
                    .chars()
                    .map(|one| if legal(one) { one } else { '-' })
                    .collect();
                format!("LicenseRef-{name}")
            }
        };
        members.insert(
            "simplelicensing_licenseExpression".to_owned(),
            expression.into(),
        );
        self.elements.push(Value::Object(members));
        self.licences.insert(licence.clone(), id.clone());
        id
    }

    /// Base models and datasets that no part of the bill stands for become elements of their own.
    fn lineage(&mut self, part: &Part) {
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

    fn named(
        &mut self,
        class: &str,
        purpose: &str,
        space: &str,
        name: &str,
        purl: Option<&str>,
    ) -> String {
        let id = self.id(&format!("{space}/{name}"));
        let known = self
            .elements
            .iter()
            .any(|element| element.get("spdxId").and_then(Value::as_str) == Some(&id));
        if !known {
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

    /// Why the document claims fewer profiles than it uses, and what was not looked at.
    fn comment(&self) -> Option<String> {
        let mut sentences: Vec<String> = Vec::new();
        for (profile, missing) in &self.missing {
            let all: Vec<String> = missing
                .iter()
                .map(|(name, count)| format!("{name} ({count})"))
                .collect();
            sentences.push(format!(
                "Conformance to the profile {profile} is not claimed: it demands members that are not known, here with the number of elements that lack them: {}.",
                all.join(", ")
            ));
        }
        if !self.bill.gaps.is_empty() {
            let all: Vec<String> = self
                .bill
                .gaps
                .iter()
                .map(|(reason, count)| format!("{reason} ({count})"))
                .collect();
            sentences.push(format!("Not looked at, by reason: {}.", all.join(", ")));
        }
        if self.bill.created.is_none() {
            sentences.push("The time of creation is not said.".to_owned());
        }
        (!sentences.is_empty()).then(|| sentences.join(" "))
    }

    fn document(mut self) -> Value {
        let created = self
            .bill
            .created
            .clone()
            .unwrap_or_else(|| NO_TIME.to_owned());
        let mut tools = Vec::new();
        for tool in &self.bill.tools {
            let id = self.id(&format!("tool/{}", tool.name));
            let mut members = self.element("Tool", &id);
            let name = match &tool.version {
                Some(version) => format!("{} {version}", tool.name),
                None => tool.name.clone(),
            };
            members.insert("name".to_owned(), name.into());
            self.elements.push(Value::Object(members));
            tools.push(id);
        }
        let author = self.id("agent/stance");
        let mut agent = self.element("SoftwareAgent", &author);
        agent.insert("name".to_owned(), "stance".into());
        self.elements.push(Value::Object(agent));
        self.elements.sort_by_cached_key(|element| {
            element
                .get("spdxId")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        });
        self.elements
            .dedup_by(|a, b| a.get("spdxId") == b.get("spdxId"));
        let ids: Vec<Value> = self
            .elements
            .iter()
            .filter_map(|element| element.get("spdxId").cloned())
            .collect();
        let root = match &self.bill.subject {
            Some(subject) => vec![Value::from(self.id(&subject.reference))],
            None => Vec::new(),
        };
        let comment = self.comment();
        let claimed: Vec<&str> = self
            .profiles
            .iter()
            .filter(|profile| !self.missing.contains_key(*profile))
            .copied()
            .collect();
        let bom_id = self.id("sbom");
        let mut bom = self.element("software_Sbom", &bom_id);
        put_all(&mut bom, "rootElement", root);
        put_all(&mut bom, "element", ids.clone());
        bom.insert("software_sbomType".to_owned(), json!(["analyzed"]));
        bom.insert("profileConformance".to_owned(), json!(claimed));
        let mut document = self.element("SpdxDocument", &self.id("document"));
        put(
            &mut document,
            "name",
            self.bill.subject.as_ref().map(|part| part.name.clone()),
        );
        document.insert("rootElement".to_owned(), json!([bom_id]));
        let mut everything = ids;
        everything.push(bom_id.into());
        document.insert("element".to_owned(), everything.into());
        document.insert("profileConformance".to_owned(), json!(claimed));
        put(&mut document, "comment", comment);
        let mut creation = json!({
            "type": "CreationInfo",
            "@id": "_:creation",
            "specVersion": "3.0.1",
            "created": created,
            "createdBy": [author],
        });
        if let Some(members) = creation.as_object_mut() {
            put_all(
                members,
                "createdUsing",
                tools.into_iter().map(Value::from).collect(),
            );
        }
        let mut graph = vec![creation, Value::Object(document), Value::Object(bom)];
        graph.append(&mut self.elements);
        json!({
            "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
            "@graph": graph,
        })
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

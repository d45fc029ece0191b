//! Several bills as one. What is the same thing in two of them is one component, which says where it came from;
//! what only one of them says is kept.

mod part;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::cyclonedx::{self, Version};
use crate::read::{Document, Form, read};
use part::{free, inner_references, key, push_properties, rename, take, tools, unite};

/// The merged document, and what could not be kept.
#[derive(Debug)]
pub struct Merged {
    /// A CycloneDX document.
    pub value: Value,
    /// What was left out, and why.
    pub notes: Vec<String>,
}

/// Merges documents, each with the name under which it is told. SPDX documents are first written as CycloneDX. The
/// edition is the newest of all, and at least `version`.
#[must_use]
pub fn merge(documents: &[(String, Document)], version: Version, name: &str) -> Merged {
    let mut merger = Merger {
        edition: version.number().to_owned(),
        ..Merger::default()
    };
    for (source, document) in documents {
        let value = match &document.form {
            Form::CycloneDx(number) => {
                if number.as_str() > merger.edition.as_str() {
                    merger.edition.clone_from(number);
                }
                document.value.clone()
            }
            Form::Spdx2(_) | Form::Spdx3(_) => cyclonedx::write(&read(document), version),
        };
        merger.add(source, value);
    }
    merger.finish(name)
}

/// Members of the document that are lists, and are put one behind the other.
const LISTS: &[&str] = &[
    "compositions",
    "vulnerabilities",
    "annotations",
    "formulation",
    "externalReferences",
    "properties",
    "citations",
];

/// Members whose texts are references to others.
const REFERENCES: &[&str] = &[
    "bom-ref",
    "ref",
    "dependsOn",
    "provides",
    "assemblies",
    "dependencies",
    "subjects",
    "attributedTo",
];

#[derive(Default)]
struct Merger {
    edition: String,
    notes: Vec<String>,
    components: Parts,
    services: Parts,
    /// The subjects of the bills, by their new reference.
    subjects: BTreeSet<String>,
    taken: BTreeSet<String>,
    tools: Vec<Value>,
    metadata: Vec<Value>,
    dependencies: BTreeMap<String, Map<String, Value>>,
    lists: BTreeMap<&'static str, Vec<Value>>,
    objects: BTreeMap<&'static str, Value>,
    sources: Vec<String>,
}

/// Components or services by what they are.
#[derive(Default)]
struct Parts {
    order: Vec<String>,
    by_key: BTreeMap<String, Value>,
}

impl Merger {
    fn add(&mut self, source: &str, mut document: Value) {
        let serial = document
            .get("serialNumber")
            .and_then(Value::as_str)
            .map(str::to_owned);
        let from = match serial {
            Some(serial) => format!("{source} {serial}"),
            None => source.to_owned(),
        };
        let main = document
            .get_mut("metadata")
            .and_then(|metadata| metadata.get_mut("component"))
            .map(Value::take);
        let main = main.filter(Value::is_object);
        let subject = main
            .as_ref()
            .map_or_else(|| source.to_owned(), |main| key(main, ""));
        let mut components = take(&mut document, "components");
        let has_subject = main.is_some();
        components.splice(0..0, main);
        let mut services = take(&mut document, "services");
        // References first: whatever speaks of a part must do so by its new name.
        let mut renamed: BTreeMap<String, String> = BTreeMap::new();
        let keyed = |parts: &[Value]| -> Vec<String> {
            parts.iter().map(|part| key(part, &subject)).collect()
        };
        let (component_keys, service_keys) = (keyed(&components), keyed(&services));
        for (parts, keys, known) in [
            (&components, &component_keys, &self.components),
            (&services, &service_keys, &self.services),
        ] {
            for (part, key) in parts.iter().zip(keys) {
                let Some(old) = part.get("bom-ref").and_then(Value::as_str) else {
                    continue;
                };
                let there = known
                    .by_key
                    .get(key)
                    .and_then(|known| known.get("bom-ref"))
                    .and_then(Value::as_str);
                let new = match there {
                    Some(there) => there.to_owned(),
                    None => free(old, &mut self.taken),
                };
                renamed.insert(old.to_owned(), new);
            }
        }
        // What stands inside of other parts keeps its name, unless another bill has it already.
        for inner in components
            .iter()
            .chain(&services)
            .flat_map(inner_references)
        {
            let taken = &mut self.taken;
            renamed
                .entry(inner)
                .or_insert_with_key(|inner| free(inner, taken));
        }
        for part in components.iter_mut().chain(&mut services) {
            rename(part, &renamed, false);
        }
        rename(&mut document, &renamed, false);
        if has_subject
            && let Some(reference) = components
                .first()
                .and_then(|main| main.get("bom-ref"))
                .and_then(Value::as_str)
        {
            self.subjects.insert(reference.to_owned());
        }
        for (part, key) in components.into_iter().zip(component_keys) {
            self.components.add(part, key, &from);
        }
        for (part, key) in services.into_iter().zip(service_keys) {
            self.services.add(part, key, &from);
        }
        self.rest(source, document);
        self.sources.push(from);
    }

    fn rest(&mut self, source: &str, mut document: Value) {
        for dependency in take(&mut document, "dependencies") {
            let Some(reference) = dependency.get("ref").and_then(Value::as_str) else {
                continue;
            };
            let known = self.dependencies.entry(reference.to_owned()).or_default();
            for name in ["dependsOn", "provides"] {
                let more = dependency
                    .get(name)
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten();
                for one in more {
                    let all = known.entry(name).or_insert_with(|| json!([]));
                    if let Some(all) = all.as_array_mut()
                        && !all.contains(one)
                    {
                        all.push(one.clone());
                    }
                }
            }
        }
        for name in LISTS {
            let more = take(&mut document, name);
            let all = self.lists.entry(name).or_default();
            for one in more {
                if !all.contains(&one) {
                    all.push(one);
                }
            }
        }
        for name in ["declarations", "definitions"] {
            if let Some(value) = document.get_mut(name).map(Value::take) {
                let known = self.objects.entry(name).or_insert_with(|| json!({}));
                unite(known, value, &mut Vec::new(), name);
            }
        }
        if document.get("signature").is_some() {
            self.notes.push(format!(
                "the signature of {source} is left out: it covers that document only"
            ));
        }
        if let Some(metadata) = document.get_mut("metadata").map(Value::take) {
            self.tools.extend(tools(&metadata));
            self.metadata.push(metadata);
        }
    }

    fn finish(mut self, name: &str) -> Merged {
        let main = self.main(name);
        let mut tools: Vec<Value> = vec![json!({"type": "application", "name": "stance"})];
        for tool in std::mem::take(&mut self.tools) {
            if !tools.contains(&tool) {
                tools.push(tool);
            }
        }
        let mut metadata = Map::new();
        metadata.insert("tools".to_owned(), json!({ "components": tools }));
        metadata.insert("component".to_owned(), main);
        let mut properties: Vec<Value> = self
            .sources
            .iter()
            .map(|source| json!({"name": "stance:merged-from", "value": source}))
            .collect();
        for one in &self.metadata {
            for list in ["authors", "lifecycles", "properties"] {
                let more = one
                    .get(list)
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten();
                for value in more {
                    let known = match list {
                        "properties" => Some(&mut properties),
                        _ => metadata
                            .entry(list)
                            .or_insert_with(|| json!([]))
                            .as_array_mut(),
                    };
                    if let Some(known) = known
                        && !known.contains(value)
                    {
                        known.push(value.clone());
                    }
                }
            }
        }
        metadata.insert("properties".to_owned(), properties.into());
        let mut document = Map::new();
        document.insert(
            "$schema".to_owned(),
            format!(
                "http://cyclonedx.org/schema/bom-{}.schema.json",
                self.edition
            )
            .into(),
        );
        document.insert("bomFormat".to_owned(), "CycloneDX".into());
        document.insert("specVersion".to_owned(), self.edition.clone().into());
        document.insert("serialNumber".to_owned(), Value::Null);
        document.insert("version".to_owned(), 1.into());
        document.insert("metadata".to_owned(), metadata.into());
        document.insert("components".to_owned(), self.components.all().into());
        document.insert("services".to_owned(), self.services.all().into());
        let dependencies: Vec<Value> = std::mem::take(&mut self.dependencies)
            .into_iter()
            .map(|(reference, members)| {
                let mut dependency = Map::new();
                dependency.insert("ref".to_owned(), reference.into());
                dependency.extend(members);
                Value::Object(dependency)
            })
            .collect();
        document.insert("dependencies".to_owned(), dependencies.into());
        for (name, list) in self.lists {
            if !list.is_empty() {
                document.insert(name.to_owned(), list.into());
            }
        }
        for (name, object) in self.objects {
            document.insert(name.to_owned(), object);
        }
        let serial = cyclonedx::serial_number(&Value::Object(document.clone()));
        document.insert("serialNumber".to_owned(), serial.into());
        Merged {
            value: Value::Object(document),
            notes: self.notes,
        }
    }

    /// What the merged bill is about: the one subject of all, or a new one that consists of theirs.
    fn main(&mut self, name: &str) -> Value {
        if let (Some(only), 1) = (self.subjects.first().cloned(), self.subjects.len())
            && let Some(part) = self.components.take(&only)
        {
            return part;
        }
        let reference = free("merged", &mut self.taken);
        let needs: Vec<Value> = self
            .subjects
            .iter()
            .map(|one| one.as_str().into())
            .collect();
        let entry = self.dependencies.entry(reference.clone()).or_default();
        if !needs.is_empty() {
            entry.insert("dependsOn".to_owned(), needs.into());
        }
        json!({"type": "application", "bom-ref": reference, "name": name})
    }
}

impl Parts {
    fn add(&mut self, mut part: Value, key: String, from: &str) {
        let origin = json!({"name": "stance:merged-from", "value": from});
        match self.by_key.get_mut(&key) {
            Some(known) => {
                let mut conflicts = Vec::new();
                if let Some(members) = part.as_object_mut() {
                    members.remove("bom-ref");
                }
                unite(known, part, &mut conflicts, "");
                let conflicts = conflicts
                    .into_iter()
                    .map(|what| json!({"name": "stance:merge:conflict", "value": format!("{what} in {from}")}));
                push_properties(known, conflicts.chain([origin]));
            }
            None => {
                push_properties(&mut part, [origin].into_iter());
                self.order.push(key.clone());
                self.by_key.insert(key, part);
            }
        }
    }

    fn take(&mut self, reference: &str) -> Option<Value> {
        let is = |part: &Value| part.get("bom-ref").and_then(Value::as_str) == Some(reference);
        let key = self
            .by_key
            .iter()
            .find(|(_, part)| is(part))
            .map(|(key, _)| key.clone())?;
        self.by_key.remove(&key)
    }

    fn all(&mut self) -> Vec<Value> {
        let order = std::mem::take(&mut self.order);
        order
            .iter()
            .filter_map(|key| self.by_key.remove(key))
            .collect()
    }
}

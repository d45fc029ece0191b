//! The document around the elements, and what it says about itself.

use serde_json::{Value, json};

use super::{NO_TIME, Writer, put, put_all};

impl Writer<'_> {
    /// Why the document claims fewer profiles than it uses, and what was not looked at.
    pub(super) fn comment(&self) -> Option<String> {
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

    pub(super) fn document(mut self) -> Value {
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

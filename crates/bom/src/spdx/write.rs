//! A bill as an SPDX 3.0.1 document in JSON-LD.
//!
//! Members that a profile makes mandatory are not invented: a licence that is not known is the individual
//! `NoAssertionLicense`, a type of dataset `noAssertion`; where the standard has no such word, the member is absent
//! and the document does not claim to conform to that profile, but says in a comment why.

mod document;
mod licence;
mod lineage;
mod part;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::words;
use crate::bill::{Bill, Completeness, Licence};
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
        named: BTreeSet::new(),
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
    /// The ids of models and datasets that are only named.
    named: BTreeSet<String>,
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
}

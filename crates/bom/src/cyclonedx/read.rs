//! A CycloneDX document of anybody as a bill.

use std::collections::BTreeSet;
use std::str::FromStr as _;

use serde_json::Value;
use stance_core::AssetKind;

use crate::bill::{
    Ancestor, Bill, Card, Completeness, Data, DatasetUse, ExternalLink, Flow, Hash, Licence, Link,
    Metric, Part, Place, Property, Service, Tool,
};

/// What the document says; members of the wrong type are passed over.
pub(crate) fn read(document: &Value) -> Bill {
    let mut bill = Bill {
        serial: text(document, "serialNumber"),
        created: document
            .pointer("/metadata/timestamp")
            .and_then(Value::as_str)
            .map(str::to_owned),
        tools: tools(document.pointer("/metadata/tools")),
        subject: document.pointer("/metadata/component").map(component),
        completeness: completeness(document),
        ..Bill::default()
    };
    for property in document
        .pointer("/metadata/properties")
        .into_iter()
        .flat_map(items)
        .filter_map(property)
    {
        let gap = property.name.strip_prefix("stance:gap:").map(str::to_owned);
        match (gap, property.value.parse()) {
            (Some(reason), Ok(count)) => {
                bill.gaps.insert(reason, count);
            }
            _ => bill.properties.push(property),
        }
    }
    // Components stand within one another; the outer one contains the inner one.
    let mut open: Vec<(&Value, Option<String>, bool)> = Vec::new();
    let nested =
        |value: &'_ Value| value.get("components").is_some() || value.get("services").is_some();
    if let Some(main) = document.pointer("/metadata/component")
        && nested(main)
    {
        let outer = bill.subject.as_ref().map(|part| part.reference.clone());
        open.extend(list(main, "components").map(|inner| (inner, outer.clone(), false)));
    }
    open.extend(list(document, "components").map(|one| (one, None, false)));
    open.extend(list(document, "services").map(|one| (one, None, true)));
    let mut at = 0_usize;
    while let Some((value, outer, is_service)) = open.get(at).cloned() {
        at = at.saturating_add(1);
        let part = if is_service {
            service(value)
        } else {
            component(value)
        };
        if let Some(outer) = outer.filter(|outer| !outer.is_empty() && !part.reference.is_empty()) {
            bill.relations.push(Link {
                from: outer,
                kind: "contains".to_owned(),
                to: part.reference.clone(),
            });
        }
        let inner = Some(part.reference.clone());
        open.extend(list(value, "components").map(|one| (one, inner.clone(), false)));
        open.extend(list(value, "services").map(|one| (one, inner.clone(), true)));
        bill.parts.push(part);
    }
    relations(document, &mut bill);
    bill.relations.sort();
    bill.relations.dedup();
    bill
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn list<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    value.get(name).into_iter().flat_map(items)
}

fn text(value: &Value, name: &str) -> Option<String> {
    let text = value.get(name)?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}

fn texts(value: &Value, name: &str) -> Vec<String> {
    list(value, name)
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn property(value: &Value) -> Option<Property> {
    Some(Property::new(
        text(value, "name")?,
        text(value, "value").unwrap_or_default(),
    ))
}

fn tools(tools: Option<&Value>) -> Vec<Tool> {
    let Some(tools) = tools else {
        return Vec::new();
    };
    // A list up to 1.4; components and services from 1.5 on.
    let all = items(tools)
        .chain(list(tools, "components"))
        .chain(list(tools, "services"));
    all.filter_map(|tool| {
        Some(Tool {
            name: text(tool, "name")?,
            version: text(tool, "version"),
        })
    })
    .collect()
}

fn completeness(document: &Value) -> Option<Completeness> {
    let mut words = list(document, "compositions").filter_map(|one| text(one, "aggregate"));
    let first = words.next()?;
    let all: BTreeSet<String> = words.chain([first]).collect();
    Some(match all.iter().next().map(String::as_str) {
        Some("complete") if all.len() == 1 => Completeness::Complete,
        _ if all.iter().any(|word| word.starts_with("incomplete")) => Completeness::Incomplete,
        _ => Completeness::Unknown,
    })
}

fn organization(value: &Value, name: &str) -> Option<String> {
    text(value.get(name)?, "name")
}

fn component(value: &Value) -> Part {
    let class = text(value, "type").unwrap_or_else(|| "application".to_owned());
    let group = text(value, "group");
    let name = text(value, "name").unwrap_or_default();
    let properties: Vec<Property> = list(value, "properties").filter_map(property).collect();
    let data = list(value, "data").next().map(data);
    let stated = properties.iter().find(|one| one.name == "stance:kind");
    let kind = stated
        .and_then(|one| AssetKind::from_str(&one.value).ok())
        .or(match (&*class, data.as_ref().map(|data| &*data.kind)) {
            ("machine-learning-model", _) => Some(AssetKind::Model),
            ("data", Some("dataset")) => Some(AssetKind::Dataset),
            ("library" | "framework", _) => Some(AssetKind::Package),
            ("container", _) => Some(AssetKind::Compute),
            ("application", _) => Some(AssetKind::Application),
            _ => None,
        });
    let supplier = organization(value, "supplier")
        .or_else(|| organization(value, "manufacturer"))
        .or_else(|| text(value, "publisher"));
    Part {
        reference: text(value, "bom-ref").unwrap_or_default(),
        kind,
        name: match group {
            Some(group) => format!("{group}/{name}"),
            None => name,
        },
        version: text(value, "version"),
        description: text(value, "description"),
        supplier,
        purl: text(value, "purl"),
        hashes: hashes(value),
        licences: licences(value),
        card: value
            .get("modelCard")
            .map(card)
            .filter(|card| !card.is_empty()),
        data,
        service: None,
        ancestors: value
            .pointer("/pedigree/ancestors")
            .into_iter()
            .flat_map(items)
            .filter_map(|base| {
                Some(Ancestor {
                    name: text(base, "name")?,
                    part: None,
                    purl: text(base, "purl"),
                })
            })
            .collect(),
        places: value
            .pointer("/evidence/occurrences")
            .into_iter()
            .flat_map(items)
            .filter_map(|place| {
                Some(Place {
                    path: text(place, "location")?,
                    line: place.get("line").and_then(Value::as_u64),
                    offset: place.get("offset").and_then(Value::as_u64),
                })
            })
            .collect(),
        links: links(value),
        properties: own(properties),
        class,
    }
}

/// Properties without those that say a relation, which are told as relations.
fn own(properties: Vec<Property>) -> Vec<Property> {
    let all = properties.into_iter();
    all.filter(|one| !one.name.starts_with("stance:relation:") && one.name != "stance:location")
        .collect()
}

fn hashes(value: &Value) -> Vec<Hash> {
    let all = list(value, "hashes").filter_map(|hash| {
        Some(Hash {
            algorithm: text(hash, "alg")?,
            value: text(hash, "content")?.to_ascii_lowercase(),
        })
    });
    all.collect()
}

fn licences(value: &Value) -> Vec<Licence> {
    let all = list(value, "licenses").filter_map(|choice| {
        if let Some(expression) = text(choice, "expression") {
            return Some(Licence::Expression(expression));
        }
        let licence = choice.get("license")?;
        text(licence, "id")
            .map(Licence::Id)
            .or_else(|| text(licence, "name").map(Licence::Name))
    });
    all.collect()
}

fn links(value: &Value) -> Vec<ExternalLink> {
    let all = list(value, "externalReferences").filter_map(|link| {
        Some(ExternalLink {
            kind: text(link, "type")?,
            url: text(link, "url")?,
        })
    });
    all.collect()
}

fn data(value: &Value) -> Data {
    let parties = |name: &str| -> Vec<String> {
        let all = value
            .pointer(&format!("/governance/{name}"))
            .into_iter()
            .flat_map(items);
        all.filter_map(|party| {
            organization(party, "organization").or_else(|| organization(party, "contact"))
        })
        .collect()
    };
    Data {
        kind: text(value, "type").unwrap_or_else(|| "other".to_owned()),
        classification: text(value, "classification"),
        sensitive: texts(value, "sensitiveData"),
        url: value
            .pointer("/contents/url")
            .and_then(Value::as_str)
            .map(str::to_owned),
        custodians: parties("custodians"),
        stewards: parties("stewards"),
        owners: parties("owners"),
    }
}

fn card(value: &Value) -> Card {
    let none = Value::Null;
    let parameters = value.get("modelParameters").unwrap_or(&none);
    let considerations = value.get("considerations").unwrap_or(&none);
    let formats = |name: &str| {
        list(parameters, name)
            .filter_map(|one| text(one, "format"))
            .collect()
    };
    let named = |name: &str, member: &str| -> Vec<String> {
        list(considerations, name)
            .filter_map(|one| text(one, member))
            .collect()
    };
    let mut properties: Vec<Property> = list(value, "properties").filter_map(property).collect();
    let mut energy: Vec<String> = considerations
        .pointer("/environmentalConsiderations/energyConsumptions")
        .into_iter()
        .flat_map(items)
        .map(|one| {
            let activity = text(one, "activity").unwrap_or_else(|| "other".to_owned());
            let cost = one.get("activityEnergyCost");
            let amount = cost
                .and_then(|cost| cost.get("value"))
                .map(Value::to_string)
                .unwrap_or_default();
            let unit = cost.and_then(|cost| text(cost, "unit")).unwrap_or_default();
            format!("{activity}: {amount} {unit}")
                .trim_end_matches([' ', ':'])
                .to_owned()
        })
        .collect();
    properties.retain(|one| {
        let is_energy = one.name == "stance:energy";
        if is_energy {
            energy.push(one.value.clone());
        }
        !is_energy
    });
    Card {
        approach: parameters
            .pointer("/approach/type")
            .and_then(Value::as_str)
            .map(str::to_owned),
        task: text(parameters, "task"),
        architecture_family: text(parameters, "architectureFamily"),
        architecture: text(parameters, "modelArchitecture"),
        datasets: list(parameters, "datasets")
            .filter_map(|used| {
                let part = text(used, "ref").map(DatasetUse::Part);
                part.or_else(|| text(used, "name").map(DatasetUse::Named))
            })
            .collect(),
        inputs: formats("inputs"),
        outputs: formats("outputs"),
        metrics: value
            .pointer("/quantitativeAnalysis/performanceMetrics")
            .into_iter()
            .flat_map(items)
            .map(|metric| Metric {
                kind: text(metric, "type").unwrap_or_default(),
                value: text(metric, "value"),
                slice: text(metric, "slice"),
            })
            .collect(),
        users: texts(considerations, "users"),
        use_cases: texts(considerations, "useCases"),
        limitations: texts(considerations, "technicalLimitations"),
        tradeoffs: texts(considerations, "performanceTradeoffs"),
        risks: named("ethicalConsiderations", "name"),
        fairness: named("fairnessAssessments", "groupAtRisk"),
        energy,
        properties,
    }
}

fn service(value: &Value) -> Part {
    let flag = |name: &str| value.get(name).and_then(Value::as_bool);
    let properties: Vec<Property> = list(value, "properties").filter_map(property).collect();
    let stated = properties.iter().find(|one| one.name == "stance:kind");
    let places = properties
        .iter()
        .filter(|one| one.name == "stance:location")
        .map(|one| {
            let (path, line) = match one.value.rsplit_once(':') {
                Some((path, line)) => (path, line.parse().ok()),
                None => (&*one.value, None),
            };
            Place {
                path: if line.is_some() {
                    path.to_owned()
                } else {
                    one.value.clone()
                },
                line,
                offset: None,
            }
        });
    Part {
        reference: text(value, "bom-ref").unwrap_or_default(),
        class: "service".to_owned(),
        kind: stated.and_then(|one| AssetKind::from_str(&one.value).ok()),
        name: text(value, "name").unwrap_or_default(),
        version: text(value, "version"),
        description: text(value, "description"),
        supplier: organization(value, "provider"),
        licences: licences(value),
        service: Some(Service {
            endpoints: texts(value, "endpoints"),
            authenticated: flag("authenticated"),
            crosses_boundary: flag("x-trust-boundary"),
            flows: list(value, "data")
                .map(|flow| Flow {
                    direction: text(flow, "flow").unwrap_or_else(|| "unknown".to_owned()),
                    classification: text(flow, "classification").unwrap_or_default(),
                    name: text(flow, "name"),
                })
                .collect(),
        }),
        places: places.collect(),
        links: links(value),
        properties: own(properties.clone()),
        ..Part::default()
    }
}

/// The graph of dependencies, and what our own properties say more exactly.
fn relations(document: &Value, bill: &mut Bill) {
    let mut exact: Vec<Link> = Vec::new();
    let all = list(document, "components").chain(list(document, "services"));
    for value in all.chain(document.pointer("/metadata/component")) {
        let Some(from) = text(value, "bom-ref") else {
            continue;
        };
        for one in list(value, "properties").filter_map(property) {
            if let Some(kind) = one.name.strip_prefix("stance:relation:") {
                exact.push(Link {
                    from: from.clone(),
                    kind: kind.to_owned(),
                    to: one.value,
                });
            }
        }
    }
    let known: BTreeSet<(String, String)> = exact
        .iter()
        .map(|link| (link.from.clone(), link.to.clone()))
        .collect();
    for dependency in list(document, "dependencies") {
        let Some(from) = text(dependency, "ref") else {
            continue;
        };
        for to in texts(dependency, "dependsOn") {
            if !known.contains(&(from.clone(), to.clone())) {
                bill.relations.push(Link {
                    from: from.clone(),
                    kind: "depends_on".to_owned(),
                    to,
                });
            }
        }
    }
    bill.relations.extend(exact);
}

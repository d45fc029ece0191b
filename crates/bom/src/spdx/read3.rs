//! An SPDX 3 document of anybody as a bill.

use std::collections::BTreeMap;
use std::str::FromStr as _;

use serde_json::Value;
use stance_core::AssetKind;

use super::words;
use crate::bill::{
    Ancestor, Bill, Card, Completeness, Data, DatasetUse, ExternalLink, Hash, Licence, Link,
    Metric, Part, Property, Service, Tool,
};

/// What the document says; members of the wrong type are passed over.
pub(crate) fn read(document: &Value) -> Bill {
    let graph = match document.get("@graph") {
        Some(graph) => items(graph).collect(),
        None => vec![document],
    };
    let by_id: BTreeMap<&str, &Value> = graph
        .iter()
        .filter_map(|one| Some((id(one)?, *one)))
        .collect();
    let mut bill = Bill::default();
    let mut roots: Vec<&str> = Vec::new();
    let mut parts: BTreeMap<String, Part> = BTreeMap::new();
    for element in &graph {
        match class(element) {
            "CreationInfo" => bill.created = bill.created.or_else(|| text(element, "created")),
            "SpdxDocument" => {
                bill.serial = id(element).map(|id| id.split('#').next().unwrap_or(id).to_owned());
            }
            "software_Sbom" | "Bom" => {
                roots.extend(items_of(element, "rootElement").filter_map(Value::as_str));
            }
            "Tool" => bill.tools.extend(text(element, "name").map(|name| Tool {
                name,
                version: None,
            })),
            "software_Package"
            | "software_File"
            | "software_Snippet"
            | "ai_AIPackage"
            | "dataset_DatasetPackage" => {
                if let Some(id) = id(element) {
                    parts.insert(id.to_owned(), part(element, id, &by_id));
                }
            }
            _ => {}
        }
    }
    for element in &graph {
        if class(element).ends_with("Relationship") {
            relation(element, &by_id, &mut parts, &mut bill);
        }
    }
    bill.relations.sort();
    bill.relations.dedup();
    bill.subject = roots.first().and_then(|root| parts.remove(*root));
    bill.parts = parts.into_values().collect();
    bill
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The entries of a member; one that stands alone counts as a list of one.
fn items_of<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    let member = value.get(name);
    let alone = member.filter(|member| !member.is_array());
    member.into_iter().flat_map(items).chain(alone)
}

fn text(value: &Value, name: &str) -> Option<String> {
    value
        .get(name)?
        .as_str()
        .and_then(words::said)
        .map(str::to_owned)
}

fn id(value: &Value) -> Option<&str> {
    value.get("spdxId").or_else(|| value.get("@id"))?.as_str()
}

fn class(value: &Value) -> &str {
    value
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn part(element: &Value, id: &str, by_id: &BTreeMap<&str, &Value>) -> Part {
    let class_name = match class(element) {
        "ai_AIPackage" => "machine-learning-model",
        "dataset_DatasetPackage" => "data",
        "software_File" | "software_Snippet" => "file",
        _ => words::class(
            element
                .get("software_primaryPurpose")
                .and_then(Value::as_str),
        ),
    };
    let mut properties: Vec<Property> = Vec::new();
    for extension in items_of(element, "extension") {
        for one in items_of(extension, "extension_cdxProperty") {
            if let Some(name) = text(one, "extension_cdxPropName") {
                properties.push(Property::new(
                    name,
                    text(one, "extension_cdxPropValue").unwrap_or_default(),
                ));
            }
        }
    }
    let stated = properties.iter().find(|one| one.name == "stance:kind");
    let kind = stated
        .and_then(|one| AssetKind::from_str(&one.value).ok())
        .or(match class_name {
            "machine-learning-model" => Some(AssetKind::Model),
            "data" => Some(AssetKind::Dataset),
            "library" | "framework" => Some(AssetKind::Package),
            "container" => Some(AssetKind::Compute),
            "application" => Some(AssetKind::Application),
            _ => None,
        });
    let is_service = matches!(kind, Some(AssetKind::Endpoint | AssetKind::McpServer));
    let mut links: Vec<ExternalLink> = text(element, "software_downloadLocation")
        .map(|url| ExternalLink {
            kind: "distribution".to_owned(),
            url,
        })
        .into_iter()
        .collect();
    links.extend(text(element, "software_homePage").map(|url| ExternalLink {
        kind: "website".to_owned(),
        url,
    }));
    let mut endpoints = Vec::new();
    for reference in items_of(element, "externalRef") {
        let kind = text(reference, "externalRefType").unwrap_or_else(|| "other".to_owned());
        let is_endpoint = text(reference, "comment").as_deref() == Some("endpoint");
        for url in items_of(reference, "locator").filter_map(Value::as_str) {
            if is_endpoint {
                endpoints.push(url.to_owned());
            } else {
                let kind = match &*kind {
                    "altWebPage" => "website",
                    "vcs" | "documentation" | "license" => &kind,
                    _ => "other",
                };
                links.push(ExternalLink {
                    kind: kind.to_owned(),
                    url: url.to_owned(),
                });
            }
        }
    }
    let name_of = |id: &str| by_id.get(id).and_then(|agent| text(agent, "name"));
    let supplier = items_of(element, "suppliedBy")
        .chain(items_of(element, "originatedBy"))
        .find_map(|agent| {
            agent
                .as_str()
                .and_then(name_of)
                .or_else(|| text(agent, "name"))
        });
    Part {
        reference: id.to_owned(),
        class: if is_service { "service" } else { class_name }.to_owned(),
        kind,
        name: text(element, "name").unwrap_or_default(),
        version: text(element, "software_packageVersion"),
        description: text(element, "description").or_else(|| text(element, "summary")),
        supplier,
        purl: text(element, "software_packageUrl").or_else(|| purl(element)),
        hashes: items_of(element, "verifiedUsing")
            .filter_map(|hash| {
                Some(Hash {
                    algorithm: words::algorithm_from(&text(hash, "algorithm")?),
                    value: text(hash, "hashValue")?.to_ascii_lowercase(),
                })
            })
            .collect(),
        card: (class_name == "machine-learning-model")
            .then(|| card(element, &properties))
            .filter(|card| !card.is_empty()),
        data: (class_name == "data").then(|| data(element)),
        service: is_service.then(|| Service {
            endpoints,
            ..Service::default()
        }),
        links,
        properties,
        ..Part::default()
    }
}

fn purl(element: &Value) -> Option<String> {
    let mut all = items_of(element, "externalIdentifier");
    let found =
        all.find(|one| text(one, "externalIdentifierType").as_deref() == Some("packageUrl"))?;
    text(found, "identifier")
}

fn card(element: &Value, properties: &[Property]) -> Card {
    let texts = |name: &str| -> Vec<String> {
        items_of(element, name)
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    };
    let own = |name: &str| {
        let found = properties
            .iter()
            .find(|one| one.name == format!("stance:{name}"));
        found.map(|one| one.value.clone())
    };
    let mut more: Vec<Property> = items_of(element, "ai_hyperparameter")
        .filter_map(|entry| {
            let name = format!("hyperparameter:{}", text(entry, "key")?);
            Some(Property::new(
                name,
                text(entry, "value").unwrap_or_default(),
            ))
        })
        .collect();
    for name in [
        "domain",
        "standardCompliance",
        "modelExplainability",
        "modelDataPreprocessing",
    ] {
        let all = texts(&format!("ai_{name}"));
        more.extend(all.into_iter().map(|value| Property::new(name, value)));
    }
    for name in [
        "autonomyType",
        "safetyRiskAssessment",
        "informationAboutTraining",
        "useSensitivePersonalInformation",
    ] {
        let value = text(element, &format!("ai_{name}")).filter(|word| word != "noAssertion");
        more.extend(value.map(|value| Property::new(name, value)));
    }
    for entry in items_of(element, "ai_metricDecisionThreshold") {
        more.extend(text(entry, "key").map(|key| Property::new("metricDecisionThreshold", key)));
    }
    let mut energy: Vec<String> = properties
        .iter()
        .filter(|one| one.name == "stance:energy")
        .map(|one| one.value.clone())
        .collect();
    for activity in ["training", "finetuning", "inference"] {
        let consumption = element.get("ai_energyConsumption");
        let all = consumption
            .into_iter()
            .flat_map(|one| items_of(one, &format!("ai_{activity}EnergyConsumption")));
        for one in all {
            let amount = one
                .get("ai_energyQuantity")
                .map(Value::to_string)
                .unwrap_or_default();
            energy.push(format!(
                "{activity}: {amount} {}",
                text(one, "ai_energyUnit").unwrap_or_default()
            ));
        }
    }
    Card {
        task: own("task"),
        approach: own("approach"),
        architecture: text(element, "ai_typeOfModel")
            .or_else(|| texts("ai_typeOfModel").into_iter().next()),
        metrics: items_of(element, "ai_metric")
            .filter_map(|entry| {
                Some(Metric {
                    kind: text(entry, "key")?,
                    value: text(entry, "value"),
                    slice: None,
                })
            })
            .collect(),
        use_cases: text(element, "ai_informationAboutApplication")
            .into_iter()
            .collect(),
        limitations: text(element, "ai_limitation").into_iter().collect(),
        risks: properties
            .iter()
            .filter(|one| one.name == "stance:risk")
            .map(|one| one.value.clone())
            .collect(),
        energy,
        properties: more,
        ..Card::default()
    }
}

fn data(element: &Value) -> Data {
    let sensitive =
        text(element, "dataset_hasSensitivePersonalInformation").as_deref() == Some("yes");
    Data {
        kind: "dataset".to_owned(),
        classification: text(element, "dataset_confidentialityLevel"),
        sensitive: sensitive
            .then(|| "personal information".to_owned())
            .into_iter()
            .collect(),
        url: text(element, "software_downloadLocation"),
        ..Data::default()
    }
}

fn relation(
    element: &Value,
    by_id: &BTreeMap<&str, &Value>,
    parts: &mut BTreeMap<String, Part>,
    bill: &mut Bill,
) {
    let (Some(from), Some(word)) = (text(element, "from"), text(element, "relationshipType"))
    else {
        return;
    };
    let comment = text(element, "comment");
    let exact = comment
        .as_deref()
        .and_then(|comment| comment.strip_prefix("stance: "));
    if text(element, "completeness").as_deref() == Some("incomplete") {
        bill.completeness = Some(Completeness::Incomplete);
    }
    for to in items_of(element, "to").filter_map(Value::as_str) {
        if word == "hasDeclaredLicense"
            || (word == "hasConcludedLicense" && !to.ends_with("NoAssertionLicense"))
        {
            let licence = by_id.get(to).and_then(|licence| {
                let expression = text(licence, "simplelicensing_licenseExpression");
                match text(licence, "name") {
                    Some(name)
                        if expression
                            .as_ref()
                            .is_some_and(|text| text.starts_with("LicenseRef-")) =>
                    {
                        Some(Licence::Name(name))
                    }
                    name => expression.or(name).map(|text| Licence::of(&text)),
                }
            });
            // An individual of the licence list: its id is the end of its address.
            let listed = to
                .strip_prefix("https://spdx.org/licenses/")
                .map(Licence::of);
            if let (Some(licence), Some(part)) = (licence.or(listed), parts.get_mut(&from))
                && !part.licences.contains(&licence)
            {
                part.licences.push(licence);
            }
            continue;
        }
        let Some(target) = parts.get(to) else {
            continue;
        };
        let (target_name, target_purl) = (target.name.clone(), target.purl.clone());
        if let Some(part) = parts.get_mut(&from) {
            match &*word {
                "descendantOf" => part.ancestors.push(Ancestor {
                    name: target_name,
                    part: Some(to.to_owned()),
                    purl: target_purl,
                }),
                "trainedOn" | "testedOn" => {
                    let card = part.card.get_or_insert_default();
                    card.datasets.push(DatasetUse::Part(to.to_owned()));
                }
                _ => {}
            }
            bill.relations.push(Link {
                from: from.clone(),
                kind: match exact {
                    Some("ancestor") => "fine_tuned_from",
                    Some("dataset") => "trained_on",
                    Some(exact) => exact,
                    None => words::relation_from(&word),
                }
                .to_owned(),
                to: to.to_owned(),
            });
        }
    }
}

//! A bill as a CycloneDX document.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::shape::*;
use super::{Version, serial_number};
use crate::bill::{self, Bill, Card, Completeness, DatasetUse, Licence, Part};

/// The document. Equal bills give equal bytes.
#[must_use]
pub fn write(bill: &Bill, version: Version) -> Value {
    let numbers = Numbers::of(bill);
    let relations = relations(bill);
    let one = |part: &Part| component(part, &numbers, &relations);
    let main = bill.subject.as_ref().map(one);
    let components: Vec<Component> = bill
        .parts
        .iter()
        .filter(|part| !part.is_service())
        .map(one)
        .collect();
    let services: Vec<Service> = bill
        .parts
        .iter()
        .filter(|part| part.is_service())
        .map(|part| service(part, &numbers, &relations))
        .collect();
    let dependencies = dependencies(bill, &numbers);
    let compositions: Vec<Composition> = bill
        .completeness
        .iter()
        .map(|completeness| Composition {
            aggregate: match completeness {
                Completeness::Complete => "complete",
                Completeness::Incomplete => "incomplete",
                Completeness::Unknown => "unknown",
            }
            .to_owned(),
            assemblies: bill
                .subject
                .iter()
                .filter_map(|part| numbers.of_part(part))
                .collect(),
        })
        .collect();
    let serial = bill
        .serial
        .clone()
        .filter(|serial| is_urn(serial))
        .unwrap_or_else(|| {
            let content = json!([main, components, services, dependencies, compositions]);
            serial_number(&content)
        });
    let mut properties = properties(&bill.properties);
    properties.extend(bill.gaps.iter().map(|(reason, count)| Property {
        name: format!("stance:gap:{reason}"),
        value: count.to_string(),
    }));
    let document = Document {
        bom_format: "CycloneDX".to_owned(),
        spec_version: version.number().to_owned(),
        serial_number: serial,
        version: Some(1),
        metadata: Some(Metadata {
            timestamp: bill.created.clone(),
            tools: Some(Tools {
                components: bill.tools.iter().map(tool).collect(),
            }),
            component: main,
            properties,
        }),
        components: Some(components),
        services: Some(services),
        dependencies: Some(dependencies),
        compositions,
    };
    let mut document = serde_json::to_value(document).unwrap_or_default();
    spelled(&mut document);
    let mut whole = serde_json::Map::new();
    let schema = format!(
        "http://cyclonedx.org/schema/bom-{}.schema.json",
        version.number()
    );
    whole.insert("$schema".to_owned(), schema.into());
    if let Value::Object(members) = document {
        whole.extend(members);
    }
    Value::Object(whole)
}

fn is_urn(serial: &str) -> bool {
    crate::schema::is_serial_number(serial)
}

/// The references of the parts, each once: bills of others repeat them, and a document may not.
struct Numbers<'b>(BTreeSet<&'b str>);

impl<'b> Numbers<'b> {
    fn of(bill: &'b Bill) -> Self {
        Self(
            bill.all()
                .map(|part| &*part.reference)
                .filter(|one| !one.is_empty())
                .collect(),
        )
    }

    fn of_part(&self, part: &Part) -> Option<String> {
        self.0.get(&*part.reference).map(|one| (*one).to_owned())
    }
}

/// What the graph of dependencies cannot say, by the part that acts.
fn relations(bill: &Bill) -> BTreeMap<&str, Vec<Property>> {
    let mut all: BTreeMap<&str, Vec<Property>> = BTreeMap::new();
    for link in &bill.relations {
        if !matches!(&*link.kind, "contains" | "depends_on") {
            all.entry(&link.from).or_default().push(Property {
                name: format!("stance:relation:{}", link.kind),
                value: link.to.clone(),
            });
        }
    }
    all
}

fn tool(tool: &bill::Tool) -> Component {
    Component {
        version: tool.version.clone(),
        ..empty("application", &tool.name)
    }
}

fn empty(class: &str, name: &str) -> Component {
    Component {
        r#type: class.to_owned(),
        bom_ref: None,
        supplier: None,
        name: name.to_owned(),
        version: None,
        description: None,
        hashes: Vec::new(),
        licenses: Vec::new(),
        purl: None,
        pedigree: None,
        external_references: Vec::new(),
        evidence: None,
        model_card: None,
        data: Vec::new(),
        properties: Vec::new(),
    }
}

fn component(
    part: &Part,
    numbers: &Numbers<'_>,
    relations: &BTreeMap<&str, Vec<Property>>,
) -> Component {
    let ancestors: Vec<Component> = part
        .ancestors
        .iter()
        .map(|base| Component {
            purl: base.purl.clone(),
            ..empty("machine-learning-model", &base.name)
        })
        .collect();
    let occurrences: Vec<Occurrence> = part
        .places
        .iter()
        .map(|place| Occurrence {
            location: place.path.clone(),
            line: place.line,
            offset: place.offset,
        })
        .collect();
    let mut properties = properties(&part.properties);
    properties.extend(links_of(part, relations));
    Component {
        bom_ref: numbers.of_part(part).map(Reference),
        supplier: organization(part),
        version: part.version.clone(),
        description: part.description.clone(),
        hashes: hashes(part),
        licenses: licenses(part),
        purl: part.purl.clone(),
        pedigree: (!ancestors.is_empty()).then_some(Pedigree { ancestors }),
        external_references: links(part),
        evidence: (!occurrences.is_empty()).then_some(Evidence { occurrences }),
        // Both are only allowed on these types.
        model_card: part
            .card
            .as_ref()
            .filter(|_| part.is_model())
            .map(|card| model_card(card, numbers)),
        data: part
            .data
            .iter()
            .filter(|_| part.class == "data")
            .map(|data| component_data(data, &part.name))
            .collect(),
        properties,
        ..empty(&part.class, &part.name)
    }
}

fn links_of(part: &Part, relations: &BTreeMap<&str, Vec<Property>>) -> Vec<Property> {
    let all = relations.get(&*part.reference).into_iter().flatten();
    all.map(|one| Property {
        name: one.name.clone(),
        value: one.value.clone(),
    })
    .collect()
}

fn service(
    part: &Part,
    numbers: &Numbers<'_>,
    relations: &BTreeMap<&str, Vec<Property>>,
) -> Service {
    let known = part.service.clone().unwrap_or_default();
    let mut properties = properties(&part.properties);
    // There is no evidence for services: places are properties.
    properties.extend(part.places.iter().map(|place| Property {
        name: "stance:location".to_owned(),
        value: match (place.line, place.offset) {
            (Some(line), _) => format!("{}:{line}", place.path),
            (None, Some(offset)) => format!("{}: byte {offset:#x}", place.path),
            (None, None) => place.path.clone(),
        },
    }));
    properties.extend(links_of(part, relations));
    Service {
        bom_ref: numbers.of_part(part).map(Reference),
        provider: organization(part),
        name: part.name.clone(),
        version: part.version.clone(),
        description: part.description.clone(),
        endpoints: known.endpoints,
        authenticated: known.authenticated,
        x_trust_boundary: known.crosses_boundary,
        data: known
            .flows
            .into_iter()
            .map(|flow| ServiceData {
                flow: flow.direction,
                classification: flow.classification,
                name: flow.name,
            })
            .collect(),
        licenses: licenses(part),
        external_references: links(part),
        properties,
    }
}

fn organization(part: &Part) -> Option<Organization> {
    part.supplier.clone().map(|name| Organization { name })
}

fn hashes(part: &Part) -> Vec<Hash> {
    let all = part.hashes.iter();
    all.map(|hash| Hash {
        alg: hash.algorithm.clone(),
        content: hash.value.clone(),
    })
    .collect()
}

/// One expression, or any number of licences: the standard does not allow both.
fn licenses(part: &Part) -> Vec<LicenseChoice> {
    if let [Licence::Expression(expression)] = part.licences.as_slice() {
        return vec![LicenseChoice {
            license: None,
            expression: Some(expression.clone()),
        }];
    }
    let all = part.licences.iter();
    all.map(|licence| {
        let (id, name) = match licence {
            Licence::Id(id) => (Some(id.clone()), None),
            Licence::Expression(text) | Licence::Name(text) => (None, Some(text.clone())),
        };
        LicenseChoice {
            license: Some(License { id, name }),
            expression: None,
        }
    })
    .collect()
}

fn links(part: &Part) -> Vec<ExternalReference> {
    let all = part.links.iter();
    all.map(|link| ExternalReference {
        r#type: link.kind.clone(),
        url: link.url.clone(),
    })
    .collect()
}

fn properties(all: &[bill::Property]) -> Vec<Property> {
    let all = all.iter();
    all.map(|one| Property {
        name: one.name.clone(),
        value: one.value.clone(),
    })
    .collect()
}

fn model_card(card: &Card, numbers: &Numbers<'_>) -> ModelCard {
    let formats = |all: &[String]| {
        all.iter()
            .map(|format| Format {
                format: format.clone(),
            })
            .collect()
    };
    let parameters = ModelParameters {
        approach: card.approach.clone().map(|r#type| Approach { r#type }),
        task: card.task.clone(),
        architecture_family: card.architecture_family.clone(),
        model_architecture: card.architecture.clone(),
        datasets: card
            .datasets
            .iter()
            .map(|one| dataset(one, numbers))
            .collect(),
        inputs: formats(&card.inputs),
        outputs: formats(&card.outputs),
    };
    let says_parameters = card.approach.is_some()
        || card.task.is_some()
        || card.architecture.is_some()
        || card.architecture_family.is_some()
        || !(card.datasets.is_empty() && card.inputs.is_empty() && card.outputs.is_empty());
    let metrics: Vec<Metric> = card
        .metrics
        .iter()
        .map(|metric| Metric {
            r#type: metric.kind.clone(),
            value: metric.value.clone(),
            slice: metric.slice.clone(),
        })
        .collect();
    let considerations = Considerations {
        users: card.users.clone(),
        use_cases: card.use_cases.clone(),
        technical_limitations: card.limitations.clone(),
        performance_tradeoffs: card.tradeoffs.clone(),
        ethical_considerations: card
            .risks
            .iter()
            .map(|name| Risk { name: name.clone() })
            .collect(),
        fairness_assessments: card
            .fairness
            .iter()
            .map(|group| Fairness {
                group_at_risk: group.clone(),
            })
            .collect(),
    };
    let says_considerations = [
        &card.users,
        &card.use_cases,
        &card.limitations,
        &card.tradeoffs,
        &card.risks,
        &card.fairness,
    ]
    .iter()
    .any(|list| !list.is_empty());
    let mut properties = properties(&card.properties);
    // The standard has members for energy only with its provider and kilowatt hours.
    properties.extend(card.energy.iter().map(|energy| Property {
        name: "stance:energy".to_owned(),
        value: energy.clone(),
    }));
    ModelCard {
        model_parameters: says_parameters.then_some(parameters),
        quantitative_analysis: (!metrics.is_empty()).then_some(QuantitativeAnalysis {
            performance_metrics: metrics,
        }),
        considerations: says_considerations.then_some(considerations),
        properties,
    }
}

fn dataset(used: &DatasetUse, numbers: &Numbers<'_>) -> Dataset {
    match used {
        DatasetUse::Part(reference) if numbers.0.contains(&**reference) => Dataset {
            r#type: None,
            name: None,
            r#ref: Some(reference.clone()),
        },
        DatasetUse::Part(name) | DatasetUse::Named(name) => Dataset {
            r#type: Some("dataset".to_owned()),
            name: Some(name.clone()),
            r#ref: None,
        },
    }
}

fn component_data(data: &bill::Data, name: &str) -> ComponentData {
    let parties = |names: &[String]| -> Vec<Party> {
        let all = names.iter();
        all.map(|name| Party {
            organization: Some(Organization { name: name.clone() }),
        })
        .collect()
    };
    let governance = Governance {
        custodians: parties(&data.custodians),
        stewards: parties(&data.stewards),
        owners: parties(&data.owners),
    };
    let governed =
        !(data.custodians.is_empty() && data.stewards.is_empty() && data.owners.is_empty());
    ComponentData {
        r#type: data.kind.clone(),
        name: name.to_owned(),
        contents: data.url.clone().map(|url| Contents { url: Some(url) }),
        classification: data.classification.clone(),
        sensitive_data: data.sensitive.clone(),
        governance: governed.then_some(governance),
    }
}

/// Who needs what: one entry for each part, those that need nothing included.
fn dependencies(bill: &Bill, numbers: &Numbers<'_>) -> Vec<Dependency> {
    let mut needs: BTreeMap<&str, BTreeSet<&str>> = numbers
        .0
        .iter()
        .map(|one| (*one, BTreeSet::new()))
        .collect();
    for link in &bill.relations {
        if is_need(&link.kind)
            && link.from != link.to
            && numbers.0.contains(&*link.to)
            && let Some(needed) = needs.get_mut(&*link.from)
        {
            needed.insert(&link.to);
        }
    }
    let all = needs.into_iter();
    all.map(|(from, needed)| Dependency {
        r#ref: from.to_owned(),
        depends_on: needed.into_iter().map(str::to_owned).collect(),
    })
    .collect()
}

/// Whether the one that acts would not work, or not be what it is, without the other.
fn is_need(kind: &str) -> bool {
    matches!(
        kind,
        "contains"
            | "depends_on"
            | "calls"
            | "loads_artifact_from"
            | "configures"
            | "serves"
            | "reads"
            | "trained_on"
            | "fine_tuned_from"
            | "delegates_to"
    )
}

//! What we write of CycloneDX, member for member; the names are those of the standard.

use serde::Serialize;
use serde_json::Value;

/// A list that is not there when it is empty.
macro_rules! shapes {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $kind:ty),* $(,)? })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Serialize)]
            #[serde(rename_all = "camelCase")]
            pub(super) struct $name {
                $(#[serde(skip_serializing_if = "Absent::absent")] pub(super) $field: $kind,)*
            }
        )*
    };
}

/// What is not written.
pub(super) trait Absent {
    fn absent(&self) -> bool;
}

impl<T> Absent for Option<T> {
    fn absent(&self) -> bool {
        self.is_none()
    }
}

impl<T> Absent for Vec<T> {
    fn absent(&self) -> bool {
        self.is_empty()
    }
}

impl Absent for String {
    fn absent(&self) -> bool {
        false
    }
}

shapes! {
    Component {
        r#type: String,
        bom_ref: Option<Reference>,
        supplier: Option<Organization>,
        name: String,
        version: Option<String>,
        description: Option<String>,
        hashes: Vec<Hash>,
        licenses: Vec<LicenseChoice>,
        purl: Option<String>,
        pedigree: Option<Pedigree>,
        external_references: Vec<ExternalReference>,
        evidence: Option<Evidence>,
        model_card: Option<ModelCard>,
        data: Vec<ComponentData>,
        properties: Vec<Property>,
    }
    Service {
        bom_ref: Option<Reference>,
        provider: Option<Organization>,
        name: String,
        version: Option<String>,
        description: Option<String>,
        endpoints: Vec<String>,
        authenticated: Option<bool>,
        x_trust_boundary: Option<bool>,
        data: Vec<ServiceData>,
        licenses: Vec<LicenseChoice>,
        external_references: Vec<ExternalReference>,
        properties: Vec<Property>,
    }
    Organization { name: String }
    Party { organization: Option<Organization> }
    Hash { alg: String, content: String }
    LicenseChoice { license: Option<License>, expression: Option<String> }
    License { id: Option<String>, name: Option<String> }
    Pedigree { ancestors: Vec<Component> }
    ExternalReference { r#type: String, url: String }
    Evidence { occurrences: Vec<Occurrence> }
    Occurrence { location: String, line: Option<u64>, offset: Option<u64> }
    ModelCard {
        model_parameters: Option<ModelParameters>,
        quantitative_analysis: Option<QuantitativeAnalysis>,
        considerations: Option<Considerations>,
        properties: Vec<Property>,
    }
    ModelParameters {
        approach: Option<Approach>,
        task: Option<String>,
        architecture_family: Option<String>,
        model_architecture: Option<String>,
        datasets: Vec<Dataset>,
        inputs: Vec<Format>,
        outputs: Vec<Format>,
    }
    Approach { r#type: String }
    Format { format: String }
    Dataset { r#type: Option<String>, name: Option<String>, r#ref: Option<String> }
    QuantitativeAnalysis { performance_metrics: Vec<Metric> }
    Metric { r#type: String, value: Option<String>, slice: Option<String> }
    Considerations {
        users: Vec<String>,
        use_cases: Vec<String>,
        technical_limitations: Vec<String>,
        performance_tradeoffs: Vec<String>,
        ethical_considerations: Vec<Risk>,
        fairness_assessments: Vec<Fairness>,
    }
    Risk { name: String }
    Fairness { group_at_risk: String }
    ComponentData {
        r#type: String,
        name: String,
        contents: Option<Contents>,
        classification: Option<String>,
        sensitive_data: Vec<String>,
        governance: Option<Governance>,
    }
    Contents { url: Option<String> }
    Governance { custodians: Vec<Party>, stewards: Vec<Party>, owners: Vec<Party> }
    ServiceData { flow: String, classification: String, name: Option<String> }
    Property { name: String, value: String }
    Dependency { r#ref: String, depends_on: Vec<String> }
    Composition { aggregate: String, assemblies: Vec<String> }
    Metadata {
        timestamp: Option<String>,
        tools: Option<Tools>,
        component: Option<Component>,
        properties: Vec<Property>,
    }
    Tools { components: Vec<Component> }
    Document {
        bom_format: String,
        spec_version: String,
        serial_number: String,
        version: Option<u64>,
        metadata: Option<Metadata>,
        components: Option<Vec<Component>>,
        services: Option<Vec<Service>>,
        dependencies: Option<Vec<Dependency>>,
        compositions: Vec<Composition>,
    }
}

/// A reference, which the standard spells with a hyphen.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Reference(pub(super) String);

/// Puts the names that are no camel case into their own spelling, in one walk over what was written.
pub(super) fn spelled(value: &mut Value) {
    match value {
        Value::Object(members) => {
            let respelled: serde_json::Map<String, Value> = std::mem::take(members)
                .into_iter()
                .map(|(name, mut value)| {
                    spelled(&mut value);
                    let name = match &*name {
                        "bomRef" => "bom-ref".to_owned(),
                        "xTrustBoundary" => "x-trust-boundary".to_owned(),
                        _ => name,
                    };
                    (name, value)
                })
                .collect();
            *members = respelled;
        }
        Value::Array(items) => items.iter_mut().for_each(spelled),
        _ => {}
    }
}

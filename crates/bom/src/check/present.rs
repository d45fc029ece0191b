//! Whether a field is there.

use serde_json::Value;

use crate::bill::{Bill, Card, DatasetUse, Part};
use crate::read::{Document, Form};

/// Whether a field of the document is there; `None` for a field of models.
pub(super) fn in_document(id: &str, document: &Document, bill: &Bill) -> Option<bool> {
    let text = |name: &str| {
        document
            .value
            .get(name)
            .and_then(Value::as_str)
            .is_some_and(|text| !text.is_empty())
    };
    let cyclonedx = matches!(document.form, Form::CycloneDx(_));
    Some(match id {
        // SPDX says the same in its own members, without which it was not read.
        "bomFormat" => !cyclonedx || text("bomFormat"),
        "specVersion" => !cyclonedx || text("specVersion"),
        "serialNumber" => bill.serial.is_some(),
        // An SPDX document is told apart by its name space and time.
        "version" if !cyclonedx => bill.created.is_some(),
        "version" => document.value.get("version").is_some_and(Value::is_u64),
        _ => return None,
    })
}

/// Whether a model has a field.
pub(super) fn in_model(id: &str, model: &Part, bill: &Bill) -> bool {
    let none = Card::default();
    let card = model.card.as_ref().unwrap_or(&none);
    let link = |kinds: &[&str]| model.links.iter().any(|link| kinds.contains(&&*link.kind));
    match id {
        "primaryPurpose" => card.task.is_some(),
        "suppliedBy" => model.supplier.is_some(),
        "name" => !model.name.is_empty(),
        // Only models are asked, and they are models by their type.
        "type" => true,
        "component_version" => model.version.is_some(),
        "purl" => model.purl.is_some(),
        "description" => model.description.is_some(),
        "licenses" => !model.licences.is_empty(),
        "external_references" => !model.links.is_empty(),
        "datasets" => !card.datasets.is_empty(),
        "typeOfModel" => card.architecture.is_some() || card.architecture_family.is_some(),
        "intendedUse" => !card.use_cases.is_empty(),
        "technicalLimitations" => !card.limitations.is_empty(),
        "ethicalConsiderations" => !card.risks.is_empty(),
        "energyConsumption" => !card.energy.is_empty() || says(id, model, card, bill),
        "energyQuantity" => {
            card.energy
                .iter()
                .any(|text| text.contains(|one: char| one.is_ascii_digit()))
                || says(id, model, card, bill)
        }
        "energyUnit" => {
            let has_unit = |text: &String| {
                text.split(' ')
                    .skip(1)
                    .any(|word| word.contains(char::is_alphabetic))
            };
            card.energy.iter().any(has_unit) || says(id, model, card, bill)
        }
        "metric" => !card.metrics.is_empty() || says(id, model, card, bill),
        "hyperparameter" => {
            let shape = |name: &str| {
                name.contains("yperparameter") || name.starts_with("genai:aibom:modelcard:")
            };
            card.properties.iter().any(|one| shape(&one.name)) || says(id, model, card, bill)
        }
        "informationAboutApplication" => !card.use_cases.is_empty() || says(id, model, card, bill),
        "useSensitivePersonalInformation" => {
            let sensitive = |reference: &str| {
                let data = bill
                    .all()
                    .find(|part| part.reference == reference)
                    .and_then(|part| part.data.as_ref());
                data.is_some_and(|data| !data.sensitive.is_empty())
            };
            card.datasets
                .iter()
                .any(|used| matches!(used, DatasetUse::Part(part) if sensitive(part)))
                || says(id, model, card, bill)
        }
        "downloadLocation" => link(&["distribution", "website"]),
        "paper" => link(&["documentation"]),
        "vcs" => link(&["vcs"]),
        "website" => link(&["website"]),
        _ => says(id, model, card, bill),
    }
}

/// Whether a property of the model, its card or the document has the name of the field, whatever its namespace.
fn says(id: &str, model: &Part, card: &Card, bill: &Bill) -> bool {
    let plain = |name: &str| name.replace('_', "").to_ascii_lowercase();
    let wanted = plain(id);
    let all = card
        .properties
        .iter()
        .chain(&model.properties)
        .chain(&bill.properties);
    all.filter(|one| !one.value.is_empty()).any(|one| {
        one.name
            .rsplit([':', '.'])
            .next()
            .is_some_and(|name| plain(name) == wanted)
    })
}

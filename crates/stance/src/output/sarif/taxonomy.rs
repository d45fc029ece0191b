//! Control frameworks as SARIF taxonomies.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use stance_core::control::{self, Control};

/// The controls that rules cite, by framework.
#[derive(Default)]
pub(super) struct Cited(BTreeMap<&'static str, BTreeSet<&'static Control>>);

/// What these rules cite.
pub(super) fn cited<'a>(rules: impl Iterator<Item = &'a str>) -> Cited {
    let mut cited = Cited::default();
    for reference in rules.flat_map(crate::output::rule_text::controls) {
        if let Some(control) = control::find(reference) {
            cited
                .0
                .entry(control.framework)
                .or_default()
                .insert(control);
        }
    }
    cited
}

impl Cited {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The relationships of a rule to the controls it is evidence for.
    pub(super) fn relationships(&self, controls: &[&str]) -> Vec<Value> {
        controls
            .iter()
            .filter_map(|reference| control::find(reference))
            .filter_map(|control| {
                let index = self.0.keys().position(|key| *key == control.framework)?;
                Some(json!({
                    "target": {
                        "id": control.id,
                        "toolComponent": { "name": control.framework, "index": index },
                    },
                    "kinds": ["relevant"],
                }))
            })
            .collect()
    }
}

/// The frameworks, as the driver names them.
pub(super) fn references(cited: &Cited) -> Value {
    let references = cited
        .0
        .keys()
        .enumerate()
        .map(|(index, key)| json!({ "name": key, "index": index }));
    references.collect::<Vec<_>>().into()
}

/// The frameworks, each with the controls that are cited.
pub(super) fn taxonomies(cited: &Cited) -> Value {
    let taxonomies = cited.0.iter().map(|(key, controls)| {
        let taxa: Vec<Value> = controls
            .iter()
            .map(|control| match control.title {
                "" => json!({ "id": control.id }),
                title => json!({ "id": control.id, "shortDescription": { "text": title } }),
            })
            .collect();
        let mut taxonomy = json!({ "name": key, "taxa": taxa });
        if let Some(framework) = control::framework(key) {
            taxonomy["fullName"] = framework.title.into();
            taxonomy["version"] = framework.edition.into();
        }
        taxonomy
    });
    taxonomies.collect::<Vec<_>>().into()
}

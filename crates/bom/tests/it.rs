//! Laws that hold for any document.

use proptest::prelude::*;
use serde_json::{Value, json};
use stance_bom::cyclonedx::{Version, write};
use stance_bom::{Limits, document, read};

/// Any JSON of few levels, with the names that readers look for.
fn any_json() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "components",
        "services",
        "name",
        "type",
        "bom-ref",
        "modelCard",
        "data",
        "licenses",
        "license",
        "id",
        "hashes",
        "alg",
        "content",
        "properties",
        "value",
        "dependencies",
        "ref",
        "dependsOn",
        "metadata",
        "component",
        "packages",
        "SPDXID",
        "@graph",
        "spdxId",
        "relationshipType",
        "from",
        "to",
        "pedigree",
        "ancestors",
        "modelParameters",
        "datasets",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-zA-Z0-9:/#.~-]{0,12}".prop_map(Value::from),
        Just(Value::from("machine-learning-model")),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..6).prop_map(|members| Value::Object(
                members
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect()
            )),
        ]
    })
}

proptest! {
    #[test]
    fn nothing_that_is_read_breaks_anything(body in any_json(), form in 0..3_u8) {
        let mut value = if body.is_object() { body } else { json!({"components": body}) };
        match form {
            0 => { value["bomFormat"] = "CycloneDX".into(); value["specVersion"] = "1.6".into(); }
            1 => value["spdxVersion"] = "SPDX-2.3".into(),
            _ => value["@context"] = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld".into(),
        }
        stance_bom::fuzz(value.to_string().as_bytes());
    }

    #[test]
    fn a_valid_bill_stays_valid_when_it_is_written_again(
        names in prop::collection::vec("[a-z]{1,6}", 1..6),
        licence in prop::sample::select(vec!["MIT", "Apache-2.0"]),
    ) {
        let components: Vec<Value> = names
            .iter()
            .enumerate()
            .map(|(at, name)| json!({
                "type": "machine-learning-model", "bom-ref": format!("{name}{at}"), "name": name,
                "licenses": [{"license": {"id": licence}}],
                "modelCard": {"modelParameters": {"task": "chat"}, "considerations": {"useCases": ["x"]}},
            }))
            .collect();
        let bom = json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": components});
        let first = document(bom.to_string().as_bytes(), &Limits::default()).unwrap();
        prop_assert_eq!(first.validate(), vec![]);
        let written = write(&read(&first), Version::V1_7);
        let second = document(written.to_string().as_bytes(), &Limits::default()).unwrap();
        prop_assert_eq!(second.validate(), vec![]);
        prop_assert_eq!(read(&second).parts, read(&first).parts);
    }
}

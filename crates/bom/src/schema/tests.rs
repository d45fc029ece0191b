use serde_json::json;

use super::*;

fn violations(document: &Value) -> Vec<String> {
    let all = validate("bom-1.6.schema.json", document).unwrap();
    all.into_iter()
        .map(|one| format!("{}: {}", one.at, one.message))
        .collect()
}

#[test]
fn every_keyword_pattern_and_format_of_the_schemas_is_known() {
    const KNOWN: &[&str] = &[
        "$ref",
        "type",
        "enum",
        "const",
        "required",
        "properties",
        "additionalProperties",
        "dependencies",
        "items",
        "additionalItems",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minLength",
        "maxLength",
        "pattern",
        "format",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "if",
        "then",
        "else",
        "definitions",
    ];
    fn walk(file: &str, schema: &Value) {
        match schema {
            Value::Object(members) => {
                for (name, value) in members {
                    assert!(KNOWN.contains(&&**name), "{file}: {name}");
                    match &**name {
                        "pattern" => assert!(
                            pattern::matches(value.as_str().unwrap(), "").is_some(),
                            "{file}: {value}"
                        ),
                        "format" => assert!(
                            format::matches(value.as_str().unwrap(), "").is_some(),
                            "{file}: {value}"
                        ),
                        "properties" | "definitions" => value
                            .as_object()
                            .unwrap()
                            .values()
                            .for_each(|one| walk(file, one)),
                        "enum" | "const" | "required" | "dependencies" => {}
                        "$ref" => {
                            let (other, inner) = value
                                .as_str()
                                .unwrap()
                                .split_once('#')
                                .unwrap_or((value.as_str().unwrap(), ""));
                            if other != "spdx.schema.json" {
                                let other = if other.is_empty() { file } else { other };
                                assert!(
                                    load(other).unwrap().pointer(inner).is_some(),
                                    "{file}: {value}"
                                );
                            }
                        }
                        _ => walk(file, value),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|one| walk(file, one)),
            _ => {}
        }
    }
    for file in FILES {
        assert!(load(file).unwrap().is_object(), "{file}");
        walk(file, load(file).unwrap());
    }
}

#[test]
fn violations_name_the_place_and_the_rule() {
    let bom = |components: Value| json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components});
    assert_eq!(violations(&bom(json!([]))), Vec::<String>::new());
    for (components, wanted) in [
        (
            json!([{"type": "library"}]),
            "/components/0: the member \"name\" is missing",
        ),
        (
            json!([{"type": "service", "name": "a"}]),
            "/components/0/type: \"service\" is none of \"application\", \"framework\"",
        ),
        (
            json!([{"type": "library", "name": "a", "x/y": 1}]),
            "/components/0: the member \"x/y\" is not known",
        ),
        (
            json!([{"type": "library", "name": "a"}, {"name": "a", "type": "library"}]),
            "/components: entry 1 of the list is there twice",
        ),
        (
            json!([{"type": "library", "name": "a", "licenses": [{"license": {"id": "Apache 2"}}]}]),
            "/components/0/licenses/0/license/id: \"Apache 2\" is not an identifier of the SPDX licence list",
        ),
        (
            json!([{"type": "library", "name": "a", "hashes": [{"alg": "SHA-256", "content": "zz"}]}]),
            "/components/0/hashes/0/content: \"zz\" does not have the form",
        ),
    ] {
        let all = violations(&bom(components));
        assert!(
            all.iter().any(|one| one.starts_with(wanted)),
            "{wanted} in {all:#?}"
        );
    }
}

#[test]
fn a_document_of_nothing_but_errors_is_told_up_to_the_limit() {
    let components: Vec<Value> = (0..10_000).map(|at| json!({"x": at})).collect();
    let document =
        json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components});
    assert!(violations(&document).len() <= MOST + 2);
}

use serde_json::{Value, json};

use super::*;

fn check(schema: &Value, value: &Value) -> Outcome {
    Schema::new(schema, Limits::default()).unwrap().check(value)
}

#[test]
fn faults_say_where_and_which_keyword() {
    let schema = json!({
        "type": "object",
        "required": ["to", "amount"],
        "additionalProperties": false,
        "properties": {
            "to": {"type": "array", "items": {"type": "string", "pattern": "^[a-z]+@"}, "minItems": 1},
            "amount": {"type": "integer", "minimum": 1, "maximum": 1000},
            "kind": {"enum": ["a", "b"]}
        }
    });
    assert_eq!(
        check(&schema, &json!({"to": ["bob@x"], "amount": 5.0})),
        Outcome::Met
    );
    let Outcome::Faults(faults) = check(
        &schema,
        &json!({"to": ["bob@x", "7"], "amount": 5000, "kind": "c", "bcc": 1}),
    ) else {
        panic!("no faults");
    };
    let told: Vec<(&str, &str)> = faults
        .iter()
        .map(|fault| (&*fault.at, &*fault.schema))
        .collect();
    assert_eq!(
        told,
        [
            ("/to/1", "/properties/to/items/pattern"),
            ("/amount", "/properties/amount/maximum"),
            ("/kind", "/properties/kind/enum"),
            ("/bcc", "/additionalProperties"),
        ]
    );
    let missing = check(&schema, &json!({}));
    assert!(
        matches!(&missing, Outcome::Faults(faults) if faults.len() == 2),
        "{missing:?}"
    );
    assert!(
        !format!("{faults:?}").contains("5000"),
        "the value itself is not told"
    );
}

#[test]
fn combinations_and_references_are_followed() {
    let schema = json!({
        "$defs": {"id": {"type": "string", "minLength": 2}},
        "oneOf": [
            {"properties": {"id": {"$ref": "#/$defs/id"}}, "required": ["id"]},
            {"required": ["name"], "not": {"required": ["id"]}}
        ],
        "if": {"required": ["name"]}, "then": {"required": ["age"]}
    });
    assert_eq!(check(&schema, &json!({"id": "ab"})), Outcome::Met);
    assert_eq!(check(&schema, &json!({"name": 1, "age": 2})), Outcome::Met);
    for wrong in [json!({"id": "a"}), json!({}), json!({"name": 1})] {
        assert!(
            matches!(check(&schema, &wrong), Outcome::Faults(_)),
            "{wrong}"
        );
    }
}

#[test]
fn hostile_schemas_are_refused_or_given_up() {
    let refused = |schema: &Value| Schema::new(schema, Limits::default()).unwrap_err();
    assert!(matches!(
        refused(&json!({"properties": {"a": {"$ref": "https://evil.example/s"}}})),
        Refused::Elsewhere { pointer } if pointer == "/properties/a/$ref"
    ));
    assert!(matches!(
        refused(&json!({"$ref": "#/nowhere"})),
        Refused::Dangling { .. }
    ));
    assert!(matches!(
        refused(&json!({"pattern": "(a+)+\\1"})),
        Refused::Pattern { .. }
    ));
    assert!(matches!(
        refused(&json!({"pattern": "(?:a{1000}){1000}"})),
        Refused::Pattern { .. }
    ));
    assert!(matches!(refused(&json!(7)), Refused::NoSchema { .. }));
    let mut deep = json!({});
    for _ in 0..100 {
        deep = json!({"not": deep});
    }
    assert!(matches!(refused(&deep), Refused::Deep { .. }));
    let wide: Vec<Value> = (0..30_000).map(Value::from).collect();
    assert!(matches!(refused(&json!({"enum": wide})), Refused::Large(_)));
    // A reference to itself, and one that doubles at every step.
    let looped = json!({"$ref": "#"});
    assert_eq!(check(&looped, &json!(1)), Outcome::GaveUp);
    let mut defs = serde_json::Map::new();
    for at in 0..30 {
        let next = format!("#/$defs/{}", at + 1);
        defs.insert(
            at.to_string(),
            json!({"anyOf": [{"$ref": next}, {"$ref": next}]}),
        );
    }
    defs.insert("30".to_owned(), json!(false));
    let doubling = json!({"$defs": defs, "$ref": "#/$defs/0"});
    assert_eq!(check(&doubling, &json!(1)), Outcome::GaveUp);
}

#[test]
fn patterns_do_not_backtrack() {
    let schema = json!({"pattern": "^(a+)+$"});
    let text = format!("{}b", "a".repeat(50_000));
    assert!(matches!(check(&schema, &json!(text)), Outcome::Faults(_)));
}

#[test]
fn what_is_not_understood_is_said() {
    let schema = Schema::new(
        &json!({"properties": {"unevaluatedProperties": {}}, "unevaluatedProperties": false}),
        Limits::default(),
    )
    .unwrap();
    assert_eq!(schema.unknown(), ["unevaluatedProperties"]);
}

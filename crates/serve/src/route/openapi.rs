//! The OpenAPI 3.1 document of the table.

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::Listed;
use crate::auth::Permission;
use crate::error::{KINDS, Problem};

/// The document; schemas are JSON Schema 2020-12, as OpenAPI 3.1 has them.
pub(crate) fn document(table: &[Listed]) -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut generator = settings.into_generator();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for row in table.iter().filter(|row| row.is_api()) {
        let operation = operation(row, &mut generator);
        let method = row.method.as_str().to_ascii_lowercase();
        paths
            .entry(&row.path)
            .or_default()
            .insert(method, operation);
    }
    let problem = generator.subschema_for::<Problem>();
    let schemas = generator.take_definitions(true);
    let mut tags: Vec<&str> = table
        .iter()
        .filter(|row| row.is_api())
        .map(|row| row.slice)
        .collect();
    tags.dedup();
    let tags: Vec<Value> = tags.into_iter().map(|name| json!({"name": name})).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Stance",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "AI security posture of an organisation: assets, findings, changes, decisions.",
            "description": "Lists go on with `cursor`. Writes can carry an `Idempotency-Key`: sent twice they count once. \
                Reads carry an `ETag`. Errors are problem details (RFC 9457).",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {
                "Problem": {
                    "description": "Why it was not done.",
                    "content": {"application/problem+json": {"schema": problem}},
                },
            },
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "A token, `stance_...`, made on the page of the account."},
                "session": {"type": "apiKey", "in": "cookie", "name": "stance", "description": "The session of a browser; `__Host-stance` over TLS. Changes also need the header `X-CSRF-Token`."},
            },
        },
    })
}

fn operation(row: &Listed, generator: &mut SchemaGenerator) -> Value {
    let mut operation = json!({
        "operationId": id(row),
        "tags": [row.slice],
        "summary": row.summary,
        "description": description(row),
        "parameters": parameters(row, generator),
        "responses": responses(row, generator),
        "security": match row.permission {
            Permission::Public => json!([]),
            Permission::OwnAccount => json!([{"session": []}]),
            _ => json!([{"token": []}, {"session": []}]),
        },
    });
    if let (Some(takes), Some(fields)) = (row.takes, operation.as_object_mut()) {
        let schema = takes(generator);
        let body = json!({
            "required": true,
            "content": {"application/json": {"schema": schema}},
        });
        fields.insert("requestBody".to_owned(), body);
    }
    operation
}

fn description(row: &Listed) -> String {
    let needs = row.permission;
    match needs {
        Permission::Public => row.description.to_owned(),
        _ => format!("{}\n\nNeeds `{}`.", row.description, needs.name()),
    }
}

/// A name for programs: the method and the words of the path.
fn id(row: &Listed) -> String {
    let path = row.path.trim_start_matches("/api/v1/");
    let words = path
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let mut id = row.method.as_str().to_ascii_lowercase();
    for word in words {
        id.push('_');
        id.push_str(word);
    }
    id
}

fn parameters(row: &Listed, generator: &mut SchemaGenerator) -> Vec<Value> {
    let mut parameters: Vec<Value> = row
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| {
            let schema = if name == "id" || name.ends_with("_id") {
                json!({"type": "integer", "format": "int64", "minimum": 1})
            } else {
                json!({"type": "string"})
            };
            json!({"name": name, "in": "path", "required": true, "schema": schema})
        })
        .collect();
    if let Some(query) = row.query {
        let schema = query(generator);
        parameters.extend(of_query(&schema, generator));
    }
    if row.method != axum::http::Method::GET {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "Any text of your choice: a request that is sent again with it counts once, for a day.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
        }));
    }
    parameters
}

/// Each property of the type of a query is a parameter.
fn of_query(schema: &Schema, generator: &SchemaGenerator) -> Vec<Value> {
    let resolved = schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|path| path.rsplit('/').next())
        .and_then(|name| generator.definitions().get(name));
    let schema = resolved.unwrap_or(schema.as_value());
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let properties = schema.get("properties").and_then(Value::as_object);
    properties
        .into_iter()
        .flatten()
        .map(|(name, schema)| {
            let mut schema = schema.clone();
            let description = schema
                .as_object_mut()
                .and_then(|schema| schema.remove("description"));
            json!({
                "name": name, "in": "query",
                "required": required.contains(&name.as_str()),
                "description": description.unwrap_or_default(),
                "schema": schema,
            })
        })
        .collect()
}

fn responses(row: &Listed, generator: &mut SchemaGenerator) -> Value {
    let mut responses = Map::new();
    let mut success = json!({"description": "Done."});
    if let (Some(gives), Some(fields)) = (row.gives, success.as_object_mut()) {
        let schema = gives(generator);
        let content = json!({"application/json": {"schema": schema}});
        fields.insert("content".to_owned(), content);
    }
    responses.insert(row.status.to_string(), success);
    for (_, status, title, _) in KINDS {
        let answer = json!({"$ref": "#/components/responses/Problem"});
        if can(row, *status) {
            debug_assert!(!title.is_empty(), "{status} has a title");
            responses.insert(status.to_string(), answer);
        }
    }
    if row.method == axum::http::Method::GET {
        let same =
            json!({"description": "It is as it was: the `ETag` in `If-None-Match` still holds."});
        responses.insert("304".to_owned(), same);
    }
    Value::Object(responses)
}

/// Whether a route can answer with this status.
fn can(row: &Listed, status: u16) -> bool {
    let change = row.method != axum::http::Method::GET;
    match status {
        401 | 403 => row.permission != Permission::Public || change,
        404 => row.path.contains('{'),
        405 => false,
        409 | 413 | 415 => change,
        422 => change || row.query.is_some(),
        _ => true,
    }
}

//! The reference of `stance.toml`, from its schema.

use std::fmt::Write as _;

use serde_json::Value;

use super::cell;

pub(super) fn page(schema: &Value) -> String {
    let mut page = String::from(
        "# Configuration\n\n\
         `stance.toml` is looked for from the scanned directory upwards. `stance init` writes one with every key and its default,\n\
         `stance config show` prints every value with its origin, and an unknown key is an error that names the nearest known one.\n\
         Editors can check it against [the schema](schema/stance.toml.schema.json).\n",
    );
    for (name, property) in properties(schema) {
        let section = resolve(schema, property);
        let many = text(section, "type") == "array";
        let of = if many {
            resolve(schema, &section["items"])
        } else {
            section
        };
        let heading = if many {
            format!("[[{name}]]")
        } else {
            format!("[{name}]")
        };
        let about = [property, of]
            .map(|schema| text(schema, "description"))
            .into_iter()
            .find(|about| !about.is_empty())
            .unwrap_or_default();
        let _ = write!(
            page,
            "\n## `{heading}`\n\n{}\n\n| key | value | meaning |\n|---|---|---|\n",
            cell(about)
        );
        let required: Vec<&str> = of["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        for (key, property) in properties(of) {
            let needed = if required.contains(&key.as_str()) {
                " Required."
            } else {
                ""
            };
            let _ = writeln!(
                page,
                "| `{key}` | {} | {}{needed} |",
                cell(&kind(schema, property)),
                cell(text(property, "description")),
            );
        }
    }
    page
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema["properties"].as_object().into_iter().flatten()
}

fn text<'s>(schema: &'s Value, key: &str) -> &'s str {
    schema[key].as_str().unwrap_or_default()
}

/// The definition behind a reference.
fn resolve<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    schema["$ref"]
        .as_str()
        .and_then(|reference| root.pointer(reference.strip_prefix('#')?))
        .unwrap_or(schema)
}

/// What a value looks like: `true or false`, a list of words, "list of string".
fn kind(root: &Value, schema: &Value) -> String {
    let schema = resolve(root, schema);
    if let Some(choices) = schema["anyOf"].as_array() {
        // A key that may be left out may also be null, which TOML cannot write.
        let kinds: Vec<String> = choices
            .iter()
            .filter(|choice| choice["type"] != "null")
            .map(|choice| kind(root, choice))
            .collect();
        return kinds.join(" or ");
    }
    let words: Vec<&str> = schema["oneOf"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|choice| choice["const"].as_str())
        .chain(
            schema["enum"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str),
        )
        .collect();
    if !words.is_empty() {
        return format!("`{}`", words.join("`, `"));
    }
    let name = match &schema["type"] {
        Value::Array(types) => types
            .iter()
            .filter_map(Value::as_str)
            .find(|name| *name != "null")
            .unwrap_or_default(),
        other => other.as_str().unwrap_or_default(),
    };
    match name {
        "boolean" => "`true` or `false`".to_owned(),
        "array" => format!("list of {}", kind(root, &schema["items"])),
        "object" => format!("table of {}", kind(root, &schema["additionalProperties"])),
        other => other.to_owned(),
    }
}

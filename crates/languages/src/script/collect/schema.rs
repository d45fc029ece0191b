//! Schemas of parameters, as zod or JSON Schema write them.

use std::rc::Rc;

use serde_json::{Map, Value as Json};

use crate::script::catalogue::last_part;
use crate::script::known::{Known, Object};

/// Most parameters that are told.
const PARAMETERS: usize = 64;
/// Longest description that is told, in characters.
const DESCRIPTION: usize = 400;

/// A text for people, not longer than is told.
pub(super) fn shortened(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(DESCRIPTION) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Names and types of parameters; `None` when it is no schema.
pub(super) fn parameters(schema: &Known) -> Option<Json> {
    let mut found = Map::new();
    read(schema, 8, &mut found);
    (!found.is_empty()).then_some(Json::Object(found))
}

fn read(schema: &Known, depth: u8, found: &mut Map<String, Json>) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    match schema {
        Known::Map(map) => {
            let properties = schema.entry("properties");
            if let Some(Known::Map(properties)) = properties {
                for entry in properties.content.iter().take(PARAMETERS) {
                    let kind = entry.value.entry("type").and_then(Known::as_text);
                    found.insert(entry.name.to_string(), kind.unwrap_or("any").into());
                }
                return;
            }
            for entry in map.content.iter().take(PARAMETERS) {
                match &entry.value {
                    Known::Object(object) => {
                        found.insert(entry.name.to_string(), zod_type(object).into());
                    }
                    // A field whose schema is defined elsewhere.
                    Known::Open(_) | Known::Path { .. } => {
                        found.insert(entry.name.to_string(), "any".into());
                    }
                    _ => {}
                }
            }
        }
        Known::Object(object) => read_object(object, depth, found),
        // `schema.shape`
        Known::Path {
            origin: Some(object),
            ..
        } => read_object(object, depth, found),
        _ => {}
    }
}

fn read_object(object: &Rc<Object>, depth: u8, found: &mut Map<String, Json>) {
    let mut at = Some(object);
    while let Some(object) = at {
        let last = last_part(&object.callee);
        // `z.object({...})`, `zodToJsonSchema(schema)`, `base.extend({...})`
        let holds = matches!(
            last,
            "object" | "strictObject" | "looseObject" | "zodToJsonSchema" | "toJSONSchema"
                | "extend" | "jsonSchema" | "zodSchema"
        );
        if holds && let Some(first) = object.arguments.first() {
            read(first, depth, found);
        }
        at = object.origin.as_ref();
    }
}

/// `string` of `z.string().min(1).describe("...")`; with a question mark when it may be left out.
fn zod_type(object: &Rc<Object>) -> String {
    let mut optional = false;
    let mut kind = last_part(&object.callee);
    let mut at = Some(object);
    while let Some(object) = at {
        let last = last_part(&object.callee);
        optional |= matches!(last, "optional" | "nullish" | "default");
        kind = last;
        at = object.origin.as_ref();
    }
    if optional {
        format!("{kind}?")
    } else {
        kind.to_owned()
    }
}

/// What a tool says of itself, by our names.
pub(super) fn annotations(known: Option<&Known>) -> Vec<(&'static str, bool)> {
    let Some(known) = known else {
        return Vec::new();
    };
    [
        ("readOnlyHint", "read_only"),
        ("destructiveHint", "destructive"),
        ("idempotentHint", "idempotent"),
        ("openWorldHint", "open_world"),
    ]
    .into_iter()
    .filter_map(|(written, ours)| Some((ours, known.entry(written)?.as_boolean()?)))
    .collect()
}

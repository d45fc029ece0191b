//! The files over which an index spreads the tensors of a model.

use std::collections::BTreeSet;

use serde_json::Value;

/// Most files of one model.
const MOST: usize = 4096;

/// The names of the files that an index (`model.safetensors.index.json`) names, all of them beside it.
///
/// # Errors
/// In words, when it is no index, or names a file elsewhere.
pub fn shards(index: &[u8]) -> Result<Vec<String>, String> {
    let index: Value =
        serde_json::from_slice(index).map_err(|error| format!("it is no JSON ({error})"))?;
    let Some(Value::Object(map)) = index.get("weight_map") else {
        return Err("it has no `weight_map`".to_owned());
    };
    let mut names = BTreeSet::new();
    for name in map.values() {
        let Some(name) = name.as_str() else {
            return Err("its `weight_map` names something that is no file".to_owned());
        };
        let is_beside =
            !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', ':', '\0']);
        if !is_beside {
            let name = stance_core::evidence::shorten(name);
            return Err(format!("it names `{name}`, which is not a file beside it"));
        }
        names.insert(name.to_owned());
    }
    if names.is_empty() || names.len() > MOST {
        return Err(format!("it names {} files", names.len()));
    }
    Ok(names.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::shards;

    #[test]
    fn files_beside_the_index_are_named_and_no_others() {
        let index = br#"{"metadata":{},"weight_map":{"a":"x-2.safetensors","b":"x-1.safetensors","c":"x-2.safetensors"}}"#;
        assert_eq!(
            shards(index).unwrap(),
            ["x-1.safetensors", "x-2.safetensors"]
        );
        for bad in ["../x", "/etc/passwd", "a/b", "", "..", "C:x", "a\\\\b"] {
            let index = format!(r#"{{"weight_map":{{"a":"{bad}"}}}}"#);
            assert!(shards(index.as_bytes()).is_err(), "{bad}");
        }
        for bad in [
            "",
            "[]",
            "{}",
            r#"{"weight_map":[]}"#,
            r#"{"weight_map":{}}"#,
            r#"{"weight_map":{"a":1}}"#,
        ] {
            assert!(shards(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}

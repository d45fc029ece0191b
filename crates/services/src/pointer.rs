//! Places in a JSON value: `data[0].id`, `models[].name`, the empty text for the whole.

use serde_json::Value;

/// Most values that one place stands for: far more models than one server holds.
const MOST: usize = 64;

/// Every value at a place; `[]` stands for each element of a list.
pub(crate) fn all<'v>(value: &'v Value, place: &str) -> Vec<&'v Value> {
    let mut found = vec![value];
    for step in place.split('.').filter(|step| !step.is_empty()) {
        let (key, mut brackets) = match step.find('[') {
            Some(at) => (
                step.get(..at).unwrap_or_default(),
                step.get(at..).unwrap_or_default(),
            ),
            None => (step, ""),
        };
        if !key.is_empty() {
            found = found.into_iter().filter_map(|it| it.get(key)).collect();
        }
        while let Some((index, rest)) = brackets
            .strip_prefix('[')
            .and_then(|inside| inside.split_once(']'))
        {
            brackets = rest;
            found = match index.parse::<usize>() {
                Ok(index) => found.into_iter().filter_map(|it| it.get(index)).collect(),
                Err(_) => found
                    .into_iter()
                    .filter_map(Value::as_array)
                    .flatten()
                    .take(MOST)
                    .collect(),
            };
        }
    }
    found.truncate(MOST);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_lead_through_lists_and_maps() {
        let value: Value =
            serde_json::from_str(r#"{"data":[{"id":"a"},{"id":"b"}],"x y":1}"#).unwrap();
        let texts = |place: &str| -> Vec<String> {
            all(&value, place).iter().map(ToString::to_string).collect()
        };
        assert_eq!(texts("data[].id"), ["\"a\"", "\"b\""]);
        assert_eq!(texts("data[1].id"), ["\"b\""]);
        assert_eq!(texts("x y"), ["1"]);
        assert_eq!(texts("data[7].id"), [""; 0]);
        assert_eq!(texts("data.id"), [""; 0]);
        assert_eq!(all(&value, "").len(), 1);
        let list: Value = serde_json::from_str("[1]").unwrap();
        assert_eq!(all(&list, "[0]").len(), 1);
    }
}

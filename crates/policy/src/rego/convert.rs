//! Values of the engine to JSON and back, counted: a value that shares its parts may unfold to any size.

use regorus::Value as Rego;
use serde_json::{Map, Number, Value as Json};

/// How much may be unfolded yet.
pub(super) struct Budget {
    nodes: u64,
    bytes: u64,
}

/// The value unfolds to more than may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMuch;

impl Budget {
    pub(super) const fn new(nodes: u64, bytes: u64) -> Self {
        Self { nodes, bytes }
    }

    /// How many bytes were counted, a value as sixteen.
    pub(super) fn used(&self, nodes: u64, bytes: u64) -> usize {
        let used = nodes
            .saturating_sub(self.nodes)
            .saturating_mul(16)
            .saturating_add(bytes.saturating_sub(self.bytes));
        usize::try_from(used).unwrap_or(usize::MAX)
    }

    fn node(&mut self) -> Result<(), TooMuch> {
        self.nodes = self.nodes.checked_sub(1).ok_or(TooMuch)?;
        Ok(())
    }

    fn bytes(&mut self, count: usize) -> Result<(), TooMuch> {
        let count = u64::try_from(count).map_err(|_| TooMuch)?;
        self.bytes = self.bytes.checked_sub(count).ok_or(TooMuch)?;
        Ok(())
    }

    /// Counts all of a value, parts that are shared as often as they appear.
    pub(super) fn count(&mut self, value: &Rego) -> Result<(), TooMuch> {
        let mut open = vec![value];
        while let Some(value) = open.pop() {
            self.node()?;
            match value {
                Rego::String(text) => self.bytes(text.len())?,
                Rego::Array(items) => open.extend(items.iter()),
                Rego::Set(items) => open.extend(items.iter()),
                Rego::Object(entries) => {
                    for (key, value) in entries.iter() {
                        open.push(key);
                        open.push(value);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A value as JSON. Sets are arrays in order; a key that is no string is written as JSON.
    pub(super) fn json(&mut self, value: &Rego) -> Result<Option<Json>, TooMuch> {
        self.node()?;
        Ok(Some(match value {
            Rego::Undefined => return Ok(None),
            Rego::Null => Json::Null,
            Rego::Bool(value) => Json::Bool(*value),
            Rego::String(text) => {
                self.bytes(text.len())?;
                Json::String(text.to_string())
            }
            Rego::Number(_) => number(value),
            Rego::Array(items) => self.array(items.iter())?,
            Rego::Set(items) => self.array(items.iter_sorted())?,
            Rego::Object(entries) => {
                let mut map = Map::new();
                for (key, value) in entries.iter_sorted() {
                    let key = match key {
                        Rego::String(text) => {
                            self.bytes(text.len())?;
                            text.to_string()
                        }
                        other => self.json(other)?.unwrap_or(Json::Null).to_string(),
                    };
                    if let Some(value) = self.json(value)? {
                        map.insert(key, value);
                    }
                }
                Json::Object(map)
            }
        }))
    }

    fn array<'v>(&mut self, items: impl Iterator<Item = &'v Rego>) -> Result<Json, TooMuch> {
        let mut array = Vec::new();
        for item in items {
            if let Some(item) = self.json(item)? {
                array.push(item);
            }
        }
        Ok(Json::Array(array))
    }
}

/// A number as JSON: whole where it is, else as near as 64 bits come.
fn number(value: &Rego) -> Json {
    if let Ok(whole) = value.as_i64() {
        return whole.into();
    }
    if let Ok(whole) = value.as_u64() {
        return whole.into();
    }
    value
        .as_f64()
        .ok()
        .and_then(Number::from_f64)
        .map_or(Json::Null, Json::Number)
}

/// JSON as a value of the engine.
pub(super) fn rego(value: &Json) -> Rego {
    match value {
        Json::Null => Rego::Null,
        Json::Bool(value) => Rego::from(*value),
        Json::String(text) => Rego::from(text.as_str()),
        Json::Number(number) => {
            if let Some(whole) = number.as_i64() {
                Rego::from(whole)
            } else if let Some(whole) = number.as_u64() {
                Rego::from(whole)
            } else {
                Rego::from(number.as_f64().unwrap_or_default())
            }
        }
        Json::Array(items) => Rego::from(items.iter().map(rego).collect::<Vec<_>>()),
        Json::Object(entries) => Rego::from(
            entries
                .iter()
                .map(|(key, value)| (Rego::from(key.as_str()), rego(value)))
                .collect::<std::collections::BTreeMap<_, _>>(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{Budget, TooMuch, rego};

    #[test]
    fn json_comes_back_as_it_was() {
        let json = serde_json::json!({"a": [1, -2, 1.5, u64::MAX, null, true], "b": {"c": "d"}});
        let back = Budget::new(100, 1000).json(&rego(&json));
        assert_eq!(back, Ok(Some(json)));
    }

    #[test]
    fn what_is_shared_counts_as_often_as_it_appears() {
        let mut value = regorus::Value::from("x");
        for _ in 0..60 {
            value = regorus::Value::from(vec![value.clone(), value]);
        }
        assert_eq!(Budget::new(1000, 1000).count(&value), Err(TooMuch));
        assert_eq!(Budget::new(1000, 1000).json(&value), Err(TooMuch));
    }
}

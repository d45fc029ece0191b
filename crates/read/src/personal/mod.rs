//! What data is about people: tables and lines of records, of which a bounded sample is looked at. Classes and counts
//! are told, values never.

mod columns;
pub mod numbers;
mod values;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use stance_core::fact::{Fact, Sensitive};

use crate::Inspector;
use crate::input::Input;
use crate::report::Facts;
use values::Values;

/// The parser of records.
pub(crate) static INSPECTOR: Records = Records;

pub(crate) struct Records;

/// How much of a file is looked at from its start, and at two further places when it is larger, in bytes.
const SAMPLE: u64 = 256 << 10;
/// Most records whose names of fields are read.
const RECORDS: usize = 200;
/// Longest record whose names of fields are read, in bytes.
const RECORD: usize = 64 << 10;

impl Inspector for Records {
    fn name(&self) -> &'static str {
        "records"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        matches!(
            input.extension(),
            "csv" | "tsv" | "jsonl" | "ndjson" | "json"
        ) && input.is_text()
            && (input.extension() != "json"
                || input.head().trim_ascii_start().first() == Some(&b'['))
    }

    fn understands(&self) -> bool {
        false
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let length = input.len();
        let mut places = vec![0];
        if length > SAMPLE.saturating_mul(3) {
            places.push(length / 2);
            places.push(length.saturating_sub(SAMPLE));
        } else if length > SAMPLE {
            places.push(SAMPLE);
            places.push(SAMPLE.saturating_mul(2));
        }
        let mut parts: Vec<String> = Vec::new();
        let mut sampled = 0_u64;
        for place in places
            .into_iter()
            .filter(|place| *place < length || length == 0)
        {
            let Some(bytes) = input.read(place, SAMPLE.min(length.saturating_sub(place)), facts)
            else {
                return;
            };
            sampled = sampled.saturating_add(bytes.len() as u64);
            parts.push(String::from_utf8_lossy(&bytes).into_owned());
        }
        let mut found: BTreeMap<&'static str, u64> = BTreeMap::new();
        let mut values = Values::default();
        for part in &parts {
            values.look(part);
        }
        found.extend(values.certain());
        if let Some(first) = parts.first() {
            let (names, rows) = fields(first, input.extension());
            if rows > 0 {
                for class in columns::classes(names.iter().map(String::as_str)) {
                    found.entry(class).or_insert(rows);
                }
            }
        }
        if !found.is_empty() {
            let sensitive = Sensitive {
                found: found
                    .into_iter()
                    .map(|(class, count)| (class.to_owned(), count))
                    .collect(),
                sampled,
                evidence: input.evidence(),
            };
            facts.add(input.path(), Fact::Sensitive(Box::new(sensitive)));
        }
    }
}

/// The names of fields, and how many records of the sample have them.
fn fields(text: &str, extension: &str) -> (Vec<String>, u64) {
    match extension {
        "csv" | "tsv" => {
            let mut lines = text.lines().filter(|line| !line.trim().is_empty());
            let header = lines.next().unwrap_or_default();
            let count = |sign: char| header.matches(sign).count();
            let sign = [',', '\t', ';', '|']
                .into_iter()
                .max_by_key(|sign| count(*sign))
                .unwrap_or(',');
            let names: Vec<String> = header
                .split(sign)
                .map(|name| name.trim().trim_matches(['"', '\'', '\u{feff}']).to_owned())
                .collect();
            // A file without a header has values there.
            let named = names.iter().all(|name| name.len() <= 64);
            (if named { names } else { Vec::new() }, lines.count() as u64)
        }
        "json" => {
            let record = text.split_once('{').map(|(_, rest)| format!("{{{rest}"));
            let mut reader =
                serde_json::Deserializer::from_str(record.as_deref().unwrap_or_default())
                    .into_iter::<serde_json::Value>();
            let names = match reader.next() {
                Some(Ok(value)) => keys(&value),
                _ => Vec::new(),
            };
            let rows = u64::from(!names.is_empty());
            (names, rows)
        }
        _ => {
            let mut names: Vec<String> = Vec::new();
            let mut rows = 0_u64;
            let lines = text.lines().filter(|line| line.len() <= RECORD);
            for line in lines.take(RECORDS) {
                let Ok(value) = serde_json::from_str::<serde_json::Value>(line) else {
                    continue;
                };
                rows = rows.saturating_add(1);
                for key in keys(&value) {
                    if names.len() < 2000 && !names.contains(&key) {
                        names.push(key);
                    }
                }
            }
            (names, rows)
        }
    }
}

/// The names of an object and of the objects in it.
fn keys(value: &serde_json::Value) -> Vec<String> {
    let mut found = Vec::new();
    let Some(map) = value.as_object() else {
        return found;
    };
    for (key, value) in map.iter().take(500) {
        found.push(key.clone());
        if let Some(inner) = value.as_object() {
            found.extend(inner.keys().take(100).cloned());
        }
    }
    found
}

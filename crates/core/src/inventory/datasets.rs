//! What was seen in the files of a data set: the keys and passwords that somebody left in them, and what is about
//! people.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::fact::Fact;
use crate::inventory::Inventory;
use crate::observation::Observation;

/// The attribute of a data set that names what is sensitive in it.
const SENSITIVE: &str = "sensitive_data";
/// The attribute that tells how often each of that was seen.
const COUNTS: &str = "sensitive_counts";
/// The attribute that tells how many bytes were looked at for what is about people.
const SAMPLED: &str = "sensitive_sample";

/// What was seen in one file.
#[derive(Default)]
struct Seen<'o> {
    credentials: u64,
    found: BTreeMap<&'o str, u64>,
    sampled: u64,
}

/// Says of data sets that are files of the tree, or directories, what was found in them.
pub(super) fn settle(inventory: &mut Inventory, observations: &[Observation]) {
    let mut files: BTreeMap<&str, Seen<'_>> = BTreeMap::new();
    for observation in observations {
        match &observation.fact {
            Fact::Secret(secret) => {
                let seen = files.entry(&secret.evidence.path).or_default();
                seen.credentials = seen.credentials.saturating_add(1);
            }
            Fact::Sensitive(sensitive) => {
                let seen = files.entry(&sensitive.evidence.path).or_default();
                seen.sampled = seen.sampled.saturating_add(sensitive.sampled);
                for (class, count) in &sensitive.found {
                    let sum = seen.found.entry(class).or_default();
                    *sum = sum.saturating_add(*count);
                }
            }
            _ => {}
        }
    }
    if files.is_empty() {
        return;
    }
    for asset in inventory.assets.values_mut() {
        let Some(path) = asset.id.as_str().strip_prefix("dataset:file/") else {
            continue;
        };
        let path = path.trim_end_matches('/');
        if path.is_empty() {
            continue;
        }
        // A member of an archive is `outer!inner`.
        let within = |file: &str| {
            file.strip_prefix(path)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '!']))
        };
        let mut classes: BTreeSet<&str> = BTreeSet::new();
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        let mut sampled = 0_u64;
        // Names are sorted, and what lies within begins with the path.
        let behind = files
            .range(path..)
            .take_while(|(file, _)| file.starts_with(path));
        for (_, seen) in behind.filter(|(file, _)| within(file)) {
            if seen.credentials > 0 {
                classes.insert("credentials");
                let sum = counts.entry("credentials").or_default();
                *sum = sum.saturating_add(seen.credentials);
            }
            sampled = sampled.saturating_add(seen.sampled);
            for (class, count) in &seen.found {
                classes.insert(class);
                let sum = counts.entry(class).or_default();
                *sum = sum.saturating_add(*count);
            }
        }
        if classes.is_empty() {
            continue;
        }
        let classes: Vec<&str> = classes.into_iter().collect();
        let counts: Map<String, Value> = counts
            .into_iter()
            .map(|(class, count)| (class.to_owned(), Value::from(count)))
            .collect();
        let attributes = &mut asset.attributes;
        attributes
            .entry(SENSITIVE.to_owned())
            .or_insert_with(|| Value::from(classes));
        attributes
            .entry(COUNTS.to_owned())
            .or_insert(Value::Object(counts));
        if sampled > 0 {
            attributes
                .entry(SAMPLED.to_owned())
                .or_insert_with(|| Value::from(sampled));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asset::{AssetKind, How};
    use crate::evidence::Evidence;
    use crate::fact::{Reference, Secret, SecretPlace};
    use crate::relation::RelationKind;

    fn observed(path: &str, fact: Fact) -> Observation {
        Observation {
            subject: path.into(),
            source: "directory",
            fact,
        }
    }

    fn dataset(key: &str) -> Observation {
        let reference = Reference {
            kind: AssetKind::Dataset,
            key: key.to_owned(),
            name: key.to_owned(),
            aliases: Vec::new(),
            how: How::Literal,
            relation: RelationKind::Reads,
            vendor: None,
            attributes: BTreeMap::new(),
            evidence: Evidence::file("train.py"),
        };
        observed("train.py", Fact::Reference(Box::new(reference)))
    }

    #[test]
    fn a_key_in_a_file_makes_its_data_set_sensitive_and_no_other() {
        let secret = Secret {
            pattern: "x",
            title: "x",
            vendor: "openai",
            redacted: "sk-…".to_owned(),
            digest: "0".to_owned(),
            doubtful: false,
            place: SecretPlace::Text,
            evidence: Evidence::file("data/a.jsonl"),
        };
        let all = [
            dataset("file/data/a.jsonl"),
            dataset("file/data/"),
            dataset("file/data/a"),
            dataset("file/other.csv"),
            dataset("acme/letters"),
            observed("data/a.jsonl", Fact::Secret(Box::new(secret))),
        ];
        let inventory = crate::inventory::build("x", &all);
        let sensitive: Vec<&str> = inventory
            .assets
            .values()
            .filter(|asset| asset.attributes.contains_key(SENSITIVE))
            .map(|asset| asset.id.as_str())
            .collect();
        assert_eq!(
            sensitive,
            ["dataset:file/data/", "dataset:file/data/a.jsonl"]
        );
    }

    #[test]
    fn what_is_about_people_is_told_with_counts_and_added_up_for_a_directory() {
        let people = |path: &str, class: &str, count: u64| {
            let sensitive = crate::fact::Sensitive {
                found: [(class.to_owned(), count)].into_iter().collect(),
                sampled: 100,
                evidence: Evidence::file(path),
            };
            observed(path, Fact::Sensitive(Box::new(sensitive)))
        };
        let all = [
            dataset("file/data"),
            dataset("file/data/a.csv"),
            people("data/a.csv", "email addresses", 7),
            people("data/b.csv", "email addresses", 3),
            people("database/c.csv", "health data", 9),
        ];
        let inventory = crate::inventory::build("x", &all);
        let of = |key: &str| {
            let id = crate::asset::AssetId::new(AssetKind::Dataset, key);
            inventory.assets[&id].attributes.clone()
        };
        assert_eq!(
            of("file/data")[SENSITIVE],
            serde_json::json!(["email addresses"])
        );
        assert_eq!(
            of("file/data")[COUNTS],
            serde_json::json!({"email addresses": 10})
        );
        assert_eq!(of("file/data")[SAMPLED], 200);
        assert_eq!(
            of("file/data/a.csv")[COUNTS],
            serde_json::json!({"email addresses": 7})
        );
    }
}

//! What was seen in the files of a data set: the keys and passwords that somebody left in them.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::fact::Fact;
use crate::inventory::Inventory;
use crate::observation::Observation;

/// The attribute of a data set that names what is sensitive in it.
const SENSITIVE: &str = "sensitive_data";

/// Says of data sets that are files of the tree, or directories, what was found in them.
pub(super) fn settle(inventory: &mut Inventory, observations: &[Observation]) {
    let secrets: BTreeSet<&str> = observations
        .iter()
        .filter_map(|observation| match &observation.fact {
            Fact::Secret(secret) => Some(&*secret.evidence.path),
            _ => None,
        })
        .collect();
    if secrets.is_empty() {
        return;
    }
    for asset in inventory.assets.values_mut() {
        let Some(path) = asset.id.as_str().strip_prefix("dataset:file/") else {
            continue;
        };
        let path = path.trim_end_matches('/');
        // A member of an archive is `outer!inner`.
        let within = |secret: &str| {
            secret
                .strip_prefix(path)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '!']))
        };
        // Names are sorted, and what lies within begins with the path.
        let mut behind = secrets
            .range(path..)
            .take_while(|one| one.starts_with(path));
        if !path.is_empty() && behind.any(|secret| within(secret)) {
            let seen = Value::from(vec!["credentials"]);
            asset.attributes.entry(SENSITIVE.to_owned()).or_insert(seen);
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
            attributes: std::collections::BTreeMap::new(),
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
}

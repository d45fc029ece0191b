//! What changed between two bills: models first.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use stance_core::AssetKind;

use crate::bill::{Bill, DatasetUse, Part};
use crate::purl;

/// Two bills side by side.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Diff {
    /// Only in the newer one.
    pub added: Vec<Asset>,
    /// Only in the older one.
    pub removed: Vec<Asset>,
    /// In both, and not the same.
    pub changed: Vec<Change>,
    /// How many are the same.
    pub unchanged: usize,
}

/// A part as it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Asset {
    /// What it is: `model`, `dataset`, `package` ...
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Its package URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purl: Option<String>,
    /// Its name inside of its bill.
    pub reference: String,
}

/// A part that is not the same in both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The part, as it is in the newer bill.
    #[serde(flatten)]
    pub asset: Asset,
    /// What differs.
    pub differences: Vec<Difference>,
}

/// One thing that differs: what went and what came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// `version`, `licence`, `hash SHA-256`, `trained_on` ...
    pub what: String,
    /// What only the older bill says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub old: Vec<String>,
    /// What only the newer bill says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub new: Vec<String>,
}

impl Diff {
    /// Whether both say the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }

    /// Whether a model came, went or changed.
    #[must_use]
    pub fn concerns_models(&self) -> bool {
        let changed = self.changed.iter().map(|change| &change.asset);
        let mut all = self.added.iter().chain(&self.removed).chain(changed);
        all.any(|asset| asset.kind == "model")
    }
}

/// What a part is, whichever version of it: parts of equal keys are the same thing at two times.
fn key(part: &Part) -> String {
    let name = match &part.purl {
        Some(purl) => purl::bare(purl),
        // Our own references are canonical; those of others are numbers of their own.
        None if part
            .kind
            .is_some_and(|kind| part.reference.starts_with(kind.name())) =>
        {
            &part.reference
        }
        None => &part.name,
    };
    format!("{}|{name}", part.kind_name())
}

/// Compares two bills.
#[must_use]
pub fn diff(old: &Bill, new: &Bill) -> Diff {
    let names = |bill: &Bill| -> BTreeMap<String, String> {
        bill.all()
            .map(|part| (part.reference.clone(), part.name.clone()))
            .collect()
    };
    let (old_names, new_names) = (names(old), names(new));
    let (mut before, after) = (by_key(old), by_key(new));
    let mut diff = Diff::default();
    for (key, mut parts) in after {
        let mut others = before.remove(&key).unwrap_or_default();
        // Several versions of one thing: equal ones are the same, what is left is told in order.
        parts.retain(|part| {
            let same = others
                .iter()
                .position(|other| other.version == part.version);
            match same {
                Some(at) => {
                    let other = others.remove(at);
                    compare(other, part, (old, &old_names), (new, &new_names), &mut diff);
                    false
                }
                None => true,
            }
        });
        let mut others = others.into_iter();
        for part in parts {
            match others.next() {
                Some(other) => {
                    compare(other, part, (old, &old_names), (new, &new_names), &mut diff);
                }
                None => diff.added.push(asset(part)),
            }
        }
        diff.removed.extend(others.map(asset));
    }
    diff.removed
        .extend(before.into_values().flatten().map(asset));
    let rank = |asset: &Asset| {
        let at = AssetKind::ALL
            .iter()
            .position(|kind| kind.name() == asset.kind);
        let first = usize::from(asset.kind != "model");
        (
            first,
            at.unwrap_or(usize::MAX),
            asset.kind.clone(),
            asset.name.clone(),
            asset.version.clone(),
        )
    };
    diff.added.sort_by_key(rank);
    diff.removed.sort_by_key(rank);
    diff.changed.sort_by_key(|change| rank(&change.asset));
    diff
}

fn by_key(bill: &Bill) -> BTreeMap<String, Vec<&Part>> {
    let mut all: BTreeMap<String, Vec<&Part>> = BTreeMap::new();
    for part in bill.all() {
        all.entry(key(part)).or_default().push(part);
    }
    all
}

fn asset(part: &Part) -> Asset {
    Asset {
        kind: part.kind_name().to_owned(),
        name: part.name.clone(),
        version: part.version.clone(),
        purl: part.purl.clone(),
        reference: part.reference.clone(),
    }
}

type Side<'b> = (&'b Bill, &'b BTreeMap<String, String>);

fn compare(old: &Part, new: &Part, before: Side<'_>, after: Side<'_>, diff: &mut Diff) {
    let (was, is) = (facets(old, before), facets(new, after));
    let all: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    let none = BTreeSet::new();
    let differences: Vec<Difference> = all
        .into_iter()
        .filter_map(|what| {
            let (was, is) = (
                was.get(what).unwrap_or(&none),
                is.get(what).unwrap_or(&none),
            );
            (was != is).then(|| Difference {
                what: what.clone(),
                old: was.difference(is).cloned().collect(),
                new: is.difference(was).cloned().collect(),
            })
        })
        .collect();
    if differences.is_empty() {
        diff.unchanged = diff.unchanged.saturating_add(1);
    } else {
        diff.changed.push(Change {
            asset: asset(new),
            differences,
        });
    }
}

/// What makes a part what it is. That it stands on another line is no difference.
fn facets(part: &Part, (bill, names): Side<'_>) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut add = |what: String, value: Option<&String>| {
        if let Some(value) = value {
            all.entry(what).or_default().insert(value.clone());
        }
    };
    let name_of = |reference: &String| names.get(reference).unwrap_or(reference).clone();
    add("version".to_owned(), part.version.as_ref());
    add("supplier".to_owned(), part.supplier.as_ref());
    for licence in &part.licences {
        add("licence".to_owned(), Some(&licence.text().to_owned()));
    }
    for hash in &part.hashes {
        add(format!("hash {}", hash.algorithm), Some(&hash.value));
    }
    for base in &part.ancestors {
        add("base model".to_owned(), Some(&base.name));
    }
    if let Some(card) = &part.card {
        add("task".to_owned(), card.task.as_ref());
        add("architecture".to_owned(), card.architecture.as_ref());
        for used in &card.datasets {
            let name = match used {
                DatasetUse::Part(reference) => name_of(reference),
                DatasetUse::Named(name) => name.clone(),
            };
            add("dataset".to_owned(), Some(&name));
        }
    }
    if let Some(data) = &part.data {
        add("classification".to_owned(), data.classification.as_ref());
        for sensitive in &data.sensitive {
            add("sensitive data".to_owned(), Some(sensitive));
        }
    }
    if let Some(service) = &part.service {
        for endpoint in &service.endpoints {
            add("endpoint".to_owned(), Some(endpoint));
        }
        add(
            "authenticated".to_owned(),
            service.authenticated.map(|yes| yes.to_string()).as_ref(),
        );
    }
    for link in bill
        .relations
        .iter()
        .filter(|link| link.from == part.reference)
    {
        add(link.kind.replace('_', " "), Some(&name_of(&link.to)));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bill::{Hash, Licence, Link};

    fn model(name: &str, version: &str) -> Part {
        Part {
            reference: format!("model:{name}"),
            class: "machine-learning-model".to_owned(),
            kind: Some(AssetKind::Model),
            name: name.to_owned(),
            version: Some(version.to_owned()),
            ..Part::default()
        }
    }

    fn package(name: &str, version: &str) -> Part {
        Part {
            reference: format!("{name}-{version}"),
            class: "library".to_owned(),
            name: name.to_owned(),
            version: Some(version.to_owned()),
            purl: Some(format!("pkg:pypi/{name}@{version}")),
            ..Part::default()
        }
    }

    #[test]
    fn models_come_first_and_changes_say_what_went_and_what_came() {
        let old = Bill {
            parts: vec![
                package("torch", "2.0"),
                package("gone", "1"),
                model("m", "1"),
            ],
            ..Bill::default()
        };
        let mut tuned = model("m", "2");
        tuned.licences.push(Licence::Id("MIT".to_owned()));
        tuned.hashes.push(Hash {
            algorithm: "SHA-256".to_owned(),
            value: "ab".to_owned(),
        });
        let new = Bill {
            parts: vec![
                package("torch", "2.1"),
                tuned,
                model("n", "1"),
                package("came", "1"),
            ],
            relations: vec![Link {
                from: "model:m".to_owned(),
                kind: "trained_on".to_owned(),
                to: "model:n".to_owned(),
            }],
            ..Bill::default()
        };
        let diff = diff(&old, &new);
        let names = |assets: &[Asset]| -> Vec<String> {
            assets.iter().map(|one| one.name.clone()).collect()
        };
        assert_eq!(names(&diff.added), ["n", "came"]);
        assert_eq!(names(&diff.removed), ["gone"]);
        let what: Vec<(String, Vec<String>)> = diff
            .changed
            .iter()
            .map(|change| {
                (
                    change.asset.name.clone(),
                    change
                        .differences
                        .iter()
                        .map(|one| one.what.clone())
                        .collect(),
                )
            })
            .collect();
        let words =
            |all: &[&str]| -> Vec<String> { all.iter().map(|one| (*one).to_owned()).collect() };
        assert_eq!(
            what,
            [
                (
                    "m".to_owned(),
                    words(&["hash SHA-256", "licence", "trained on", "version"])
                ),
                ("torch".to_owned(), words(&["version"])),
            ]
        );
        assert!(diff.concerns_models());
    }

    #[test]
    fn a_bill_does_not_differ_from_itself_and_lines_do_not_matter() {
        let old = Bill {
            parts: vec![package("a", "1"), package("a", "2"), model("m", "1")],
            ..Bill::default()
        };
        let mut new = old.clone();
        new.parts[2].places.push(crate::bill::Place {
            path: "x".to_owned(),
            line: Some(7),
            offset: None,
        });
        let diff = diff(&old, &new);
        assert!(diff.is_empty());
        assert_eq!(diff.unchanged, 3);
    }
}

//! Names of members: paths that leave the directory, names that come twice,
//! names that differ by reader.

use std::collections::BTreeMap;

use stance_core::fact::{AnomalyKind, Artifact};

use crate::zip::entry::Entry;
use stance_models::members::{escapes, is_model_name, member_evidence};
use stance_read::input::Input;

pub(super) fn note(input: &Input<'_>, entries: &[Entry], outer: &mut Artifact) {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for entry in entries {
        let name = entry.name.as_str();
        if let Some(other) = &entry.other_name {
            outer.anomaly(
                AnomalyKind::ReaderDisagreement,
                format!("a member is `{name}` for some readers, `{other}` for others"),
                member_evidence(input, name),
            );
        }
        for name in entry.all_names().filter(|name| escapes(name)) {
            outer.anomaly(
                AnomalyKind::PathTraversal,
                format!("`{name}` would be unpacked outside of the directory"),
                member_evidence(input, name),
            );
        }
        if entry.is_directory() {
            continue;
        }
        if name.ends_with('/') {
            outer.anomaly(
                AnomalyKind::ReaderDisagreement,
                format!("`{name}` has the name of a directory and the data of a file"),
                member_evidence(input, name),
            );
        }
        match seen.get(&folded(name)) {
            Some(first) if *first == name => outer.anomaly(
                AnomalyKind::ReaderDisagreement,
                format!("`{name}` is there twice: readers take the first or the last"),
                member_evidence(input, name),
            ),
            // Sources have files that differ in case only; models have not.
            Some(first) if is_model_name(name) => outer.anomaly(
                AnomalyKind::ReaderDisagreement,
                format!(
                    "`{first}` and `{name}` are one name for readers that fold case and paths, as \
                     PyTorch's does"
                ),
                member_evidence(input, name),
            ),
            Some(_) => {}
            None => {
                seen.insert(folded(name), name);
            }
        }
    }
}

/// A path as a reader may see it that ignores case, kinds of slashes and empty parts.
fn folded(name: &str) -> String {
    let mut path = String::with_capacity(name.len());
    for part in name.split(['/', '\\']) {
        if !part.is_empty() && part != "." {
            path.push('/');
            path.extend(part.chars().flat_map(char::to_lowercase));
        }
    }
    path
}

//! No rule lies in a file that nobody lists.

use std::fs;
use std::path::{Path, PathBuf};

use stance_rules::all;

use crate::assert_none;

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Areas and the names of the files in them that declare a rule; what several rules of an area
/// share lies beside them.
fn areas() -> Vec<(String, Vec<String>)> {
    let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let mut areas: Vec<(String, Vec<String>)> = list(&sources())
        .into_iter()
        .filter(|path| path.is_dir())
        .map(|area| {
            let files = list(&area).into_iter().filter(|path| {
                path.is_file() && fs::read_to_string(path).unwrap().contains("\nrule! {")
            });
            (name(&area), files.map(|path| name(&path)).collect())
        })
        .collect();
    areas.sort();
    areas
}

fn list(directory: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
}

#[test]
fn every_file_of_an_area_is_a_registered_rule() {
    let mut problems = Vec::new();
    for (area, files) in areas() {
        for file in files {
            let id = format!("{area}/{file}").replace('_', "-");
            if stance_rules::find(&id).is_none() {
                problems.push(format!(
                    "src/{area}/{file}.rs is not listed in src/{area}/mod.rs, or its id is not `{id}`"
                ));
            }
        }
    }
    assert_none(&problems);
}

#[test]
fn rules_are_listed_in_order() {
    let ids: Vec<&str> = all().map(|entry| entry.meta.id).collect();
    let problems: Vec<String> = ids
        .windows(2)
        .filter(|pair| pair[0] >= pair[1])
        .map(|pair| format!("{} comes before {}", pair[0], pair[1]))
        .collect();
    assert_none(&problems);
}

//! `cargo xtask generate`: what is said once in the code and read in `docs/`.

mod cli;
mod configuration;
mod controls;
mod rules;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::Value;

/// First line of every generated page.
const MARK: &str = "<!-- Written by `cargo xtask generate`; change the code it comes from. -->\n\n";

/// Generated files by path relative to the root of the repository.
type Files = BTreeMap<PathBuf, String>;

fn files() -> Files {
    let mut files = Files::new();
    rules::add(&mut files);
    add_page(&mut files, "docs/controls.md", controls::page());
    add_page(&mut files, "docs/cli.md", cli::page(stance::cli::command()));
    let configuration = stance::config::schema();
    add_page(
        &mut files,
        "docs/configuration.md",
        configuration::page(&configuration),
    );
    add_schema(&mut files, "stance.toml", &configuration);
    add_schema(&mut files, "json-v1", &stance::output::json_v1::schema());
    add_schema(
        &mut files,
        "compare-v1",
        &stance::output::compare::json::schema(),
    );
    add_schema(
        &mut files,
        "inspect-v1",
        &stance::output::inspect::json::schema(),
    );
    add_schema(
        &mut files,
        "discover-logs-v1",
        &stance::output::discover::schema(),
    );
    add_schema(&mut files, "replay-v1", &stance::output::replay::schema());
    add_schema(&mut files, "judge-v1", &stance::output::judge::schema());
    add_schema(&mut files, "bom-v1", &stance_bom::own::schema());
    files
}

fn add_page(files: &mut Files, path: &str, content: String) {
    files.insert(path.into(), format!("{MARK}{content}"));
}

fn add_schema(files: &mut Files, name: &str, schema: &Value) {
    files.insert(
        format!("docs/schema/{name}.schema.json").into(),
        format!("{schema:#}\n"),
    );
}

/// Directories in which everything is generated, so that what no longer comes out is removed.
const OWNED: [&str; 2] = ["docs/rules", "docs/schema"];

pub(crate) fn write(root: &Path) -> anyhow::Result<()> {
    let files = files();
    for change in changes(root, &files)? {
        let path = root.join(&change);
        match files.get(&change) {
            Some(content) => {
                let directory = path.parent().unwrap_or(root);
                fs::create_dir_all(directory)
                    .with_context(|| format!("cannot create {}", directory.display()))?;
                fs::write(&path, content)
            }
            None => fs::remove_file(&path),
        }
        .with_context(|| format!("cannot write {}", path.display()))?;
        println!("{}", change.display());
    }
    Ok(())
}

/// Whether everything is as it would be written.
pub(crate) fn check(root: &Path) -> anyhow::Result<bool> {
    let changes = changes(root, &files())?;
    for change in &changes {
        eprintln!("{} is not what the code says", change.display());
    }
    if !changes.is_empty() {
        eprintln!("run `cargo xtask generate` and commit the result");
    }
    Ok(changes.is_empty())
}

/// Files that differ, are missing or are left over.
fn changes(root: &Path, files: &Files) -> anyhow::Result<Vec<PathBuf>> {
    let mut changes: Vec<PathBuf> = files
        .iter()
        .filter(|(path, content)| {
            // A checkout on Windows may have turned the line ends.
            fs::read_to_string(root.join(path))
                .map(|found| found.replace("\r\n", "\n"))
                .ok()
                .as_ref()
                != Some(*content)
        })
        .map(|(path, _)| path.clone())
        .collect();
    for directory in OWNED {
        let mut left_over = Vec::new();
        walk(&root.join(directory), &mut left_over)?;
        changes.extend(
            left_over
                .into_iter()
                .filter_map(|path| path.strip_prefix(root).ok().map(Path::to_owned))
                .filter(|path| !files.contains_key(path)),
        );
    }
    changes.sort();
    Ok(changes)
}

fn walk(directory: &Path, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if !directory.is_dir() {
        return Ok(());
    }
    for entry in
        fs::read_dir(directory).with_context(|| format!("cannot list {}", directory.display()))?
    {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

/// A table cell: no line ends, no bars.
fn cell(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_a_changed_and_a_left_over_file_are_changes() {
        let root = tempfile::tempdir().unwrap();
        let files = Files::from([
            ("docs/rules/a/same.md".into(), "same\n".to_owned()),
            ("docs/rules/a/other.md".into(), "new\n".to_owned()),
            ("docs/cli.md".into(), "missing\n".to_owned()),
        ]);
        fs::create_dir_all(root.path().join("docs/rules/a")).unwrap();
        fs::write(root.path().join("docs/rules/a/same.md"), "same\r\n").unwrap();
        fs::write(root.path().join("docs/rules/a/other.md"), "old\n").unwrap();
        fs::write(root.path().join("docs/rules/a/gone.md"), "left over\n").unwrap();
        fs::write(root.path().join("docs/ours.md"), "by hand\n").unwrap();
        let changes = changes(root.path(), &files).unwrap();
        let changes: Vec<_> = changes.iter().map(|path| path.to_str().unwrap()).collect();
        assert_eq!(
            changes,
            [
                "docs/cli.md",
                "docs/rules/a/gone.md",
                "docs/rules/a/other.md"
            ]
        );
    }
}

//! Directories of extensions: browsers and editors name one directory after the id of each.

use std::path::{Path, PathBuf};

/// Whether a directory may hold extensions, by its name.
pub(super) fn is_list(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.eq_ignore_ascii_case("extensions"))
}

/// Whether most names are ids: 32 letters from a to p in a Chromium profile, `publisher.name-1.2.3` for an editor.
pub(super) fn are_ids(names: &[String]) -> bool {
    let ids = names.iter().filter(|name| id(name).is_some()).count();
    ids > 0 && ids.saturating_mul(2) >= names.len()
}

/// The id in the name of a directory.
fn id(name: &str) -> Option<&str> {
    if name.len() == 32 && name.bytes().all(|byte| matches!(byte, b'a'..=b'p')) {
        return Some(name);
    }
    let (id, version) = name.split_once('-').and_then(|_| {
        // The version begins behind the last hyphen that a digit follows and a dot comes after.
        name.match_indices('-')
            .filter_map(|(at, _)| Some((name.get(..at)?, name.get(at + 1..)?)))
            .find(|(_, rest)| rest.starts_with(|c: char| c.is_ascii_digit()) && rest.contains('.'))
    })?;
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    };
    let (publisher, own) = id.split_once('.')?;
    (is_word(publisher) && is_word(own) && !version.is_empty()).then_some(id)
}

/// Whether there is a file itself, and no link to one.
fn is_file(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file())
}

/// The manifests of an extension: its own, or one for each version.
pub(super) fn manifests(directory: &Path) -> Vec<PathBuf> {
    let own = directory.join("package.json");
    if is_file(&own) {
        return vec![own];
    }
    let Ok(versions) = std::fs::read_dir(directory) else {
        return Vec::new();
    };
    let mut manifests: Vec<PathBuf> = versions
        .filter_map(Result::ok)
        .map(|version| version.path().join("manifest.json"))
        .filter(|manifest| is_file(manifest))
        .collect();
    manifests.sort();
    manifests
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_cut_from_the_names_of_directories() {
        assert_eq!(
            id("github.copilot-chat-0.20.1"),
            Some("github.copilot-chat")
        );
        assert_eq!(
            id("anthropic.claude-code-2.0.1-linux-x64"),
            Some("anthropic.claude-code")
        );
        let chrome = "abcdefghijklmnopabcdefghijklmnop";
        assert_eq!(id(chrome), Some(chrome));
        assert_eq!(id("Temp"), None);
        assert_eq!(id("node_modules"), None);
    }
}

//! A git repository: where it comes from and which commit is checked out.
//!
//! Reads `.git/HEAD`, the ref it names and `.git/config`; runs no git, no hook.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use stance_core::fact::{Fact, Reference};
use stance_core::{AssetKind, Evidence, How, Observation, RelationKind};
use stance_inspect::Bytes;

use crate::{Collected, Collector, Context, Target};

const NAME: &str = "git";

/// Most bytes of any of git's small text files that are read.
const LIMIT: u64 = 4 << 20;

pub(crate) static COLLECTOR: Git = Git;

pub(crate) struct Git;

impl Collector for Git {
    fn name(&self) -> &'static str {
        NAME
    }

    fn collect(&self, target: &Target, context: &Context<'_>) -> Collected {
        let mut collected = Collected::default();
        let directory = target.absolute.join(".git");
        // A `.git` file points out of the tree (a worktree, a submodule): not followed.
        if !directory.is_dir() || directory.is_symlink() {
            return collected;
        }
        let Some(head) = read(&directory.join("HEAD")) else {
            return collected;
        };
        let config = read(&directory.join("config")).unwrap_or_default();
        let remote = remote(&config).map(without_credentials);
        let (branch, commit) = resolve(&directory, head.trim());
        let mut attributes = BTreeMap::new();
        let mut detail = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                attributes.insert(name.to_owned(), value.into());
            }
        };
        detail("commit", commit);
        detail("branch", branch);
        detail("remote", remote.clone());
        let subject = target.evidence_path(&directory.join("HEAD"));
        let name = remote
            .as_deref()
            .and_then(|url| {
                url.trim_end_matches('/')
                    .trim_end_matches(".git")
                    .rsplit(['/', ':'])
                    .next()
            })
            .unwrap_or(&target.name)
            .to_owned();
        let reference = Reference {
            kind: AssetKind::Repository,
            key: remote.unwrap_or_else(|| target.name.clone()),
            name,
            aliases: Vec::new(),
            how: How::Observed,
            relation: RelationKind::Contains,
            vendor: None,
            attributes,
            evidence: Evidence::file(Arc::clone(&subject)),
        };
        collected.observations.push(Observation {
            source: NAME,
            subject,
            fact: Fact::Reference(Box::new(reference)),
        });
        // A credential in the address of a remote is a finding like any other.
        if !config.is_empty() {
            let path = target.evidence_path(&directory.join("config"));
            let report = stance_inspect::scan(path, &Bytes(config.as_bytes()), &context.options);
            collected.take(NAME, report);
        }
        collected
    }
}

fn read(path: &Path) -> Option<String> {
    let metadata = path.symlink_metadata().ok()?;
    if !metadata.is_file() || metadata.len() > LIMIT {
        return None;
    }
    let bytes = std::fs::read(path).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The branch and commit that HEAD stands for, as far as the files tell.
fn resolve(directory: &Path, head: &str) -> (Option<String>, Option<String>) {
    let Some(reference) = head.strip_prefix("ref:").map(str::trim) else {
        return (None, is_commit(head).then(|| head.to_owned()));
    };
    let branch = reference.strip_prefix("refs/heads/").map(str::to_owned);
    // A name that leaves the directory is not git's.
    let loose = (!reference.contains("..") && reference.starts_with("refs/"))
        .then(|| read(&directory.join(reference)))
        .flatten()
        .map(|text| text.trim().to_owned());
    let commit = loose.filter(|text| is_commit(text)).or_else(|| {
        read(&directory.join("packed-refs"))?
            .lines()
            .find_map(|line| {
                let (commit, name) = line.split_once(' ')?;
                (name == reference && is_commit(commit)).then(|| commit.to_owned())
            })
    });
    (branch, commit)
}

fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The address of `origin`, else of the first remote.
fn remote(config: &str) -> Option<&str> {
    let mut section = "";
    let mut first = None;
    for line in config.lines().map(str::trim) {
        if line.starts_with('[') {
            section = line;
        } else if section.starts_with("[remote ")
            && let Some((key, value)) = line.split_once('=')
            && key.trim() == "url"
        {
            if section.contains("\"origin\"") {
                return Some(value.trim());
            }
            first.get_or_insert(value.trim());
        }
    }
    first
}

fn without_credentials(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = authority.rsplit('@').next().unwrap_or_default();
            format!("{scheme}://{host}/{path}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origin_wins_and_loses_its_password() {
        let config = "[remote \"fork\"]\n url = a\n[remote \"origin\"]\n\turl = https://u:p@h.example/o/r.git\n";
        let url = remote(config).unwrap();
        assert_eq!(without_credentials(url), "https://h.example/o/r.git");
        assert_eq!(remote("[core]\nurl = x\n"), None);
    }

    #[test]
    fn a_reference_out_of_the_directory_is_not_followed() {
        let directory = tempfile::tempdir().unwrap();
        let commit = "a".repeat(40);
        std::fs::write(directory.path().join("secret"), &commit).unwrap();
        let inside = directory.path().join("git");
        std::fs::create_dir_all(&inside).unwrap();
        assert_eq!(resolve(&inside, "ref: refs/../../secret"), (None, None));
        assert_eq!(resolve(&inside, &commit), (None, Some(commit.clone())));
    }
}

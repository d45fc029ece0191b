use std::collections::BTreeMap;

use stance_core::fact::{Dependency, Fact};
use stance_core::{AssetId, AssetKind, Severity, Snapshot};

use crate::{Cx, Rule};

rule! {
    /// # Dependency from an address that can change
    ///
    /// ## What it finds
    /// A package that a manifest takes from a repository without a commit, or from a web address
    /// without a hash, in place of a registry. One finding for a package and file.
    ///
    /// ## Why it matters
    /// A branch or tag moves and a file on a server can be replaced, so two builds of the same manifest may
    /// run different code, and nobody reviews what changed. Whoever takes over the account, the
    /// domain or the server runs code in every build that follows. Registries keep releases as they
    /// were; an address does not. Over plain HTTP anyone on the way can do it as well.
    ///
    /// ## Example
    /// ```text
    /// git+https://github.com/acme/agent-tools.git@main
    /// ```
    ///
    /// ## Fix
    /// Name the full commit, or the hash of the file:
    ///
    /// ```text
    /// git+https://github.com/acme/agent-tools.git@0f4ae21c3e5b7d9f1a2b3c4d5e6f708192a3b4c5
    /// https://files.acme.io/tools-1.2-py3-none-any.whl#sha256=9f86d081884c7d65…
    /// ```
    ///
    /// ## References
    /// - CWE-494: Download of Code Without Integrity Check
    /// - pip: VCS support; npm: package.json, git URLs as dependencies
    /// - SLSA: dependency threats
    DependencyFromUrl {
        id: "supply-chain/dependency-from-url",
        severity: Medium,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-agentic-2026:ASI04",
            "mitre-atlas:AML.T0010.001",
            "nist-ai-rmf-1.0:MANAGE 3.2",
            "iso-42001-2023:A.10.3",
        ],
        bad: [
            crate::text!("requirements.txt", "git+https://github.com/acme/agent-tools.git@main\n"),
            crate::text!("requirements.txt", "vllm @ http://files.acme.io/vllm-0.6.0-py3-none-any.whl\n"),
            crate::text!(
                "package.json",
                "{\"name\": \"a\", \"dependencies\": {\"agent-kit\": \"github:acme/agent-kit\"}}"
            ),
            crate::text!(
                "pyproject.toml",
                "[project]\nname = \"a\"\ndependencies = [\"openai\"]\n[tool.uv.sources]\nopenai = { git = \"https://github.com/acme/openai-python\", branch = \"main\" }\n"
            ),
        ],
        good: [
            crate::text!(
                "requirements.txt",
                "git+https://github.com/acme/agent-tools.git@0f4ae21c3e5b7d9f1a2b3c4d5e6f708192a3b4c5\n-e .\n./libs/tools\n"
            ),
            crate::text!(
                "requirements.txt",
                "diffusers @ https://github.com/acme/diffusers/archive/0f4ae21c3e5b7d9f1a2b3c4d5e6f708192a3b4c5.zip\n"
            ),
            crate::text!(
                "requirements.txt",
                "vllm @ https://files.acme.io/vllm.whl#sha256=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n"
            ),
            crate::text!(
                "package.json",
                "{\"name\": \"a\", \"dependencies\": {\"openai\": \"^4.0.0\", \"shared\": \"file:../shared\", \"own\": \
                 \"link:../own\"}}"
            ),
        ],
    }
}

impl Rule for DependencyFromUrl {
    fn graph(&self, snapshot: &Snapshot, cx: &mut Cx<'_>) {
        // Wheels of one package for each platform are one decision.
        let mut all: BTreeMap<(&str, &str, Grade), Vec<&Dependency>> = BTreeMap::new();
        for seen in &snapshot.observations {
            cx.judges(usize::from(matches!(seen.fact, Fact::Dependency(_))));
            if let Fact::Dependency(dependency) = &seen.fact
                && let Some(grade) = grade(dependency)
            {
                let key = (&*dependency.evidence.path, &*dependency.name, grade);
                all.entry(key).or_default().push(dependency);
            }
        }
        for ((_, name, grade), found) in all {
            let Some((first, rest)) = found.split_first() else {
                continue;
            };
            let origin = first.origin.as_deref().unwrap_or_default();
            let what = match grade {
                Grade::Moving => "from a repository without a commit",
                _ if is_repository(origin) => "from a repository without a commit",
                _ => "from an address without a hash",
            };
            let more = match rest.len() {
                0 => String::new(),
                count => format!(", and {count} more like it"),
            };
            let about = AssetId::new(AssetKind::Package, first.ecosystem.purl(&first.name));
            let mut draft = cx.report_about(about, &first.evidence, format!("`{name}` comes {what}: {origin}{more}"));
            for one in rest.iter().take(20) {
                draft = draft.also(&one.evidence);
            }
            match grade {
                Grade::Open => {
                    draft
                        .severity(Severity::High)
                        .note("over plain HTTP anyone on the way can replace it");
                }
                Grade::Release => {
                    draft
                        .severity(Severity::Low)
                        .note("files of this address are releases that stay as they are, so far as their owner keeps to it");
                }
                Grade::Moving | Grade::File => {}
            }
        }
    }
}

/// What may happen to what an address leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Grade {
    /// Anyone on the way can replace it.
    Open,
    /// A branch or tag of a repository.
    Moving,
    /// A file that its owner can replace.
    File,
    /// A file that its owner says never to replace.
    Release,
}

fn grade(dependency: &Dependency) -> Option<Grade> {
    let origin = dependency.origin.as_deref()?;
    let local = !origin.contains("://")
        && ["github:", "gitlab:", "bitbucket:", "git@"]
            .iter()
            .all(|scheme| !origin.starts_with(scheme))
        && !is_short_form(origin);
    if dependency.locked || dependency.hashed || local || origin.contains("file:") {
        return None;
    }
    let repository = is_repository(origin);
    // `https://github.com/owner/name/archive/<commit>.zip` is as fixed as a repository at a commit.
    let archive = origin.starts_with("https://github.com/") && origin.contains("/archive/");
    if (repository || archive) && names_commit(origin) {
        return None;
    }
    if origin.starts_with("http://") || origin.contains("+http://") {
        return Some(Grade::Open);
    }
    Some(match repository {
        true => Grade::Moving,
        false if holds_releases(origin) => Grade::Release,
        false => Grade::File,
    })
}

/// `owner/repository`, the short form of a GitHub address in npm.
fn is_short_form(origin: &str) -> bool {
    // `link:../shared` is a path beside the manifest.
    let path = origin.split_once(':').map_or(origin, |(_, path)| path);
    origin.matches('/').count() == 1 && !path.starts_with(['.', '/', '~', '@'])
}

fn is_repository(origin: &str) -> bool {
    origin.contains("git+")
        || origin.starts_with("git://")
        || origin.starts_with("git@")
        || origin.starts_with("github:")
        || origin.starts_with("gitlab:")
        || origin.starts_with("bitbucket:")
        || ["hg+", "svn+", "bzr+"].iter().any(|scheme| origin.starts_with(scheme))
        || origin.split(['#', '?']).next().is_some_and(|path| path.ends_with(".git"))
        || !origin.contains("://")
}

/// Whether the revision behind `@` or `#` is a commit: at least twelve hexadecimal digits, which
/// nobody gives to a branch.
fn names_commit(origin: &str) -> bool {
    origin.split(['@', '#', '&', '=', '/']).skip(1).any(|part| {
        let part = part.strip_suffix(".zip").or_else(|| part.strip_suffix(".tar.gz")).unwrap_or(part);
        (12..=64).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// Addresses whose files are releases.
fn holds_releases(origin: &str) -> bool {
    [
        "https://download.pytorch.org/",
        "https://files.pythonhosted.org/",
        "https://registry.npmjs.org/",
        "https://data.pyg.org/",
        "https://storage.googleapis.com/jax-releases/",
    ]
    .iter()
    .any(|known| origin.starts_with(known))
        || (origin.starts_with("https://github.com/") && origin.contains("/releases/download/"))
}

use std::collections::{BTreeMap, BTreeSet};

use stance_core::fact::{Dependency, Ecosystem, Fact};
use stance_core::{Severity, Snapshot};
use stance_inspect::packages;

use crate::{Cx, Rule};

rule! {
    /// # AI package in any version
    ///
    /// ## What it finds
    /// A list of requirements, a Pipfile or a `package.json` that asks for AI packages without an upper bound (no
    /// constraint, `*`, `latest`, in a list of requirements also a bare `>=`) where no lock file of the same
    /// application fixes the versions. Libraries, which rightly leave the choice to their users, are not asked
    /// for one: of a `pyproject.toml` nothing is said. One finding for a file.
    ///
    /// ## Why it matters
    /// Every build takes what is newest at that hour. When an attacker publishes a release of a popular AI
    /// package, as happened to `ultralytics` in 2024 and to `litellm`, `lightning` and `mistralai` in 2026, it is such
    /// builds that install it, within minutes. It also means that nobody can say which version answered last week.
    ///
    /// ## Example
    /// ```text
    /// litellm
    /// torch>=2.0
    /// ```
    ///
    /// ## Fix
    /// Lock the versions with their hashes and commit the result, then let a bot propose updates:
    ///
    /// ```sh
    /// uv pip compile --generate-hashes requirements.in -o requirements.txt
    /// ```
    ///
    /// ## References
    /// - CWE-1395: Dependency on Vulnerable Third-Party Component
    /// - pip: Secure installs, hash-checking mode
    UnpinnedDependency {
        id: "supply-chain/unpinned-dependency",
        severity: Low,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-agentic-2026:ASI04",
            "mitre-atlas:AML.T0010.001",
            "nist-ai-rmf-1.0:MANAGE 3.2",
        ],
        bad: [
            crate::text!("requirements.txt", "litellm\ntorch>=2.0\nopenai==1.50.0\n"),
            crate::text!("package.json", "{\"name\": \"a\", \"dependencies\": {\"openai\": \"latest\"}}"),
        ],
        good: [
            crate::text!("requirements.txt", "litellm==1.82.6\ntorch>=2.0,<3\nrequests\n"),
            crate::text!(
                "pyproject.toml",
                "[project]\nname = \"library\"\ndependencies = [\"torch>=2.0\", \"openai\"]\n"
            ),
            crate::Example {
                files: &[
                    ("package.json", crate::Content::Text("{\"name\": \"a\", \"dependencies\": {\"openai\": \"*\"}}")),
                    (
                        "package-lock.json",
                        crate::Content::Text("{\"packages\": {\"node_modules/openai\": {\"version\": \"4.5.6\"}}}"),
                    ),
                ],
                policy: None,
            },
            crate::Example {
                files: &[
                    ("package.json", crate::Content::Text("{\"name\": \"a\", \"dependencies\": {\"openai\": \"*\"}}")),
                    (
                        "package-lock.json",
                        crate::Content::Text("{\"packages\": {\"node_modules/left-pad\": {\"version\": \"1.3.0\"}}}"),
                    ),
                ],
                policy: None,
            },
            crate::text!(
                "pom.xml",
                "<project><artifactId>a</artifactId><dependencies><dependency>\
                 <groupId>dev.langchain4j</groupId><artifactId>langchain4j</artifactId>\
                 </dependency></dependencies></project>"
            ),
            crate::Example {
                files: &[
                    (
                        "package.json",
                        crate::Content::Text(
                            "{\"name\": \"w\", \"workspaces\": [\"p/*\"], \
                             \"dependencies\": {\"@modelcontextprotocol/server-a\": \"*\"}}",
                        ),
                    ),
                    (
                        "p/a/package.json",
                        crate::Content::Text("{\"name\": \"@modelcontextprotocol/server-a\", \"version\": \"0.1.0\"}"),
                    ),
                ],
                policy: None,
            },
        ],
    }
}

impl Rule for UnpinnedDependency {
    fn graph(&self, snapshot: &Snapshot, cx: &mut Cx<'_>) {
        let mut locks = BTreeSet::<(Ecosystem, &str)>::new();
        let mut own = BTreeSet::<(Ecosystem, &str)>::new();
        let mut loose = BTreeMap::<&str, Vec<&Dependency>>::new();
        for observation in &snapshot.observations {
            cx.judges(usize::from(matches!(observation.fact, Fact::Dependency(_))));
            let path: &str = &observation.subject;
            match &observation.fact {
                // Whatever package it fixes, a lock file fixes those it was made from.
                Fact::Dependency(package) | Fact::OtherPackage(package) if package.locked => {
                    locks.insert((package.ecosystem, directory(path)));
                }
                Fact::Dependency(package) if is_loose(package, path) => {
                    loose.entry(path).or_default().push(package);
                }
                Fact::Manifest(manifest) => {
                    own.extend(manifest.name.as_deref().map(|name| (manifest.ecosystem, name)));
                }
                _ => {}
            }
        }
        // A member of the same workspace is taken from the tree, in the version that stands there.
        loose.retain(|_, packages| {
            packages.retain(|package| !own.contains(&(package.ecosystem, package.name.as_str())));
            !packages.is_empty()
        });
        for (path, dependencies) in loose {
            let Some((first, rest)) = dependencies.split_first() else {
                continue;
            };
            if above(path).any(|directory| locks.contains(&(first.ecosystem, directory))) {
                continue;
            }
            let names: Vec<String> = dependencies
                .iter()
                .take(5)
                .map(|dependency| format!("`{}`", dependency.name))
                .collect();
            let more = dependencies.len().saturating_sub(names.len());
            let more = match more {
                0 => String::new(),
                count => format!(" and {count} more"),
            };
            let application = snapshot.applications.id_of(path).clone();
            let mut draft = cx.report_about(
                application,
                &first.evidence,
                format!("the newest version is taken of {}{more}, whatever it is", names.join(", ")),
            );
            for dependency in rest.iter().take(20) {
                draft = draft.also(&dependency.evidence);
            }
            if first.ecosystem == Ecosystem::Npm {
                draft = draft.fix(
                    "Commit the lock file that `npm install` writes and build with `npm ci`, then let a bot \
                     propose updates.",
                );
            }
            if dependencies.iter().all(|dependency| dependency.development) {
                draft.severity(Severity::Info);
            }
        }
    }
}

/// Whether any newer version fits, in a manifest of an application.
fn is_loose(dependency: &Dependency, path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    let requirements = file != "pyproject.toml" && file != "setup.cfg" && file != "package.json";
    if dependency.origin.is_some()
        || dependency.version.is_some()
        || packages::category(dependency.ecosystem, &dependency.name).is_none()
        || matches!(file, "pyproject.toml" | "setup.cfg")
        // What is compiled into a lock, or only narrows what others ask for.
        || file.ends_with(".in")
        || file.contains("constraints")
    {
        return false;
    }
    match dependency.constraint.trim() {
        // Builds of Java and .NET know no newest version by default: a bill of materials, a parent or a list of the
        // repository's own names the one to take.
        "" if matches!(dependency.ecosystem, Ecosystem::Maven | Ecosystem::Nuget) => false,
        "" | "*" | "latest" | "x" | "next" => true,
        range => {
            requirements
                && range.starts_with('>')
                && !range.contains(['<', '~'])
                && !range.contains("==")
        }
    }
}

fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// The directory of a path and all above it.
fn above(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(directory(path)), |at| {
        (!at.is_empty()).then(|| directory(at))
    })
}

//! Packages that commands install: in scripts, makefiles, Dockerfiles and steps of CI, one after another as they are
//! written.
//!
//! `pip install vllm==0.9.1`, `uv tool install aider-chat`, `npm install -g @openai/codex@latest`, `pipx install x`,
//! `cargo install x --version 1`, `go install x@v1`, `gem install x -v 1`.

mod commands;
mod package;

use std::ops::Range;

use stance_core::fact::Ecosystem;
use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::report::Facts;

use super::collect::{Collect, Package};
use commands::{Command, commands};
use package::{conda_of, npm_of, plain, requirement_of};

/// The parser of such commands.
pub(crate) static INSPECTOR: Installs = Installs;

pub(crate) struct Installs;

/// Most packages of one file.
const MOST: usize = 1000;

impl Inspector for Installs {
    fn name(&self) -> &'static str {
        "installed packages"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        input.is_text() && holds_commands(input)
    }

    fn understands(&self) -> bool {
        false
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(text) = input.text(facts) else {
            return;
        };
        let has =
            |word: &str| memchr::memmem::find(text.as_str().as_bytes(), word.as_bytes()).is_some();
        if !has("install") && !has(" add ") {
            return;
        }
        // What a step of CI installs builds and tests; what is shipped, manifests and images say.
        let development = is_ci(input);
        let mut to = Collect::new(input, &text, facts);
        let mut left = MOST;
        commands(text.as_str(), &mut |command| {
            for (ecosystem, mut package, span) in installed(text.as_str(), command) {
                if left == 0 {
                    to.gap(&format!("more than {MOST} installed packages"), span);
                    return false;
                }
                left = left.saturating_sub(1);
                package.development = development;
                to.package(ecosystem, package, span);
            }
            true
        });
    }
}

/// Whether a file holds commands that somebody runs.
fn holds_commands(input: &Input<'_>) -> bool {
    let name = input.file_name();
    matches!(
        input.extension(),
        "sh" | "bash" | "zsh" | "slurm" | "sbatch" | "mk" | "dockerfile" | "containerfile" | "ps1"
    ) || matches!(
        name,
        "Makefile"
            | "makefile"
            | "GNUmakefile"
            | "justfile"
            | "Justfile"
            | "Procfile"
            | "Taskfile.yml"
    ) || name.starts_with("Dockerfile")
        || name.starts_with("Containerfile")
        || is_ci(input)
}

/// Whether a file holds steps of CI.
fn is_ci(input: &Input<'_>) -> bool {
    let name = input.file_name();
    let path = input.path();
    let yaml = matches!(input.extension(), "yml" | "yaml");
    name == "Jenkinsfile"
        || (yaml
            && ([".github/", ".circleci/", ".gitlab"]
                .iter()
                .any(|part| path.contains(part))
                || ["azure-pipelines", "bitbucket-pipelines", "cloudbuild"]
                    .iter()
                    .any(|start| name.starts_with(start))
                || matches!(
                    name,
                    ".gitlab-ci.yml"
                        | "action.yml"
                        | "action.yaml"
                        | ".travis.yml"
                        | "buildspec.yml"
                )))
}

/// Who installs, and how what is asked for is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tool {
    Pip,
    Conda,
    Npm,
    Cargo,
    Go,
    Gem,
}

/// The tool that a command starts, and the place of its first argument.
fn tool(words: &[&str]) -> Option<(Tool, usize)> {
    let is = |at: usize, wanted: &[&str]| words.get(at).is_some_and(|word| wanted.contains(word));
    for at in 0..words.len().min(12) {
        let Some(first) = words.get(at) else { break };
        // `@pip`, `$(PIP)`, `/opt/venv/bin/pip`
        let name = first
            .trim_start_matches(['@', '-', '$', '{', '('])
            .trim_end_matches(['}', ')'])
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let one = at.saturating_add(1);
        let two = at.saturating_add(2);
        let found = match name.as_str() {
            "echo" | "printf" | "grep" | "cat" => return None,
            "pip" | "pip3" | "pipx" if is(one, &["install", "inject"]) => Some((Tool::Pip, two)),
            "uv" if is(one, &["pip", "tool"]) && is(two, &["install"]) => {
                Some((Tool::Pip, at.saturating_add(3)))
            }
            "uv" | "poetry" | "pdm" | "rye" if is(one, &["add"]) => Some((Tool::Pip, two)),
            "conda" | "mamba" | "micromamba" if is(one, &["install"]) => Some((Tool::Conda, two)),
            "npm" if is(one, &["install", "i", "add"]) => Some((Tool::Npm, two)),
            "pnpm" | "yarn" | "bun" if is(one, &["add", "install"]) => Some((Tool::Npm, two)),
            "yarn" if is(one, &["global"]) && is(two, &["add"]) => {
                Some((Tool::Npm, at.saturating_add(3)))
            }
            "cargo" if is(one, &["install"]) => Some((Tool::Cargo, two)),
            "go" if is(one, &["install", "get"]) => Some((Tool::Go, two)),
            "gem" if is(one, &["install"]) => Some((Tool::Gem, two)),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// Flags that take what follows them.
const WITH_VALUE: &[&str] = &[
    "-r",
    "--requirement",
    "-c",
    "--constraint",
    "-e",
    "--editable",
    "-t",
    "--target",
    "-i",
    "--index-url",
    "--extra-index-url",
    "-f",
    "--find-links",
    "--python",
    "-p",
    "--prefix",
    "--root",
    "--platform",
    "--registry",
    "--cache-dir",
    "--index",
    "--default-index",
    "--group",
    "--channel",
    "-n",
    "--name",
    "--version",
    "-v",
    "--git",
    "--branch",
    "--tag",
    "--features",
    "--python-version",
    "--progress-bar",
    "--timeout",
    "--retries",
    "--proxy",
    "--extra",
    "--source",
    "--torch-backend",
    "--loglevel",
    "-C",
    "--config-settings",
];

fn installed(text: &str, command: &Command) -> Vec<(Ecosystem, Package, Range<usize>)> {
    let words: Vec<&str> = command.iter().map(|(word, _)| word.as_str()).collect();
    let Some((tool, first)) = tool(&words) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    // `--version 1.2` of cargo, `-v 1.2` of gem: of the only package.
    let flag = |names: &[&str]| {
        let at = words.iter().position(|word| names.contains(word))?;
        words
            .get(at.saturating_add(1))
            .map(|word| (*word).to_owned())
    };
    let mut skip = false;
    for (word, span) in command.iter().skip(first) {
        if std::mem::take(&mut skip) {
            continue;
        }
        if word.starts_with('-') {
            skip = WITH_VALUE.contains(&word.as_str());
            continue;
        }
        // Redirections, variables and paths are no packages.
        if word.starts_with(['>', '<', '.', '/', '~', '2']) {
            if word.starts_with(['>', '<']) || word.starts_with("2>") {
                break;
            }
            continue;
        }
        if word.contains(['$', '*', '\\', '{', '%', '\u{fffd}']) || word.is_empty() {
            continue;
        }
        let quotes = text
            .as_bytes()
            .get(span.start)
            .is_some_and(|byte| b"'\"".contains(byte));
        let place = if quotes {
            span.start.saturating_add(1)
                ..span.end.saturating_sub(1).max(span.start.saturating_add(1))
        } else {
            span.clone()
        };
        let package = match tool {
            Tool::Pip => requirement_of(word, quotes),
            Tool::Conda => conda_of(word),
            Tool::Npm => npm_of(word),
            Tool::Cargo => Some(plain(word, flag(&["--version", "--vers"]))),
            Tool::Gem => Some(plain(word, flag(&["-v", "--version"]))),
            Tool::Go => word.split_once('@').map(|(name, version)| {
                plain(name, Some(version.to_owned()).filter(|it| it != "latest"))
            }),
        };
        let ecosystem = match tool {
            Tool::Pip | Tool::Conda => Ecosystem::Pypi,
            Tool::Npm => Ecosystem::Npm,
            Tool::Cargo => Ecosystem::Cargo,
            Tool::Go => Ecosystem::Golang,
            Tool::Gem => Ecosystem::Gem,
        };
        if let Some(package) = package {
            found.push((ecosystem, package, place));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use stance_core::fact::Fact;
    use stance_read::testing::Harness;

    const HARNESS: Harness = Harness(crate::PARSERS);

    /// `purl version line` of what a file installs, in order.
    fn installed(path: &str, text: &str) -> Vec<String> {
        let report = HARNESS.report(path, text.as_bytes());
        let facts = report.facts.into_iter();
        let packages = facts.filter_map(|(_, fact)| match fact {
            Fact::Dependency(it) => Some(format!(
                "{} {} {}",
                it.ecosystem.purl(&it.name),
                it.version.as_deref().unwrap_or("-"),
                it.evidence.locus.line().unwrap_or_default()
            )),
            _ => None,
        });
        packages.collect()
    }

    #[test]
    fn scripts_and_makefiles_install_packages() {
        let script = "#!/bin/bash\n# pip install openai\nset -e && pip install -q --upgrade \"vllm==0.9.1\" 'torch>=2.4' \\\n  transformers requests==2.0\nuv tool install aider-chat@latest\npython -m pip install -r requirements.txt langchain>out.txt\necho pip install anthropic\nnpm install -g @openai/codex@0.20.0 @anthropic-ai/claude-code left-pad\npip install $PACKAGE -e . git+https://github.com/x/openai\n";
        assert_eq!(
            installed("setup.sh", script),
            [
                "pkg:pypi/vllm 0.9.1 3",
                "pkg:pypi/torch - 3",
                "pkg:pypi/transformers - 4",
                "pkg:pypi/aider-chat - 5",
                "pkg:pypi/langchain - 6",
                "pkg:npm/@openai/codex 0.20.0 8",
                "pkg:npm/@anthropic-ai/claude-code - 8",
            ]
        );
        let make = "install:\n\t@$(PIP) install sentence-transformers==3.0.1\n\tgo install github.com/ollama/ollama@v0.5.0\n";
        assert_eq!(
            installed("Makefile", make),
            [
                "pkg:pypi/sentence-transformers 3.0.1 2",
                "pkg:golang/github.com/ollama/ollama v0.5.0 3"
            ]
        );
    }

    #[test]
    fn dockerfiles_and_steps_of_ci_install_packages() {
        let docker = "FROM python:3.12\nRUN pip install --no-cache-dir openai==1.50.0 && \\\n    pip install \"langchain[all]\"\nCMD [\"python\", \"app.py\"]\n";
        assert_eq!(
            installed("docker/Dockerfile.gpu", docker),
            ["pkg:pypi/openai 1.50.0 2", "pkg:pypi/langchain - 3"]
        );
        let workflow = "jobs:\n  a:\n    steps:\n      - run: npm install -g @anthropic-ai/claude-code@1.0.3\n      - name: It's set up\n        run: |\n          pip install mlflow\n";
        assert_eq!(
            installed(".github/workflows/a.yml", workflow),
            [
                "pkg:npm/@anthropic-ai/claude-code 1.0.3 4",
                "pkg:pypi/mlflow - 7"
            ]
        );
        // Prose and data that speak of commands run none.
        assert_eq!(
            installed("docs/a.md", "pip install openai\n"),
            [] as [&str; 0]
        );
        assert_eq!(
            installed("a.yml", "run: pip install openai\n"),
            [] as [&str; 0]
        );
    }
}

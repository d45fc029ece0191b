//! What a command line fetches and runs: `npx`, `uvx`, `docker run` and their like.

use stance_core::Evidence;
use stance_core::fact::Build;

/// A package or image that a command runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run<'w> {
    /// purl type: `npm`, `pypi`, `docker`, `git`, `url`, `golang`, `jsr`.
    pub(crate) ecosystem: &'static str,
    pub(crate) name: String,
    pub(crate) version: Option<String>,
    pub(crate) pinned: bool,
    /// The word that names it, by index; `None` when it is not a word of its own.
    pub(crate) word: Option<usize>,
    /// The address that a bridge such as `mcp-remote` is told to connect to.
    pub(crate) bridge_to: Option<&'w str>,
}

impl Run<'_> {
    pub(crate) fn build(self, evidence: Evidence) -> Option<Build> {
        (!self.name.is_empty()).then(|| Build {
            ecosystem: self.ecosystem.to_owned(),
            name: self.name,
            version: self.version,
            pinned: self.pinned,
            evidence,
        })
    }
}

/// What the command `words` fetches and runs; `None` when it runs something that is there already.
pub(crate) fn of_command<'w>(words: &[&'w str]) -> Option<Run<'w>> {
    let (start, program) = program(words)?;
    let rest = words.get(start.saturating_add(1)..).unwrap_or_default();
    let sub = rest.first().copied().unwrap_or_default();
    let second = rest.get(1).copied().unwrap_or_default();
    let (skip, kind) = match (program.as_str(), sub, second) {
        ("npx" | "bunx" | "pnpx", ..) => (0, Runner::Npm),
        ("pnpm" | "yarn", "dlx", _) | ("bun", "x", _) | ("npm", "exec" | "x", _) => {
            (1, Runner::Npm)
        }
        ("uvx", ..) => (0, Runner::Python),
        ("uv", "tool", "run") => (2, Runner::Python),
        ("uv", "x", _) | ("pipx", "run", _) => (1, Runner::Python),
        ("docker" | "podman" | "nerdctl", "run", _) => (1, Runner::Container),
        ("docker" | "podman", "container", "run") => (2, Runner::Container),
        ("deno", "run", _) => (1, Runner::Deno),
        ("go", "run", _) => (1, Runner::Go),
        _ => return None,
    };
    let first = start.saturating_add(1).saturating_add(skip);
    let arguments = words.get(first..)?;
    let (index, spec) = kind.spec(arguments)?;
    let mut run = match kind {
        Runner::Npm => npm(spec)?,
        Runner::Python => python(spec)?,
        Runner::Container => image(spec)?,
        Runner::Deno => match spec.strip_prefix("npm:") {
            Some(spec) => npm(spec)?,
            None => remote(spec)?,
        },
        Runner::Go => {
            let (name, version) = spec.split_once('@')?;
            fixed(
                "golang",
                name,
                Some(version),
                is_exact(version.trim_start_matches('v')),
            )
        }
    };
    // These run a script that is there already.
    let scripts = [
        "tsx",
        "ts-node",
        "ts-node-esm",
        "vite-node",
        "jiti",
        "nodemon",
    ];
    if run.ecosystem == "npm" && scripts.contains(&run.name.as_str()) {
        return None;
    }
    run.word = Some(first.saturating_add(index));
    if matches!(
        run.name.as_str(),
        "mcp-remote" | "mcp-proxy" | "supergateway"
    ) {
        run.bridge_to = arguments
            .get(index.saturating_add(1)..)?
            .iter()
            .find(|word| word.starts_with("http://") || word.starts_with("https://"))
            .copied();
    }
    Some(run)
}

/// The index and bare name of the program that runs in the end, behind `cmd /c`, `env A=b`, `sudo`.
fn program(words: &[&str]) -> Option<(usize, String)> {
    for (index, word) in words.iter().enumerate().take(16) {
        let name = bare(word);
        let wrapper = matches!(
            name.as_str(),
            "cmd" | "env" | "sudo" | "wsl" | "nohup" | "time" | "exec" | "mise" | "cross-env"
        );
        let passed = word.starts_with('-')
            || word.eq_ignore_ascii_case("/c")
            || (word.contains('=') && !word.contains('/'));
        if !(wrapper || (index > 0 && passed)) {
            return Some((index, name));
        }
    }
    None
}

/// A program's name without directory and Windows extension, in lower case.
pub(crate) fn bare(word: &str) -> String {
    let name = word.rsplit(['/', '\\']).next().unwrap_or_default();
    let lower = name.to_ascii_lowercase();
    for extension in [".exe", ".cmd", ".bat"] {
        if let Some(stem) = lower.strip_suffix(extension) {
            return stem.to_owned();
        }
    }
    lower
}

#[derive(Clone, Copy)]
enum Runner {
    Npm,
    Python,
    Container,
    Deno,
    Go,
}

impl Runner {
    /// Flags that take the next word as their value.
    fn takes_value(self, flag: &str) -> bool {
        match self {
            Self::Npm => matches!(
                flag,
                "-c" | "--call"
                    | "-w"
                    | "--workspace"
                    | "--prefix"
                    | "--registry"
                    | "--userconfig"
                    | "--cache"
            ),
            Self::Python => matches!(
                flag,
                "--with"
                    | "--with-editable"
                    | "--with-requirements"
                    | "--python"
                    | "-p"
                    | "--index-url"
                    | "--extra-index-url"
                    | "--default-index"
                    | "--index"
                    | "--constraint"
                    | "-c"
                    | "--directory"
                    | "--env-file"
                    | "--cache-dir"
                    | "--refresh-package"
                    | "--prerelease"
                    | "--pip-args"
                    | "--exclude-newer"
                    | "--color"
                    | "--project"
                    | "--config-file"
            ),
            Self::Container => CONTAINER_FLAGS.contains(&flag),
            Self::Deno => matches!(flag, "-c" | "--config" | "--import-map"),
            Self::Go => matches!(flag, "-C" | "-tags" | "-mod"),
        }
    }

    /// The word that says what to run, and its index.
    fn spec<'w>(self, words: &[&'w str]) -> Option<(usize, &'w str)> {
        let mut index = 0_usize;
        while let Some(word) = words.get(index) {
            let names = match self {
                Self::Npm => matches!(*word, "-p" | "--package"),
                Self::Python => matches!(*word, "--from" | "--spec"),
                _ => false,
            };
            let next = index.saturating_add(1);
            if names {
                return words.get(next).map(|spec| (next, *spec));
            }
            if let Some((flag, value)) = word.split_once('=')
                && matches!(flag, "--package" | "--from" | "--spec")
            {
                return Some((index, value));
            }
            if *word == "--" {
                return words.get(next).map(|spec| (next, *spec));
            }
            if !word.starts_with('-') {
                return Some((index, word));
            }
            index = if self.takes_value(word) {
                next.saturating_add(1)
            } else {
                next
            };
        }
        None
    }
}

#[rustfmt::skip]
const CONTAINER_FLAGS: [&str; 43] = [
    "-e", "--env", "-v", "--volume", "--mount", "-p", "--publish", "--name", "--network", "--net",
    "-w", "--workdir", "--env-file", "-u", "--user", "--entrypoint", "--platform", "--add-host",
    "-l", "--label", "-m", "--memory", "--cpus", "--gpus", "--device", "--cap-add", "--cap-drop",
    "--security-opt", "--pid", "--ipc", "--tmpfs", "--ulimit", "-h", "--hostname", "--dns",
    "--restart", "--log-driver", "--pull", "--shm-size", "--runtime", "--userns", "--volumes-from",
    "-a",
];

fn fixed<'w>(ecosystem: &'static str, name: &str, version: Option<&str>, pinned: bool) -> Run<'w> {
    Run {
        ecosystem,
        name: name.to_owned(),
        version: version.map(str::to_owned),
        pinned,
        word: None,
        bridge_to: None,
    }
}

/// Something fetched from an address: pinned by a commit, never by a branch.
fn remote<'w>(spec: &str) -> Option<Run<'w>> {
    let git = spec.starts_with("git+")
        || spec.starts_with("github:")
        || spec.starts_with("gitlab:")
        || spec.starts_with("git://")
        || spec
            .split(['#', '@'])
            .next()
            .is_some_and(|url| url.ends_with(".git"));
    if !git && !spec.contains("://") && !spec.starts_with("jsr:") {
        return None;
    }
    // The reference stands behind the last `#`, or an `@` behind the host.
    let host_end = spec.find("://").map_or(0, |at| {
        let rest = spec.get(at.saturating_add(3)..).unwrap_or_default();
        at.saturating_add(3)
            .saturating_add(rest.find('/').unwrap_or(rest.len()))
    });
    let tail = spec.get(host_end..).unwrap_or_default();
    let at = tail
        .rfind('#')
        .or_else(|| tail.rfind('@').filter(|at| *at > 0))
        .map(|at| at.saturating_add(host_end));
    let (name, version) = match at {
        Some(at) => (
            spec.get(..at).unwrap_or_default(),
            spec.get(at.saturating_add(1)..),
        ),
        None => (spec, None),
    };
    let version = version.map(|v| v.split(['#', '&']).next().unwrap_or_default());
    let version = version.filter(|v| !v.starts_with("subdirectory=") && !v.starts_with("egg="));
    let ecosystem = match () {
        () if git => "git",
        () if spec.starts_with("jsr:") => "jsr",
        () => "url",
    };
    let commit = version.is_some_and(is_commit);
    let exact = ecosystem == "jsr" && version.is_some_and(is_exact);
    Some(fixed(ecosystem, name, version, commit || exact))
}

fn npm<'w>(spec: &str) -> Option<Run<'w>> {
    if is_path(spec) {
        return None;
    }
    if let Some(run) = remote(spec) {
        return Some(run);
    }
    let scoped = spec.strip_prefix('@');
    let (name, version) = match scoped {
        Some(rest) => match rest.split_once('@') {
            Some((name, version)) => (format!("@{name}"), Some(version)),
            None => (spec.to_owned(), None),
        },
        None => match spec.split_once('@') {
            Some((name, version)) => (name.to_owned(), Some(version)),
            None => (spec.to_owned(), None),
        },
    };
    if scoped.is_none() && name.contains('/') {
        // `owner/name` is a repository on GitHub.
        let (name, reference) = match spec.split_once('#') {
            Some((name, reference)) => (name, Some(reference)),
            None => (spec, None),
        };
        let pinned = reference.is_some_and(is_commit);
        return Some(fixed("git", &format!("github:{name}"), reference, pinned));
    }
    Some(fixed("npm", &name, version, version.is_some_and(is_exact)))
}

fn python<'w>(spec: &str) -> Option<Run<'w>> {
    // `name @ address`, as in a requirement.
    let spec = match spec.split_once(" @ ") {
        Some((_, address)) => address.trim(),
        None => spec,
    };
    if let Some(run) = remote(spec) {
        return Some(run);
    }
    if is_path(spec) {
        return None;
    }
    let end = spec
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')))
        .unwrap_or(spec.len());
    let name = spec.get(..end).unwrap_or_default().to_ascii_lowercase();
    let name = name.replace(['_', '.'], "-");
    let mut rest = spec.get(end..).unwrap_or_default().trim();
    if rest.starts_with('[') {
        rest = rest.split_once(']').map_or("", |(_, rest)| rest).trim();
    }
    let (version, pinned) = match (rest.strip_prefix("=="), rest.strip_prefix('@')) {
        (Some(version), _) => {
            let version = version.trim_start_matches('=').trim();
            let exact = !version.contains(['*', ',']) && starts_with_digit(version);
            (Some(version), exact)
        }
        (None, Some(version)) => (Some(version.trim()), starts_with_digit(version.trim())),
        (None, None) => (Some(rest).filter(|rest| !rest.is_empty()), false),
    };
    Some(fixed("pypi", &name, version, pinned))
}

/// A container image. A digest or a full version tag (three numbers, or a commit) is exact; a tag
/// such as `latest`, `stable` or `1.2` is meant to move.
pub(crate) fn image<'w>(spec: &str) -> Option<Run<'w>> {
    if spec.is_empty() || is_path(spec) {
        return None;
    }
    let spec = spec.trim_start_matches("docker.io/");
    let spec = spec.strip_prefix("library/").unwrap_or(spec);
    let (name, digest) = match spec.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (spec, None),
    };
    // A colon before a slash belongs to the port of the registry.
    let (name, tag) = match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (name, None),
    };
    let pinned = digest.is_some_and(|digest| digest.starts_with("sha256:"))
        || tag.is_some_and(|tag| {
            let version = tag.strip_prefix('v').unwrap_or(tag);
            let numbers = version.split(['-', '+', '_']).next().unwrap_or_default();
            let parts: Vec<&str> = numbers.split('.').collect();
            let numeric = parts.iter().all(|part| starts_with_digit(part));
            (parts.len() >= 3 && numeric) || is_commit(tag.strip_prefix("sha-").unwrap_or(tag))
        });
    Some(fixed("docker", name, digest.or(tag), pinned))
}

fn is_path(spec: &str) -> bool {
    spec.starts_with(['.', '/', '~', '$', '%', '{'])
        || spec.starts_with("file:")
        || spec.contains('\\')
        || spec.get(1..3) == Some(":/")
}

/// Three numbers and what may follow them: a version of which there is one.
fn is_exact(version: &str) -> bool {
    let version = version.strip_prefix('=').unwrap_or(version);
    let version = version.strip_prefix('v').unwrap_or(version);
    let core = version.split(['-', '+']).next().unwrap_or_default();
    let parts: Vec<&str> = core.split('.').collect();
    parts.len() == 3
        && parts
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_commit(reference: &str) -> bool {
    (7..=64).contains(&reference.len())
        && reference.bytes().all(|byte| byte.is_ascii_hexdigit())
        && reference.bytes().any(|byte| byte.is_ascii_digit())
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

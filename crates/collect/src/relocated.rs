//! Configuration of agents that a variable puts in another place: `CLAUDE_CONFIG_DIR`, `CODEX_HOME` and their like, as
//! the environment or the files of a shell set them.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use stance_core::{Observation, fact::Fact};
use stance_inspect::{Inspector, Options};

use crate::host::files::{children, read};
use crate::{Collected, Context, Target};

/// What a variable puts elsewhere.
enum Moves {
    /// The directory of this name in a home.
    Directory(&'static str),
    /// The home itself, as far as this client goes, whose directory there has this name.
    Home(&'static str),
    /// One file, which has this name otherwise.
    File(&'static str),
}

/// Variables by which clients find their configuration, from their documentation.
const VARIABLES: &[(&str, Moves)] = &[
    ("AMP_SETTINGS_FILE", Moves::File("amp/settings.json")),
    ("CLAUDE_CONFIG_DIR", Moves::Directory(".claude")),
    ("CODEX_HOME", Moves::Directory(".codex")),
    ("CONTINUE_GLOBAL_DIR", Moves::Directory(".continue")),
    ("COPILOT_HOME", Moves::Directory(".copilot")),
    ("CRUSH_GLOBAL_CONFIG", Moves::Directory("")),
    ("CURSOR_CONFIG_DIR", Moves::Directory(".cursor")),
    ("GEMINI_CLI_HOME", Moves::Home(".gemini")),
    ("HERMES_HOME", Moves::Directory(".hermes")),
    ("OPENCODE_CONFIG", Moves::File("opencode.json")),
    ("OPENCODE_CONFIG_DIR", Moves::Directory(".opencode")),
    ("VIBE_HOME", Moves::Directory(".vibe")),
    ("XDG_CONFIG_HOME", Moves::Home("")),
];

/// Files of a home in which a shell or a session sets variables.
const PROFILES: &[&str] = &[
    ".bashrc",
    ".bash_profile",
    ".bash_login",
    ".profile",
    ".zshrc",
    ".zshenv",
    ".zprofile",
    ".zlogin",
    ".pam_environment",
    ".config/fish/config.fish",
];

/// Most relocations of one host or tree that are followed.
const MOST: usize = 64;

/// A variable with its value, written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Relocation {
    variable: &'static str,
    to: PathBuf,
}

/// Whether a file sets variables of its home, by its name.
pub(crate) fn is_profile(name: &str) -> bool {
    let fish = name.ends_with(".config/fish/config.fish");
    let last = name.rsplit('/').next().unwrap_or_default();
    fish || PROFILES.contains(&last)
}

/// The home that a profile belongs to.
pub(crate) fn home_of(profile: &Path) -> Option<&Path> {
    let up = if profile.ends_with(".config/fish/config.fish") {
        4
    } else {
        1
    };
    profile.ancestors().nth(up)
}

/// What the profiles of a home put elsewhere; paths of the host are below `root`.
pub(crate) fn of_home(home: &Path, root: &Path) -> Vec<Relocation> {
    let mut found = Vec::new();
    let session = children(&home.join(".config/environment.d"));
    for profile in PROFILES.iter().map(|name| home.join(name)).chain(session) {
        if let Some(text) = read(&profile) {
            found.extend(of_text(&text, home, root));
        }
    }
    found.dedup();
    found.truncate(MOST);
    found
}

/// What an environment puts elsewhere.
pub(crate) fn of_environment(
    variables: &[(String, String)],
    home: &Path,
    root: &Path,
) -> Vec<Relocation> {
    let known = variables.iter().filter_map(|(name, value)| {
        let (variable, _) = VARIABLES.iter().find(|(known, _)| known == name)?;
        let to = expanded(value, home, root)?;
        Some(Relocation { variable, to })
    });
    known.take(MOST).collect()
}

/// `export NAME=value`, `NAME=value`, `NAME DEFAULT=value`, `set -gx NAME value`.
pub(crate) fn of_text(text: &str, home: &Path, root: &Path) -> Vec<Relocation> {
    let mut found = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with('#') {
            continue;
        }
        for part in line.split(';') {
            let part = part.trim();
            let plain = part.strip_prefix("export ").unwrap_or(part).trim_start();
            let assigned = match plain.strip_prefix("set ") {
                // fish: the name stands behind the flags.
                Some(rest) => {
                    let mut words = rest
                        .split_whitespace()
                        .filter(|word| !word.starts_with('-'));
                    words.next().zip(words.next())
                }
                None => plain
                    .split_once('=')
                    .map(|(name, value)| (name.strip_suffix(" DEFAULT").unwrap_or(name), value)),
            };
            let Some((name, value)) = assigned else {
                continue;
            };
            let known = VARIABLES.iter().find(|(known, _)| *known == name.trim());
            if let Some((variable, _)) = known
                && let Some(to) = expanded(value, home, root)
            {
                found.push(Relocation { variable, to });
            }
        }
    }
    found
}

/// A value as a path: `~`, `$HOME` and quotes written out; none when it holds other variables or is relative.
fn expanded(value: &str, home: &Path, root: &Path) -> Option<PathBuf> {
    let value = value.split(" #").next().unwrap_or_default();
    let value = value.trim().trim_matches(['"', '\'']).trim_end_matches('/');
    let own = ["$HOME", "${HOME}", "~", "@{HOME}"]
        .iter()
        .find_map(|start| value.strip_prefix(start));
    let path = match own {
        Some("") => home.to_owned(),
        Some(rest) => home.join(rest.strip_prefix('/')?),
        None => {
            let rest = value.strip_prefix('/')?;
            // A home may be given by its path on this machine.
            let plain = Path::new(value);
            if plain.starts_with(root) {
                plain.to_owned()
            } else {
                root.join(rest)
            }
        }
    };
    let plain = path
        .components()
        .all(|part| !matches!(part, Component::ParentDir));
    let literal = path
        .to_str()
        .is_some_and(|text| !text.contains(['$', '`', '*']));
    (plain && literal).then_some(path)
}

impl Relocation {
    /// The files of clients that lie there, each with what it is called in its usual place.
    pub(crate) fn files(&self) -> Vec<(PathBuf, &'static str)> {
        let Some((_, moves)) = VARIABLES.iter().find(|(name, _)| *name == self.variable) else {
            return Vec::new();
        };
        let mut found: Vec<(PathBuf, &'static str)> = Vec::new();
        let mut add = |path: PathBuf, file: &'static str| {
            if path.is_file() && !found.iter().any(|(known, _)| *known == path) {
                found.push((path, file));
            }
        };
        for file in stance_inspect::agent_configurations() {
            let inside = match moves {
                Moves::File(name) => {
                    if file == *name {
                        add(self.to.clone(), file);
                    }
                    continue;
                }
                Moves::Directory("") => Some(file).filter(|file| !file.contains('/')),
                // Claude Code keeps the file that lies beside its directory in there.
                Moves::Directory(".claude") if file == ".claude.json" => Some(file),
                Moves::Directory(name) => {
                    file.strip_prefix(name).and_then(|it| it.strip_prefix('/'))
                }
                Moves::Home(name) => file
                    .strip_prefix(name)
                    .filter(|rest| name.is_empty() || rest.starts_with('/'))
                    .map(|_| file),
            };
            let Some(inside) = inside else { continue };
            match inside.split_once("/*.") {
                None => add(self.to.join(inside), file),
                Some((directory, extension)) => {
                    for path in children(&self.to.join(directory)) {
                        if path.extension().is_some_and(|it| it == extension) {
                            add(path, file);
                        }
                    }
                }
            }
        }
        found
    }

    /// Looks at the files that lie there as at those of their clients.
    pub(crate) fn look(
        &self,
        name_of: &dyn Fn(&Path) -> Option<Arc<str>>,
        context: &Context<'_>,
        all: &mut Collected,
    ) {
        for (path, file) in self.files() {
            let Some(name) = name_of(&path) else { continue };
            let parser = stance_inspect::relocated(file);
            let parsers: [&dyn Inspector; 1] = [&parser];
            let again = Context {
                options: Options {
                    parsers: &parsers,
                    hash: false,
                    limits: context.options.limits,
                    interests: context.options.interests,
                },
                exclude: globset::GlobSet::empty(),
                exclude_directories: Vec::new(),
                threads: context.threads,
                ignored: context.ignored,
                follow_links: context.follow_links,
                progress: context.progress,
            };
            let mut seen = Collected::default();
            crate::directory::look_at(&name, &path, &again, &mut seen);
            all.observations.extend(seen.observations);
        }
    }
}

/// Looks at what the profiles of homes in a scanned tree put elsewhere in it. What the walk took for the file of some
/// client that nobody knows is told again, as that of the one whose it is.
pub(crate) fn settle(collected: &mut Collected, target: &Target, context: &Context<'_>) {
    let profiles = std::mem::take(&mut collected.profiles);
    for profile in profiles {
        let path = target.on_disk(&profile);
        let (Some(home), Some(text)) = (home_of(&path), read(&path)) else {
            continue;
        };
        for relocation in of_text(&text, home, Path::new("/")) {
            let inside = |path: &Path| {
                path.starts_with(&target.absolute)
                    .then(|| target.evidence_path(path))
            };
            let mut seen = Collected::default();
            relocation.look(&inside, context, &mut seen);
            replace(collected, seen.observations);
        }
    }
}

/// Puts servers and permissions that are known better in the place of those of the same file.
fn replace(collected: &mut Collected, better: Vec<Observation>) {
    collected.observations.retain(|old| {
        let Fact::McpServer(server) = &old.fact else {
            return true;
        };
        !better.iter().any(|new| match &new.fact {
            Fact::McpServer(it) => {
                it.name == server.name && it.evidence.path == server.evidence.path
            }
            _ => false,
        })
    });
    collected.observations.extend(better);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_puts_configuration_elsewhere_in_the_words_of_each_shell() {
        let text = "# export CODEX_HOME=/never\nexport CODEX_HOME=\"$HOME/work/codex\"\nset -gx CLAUDE_CONFIG_DIR ~/claude\nXDG_CONFIG_HOME=/srv/config # shared\nexport CURSOR_CONFIG_DIR=$ELSEWHERE/x\nPATH=$PATH:~/bin\nVIBE_HOME=relative\n";
        let found = of_text(text, Path::new("/home/ann"), Path::new("/"));
        let told: Vec<(&str, &str)> = found
            .iter()
            .map(|it| (it.variable, it.to.to_str().unwrap()))
            .collect();
        assert_eq!(
            told,
            [
                ("CODEX_HOME", "/home/ann/work/codex"),
                ("CLAUDE_CONFIG_DIR", "/home/ann/claude"),
                ("XDG_CONFIG_HOME", "/srv/config"),
            ]
        );
        // Paths of an image lie below its root.
        let image = of_text(
            "CODEX_HOME=/opt/codex",
            Path::new("/mnt/home/a"),
            Path::new("/mnt"),
        );
        assert_eq!(image[0].to, Path::new("/mnt/opt/codex"));
    }
}

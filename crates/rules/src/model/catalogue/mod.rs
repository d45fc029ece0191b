//! What is known about the names that pickles import: data beside this file, and how it is looked up.

use std::collections::HashMap;
use std::sync::LazyLock;

mod words;

pub(super) use words::{is_class, reads_as_action, reads_as_command, reads_as_order};

/// What a dangerous name allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Capability {
    /// Runs a program.
    Execute,
    /// Runs or builds code.
    Code,
    /// Reaches the network.
    Network,
    /// Changes files.
    Write,
    /// Reads files or the environment.
    Read,
    /// Loads another pickle or model.
    Load,
    /// Imports or looks up what a text names.
    Import,
    /// Leads to any other name.
    Reach,
    /// Ends or changes the process.
    Process,
}

impl Capability {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "execute" => Self::Execute,
            "code" => Self::Code,
            "network" => Self::Network,
            "write" => Self::Write,
            "read" => Self::Read,
            "load" => Self::Load,
            "import" => Self::Import,
            "reach" => Self::Reach,
            "process" => Self::Process,
            _ => return None,
        })
    }
}

/// Why a name is dangerous.
#[derive(Clone, Copy, Debug)]
pub(super) struct Danger {
    pub(super) capability: Capability,
    /// What it does, as the end of a sentence: `runs a program`.
    pub(super) does: &'static str,
    /// Whether it stands for a whole package outside the standard library, in which harmless
    /// classes live as well.
    pub(super) wide: bool,
}

/// What is known of a name.
#[derive(Clone, Copy, Debug)]
pub(super) enum Standing {
    Safe,
    Dangerous(Danger),
    /// Part of the standard library, but nothing that honest pickles need.
    Standard,
    Unknown,
}

struct Catalogue {
    /// By name, by `name.*`.
    entries: HashMap<&'static str, Standing>,
    /// By the name before the last part: the starts of last parts.
    stems: HashMap<&'static str, Vec<(&'static str, Standing)>>,
    standard: std::collections::HashSet<&'static str>,
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let lines = |text: &'static str| {
        text.lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
    };
    let standard = lines(include_str!("standard_library.txt")).collect();
    let mut catalogue = Catalogue {
        entries: HashMap::new(),
        stems: HashMap::new(),
        standard,
    };
    for name in lines(include_str!("safe.txt")) {
        catalogue.add(name, Standing::Safe);
    }
    for line in lines(include_str!("dangerous.tsv")) {
        let mut fields = line.splitn(3, '\t');
        let pattern = fields.next().unwrap_or_default();
        let Some(capability) = fields.next().and_then(Capability::parse) else {
            continue;
        };
        let top = pattern.split('.').next().unwrap_or_default();
        let danger = Danger {
            capability,
            does: fields.next().unwrap_or_default(),
            wide: pattern.ends_with('*') && !catalogue.standard.contains(top),
        };
        catalogue.add(pattern, Standing::Dangerous(danger));
    }
    catalogue
});

impl Catalogue {
    fn add(&mut self, pattern: &'static str, standing: Standing) {
        match pattern.strip_suffix('*') {
            Some(stem) if !stem.ends_with('.') => {
                let (owner, start) = stem.rsplit_once('.').unwrap_or(("", stem));
                self.stems.entry(owner).or_default().push((start, standing));
            }
            _ => {
                self.entries.insert(pattern, standing);
            }
        }
    }

    /// The entry of the longest part of `name` that has one.
    fn find(&self, name: &str) -> Option<Standing> {
        if let Some(standing) = self.entries.get(name) {
            return Some(*standing);
        }
        let mut rest = name;
        let mut all = String::new();
        while let Some((owner, part)) = rest.rsplit_once('.') {
            if let Some(stems) = self.stems.get(owner) {
                let hit = stems.iter().find(|(start, _)| part.starts_with(start));
                if let Some((_, standing)) = hit {
                    return Some(*standing);
                }
            }
            all.clear();
            all.push_str(owner);
            all.push_str(".*");
            if let Some(standing) = self.entries.get(all.as_str()) {
                return Some(*standing);
            }
            if let Some(standing) = self.entries.get(owner) {
                return Some(*standing);
            }
            rest = owner;
        }
        all.clear();
        all.push_str(name);
        all.push_str(".*");
        self.entries.get(all.as_str()).copied()
    }
}

/// Attributes that lead from any object into the interpreter.
const INTROSPECTION: &[&str] = &[
    "__globals__",
    "__builtins__",
    "__subclasses__",
    "__bases__",
    "__base__",
    "__mro__",
    "__class__",
    "__code__",
    "__dict__",
    "__getattribute__",
    "__setattr__",
    "__delattr__",
    "__import__",
    "__loader__",
    "__spec__",
    "__closure__",
    "__kwdefaults__",
    "__defaults__",
    "__init_subclass__",
    "gi_frame",
    "f_globals",
    "f_builtins",
    "tb_frame",
    "func_globals",
];

/// Modules that others import, so that `other.os.system` is theirs as well.
const CARRIED: &[&str] = &[
    "os",
    "sys",
    "subprocess",
    "posix",
    "nt",
    "builtins",
    "__builtin__",
    "importlib",
    "socket",
    "shutil",
    "ctypes",
    "pty",
    "runpy",
    "marshal",
    "urllib",
    "requests",
    "multiprocessing",
    "asyncio",
];

/// What is known of `name`, a dotted name as a pickle trace has it.
pub(super) fn standing(name: &str) -> Standing {
    let name = canonical(name);
    let top = name.split('.').next().unwrap_or_default();
    for (index, part) in name.split('.').enumerate().skip(1) {
        if INTROSPECTION.contains(&part) && !name.starts_with("builtins.object.__") {
            return Standing::Dangerous(Danger {
                capability: Capability::Code,
                does: "reaches into the interpreter",
                wide: false,
            });
        }
        let carried = CARRIED.contains(&part)
            && name.split('.').count() > index.saturating_add(1)
            && !CATALOGUE.entries.contains_key(&*name);
        if carried {
            let inner: Vec<&str> = name.split('.').skip(index).collect();
            if let Some(found @ Standing::Dangerous(_)) = CATALOGUE.find(&inner.join(".")) {
                return found;
            }
        }
    }
    match CATALOGUE.find(&name) {
        Some(found) => found,
        None if CATALOGUE.standard.contains(top) => Standing::Standard,
        None => Standing::Unknown,
    }
}

/// The name that Python 3 uses, without the marks of instances.
fn canonical(name: &str) -> String {
    let name = name.replace("()", "");
    let renamed = [
        ("__builtin__.", "builtins."),
        ("__builtins__.", "builtins."),
        ("copy_reg.", "copyreg."),
        ("_codecs.", "codecs."),
        ("_operator.", "operator."),
        ("_functools.", "functools."),
        ("_collections.", "collections."),
    ];
    for (old, new) in renamed {
        if let Some(rest) = name.strip_prefix(old) {
            return format!("{new}{rest}");
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dangerous(name: &str) -> bool {
        matches!(standing(name), Standing::Dangerous(danger) if danger.capability != Capability::Reach)
    }

    #[test]
    fn the_longest_entry_wins() {
        assert!(dangerous("os.system"));
        assert!(dangerous("torch.hub.load"));
        assert!(matches!(
            standing("torch._utils._rebuild_tensor_v2"),
            Standing::Safe
        ));
        assert!(matches!(standing("pathlib.Path"), Standing::Safe));
        assert!(dangerous("pathlib.Path().write_text"));
        assert!(dangerous("uuid._get_command_stdout"));
        assert!(matches!(standing("uuid.UUID"), Standing::Safe));
    }

    #[test]
    fn a_module_carried_by_another_and_introspection_are_seen() {
        assert!(dangerous("some_package.helpers.os.system"));
        assert!(dangerous("collections.OrderedDict.__init__.__globals__"));
        assert!(!dangerous("some_package.os_tools.Thing"));
    }

    #[test]
    fn every_line_of_the_catalogue_is_used() {
        let lines = include_str!("dangerous.tsv")
            .lines()
            .filter(|line| !line.starts_with('#'));
        for line in lines {
            let fields: Vec<&str> = line.split('\t').collect();
            assert_eq!(fields.len(), 3, "{line}");
            assert!(Capability::parse(fields[1]).is_some(), "{line}");
        }
    }
}

//! What is known about the names that pickles import: data beside this file, and how it is looked up.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use stance_core::table::BuildTableHasher;
use stance_inspect::pickle::python3_name;

mod words;

pub(super) use words::{
    acts, is_class, names_actor, reads_as_action, reads_as_command, reads_as_order,
    reads_as_rebuilder,
};
use words::{acts_on_files, is_exception};

/// What a dangerous name allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capability {
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
    /// Builds code of parts that the file holds, which is judged itself.
    Carry,
}

impl Capability {
    /// The word of the data.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Execute => "execute",
            Self::Code => "code",
            Self::Network => "network",
            Self::Write => "write",
            Self::Read => "read",
            Self::Load => "load",
            Self::Import => "import",
            Self::Reach => "reach",
            Self::Process => "process",
            Self::Carry => "carry",
        }
    }

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
            "carry" => Self::Carry,
            _ => return None,
        })
    }
}

/// Why a name is dangerous.
#[derive(Clone, Copy, Debug)]
pub struct Danger {
    /// What it does, by kind.
    pub capability: Capability,
    /// What it does, as the end of a sentence: `runs a program`.
    pub does: &'static str,
    /// Whether it stands for a whole package outside the standard library, in which harmless
    /// classes live as well.
    pub wide: bool,
}

/// What is known of a name.
#[derive(Clone, Copy, Debug)]
pub enum Standing {
    /// Honest pickles call and import it.
    Safe,
    /// No honest model needs it.
    Dangerous(Danger),
    /// Part of the standard library, but nothing that honest pickles need.
    Standard,
    /// No list names it.
    Unknown,
}

/// One line of the data.
#[derive(Clone, Copy, Debug)]
struct Entry {
    pattern: &'static str,
    standing: Standing,
}

/// How a name hangs together with the entry that was found for it.
enum Fit<'n> {
    /// It is the entry.
    Exact,
    /// It is this attribute of the entry.
    Attribute(&'n str),
    /// It is this path below the package of the entry.
    Below(&'n str),
}

/// Names of the data, and what stands behind them.
type Table<T> = HashMap<&'static str, T, BuildTableHasher>;

struct Catalogue {
    /// By name, by `name.*`.
    entries: Table<Entry>,
    /// By the name before the last part: the starts of last parts.
    stems: Table<Vec<(&'static str, Entry)>>,
    /// Dangerous when called, but honest files refer to them.
    references: HashSet<&'static str, BuildTableHasher>,
    standard: HashSet<&'static str, BuildTableHasher>,
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let lines = |text: &'static str| {
        text.lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
    };
    let mut catalogue = Catalogue {
        entries: Table::with_capacity_and_hasher(2048, BuildTableHasher::default()),
        stems: Table::with_capacity_and_hasher(64, BuildTableHasher::default()),
        references: HashSet::default(),
        standard: HashSet::with_capacity_and_hasher(512, BuildTableHasher::default()),
    };
    catalogue
        .standard
        .extend(lines(include_str!("standard_library.txt")));
    for name in lines(include_str!("safe.txt")) {
        match name.strip_prefix("& ") {
            Some(name) => {
                catalogue.references.insert(name);
            }
            None => catalogue.add(name, Standing::Safe),
        }
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
        let entry = Entry { pattern, standing };
        let key = pattern.strip_suffix('*').map(|stem| {
            // `name.**` takes the place of `name.*`.
            stem.strip_suffix('*').unwrap_or(stem)
        });
        match key {
            Some(stem) if !stem.ends_with('.') => {
                let (owner, start) = stem.rsplit_once('.').unwrap_or(("", stem));
                self.stems.entry(owner).or_default().push((start, entry));
            }
            // A package is kept by its name with the dot.
            Some(package) => {
                self.entries.insert(package, entry);
            }
            None => {
                self.entries.insert(pattern, entry);
            }
        }
    }

    /// The entry of the longest part of `name` that has one.
    fn find<'n>(&self, name: &'n str) -> Option<(Entry, Fit<'n>)> {
        if let Some(entry) = self.entries.get(name) {
            return Some((*entry, Fit::Exact));
        }
        let mut end = name.len();
        while let Some(dot) = name.get(..end).and_then(|rest| rest.rfind('.')) {
            let owner = name.get(..dot).unwrap_or_default();
            let package = name.get(..=dot).unwrap_or_default();
            let below = name.get(package.len()..).unwrap_or_default();
            if let Some(stems) = self.stems.get(owner) {
                let part = name.get(package.len()..end).unwrap_or_default();
                let hit = stems.iter().find(|(start, _)| part.starts_with(start));
                if let Some((_, entry)) = hit {
                    let fit = if end == name.len() {
                        Fit::Exact
                    } else {
                        Fit::Attribute(name.get(end.saturating_add(1)..).unwrap_or_default())
                    };
                    return Some((*entry, fit));
                }
            }
            if let Some(entry) = self.entries.get(package) {
                return Some((*entry, Fit::Below(below)));
            }
            if let Some(entry) = self.entries.get(owner) {
                return Some((*entry, Fit::Attribute(below)));
            }
            end = dot;
        }
        let package = format!("{name}.");
        let entry = self.entries.get(package.as_str())?;
        Some((*entry, Fit::Exact))
    }

    /// What an entry says about a name that fits it.
    fn weigh(&self, name: &str, entry: Entry, fit: &Fit<'_>) -> Standing {
        let Standing::Safe = entry.standing else {
            return entry.standing;
        };
        let last = name.rsplit('.').next().unwrap_or_default();
        let safe = match fit {
            Fit::Exact => true,
            // Arrays and tables write files as well.
            Fit::Attribute(path) => reads_as_rebuilder(last) || !path.split('.').any(acts_on_files),
            // Of a package the classes are meant, and the functions that put objects together.
            Fit::Below(path) => {
                is_class(last)
                    || reads_as_rebuilder(last)
                    || entry.pattern.ends_with("**") && !path.contains('.')
            }
        };
        if safe {
            Standing::Safe
        } else {
            self.unlisted(name)
        }
    }

    fn unlisted(&self, name: &str) -> Standing {
        let top = name.split('.').next().unwrap_or_default();
        if self.standard.contains(top) {
            Standing::Standard
        } else {
            Standing::Unknown
        }
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

/// Names by which modules import other packages.
const ALIASES: &[(&str, &str)] = &[
    ("np", "numpy"),
    ("pd", "pandas"),
    ("tf", "tensorflow"),
    ("plt", "matplotlib.pyplot"),
    ("mp", "multiprocessing"),
    ("pkl", "pickle"),
    ("_os", "os"),
    ("_sys", "sys"),
    ("_subprocess", "subprocess"),
    ("_socket", "socket"),
    ("_io", "io"),
];

/// What is known of a name, and why.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// What is known of it.
    pub standing: Standing,
    /// The line of the catalogue that says so, when one does.
    pub pattern: Option<&'static str>,
}

/// What is known of `name`, a dotted name as a pickle trace has it. `attribute` is the part behind
/// the module, where the stream tells: whatever a module imports can be reached through it.
pub fn known(name: &str, attribute: Option<&str>) -> Known {
    let whole = name.replace("()", "");
    let own = python3_name(&whole);
    let name = &*builder(&own);
    let danger = |does| Known {
        standing: Standing::Dangerous(Danger {
            capability: Capability::Code,
            does,
            wide: false,
        }),
        pattern: None,
    };
    let found = CATALOGUE.find(name);
    let listed = matches!(found, Some((_, Fit::Exact)));
    for (index, part) in name.split('.').enumerate().skip(1) {
        // `object` has these, and copyreg names some of them; its list of classes leads anywhere.
        let own = name.starts_with("builtins.object.__") && part != "__subclasses__";
        if INTROSPECTION.contains(&part) && !own {
            return danger("reaches into the interpreter");
        }
        if CARRIED.contains(&part) && !listed {
            let inner = name.splitn(index.saturating_add(1), '.').last();
            if let Some(inner) = inner.filter(|inner| inner.contains('.'))
                && let Some(known) = dangerous(inner)
            {
                return known;
            }
        }
    }
    // A module that another one imports is no class and no function of it.
    if let Some(module) = attribute.filter(|attribute| CARRIED.contains(attribute))
        && !listed
        && let Some(known) = dangerous(&format!("{module}.*"))
    {
        return known;
    }
    // Honest attributes of attributes are nested classes and methods of classes.
    let through = attribute.filter(|attribute| {
        attribute.contains('.') && !is_class(attribute.split('.').next().unwrap_or_default())
    });
    if let Some(attribute) = through {
        let (first, rest) = attribute.split_once('.').unwrap_or((attribute, ""));
        let module = ALIASES.iter().find(|(alias, _)| *alias == first);
        let inner = format!("{}.{rest}", module.map_or(first, |(_, module)| module));
        if let Some(known) = dangerous(&inner) {
            return known;
        }
    }
    let last = name.rsplit('.').next().unwrap_or_default();
    match found {
        // What is thrown is not called for what it does.
        _ if is_exception(last) => Known {
            standing: Standing::Safe,
            pattern: None,
        },
        Some((entry, fit)) => {
            let standing = match CATALOGUE.weigh(name, entry, &fit) {
                Standing::Safe if through.is_some() && !matches!(fit, Fit::Exact) => {
                    Standing::Unknown
                }
                standing => standing,
            };
            Known {
                standing,
                pattern: Some(entry.pattern),
            }
        }
        None => Known {
            standing: CATALOGUE.unlisted(name),
            pattern: None,
        },
    }
}

/// The name of a function of cloudpickle or dill without the package that carries a copy of it.
fn builder(name: &str) -> std::borrow::Cow<'_, str> {
    for module in ["cloudpickle_fast.", "cloudpickle."] {
        if let Some((owner, function)) = name.rsplit_once(module)
            && (owner.is_empty() || owner.ends_with('.'))
        {
            return format!("cloudpickle.cloudpickle.{function}").into();
        }
    }
    match name.strip_prefix("dill.dill.") {
        Some(function) => format!("dill._dill.{function}").into(),
        None => name.into(),
    }
}

/// What is known of `name` where nothing tells how it is reached.
pub fn standing(name: &str) -> Standing {
    known(name, None).standing
}

/// Why an organisation cannot allow a pattern: it would allow what does harm.
pub(super) fn too_wide(pattern: &str) -> Option<String> {
    let package = pattern.strip_suffix(".*");
    let name = package.unwrap_or(pattern);
    if name.is_empty() || name.contains('*') || name.starts_with('.') || name.ends_with('.') {
        return Some("it is neither a dotted name nor `package.*`".to_owned());
    }
    if !name.contains('.') && package.is_none() {
        return Some("it names a module, not what stands in it".to_owned());
    }
    let top = name.split('.').next().unwrap_or_default();
    if package.is_some() && CATALOGUE.standard.contains(top) {
        return Some(format!(
            "`{top}` belongs to the standard library: name what is meant"
        ));
    }
    if let Standing::Dangerous(danger) = known(name, None).standing
        && (!danger.wide || package.is_some())
    {
        return Some(format!("it {}", danger.does));
    }
    let below = format!("{name}.");
    let covered = CATALOGUE
        .entries
        .values()
        .find_map(|entry| match entry.standing {
            Standing::Dangerous(danger)
                if package.is_some()
                    && danger.capability != Capability::Reach
                    && entry.pattern.starts_with(&below) =>
            {
                Some((entry.pattern, danger))
            }
            _ => None,
        });
    covered.map(|(pattern, danger)| format!("it covers `{pattern}`, which {}", danger.does))
}

/// What is known of a name that is reached through another module, when it does harm.
fn dangerous(name: &str) -> Option<Known> {
    let (entry, _) = CATALOGUE.find(name)?;
    matches!(entry.standing, Standing::Dangerous(_)).then_some(Known {
        standing: entry.standing,
        pattern: Some(entry.pattern),
    })
}

/// Whether honest files refer to a name without calling it.
pub(super) fn is_common_reference(name: &str) -> bool {
    CATALOGUE.references.contains(name)
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
    fn a_safe_package_vouches_for_its_classes_only() {
        assert!(matches!(
            standing("torch.nn.modules.conv.Conv2d"),
            Standing::Safe
        ));
        assert!(matches!(
            standing("scipy.sparse.load_npz"),
            Standing::Unknown
        ));
        assert!(matches!(
            standing("numpy.ndarray().tofile"),
            Standing::Unknown
        ));
        assert!(matches!(
            standing("pandas.core.series.Series.to_pickle"),
            Standing::Unknown
        ));
        let through = known("torch.optim.sgd.torch.hub.load", Some("torch.hub.load"));
        assert!(matches!(through.standing, Standing::Dangerous(_)));
        let alias = known("torch.optim.sgd.np.memmap", Some("np.memmap"));
        assert!(matches!(alias.standing, Standing::Dangerous(_)));
    }

    #[test]
    fn exceptions_are_safe_wherever_they_come_from() {
        assert!(matches!(
            standing("subprocess.CalledProcessError"),
            Standing::Safe
        ));
        assert!(dangerous("subprocess.Popen"));
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

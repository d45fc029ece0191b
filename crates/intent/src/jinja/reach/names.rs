//! Names that lead out of a template.

/// Attributes that tell about a value and lead no further.
pub(super) const HARMLESS: &[&str] = &["__class__", "__name__", "__len__", "__str__", "__doc__"];

/// Attributes without underscores on both sides that lead to frames, code and globals.
pub(super) const OTHERS: &[&str] = &[
    "_TemplateReference__context",
    "_getframe",
    "_module",
    "ag_frame",
    "cr_frame",
    "f_back",
    "f_builtins",
    "f_globals",
    "f_locals",
    "func_code",
    "func_globals",
    "gi_code",
    "gi_frame",
    "tb_frame",
];

/// Filters whose arguments name attributes.
pub(super) const BY_ATTRIBUTE: &[&str] = &[
    "attr",
    "groupby",
    "map",
    "max",
    "min",
    "rejectattr",
    "selectattr",
    "sort",
    "sum",
    "unique",
];

/// Attributes whose name alone, as a text, says what it is for: it stands in a list, a dictionary or
/// the arguments of a macro.
pub(super) const INTERNALS: &[&str] = &[
    "__base__",
    "__bases__",
    "__builtins__",
    "__class__",
    "__code__",
    "__dict__",
    "__func__",
    "__getattribute__",
    "__globals__",
    "__import__",
    "__init__",
    "__loader__",
    "__module__",
    "__mro__",
    "__reduce__",
    "__self__",
    "__spec__",
    "__subclasses__",
];

/// The same without underscores, which are brought in another way.
pub(super) const CORES: &[&str] = &[
    "bases",
    "builtins",
    "class",
    "getattribute",
    "globals",
    "import",
    "init",
    "mro",
    "subclasses",
];

/// Functions of Python that no template has, and whoever calls them hopes for.
pub(super) const FUNCTIONS: &[&str] = &["compile", "eval", "exec", "open", "popen", "system"];

/// Methods that run programs or text, whatever object they are taken from.
pub(super) const METHODS: &[&str] = &[
    "Popen",
    "check_call",
    "check_output",
    "eval",
    "exec",
    "execv",
    "execve",
    "getoutput",
    "import_module",
    "load_module",
    "popen",
    "spawn",
    "system",
];

/// What web frameworks give their templates, and no conversation has.
pub(super) const WEB: &[&str] = &["current_app", "get_flashed_messages", "url_for"];

/// Parts of the `request` of a web framework.
pub(super) const OF_REQUEST: &[&str] = &[
    "application",
    "args",
    "cookies",
    "environ",
    "headers",
    "values",
];

/// Modules of Python that a template may try to import as if it were one.
pub(super) const MODULES: &[&str] = &[
    "builtins",
    "commands",
    "ctypes",
    "importlib",
    "os",
    "pathlib",
    "pickle",
    "platform",
    "posix",
    "pty",
    "shutil",
    "socket",
    "subprocess",
    "sys",
    "urllib",
];

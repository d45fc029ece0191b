//! What a name or a text alone gives away.

/// Words in the name of a function that acts on the world.
const ACTIONS: &[&str] = &[
    "exec",
    "execute",
    "eval",
    "evaluate",
    "system",
    "popen",
    "spawn",
    "shell",
    "sh",
    "bash",
    "command",
    "cmd",
    "subprocess",
    "process",
    "run",
    "runcode",
    "runner",
    "invoke",
    "launch",
    "compile",
    "import",
    "load",
    "loads",
    "loader",
    "loading",
    "open",
    "read",
    "write",
    "save",
    "dump",
    "download",
    "fetch",
    "request",
    "requests",
    "url",
    "urlopen",
    "connect",
    "connection",
    "client",
    "socket",
    "server",
    "send",
    "upload",
    "remove",
    "delete",
    "unlink",
    "rmtree",
    "copy",
    "copyfile",
    "move",
    "rename",
    "chmod",
    "mkdir",
    "install",
    "setup",
    "decode",
    "deserialize",
    "unpickle",
    "unserialize",
    "template",
    "render",
    "script",
    "source",
    "code",
    "hub",
    "pip",
    "inject",
    "hook",
    "patch",
    "library",
    "plugin",
    "get_data",
    "path",
    "file",
    "files",
    "http",
    "ftp",
    "ssh",
    "sql",
    "query",
    "kernel",
    "pretrained",
    "from",
    "call",
    "callback",
    "apply",
    "memmap",
    "mmap",
    "locate",
    "resolve",
    "register",
    "start",
    "main",
    "serve",
    "listen",
    "kill",
    "interact",
    "runstring",
    "runsource",
];

/// Whether the name of a function says that it acts on files, processes, code or the network.
pub(crate) fn reads_as_action(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    // Cython gives every class such a function.
    if last.starts_with("__pyx_unpickle_") {
        return false;
    }
    words(last).any(|word| ACTIONS.contains(&&*word))
}

/// Words of [`ACTIONS`] that say little on their own.
const WEAK: &[&str] = &[
    "from",
    "path",
    "file",
    "files",
    "query",
    "source",
    "code",
    "copy",
    "call",
    "callback",
    "apply",
    "decode",
    "process",
    "client",
    "connection",
    "library",
    "template",
    "url",
    "setup",
    "move",
    "kernel",
    "pretrained",
    "script",
    "hook",
    "patch",
    "server",
    "read",
];

/// Whether the name of a function says that it does something even without being told what with.
pub(crate) fn acts(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    words(last).any(|word| ACTIONS.contains(&&*word) && !WEAK.contains(&&*word))
}

/// Whether a part of a dotted name reads or writes files, as methods of arrays and tables do.
pub(crate) fn acts_on_files(part: &str) -> bool {
    part.starts_with("to_")
        || matches!(
            part,
            "tofile" | "fromfile" | "dumps" | "parse" | "sub" | "subn" | "map"
        )
        || words(part).any(|word| ACTIONS.contains(&&*word))
}

/// Whether a function puts an object together from its parts, as those do that pickles call.
pub(crate) fn reads_as_rebuilder(last: &str) -> bool {
    const WORDS: &[&str] = &[
        "unpickle",
        "reconstruct",
        "reconstructor",
        "rebuild",
        "restore",
        "recreate",
        "newobj",
        "ctor",
        "setstate",
    ];
    last.starts_with("_new_") || last == "newObj" || words(last).any(|word| WORDS.contains(&&*word))
}

/// Whether a class is an exception by its name.
pub(crate) fn is_exception(last: &str) -> bool {
    is_class(last)
        && ["Error", "Exception", "Warning"]
            .iter()
            .any(|end| last.ends_with(end))
}

/// Whether the last word in the name of a class says that making one acts: `Popen`, `ShellRunner`.
pub(crate) fn names_actor(name: &str) -> bool {
    const ACTORS: &[&str] = &[
        "popen",
        "shell",
        "command",
        "cmd",
        "runner",
        "executor",
        "execute",
        "exec",
        "eval",
        "interpreter",
        "downloader",
        "download",
        "client",
        "connection",
        "socket",
        "server",
        "session",
        "browser",
        "installer",
        "script",
        "subprocess",
        "spawn",
        "unpickler",
        "cdll",
        "dll",
        "transport",
        "request",
        "opener",
        "fetcher",
        "uploader",
        "terminal",
        "console",
        "repl",
        "compiler",
        "loader",
        "importer",
        "process",
        "job",
        "tunnel",
        "proxy",
        "daemon",
    ];
    let last = name.rsplit('.').next().unwrap_or_default();
    let last = last.to_lowercase();
    let word = words(name.rsplit('.').next().unwrap_or_default())
        .filter(|word| !word.is_empty())
        .last();
    word.is_some_and(|word| ACTORS.contains(&&*word))
        || ["popen", "cdll", "filehandler"]
            .iter()
            .any(|end| last.ends_with(end))
}

/// The words of `snake_case` and `CamelCase`, in lower case.
fn words(name: &str) -> impl Iterator<Item = String> {
    let mut spaced = String::new();
    let mut lower = false;
    for character in name.chars() {
        if character.is_uppercase() && lower {
            spaced.push('_');
        }
        lower = character.is_lowercase() || character.is_numeric();
        spaced.extend(character.to_lowercase());
    }
    spaced
        .split(|character: char| !character.is_alphanumeric())
        .map(str::to_owned)
        .collect::<Vec<_>>()
        .into_iter()
}

/// Whether the last part of a dotted name is written as classes are.
pub(crate) fn is_class(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    last.trim_start_matches('_')
        .starts_with(|first: char| first.is_uppercase())
}

/// Whether a printed argument holds a text that reads as a command, an address or a piece of code.
pub(crate) fn reads_as_command(argument: &str) -> bool {
    const PARTS: &[&str] = &[
        "://",
        "; ",
        "&&",
        "| ",
        "$(",
        "`",
        "import ",
        "__import__",
        "/bin/",
        "curl ",
        "wget ",
        "echo ",
        "print(",
        "eval(",
        "exec(",
        "open(",
        "os.system",
        "bash ",
        "sh -",
        "whoami",
        "powershell",
        "cmd.exe",
        "lambda ",
        "touch ",
        "rm -",
        "python -",
        "nc -",
    ];
    text_of(argument).is_some_and(|text| PARTS.iter().any(|part| text.contains(part)))
}

/// Whether a printed argument holds a text that reads as an order: a command, or a path.
pub(crate) fn reads_as_order(argument: &str) -> bool {
    const STARTS: &[&str] = &["/", ".", "~", "-", "C:", "\\\\"];
    const PARTS: &[&str] = &[
        "../", "__", "/etc", "/tmp", ".py", ".sh", ".exe", ".dll", ".so", ".pkl", ".pickle", ";",
        "id>", "<script", " = ", "()",
    ];
    reads_as_command(argument)
        || text_of(argument).is_some_and(|text| {
            STARTS.iter().any(|start| text.starts_with(start))
                || PARTS.iter().any(|part| text.contains(part))
        })
}

/// What stands behind the first quote of a printed argument; bytes that are no text have none.
fn text_of(argument: &str) -> Option<&str> {
    let (before, text) = argument.split_once('\'')?;
    let binary = before.ends_with('b') && text.contains("\\x");
    (!binary).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_into_words() {
        assert!(reads_as_action("pkg.runScript"));
        assert!(reads_as_action("pkg.load_model_from_path"));
        assert!(!reads_as_action("pkg._rebuild_tensor"));
        assert!(!reads_as_action("pkg.truncate"));
        assert!(!reads_as_action("pkg.__pyx_unpickle_Loader"));
    }

    #[test]
    fn orders_are_told_from_labels() {
        assert!(reads_as_order("'/tmp/x'"));
        assert!(reads_as_order("['curl http://a | sh']"));
        assert!(!reads_as_order("'MT19937'"));
        assert!(!reads_as_order("3"));
    }
}

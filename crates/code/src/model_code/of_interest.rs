//! Which calls are worth telling.

use stance_core::fact::{CarriedCode, Value};

use crate::python::Run;

/// Why a call is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A function that acts on the machine.
    Known,
    /// A function of a package that no list knows, called for its effect at import.
    Foreign,
}

/// Packages and modules whose calls are told whatever they are.
const MODULES: &[&str] = &[
    "_posixsubprocess",
    "_socket",
    "aiohttp",
    "asyncio.create_subprocess_exec",
    "asyncio.create_subprocess_shell",
    "asyncio.open_connection",
    "cffi",
    "code",
    "codeop",
    "commands",
    "ctypes",
    "dns",
    "ensurepip",
    "fabric",
    "ftplib",
    "http.client",
    "http.server",
    "httpx",
    "imaplib",
    "keyring",
    "marshal",
    "nt",
    "paramiko",
    "pexpect",
    "pip",
    "plumbum",
    "poplib",
    "posix",
    "pty",
    "pynput",
    "requests",
    "runpy",
    "sh",
    "smtplib",
    "socket",
    "socketserver",
    "subprocess",
    "telnetlib",
    "urllib.request",
    "urllib3",
    "websocket",
    "websockets",
    "winreg",
    "xmlrpc",
    "zmq",
];

/// Single functions.
const FUNCTIONS: &[&str] = &[
    "__import__",
    "builtins.compile",
    "builtins.eval",
    "builtins.exec",
    "builtins.open",
    "compile",
    "eval",
    "exec",
    "getpass.getpass",
    "io.open",
    "huggingface_hub.get_token",
    "huggingface_hub.HfFolder.get_token",
    "importlib.import_module",
    "importlib.util.spec_from_file_location",
    "open",
    "os.chmod",
    "os.environ.copy",
    "os.environ.items",
    "os.execl",
    "os.execle",
    "os.execlp",
    "os.execlpe",
    "os.execv",
    "os.execve",
    "os.execvp",
    "os.execvpe",
    "os.fork",
    "os.kill",
    "os.dup2",
    "os.open",
    "os.path.expanduser",
    "os.path.join",
    "os.popen",
    "os.posix_spawn",
    "os.posix_spawnp",
    "os.putenv",
    "os.remove",
    "os.removedirs",
    "os.rmdir",
    "os.setuid",
    "os.spawnl",
    "os.spawnle",
    "os.spawnlp",
    "os.spawnv",
    "os.spawnve",
    "os.spawnvp",
    "os.startfile",
    "os.symlink",
    "os.system",
    "os.unlink",
    "pathlib.Path",
    "pathlib.Path.write_text",
    "shutil.copy",
    "shutil.copyfile",
    "shutil.move",
    "shutil.rmtree",
    "types.CodeType",
    "types.FunctionType",
    "platform.popen",
    "pickle.loads",
    "dill.loads",
    "cloudpickle.loads",
    "timeit.timeit",
    "timeit.repeat",
    "cProfile.run",
    "profile.run",
    "pdb.run",
    "trace.Trace().run",
    "bdb.Bdb().run",
    "distutils.spawn.spawn",
    "setuptools.distutils.spawn.spawn",
    "numpy.distutils.exec_command.exec_command",
    "torch.hub.load",
    "zipimport.zipimporter",
];

/// Methods whose object is often not known.
const METHODS: &[&str] = &[
    "joinpath",
    "read_text",
    "read_bytes",
    "write_text",
    "write_bytes",
    "expanduser",
    "sendall",
    "connect",
];

/// Packages that code of models is made with: what they run is theirs, not the model's.
const COMMON: &[&str] = &[
    "abc",
    "accelerate",
    "argparse",
    "atexit",
    "auto_gptq",
    "bitsandbytes",
    "collections",
    "copy",
    "dataclasses",
    "datasets",
    "deepspeed",
    "diffusers",
    "einops",
    "enum",
    "evaluate",
    "faulthandler",
    "flash_attn",
    "flax",
    "functools",
    "gc",
    "inspect",
    "itertools",
    "jax",
    "json",
    "keras",
    "librosa",
    "locale",
    "logging",
    "loguru",
    "math",
    "mlx",
    "mmcv",
    "multiprocessing",
    "ninja",
    "nltk",
    "numba",
    "numpy",
    "onnx",
    "onnxruntime",
    "optimum",
    "os",
    "packaging",
    "pandas",
    "pathlib",
    "peft",
    "PIL",
    "pkg_resources",
    "random",
    "re",
    "regex",
    "safetensors",
    "scipy",
    "sentencepiece",
    "setuptools",
    "signal",
    "sklearn",
    "spacy",
    "sys",
    "tensorflow",
    "threading",
    "tiktoken",
    "time",
    "timm",
    "tokenizers",
    "torch",
    "torchaudio",
    "torchvision",
    "tqdm",
    "transformers",
    "triton",
    "trl",
    "typing",
    "unittest",
    "vllm",
    "sglang",
    "warnings",
    "weakref",
    "xformers",
    "cv2",
    "matplotlib",
    "absl",
    "rich",
    "importlib",
    "contextlib",
    "types",
    "operator",
    "string",
    "io",
    "shutil",
    "tempfile",
    "hashlib",
    "struct",
    "pytest",
    "lightning",
    "pytorch_lightning",
    "megatron",
    "apex",
    "fairscale",
    "fairseq",
    "detectron2",
    "mmengine",
    "super",
    "print",
    "setattr",
    "isinstance",
    "register",
    "huggingface_hub",
    "mlflow",
    "ray",
    "wandb",
    "torch_xla",
    "torch_npu",
    "intel_extension_for_pytorch",
    "gguf",
    "paddle",
    "mindspore",
    "tree",
    "dill",
    "cloudpickle",
    "codecs",
    "traceback",
    "uuid",
    "platform",
    "site",
    "sysconfig",
    "pickle",
    "csv",
    "gradio",
    "streamlit",
    "fire",
    "click",
    "dotenv",
    "nest_asyncio",
    "asyncio",
    "concurrent",
    "queue",
    "statistics",
];

/// Whether a call only puts a path together, and whether that leads to what is hidden or secret.
fn builds_a_path(run: &Run) -> Option<bool> {
    let callee = run.callee.trim_start_matches(['?', '.']);
    let last = callee.rsplit('.').next().unwrap_or_default();
    let builds = matches!(last, "joinpath" | "expanduser")
        || matches!(callee, "os.path.join" | "pathlib.Path");
    let telling = |text: &str| {
        let hidden = text
            .split(['/', '\\'])
            .any(|part| part.len() > 2 && part.starts_with('.') && !part.starts_with(".."));
        hidden
            || text.contains("id_rsa")
            || text.contains("id_ed25519")
            || text.starts_with("/etc/")
    };
    let texts = run.arguments.iter().filter_map(|(_, value)| value.text());
    builds.then(|| texts.into_iter().any(telling))
}

/// Whether a call opens what its path names, or evaluates its text: then it matters how these come about.
pub(super) fn opens(run: &Run) -> bool {
    let callee = run.callee.trim_start_matches("builtins.");
    let last = callee.rsplit('.').next().unwrap_or_default();
    matches!(
        last,
        "open"
            | "read_text"
            | "read_bytes"
            | "write_text"
            | "write_bytes"
            | "joinpath"
            | "expanduser"
    ) || matches!(
        callee,
        "eval"
            | "exec"
            | "compile"
            | "os.path.join"
            | "pathlib.Path"
            | "shutil.copy"
            | "shutil.copyfile"
    )
}

/// Whether a callee is a function that acts on the machine.
fn is_known(callee: &str) -> bool {
    let bare = callee.trim_start_matches("builtins.");
    let inside = |module: &&&str| {
        bare.strip_prefix(**module)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '(']))
    };
    if FUNCTIONS.contains(&bare) || FUNCTIONS.contains(&callee) {
        return true;
    }
    // Names taken from a dictionary of a module, so that a search does not find them.
    let hidden = ["__builtins__", "sys.modules.[]", ".__dict__."];
    if hidden.iter().any(|part| callee.contains(part)) || MODULES.iter().find(inside).is_some() {
        return true;
    }
    let last = bare.rsplit('.').next().unwrap_or_default();
    METHODS.contains(&last) && !bare.starts_with(['?', '.'])
}

/// Whether a call as Python would write it is told for itself: what it calls, or a function that it hands over.
pub(super) fn is_written(call: &str) -> bool {
    let dotted =
        |character: char| character.is_alphanumeric() || matches!(character, '.' | '_' | '[' | ']');
    CarriedCode::outside_texts(call).iter().any(|outside| {
        outside.split(|character| !dotted(character)).any(|name| {
            is_known(name)
                || LEADING.iter().any(|start| name.starts_with(start))
                || INNER.iter().any(|part| name.contains(part))
        })
    })
}

/// Whether a call is given a function that acts on the machine, to call it at another time.
fn hands_over(run: &Run) -> bool {
    let last = run.callee.rsplit('.').next().unwrap_or_default();
    let asks = matches!(
        last,
        "isinstance" | "issubclass" | "hasattr" | "callable" | "type"
    );
    let acts = |value: &Value| match value {
        Value::Name(name) => FUNCTIONS.contains(&&**name) || name.starts_with("subprocess."),
        _ => false,
    };
    !asks && run.arguments.iter().any(|(_, value)| acts(value))
}

/// Whether a call loads a native library.
pub(super) fn loads_a_library(run: &Run) -> bool {
    let last = run.callee.rsplit('.').next().unwrap_or_default();
    matches!(
        last,
        "CDLL" | "PyDLL" | "WinDLL" | "LoadLibrary" | "load_library"
    )
}

/// Starts of names that only byte code is judged by.
const LEADING: &[&str] = &[
    "Popen",
    "atexit.",
    "check_call",
    "check_output",
    "getattr",
    "getoutput",
    "getstatusoutput",
    "glob.",
    "importlib.",
    "multiprocessing.",
    "operator.",
    "os.dup2",
    "os.environ.__setitem__",
    "os.listdir",
    "os.walk",
    "popen",
    "setattr",
    "shutil.",
    "sys.meta_path",
    "sys.modules",
    "sys.path_hooks",
    "sys.setprofile",
    "sys.settrace",
    "system",
    "threading.Thread",
    "webbrowser.",
    "winreg.",
    "zipimport.",
];

/// Attributes that lead from any object into the interpreter.
const INNER: &[&str] = &[
    "__subclasses__",
    "__globals__",
    "__builtins__",
    "__code__",
    "__loader__",
    "f_globals",
    "f_builtins",
];

/// Why a call is of interest, if it is.
pub(super) fn kind(run: &Run) -> Option<Kind> {
    if builds_a_path(run) == Some(false) {
        return None;
    }
    let last = run.callee.rsplit('.').next().unwrap_or_default();
    let callee = run.callee.trim_start_matches("builtins.");
    // `(Path.home() / "x").open`, which is not `Image.open`.
    let unfollowed = last == "open" && callee.starts_with(['?', '.']);
    let method = METHODS.contains(&last) && opens(run);
    if is_known(&run.callee) || method || unfollowed || hands_over(run) {
        return Some(Kind::Known);
    }
    // For its effect alone, from an absolute package that is none of the common ones.
    let root = callee.split(['.', '(']).next().unwrap_or_default();
    let foreign = run.bare
        && run.function.is_none()
        && callee.contains('.')
        && !root.is_empty()
        && !callee.starts_with(['?', '.'])
        && !callee.contains("()")
        && !COMMON.contains(&root);
    foreign.then_some(Kind::Foreign)
}

use stance_core::fact::{Artifact, EmbeddedKind};
use stance_core::{Confidence, Severity};
use stance_inspect::zip;

use stance_intent::catalogue::{Standing, known};
use stance_intent::names::promises_harm;
use crate::{Cx, Rule};

rule! {
    /// # Keras model that imports code from outside of Keras
    ///
    /// ## What it finds
    /// An object in a Keras configuration whose class is to be imported from a module that is not part of
    /// Keras. A module of the Python library, or a function of Keras that switches off its safe mode, is
    /// critical: no model needs one. A class from another package is reported as low: custom layers are common.
    ///
    /// ## Why it matters
    /// The loader imports the module that the file names and calls the class with the arguments that the
    /// file gives. With `subprocess` as the module and `Popen` as the class, that is a command which the
    /// writer of the file chose; Keras up to 3.8 ran it even in safe mode.
    ///
    /// ## Example
    /// ```json
    /// {"module": "subprocess", "class_name": "Popen", "config": {"args": "id"}}
    /// ```
    ///
    /// ## Fix
    /// Do not load a file that names a module of the Python library. For a custom class, get the package it
    /// comes from its publisher, read the class, and pass it with `custom_objects`; better, rebuild the
    /// architecture in your own code and load only the weights.
    ///
    /// ## References
    /// - CVE-2025-1550: arbitrary import by `config.json`
    /// - CVE-2025-9906: safe mode switched off from inside a model
    /// - CVE-2025-49655: `TorchModuleWrapper` loads a pickle
    KerasForeignModule {
        id: "model/keras-foreign-module",
        severity: Critical,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-agentic-2026:ASI05",
            "mitre-atlas:AML.T0011.000",
            "mitre-atlas:AML.T0018.002",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.6.2.4",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::made!("model.keras", popen),
            crate::made!("unsafe.keras", unsafe_mode),
        ],
        good: [crate::made!("model.keras", own_activation)],
    }
}

impl Rule for KerasForeignModule {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(super::is_keras(artifact));
        let all = artifact.embedded.iter();
        for embedded in all.filter(|embedded| embedded.kind == EmbeddedKind::KerasForeignModule) {
            let (module, name) = embedded.name.rsplit_once('.').unwrap_or(("", &embedded.name));
            let draft = cx
                .report(
                    &embedded.evidence,
                    format!("Loading it imports and calls `{}`", embedded.name),
                )
                .note(&*embedded.detail)
                .exploits(match (module, name) {
                    (_, "TorchModuleWrapper") => "keras-torch-module",
                    (_, "enable_unsafe_deserialization") => "keras-unsafe-mode",
                    _ if is_of_the_framework(module) => "keras-function",
                    _ => "keras-module",
                });
            if !runs_anything(module, name) && !is_dangerous(&embedded.name) {
                draft
                    .severity(Severity::Low)
                    .confidence(Confidence::Medium)
                    .fix(format!(
                        "Make sure that the package `{}` is the one its publisher meant",
                        module.split('.').next().unwrap_or(module)
                    ));
            }
        }
    }
}

/// Whether the catalogue of pickles knows that calling this harms, or its name says so.
fn is_dangerous(name: &str) -> bool {
    match known(name, None).standing {
        Standing::Dangerous(danger) => !danger.wide,
        Standing::Standard => true,
        Standing::Safe | Standing::Unknown => promises_harm(name).is_some(),
    }
}

/// Whether it is a function of Keras or TensorFlow; the parser names only those that do harm.
fn is_of_the_framework(module: &str) -> bool {
    let package = module.split('.').next().unwrap_or(module);
    package.starts_with("keras") || matches!(package, "tf" | "tf_keras" | "tensorflow")
}

/// Whether calling this with arguments of the file's choice can do anything on the machine.
pub(super) fn runs_anything(module: &str, name: &str) -> bool {
    const LIBRARY: &[&str] = &[
        "_posixsubprocess", "asyncio", "bdb", "cProfile", "code", "codeop", "commands", "concurrent",
        "ctypes", "distutils", "doctest", "ensurepip", "fileinput", "ftplib", "functools", "glob", "http",
        "idlelib", "imaplib", "importlib", "inspect", "io", "linecache", "logging", "marshal",
        "multiprocessing", "nt", "operator", "os", "pathlib", "pdb", "pickle", "pip", "pipes", "pkgutil",
        "platform", "poplib", "posix", "posixpath", "profile", "pty", "pydoc", "requests", "runpy", "setuptools",
        "shelve", "shlex", "shutil", "signal", "smtplib", "socket", "sqlite3", "ssl", "subprocess", "sys",
        "tarfile", "telnetlib", "tempfile", "test", "threading", "timeit", "trace", "types", "urllib", "uuid",
        "venv", "webbrowser", "xmlrpc", "zipfile", "zipimport", "joblib", "dill", "cloudpickle", "torch",
    ];
    const BUILTINS: &[&str] = &[
        "__import__", "breakpoint", "compile", "delattr", "eval", "exec", "getattr", "globals", "input",
        "open", "setattr", "vars",
    ];
    match module.split('.').next().unwrap_or(module) {
        "builtins" | "__builtin__" => BUILTINS.contains(&name),
        _ if is_of_the_framework(module) => true,
        // Named by its class alone.
        "" => name == "TorchModuleWrapper",
        package => LIBRARY.contains(&package),
    }
}

fn keras(config: &str) -> Vec<u8> {
    zip::assemble::zip(&[
        zip::assemble::part("metadata.json", "{}"),
        zip::assemble::part("config.json", config),
    ])
}

fn popen() -> Vec<u8> {
    keras(r#"{"module": "subprocess", "class_name": "Popen", "config": {"args": "id"}}"#)
}

fn unsafe_mode() -> Vec<u8> {
    keras(
        r#"{"module": "keras.config", "class_name": "function", "config": "enable_unsafe_deserialization"}"#,
    )
}

fn own_activation() -> Vec<u8> {
    keras(
        r#"{"module": "keras", "class_name": "Sequential", "config": {"layers": [{"module": "keras.layers",
            "class_name": "Activation", "config": {"activation": {"module": "keras.activations",
            "class_name": "function", "config": "gelu", "registered_name": "gelu"}}}]}}"#,
    )
}

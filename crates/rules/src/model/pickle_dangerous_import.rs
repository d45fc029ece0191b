use stance_core::fact::Artifact;
use stance_inspect::pickle::assemble::Pickle;

use stance_intent::verdict::Kind;
use crate::{Cx, Rule};

rule! {
    /// # Pickle that imports something dangerous
    ///
    /// ## What it finds
    /// A pickle stream that puts something dangerous within reach without a call that is certain to do
    /// harm: it imports `os.system` and hands it on, makes an object of `subprocess.Popen` without
    /// running it, imports a name that is put together while it loads, calls a callable that cannot be
    /// told from the file (an entry of the extension registry, the result of an unknown function), or
    /// changes a module or class that the whole process shares.
    ///
    /// ## Why it matters
    /// No honest model needs these names. A function stored as a "metric", "loss" or callback runs when
    /// the program around the model calls it; a changed class or module does its work at the next
    /// ordinary import. The stream may also be built so that scanners lose track of the call, which is
    /// why an import alone counts.
    ///
    /// ## Example
    /// ```text
    /// (dS'metric'
    /// cposix
    /// system
    /// s.
    /// ```
    /// Loading gives `{'metric': posix.system}`, and the evaluation loop calls it.
    ///
    /// ## Fix
    /// Do not load the file until somebody has explained the import. Ask the publisher for the weights in a
    /// format that holds no code, such as safetensors; load PyTorch checkpoints with `weights_only=True`,
    /// which refuses all such names.
    ///
    /// ## References
    /// - Python documentation, module `pickle`: restricting globals
    /// - MITRE ATLAS AML.T0011.000, Unsafe AI Artifacts
    PickleDangerousImport {
        id: "model/pickle-dangerous-import",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-agentic-2026:ASI04",
            "mitre-atlas:AML.T0011.000",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.6.2.4",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::made!("folded.pkl", || {
                // What is folded with a function that reaches further.
                Pickle::protocol(4)
                    .stack_global("functools", "reduce")
                    .stack_global("builtins", "getattr")
                    .raw(b"](")
                    .stack_global("posixpath", "os")
                    .text("system")
                    .raw(b"e")
                    .tuple_of(2)
                    .reduce()
                    .stop()
            }),
            crate::made!("made.pkl", || {
                // An object made by a function instead of its opcode.
                Pickle::protocol(4)
                    .stack_global("copyreg", "__newobj__")
                    .stack_global("numpy", "memmap")
                    .text("x")
                    .tuple_of(2)
                    .reduce()
                    .stop()
            }),
            crate::text!("metric.pkl", "(dS'metric'\ncposix\nsystem\ns."),
            crate::made!("process.pkl", || {
                Pickle::protocol(4)
                    .stack_global("subprocess", "Popen")
                    .text("id")
                    .tuple_of(1)
                    .new_object()
                    .stop()
            }),
            crate::made!("patched.pkl", || {
                Pickle::protocol(4)
                    .stack_global("torch", "_utils")
                    .raw(b"}")
                    .text("_rebuild_tensor_v2")
                    .stack_global("builtins", "print")
                    .raw(b"s")
                    .build()
                    .stop()
            }),
        ],
        good: [
            crate::made!("union.pkl", || {
                // `int | None`, as Python pickles it, and a method of a regular expression.
                Pickle::protocol(4)
                    .stack_global("functools", "reduce")
                    .stack_global("_operator", "or_")
                    .stack_global("builtins", "int")
                    .stack_global("builtins", "float")
                    .tuple_of(2)
                    .tuple_of(2)
                    .reduce()
                    .stack_global("builtins", "getattr")
                    .stack_global("re", "_compile")
                    .text(r"[a-z]+;?|\$(x)")
                    .int(32)
                    .tuple_of(2)
                    .reduce()
                    .text("findall")
                    .tuple_of(2)
                    .reduce()
                    .tuple_of(2)
                    .stop()
            }),
            crate::made!("settings.pkl", || {
                Pickle::protocol(4).stack_global("configparser", "ConfigParser").raw(b")").new_object().stop()
            }),
            crate::made!("function.pkl", || {
                // A transformer of scikit-learn that holds a function of NumPy.
                Pickle::protocol(4)
                    .stack_global("sklearn.preprocessing._function_transformer", "FunctionTransformer")
                    .raw(b")")
                    .new_object()
                    .raw(b"}")
                    .text("func")
                    .stack_global("numpy", "log1p")
                    .raw(b"s")
                    .build()
                    .stop()
            }),
            crate::made!("estimator.pkl", super::pickle_exec::estimator),
        ],
    }
}

impl Rule for PickleDangerousImport {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(!artifact.pickles.is_empty());
        super::report(artifact, Kind::Import, cx);
    }
}

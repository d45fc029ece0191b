use stance_core::fact::{CodeCall, Value};
use stance_core::Severity;
use crate::calls::severity_at;

use crate::{Cx, Rule};

rule! {
    /// # Debug switch that prints prompts and keys
    ///
    /// ## What it finds
    /// Switches of libraries that print every request to a model: `litellm._turn_on_debug()`, `litellm.set_verbose =
    /// True`, LangChain's `set_debug(True)`, `OPENAI_LOG` or `ANTHROPIC_LOG` set to `debug` in code. Tests and examples
    /// are low.
    ///
    /// ## Why it matters
    /// Prompts, answers, headers and with LiteLLM at times keys then stand in the output of the program, and wherever
    /// that is collected.
    ///
    /// ## Example
    /// ```python
    /// litellm._turn_on_debug()
    /// ```
    ///
    /// ## Fix
    /// Remove the line, or make it depend on a variable that is not set where the program runs for users.
    ///
    /// ## References
    /// - LiteLLM documentation, debugging
    /// - CWE-532: Insertion of Sensitive Information into Log File
    DebugPrintsPrompts {
        id: "code/debug-prints-prompts",
        severity: Low,
        stage: Operate,
        controls: [
            "owasp-llm-2025:LLM02",
            "owasp-llm-2026:LLM02",
            "mitre-atlas:AML.T0057",
            "gdpr:Art. 5",
            "iso-42001-2023:A.6.2.8",
        ],
        bad: [
            crate::text!("a.py", "import litellm\nlitellm._turn_on_debug()\n"),
            crate::text!("a.py", "import litellm\nlitellm.set_verbose = True\n"),
            crate::text!("a.py", "from langchain.globals import set_debug\nset_debug(True)\n"),
            crate::text!("a.py", "import os\nos.environ['OPENAI_LOG'] = 'debug'\n"),
        ],
        good: [
            crate::text!("a.py", "import litellm\nlitellm.set_verbose = False\n"),
            crate::text!("a.py", "from langchain.globals import set_debug\nset_debug(False)\n"),
            crate::text!("a.py", "import os\nos.environ['OPENAI_LOG'] = 'info'\n"),
        ],
    }
}

impl Rule for DebugPrintsPrompts {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "litellm._turn_on_debug",
            "litellm.set_verbose.__set__",
            "langchain.globals.set_debug",
            "langchain_core.globals.set_debug",
            "langchain.debug.__set__",
            "os.environ.__setitem__",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let Some(what) = seen(call) else { return };
        let severity = severity_at(&call.evidence, Severity::Low);
        cx.report(&call.evidence, what).severity(severity);
    }
}

fn seen(call: &CodeCall) -> Option<String> {
    let on = call.positional(0).and_then(Value::boolean) == Some(true);
    let what = match call.callee.as_str() {
        "litellm._turn_on_debug" => "litellm._turn_on_debug",
        "litellm.set_verbose.__set__" if on => "litellm.set_verbose",
        "langchain.debug.__set__" if on => "langchain.debug",
        "langchain.globals.set_debug" | "langchain_core.globals.set_debug" if on => "set_debug",
        "os.environ.__setitem__" => {
            let name = call.positional(0).and_then(Value::text)?;
            let value = call.positional(1).and_then(Value::text)?;
            if !matches!(name, "OPENAI_LOG" | "ANTHROPIC_LOG") || value != "debug" {
                return None;
            }
            name
        }
        _ => return None,
    };
    Some(format!("`{what}` prints what goes to the model and comes back"))
}

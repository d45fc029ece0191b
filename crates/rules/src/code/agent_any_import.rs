use stance_core::fact::{CodeCall, Value};
use stance_core::Severity;
use crate::calls::severity_at;

use crate::{Cx, Rule};

rule! {
    /// # Code agent that may import anything
    ///
    /// ## What it finds
    /// A `CodeAgent` of smolagents, or its executor, with `additional_authorized_imports` that hold `*`, `os`,
    /// `subprocess`, `sys`, `socket` or `shutil`, while code runs in this process.
    ///
    /// ## Why it matters
    /// The list of imports is the only thing between the code that the model writes and the machine. With `*` or `os`
    /// on it there is none.
    ///
    /// ## Example
    /// ```python
    /// agent = CodeAgent(tools=[], model=model, additional_authorized_imports=["*"])
    /// ```
    ///
    /// ## Fix
    /// List the few modules that the task needs, and run the code elsewhere: `executor_type="docker"` or `"e2b"`.
    ///
    /// ## References
    /// - smolagents documentation, secure code execution
    AgentAnyImport {
        id: "code/agent-any-import",
        severity: High,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM06",
            "owasp-llm-2026:LLM03",
            "owasp-agentic-2026:ASI02",
            "mitre-atlas:AML.T0053",
            "eu-ai-act:Art. 14",
            "owasp-agentic-2026:ASI05",
        ],
        bad: [
            crate::text!("a.py", "from smolagents import CodeAgent\na = CodeAgent(tools=[], model=m, additional_authorized_imports=['*'])\n"),
        ],
        good: [
            crate::text!("a.py", "from smolagents import CodeAgent\na = CodeAgent(tools=[], model=m, additional_authorized_imports=['numpy', 'pandas'])\n"),
            crate::text!("a.py", "from smolagents import CodeAgent\na = CodeAgent(tools=[], model=m, additional_authorized_imports=['*'], executor_type='docker')\n"),
        ],
    }
}

impl Rule for AgentAnyImport {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "smolagents.CodeAgent",
            "smolagents.LocalPythonExecutor",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let Some(what) = seen(call) else { return };
        let severity = severity_at(&call.evidence, Severity::High);
        cx.report(&call.evidence, what).severity(severity);
    }
}

fn seen(call: &CodeCall) -> Option<String> {
    if call.keyword("executor_type").and_then(Value::text).is_some_and(|kind| kind != "local") {
        return None;
    }
    let Value::List(all) = call.keyword("additional_authorized_imports")? else { return None };
    let name = all.iter().filter_map(Value::text).find(|name| {
        matches!(*name, "*" | "os" | "subprocess" | "sys" | "socket" | "shutil" | "os.*" | "posix" | "pty")
    })?;
    Some(format!("code of the model may import `{name}` in this process"))
}

use stance_core::fact::{CodeCall, Value};
use stance_core::{Confidence, Severity};

use crate::calls::{is_on, last, severity_at};
use crate::{Cx, Rule};

rule! {
    /// # Agent that runs code or shell commands on the host
    ///
    /// ## What it finds
    /// Tools and executors that let an agent run commands or code in the program's own process or
    /// on its machine: LangChain's `ShellTool`, `PythonREPLTool` and `PythonAstREPLTool`, agents
    /// made with `allow_dangerous_code=True`, AutoGen's `LocalCommandLineCodeExecutor` and
    /// `use_docker: False`, CrewAI's `code_execution_mode="unsafe"` and
    /// `CodeInterpreterTool(unsafe_mode=True)`, the OpenAI Agents SDK's `LocalShellTool`, Agno's
    /// `ShellTools` and `PythonTools`, smolagents' `CodeAgent` with its local executor, Open
    /// Interpreter with `auto_run`.
    ///
    /// ## Why it matters
    /// The agent decides what to run from text that others write. One injected instruction in a
    /// page, ticket or document is then one command on the host, with its files, credentials and
    /// network. Executors in the same process that filter what is called are no boundary; their
    /// authors say so. smolagents' local executor is of medium severity, because it interprets a
    /// restricted Python rather than running it.
    ///
    /// ## Example
    /// ```python
    /// agent = create_agent(model, tools=[ShellTool()])
    /// ```
    ///
    /// ## Fix
    /// Run the agent's code in a container or microVM without credentials and with network only
    /// where the task needs it (a Docker, E2B or Modal executor). Where commands on the host are
    /// the purpose, offer a tool for each allowed command and ask a person before each run.
    ///
    /// ## References
    /// - smolagents documentation, secure code execution
    /// - LangChain documentation, security policy
    /// - CWE-78: Improper Neutralization of Special Elements used in an OS Command
    AgentCodeExecution {
        id: "code/agent-code-execution",
        severity: High,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM06",
            "owasp-llm-2026:LLM03",
            "owasp-agentic-2026:ASI05",
            "owasp-agentic-2026:ASI02",
            "mitre-atlas:AML.T0053",
            "mitre-atlas:AML.T0050",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "eu-ai-act:Art. 14",
        ],
        bad: [
            crate::text!("a.py", "from langchain_community.tools import ShellTool\ntools = [ShellTool()]\n"),
            crate::text!("a.py", "from langchain_experimental.agents import create_pandas_dataframe_agent as make\nagent = make(llm, frame, allow_dangerous_code=True)\n"),
            crate::text!("a.py", "from autogen import UserProxyAgent\nuser = UserProxyAgent('user', code_execution_config={'work_dir': 'w', 'use_docker': False})\n"),
            crate::text!("a.py", "from smolagents import CodeAgent\nagent = CodeAgent(tools=[], model=model)\n"),
            crate::text!("a.py", "from interpreter import interpreter\ninterpreter.auto_run = True\n"),
        ],
        good: [
            crate::text!("a.py", "from smolagents import CodeAgent\nagent = CodeAgent(tools=[], model=model, executor_type='docker')\n"),
            crate::text!("a.py", "from autogen import UserProxyAgent\nuser = UserProxyAgent('user', code_execution_config={'use_docker': True})\n"),
            crate::text!("a.py", "from ours import ShellTool\ntools = [ShellTool()]\n"),
            crate::text!("a.py", "from langchain_experimental.agents import create_csv_agent\nagent = create_csv_agent(llm, 'x.csv', allow_dangerous_code=False)\n"),
            crate::text!("a.py", "from langchain_community.tools import ShellTool\ndef f(tool: ShellTool):\n    tool.run('ls')\n"),
        ],
    }
}

impl Rule for AgentCodeExecution {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "*.ShellTool",
            "*.PythonREPLTool",
            "*.PythonAstREPLTool",
            "*.LocalCommandLineCodeExecutor",
            "*.create_pandas_dataframe_agent(allow_dangerous_code)",
            "*.create_csv_agent(allow_dangerous_code)",
            "*.create_spark_dataframe_agent(allow_dangerous_code)",
            "*.create_python_agent(allow_dangerous_code)",
            "autogen.UserProxyAgent(code_execution_config)",
            "autogen.AssistantAgent(code_execution_config)",
            "autogen.ConversableAgent(code_execution_config)",
            "ag2.UserProxyAgent(code_execution_config)",
            "ag2.ConversableAgent(code_execution_config)",
            "crewai.Agent",
            "crewai_tools.CodeInterpreterTool",
            "agents.LocalShellTool",
            "agno.tools.shell.ShellTools",
            "agno.tools.python.PythonTools",
            "smolagents.CodeAgent",
            "interpreter.auto_run.__set__",
            "interpreter.interpreter.auto_run.__set__",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let Some((what, severity)) = verdict(call) else {
            return;
        };
        let severity = severity_at(&call.evidence, severity);
        cx.report(&call.evidence, what)
            .severity(severity)
            .confidence(if call.open_ended { Confidence::Medium } else { Confidence::High });
    }
}

fn verdict(call: &CodeCall) -> Option<(String, Severity)> {
    let callee = call.callee.as_str();
    let name = last(callee);
    let from = |roots: &[&str]| roots.iter().any(|root| callee.starts_with(root));
    let high = |what: String| Some((what, Severity::High));
    match name {
        "ShellTool" if from(&["langchain"]) => high("`ShellTool` gives the agent a shell on the host".to_owned()),
        "PythonREPLTool" | "PythonAstREPLTool" if from(&["langchain"]) => {
            high(format!("`{name}` runs Python of the agent in this process"))
        }
        "LocalCommandLineCodeExecutor" if from(&["autogen", "ag2"]) => {
            high("`LocalCommandLineCodeExecutor` runs code of the agent on the host".to_owned())
        }
        "create_pandas_dataframe_agent" | "create_csv_agent" | "create_spark_dataframe_agent"
        | "create_python_agent"
            if from(&["langchain"]) && is_on(call, "allow_dangerous_code") =>
        {
            high(format!("`{name}` with `allow_dangerous_code=True` runs Python of the agent in this process"))
        }
        "UserProxyAgent" | "AssistantAgent" | "ConversableAgent" => {
            let Some(Value::Map(config)) = call.keyword("code_execution_config") else {
                return None;
            };
            (config.get("use_docker").and_then(Value::boolean) == Some(false))
                .then(|| (format!("`{name}` runs code of the agent on the host: `use_docker` is off"), Severity::High))
        }
        "Agent" if callee == "crewai.Agent" => {
            let mode = call.keyword("code_execution_mode").and_then(Value::text);
            (mode == Some("unsafe") && is_on(call, "allow_code_execution"))
                .then(|| ("`crewai.Agent` runs code of the agent on the host: the mode is `unsafe`".to_owned(), Severity::High))
        }
        "CodeInterpreterTool" => is_on(call, "unsafe_mode")
            .then(|| ("`CodeInterpreterTool` runs code of the agent on the host: `unsafe_mode` is on".to_owned(), Severity::High)),
        "LocalShellTool" => high("`LocalShellTool` gives the agent a shell on the host".to_owned()),
        "ShellTools" => high("`ShellTools` gives the agent a shell on the host".to_owned()),
        "PythonTools" => high("`PythonTools` runs Python of the agent in this process".to_owned()),
        "CodeAgent" => match call.keyword("executor_type").or_else(|| call.keyword("executor")) {
            Some(Value::Text { text, .. }) if text == "local" => Some(local_executor()),
            None if !call.open_ended => Some(local_executor()),
            _ => None,
        },
        "__set__" => (call.positional(0).and_then(Value::boolean) == Some(true))
            .then(|| ("Open Interpreter runs code without asking: `auto_run` is on".to_owned(), Severity::High)),
        _ => None,
    }
}

fn local_executor() -> (String, Severity) {
    (
        "`CodeAgent` runs its code in this process: the executor is the local one".to_owned(),
        Severity::Medium,
    )
}

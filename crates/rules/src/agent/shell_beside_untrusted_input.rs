use stance_core::{Confidence, Severity, Snapshot};

use crate::calls::severity_at;
use crate::capability::{Capability, agents};
use crate::{Cx, Rule};

rule! {
    /// # Agent that runs commands or writes files and reads strangers' text
    ///
    /// ## What it finds
    /// One agent, or one client with its MCP servers, that has a tool which runs commands or code, or writes files, beside a tool
    /// that reads what strangers write: web pages, search results, mail. It goes by the names of tools and by well-known
    /// servers; a tool whose name does not tell what it does counts for nothing.
    ///
    /// ## Why it matters
    /// Text that the agent reads can tell it what to run or where to write. A page found by a search is then enough to run a
    /// command with the rights of the process, or to change code, settings and start-up files.
    ///
    /// ## Example
    /// ```python
    /// Agent(name="researcher", tools=[web_search, run_shell])
    /// ```
    ///
    /// ## Fix
    /// Run commands in a sandbox without network and credentials, write only below one directory, have a person confirm, or give
    /// reading and acting to two agents.
    ///
    /// ## References
    /// - OWASP Top 10 for Agentic Applications, Unexpected Code Execution
    /// - MITRE ATLAS AML.T0050, Command and Scripting Interpreter
    ShellBesideUntrustedInput {
        id: "agent/shell-beside-untrusted-input",
        severity: Medium,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM06",
            "owasp-llm-2026:LLM03",
            "owasp-agentic-2026:ASI02",
            "owasp-agentic-2026:ASI05",
            "mitre-atlas:AML.T0050",
            "mitre-atlas:AML.T0051.001",
        ],
        bad: [
            crate::text!("app.py", "from agents import Agent, function_tool, WebSearchTool\n@function_tool\ndef run_shell(command: str): ...\nagent = Agent(name='researcher', tools=[WebSearchTool(), run_shell])\n"),
            crate::text!("app.py", "from agents import Agent, function_tool\n@function_tool\ndef write_file(path: str, text: str): ...\n@function_tool\ndef fetch_url(url: str): ...\nagent = Agent(name='writer', tools=[fetch_url, write_file])\n"),
        ],
        good: [
            crate::text!("app.py", "from agents import Agent, function_tool\n@function_tool\ndef run_shell(command: str): ...\nagent = Agent(name='operator', tools=[run_shell])\n"),
            crate::text!("app.py", "from agents import Agent, function_tool, WebSearchTool\n@function_tool\ndef run_tests(name: str): ...\nagent = Agent(name='researcher', tools=[WebSearchTool(), run_tests])\n"),
        ],
    }
}

impl Rule for ShellBesideUntrustedInput {
    fn graph(&self, snapshot: &Snapshot, cx: &mut Cx<'_>) {
        for agent in agents(snapshot) {
            cx.judges(1);
            let Some(untrusted) = agent.tool(Capability::Untrusted) else {
                continue;
            };
            let (tool, what, severity) = match (agent.tool(Capability::Shell), agent.tool(Capability::Write)) {
                (Some(tool), _) => (tool, "runs commands", Severity::Medium),
                (None, Some(tool)) => (tool, "writes files", Severity::Low),
                (None, None) => continue,
            };
            let severity = severity_at(agent.evidence, severity);
            let message = format!("{} {what} (`{}`) and reads strangers' text (`{}`)", agent.name, tool.0, untrusted.0);
            let mut draft = cx
                .report_about(agent.id.clone(), agent.evidence, message)
                .severity(severity)
                .confidence(Confidence::Medium);
            for place in [tool.1, untrusted.1].into_iter().flatten() {
                if place != agent.evidence {
                    draft = draft.also(place);
                }
            }
        }
    }
}

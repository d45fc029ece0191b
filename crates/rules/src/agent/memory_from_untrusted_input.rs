use stance_core::{Confidence, Severity, Snapshot};

use crate::calls::severity_at;
use crate::capability::{Capability, agents};
use crate::{Cx, Rule};

rule! {
    /// # Agent that remembers and reads strangers' text
    ///
    /// ## What it finds
    /// One agent, or one client with its MCP servers, that has a tool which writes what later conversations read (`save_memory`, a
    /// memory server) beside a tool that reads what strangers write: web pages, search results, mail. It goes by the names of
    /// tools and by well-known servers. The history of one conversation is no such memory.
    ///
    /// ## Why it matters
    /// A page can tell the agent to remember something: an address to send to, a rule to follow, a fact that is false. It works
    /// in every later conversation, long after the page is gone, and for other users where they share the memory.
    ///
    /// ## Example
    /// ```python
    /// Agent(name="assistant", tools=[web_search, save_memory])
    /// ```
    ///
    /// ## Fix
    /// Keep with each memory where it came from and let nothing in that came from outside without a person, keep the memories of
    /// users apart, and give them an end.
    ///
    /// ## References
    /// - OWASP Top 10 for Agentic Applications, Memory and Context Poisoning
    /// - MITRE ATLAS AML.T0080, AI Agent Context Poisoning
    MemoryFromUntrustedInput {
        id: "agent/memory-from-untrusted-input",
        severity: Low,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM04",
            "owasp-agentic-2026:ASI06",
            "owasp-agentic-2026:ASI01",
            "mitre-atlas:AML.T0080.000",
        ],
        bad: [
            crate::text!("app.py", "from agents import Agent, function_tool, WebSearchTool\n@function_tool\ndef save_memory(text: str): ...\nagent = Agent(name='assistant', tools=[WebSearchTool(), save_memory])\n"),
            crate::text!(".mcp.json", r#"{"mcpServers": {"memory": {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-memory@2025.8.4"]}, "search": {"command": "npx", "args": ["-y", "tavily-mcp@0.2.9"]}}}"#),
        ],
        good: [
            crate::text!("app.py", "from agents import Agent, function_tool\n@function_tool\ndef save_memory(text: str): ...\nagent = Agent(name='assistant', tools=[save_memory])\n"),
            crate::text!("app.py", "from agents import Agent, SQLiteSession, WebSearchTool\nagent = Agent(name='assistant', tools=[WebSearchTool()])\nsession = SQLiteSession('x')\n"),
        ],
    }
}

impl Rule for MemoryFromUntrustedInput {
    fn graph(&self, snapshot: &Snapshot, cx: &mut Cx<'_>) {
        for agent in agents(snapshot) {
            cx.judges(1);
            let (Some(memory), Some(untrusted)) = (agent.tool(Capability::Memory), agent.tool(Capability::Untrusted)) else {
                continue;
            };
            let severity = severity_at(agent.evidence, Severity::Low);
            let message = format!("{} remembers (`{}`) and reads strangers' text (`{}`)", agent.name, memory.0, untrusted.0);
            cx.report_about(agent.id.clone(), agent.evidence, message)
                .severity(severity)
                .confidence(Confidence::Medium);
        }
    }
}

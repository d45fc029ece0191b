use stance_core::{Confidence, Severity, Snapshot};

use crate::calls::severity_at;
use crate::capability::{Capability, agents};
use crate::{Cx, Rule};

rule! {
    /// # Agent that reads private data and strangers' text and can send data out
    ///
    /// ## What it finds
    /// One agent, or one client with its MCP servers, whose tools together do three things: read data of the user or the
    /// organisation (mail, files, a database), read text that strangers write (web pages, mail, issues), and send something to
    /// others (mail, messages, a request to any address). It goes by the names of tools and by well-known servers; a tool whose
    /// name does not tell what it does counts for nothing.
    ///
    /// ## Why it matters
    /// With all three, one sentence in a web page or a mail is enough to have the agent fetch what is private and send it
    /// away. No filter of prompts stops that reliably; taking away one of the three does.
    ///
    /// ## Example
    /// ```python
    /// Agent(name="assistant", tools=[read_email, web_search, send_email])
    /// ```
    ///
    /// ## Fix
    /// Take one of the three away: let a second agent without private data read what strangers wrote, restrict where data can be
    /// sent to a list, or have a person confirm every call that sends.
    ///
    /// ## References
    /// - Simon Willison, The lethal trifecta for AI agents
    /// - OWASP Top 10 for LLM applications 2025, LLM06 Excessive Agency
    LethalTrifecta {
        id: "agent/lethal-trifecta",
        severity: Medium,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM06",
            "owasp-llm-2025:LLM02",
            "owasp-llm-2026:LLM03",
            "owasp-agentic-2026:ASI01",
            "owasp-agentic-2026:ASI02",
            "mitre-atlas:AML.T0051.001",
            "nist-ai-rmf-1.0:MEASURE 2.7",
        ],
        bad: [
            crate::text!("app.py", "from agents import Agent, function_tool\n@function_tool\ndef read_email(id: str): ...\n@function_tool\ndef web_search(query: str): ...\n@function_tool\ndef send_email(to: str, text: str): ...\nagent = Agent(name='assistant', tools=[read_email, web_search, send_email])\n"),
            crate::text!(".mcp.json", r#"{"mcpServers": {"db": {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-postgres@0.6.2", "postgres://db/x"]}, "fetch": {"command": "uvx", "args": ["mcp-server-fetch==2025.4.7"]}}}"#),
        ],
        good: [
            crate::text!("app.py", "from agents import Agent, function_tool\n@function_tool\ndef query_database(q: str): ...\n@function_tool\ndef web_search(query: str): ...\nagent = Agent(name='assistant', tools=[query_database, web_search])\n"),
            // Two agents, none of which has all three.
            crate::text!("app.py", "from agents import Agent, function_tool\n@function_tool\ndef query_database(q: str): ...\n@function_tool\ndef fetch_url(url: str): ...\nreader = Agent(name='reader', tools=[fetch_url])\nclerk = Agent(name='clerk', tools=[query_database])\n"),
            crate::text!(".mcp.json", r#"{"mcpServers": {"github": {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-github@2025.4.8"]}, "search": {"command": "npx", "args": ["-y", "tavily-mcp@0.2.9"]}}}"#),
        ],
    }
}

impl Rule for LethalTrifecta {
    fn graph(&self, snapshot: &Snapshot, cx: &mut Cx<'_>) {
        for agent in agents(snapshot) {
            cx.judges(1);
            let all = [Capability::Private, Capability::Untrusted, Capability::Outward].map(|one| agent.tool(one));
            let [Some(private), Some(untrusted), Some(outward)] = all else {
                continue;
            };
            let severity = severity_at(agent.evidence, Severity::Medium);
            let message = format!(
                "{} reads private data (`{}`) and strangers' text (`{}`) and can send data out (`{}`)",
                agent.name, private.0, untrusted.0, outward.0
            );
            let mut draft = cx
                .report_about(agent.id.clone(), agent.evidence, message)
                .severity(severity)
                .confidence(Confidence::Medium);
            for place in [private.1, untrusted.1, outward.1].into_iter().flatten() {
                if place != agent.evidence {
                    draft = draft.also(place);
                }
            }
        }
    }
}

use stance_core::Severity;
use stance_core::fact::McpServer;

use crate::shells::shell_server;
use crate::{Cx, Rule};

rule! {
    /// # MCP server that gives an agent a shell
    ///
    /// ## What it finds
    /// An MCP server whose purpose is to run any command on the machine, by the name of its package or
    /// program: Desktop Commander, `mcp-server-commands`, `mcp-shell-server`, terminal and SSH servers
    /// and their like. When tools of the server are approved beforehand, the severity is high.
    ///
    /// ## Why it matters
    /// With a shell, the agent can do whatever the person who started it can: read keys, change other
    /// repositories, reach the internal network. The text that decides what it runs comes in part from
    /// web pages, issues and files of strangers, so an injected instruction becomes a command.
    ///
    /// ## Example
    /// ```json
    /// { "mcpServers": { "shell": { "command": "npx", "args": ["-y", "mcp-server-commands@0.5.0"] } } }
    /// ```
    ///
    /// ## Fix
    /// Replace the shell by tools that do the one thing that is needed. Where a shell it must be, run
    /// the server in a container without the home directory and without network, keep the question
    /// before each command, and list the commands that are allowed.
    ///
    /// ## References
    /// - OWASP Top 10 for LLM applications 2025, LLM06 Excessive Agency
    /// - MITRE ATLAS AML.T0050, Command and Scripting Interpreter
    McpShellTool {
        id: "agent/mcp-shell-tool",
        severity: Medium,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM06",
            "owasp-llm-2026:LLM03",
            "owasp-agentic-2026:ASI02",
            "owasp-agentic-2026:ASI05",
            "mitre-atlas:AML.T0050",
            "mitre-atlas:AML.T0053",
            "eu-ai-act:Art. 14",
        ],
        bad: [
            crate::text!(".mcp.json", r#"{"mcpServers": {"sh": {"command": "npx", "args": ["-y", "mcp-server-commands@0.5.0"]}}}"#),
            crate::text!("claude_desktop_config.json", r#"{"mcpServers": {"dc": {"command": "npx", "args": ["-y", "@wonderwhy-er/desktop-commander@0.2.3"]}}}"#),
            crate::text!(".roo/mcp.json", r#"{"mcpServers": {"sh": {"command": "/opt/bin/mcp-shell-server", "alwaysAllow": ["execute"]}}}"#),
        ],
        good: [
            crate::text!(".mcp.json", r#"{"mcpServers": {"git": {"command": "npx", "args": ["-y", "git-mcp@1.0.0"]}}}"#),
            crate::text!(".mcp.json", r#"{"mcpServers": {"docs": {"command": "bash", "args": ["scripts/start-docs-server.sh"]}}}"#),
        ],
    }
}

impl Rule for McpShellTool {
    fn mcp_server(&self, server: &McpServer, cx: &mut Cx<'_>) {
        let Some(known_as) = shell_server(server) else {
            return;
        };
        let message = format!(
            "MCP server `{}` (`{known_as}`) lets an agent run any command on this machine",
            server.name
        );
        let draft = cx.report(&server.evidence, message);
        if !server.auto_approved.is_empty() {
            draft.severity(Severity::High).note(format!(
                "called without asking: {}",
                server.auto_approved.join(", ")
            ));
        }
    }
}

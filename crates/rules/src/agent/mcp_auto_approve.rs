use stance_core::fact::{AgentPermission, McpServer};

use crate::{Cx, Rule};

rule! {
    /// # MCP tools that are called without asking
    ///
    /// ## What it finds
    /// A client that is told to call every tool of an MCP server without asking: `"autoApprove":
    /// ["*"]`, `"alwaysAllow": ["*"]`, `"trust": true`, a permission such as `mcp__*`; or to start every
    /// server that a project brings along (`enableAllProjectMcpServers`). A list of single tools is a
    /// decision somebody took and is left alone.
    ///
    /// ## Why it matters
    /// The question before a call is the last place at which a person can notice that the agent was
    /// talked into something. Without it, a poisoned description or a page with hidden instructions
    /// leads straight to the call; and tools that the server adds tomorrow are approved today. With
    /// `enableAllProjectMcpServers`, opening a stranger's repository starts the programs it names.
    ///
    /// ## Example
    /// ```json
    /// { "mcpServers": { "db": { "command": "db-mcp", "autoApprove": ["*"] } } }
    /// ```
    ///
    /// ## Fix
    /// List the tools that only read (`"autoApprove": ["search", "get_page"]`) and let the client ask for
    /// the rest. Approve project servers one by one (`enabledMcpjsonServers`).
    ///
    /// ## References
    /// - OWASP Top 10 for agentic applications, ASI02 Tool Misuse & Exploitation
    /// - Model Context Protocol, tools: a human in the loop should be able to deny calls
    McpAutoApprove {
        id: "agent/mcp-auto-approve",
        severity: Medium,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM06",
            "owasp-llm-2026:LLM03",
            "owasp-agentic-2026:ASI02",
            "owasp-agentic-2026:ASI09",
            "mitre-atlas:AML.T0053",
            "eu-ai-act:Art. 14",
            "iso-42001-2023:A.9.2",
        ],
        bad: [
            crate::text!(".kiro/settings/mcp.json", r#"{"mcpServers": {"db": {"command": "db-mcp", "autoApprove": ["*"]}}}"#),
            crate::text!(".gemini/settings.json", r#"{"mcpServers": {"db": {"command": "db-mcp", "trust": true}}}"#),
            crate::text!(".claude/settings.json", r#"{"enableAllProjectMcpServers": true}"#),
            crate::text!(".claude/settings.json", r#"{"permissions": {"allow": ["mcp__*"]}}"#),
        ],
        good: [
            crate::text!(".roo/mcp.json", r#"{"mcpServers": {"db": {"command": "db-mcp", "alwaysAllow": ["list_tables"]}}}"#),
            crate::text!(".claude/settings.json", r#"{"enableAllProjectMcpServers": false, "permissions": {"allow": ["mcp__docs__search"]}}"#),
            crate::text!(".gemini/settings.json", r#"{"mcpServers": {"db": {"command": "db-mcp", "trust": false}}}"#),
        ],
    }
}

impl Rule for McpAutoApprove {
    fn mcp_server(&self, server: &McpServer, cx: &mut Cx<'_>) {
        if server.auto_approved.iter().any(|tool| tool == "*") && !server.disabled {
            let message = format!(
                "every tool of the MCP server `{}` is called without asking",
                server.name
            );
            cx.report(&server.evidence, message);
        }
    }

    fn permission(&self, permission: &AgentPermission, cx: &mut Cx<'_>) {
        let text = permission.permission.as_str();
        let message = if text.starts_with("enableAllProjectMcpServers") {
            format!(
                "{} starts every MCP server that a project brings along",
                permission.client
            )
        } else if matches!(text, "mcp__*" | "mcp__*__*" | "Mcp(*)" | "Mcp(*:*)" | "*:*") {
            format!(
                "{} calls every tool of every MCP server without asking (`{text}`)",
                permission.client
            )
        } else {
            return;
        };
        cx.report(&permission.evidence, message);
    }
}

use stance_core::fact::{McpServer, McpTransport};

use crate::{Cx, Rule};

rule! {
    /// # MCP server over the transport that was given up
    ///
    /// ## What it finds
    /// An MCP server that a client reaches by server-sent events, which the specification replaced by streamable HTTP
    /// in March 2025.
    ///
    /// ## Why it matters
    /// Clients and hosts drop the old transport one after the other, and fixes for its weak points (long-lived
    /// connections without resumption, session ids in addresses) go into the new one.
    ///
    /// ## Example
    /// ```json
    /// {"mcpServers": {"docs": {"type": "sse", "url": "https://mcp.acme.io/sse"}}}
    /// ```
    ///
    /// ## Fix
    /// Use streamable HTTP: most servers offer it at `/mcp`.
    ///
    /// ## References
    /// - Model Context Protocol specification, 2025-03-26, transports
    McpSseTransport {
        id: "agent/mcp-sse-transport",
        severity: Info,
        stage: Deploy,
        controls: [
            "owasp-agentic-2026:ASI07",
            "iso-42001-2023:A.10.3",
            "nist-ai-rmf-1.0:MANAGE 3.2",
        ],
        bad: [
            crate::text!(".mcp.json", "{\"mcpServers\": {\"docs\": {\"type\": \"sse\", \"url\": \"https://mcp.acme.io/sse\"}}}"),
        ],
        good: [
            crate::text!(".mcp.json", "{\"mcpServers\": {\"docs\": {\"type\": \"http\", \"url\": \"https://mcp.acme.io/mcp\"}}}"),
        ],
    }
}

impl Rule for McpSseTransport {
    fn mcp_server(&self, server: &McpServer, cx: &mut Cx<'_>) {
        if server.transport == McpTransport::Sse && !server.disabled {
            cx.report(&server.evidence, format!("the MCP server `{}` is reached by server-sent events", server.name));
        }
    }
}

use stance_core::{Scope, Severity};
use stance_core::fact::McpServer;

use crate::address::{Reach, parse, reach};
use crate::{Cx, Rule};

rule! {
    /// # MCP server reached over plain HTTP
    ///
    /// ## What it finds
    /// An MCP server whose address starts with `http://` or `ws://` and leads to another machine. The
    /// own machine (`localhost`, `127.0.0.1`) is left alone, and so is a host that comes from a
    /// variable. A host inside a private network is reported with a lower severity.
    ///
    /// ## Why it matters
    /// Whoever is on the way can read what the agent sends, tokens included, and can write what comes
    /// back. For an agent that is more than a leak: descriptions and results of tools are read as
    /// instructions, so the answer of a changed server steers what the agent does next.
    ///
    /// ## Example
    /// ```json
    /// { "mcpServers": { "docs": { "url": "http://mcp.acme.io/sse" } } }
    /// ```
    ///
    /// ## Fix
    /// Use `https://`. Where the server itself speaks no TLS, put a proxy in front of it, or reach it
    /// through a tunnel that ends on the own machine.
    ///
    /// ## References
    /// - Model Context Protocol, authorization (all endpoints over HTTPS): <https://modelcontextprotocol.io/specification/2025-06-18/basic/authorization>
    /// - OWASP Top 10 for agentic applications, ASI07 Insecure Inter-Agent Communication
    McpPlainHttp {
        id: "agent/mcp-plain-http",
        severity: High,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-agentic-2026:ASI07",
            "mitre-atlas:AML.T0025",
            "iso-42001-2023:A.4.5",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::text!(".mcp.json", r#"{"mcpServers": {"docs": {"type": "sse", "url": "http://mcp.acme.io/sse"}}}"#),
            crate::text!(".mcp.json", r#"{"mcpServers": {"docs": {"command": "npx", "args": ["-y", "mcp-remote@0.1.29", "http://10.1.2.3:8080/mcp"]}}}"#),
            crate::text!(".codeium/windsurf/mcp_config.json", r#"{"mcpServers": {"docs": {"serverUrl": "ws://mcp.acme.io"}}}"#),
        ],
        good: [
            crate::text!(".mcp.json", r#"{"mcpServers": {"docs": {"url": "https://mcp.acme.io/sse"}}}"#),
            crate::text!(".mcp.json", r#"{"mcpServers": {"docs": {"url": "http://localhost:3000/mcp"}, "b": {"url": "http://[::1]/mcp"}}}"#),
            crate::text!(".mcp.json", r#"{"mcpServers": {"docs": {"url": "http://${DOCS_HOST}/mcp"}}}"#),
        ],
    }
}

impl Rule for McpPlainHttp {
    fn mcp_server(&self, server: &McpServer, cx: &mut Cx<'_>) {
        cx.judges_if(server.url.is_some());
        let Some(url) = server.url.as_deref() else {
            return;
        };
        let Some((scheme, host)) = parse(url) else {
            return;
        };
        // Servers of tests are made up, and run in the same process.
        let tested = Scope::of_path(&server.evidence.path) == Scope::Test;
        if tested || !matches!(scheme.as_str(), "http" | "ws") {
            return;
        }
        let severity = match reach(&host) {
            Reach::Public => Severity::High,
            Reach::Private => Severity::Medium,
            Reach::Loopback | Reach::Unknown => return,
        };
        let message = format!(
            "MCP server `{}` is reached at `{host}` over {scheme}, without encryption",
            server.name
        );
        cx.report(&server.evidence, message).severity(severity);
    }
}

use stance_core::{Confidence, Severity};
use stance_core::fact::{CodeCall, Value};

use crate::address::{Reach, reach};
use crate::calls::{last, severity_at};
use crate::{Cx, Rule};

rule! {
    /// # MCP server that listens on all interfaces without authentication
    ///
    /// ## What it finds
    /// A `FastMCP` server that is made or run with `host="0.0.0.0"` or another address that is not
    /// the machine's own, while no call of the file sets `auth`, `auth_server_provider` or
    /// `token_verifier`; also `uvicorn.run` with such a host in a file that makes the application of an MCP
    /// server (`streamable_http_app()`, `sse_app()`, `http_app()`, `StreamableHTTPSessionManager`), unless
    /// the application has middleware, which may ask for credentials.
    ///
    /// ## Why it matters
    /// Every tool of the server is then open to whoever reaches the port: the network of the
    /// office, the other containers, often the internet. Tools act with the server's credentials,
    /// so that calling one is as good as having them.
    ///
    /// ## Example
    /// ```python
    /// mcp = FastMCP("tickets", host="0.0.0.0")
    /// ```
    ///
    /// ## Fix
    /// Bind to 127.0.0.1 and let a proxy with authentication stand before it, or configure OAuth
    /// in the server (`auth=…`). Inside a container publish the port to the host's loopback only.
    ///
    /// ## References
    /// - Model Context Protocol specification, authorization
    /// - CWE-306: Missing Authentication for Critical Function
    McpServerExposed {
        id: "code/mcp-server-exposed",
        severity: Medium,
        stage: Deploy,
        controls: [
            "owasp-llm-2025:LLM06",
            "owasp-agentic-2026:ASI03",
            "owasp-agentic-2026:ASI07",
            "mitre-atlas:AML.T0049",
            "nist-ai-rmf-1.0:MEASURE 2.7",
        ],
        bad: [
            crate::text!("a.py", "import uvicorn\nfrom mcp.server.fastmcp import FastMCP\nmcp = FastMCP('tickets')\nuvicorn.run(mcp.streamable_http_app(), host='0.0.0.0', port=8000)\n"),
            crate::text!("a.py", "from mcp.server.fastmcp import FastMCP\nmcp = FastMCP('tickets', host='0.0.0.0')\n"),
            crate::text!("a.py", "from fastmcp import FastMCP\nmcp = FastMCP('tickets')\nmcp.run(transport='http', host='0.0.0.0', port=8000)\n"),
        ],
        good: [
            crate::text!("a.py", "import uvicorn\nfrom fastmcp import FastMCP\nmcp = FastMCP('tickets')\napp = mcp.http_app(middleware=guards)\nuvicorn.run(app, host='0.0.0.0')\n"),
            crate::text!("a.py", "import uvicorn\nfrom fastapi import FastAPI\nuvicorn.run(FastAPI(), host='0.0.0.0')\n"),
            crate::text!("a.py", "from fastmcp import FastMCP\nmcp = FastMCP('tickets')\nmcp.run(transport='http', host='127.0.0.1')\n"),
            crate::text!("a.py", "from fastmcp import FastMCP\nmcp = FastMCP('tickets', auth=provider)\nmcp.run(transport='http', host='0.0.0.0')\n"),
            crate::text!("a.py", "from fastmcp import FastMCP\nmcp = FastMCP('tickets')\nmcp.run()\n"),
        ],
    }
}

impl Rule for McpServerExposed {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "mcp.server.fastmcp.FastMCP",
            "mcp.server.FastMCP",
            "mcp.server.fastmcp.FastMCP().run(host)",
            "fastmcp.FastMCP",
            "fastmcp.FastMCP().run(host)",
            "fastmcp.FastMCP().run_async(host)",
            "fastmcp.FastMCP().run_http_async(host)",
            "*.streamable_http_app",
            "*.sse_app",
            "*.http_app",
            "*.StreamableHTTPSessionManager",
            "*.add_middleware",
            "starlette.applications.Starlette(middleware)",
            "uvicorn.run(host)",
        ]
    }

    fn code(&self, code: &stance_core::fact::Code, cx: &mut Cx<'_>) {
        let of_server = |call: &&CodeCall| {
            ["mcp.", "fastmcp."].iter().any(|root| call.callee.starts_with(root))
                && call.callee.contains("FastMCP")
        };
        let guarded = |call: &CodeCall| {
            ["auth", "auth_server_provider", "token_verifier", "middleware"]
                .iter()
                .any(|name| call.keyword(name).is_some_and(|value| *value != Value::Null))
        };
        let serves = |call: &CodeCall| {
            let made = ["streamable_http_app", "sse_app", "http_app", "StreamableHTTPSessionManager"];
            made.contains(&last(&call.callee))
        };
        if code.calls.iter().any(serves)
            && !code.calls.iter().any(|call| guarded(call) || last(&call.callee) == "add_middleware")
        {
            for call in code.calls.iter().filter(|call| call.callee == "uvicorn.run") {
                let host = call.keyword("host").and_then(Value::text).unwrap_or_default();
                if matches!(host, "0.0.0.0" | "::" | "[::]") || reach(host) == Reach::Public {
                    let severity = severity_at(&call.evidence, Severity::Medium);
                    cx.report(&call.evidence, format!("an MCP server listens on {host} without authentication"))
                        .severity(severity)
                        .confidence(Confidence::Medium);
                }
            }
        }
        // Authentication is often set where the server is made, the host where it is run.
        if code.calls.iter().filter(of_server).any(guarded) {
            return;
        }
        for call in code.calls.iter().filter(of_server) {
            let Some(host) = call.keyword("host").and_then(Value::text) else {
                continue;
            };
            let everywhere = matches!(host, "0.0.0.0" | "::" | "[::]");
            if everywhere || reach(host) == Reach::Public {
                let severity = severity_at(&call.evidence, Severity::Medium);
                cx.report(
                    &call.evidence,
                    format!("an MCP server listens on {host} without authentication"),
                )
                .severity(severity);
            }
        }
    }
}

use stance_core::fact::{CodeCall, Value};
use stance_core::Severity;

use crate::calls::severity_at;
use crate::{Cx, Rule};

rule! {
    /// # MCP server that hands the caller's token on
    ///
    /// ## What it finds
    /// Code of an MCP server that takes the `Authorization` header or the access token of the request it answers
    /// (`get_http_headers()`, `get_http_request()`, `get_access_token()`, `ctx.request_context.request`) and sends it in a header
    /// of a request of its own.
    ///
    /// ## Why it matters
    /// The token was issued for this server, or for another and never checked here. The service behind cannot tell who really
    /// asks, limits and logs of the server are passed by, and a token that was stolen anywhere works everywhere. The protocol
    /// forbids it.
    ///
    /// ## Example
    /// ```python
    /// token = get_http_headers()["authorization"]
    /// httpx.get("https://api.acme.io/tickets", headers={"Authorization": token})
    /// ```
    ///
    /// ## Fix
    /// Check that the token was issued for this server, and get one of your own for the service behind: by token exchange
    /// (RFC 8693), on behalf of the user, or with the server's own credentials.
    ///
    /// ## References
    /// - Model Context Protocol specification, security best practices, Token Passthrough
    /// - RFC 8707: Resource Indicators for OAuth 2.0
    McpTokenPassthrough {
        id: "code/mcp-token-passthrough",
        severity: Medium,
        stage: Develop,
        controls: [
            "owasp-agentic-2026:ASI03",
            "owasp-agentic-2026:ASI07",
            "owasp-llm-2025:LLM06",
            "mitre-atlas:AML.T0012",
        ],
        bad: [
            crate::text!("a.py", "import httpx\nfrom fastmcp import FastMCP\nfrom fastmcp.server.dependencies import get_http_headers\nmcp = FastMCP('x')\n@mcp.tool()\ndef tickets():\n    headers = get_http_headers()\n    return httpx.get('https://api.acme.io/tickets', headers={'Authorization': headers['authorization']}).text\n"),
            crate::text!("a.py", "import httpx\nfrom fastmcp import FastMCP\nfrom fastmcp.server.dependencies import get_access_token\nmcp = FastMCP('x')\n@mcp.tool()\ndef tickets():\n    token = get_access_token()\n    return httpx.get('https://api.acme.io/tickets', headers={'Authorization': f'Bearer {token.token}'}).text\n"),
        ],
        good: [
            crate::text!("a.py", "import os\nimport httpx\nfrom fastmcp import FastMCP\nmcp = FastMCP('x')\n@mcp.tool()\ndef tickets():\n    return httpx.get('https://api.acme.io/tickets', headers={'Authorization': 'Bearer ' + os.environ['KEY']}).text\n"),
            crate::text!("a.py", "import httpx\nfrom fastmcp import FastMCP\nfrom fastmcp.server.dependencies import get_access_token\nmcp = FastMCP('x')\n@mcp.tool()\ndef tickets():\n    token = get_access_token()\n    own = exchange(token)\n    return httpx.get('https://api.acme.io/tickets', headers={'Authorization': own, 'X-User': token.client_id}).text\n"),
        ],
    }
}

/// Where the headers and the token of the request come from that a server answers.
const SOURCES: [&str; 5] = [
    ".get_http_headers()",
    ".get_http_request()",
    ".get_access_token()",
    ".request_context.request.",
    ".auth_context.get_access_token()",
];

/// Whether a value is, or holds, a credential of the request that is answered.
fn is_callers(value: &Value) -> bool {
    match value {
        Value::Name(path) | Value::Call(path) => {
            let own = SOURCES
                .iter()
                .any(|source| path.contains(source.trim_end_matches('.')));
            // A part of the headers, or the token; not who the caller is.
            own && [".[]", ".get", ".get()", ".token"]
                .iter()
                .any(|end| path.ends_with(end))
        }
        Value::Joined(parts) => parts.iter().any(is_callers),
        _ => false,
    }
}

impl Rule for McpTokenPassthrough {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "httpx.get(headers)",
            "httpx.post(headers)",
            "httpx.put(headers)",
            "httpx.request(headers)",
            "httpx.Client(headers)",
            "httpx.AsyncClient(headers)",
            "httpx.Client().get(headers)",
            "httpx.Client().post(headers)",
            "httpx.AsyncClient().get(headers)",
            "httpx.AsyncClient().post(headers)",
            "httpx.AsyncClient().put(headers)",
            "httpx.AsyncClient().patch(headers)",
            "httpx.AsyncClient().delete(headers)",
            "httpx.AsyncClient().request(headers)",
            "requests.get(headers)",
            "requests.post(headers)",
            "requests.put(headers)",
            "requests.request(headers)",
            "aiohttp.ClientSession(headers)",
            "aiohttp.ClientSession().get(headers)",
            "aiohttp.ClientSession().post(headers)",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let Some(Value::Map(headers)) = call.keyword("headers") else {
            return;
        };
        let handed = headers.iter().find(|(name, value)| {
            let name = name.to_ascii_lowercase();
            (name == "authorization" || name.contains("token") || name.contains("api-key")) && is_callers(value)
        });
        if let Some((name, _)) = handed {
            let severity = severity_at(&call.evidence, Severity::Medium);
            cx.report(&call.evidence, format!("the caller's token is handed on in the header `{name}`"))
                .severity(severity);
        }
    }
}

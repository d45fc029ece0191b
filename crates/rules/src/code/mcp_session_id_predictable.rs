use stance_core::Severity;
use stance_core::fact::{CodeCall, Value};

use crate::calls::severity_at;
use crate::{Cx, Rule};

rule! {
    /// # MCP server whose session ids can be guessed
    ///
    /// ## What it finds
    /// A transport of an MCP server in Python (`StreamableHTTPServerTransport`) that is given a session id which is fixed, or comes
    /// from the clock, from `random`, from `uuid1`, or from the request itself. Ids that the SDK makes and `uuid4` or `secrets` are
    /// left alone, and so is a value whose origin the source does not tell.
    ///
    /// ## Why it matters
    /// Who knows the id of a session sends messages into it and reads its answers: with the rights of the user who opened it
    /// where the server takes the id for proof of who asks. Ids that count or tell the time are found by trying.
    ///
    /// ## Example
    /// ```python
    /// transport = StreamableHTTPServerTransport(mcp_session_id=f"session-{time.time()}")
    /// ```
    ///
    /// ## Fix
    /// Let the session manager of the SDK make the id, or use `secrets.token_urlsafe(32)`, bind it to the user (`user:id`), and check
    /// the token of every request; never take the id for authentication.
    ///
    /// ## References
    /// - Model Context Protocol specification, security best practices, Session Hijacking
    /// - CWE-330: Use of Insufficiently Random Values
    McpSessionIdPredictable {
        id: "code/mcp-session-id-predictable",
        severity: Medium,
        stage: Develop,
        controls: [
            "owasp-agentic-2026:ASI03",
            "owasp-agentic-2026:ASI07",
            "mitre-atlas:AML.T0049",
        ],
        bad: [
            crate::text!("a.py", "import time\nfrom mcp.server.streamable_http import StreamableHTTPServerTransport\nt = StreamableHTTPServerTransport(mcp_session_id=f'session-{time.time()}')\n"),
            crate::text!("a.py", "import uuid\nfrom mcp.server.streamable_http import StreamableHTTPServerTransport\nt = StreamableHTTPServerTransport(mcp_session_id=uuid.uuid1().hex)\n"),
            crate::text!("a.py", "from mcp.server.streamable_http import StreamableHTTPServerTransport\nt = StreamableHTTPServerTransport(mcp_session_id='main')\n"),
        ],
        good: [
            crate::text!("a.py", "import uuid\nfrom mcp.server.streamable_http import StreamableHTTPServerTransport\nt = StreamableHTTPServerTransport(mcp_session_id=uuid.uuid4().hex)\n"),
            crate::text!("a.py", "from mcp.server.streamable_http import StreamableHTTPServerTransport\nt = StreamableHTTPServerTransport(mcp_session_id=None)\n"),
        ],
    }
}

/// Where values come from that others can guess.
const GUESSED: [&str; 9] = [
    "datetime.datetime.now",
    "random.choice",
    "random.choices",
    "random.getrandbits",
    "random.randint",
    "random.random",
    "time.monotonic",
    "time.time",
    "uuid.uuid1",
];

/// How an id came about, where that can be guessed.
fn how(value: &Value) -> Option<&'static str> {
    match value {
        Value::Text { .. } | Value::Integer(_) => Some("is fixed"),
        Value::Name(path) | Value::Call(path) => {
            if path.starts_with(Value::REQUEST) {
                return Some("comes from the request");
            }
            let guessed = GUESSED.iter().find(|source| path.starts_with(**source))?;
            Some(match *guessed {
                "uuid.uuid1" | "time.time" | "time.monotonic" | "datetime.datetime.now" => "comes from the clock",
                _ => "comes from `random`",
            })
        }
        // Fixed parts around something else do no harm.
        Value::Joined(parts) => parts.iter().filter(|part| !matches!(part, Value::Text { .. })).find_map(how),
        _ => None,
    }
}

impl Rule for McpSessionIdPredictable {
    fn calls(&self) -> &'static [&'static str] {
        &["mcp.server.streamable_http.StreamableHTTPServerTransport"]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        if let Some(how) = call.argument(0, "mcp_session_id").and_then(how) {
            let severity = severity_at(&call.evidence, Severity::Medium);
            cx.report(&call.evidence, format!("the id of an MCP session {how}"))
                .severity(severity);
        }
    }
}

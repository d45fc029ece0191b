use stance_core::fact::{CodeCall, Value};
use stance_core::Severity;
use crate::calls::severity_at;

use crate::{Cx, Rule};

rule! {
    /// # Protection against DNS rebinding switched off in an MCP server
    ///
    /// ## What it finds
    /// `TransportSecuritySettings(enable_dns_rebinding_protection=False)` of the MCP SDK for Python.
    ///
    /// ## Why it matters
    /// A page in the user's browser can then point its own name at 127.0.0.1 and call the tools of a server that
    /// listens on the loopback interface, although nobody else reaches it.
    ///
    /// ## Example
    /// ```python
    /// TransportSecuritySettings(enable_dns_rebinding_protection=False)
    /// ```
    ///
    /// ## Fix
    /// Leave it on and list the hosts under which the server is reached in `allowed_hosts`.
    ///
    /// ## References
    /// - Model Context Protocol specification, transports, security warning
    McpRebindingProtectionOff {
        id: "code/mcp-rebinding-protection-off",
        severity: Low,
        stage: Deploy,
        controls: [
            "owasp-agentic-2026:ASI07",
            "owasp-llm-2025:LLM06",
            "mitre-atlas:AML.T0049",
            "nist-ai-rmf-1.0:MEASURE 2.7",
        ],
        bad: [
            crate::text!("a.py", "from mcp.server.transport_security import TransportSecuritySettings\ns = TransportSecuritySettings(enable_dns_rebinding_protection=False)\n"),
        ],
        good: [
            crate::text!("a.py", "from mcp.server.transport_security import TransportSecuritySettings\ns = TransportSecuritySettings(enable_dns_rebinding_protection=True, allowed_hosts=['mcp.acme.io'])\n"),
        ],
    }
}

impl Rule for McpRebindingProtectionOff {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "mcp.server.transport_security.TransportSecuritySettings",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let Some(what) = seen(call) else { return };
        let severity = severity_at(&call.evidence, Severity::Low);
        cx.report(&call.evidence, what).severity(severity);
    }
}

fn seen(call: &CodeCall) -> Option<String> {
    (call.keyword("enable_dns_rebinding_protection").and_then(Value::boolean) == Some(false))
        .then(|| "the MCP server accepts requests under any host name".to_owned())
}

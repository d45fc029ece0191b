use stance_core::fact::{CodeCall, Value};
use stance_core::Severity;
use crate::calls::severity_at;

use crate::{Cx, Rule};

rule! {
    /// # Remote MCP tools called without approval
    ///
    /// ## What it finds
    /// A hosted MCP tool of OpenAI's interfaces with `require_approval: "never"` for a server of somebody else: in
    /// `tools` of `responses.create`, or in `HostedMCPTool`. Servers on private addresses are left alone.
    ///
    /// ## Why it matters
    /// What the server answers goes to the model, and the model calls the server again with what it knows. Without
    /// approval nobody sees what leaves, and a server that changes its tools overnight is obeyed at once.
    ///
    /// ## Example
    /// ```python
    /// tools=[{"type": "mcp", "server_url": "https://mcp.example.com", "require_approval": "never"}]
    /// ```
    ///
    /// ## Fix
    /// Leave approval on, or skip it for single tools that only read: `{"never": {"tool_names": ["search"]}}`. Allow
    /// tools by name with `allowed_tools`.
    ///
    /// ## References
    /// - OpenAI documentation, remote MCP, risks and safety
    McpApprovalNever {
        id: "code/mcp-approval-never",
        severity: Low,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM06",
            "owasp-llm-2026:LLM03",
            "owasp-agentic-2026:ASI02",
            "mitre-atlas:AML.T0053",
            "eu-ai-act:Art. 14",
            "mitre-atlas:AML.T0086",
        ],
        bad: [
            crate::text!("a.py", "from openai import OpenAI\nclient = OpenAI()\nclient.responses.create(model='gpt-4o', tools=[{'type': 'mcp', 'server_label': 'x', 'server_url': 'https://mcp.acme-corp.com/mcp', 'require_approval': 'never'}])\n"),
            crate::text!("a.py", "from agents import HostedMCPTool\nt = HostedMCPTool(tool_config={'type': 'mcp', 'server_label': 'x', 'server_url': 'https://mcp.acme-corp.com/mcp', 'require_approval': 'never'})\n"),
        ],
        good: [
            crate::text!("a.py", "from openai import OpenAI\nclient = OpenAI()\nclient.responses.create(model='gpt-4o', tools=[{'type': 'mcp', 'server_url': 'https://mcp.acme-corp.com/mcp', 'require_approval': 'always'}])\n"),
            crate::text!("a.py", "from openai import OpenAI\nclient = OpenAI()\nclient.responses.create(model='gpt-4o', tools=[{'type': 'mcp', 'server_url': 'https://mcp.acme-corp.com/mcp', 'require_approval': 'never', 'allowed_tools': ['search']}])\n"),
        ],
    }
}

impl Rule for McpApprovalNever {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "*.responses.create",
            "agents.HostedMCPTool",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let Some(what) = seen(call) else { return };
        let severity = severity_at(&call.evidence, Severity::Low);
        cx.report(&call.evidence, what).severity(severity);
    }
}

fn seen(call: &CodeCall) -> Option<String> {
    let one = |value: &Value| match value {
        Value::Map(map) => {
            let text = |key: &str| map.get(key).and_then(Value::text);
            let never = text("type") == Some("mcp") && text("require_approval") == Some("never");
            let (_, host) = crate::address::parse(text("server_url")?)?;
            let far = crate::address::reach(&host) == crate::address::Reach::Public;
            (never && far && !map.contains_key("allowed_tools")).then_some(host)
        }
        _ => None,
    };
    let host = match call.keyword("tools").or_else(|| call.argument(0, "tool_config"))? {
        Value::List(all) => all.iter().find_map(one),
        other => one(other),
    }?;
    Some(format!("tools of the MCP server at {host} are called without approval"))
}

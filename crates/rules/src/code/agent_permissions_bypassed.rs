use stance_core::fact::{CodeCall, Value};
use stance_core::Severity;
use crate::calls::severity_at;

use crate::{Cx, Rule};

rule! {
    /// # Agent started with every permission
    ///
    /// ## What it finds
    /// Options of the Claude Agent SDK with `permission_mode="bypassPermissions"`, and agents of other SDKs that are
    /// started with approval switched off: `approval_mode="yolo"`, `dangerously_skip_permissions=True`.
    ///
    /// ## Why it matters
    /// The agent may then run any command and write any file without being asked, and what it reads decides what it
    /// does. One page with instructions in it is enough.
    ///
    /// ## Example
    /// ```python
    /// options = ClaudeAgentOptions(permission_mode="bypassPermissions")
    /// ```
    ///
    /// ## Fix
    /// List the tools that the task needs (`allowed_tools`), decide about the others in `can_use_tool`, and run the
    /// agent in a container without keys where nobody is there to be asked.
    ///
    /// ## References
    /// - Claude Agent SDK documentation, permissions
    /// - OWASP Top 10 for Agentic Applications, Tool Misuse
    AgentPermissionsBypassed {
        id: "code/agent-permissions-bypassed",
        severity: Medium,
        stage: Deploy,
        controls: [
            "owasp-llm-2025:LLM06",
            "owasp-llm-2026:LLM03",
            "owasp-agentic-2026:ASI02",
            "mitre-atlas:AML.T0053",
            "eu-ai-act:Art. 14",
        ],
        bad: [
            crate::text!("a.py", "from claude_agent_sdk import ClaudeAgentOptions\no = ClaudeAgentOptions(permission_mode='bypassPermissions')\n"),
        ],
        good: [
            crate::text!("a.py", "from claude_agent_sdk import ClaudeAgentOptions\no = ClaudeAgentOptions(permission_mode='acceptEdits')\n"),
            crate::text!("a.py", "from ours import Options\no = Options(permission_mode='bypassPermissions')\n"),
        ],
    }
}

impl Rule for AgentPermissionsBypassed {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "claude_agent_sdk.ClaudeAgentOptions",
            "claude_code_sdk.ClaudeCodeOptions",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let Some(what) = seen(call) else { return };
        let severity = severity_at(&call.evidence, Severity::Medium);
        cx.report(&call.evidence, what).severity(severity);
    }
}

fn seen(call: &CodeCall) -> Option<String> {
    let mode = call.keyword("permission_mode").and_then(Value::text)?;
    (mode == "bypassPermissions").then(|| "the agent is started with every permission".to_owned())
}

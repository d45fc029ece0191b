use stance_core::fact::{CodeCall, Value};
use stance_core::Severity;
use crate::calls::severity_at;

use crate::{Cx, Rule};

rule! {
    /// # Approval switched off for a tool that changes things
    ///
    /// ## What it finds
    /// `interrupt_on` of deep agents and of LangChain's `HumanInTheLoopMiddleware` in which a tool that by its name
    /// runs commands, writes, deletes, sends or pays is set to `False`.
    ///
    /// ## Why it matters
    /// Somebody listed the tool as one that needs a person, and somebody else took the person away. What the model
    /// reads can now set it off.
    ///
    /// ## Example
    /// ```python
    /// HumanInTheLoopMiddleware(interrupt_on={"delete_record": False})
    /// ```
    ///
    /// ## Fix
    /// Leave the interrupt on for tools that cannot be undone, and give those that can a limit.
    ///
    /// ## References
    /// - LangChain documentation, human in the loop
    /// - EU Artificial Intelligence Act, Article 14
    HumanApprovalOff {
        id: "code/human-approval-off",
        severity: Low,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM06",
            "owasp-llm-2026:LLM03",
            "owasp-agentic-2026:ASI02",
            "mitre-atlas:AML.T0053",
            "eu-ai-act:Art. 14",
            "owasp-agentic-2026:ASI09",
        ],
        bad: [
            crate::text!("a.py", "from langchain.agents.middleware import HumanInTheLoopMiddleware\nm = HumanInTheLoopMiddleware(interrupt_on={'delete_record': False, 'search': True})\n"),
        ],
        good: [
            crate::text!("a.py", "from langchain.agents.middleware import HumanInTheLoopMiddleware\nm = HumanInTheLoopMiddleware(interrupt_on={'delete_record': True, 'search': False})\n"),
        ],
    }
}

impl Rule for HumanApprovalOff {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "*.HumanInTheLoopMiddleware",
            "*.create_deep_agent(interrupt_on)",
            "*.async_create_deep_agent(interrupt_on)",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let Some(what) = seen(call) else { return };
        let severity = severity_at(&call.evidence, Severity::Low);
        cx.report(&call.evidence, what).severity(severity);
    }
}

fn seen(call: &CodeCall) -> Option<String> {
    let Value::Map(map) = call.keyword("interrupt_on")? else { return None };
    let acts = ["run", "execute", "exec", "shell", "bash", "write", "edit", "delete", "remove", "drop", "send", "pay", "transfer", "deploy"];
    let tool = map.iter().find(|(name, value)| {
        value.boolean() == Some(false) && name.split(['_', '-']).any(|word| acts.contains(&word))
    })?;
    Some(format!("nobody is asked before the agent calls `{}`", tool.0))
}

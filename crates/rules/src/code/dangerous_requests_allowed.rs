use stance_core::fact::CodeCall;
use stance_core::Severity;
use crate::calls::severity_at;

use crate::{Cx, Rule};

rule! {
    /// # Agent tool whose warning was switched off
    ///
    /// ## What it finds
    /// LangChain tools that refuse to work until somebody says that the danger is known, and that are told so:
    /// `allow_dangerous_requests=True` of request toolkits, graph chains (`GraphCypherQAChain`) and OpenAPI agents.
    ///
    /// ## Why it matters
    /// A graph chain runs whatever query the model writes, deletions included; a request tool calls whatever address it
    /// is told. The flag was put there so that somebody decides about it.
    ///
    /// ## Example
    /// ```python
    /// chain = GraphCypherQAChain.from_llm(llm, graph=graph, allow_dangerous_requests=True)
    /// ```
    ///
    /// ## Fix
    /// Give the chain a database user who may only read, the tool a list of hosts, and keep the flag with a comment
    /// that says so.
    ///
    /// ## References
    /// - LangChain documentation, security
    DangerousRequestsAllowed {
        id: "code/dangerous-requests-allowed",
        severity: Low,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM06",
            "owasp-llm-2026:LLM03",
            "owasp-agentic-2026:ASI02",
            "mitre-atlas:AML.T0053",
            "eu-ai-act:Art. 14",
            "owasp-llm-2025:LLM05",
        ],
        bad: [
            crate::text!("a.py", "from langchain_neo4j import GraphCypherQAChain\nc = GraphCypherQAChain.from_llm(llm, graph=g, allow_dangerous_requests=True)\n"),
        ],
        good: [
            crate::text!("a.py", "from langchain_neo4j import GraphCypherQAChain\nc = GraphCypherQAChain.from_llm(llm, graph=g, allow_dangerous_requests=False)\n"),
            crate::text!("a.py", "from ours import Chain\nc = Chain(allow_dangerous_requests=True)\n"),
        ],
    }
}

impl Rule for DangerousRequestsAllowed {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "*.from_llm(allow_dangerous_requests)",
            "*.RequestsToolkit(allow_dangerous_requests)",
            "*.OpenAPIToolkit.from_llm(allow_dangerous_requests)",
            "*.create_openapi_agent(allow_dangerous_requests)",
            "*.RequestsGetTool(allow_dangerous_requests)",
            "*.RequestsPostTool(allow_dangerous_requests)",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let Some(what) = seen(call) else { return };
        let severity = severity_at(&call.evidence, Severity::Low);
        cx.report(&call.evidence, what).severity(severity);
    }
}

fn seen(call: &CodeCall) -> Option<String> {
    (call.callee.starts_with("langchain") && crate::calls::is_on(call, "allow_dangerous_requests"))
        .then(|| format!("`{}` acts on whatever the model asks for", crate::calls::shown(&call.callee)))
}

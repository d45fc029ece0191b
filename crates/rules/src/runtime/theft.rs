use crate::Rule;

rule! {
    /// # Model that somebody copies or exhausts
    ///
    /// ## What it finds
    /// Many requests that together look like the theft of a model, of what it was trained on, or of its budget (`theft/*` of the guard).
    /// High where at least one passed, low where all of it was stopped. Changes of habits alone are no more than low.
    /// The server tells it of what the gateway, the proxy of MCP servers and telemetry saw in the last 24 hours: one finding for a
    /// model (or for the upstream, MCP server or agent, where no model took part), however often it happens. It closes by itself
    /// 24 hours after the last time.
    ///
    /// ## Why it matters
    /// Each of the requests is harmless and none is refused for its words. Together they give a competitor a copy, tell who was in the
    /// training data, or leave a bill.
    ///
    /// ## Example
    /// ```text
    /// 4,100 requests in an hour from one identity, all with probabilities, spread evenly over the space
    /// ```
    ///
    /// ## Fix
    /// Look at the identity behind the interactions. Give it a rate and a budget, let the policy stop it for a while (`[guard.misuse]`),
    /// and do not answer with probabilities where nobody needs them.
    ///
    /// ## References
    /// - MITRE ATLAS AML.T0024.002, Extract AI Model
    /// - OWASP Top 10 for LLM applications 2025, LLM10 Unbounded Consumption
    Theft {
        id: "runtime/theft",
        severity: High,
        stage: Operate,
        controls: [
            "owasp-llm-2025:LLM10",
            "owasp-llm-2026:LLM06",
            "mitre-atlas:AML.T0024.002",
            "mitre-atlas:AML.T0034",
            "mitre-atlas:AML.T0040",
            "nist-ai-rmf-1.0:MEASURE 2.4",
            "iso-42001-2023:A.6.2.6",
            "eu-ai-act:Art. 15",
        ],
        bad: [],
        good: [],
    }
}

impl Rule for Theft {
    fn is_of_scans(&self) -> bool {
        false
    }
}

use crate::Rule;

rule! {
    /// # Data that leaves at run time
    ///
    /// ## What it finds
    /// Credentials, personal data, the operator's words, canaries, another tenant's data or source code in what was asked or answered;
    /// answers that carry away what was read, or run where they are shown; private data or credentials in calls of tools (`data/*`,
    /// `leak/*`, `flow/private-data-out`, `flow/secret-out` of the guard). High where at least one passed, low where all of it was
    /// stopped or taken out; personal data, remote images, markup and letters that turn direction weigh one step less.
    /// The server tells it of what the gateway, the proxy of MCP servers and telemetry saw in the last 24 hours: one finding for a
    /// model (or for the upstream, MCP server or agent, where no model took part), however often it happens. It closes by itself
    /// 24 hours after the last time.
    ///
    /// ## Why it matters
    /// What left cannot be taken back: a credential has to be changed, a person may have to be told. A leak that repeats is a way
    /// that an attacker can use as well.
    ///
    /// ## Example
    /// ```text
    /// Summarise this log: ... Authorization: Bearer <a key> ...
    /// ```
    ///
    /// ## Fix
    /// Read the interactions behind the finding and change the credentials that left. Let the policy redact or block what passes
    /// (`[guard.rules]`), and take the data out of the prompts and results of tools that they come from.
    ///
    /// ## References
    /// - OWASP Top 10 for LLM applications 2025, LLM02 Sensitive Information Disclosure
    /// - MITRE ATLAS AML.T0057, LLM Data Leakage
    DataLeak {
        id: "runtime/data-leak",
        severity: High,
        stage: Operate,
        controls: [
            "owasp-llm-2025:LLM02",
            "owasp-llm-2025:LLM07",
            "owasp-llm-2025:LLM05",
            "owasp-llm-2026:LLM02",
            "owasp-llm-2026:LLM08",
            "owasp-llm-2026:LLM10",
            "mitre-atlas:AML.T0057",
            "mitre-atlas:AML.T0056",
            "mitre-atlas:AML.T0086",
            "nist-ai-rmf-1.0:MEASURE 2.10",
            "iso-42001-2023:A.6.2.6",
            "eu-ai-act:Art. 15",
        ],
        bad: [],
        good: [],
    }
}

impl Rule for DataLeak {
    fn is_of_scans(&self) -> bool {
        false
    }
}

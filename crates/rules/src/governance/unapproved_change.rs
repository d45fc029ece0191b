use crate::Rule;

rule! {
    /// # Change that nobody approved
    ///
    /// ## What it finds
    /// A source that differs from its approved state in a way that makes it weaker: a guardrail is off, access is wider,
    /// a model, prompt or tool is another one than was approved. The server tells it, which keeps the approved state of
    /// each source and compares every scan with it; a scan alone knows no earlier state and tells nothing.
    ///
    /// ## Why it matters
    /// What was reviewed is not what runs. Whoever relies on the review, from the owner to the auditor, relies on
    /// something that is no longer there; and an attacker who gets in changes exactly such things.
    ///
    /// ## Example
    /// ```diff
    ///  {"mcpServers": {"wiki": {
    /// -  "url": "https://wiki.example.org/mcp"
    /// +  "url": "http://wiki.example.org/mcp"
    ///  }}}
    /// ```
    ///
    /// ## Fix
    /// Ask the owner of the asset whether the change is wanted. If it is, approve it under Changes: it becomes part of
    /// the approved state and this finding closes. If it is not, undo it at the source: the next scan closes the finding.
    /// Announce planned changes beforehand, so that they need no decision when they are seen.
    ///
    /// ## References
    /// - NIST AI RMF, MANAGE 4.1
    UnapprovedChange {
        id: "governance/unapproved-change",
        severity: Medium,
        stage: Govern,
        controls: [
            "soc2-2017-2022:CC8.1",
            "nist-ai-rmf-1.0:MANAGE 4.1",
            "iso-42001-2023:A.6.2.6",
        ],
        bad: [],
        good: [],
    }
}

impl Rule for UnapprovedChange {
    fn is_of_scans(&self) -> bool {
        false
    }
}

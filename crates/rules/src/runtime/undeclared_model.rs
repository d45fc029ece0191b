use crate::Rule;

rule! {
    /// # Model in use that no scan declared
    ///
    /// ## What it finds
    /// A model that was asked at run time in the last 24 hours and that no other source of the server tells: neither code nor configuration, nor a bill
    /// of materials. Names are compared without provider, region, date and version suffix. Without any other source that tells models
    /// it says nothing. It closes by itself when a scan tells the model, or 24 hours after it was last asked.
    ///
    /// ## Why it matters
    /// Nobody examined it, nobody answers for it, and no inventory or report names it. Often it is a default that changed, or somebody
    /// who passes by the review.
    ///
    /// ## Example
    /// ```text
    /// `gpt-5-mini` was asked 240 times by 3 identities; no repository names it
    /// ```
    ///
    /// ## Fix
    /// Find out who asks it (the identities of the interactions) and add the repository or configuration as a source. If it is not to
    /// be used, name the models that each identity may ask (`[gateway.identities]`).
    ///
    /// ## References
    /// - NIST AI RMF, GOVERN 1.6, inventory of AI systems
    UndeclaredModel {
        id: "runtime/undeclared-model",
        severity: Medium,
        stage: Operate,
        controls: [
            "nist-ai-rmf-1.0:GOVERN 1.6",
            "nist-ai-rmf-1.0:MEASURE 3.1",
            "owasp-llm-2025:LLM03",
            "owasp-agentic-2026:ASI04",
            "iso-42001-2023:A.4.4",
            "iso-42001-2023:A.6.2.6",
            "eu-ai-act:Art. 26",
        ],
        bad: [],
        good: [],
    }
}

impl Rule for UndeclaredModel {
    fn is_of_scans(&self) -> bool {
        false
    }
}

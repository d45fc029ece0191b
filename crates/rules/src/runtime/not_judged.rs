use crate::Rule;

rule! {
    /// # Run-time traffic that cannot be judged
    ///
    /// ## What it finds
    /// An upstream, MCP server or service of whose interactions at least a fifth could not be judged whole in the last 24 hours: images, encrypted
    /// blocks, bodies of unknown form. It is said from 20 interactions on, is low, and medium from half of them. It closes by itself when
    /// less of it is left out.
    ///
    /// ## Why it matters
    /// No rule speaks of what none could read. The silence about these parts means nothing, and an attacker may choose that form.
    ///
    /// ## Example
    /// ```text
    /// 412 of 600 interactions with `vision` were not judged whole
    /// ```
    ///
    /// ## Fix
    /// See in the interactions what was left out. Where the form is known, open it before the gateway; where it is not needed, let the
    /// gateway refuse what it cannot read.
    ///
    /// ## References
    /// - EU AI Act, Article 12, Record-keeping
    /// - NIST AI RMF, MEASURE 2.4
    NotJudged {
        id: "runtime/not-judged",
        severity: Medium,
        stage: Operate,
        controls: [
            "nist-ai-rmf-1.0:MEASURE 2.4",
            "iso-42001-2023:A.6.2.6",
            "iso-42001-2023:A.6.2.8",
            "eu-ai-act:Art. 12",
            "eu-ai-act:Art. 26",
        ],
        bad: [],
        good: [],
    }
}

impl Rule for NotJudged {
    fn is_of_scans(&self) -> bool {
        false
    }
}

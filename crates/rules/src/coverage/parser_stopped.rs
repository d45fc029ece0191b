use stance_core::{Severity, Snapshot};
use stance_core::fact::{Gap, GapReason};

use crate::{Cx, Rule};

rule! {
    /// # File that breaks off in the middle of its format
    ///
    /// ## What it finds
    /// A file that says it is of a format and then does not keep to it: a truncated model, a
    /// header that lies, source code that does not parse, configuration with a syntax error.
    /// What stands before the break is still judged.
    ///
    /// ## Why it matters
    /// Behind the break nothing was judged. Loaders are often more lenient than the format: a
    /// pickle runs every opcode up to its first error, and attackers break files on purpose
    /// right behind their code so that scanners give up. In a model file the finding is of
    /// medium severity, else low; among tests and documentation, where broken files are kept on
    /// purpose, it is informational.
    ///
    /// ## Example
    /// ```json
    /// { "mcpServers": { "files": { "command": "npx"
    /// ```
    ///
    /// ## Fix
    /// Repair the file or delete it. A model that does not keep to its format is fetched again
    /// from its origin and compared by hash; until then do not load it.
    ///
    /// ## References
    /// - MITRE ATLAS, AML.T0011.000: User Execution: Unsafe AI Artifacts
    ParserStopped {
        id: "coverage/parser-stopped",
        severity: Low,
        stage: Operate,
        controls: [
            "owasp-llm-2025:LLM03",
            "mitre-atlas:AML.T0011.000",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.6.2.4",
        ],
        bad: [
            crate::gap!(".mcp.json", Malformed, "expected `}` at the end of the file"),
            crate::gap!("ranker.pkl", Malformed, "the stream ends before STOP"),
        ],
        good: [
            crate::text!(".mcp.json", r#"{"mcpServers": {}}"#),
            crate::gap!("ranker.pkl", Limit, "more than 4000000 opcodes"),
        ],
    }
}

impl Rule for ParserStopped {
    fn searched(&self, snapshot: &Snapshot) -> u64 {
        snapshot.coverage.files
    }

    fn gap(&self, gap: &Gap, cx: &mut Cx<'_>) {
        let what = "could not be read to its end";
        super::report(gap, GapReason::Malformed, what, Severity::Low, cx);
    }
}

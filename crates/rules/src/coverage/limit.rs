use stance_core::{Severity, Snapshot};
use stance_core::fact::{Gap, GapReason};

use crate::{Cx, Rule};

rule! {
    /// # File that takes more work than a scan gives it
    ///
    /// ## What it finds
    /// A file in which a bound of a parser was met: containers nested too deep, too many
    /// members, a few bytes that unpack to gigabytes, a configuration tree too deep or too
    /// wide, a pickle of too many opcodes; or an archive of a kind that is not unpacked. The
    /// scan went on with what it had.
    ///
    /// ## Why it matters
    /// Hardly an honest file meets these bounds. A decompression bomb stops scanners, and
    /// whoever unpacks it next; deep nesting hides what lies inside. Within a container or a
    /// model file the finding is of medium severity, else low.
    ///
    /// ## Example
    /// A zip file of 42 kilobytes whose members unpack to 4 gigabytes.
    ///
    /// ## Fix
    /// Find out where the file comes from and do not load or unpack it until you know. An
    /// honest file, such as a lock file of a very large workspace, is accepted with a waiver
    /// that says why.
    ///
    /// ## References
    /// - CWE-409: Improper Handling of Highly Compressed Data (Data Amplification)
    /// - CWE-674: Uncontrolled Recursion
    Limit {
        id: "coverage/limit",
        severity: Low,
        stage: Operate,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-llm-2025:LLM10",
            "owasp-llm-2026:LLM06",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.6.2.4",
        ],
        bad: [
            crate::gap!("bundle.zip!a.zip!b.zip", Limit, "containers are nested more than 4 deep"),
            crate::gap!("values.yaml", Limit, "more values than are read of one file"),
        ],
        good: [
            crate::text!("values.yaml", "a: {b: {c: {d: 1}}}\n"),
            crate::gap!("bundle.zip!a.bin", TooLarge, "only the first 33554432 bytes were unpacked"),
        ],
    }
}

impl Rule for Limit {
    fn searched(&self, snapshot: &Snapshot) -> u64 {
        snapshot.coverage.files
    }

    fn gap(&self, gap: &Gap, cx: &mut Cx<'_>) {
        // What unpacks without end is a bomb whatever it calls itself.
        let severity = if gap.evidence.path.contains('!') {
            Severity::Medium
        } else {
            Severity::Low
        };
        let what = "was looked at in part";
        super::report(gap, GapReason::Limit, what, severity, cx);
    }
}

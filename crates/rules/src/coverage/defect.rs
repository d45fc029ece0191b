use stance_core::{Severity, Snapshot};
use stance_core::fact::{Gap, GapReason};

use crate::{Cx, Rule};

rule! {
    /// # File on which a parser of Stance broke
    ///
    /// ## What it finds
    /// A file on which a parser failed in a way that it should never fail. The rest of the scan
    /// went on.
    ///
    /// ## Why it matters
    /// The file was not judged, and the cause is a defect of Stance. Whoever knows the defect
    /// can hide behind it. In a model file the finding is of medium severity, else low.
    ///
    /// ## Example
    /// There should be none: every parser is tested with random and hostile bytes.
    ///
    /// ## Fix
    /// Report it as `SECURITY.md` of the project says, with the file if you may share it. Until
    /// it is mended, treat the file as unknown: do not load it on the strength of this scan.
    ///
    /// ## References
    /// - CWE-248: Uncaught Exception
    Defect {
        id: "coverage/defect",
        severity: Low,
        stage: Operate,
        controls: [
            "owasp-llm-2025:LLM03",
            "nist-ai-rmf-1.0:MEASURE 2.7",
        ],
        bad: [crate::gap!("ranker.onnx", Defect, "the parser `onnx` broke")],
        good: [
            crate::text!("README.md", "The parser broke.\n"),
            crate::gap!("ranker.onnx", Malformed, "a length is larger than the file"),
        ],
    }
}

impl Rule for Defect {
    fn searched(&self, snapshot: &Snapshot) -> u64 {
        snapshot.coverage.files
    }

    fn gap(&self, gap: &Gap, cx: &mut Cx<'_>) {
        let what = "made Stance itself fail";
        super::report(gap, GapReason::Defect, what, Severity::Low, cx);
    }
}

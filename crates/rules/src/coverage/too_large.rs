use stance_core::{Severity, Snapshot};
use stance_core::fact::{Gap, GapReason};

use crate::{Cx, Rule};

rule! {
    /// # File larger than what is read of its kind
    ///
    /// ## What it finds
    /// A text, a header or a member of an archive that is larger than the limit for its kind,
    /// so that it was not read, or read in part. Sizes of model weights do not count: of those
    /// only the header is read.
    ///
    /// ## Why it matters
    /// Padding is the oldest way past a scanner that stops at a size. A notebook of 20
    /// megabytes is mostly pictures, but the key that a cell printed lies in the same file. In
    /// a model file the finding is of medium severity, else low.
    ///
    /// ## Example
    /// A `.mcp.json` with 17 megabytes of spaces before the server that it declares.
    ///
    /// ## Fix
    /// Look at the file: split it, clear the outputs of a notebook, or leave it out with
    /// `scan.exclude` in `stance.toml` when you know what it is. A header or configuration of
    /// this size is suspicious in itself.
    ///
    /// ## References
    /// - CWE-1284: Improper Validation of Specified Quantity in Input
    TooLarge {
        id: "coverage/too-large",
        severity: Low,
        stage: Operate,
        controls: [
            "owasp-llm-2025:LLM03",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.6.2.4",
        ],
        bad: [
            crate::gap!("notebooks/eda.ipynb", TooLarge, "20971520 bytes are more than the 16777216 that are read of such a file"),
            crate::gap!("m.pt!data.pkl", TooLarge, "only the first 33554432 bytes were unpacked"),
        ],
        good: [
            crate::text!("notebooks/eda.ipynb", r#"{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}"#),
            crate::gap!("m.pt!data.pkl", Limit, "3 packed bytes unpack to more than 33554432"),
        ],
    }
}

impl Rule for TooLarge {
    fn searched(&self, snapshot: &Snapshot) -> u64 {
        snapshot.coverage.files
    }

    fn gap(&self, gap: &Gap, cx: &mut Cx<'_>) {
        let what = "was not looked at whole";
        super::report(gap, GapReason::TooLarge, what, Severity::Low, cx);
    }
}

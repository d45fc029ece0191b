use stance_core::fact::CodeCall;
use stance_core::Severity;
use crate::calls::severity_at;

use crate::{Cx, Rule};

rule! {
    /// # Vector store that any client may empty
    ///
    /// ## What it finds
    /// `Settings(allow_reset=True)` of Chroma, which lets every client delete all collections with one call.
    ///
    /// ## Why it matters
    /// One request, by a person or by an agent with a database tool, and everything that the application knows is gone.
    ///
    /// ## Example
    /// ```python
    /// client = chromadb.HttpClient(settings=Settings(allow_reset=True))
    /// ```
    ///
    /// ## Fix
    /// Leave it off outside of tests.
    ///
    /// ## References
    /// - Chroma documentation, client reference
    VectorStoreReset {
        id: "code/vector-store-reset",
        severity: Low,
        stage: Deploy,
        controls: [
            "owasp-llm-2025:LLM08",
            "owasp-llm-2026:LLM09",
            "mitre-atlas:AML.T0101",
            "nist-ai-rmf-1.0:MANAGE 1.4",
        ],
        bad: [
            crate::text!("a.py", "import chromadb\nfrom chromadb.config import Settings\nc = chromadb.HttpClient(settings=Settings(allow_reset=True))\n"),
        ],
        good: [
            crate::text!("a.py", "import chromadb\nfrom chromadb.config import Settings\nc = chromadb.HttpClient(settings=Settings(allow_reset=False))\n"),
            crate::text!("a.py", "from ours import Settings\nSettings(allow_reset=True)\n"),
        ],
    }
}

impl Rule for VectorStoreReset {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "chromadb.config.Settings",
            "chromadb.Settings",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let Some(what) = seen(call) else { return };
        let severity = severity_at(&call.evidence, Severity::Low);
        cx.report(&call.evidence, what).severity(severity);
    }
}

fn seen(call: &CodeCall) -> Option<String> {
    crate::calls::is_on(call, "allow_reset").then(|| "every client may empty the vector store".to_owned())
}

use stance_core::Severity;
use stance_core::fact::CodeCall;

use crate::calls::{is_on, is_own, severity_at, shown};
use crate::{Cx, Rule};

rule! {
    /// # Vector store or chain loaded with dangerous deserialization allowed
    ///
    /// ## What it finds
    /// `allow_dangerous_deserialization=True` in LangChain's `load_local`,
    /// `deserialize_from_bytes` and their like.
    ///
    /// ## Why it matters
    /// The index beside the vectors is a pickle, and the argument says that it may run. Indexes
    /// are built by jobs, kept in buckets and copied between machines; whoever can write there
    /// runs code in every service that loads the index.
    ///
    /// ## Example
    /// ```python
    /// store = FAISS.load_local("index", embeddings, allow_dangerous_deserialization=True)
    /// ```
    ///
    /// ## Fix
    /// Keep documents in a store that does not pickle (Chroma, Qdrant, pgvector, LanceDB), or
    /// rebuild the index from its sources. Until then load only what the same job wrote, from a
    /// place that nobody else can write, and check its hash first.
    ///
    /// ## References
    /// - LangChain documentation, FAISS, `load_local`
    /// - CWE-502: Deserialization of Untrusted Data
    DangerousDeserializationFlag {
        id: "code/dangerous-deserialization-flag",
        severity: Medium,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM08",
            "owasp-llm-2025:LLM03",
            "owasp-llm-2026:LLM09",
            "mitre-atlas:AML.T0011.000",
            "nist-ai-rmf-1.0:MEASURE 2.7",
        ],
        bad: [
            crate::text!("a.py", "from langchain_community.vectorstores import FAISS\ns = FAISS.load_local('index', e, allow_dangerous_deserialization=True)\n"),
            crate::text!("a.py", "def f(store):\n    return store.load_local('index', allow_dangerous_deserialization=True)\n"),
        ],
        good: [
            crate::text!("a.py", "from langchain_community.vectorstores import FAISS\ns = FAISS.load_local('index', e)\n"),
            crate::text!("a.py", "from langchain_community.vectorstores import FAISS\ns = FAISS.load_local('index', e, allow_dangerous_deserialization=False)\n"),
        ],
    }
}

impl Rule for DangerousDeserializationFlag {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "*.load_local(allow_dangerous_deserialization)",
            "*.deserialize_from_bytes(allow_dangerous_deserialization)",
            "*.from_serialized(allow_dangerous_deserialization)",
            "*.load_llm(allow_dangerous_deserialization)",
            "*.load_llm_from_config(allow_dangerous_deserialization)",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        if is_on(call, "allow_dangerous_deserialization") && !is_own(&call.callee) {
            let severity = severity_at(&call.evidence, Severity::Medium);
            cx.report(
                &call.evidence,
                format!("`{}` may run the pickle beside the index", shown(&call.callee)),
            )
            .severity(severity);
        }
    }
}

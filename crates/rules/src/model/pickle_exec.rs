use stance_core::fact::Artifact;

use crate::{Cx, Rule};

rule! {
    /// # Pickle that runs code when it is loaded
    ///
    /// ## What it finds
    /// x
    ///
    /// ## Why it matters
    /// x
    ///
    /// ## Example
    /// x
    ///
    /// ## Fix
    /// x
    ///
    /// ## References
    /// x
    PickleExec {
        id: "model/pickle-exec",
        severity: Critical,
        stage: Supply,
        controls: ["owasp-llm-2025:LLM03"],
        bad: [crate::text!("a.pkl", "cos\nsystem\n(S'echo'\ntR.")],
        good: [crate::text!("a.pkl", "N.")],
    }
}

impl Rule for PickleExec {
    fn artifact(&self, _artifact: &Artifact, _cx: &mut Cx<'_>) {}
}

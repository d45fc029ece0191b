use stance_core::fact::{CodeCall, Value};
use stance_core::Severity;
use crate::calls::severity_at;

use crate::{Cx, Rule};

rule! {
    /// # Guardrail that lets everything pass
    ///
    /// ## What it finds
    /// A validator of Guardrails AI with `on_fail="noop"`: it looks, and whatever it finds goes on to the user.
    ///
    /// ## Why it matters
    /// The guard stands in the code and in the records, and stops nothing. Who reads either believes that answers are
    /// filtered.
    ///
    /// ## Example
    /// ```python
    /// guard = Guard().use(ToxicLanguage(on_fail="noop"))
    /// ```
    ///
    /// ## Fix
    /// Use `exception`, `fix`, `refrain` or `reask`. `noop` is for measuring a new validator beside one that acts.
    ///
    /// ## References
    /// - Guardrails AI documentation, on-fail actions
    GuardrailWithoutEffect {
        id: "code/guardrail-without-effect",
        severity: Low,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM05",
            "owasp-llm-2026:LLM10",
            "nist-ai-600-1:2.3",
            "nist-ai-rmf-1.0:MANAGE 1.4",
            "iso-42001-2023:A.6.2.4",
            "eu-ai-act:Art. 9",
        ],
        bad: [
            crate::text!("a.py", "from guardrails import Guard\nfrom guardrails.hub import ToxicLanguage\nguard = Guard().use(ToxicLanguage(threshold=0.5, on_fail='noop'))\n"),
            crate::text!("a.py", "from guardrails import Guard\nfrom guardrails.hub import DetectPII\nguard = Guard().use(DetectPII, on_fail='noop')\n"),
        ],
        good: [
            crate::text!("a.py", "from guardrails import Guard\nfrom guardrails.hub import ToxicLanguage\nguard = Guard().use(ToxicLanguage(on_fail='exception'))\n"),
            crate::text!("a.py", "from ours import Check\nCheck(on_fail='noop')\n"),
        ],
    }
}

impl Rule for GuardrailWithoutEffect {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "guardrails.hub.*",
            "guardrails.Guard().use(on_fail)",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let Some(what) = seen(call) else { return };
        let severity = severity_at(&call.evidence, Severity::Low);
        cx.report(&call.evidence, what).severity(severity);
    }
}

fn seen(call: &CodeCall) -> Option<String> {
    let text = call.keyword("on_fail").and_then(Value::text)?;
    let name = crate::calls::shown(&call.callee);
    text.eq_ignore_ascii_case("noop").then(|| format!("`{name}` does nothing when it finds something"))
}

use stance_core::fact::CodeCall;
use stance_core::Severity;
use crate::calls::severity_at;

use crate::{Cx, Rule};

rule! {
    /// # Browser agent without the walls of the browser
    ///
    /// ## What it finds
    /// A browser of Browser Use with `disable_security=True`, which takes away the same-origin policy and checks of
    /// certificates.
    ///
    /// ## Why it matters
    /// The agent visits pages that strangers wrote, signed in as the user. Without these walls each page can read every
    /// other one that is open.
    ///
    /// ## Example
    /// ```python
    /// browser = Browser(config=BrowserConfig(disable_security=True))
    /// ```
    ///
    /// ## Fix
    /// Remove the flag; it is meant for tests. Give the agent a profile of its own without sessions, and a list of
    /// allowed domains.
    ///
    /// ## References
    /// - Browser Use documentation, browser settings
    BrowserAgentUnsafe {
        id: "code/browser-agent-unsafe",
        severity: Medium,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM06",
            "owasp-llm-2026:LLM03",
            "owasp-agentic-2026:ASI02",
            "mitre-atlas:AML.T0053",
            "eu-ai-act:Art. 14",
        ],
        bad: [
            crate::text!("a.py", "from browser_use import BrowserProfile\np = BrowserProfile(disable_security=True)\n"),
        ],
        good: [
            crate::text!("a.py", "from browser_use import BrowserProfile\np = BrowserProfile(disable_security=False, allowed_domains=['acme.com'])\n"),
            crate::text!("a.py", "from ours import BrowserProfile\np = BrowserProfile(disable_security=True)\n"),
        ],
    }
}

impl Rule for BrowserAgentUnsafe {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "*.BrowserProfile(disable_security)",
            "*.BrowserConfig(disable_security)",
            "*.BrowserSession(disable_security)",
            "browser_use.Browser(disable_security)",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let Some(what) = seen(call) else { return };
        let severity = severity_at(&call.evidence, Severity::Medium);
        cx.report(&call.evidence, what).severity(severity);
    }
}

fn seen(call: &CodeCall) -> Option<String> {
    (call.callee.starts_with("browser_use") && crate::calls::is_on(call, "disable_security"))
        .then(|| format!("`{}` takes the walls between pages away", crate::calls::shown(&call.callee)))
}

use stance_core::fact::Allow;
use stance_core::{Scope, Severity};

use crate::{Cx, Rule};

rule! {
    /// # Comment that allows what nothing finds
    ///
    /// ## What it finds
    /// An inline comment `stance: allow RULE -- reason` on whose lines the rule finds nothing:
    /// the code behind it was fixed or moved, or the name of the rule is mistyped. A comment
    /// about a rule that is switched off is left alone.
    ///
    /// ## Why it matters
    /// The comment will silence the next finding that comes to stand there. One with a slip in
    /// the name silences nothing, against the belief of its author. In tests and documentation
    /// the finding is informational.
    ///
    /// ## Example
    /// ```python
    /// cache = json.load(f)  # stance: allow code/pickle-load -- written by this process
    /// ```
    ///
    /// ## Fix
    /// Remove the comment, or put it on the line of the finding or alone on the line above it.
    ///
    /// ## References
    /// - NIST AI 100-1, MANAGE 1.4: residual risks are documented.
    UnmatchedAllow {
        id: "governance/unmatched-allow",
        severity: Low,
        stage: Govern,
        controls: [
            "nist-ai-rmf-1.0:MANAGE 1.4",
            "iso-42001-2023:6.1.3",
        ],
        bad: [
            crate::text!(
                "cache.py",
                "import json\ncache = json.load(f)  # stance: allow code/pickle-load -- written by this process\n"
            ),
            crate::text!("cache.py", "x = 1  # stance: allow code/pickel-load -- written by this process\n"),
        ],
        good: [
            crate::text!(
                ".mcp.json",
                "{\"mcpServers\": {\"a\": {\"command\": }}} // stance: allow coverage/parser-stopped -- a template\n"
            ),
            // Void, of which another rule speaks.
            crate::text!("cache.py", "x = 1  # stance: allow code/pickle-load\n"),
        ],
    }
}

impl Rule for UnmatchedAllow {
    fn allow(&self, allow: &Allow, matched: usize, cx: &mut Cx<'_>) {
        let off = cx.snapshot().policy.rules.is_disabled(&allow.rule);
        if matched > 0 || off || allow.reason.is_empty() {
            return;
        }
        let rule = stance_core::evidence::shorten(&allow.rule);
        let why = super::unknown(&allow.rule)
            .unwrap_or_else(|| "the rule finds nothing on its lines".to_owned());
        let severity = match Scope::of_path(&allow.evidence.path) {
            Scope::Production => Severity::Low,
            Scope::Test | Scope::Documentation => Severity::Info,
        };
        cx.report(
            &allow.evidence,
            format!("the comment that allows `{rule}` has no effect: {why}"),
        )
        .severity(severity);
    }
}

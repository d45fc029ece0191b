use stance_core::fact::Allow;

use crate::{Cx, Rule};

rule! {
    /// # Comment that allows a rule without a reason
    ///
    /// ## What it finds
    /// An inline comment `stance: allow RULE` with no ` -- reason` behind it. Such a comment is
    /// void: the finding it stands beside remains open.
    ///
    /// ## Why it matters
    /// The next reader cannot tell a considered exception from a quick way past a red build,
    /// and neither can an auditor.
    ///
    /// ## Example
    /// ```python
    /// cache = pickle.load(f)  # stance: allow code/pickle-load
    /// ```
    ///
    /// ## Fix
    /// Say why the place is fine, so that a reviewer can agree or not:
    ///
    /// ```python
    /// cache = pickle.load(f)  # stance: allow code/pickle-load -- written by this process, in a private directory
    /// ```
    ///
    /// ## References
    /// - NIST AI 100-1, MANAGE 1.4: residual risks are documented.
    AllowWithoutReason {
        id: "governance/allow-without-reason",
        severity: Low,
        stage: Govern,
        controls: [
            "nist-ai-rmf-1.0:MANAGE 1.4",
            "iso-42001-2023:6.1.3",
        ],
        bad: [
            crate::text!("cache.py", "import pickle\ncache = pickle.load(f)  # stance: allow code/pickle-load\n"),
            crate::text!("cache.py", "# stance: allow code/pickle-load --\nx = 1\n"),
        ],
        good: [
            crate::text!(
                "cache.py",
                "import pickle\ncache = pickle.load(f)  # stance: allow code/pickle-load -- written by this process\n"
            ),
            crate::text!("cache.py", "# The stance we take: allow what has a reason.\nx = 1\n"),
        ],
    }
}

impl Rule for AllowWithoutReason {
    fn allow(&self, allow: &Allow, _matched: usize, cx: &mut Cx<'_>) {
        if allow.reason.is_empty() {
            let rule = stance_core::evidence::shorten(&allow.rule);
            cx.report(
                &allow.evidence,
                format!("the comment allows `{rule}` without a reason and is void"),
            )
            .fix(format!("write `stance: allow {rule} -- REASON`, or remove the comment"));
        }
    }
}

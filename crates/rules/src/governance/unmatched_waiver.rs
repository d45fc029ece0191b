use jiff::civil::date;
use stance_core::fact::GapReason;
use stance_core::policy::Waiver;

use crate::{Content, Cx, Example, Rule, WaiverUse};

const REFUSED: &[(&str, Content)] = &[(
    "private/notes.txt",
    Content::Gap(GapReason::Unreadable, "Permission denied (os error 13)"),
)];

rule! {
    /// # Waiver that fits no finding
    ///
    /// ## What it finds
    /// A `[[waiver]]` in `stance.toml` that holds but accepts nothing: what it accepted is
    /// fixed or gone, or its rule or pattern does not say what its author meant. A waiver of a
    /// rule that is switched off is left alone.
    ///
    /// ## Why it matters
    /// A waiver that waits for a finding will accept the next one that fits, unseen. One with a
    /// slip in its pattern gives its author the belief that something is decided that is not.
    ///
    /// ## Example
    /// ```toml
    /// [[waiver]]
    /// rule = "coverage/unreadable"
    /// path = "privat/**"  # the directory is called private
    /// reason = "the share is read by its owners only"
    /// owner = "platform@example.org"
    /// expires = 2027-06-30
    /// ```
    ///
    /// ## Fix
    /// Remove the waiver, or correct its rule, path or asset. Patterns are held against paths
    /// relative to the scanned directory: scan from the directory of `stance.toml`.
    ///
    /// ## References
    /// - NIST AI 100-1, MANAGE 1.4: residual risks are documented.
    UnmatchedWaiver {
        id: "governance/unmatched-waiver",
        severity: Low,
        stage: Govern,
        controls: [
            "nist-ai-rmf-1.0:MANAGE 1.4",
            "nist-ai-rmf-1.0:GOVERN 1.5",
            "iso-42001-2023:6.1.3",
            "eu-ai-act:Art. 9",
        ],
        bad: [
            Example {
                files: REFUSED,
                policy: Some(|| {
                    super::one_waiver("coverage/unreadable", "privat/**", date(2027, 6, 30))
                }),
            },
            Example {
                files: REFUSED,
                policy: Some(|| {
                    super::one_waiver("coverage/unreadble", "private/**", date(2027, 6, 30))
                }),
            },
        ],
        good: [
            Example {
                files: REFUSED,
                policy: Some(|| {
                    super::one_waiver("coverage/unreadable", "private/**", date(2027, 6, 30))
                }),
            },
            // Of an expired one another rule speaks.
            Example {
                files: REFUSED,
                policy: Some(|| {
                    super::one_waiver("coverage/unreadable", "privat/**", date(2026, 6, 30))
                }),
            },
            // A rule that is off finds nothing to accept.
            Example {
                files: REFUSED,
                policy: Some(|| {
                    let mut policy =
                        super::one_waiver("coverage/unreadable", "private/**", date(2027, 6, 30));
                    policy.rules.disabled.push("coverage/unreadable".to_owned());
                    policy
                }),
            },
        ],
    }
}

impl Rule for UnmatchedWaiver {
    fn waiver(&self, waiver: &Waiver, fate: WaiverUse, cx: &mut Cx<'_>) {
        let rule = &waiver.rule;
        if fate != WaiverUse::Unmatched || cx.snapshot().policy.rules.is_disabled(rule) {
            return;
        }
        let place = super::place(waiver);
        let why = super::unknown(rule).unwrap_or_else(|| "it fits no finding".to_owned());
        cx.report(
            &waiver.evidence,
            format!("the waiver of `{rule}` for {place} accepts nothing: {why}"),
        );
    }
}

use jiff::civil::date;
use stance_core::fact::GapReason;
use stance_core::policy::Waiver;

use crate::{Content, Cx, Example, Rule, WaiverUse};

const REFUSED: &[(&str, Content)] = &[(
    "private/notes.txt",
    Content::Gap(GapReason::Unreadable, "Permission denied (os error 13)"),
)];

rule! {
    /// # Waiver whose last day is over
    ///
    /// ## What it finds
    /// A `[[waiver]]` in `stance.toml` that expired. The findings that it accepted are open
    /// again and count.
    ///
    /// ## Why it matters
    /// A risk is accepted for a time, by somebody, for a reason. When the time is over the
    /// decision is due again; a list of dead waivers teaches everybody to add the next one
    /// without reading it.
    ///
    /// ## Example
    /// ```toml
    /// [[waiver]]
    /// rule = "coverage/unreadable"
    /// path = "private/**"
    /// reason = "the share is read by its owners only"
    /// owner = "platform@example.org"
    /// expires = 2026-06-30
    /// ```
    ///
    /// ## Fix
    /// Fix what was accepted and remove the waiver. If the risk is still worth taking, let its
    /// owner decide again and write a new date.
    ///
    /// ## References
    /// - NIST AI 100-1, MANAGE 1.4: residual risks are documented.
    /// - ISO/IEC 42001:2023, 8.3: AI risk treatment.
    ExpiredWaiver {
        id: "governance/expired-waiver",
        severity: Medium,
        stage: Govern,
        controls: [
            "nist-ai-rmf-1.0:MANAGE 1.4",
            "nist-ai-rmf-1.0:GOVERN 1.5",
            "iso-42001-2023:6.1.3",
            "iso-42001-2023:8.3",
            "eu-ai-act:Art. 9",
            "soc2-2017-2022:CC3.2",
        ],
        bad: [
            Example {
                files: REFUSED,
                policy: Some(|| {
                    super::one_waiver("coverage/unreadable", "private/**", date(2026, 11, 20))
                }),
            },
            // It accepts nothing any more and is still a decision that is overdue.
            Example {
                files: &[],
                policy: Some(|| super::one_waiver("coverage/*", "gone/**", date(2025, 1, 31))),
            },
        ],
        good: [
            // The last day still counts.
            Example {
                files: REFUSED,
                policy: Some(|| {
                    super::one_waiver("coverage/unreadable", "private/**", date(2026, 11, 21))
                }),
            },
        ],
    }
}

impl Rule for ExpiredWaiver {
    fn waiver(&self, waiver: &Waiver, fate: WaiverUse, cx: &mut Cx<'_>) {
        let WaiverUse::Expired(count) = fate else {
            return;
        };
        let (rule, place, expires) = (&waiver.rule, super::place(waiver), waiver.expires);
        let consequence = match count {
            0 => "and fits no finding any more".to_owned(),
            1 => "and 1 finding counts again".to_owned(),
            count => format!("and {count} findings count again"),
        };
        let message = format!("the waiver of `{rule}` for {place} expired on {expires}, {consequence}");
        let draft = cx
            .report(&waiver.evidence, message)
            .note(format!("accepted by {}: {}", waiver.owner, waiver.reason));
        if count == 0 {
            draft.fix("remove the waiver");
        }
    }
}

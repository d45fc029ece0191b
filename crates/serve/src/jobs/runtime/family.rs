//! Which finding a detection belongs to, and how bad it is.

use stance_core::{Confidence, Severity};

use super::gather::Detected;

/// What detections have in common; each family is a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Family {
    Attack,
    DataLeak,
    Injection,
    Theft,
    ToolTampering,
}

impl Family {
    /// All of them.
    pub(super) const ALL: [Self; 5] = [
        Self::Attack,
        Self::DataLeak,
        Self::Injection,
        Self::Theft,
        Self::ToolTampering,
    ];

    /// The one that a rule of the guard belongs to; none for rules that only say what policy does not allow.
    pub(crate) fn of(rule: &str) -> Option<Self> {
        let (area, name) = rule.split_once('/')?;
        match (area, name) {
            ("text", "attack" | "attack-possible") => Some(Self::Attack),
            ("data" | "leak", _) | ("flow", "private-data-out" | "secret-out") => {
                Some(Self::DataLeak)
            }
            ("text", "instructions" | "instructions-possible") | ("flow", _) => {
                Some(Self::Injection)
            }
            ("theft", _) => Some(Self::Theft),
            (
                "tool",
                "changed" | "outside-catalogue" | "shadowing" | "poisoned" | "poisoned-possible",
            ) => Some(Self::ToolTampering),
            _ => None,
        }
    }

    /// Its rule.
    pub(crate) const fn rule(self) -> &'static str {
        match self {
            Self::Attack => "runtime/attack",
            Self::DataLeak => "runtime/data-leak",
            Self::Injection => "runtime/injection",
            Self::Theft => "runtime/theft",
            Self::ToolTampering => "runtime/tool-tampering",
        }
    }

    /// What is wrong with a thing of this name. Without figures: the same finding stands however often it happens.
    pub(super) fn message(self, name: &str) -> String {
        match self {
            Self::Attack => format!("`{name}` is asked at run time to give up its instructions"),
            Self::DataLeak => {
                format!("data that must not leave passes through `{name}` at run time")
            }
            Self::Injection => {
                format!("content that gives orders reaches `{name}` at run time")
            }
            Self::Theft => format!("requests to `{name}` together look like theft or exhaustion"),
            Self::ToolTampering => {
                format!("tools that are not what was approved are offered through `{name}`")
            }
        }
    }

    /// How bad it is that all of it was stopped.
    const fn stopped(self) -> Severity {
        match self {
            Self::ToolTampering => Severity::Medium,
            Self::Attack | Self::DataLeak | Self::Injection | Self::Theft => Severity::Low,
        }
    }

    /// How bad it is that what this rule found passed.
    fn passed(self, rule: &str) -> Severity {
        match rule {
            "data/personal-in-request"
            | "data/personal-in-answer"
            | "leak/remote-image"
            | "leak/script"
            | "leak/bidi-control"
            | "flow/unasked"
            | "flow/destination-from-content"
            | "tool/changed"
            | "tool/outside-catalogue" => Severity::Medium,
            "theft/novelty" => Severity::Low,
            _ if is_possible(rule) => Severity::Medium,
            _ if rule.starts_with("theft/") && rule.ends_with("-change") => Severity::Low,
            _ => Severity::High,
        }
    }

    /// How many of these went on as they were.
    pub(super) fn went_on(self, detected: &Detected) -> u64 {
        let tally = &detected.tally;
        // What was taken out did not leave; an order that lost a credential on its way is still an order.
        let harmless = match self {
            Self::DataLeak => tally.stopped.saturating_add(tally.redacted),
            _ => tally.stopped,
        };
        tally.count.saturating_sub(harmless)
    }

    /// Whether any of these went on as they were.
    pub(super) fn went_on_at_all(self, all: &[Detected]) -> bool {
        all.iter().any(|detected| self.went_on(detected) > 0)
    }

    /// How bad all of it is, and how sure.
    pub(super) fn judge(self, all: &[Detected]) -> (Severity, Confidence) {
        let severities = all.iter().map(|detected| {
            let passed = self.passed(&detected.rule);
            match self.went_on(detected) {
                0 => self.stopped().min(passed),
                _ => passed,
            }
        });
        let confidence = if all.iter().all(|detected| is_possible(&detected.rule)) {
            Confidence::Medium
        } else {
            Confidence::High
        };
        (severities.max().unwrap_or(Severity::Low), confidence)
    }
}

fn is_possible(rule: &str) -> bool {
    rule.ends_with("-possible")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::runtime::gather::{Subject, Tally};

    fn detected(rule: &str, count: u64, stopped: u64, redacted: u64) -> Detected {
        Detected {
            rule: rule.to_owned(),
            subject: Subject::Model("m".to_owned()),
            tally: Tally {
                count,
                stopped,
                redacted,
                ..Tally::default()
            },
        }
    }

    fn severity(all: &[Detected]) -> Severity {
        let family = Family::of(&all[0].rule).unwrap();
        family.judge(all).0
    }

    #[test]
    fn what_passed_is_worse_than_what_was_stopped() {
        assert_eq!(severity(&[detected("text/attack", 3, 3, 0)]), Severity::Low);
        assert_eq!(
            severity(&[detected("text/attack", 3, 2, 0)]),
            Severity::High
        );
        assert_eq!(
            severity(&[detected("data/secret-in-request", 3, 1, 2)]),
            Severity::Low
        );
        // To take something out of an order does not stop it.
        assert_eq!(
            severity(&[detected("flow/obeys-content", 3, 0, 3)]),
            Severity::High
        );
        assert_eq!(
            severity(&[detected("tool/poisoned", 1, 1, 0)]),
            Severity::Medium
        );
    }

    #[test]
    fn the_worst_of_a_family_counts_and_a_guess_alone_is_no_certainty() {
        let guess = detected("text/instructions-possible", 9, 0, 0);
        assert_eq!(
            Family::Injection.judge(std::slice::from_ref(&guess)),
            (Severity::Medium, Confidence::Medium)
        );
        let both = [guess, detected("flow/obeys-content", 1, 0, 0)];
        assert_eq!(
            Family::Injection.judge(&both),
            (Severity::High, Confidence::High)
        );
    }

    #[test]
    fn every_family_has_a_rule_that_is_told_by_the_server() {
        for family in Family::ALL {
            let entry = stance_rules::find(family.rule()).unwrap();
            assert!(!entry.rule.is_of_scans());
        }
        assert_eq!(Family::of("flow/secret-out"), Some(Family::DataLeak));
        assert_eq!(Family::of("tool/denied"), None);
        assert_eq!(Family::of("nonsense"), None);
    }
}

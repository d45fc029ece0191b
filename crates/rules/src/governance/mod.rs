//! Rules about the decisions that people took.

use jiff::civil::Date;
use stance_core::policy::Selector;
use stance_core::{Evidence, Policy, Waiver};

rules! {
    allow_without_reason,
    expired_waiver,
    unapproved_change,
    unmatched_allow,
    unmatched_catalogue_entry,
    unmatched_waiver,
    unsanctioned_vendor,
}

/// Where a waiver holds, in words.
fn place(waiver: &Waiver) -> String {
    match &waiver.selector {
        Selector::Path(pattern) => format!("path `{pattern}`"),
        Selector::Asset(pattern) => format!("asset `{pattern}`"),
    }
}

/// `; did you mean …?` for a name that no rule has; `None` when one has it.
fn unknown(rule: &str) -> Option<String> {
    if crate::names_a_rule(rule) {
        return None;
    }
    Some(match crate::nearest(rule) {
        Some(nearest) => format!("there is no such rule; did you mean `{nearest}`"),
        None => "there is no such rule".to_owned(),
    })
}

/// The policy of an example: one waiver.
fn one_waiver(rule: &str, path: &str, expires: Date) -> Policy {
    Policy {
        waivers: vec![Waiver {
            rule: rule.to_owned(),
            selector: Selector::Path(path.to_owned()),
            reason: "the share is read by its owners only".to_owned(),
            owner: "platform@example.org".to_owned(),
            expires,
            evidence: Evidence::file("stance.toml"),
        }],
        ..Policy::default()
    }
}

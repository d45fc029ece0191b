//! What the names of rules mean: `deny`, `violation` and `warn`, as conftest defined them, and `exception`.
//!
//! A rule is one of them by its own name, with any suffix after `_`, in any package. It gives a set of messages, each a string or
//! an object with `msg`. As in conftest, a definition that gives nothing counts as passed.

mod check;
mod message;

use serde::Serialize;

pub use check::{Checked, check, namespaces};
pub use message::Message;

/// What a value of a rule means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth knowing, and no failure.
    Warn,
    /// A failure.
    Deny,
    /// A failure, by its other name.
    Violation,
}

impl Level {
    /// What the name of a rule makes of its values: the word alone, or with suffixes of letters and digits, each after `_`.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let mut parts = name.split('_');
        let level = match parts.next() {
            Some("warn") => Self::Warn,
            Some("deny") => Self::Deny,
            Some("violation") => Self::Violation,
            _ => return None,
        };
        parts
            .all(|part| !part.is_empty() && part.bytes().all(|it| it.is_ascii_alphanumeric()))
            .then_some(level)
    }

    /// Whether it is a failure.
    #[must_use]
    pub const fn fails(self) -> bool {
        matches!(self, Self::Deny | Self::Violation)
    }

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Deny => "deny",
            Self::Violation => "violation",
        }
    }
}

/// The name of a rule as exceptions call it: without the word that says what it means.
#[must_use]
pub fn excepted_name(rule: &str) -> &str {
    match rule {
        "deny" | "violation" | "warn" => "",
        _ => ["violation_", "deny_", "warn_"]
            .iter()
            .find_map(|prefix| rule.strip_prefix(prefix))
            .unwrap_or(rule),
    }
}

#[cfg(test)]
mod tests {
    use super::{Level, excepted_name};

    #[test]
    fn names_are_those_of_conftest() {
        assert_eq!(Level::of("deny"), Some(Level::Deny));
        assert_eq!(Level::of("violation_no_root2"), Some(Level::Violation));
        assert_eq!(Level::of("warn_x"), Some(Level::Warn));
        for name in ["denying", "deny_", "deny__x", "denied", "warn-x", "allow"] {
            assert_eq!(Level::of(name), None, "{name}");
        }
        assert_eq!(excepted_name("deny_run_as_root"), "run_as_root");
        assert_eq!(excepted_name("deny"), "");
    }
}

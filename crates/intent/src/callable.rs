//! What the catalogue says of one name, for people.

use serde::Serialize;

use super::catalogue::{self, Capability, Standing, known};

/// What is known of a name that a pickle may import and call.
#[derive(Clone, Debug, Serialize)]
pub struct Callable {
    /// The dotted name that was asked about.
    pub name: String,
    /// `safe`, `dangerous`, `standard` or `unknown`.
    pub standing: &'static str,
    /// What a dangerous one allows, in one word.
    pub capability: Option<&'static str>,
    /// Why it stands where it does, as a sentence without its end.
    pub reason: String,
    /// The line of the catalogue that says so; names without one are judged by their shape.
    pub pattern: Option<&'static str>,
    /// The rule that reports a call of it, where one does.
    pub rule: Option<&'static str>,
}

/// Looks a dotted name up in the catalogue of what pickles import.
#[must_use]
pub fn callable(name: &str) -> Callable {
    let known = known(name, None);
    let (standing, capability, reason, rule) = match known.standing {
        Standing::Safe => (
            "safe",
            None,
            "honest models need it, and making one does no harm".to_owned(),
            None,
        ),
        Standing::Dangerous(danger) => {
            let rule = match danger.capability {
                Capability::Load => "model/pickle-nested-loader",
                Capability::Carry => "model/pickle-carried-code",
                Capability::Import | Capability::Reach => "model/pickle-dangerous-import",
                _ => "model/pickle-exec",
            };
            let wide = if danger.wide {
                "; the whole package is listed, of which classes that are only created pass"
            } else {
                ""
            };
            (
                "dangerous",
                Some(danger.capability.word()),
                format!("it {}{wide}", danger.does),
                Some(rule),
            )
        }
        Standing::Standard => (
            "standard",
            None,
            "it belongs to the standard library, and honest pickles have no use for it".to_owned(),
            Some("model/pickle-unknown-call"),
        ),
        Standing::Unknown => (
            "unknown",
            None,
            "no line speaks of it: creating an object of it passes, calling it with text does not"
                .to_owned(),
            Some("model/pickle-unknown-call"),
        ),
    };
    Callable {
        name: name.to_owned(),
        standing,
        capability,
        reason,
        pattern: known.pattern,
        rule,
    }
}

/// Why an organisation cannot allow a name or `package.*` in its catalogue; `None` when it can.
#[must_use]
pub fn why_not_allowed(pattern: &str) -> Option<String> {
    catalogue::too_wide(pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_explained_with_its_line_and_rule() {
        let system = callable("os.system");
        assert_eq!(system.standing, "dangerous");
        assert_eq!(system.pattern, Some("os.*"));
        assert_eq!(system.rule, Some("model/pickle-exec"));
        assert_eq!(callable("our.Thing").standing, "unknown");
        assert_eq!(callable("collections.OrderedDict").rule, None);
    }

    #[test]
    fn what_does_harm_cannot_be_allowed() {
        for pattern in [
            "*",
            "os.*",
            "builtins.*",
            "os.system",
            "builtins.eval",
            "torch.*",
            "torch.hub.*",
            "numpy.*",
            "our*",
            "json",
            "sklearn.datasets.*",
        ] {
            assert!(why_not_allowed(pattern).is_some(), "{pattern}");
        }
        for pattern in [
            "our_team.*",
            "our_team.models.rebuild",
            "torch.hub.Own",
            "json.encoder.x",
        ] {
            assert!(why_not_allowed(pattern).is_none(), "{pattern}");
        }
    }
}

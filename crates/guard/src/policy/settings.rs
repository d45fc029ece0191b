//! The settings under `[guard]` of `stance.toml`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::RULES;
use crate::flow::{Actions, Objects};
use crate::verdict::{Action, OnFailure};

/// How much is enforced, before anything else is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// Everything passes; what would be stopped is recorded.
    Observe,
    /// Attacks are stopped, doubts are asked about, work goes on.
    #[default]
    Balanced,
    /// Doubts are stopped or asked about.
    Strict,
}

impl Preset {
    /// The name used in settings and in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Balanced => "balanced",
            Self::Strict => "strict",
        }
    }
}

/// How far what a tool gives back may be trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Trust {
    /// Strangers may have written it.
    #[default]
    Untrusted,
    /// Only the operator's own systems have; nothing follows from it that would not from the operator's words.
    Trusted,
}

/// What is done about tools that nobody approved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CatalogueMode {
    /// There is no catalogue: tools are judged by what they do.
    #[default]
    Off,
    /// What is offered first is approved; what changes afterwards is told.
    FirstUse,
    /// Only what was approved may be used: the default is to deny.
    Pinned,
}

/// What is set for one rule; what is left out is as the preset says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct RuleSettings {
    /// What is done about its findings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// The score from which it speaks, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f32>,
    /// What happens where it cannot judge. The default is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<OnFailure>,
}

/// What is set for the tools that a pattern covers, over what their names and descriptions tell.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct ToolSettings {
    /// How far what it gives back may be trusted.
    pub trust: Trust,
    /// What it does, by the names of [`Actions`]; over what its name tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actions: Option<Vec<String>>,
    /// Upon what, by the names of [`Objects`]; over what its name tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub objects: Option<Vec<String>>,
    /// Whether what it gives back is not for outsiders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private: Option<bool>,
}

/// The tools of one identity, or of all that a pattern covers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct IdentitySettings {
    /// Only these; empty for no limit.
    pub allow: Vec<String>,
    /// None of these.
    pub deny: Vec<String>,
}

/// All settings under `[guard]`. Tools are named by patterns with `*`, as `name` or `server/name`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    /// How much is enforced.
    pub preset: Preset,
    /// Only these tools; empty for no limit.
    pub allow: Vec<String>,
    /// None of these tools.
    pub deny: Vec<String>,
    /// What is done about tools that nobody approved.
    pub catalogue: CatalogueMode,
    /// Single rules, by their ids.
    pub rules: BTreeMap<String, RuleSettings>,
    /// Single tools, by patterns.
    pub tools: BTreeMap<String, ToolSettings>,
    /// Single identities, by patterns.
    pub identities: BTreeMap<String, IdentitySettings>,
}

/// Something in the settings that means nothing.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Invalid {
    /// No rule has this id.
    #[error("guard.rules.{id:?}: there is no such rule{}", meant(.nearest))]
    Rule {
        /// What was written.
        id: String,
        /// What was likely meant.
        nearest: Option<&'static str>,
    },
    /// A threshold is a share.
    #[error("guard.rules.{id:?}.threshold: {value} is not between 0 and 1")]
    Threshold {
        /// The rule.
        id: String,
        /// What was written.
        value: f32,
    },
    /// Redaction needs something to take out, which rules about tools do not have.
    #[error(
        "guard.rules.{id:?}.action: a call cannot be redacted; choose allow, flag, ask or block"
    )]
    Redact {
        /// The rule.
        id: String,
    },
    /// No action or object has this name.
    #[error("guard.tools.{tool:?}: {word:?} is not one of {known}")]
    Word {
        /// The pattern of the tool.
        tool: String,
        /// What was written.
        word: String,
        /// What could have been.
        known: String,
    },
}

fn meant(nearest: &Option<&'static str>) -> String {
    nearest.map_or_else(String::new, |nearest| {
        format!("; did you mean {nearest:?}?")
    })
}

impl Settings {
    /// Everything that means nothing.
    #[must_use]
    pub fn check(&self) -> Vec<Invalid> {
        let mut invalid = Vec::new();
        for (id, set) in &self.rules {
            if !RULES.iter().any(|about| about.id == id) {
                invalid.push(Invalid::Rule {
                    id: id.clone(),
                    nearest: nearest(id),
                });
            }
            if let Some(value) = set.threshold
                && !(0.0..=1.0).contains(&value)
            {
                invalid.push(Invalid::Threshold {
                    id: id.clone(),
                    value,
                });
            }
            if set.action == Some(Action::Redact) {
                invalid.push(Invalid::Redact { id: id.clone() });
            }
        }
        for (tool, set) in &self.tools {
            let unknown = |words: &Option<Vec<String>>, known: &dyn Fn(&str) -> bool| {
                let words = words.iter().flatten();
                words
                    .filter(|word| !known(word))
                    .cloned()
                    .collect::<Vec<_>>()
            };
            for word in unknown(&set.actions, &|word| Actions::named(word).is_some()) {
                invalid.push(Invalid::Word {
                    tool: tool.clone(),
                    word,
                    known: Actions::ALL.names().join(", "),
                });
            }
            for word in unknown(&set.objects, &|word| Objects::named(word).is_some()) {
                invalid.push(Invalid::Word {
                    tool: tool.clone(),
                    word,
                    known: Objects::ALL.names().join(", "),
                });
            }
        }
        invalid
    }

    /// What is set for a tool: the settings of the longest pattern that covers it.
    #[must_use]
    pub fn tool(&self, tool: &str) -> Option<&ToolSettings> {
        self.tools
            .iter()
            .filter(|(pattern, _)| super::decide::covers(pattern, tool))
            .max_by_key(|(pattern, _)| pattern.len())
            .map(|(_, settings)| settings)
    }
}

/// The id that differs least from `id`, if any is near.
fn nearest(id: &str) -> Option<&'static str> {
    RULES
        .iter()
        .map(|about| (strsim::damerau_levenshtein(id, about.id), about.id))
        .min()
        .filter(|(distance, _)| *distance <= 6)
        .map(|(_, id)| id)
}

#[cfg(test)]
mod tests {
    use super::super::{Decide, Policy, Subject};
    use super::*;

    fn settings(text: &str) -> Result<Settings, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn settings_are_read_as_people_write_them() {
        let settings = settings(
            r#"
            preset = "strict"
            deny = ["shell_*"]
            catalogue = "pinned"
            [rules."flow/unasked"]
            action = "block"
            [tools."crm/lookup_*"]
            trust = "trusted"
            actions = ["read"]
            [identities."bot-*"]
            allow = ["search"]
            "#,
        )
        .unwrap();
        assert_eq!(settings.preset, Preset::Strict);
        assert!(settings.check().is_empty());
        assert_eq!(
            settings.tool("crm/lookup_person").unwrap().trust,
            Trust::Trusted
        );
        let policy = Policy::new(settings).unwrap();
        let action = |tool, identity| {
            policy
                .decide(
                    &Subject {
                        tool: Some(tool),
                        identity,
                    },
                    &[],
                )
                .action()
        };
        assert_eq!(action("shell_run", None), Action::Block);
        assert_eq!(action("search", Some("bot-1")), Action::Allow);
        assert_eq!(action("send", Some("bot-1")), Action::Block);
        assert_eq!(action("send", Some("anna")), Action::Allow);
    }

    #[test]
    fn mistakes_are_told_with_what_was_meant() {
        assert!(
            settings("presett = 'strict'")
                .unwrap_err()
                .contains("presett")
        );
        let wrong = settings(
            "[rules.'flow/unaskd']\nthreshold = 2\naction = 'redact'\n[tools.x]\nactions = ['fly']",
        )
        .unwrap();
        let told: Vec<String> = wrong.check().iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 4, "{told:?}");
        assert!(
            told[0].contains("did you mean \"flow/unasked\"?"),
            "{told:?}"
        );
        assert!(told[3].contains("one of read, create"), "{told:?}");
    }

    #[test]
    fn a_version_follows_the_settings() {
        let balanced = Policy::preset(Preset::Balanced);
        assert_eq!(
            balanced.version(),
            Policy::preset(Preset::Balanced).version()
        );
        assert_ne!(balanced.version(), Policy::preset(Preset::Strict).version());
        assert!(balanced.version().starts_with("balanced-"));
    }

    #[test]
    fn observe_stops_nothing() {
        for about in &RULES {
            assert!(!about.action(Preset::Observe).stops(), "{}", about.id);
            assert!(about.action(Preset::Strict) >= about.action(Preset::Balanced));
        }
    }
}

//! The settings under `[guard]` of `stance.toml`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::RULES;
use super::classifier::ClassifierSettings;
use super::parts::{
    CatalogueSettings, FingerprintSettings, MarkerSettings, MisuseSettings, PostureSettings,
    TopicSettings,
};
use crate::flow::{Actions, Objects};
use crate::theft;
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
    /// What happens where it cannot judge. The default is closed, but for classifiers, beside which the other rules judge.
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
    /// The catalogue of tools.
    pub catalogue: CatalogueSettings,
    /// Single rules, by their ids, or all of an area, as `theft/*`; what is set for one of them goes first.
    pub rules: BTreeMap<String, RuleSettings>,
    /// Single tools, by patterns.
    pub tools: BTreeMap<String, ToolSettings>,
    /// Single identities, by patterns.
    pub identities: BTreeMap<String, IdentitySettings>,
    /// Hosts, and all below them, that answers may name and load images from. Those in the operator's own words may always.
    pub hosts: Vec<String>,
    /// Canaries and markers of documents, by the name under which they are told.
    pub markers: BTreeMap<String, MarkerSettings>,
    /// Documents of one's own whose passages are known again.
    pub fingerprints: FingerprintSettings,
    /// What follows from patterns over many requests.
    pub misuse: MisuseSettings,
    /// Subjects that are told, by name. None unless set.
    pub topics: BTreeMap<String, TopicSettings>,
    /// Findings of scans about the models, servers and agents that requests name.
    pub posture: PostureSettings,
    /// A model of your own that scores texts. None unless set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classifier: Option<ClassifierSettings>,
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
    /// Redaction needs something to take out, which only rules of `data` and `leak` have.
    #[error(
        "guard.{id}.action: what this finds cannot be taken out; choose allow, flag, ask or block"
    )]
    Redact {
        /// The rule or subject.
        id: String,
    },
    /// A marker that cannot be looked for.
    #[error("guard.markers.{name}: {what}")]
    Marker {
        /// Its name.
        name: String,
        /// What is wrong.
        what: String,
    },
    /// A subject that means nothing.
    #[error("guard.topics.{name}: {what}")]
    Topic {
        /// Its name.
        name: String,
        /// What is wrong.
        what: String,
    },
    /// A time in which nothing would be stopped.
    #[error("guard.misuse.stop-minutes: at least one minute")]
    StopMinutes,
    /// A time in which no file would count.
    #[error("guard.posture.max-age-days: at least one day")]
    MaxAge,
    /// A classifier that cannot be.
    #[error("guard.classifier.{name}: {what}")]
    Classifier {
        /// The setting.
        name: &'static str,
        /// What is wrong.
        what: String,
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
            if !is_rule(id) {
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
            let area = id.strip_suffix('*').unwrap_or(id);
            let redacts = ["data/", "leak/"].iter().any(|it| area.starts_with(it));
            if set.action == Some(Action::Redact) && !redacts {
                invalid.push(Invalid::Redact {
                    id: format!("rules.{id:?}"),
                });
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
        for (name, marker) in &self.markers {
            if let Some(what) = marker.fault() {
                invalid.push(Invalid::Marker {
                    name: name.clone(),
                    what,
                });
            }
        }
        for (name, topic) in &self.topics {
            if topic.action == Action::Redact {
                invalid.push(Invalid::Redact {
                    id: format!("topics.{name}"),
                });
            }
        }
        if self.misuse.stop_minutes == 0 {
            invalid.push(Invalid::StopMinutes);
        }
        if self.posture.max_age_days == 0 {
            invalid.push(Invalid::MaxAge);
        }
        let faults = self.classifier.iter().flat_map(ClassifierSettings::faults);
        invalid.extend(faults.map(|(name, what)| Invalid::Classifier { name, what }));
        invalid
    }

    /// What is set for a rule: by its id, else by its area.
    pub(super) fn rule(&self, id: &str) -> Option<&RuleSettings> {
        let area = id.split_once('/').map(|(area, _)| format!("{area}/*"));
        self.rules
            .get(id)
            .or_else(|| self.rules.get(area.as_deref()?))
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

/// The ids of all rules.
fn ids() -> impl Iterator<Item = &'static str> {
    let rules = RULES.iter().map(|about| about.id);
    rules.chain(theft::Rule::ALL.iter().map(|rule| rule.id()))
}

fn is_rule(id: &str) -> bool {
    let area = id.strip_suffix('*').filter(|area| area.ends_with('/'));
    ids().any(|known| known == id || area.is_some_and(|area| known.starts_with(area)))
}

/// The id that differs least from `id`, if any is near.
fn nearest(id: &str) -> Option<&'static str> {
    ids()
        .map(|known| (strsim::damerau_levenshtein(id, known), known))
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
            catalogue.mode = "approved"
            hosts = ["acme.org"]
            [rules."flow/unasked"]
            action = "block"
            [tools."crm/lookup_*"]
            trust = "trusted"
            actions = ["read"]
            [identities."bot-*"]
            allow = ["search"]
            [rules."theft/*"]
            action = "block"
            [rules."theft/novelty"]
            action = "allow"
            [rules."leak/exfiltration"]
            action = "redact"
            [markers.acme]
            text = "DOC#ACME#7781"
            tenants = ["acme-*"]
            [topics.competitors]
            phrases = ["globex"]
            [topics.weapons]
            action = "block"
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
        assert_eq!(policy.misuse(theft::Rule::Prada).0, Action::Block);
        assert_eq!(policy.misuse(theft::Rule::Novelty).0, Action::Allow);
        assert!(policy.topics().is_some());
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
        for (text, said) in [
            ("[markers.a]\ntext = 'short'", "less than 8 bytes"),
            ("[markers.a]\nsha256 = 'beef'", "64 hexadecimal digits"),
            ("[markers.a]\ntenants = ['b']", "either text or sha256"),
            (
                "[topics.a]\nphrases = ['b']\naction = 'redact'",
                "cannot be taken out",
            ),
            ("[topics.nothing]", "neither phrases"),
            ("[misuse]\nstop-minutes = 0", "one minute"),
            ("[posture]\nmax-age-days = 0", "one day"),
            ("[rules.'thef/*']", "no such rule"),
        ] {
            let told = Policy::new(settings(text).unwrap()).unwrap_err();
            assert_eq!(told.len(), 1, "{told:?}");
            assert!(told[0].to_string().contains(said), "{told:?}");
        }
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

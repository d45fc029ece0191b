//! What is done about what was found: the settings under `[guard]` of `stance.toml`, and the point where it is decided.
//!
//! [`Decide`] is the one place through which every decision goes. [`Policy`] is the engine for the common cases; another one
//! takes its place by implementing the trait.

mod decide;
mod rule;
mod settings;

pub use decide::{Decide, Finding, Subject};
pub use rule::{About, RULES, Rule};
pub use settings::{
    CatalogueMode, IdentitySettings, Invalid, Preset, RuleSettings, Settings, ToolSettings, Trust,
};

use std::collections::BTreeMap;

use stance_core::digest::sha256_hex;

use crate::verdict::{Action, OnFailure, Score};

/// Settings that were checked and are ready to decide with.
#[derive(Clone, Debug)]
pub struct Policy {
    settings: Settings,
    rules: BTreeMap<Rule, Compiled>,
    version: String,
}

#[derive(Clone, Copy, Debug)]
struct Compiled {
    action: Action,
    threshold: Score,
    on_failure: OnFailure,
}

impl Policy {
    /// Checks `settings` and makes them ready.
    ///
    /// # Errors
    ///
    /// Everything in them that means nothing, with what was likely meant.
    pub fn new(settings: Settings) -> Result<Self, Vec<Invalid>> {
        let invalid = settings.check();
        if !invalid.is_empty() {
            return Err(invalid);
        }
        let rules = RULES
            .iter()
            .map(|about| {
                let set = settings.rules.get(about.id);
                let compiled = Compiled {
                    action: set
                        .and_then(|set| set.action)
                        .unwrap_or_else(|| about.action(settings.preset)),
                    threshold: Score::of(
                        set.and_then(|set| set.threshold).unwrap_or(about.threshold),
                    ),
                    on_failure: set.and_then(|set| set.on_failure).unwrap_or_default(),
                };
                (about.rule, compiled)
            })
            .collect();
        let text = serde_json::to_string(&settings).unwrap_or_default();
        let digest = sha256_hex(text.as_bytes());
        let version = format!(
            "{}-{}",
            settings.preset.name(),
            digest.get(..12).unwrap_or_default()
        );
        Ok(Self {
            settings,
            rules,
            version,
        })
    }

    /// The preset as it comes.
    #[must_use]
    pub fn preset(preset: Preset) -> Self {
        let settings = Settings {
            preset,
            ..Settings::default()
        };
        Self::new(settings).unwrap_or_else(|_| Self {
            settings: Settings::default(),
            rules: BTreeMap::new(),
            version: String::new(),
        })
    }

    /// What it was made of.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The preset and a digest of all settings: the same settings have the same version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What is done about a finding of this rule that is sure enough.
    #[must_use]
    pub fn action(&self, rule: Rule) -> Action {
        self.compiled(rule).action
    }

    fn compiled(&self, rule: Rule) -> Compiled {
        // A rule that is not there is one that blocks.
        self.rules.get(&rule).copied().unwrap_or(Compiled {
            action: Action::Block,
            threshold: Score::default(),
            on_failure: OnFailure::Closed,
        })
    }
}

//! What is done about what was found: the settings under `[guard]` of `stance.toml`, and the point where it is decided.
//!
//! [`Decide`] is the one place through which every decision goes. [`Policy`] is the engine for the common cases; another one
//! takes its place by implementing the trait.

mod classifier;
mod decide;
mod parts;
mod rule;
mod settings;
mod subjects;

pub use classifier::{ClassifierLabels, ClassifierMode, ClassifierOrigin, ClassifierSettings};
pub use decide::{Decide, Finding, Subject};
pub use parts::{
    CatalogueMode, CatalogueSettings, FingerprintSettings, MarkerSettings, MisuseSettings,
    PostureSettings, TopicSettings,
};
pub use rule::{About, RULES, Rule};
pub use settings::{
    IdentitySettings, Invalid, Preset, RuleSettings, Settings, ToolSettings, Trust,
};
pub use subjects::Subjects;

use std::collections::BTreeMap;
use std::sync::Arc;

use stance_core::digest::sha256_hex;

use crate::leak::{self, Canaries};
use crate::theft;
use crate::verdict::{Action, OnFailure, Score};

/// Settings that were checked and are ready to decide with.
#[derive(Clone, Debug)]
pub struct Policy {
    settings: Settings,
    rules: BTreeMap<Rule, Compiled>,
    misuse: BTreeMap<theft::Rule, Compiled>,
    markers: Option<Arc<Canaries>>,
    topics: Option<Subjects>,
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
        let mut invalid = settings.check();
        let topics = Subjects::of(&settings.topics).unwrap_or_else(|fault| {
            invalid.push(fault);
            None
        });
        if !invalid.is_empty() {
            return Err(invalid);
        }
        let markers = markers(&settings).map_err(|fault| vec![fault])?;
        let compiled = |id: &str, action: Action, threshold: f32, failing: OnFailure| {
            let set = settings.rule(id);
            Compiled {
                action: set.and_then(|set| set.action).unwrap_or(action),
                threshold: Score::of(set.and_then(|set| set.threshold).unwrap_or(threshold)),
                on_failure: set.and_then(|set| set.on_failure).unwrap_or(failing),
            }
        };
        let rules = RULES
            .iter()
            .map(|about| {
                let action = about.action(settings.preset);
                let compiled = compiled(about.id, action, about.threshold, about.on_failure());
                (about.rule, compiled)
            })
            .collect();
        let misuse = theft::Rule::ALL
            .iter()
            .map(|rule| {
                let failing = OnFailure::default();
                (
                    *rule,
                    compiled(rule.id(), Action::Flag, theft::ALERT, failing),
                )
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
            misuse,
            markers,
            topics,
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
            misuse: BTreeMap::new(),
            markers: None,
            topics: None,
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

    /// What is done about a pattern over many requests, and the score from which on.
    #[must_use]
    pub fn misuse(&self, rule: theft::Rule) -> (Action, f32) {
        self.misuse
            .get(&rule)
            .map_or((Action::Flag, theft::ALERT), |compiled| {
                (compiled.action, compiled.threshold.share())
            })
    }

    /// What is done about each kind of leak.
    #[must_use]
    pub fn leaks(&self) -> leak::Acts {
        leak::Acts::of(|kind| {
            let compiled = self.compiled(kind.rule());
            // In whole parts of a hundred, never below what is set.
            let least = (compiled.threshold.share() * 100.0).ceil();
            (compiled.action, least as u8)
        })
    }

    /// Canaries and markers of documents.
    #[must_use]
    pub const fn markers(&self) -> Option<&Arc<Canaries>> {
        self.markers.as_ref()
    }

    /// Subjects that are told.
    #[must_use]
    pub const fn topics(&self) -> Option<&Subjects> {
        self.topics.as_ref()
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

/// What is looked for in answers word for word.
fn markers(settings: &Settings) -> Result<Option<Arc<Canaries>>, Invalid> {
    if settings.markers.is_empty() {
        return Ok(None);
    }
    let all = settings.markers.iter().filter_map(|(name, set)| {
        let needle = match (&set.text, set.digest()) {
            (Some(text), _) => leak::Needle::Text(text.clone()),
            (None, digest) => leak::Needle::Sha256(digest?),
        };
        Some(leak::Marker {
            needle,
            about: name.clone(),
            tenants: set.tenants.clone(),
        })
    });
    let known = Canaries::new(all.collect()).map_err(|what| Invalid::Marker {
        name: "*".to_owned(),
        what,
    })?;
    Ok(Some(Arc::new(known)))
}

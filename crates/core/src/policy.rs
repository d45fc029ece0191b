//! The decisions people took: waivers, and which rules speak.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::asset::AssetId;
use crate::evidence::Evidence;
use crate::glob;
use crate::severity::Severity;

/// What the organisation decided, as the configuration says it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy {
    /// Accepted risks.
    pub waivers: Vec<Waiver>,
    /// Which rules speak, and how loud.
    pub rules: RuleSelection,
    /// What the organisation knows of names that pickles import.
    pub catalogue: Vec<CatalogueEntry>,
    /// Whether every model must have a signature that somebody trusted made.
    pub signatures_required: bool,
    /// Whose models may be used; empty for anybody's.
    pub publishers: Vec<String>,
    /// Keys of the vendors and services that may be used; empty when nobody said.
    pub sanctioned: Vec<String>,
    /// Vendors, by key, whose AI services may be used; empty for anybody's.
    pub sanctioned_vendors: Vec<String>,
    /// What models and data are used for.
    pub recorded_use: RecordedUse,
}

/// A purpose that licences of models and data allow or forbid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Use {
    /// To earn money with, or inside of a business.
    Commercial,
    /// Neither of both, and not only research: teaching, charity, private use.
    NonCommercial,
    /// Research, without anything that is offered to others.
    Research,
}

impl Use {
    /// The word used in the configuration and in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Commercial => "commercial",
            Self::NonCommercial => "non-commercial",
            Self::Research => "research",
        }
    }
}

/// What models and data are used for, as the organisation recorded it: in general and below single paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordedUse {
    /// What holds where no path says otherwise; `None` when nobody said.
    pub general: Option<Use>,
    /// Patterns of paths with the use that holds there; the last one that fits counts.
    pub paths: Vec<(String, Use)>,
}

impl RecordedUse {
    /// The use that holds for a path, where one was recorded.
    #[must_use]
    pub fn of(&self, path: &str) -> Option<Use> {
        self.paths
            .iter()
            .rev()
            .find(|(pattern, _)| glob::matches(pattern, path))
            .map(|(_, own)| *own)
            .or(self.general)
    }
}

/// What the organisation says of a name, or of everything below one, that pickles import.
#[derive(Clone, Debug, PartialEq)]
pub struct CatalogueEntry {
    /// A dotted name, or `package.*`.
    pub pattern: String,
    /// Whether it may be called; otherwise it must not even be imported.
    pub allow: bool,
    /// Why.
    pub reason: String,
    /// Where it is written.
    pub evidence: Evidence,
}

impl CatalogueEntry {
    /// Whether it speaks of this dotted name.
    #[must_use]
    pub fn covers(&self, name: &str) -> bool {
        match self.pattern.strip_suffix('*') {
            Some(package) => package.ends_with('.') && name.starts_with(package),
            None => {
                let rest = name.strip_prefix(&*self.pattern);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            }
        }
    }
}

/// Which rules speak, and how loud.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleSelection {
    /// Rules that are off, `area/name` or `area/*`.
    pub disabled: Vec<String>,
    /// Another severity than the rule's own, by rule or area; the longest name wins.
    pub severities: BTreeMap<String, Severity>,
}

impl RuleSelection {
    /// Whether a rule is off.
    #[must_use]
    pub fn is_disabled(&self, rule: &str) -> bool {
        self.disabled
            .iter()
            .any(|wanted| rule_matches(wanted, rule))
    }

    /// The severity that people gave a rule, if they did.
    #[must_use]
    pub fn severity(&self, rule: &str) -> Option<Severity> {
        self.severities
            .iter()
            .filter(|(wanted, _)| rule_matches(wanted, rule))
            .max_by_key(|(wanted, _)| (*wanted == rule, wanted.len()))
            .map(|(_, severity)| *severity)
    }
}

/// Which findings a waiver is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selector {
    /// Those whose evidence lies in a path that fits this pattern.
    Path(String),
    /// Those about an asset whose id fits this pattern.
    Asset(String),
}

/// A risk that somebody accepted, for a reason and a time.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiver {
    /// The rule, `area/name` or `area/*`.
    pub rule: String,
    /// Where it holds.
    pub selector: Selector,
    /// Why the risk is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it holds, UTC.
    pub expires: Date,
    /// Where it is written.
    pub evidence: Evidence,
}

impl Waiver {
    /// Whether it speaks of this rule, place and asset, expired or not.
    #[must_use]
    pub fn covers(&self, rule: &str, path: &str, asset: &AssetId) -> bool {
        rule_matches(&self.rule, rule)
            && match &self.selector {
                Selector::Path(pattern) => glob::matches(pattern, path),
                Selector::Asset(pattern) => glob::matches(pattern, asset.as_str()),
            }
    }

    /// Whether its last day is over.
    #[must_use]
    pub fn is_expired(&self, today: Date) -> bool {
        today > self.expires
    }
}

/// Whether `wanted` (`area/name` or `area/*`) names `rule`.
#[must_use]
pub fn rule_matches(wanted: &str, rule: &str) -> bool {
    match wanted.strip_suffix("/*") {
        Some(area) => rule.split('/').next() == Some(area),
        None => wanted == rule,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_star_covers_its_area_only() {
        assert!(rule_matches("model/*", "model/pickle-exec"));
        assert!(!rule_matches("model/*", "models/x"));
        assert!(rule_matches("model/pickle-exec", "model/pickle-exec"));
        assert!(!rule_matches("*", "model/pickle-exec"));
    }

    #[test]
    fn the_last_path_that_fits_says_what_the_use_is() {
        let recorded = RecordedUse {
            general: Some(Use::Commercial),
            paths: vec![
                ("research/**".to_owned(), Use::Research),
                ("research/demo/**".to_owned(), Use::NonCommercial),
            ],
        };
        assert_eq!(recorded.of("app.py"), Some(Use::Commercial));
        assert_eq!(recorded.of("research/a.py"), Some(Use::Research));
        assert_eq!(recorded.of("research/demo/a.py"), Some(Use::NonCommercial));
        assert_eq!(RecordedUse::default().of("a.py"), None);
    }

    #[test]
    fn an_entry_covers_a_name_with_its_attributes_and_a_star_what_is_below() {
        let entry = |pattern: &str| CatalogueEntry {
            pattern: pattern.to_owned(),
            allow: true,
            reason: String::new(),
            evidence: Evidence::file("stance.toml"),
        };
        assert!(entry("our.Thing").covers("our.Thing.load"));
        assert!(!entry("our.Thing").covers("our.Things"));
        assert!(entry("our.*").covers("our.models.Thing"));
        assert!(!entry("our.*").covers("ours.Thing"));
    }
}

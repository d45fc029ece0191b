//! Which findings, as an address says it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use stance_core::{AssetKind, Severity};
use stance_store::{
    AssetNumber, FindingQuery, FindingSort, FindingState, GroupBy, SourceNumber, States,
    WaiverNumber, Window,
};

use crate::error::ApiError;
use crate::http::cursor;

/// The query of a list of findings.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Filter {
    /// Part of the message, path or rule, in any case.
    pub(crate) q: String,
    /// `counting` (open and reopened), `open`, `reopened`, `accepted`, `false_positive`, `fixed`, `gone` or `all`.
    pub(crate) state: String,
    /// One or several of critical, high, medium, low, info.
    pub(crate) severity: Vec<String>,
    /// Id of a rule.
    pub(crate) rule: String,
    /// Area of rules.
    pub(crate) area: String,
    /// Number of an asset.
    pub(crate) asset: Option<i64>,
    /// One or several kinds of assets.
    pub(crate) kind: Vec<String>,
    /// Number of a source.
    pub(crate) source: Option<i64>,
    /// Who answers for the asset; `-` for nobody.
    pub(crate) owner: String,
    /// Who works on it, `user:7`; `-` for nobody.
    pub(crate) assignee: String,
    /// `overdue` for what should be done already.
    pub(crate) due: String,
    /// First seen at this time or later, RFC 3339.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub(crate) since: Option<Timestamp>,
    /// Key of a group of findings with the same fix.
    pub(crate) fix: String,
    /// Number of a waiver.
    pub(crate) waiver: Option<i64>,
    /// `severity`, `gives_back`, `first_seen` or `due`.
    pub(crate) sort: String,
    /// `rule`, `asset`, `owner` or `fix`: groups in place of findings.
    pub(crate) group: String,
    /// Where the list goes on, as the slice before gave it.
    pub(crate) after: String,
    /// How many at most, 1 to 1,000; 50 if not given.
    pub(crate) limit: Option<usize>,
    /// Number of the finding that is shown beside the list.
    pub(crate) open: Option<i64>,
}

impl Filter {
    /// What the store is asked for.
    pub(crate) fn query(&self, now: Timestamp) -> Result<FindingQuery, ApiError> {
        Ok(FindingQuery {
            text: given(&self.q),
            states: match self.state.as_str() {
                "" | "counting" => States::Counting,
                "all" => States::All,
                name => States::Only(
                    FindingState::named(name)
                        .ok_or_else(|| ApiError::invalid("state", "no such state"))?,
                ),
            },
            severities: severities(&self.severity)?,
            rule: given(&self.rule),
            area: given(&self.area),
            asset: self.asset.map(AssetNumber),
            kinds: kinds(&self.kind)?,
            source: self.source.map(SourceNumber),
            owner: given_or_none(&self.owner),
            assignee: given_or_none(&self.assignee),
            due_before: match self.due.as_str() {
                "" => None,
                "overdue" => Some(now),
                _ => return Err(ApiError::invalid("due", "`overdue` is the only value")),
            },
            since: self.since,
            fix: given(&self.fix),
            waiver: self.waiver.map(WaiverNumber),
            sort: match self.sort.as_str() {
                "" | "severity" => FindingSort::Severity,
                "gives_back" => FindingSort::GivesBack,
                "first_seen" => FindingSort::FirstSeen,
                "due" => FindingSort::Due,
                _ => return Err(ApiError::invalid("sort", "no such order")),
            },
        })
    }

    /// What findings are grouped by.
    pub(crate) fn group(&self) -> Result<Option<GroupBy>, ApiError> {
        Ok(Some(match self.group.as_str() {
            "" => return Ok(None),
            "rule" => GroupBy::Rule,
            "asset" => GroupBy::Asset,
            "owner" => GroupBy::Owner,
            "fix" => GroupBy::Fix,
            _ => return Err(ApiError::invalid("group", "rule, asset, owner or fix")),
        }))
    }

    /// Which slice.
    pub(crate) fn window(&self) -> Result<Window, ApiError> {
        cursor::window(&self.after, self.limit)
    }
}

/// A text that was given.
pub(crate) fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// A text that was given; `-` is the explicit none.
pub(crate) fn given_or_none(text: &str) -> Option<String> {
    match text {
        "" => None,
        "-" => Some(String::new()),
        text => Some(text.to_owned()),
    }
}

pub(crate) fn severities(names: &[String]) -> Result<Vec<Severity>, ApiError> {
    names
        .iter()
        .map(|name| {
            name.parse()
                .map_err(|_| ApiError::invalid("severity", format!("`{name}` is no severity")))
        })
        .collect()
}

pub(crate) fn kinds(names: &[String]) -> Result<Vec<AssetKind>, ApiError> {
    names
        .iter()
        .map(|name| {
            name.parse()
                .map_err(|_| ApiError::invalid("kind", format!("`{name}` is no kind of asset")))
        })
        .collect()
}

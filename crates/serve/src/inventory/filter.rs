//! Which assets, as an address says it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use stance_core::{AssetKind, Criticality, Environment, Sensitivity, Severity};
use stance_store::{Approval, AssetQuery, AssetSort, SourceNumber, Window};

use crate::error::ApiError;
use crate::http::cursor;

/// The query of a list of assets.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Filter {
    /// Part of the name or id, in any case.
    pub(crate) q: String,
    /// One or several kinds.
    pub(crate) kind: Vec<String>,
    /// Who answers for it; `-` for nobody.
    pub(crate) owner: String,
    /// One or several of production, staging, development, test, unknown.
    pub(crate) environment: Vec<String>,
    /// One or several of restricted, confidential, internal, public, unknown.
    pub(crate) sensitivity: Vec<String>,
    /// One or several of critical, high, medium, low, unknown.
    pub(crate) criticality: Vec<String>,
    /// unreviewed, approved or rejected.
    pub(crate) approval: String,
    /// With open findings at least this severe: critical, high, medium or low.
    pub(crate) severity: String,
    /// Number of a source that sees it.
    pub(crate) source: Option<i64>,
    /// Where in trees it was seen: production, test or documentation.
    pub(crate) part: String,
    /// First seen at this time or later, RFC 3339.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub(crate) since: Option<Timestamp>,
    /// `true` for what no source sees any longer.
    pub(crate) gone: bool,
    /// `risk`, `name` or `first_seen`.
    pub(crate) sort: String,
    /// Where the list goes on, as the slice before gave it.
    pub(crate) after: String,
    /// How many at most, 1 to 1,000; 50 if not given.
    pub(crate) limit: Option<usize>,
}

impl Filter {
    /// What the store is asked for.
    pub(crate) fn query(&self) -> Result<AssetQuery, ApiError> {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Ok(AssetQuery {
            text: some(&self.q),
            kinds: self
                .kind
                .iter()
                .map(|name| known::<AssetKind>("kind", name))
                .collect::<Result<_, _>>()?,
            source: self.source.map(SourceNumber),
            owner: match self.owner.as_str() {
                "" => None,
                "-" => Some(String::new()),
                name => Some(name.to_owned()),
            },
            environments: words::<Environment>("environment", &self.environment)?,
            sensitivities: words::<Sensitivity>("sensitivity", &self.sensitivity)?,
            criticalities: words::<Criticality>("criticality", &self.criticality)?,
            approval: match self.approval.as_str() {
                "" => None,
                name => Some(Approval::named(name).ok_or_else(|| {
                    ApiError::invalid("approval", "unreviewed, approved or rejected")
                })?),
            },
            at_least: match self.severity.as_str() {
                "" => None,
                name => Some(match known::<Severity>("severity", name)? {
                    Severity::Critical => 4,
                    Severity::High => 3,
                    Severity::Medium => 2,
                    Severity::Low => 1,
                    Severity::Info => {
                        return Err(ApiError::invalid(
                            "severity",
                            "critical, high, medium or low",
                        ));
                    }
                }),
            },
            part: match self.part.as_str() {
                "" => None,
                "production" | "test" | "documentation" => Some(self.part.clone()),
                _ => {
                    return Err(ApiError::invalid(
                        "part",
                        "production, test or documentation",
                    ));
                }
            },
            since: self.since,
            gone: self.gone,
            sort: match self.sort.as_str() {
                "" | "risk" => AssetSort::Risk,
                "name" => AssetSort::Name,
                "first_seen" => AssetSort::FirstSeen,
                _ => return Err(ApiError::invalid("sort", "risk, name or first_seen")),
            },
        })
    }

    /// Which slice.
    pub(crate) fn window(&self) -> Result<Window, ApiError> {
        cursor::window(&self.after, self.limit)
    }
}

fn known<T: std::str::FromStr>(field: &str, name: &str) -> Result<T, ApiError> {
    name.parse()
        .map_err(|_| ApiError::invalid(field, format!("`{name}` is not known here")))
}

fn words<T: std::str::FromStr>(field: &str, names: &[String]) -> Result<Vec<String>, ApiError> {
    for name in names {
        known::<T>(field, name)?;
    }
    Ok(names.to_vec())
}

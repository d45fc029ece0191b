//! Which entries, as an address says it.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Deserialize;
use stance_store::audit::AuditQuery;

use crate::error::ApiError;
use crate::http::cursor;

/// The query of the log.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Filter {
    /// Who did it: `user:7`, `token:3`, or a part of Stance.
    pub(crate) actor: String,
    /// An action such as `finding.assign`, or an area such as `finding`.
    pub(crate) action: String,
    /// The kind of thing it was done to.
    pub(crate) kind: String,
    /// The id of the thing it was done to.
    pub(crate) object: String,
    /// From this day or moment on; a day begins in UTC.
    pub(crate) since: String,
    /// To the end of this day, or before this moment.
    pub(crate) until: String,
    /// Where the list goes on, as the slice before gave it.
    pub(crate) after: String,
    /// How many at most, 1 to 1,000; 50 if not given.
    pub(crate) limit: Option<usize>,
}

impl Filter {
    /// What the store is asked for.
    pub(crate) fn query(&self) -> Result<AuditQuery, ApiError> {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let action = given(&self.action).map(|action| {
            let whole = action.contains('.');
            if whole { action } else { format!("{action}.") }
        });
        Ok(AuditQuery {
            after: match self.after.as_str() {
                "" => None,
                after => Some(cursor::decode(after)?),
            },
            newest_first: true,
            actor: given(&self.actor),
            action,
            object_kind: given(&self.kind),
            object_id: given(&self.object),
            from: moment("since", &self.since, 0)?,
            until: moment("until", &self.until, 1)?,
        })
    }

    /// Whether it leaves anything out.
    pub(crate) fn is_set(&self) -> bool {
        [
            &self.actor,
            &self.action,
            &self.kind,
            &self.object,
            &self.since,
            &self.until,
        ]
        .into_iter()
        .any(|it| !it.is_empty())
    }

    /// How many.
    pub(crate) fn limit(&self) -> Result<usize, ApiError> {
        let limit = self.limit.unwrap_or(50);
        if (1..=1000).contains(&limit) {
            Ok(limit)
        } else {
            Err(ApiError::invalid("limit", "1 to 1,000"))
        }
    }
}

/// A moment, or the beginning of the day so many days after a day.
fn moment(field: &str, text: &str, days: i64) -> Result<Option<Timestamp>, ApiError> {
    if text.is_empty() {
        return Ok(None);
    }
    if let Ok(moment) = text.parse() {
        return Ok(Some(moment));
    }
    let day: Option<Timestamp> = text.parse::<Date>().ok().and_then(|day| {
        let day = day.checked_add(jiff::Span::new().days(days)).ok()?;
        Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp())
    });
    match day {
        Some(day) => Ok(Some(day)),
        None => Err(ApiError::invalid(
            field,
            "a day such as 2026-11-26, or a time in RFC 3339",
        )),
    }
}

//! The span of time that pages are about.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Deserialize;
use stance_store::traffic::{Span, Step};

use crate::error::ApiError;
use crate::parts::Address;

/// The query of figures.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Asked {
    /// `1h`, `24h`, `7d` or `30d`; `24h` if not given.
    pub(super) span: String,
}

/// How far back, in whole steps that end with the present one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Back {
    Hour,
    #[default]
    Day,
    Week,
    Month,
}

impl Back {
    pub(super) const ALL: [Self; 4] = [Self::Hour, Self::Day, Self::Week, Self::Month];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
        }
    }

    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Hour => "1 hour",
            Self::Day => "24 hours",
            Self::Week => "7 days",
            Self::Month => "30 days",
        }
    }

    /// The span of a name; the usual one of none.
    pub(super) fn named(name: &str) -> Result<Self, ApiError> {
        if name.is_empty() {
            return Ok(Self::default());
        }
        Self::ALL
            .into_iter()
            .find(|back| back.name() == name)
            .ok_or_else(|| ApiError::invalid("span", "one of 1h, 24h, 7d, 30d"))
    }

    /// The steps in which it is shown.
    pub(super) const fn step(self) -> Step {
        match self {
            Self::Hour => Step::Minutes(1),
            Self::Day => Step::Minutes(30),
            Self::Week => Step::Hours(4),
            Self::Month => Step::Days(1),
        }
    }

    /// The span until now: it ends with the step that is under way, and begins as much before.
    pub(super) fn until(self, now: Timestamp) -> Span {
        let hours = match self {
            Self::Hour => 1,
            Self::Day => 24,
            Self::Week => 7 * 24,
            Self::Month => 30 * 24,
        };
        let step = self.step().seconds();
        let end = (now.as_second().div_euclid(step) + 1) * step;
        let to = Timestamp::from_second(end).unwrap_or(now);
        Span {
            from: to - SignedDuration::from_hours(hours),
            to,
        }
    }
}

/// The ways to the same page about other spans: label, address, whether it is this one.
pub(super) fn ways(address: &Address, on: Back) -> Vec<(&'static str, String, bool)> {
    Back::ALL
        .into_iter()
        .map(|back| {
            let way = address.with("span", back.name()).to_string();
            (back.label(), way, back == on)
        })
        .collect()
}

/// The pages of run time: label, address, whether it is this one. The span stays.
pub(super) fn tabs(on: &str, span: &str) -> Vec<(&'static str, String, bool)> {
    [
        ("Figures", "/traffic"),
        ("Interactions", "/traffic/interactions"),
        ("Detections", "/traffic/detections"),
    ]
    .into_iter()
    .map(|(label, path)| {
        let address = Address::new(path);
        let address = match span {
            "" => address,
            span => address.with("span", span),
        };
        (label, address.to_string(), path == on)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_whole_steps_that_end_with_the_present_one() {
        let now: Timestamp = "2026-11-27T07:12:31Z".parse().unwrap();
        for (back, from, to) in [
            (Back::Hour, "2026-11-27T06:13:00Z", "2026-11-27T07:13:00Z"),
            (Back::Day, "2026-11-26T07:30:00Z", "2026-11-27T07:30:00Z"),
            (Back::Week, "2026-11-20T08:00:00Z", "2026-11-27T08:00:00Z"),
            (Back::Month, "2026-10-29T00:00:00Z", "2026-11-28T00:00:00Z"),
        ] {
            let span = back.until(now);
            assert_eq!(
                (span.from.to_string(), span.to.to_string()),
                (from.into(), to.into())
            );
            assert_eq!(Back::named(back.name()).unwrap(), back);
        }
        assert!(Back::named("2h").is_err());
    }
}

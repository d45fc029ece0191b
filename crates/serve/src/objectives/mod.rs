//! Objectives: the figures by which an organisation steers, with what it aims for.
//!
//! What they are is measured once a day and after each look at a source, by a job ([`take`]); pages read what was kept.

mod aim;
mod export;
mod figure;
mod list;
mod measure;
mod one;
mod say;

use axum::http::Method;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::auth::Permission;
use crate::error::ApiError;
use crate::route::{Routes, action, only, view};

pub(crate) use figure::{Figure, figures};
pub use measure::{PERIOD_DAYS, take};
pub(crate) use measure::{keep, measured};

pub(crate) fn routes() -> Routes {
    let (read, change) = (Permission::EstateRead, Permission::SettingsManage);
    Routes::of("Objectives")
        .add(
            view("/objectives", read, list::show)
                .about(
                    "Objectives",
                    "Every figure with its value, target, threshold, state and what it was day by day.",
                )
                .query::<Span>()
                .gives::<list::Objectives>(),
        )
        .add(
            view("/objectives/{kpi}", read, one::show)
                .about(
                    "A figure",
                    "A figure with its definition, its history, and how findings stand by severity.",
                )
                .query::<Span>()
                .gives::<one::Objective>(),
        )
        .add(
            action("/objectives/{kpi}/aim", change, aim::set)
                .api(Method::PUT, "/objectives/{kpi}/aim")
                .about(
                    "Set what is aimed for",
                    "Sets target and threshold of a figure. What is left out is not aimed for.",
                )
                .takes::<aim::NewAim>()
                .gives::<Figure>(),
        )
        .add(
            action("/objectives/{kpi}/aim/reset", change, aim::reset)
                .api(Method::DELETE, "/objectives/{kpi}/aim")
                .about(
                    "Aim for the default",
                    "Takes back target and threshold of the organisation's own.",
                )
                .gives::<Figure>(),
        )
        .add(only(Method::GET, "/objectives.csv", read, export::csv))
}

/// How far back.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Span {
    /// Days, 1 to 3,650; 30 if not given.
    #[schemars(range(min = 1, max = 3650))]
    days: Option<u32>,
}

/// Spans that a page offers.
const SPANS: [u32; 4] = [14, 30, 90, 365];

impl Span {
    fn days(&self) -> Result<u32, ApiError> {
        let days = self.days.unwrap_or(30);
        if (1..=3650).contains(&days) {
            Ok(days)
        } else {
            Err(ApiError::invalid("days", "1 to 3650"))
        }
    }

    /// The spans that a page offers, and whether each is the one that is shown.
    fn offered(days: u32) -> [(u32, bool); 4] {
        SPANS.map(|one| (one, one == days))
    }
}

/// The day of a time, UTC.
fn today(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

/// The first of so many days of which the last is this one.
fn first_of(days: u32, last: Date) -> Date {
    last.checked_sub(i64::from(days.saturating_sub(1)).days())
        .unwrap_or(Date::MIN)
}

//! What a program tells that sends nothing but metrics: summaries that are made at night.

use jiff::{SignedDuration, Timestamp};
use stance_core::traffic::{Measure, Measured};

use super::Random;

/// Hours of UTC in which it works.
const NIGHT: std::ops::Range<i64> = 1..5;

/// Its points, one of each kind for every quarter of an hour in which it worked.
pub(super) fn of(random: &mut Random, now: Timestamp) -> Vec<Measured> {
    let mut points = Vec::new();
    let mut at = now - SignedDuration::from_hours(24 * 14);
    while at < now {
        let hour = at.as_second().rem_euclid(86_400) / 3_600;
        if NIGHT.contains(&hour) {
            quarter(random, at, &mut points);
        }
        at += SignedDuration::from_mins(15);
    }
    points
}

fn quarter(random: &mut Random, at: Timestamp, points: &mut Vec<Measured>) {
    let calls = 20 + random.below(60);
    let failed = u64::from(random.below(4) == 0);
    let told = [
        (
            Measure::Calls,
            false,
            calls,
            calls * (1_400_000 + random.below(900_000)),
        ),
        (Measure::Calls, true, failed, failed * 30_000_000),
        (
            Measure::TokensIn,
            false,
            calls,
            calls * (2_100 + random.below(400)),
        ),
        (
            Measure::TokensOut,
            false,
            calls,
            calls * (160 + random.below(60)),
        ),
    ];
    points.extend(told.into_iter().zip(1..).map(
        |((measure, failed, count, sum), series): (_, u32)| Measured {
            series: format!("{series:032x}"),
            service: "nightly-summaries".to_owned(),
            model: Some("gpt-5-mini".to_owned()),
            operation: "chat".to_owned(),
            measure,
            failed,
            count,
            sum,
            cumulative: false,
            since: None,
            at,
        },
    ));
}

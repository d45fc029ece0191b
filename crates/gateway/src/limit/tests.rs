//! Windows, budgets, and what survives.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::*;
use crate::identity::Allowance;

fn held(name: &str, allowance: Allowance) -> Vec<Held> {
    vec![Held {
        place: format!("keys.{name}"),
        name: name.to_owned(),
        allowance: Arc::new(allowance),
    }]
}

fn noon() -> Timestamp {
    "2026-11-27T12:00:00Z".parse().unwrap()
}

fn it() -> Vec<String> {
    vec!["it".to_owned()]
}

#[test]
fn requests_come_back_with_time() {
    let limits = Limits::default();
    let held = held(
        "it",
        Allowance {
            requests_per_minute: Some(2),
            ..Allowance::default()
        },
    );
    let (now, start) = (Timestamp::UNIX_EPOCH, Instant::now());
    let take = |seconds| limits.take(&held, now, start + Duration::from_secs(seconds));
    assert!(take(0).is_ok() && take(0).is_ok());
    assert_eq!(take(1).unwrap_err().after, 29);
    assert!(take(31).is_ok());
    assert!(take(32).is_err());
}

#[test]
fn tokens_are_there_again_the_next_day() {
    let limits = Limits::default();
    let held = held(
        "it",
        Allowance {
            tokens_per_day: Some(100),
            ..Allowance::default()
        },
    );
    let take = |now| limits.take(&held, now, Instant::now());
    assert!(take(noon()).is_ok());
    limits.spend(&it(), 100, 0, noon());
    assert_eq!(take(noon()).unwrap_err().after, 12 * 3600);
    assert!(take("2026-11-28T00:00:01Z".parse().unwrap()).is_ok());
}

#[test]
fn money_has_a_day_and_a_month() {
    let limits = Arc::new(Limits::default());
    let held = held(
        "it",
        Allowance {
            budget_per_day: Some(1.0),
            budget_per_month: Some(2.5),
            ..Allowance::default()
        },
    );
    let take = |now: &str| limits.take(&held, now.parse().unwrap(), Instant::now());
    let spend = |micros, now: &str| limits.spend(&it(), 1, micros, now.parse().unwrap());
    assert!(take("2026-11-27T12:00:00Z").is_ok());
    spend(999_999, "2026-11-27T12:00:00Z");
    assert!(take("2026-11-27T12:00:00Z").is_ok());
    spend(1, "2026-11-27T12:00:00Z");
    assert_eq!(take("2026-11-27T12:00:00Z").unwrap_err().after, 12 * 3600);
    assert!(take("2026-11-28T12:00:00Z").is_ok(), "a new day");
    spend(1_500_000, "2026-11-28T12:00:00Z");
    let over = take("2026-11-29T12:00:00Z").unwrap_err();
    assert_eq!(over.what, "the budget of this month is used up");
    assert_eq!(over.after, 12 * 3600 + 86_400, "until December");
    assert!(take("2026-12-01T00:00:00Z").is_ok(), "a new month");
}

#[test]
fn what_is_under_way_counts_until_it_is_over() {
    let limits = Arc::new(Limits::default());
    let held = held(
        "it",
        Allowance {
            budget_per_day: Some(1.0),
            ..Allowance::default()
        },
    );
    let hold = |micros| limits.hold(&held, micros, noon());
    let first = hold(600_000).unwrap();
    assert!(hold(600_000).is_err(), "two at once do not spend it twice");
    let second = hold(400_000).unwrap();
    drop(first);
    drop(second);
    limits.spend(&it(), 1, 100_000, noon());
    assert!(hold(900_001).is_err());
    assert!(hold(900_000).is_ok());
}

#[test]
fn what_was_used_survives_and_a_file_that_is_none_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("gateway-usage.json");
    let held = held(
        "it",
        Allowance {
            tokens_per_day: Some(100),
            budget_per_month: Some(1.0),
            ..Allowance::default()
        },
    );
    let take =
        |limits: &Limits, now: &str| limits.take(&held, now.parse().unwrap(), Instant::now());
    let limits = Limits::open(&path).unwrap();
    assert!(take(&limits, "2026-11-27T12:00:00Z").is_ok());
    limits.spend(&it(), 100, 1_000_000, noon());
    limits.keep(noon());
    drop(limits);
    let limits = Limits::open(&path).unwrap();
    assert!(take(&limits, "2026-11-27T12:00:00Z").is_err(), "tokens");
    assert!(take(&limits, "2026-11-28T12:00:00Z").is_err(), "money");
    assert!(take(&limits, "2026-12-01T12:00:00Z").is_ok());
    for wrong in ["", "{", "[]", "{\"version\": 2, \"used\": {}}"] {
        std::fs::write(&path, wrong).unwrap();
        assert!(Limits::open(&path).is_err(), "{wrong}");
    }
}

#[test]
fn a_budget_that_cannot_be_written_down_is_no_budget() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("gone").join("gateway-usage.json");
    let limits = Limits::open(&path).unwrap();
    let held = held(
        "it",
        Allowance {
            budget_per_day: Some(1.0),
            ..Allowance::default()
        },
    );
    let take = || limits.take(&held, noon(), Instant::now());
    assert!(take().is_ok());
    limits.spend(&it(), 1, 1, noon());
    limits.keep(noon());
    assert!(take().is_err());
    std::fs::create_dir(directory.path().join("gone")).unwrap();
    limits.keep(noon());
    assert!(take().is_ok(), "once it can be again");
}

//! What the overview shows, read in one go.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use stance_core::drift::Effect;
use stance_core::score::{Cause, Points};
use stance_store::{
    AssetQuery, ChangeQuery, ChangeState, Drift as _, Estate as _, FindingQuery, FindingSort,
    GroupBy, Objectives as _, RequestState, Sqlite, Window,
};

use super::{Area, Coverage, Movement, News, Overview, Point, Score};
use crate::compliance::{self, Standing, Summary};
use crate::error::ApiError;
use crate::findings::Item;
use crate::objectives::{Figure, figures};
use crate::people::People;

/// What is counted is counted up to this.
const COUNTED: u64 = 10_000;
/// Points of a drawn line.
const POINTS: u32 = 90;
/// Movements that are shown.
const MOVEMENTS: usize = 6;
/// Less than this is shown as nothing: a hundredth of a point.
const SHOWN: i64 = 10_000_000;
/// Findings to fix first.
const FIRST: usize = 7;

/// Figures that the overview shows.
const OBJECTIVES: [&str; 4] = [
    "asset_coverage",
    "findings_overdue",
    "remediation_median_critical",
    "compliance_adherence",
];
/// Frameworks that it shows.
const FRAMEWORKS: usize = 6;

pub(super) fn overview(
    store: &Sqlite,
    standing: &Standing,
    days: u32,
    visited: Option<Timestamp>,
    now: Timestamp,
) -> Result<Overview, ApiError> {
    let since = now - SignedDuration::from_hours(24 * i64::from(days));
    let tally = store.tally()?;
    let people = People::all(store)?;
    let history: Vec<Point> = store
        .posture(since, now, POINTS)?
        .into_iter()
        .map(|point| Point {
            at: point.at,
            score: score(point.score, point.lower, point.upper),
        })
        .collect();
    let current = tally
        .totals
        .score()
        .map(|it| score(it.value, it.lower, it.upper));
    let first = FindingQuery {
        sort: FindingSort::GivesBack,
        ..FindingQuery::default()
    };
    let overdue = FindingQuery {
        due_before: Some(now),
        ..FindingQuery::default()
    };
    Ok(Overview {
        moved: current
            .zip(history.first())
            .map(|(current, first)| current.value - first.score.value),
        score: current,
        history,
        movements: store
            .movements(since, MOVEMENTS)?
            .into_iter()
            .filter(|it| it.value.abs() >= SHOWN)
            .map(movement)
            .collect(),
        findings: tally.findings,
        areas: areas(store)?,
        overdue: store.count_findings(&overdue, COUNTED)?.count,
        assets: tally.all_assets(),
        owned: owned(store, tally.all_assets())?,
        coverage: coverage(store, &tally)?,
        first: store
            .findings(&first, &Window::first(FIRST))?
            .rows
            .into_iter()
            .filter(|row| row.gives_back > 0)
            .map(|row| Item::of(row, &tally.totals, &people))
            .collect(),
        news: news(store, visited, since)?,
        objectives: objectives(store, since, now)?,
        frameworks: frameworks(standing),
        all_frameworks: stance_core::control::frameworks().len(),
        days,
    })
}

/// The figures of the page, once they were measured.
fn objectives(store: &Sqlite, since: Timestamp, now: Timestamp) -> Result<Vec<Figure>, ApiError> {
    let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    if store.measured(day(now))?.is_none() {
        return Ok(Vec::new());
    }
    let all = figures(store, None, day(since), day(now))?;
    let of = |id: &&str| all.iter().find(|figure| figure.id == *id).cloned();
    Ok(OBJECTIVES.iter().filter_map(of).collect())
}

/// The frameworks of which something is known, the ones with most that is not met first.
fn frameworks(standing: &Standing) -> Vec<Summary> {
    let mut all = compliance::summaries(standing);
    all.retain(|it| it.known() > 0);
    all.sort_by_key(|it| std::cmp::Reverse((it.count("not_met"), it.known())));
    all.truncate(FRAMEWORKS);
    all
}

fn score(value: Points, lower: Points, upper: Points) -> Score {
    Score {
        value: value.as_f64(),
        lower: lower.as_f64(),
        upper: upper.as_f64(),
    }
}

fn movement(it: stance_store::Movement) -> Movement {
    let plural = |count: u64, what: &str| {
        let findings = crate::format::plural(count, "finding", "findings");
        format!("{findings} {what}")
    };
    let what = match it.cause {
        Cause::AssetAppeared => "appeared".to_owned(),
        Cause::AssetVanished => "is gone".to_owned(),
        Cause::ImportanceChanged => "counts otherwise".to_owned(),
        Cause::JudgedChanged if it.value < 0 => "was not looked at wholly".to_owned(),
        Cause::JudgedChanged => "was looked at wholly".to_owned(),
        _ if it.value >= 0 && it.closed > 0 => plural(it.closed, "closed"),
        _ if it.opened > 0 => plural(it.opened, "opened"),
        _ => "changed".to_owned(),
    };
    Movement {
        value: Points(it.value).as_f64(),
        what,
        asset: it.asset.0,
        asset_name: it.asset_name,
        finding: it.finding.map(|it| it.0),
        message: it.message,
    }
}

fn areas(store: &Sqlite) -> Result<Vec<Area>, ApiError> {
    let groups = store.finding_groups(GroupBy::Rule, &FindingQuery::default(), usize::MAX >> 1)?;
    let mut areas: BTreeMap<String, [u64; 5]> = BTreeMap::new();
    for group in groups.groups {
        let area = group.key.split('/').next().unwrap_or_default();
        let sums = areas.entry(area.to_owned()).or_default();
        for (sum, count) in sums.iter_mut().zip(group.counts) {
            *sum += count;
        }
    }
    let mut areas: Vec<Area> = areas
        .into_iter()
        .map(|(area, findings)| Area { area, findings })
        .collect();
    areas.sort_by_key(|area| std::cmp::Reverse(area.findings.iter().sum::<u64>()));
    Ok(areas)
}

/// Which part of the assets has an owner; of a large estate, it is not counted.
#[expect(clippy::cast_precision_loss, reason = "shown as a percentage")]
fn owned(store: &Sqlite, assets: u64) -> Result<Option<f64>, ApiError> {
    if assets == 0 {
        return Ok(None);
    }
    let without = AssetQuery {
        owner: Some(String::new()),
        ..AssetQuery::default()
    };
    let without = store.count_assets(&without, COUNTED)?;
    if without.more {
        return Ok(None);
    }
    Ok(Some(1.0 - without.count as f64 / assets as f64))
}

#[expect(clippy::cast_precision_loss, reason = "shown as a percentage")]
fn coverage(store: &Sqlite, tally: &stance_store::Tally) -> Result<Coverage, ApiError> {
    let health = store.health()?;
    let totals = &tally.totals;
    let all = totals.importance.saturating_add(totals.unscanned).max(1);
    Ok(Coverage {
        sources: health.sources,
        failing: health.failing,
        unseen: health.unseen,
        files: health.files,
        left_out: health.left_out,
        last_scan: health.last_scan,
        unscanned: totals.unscanned as f64 / all as f64,
    })
}

fn news(store: &Sqlite, visited: Option<Timestamp>, since: Timestamp) -> Result<News, ApiError> {
    let from = visited.unwrap_or(since);
    let findings = FindingQuery {
        since: Some(from),
        ..FindingQuery::default()
    };
    let assets = AssetQuery {
        since: Some(from),
        ..AssetQuery::default()
    };
    let changes = ChangeQuery {
        state: Some(ChangeState::Pending),
        since: Some(from),
        ..ChangeQuery::default()
    };
    let weakening = ChangeQuery {
        effect: Some(Effect::Weakening),
        ..changes.clone()
    };
    Ok(News {
        since: from,
        visit: visited.is_some(),
        findings: store.count_findings(&findings, COUNTED)?.count,
        assets: store.count_assets(&assets, COUNTED)?.count,
        changes: store.count_changes(&changes, COUNTED)?.count,
        weakening: store.count_changes(&weakening, COUNTED)?.count,
        waivers: store.waivers(Some(RequestState::Requested), 1_000)?.len() as u64,
    })
}

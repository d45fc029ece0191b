//! How the score stood over time, and what moved it.

use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};
use stance_core::score::{AssetChange, Cause, Points, Totals, moved};

use super::account::Shift;
use super::row::{ms, time};
use crate::sqlite::Halt;
use crate::sqlite::record::json;
use crate::{AssetNumber, FindingNumber, Movement, PosturePoint};

/// Movements that are kept of one transaction; the rest is kept as a sum.
const KEPT: usize = 12;

/// What is kept beside the score.
#[derive(Debug, Serialize, Deserialize)]
struct Body {
    findings: [u64; 5],
    assets: u64,
    moved: Vec<Movement>,
    rest: i64,
}

/// Writes down the score if it moved. Several transactions of one millisecond are one point.
pub(super) fn record(
    db: &Connection,
    before: &Totals,
    shifts: &[Shift],
    at: i64,
) -> Result<(), Halt> {
    if shifts.is_empty() {
        return Ok(());
    }
    let tally = super::tally::tally(db)?;
    let Some(score) = tally.totals.score() else {
        return Ok(());
    };
    let names: Vec<String> = shifts.iter().map(|shift| shift.asset.to_string()).collect();
    let changes = shifts.iter().zip(&names).map(|(shift, name)| AssetChange {
        asset: name,
        before: shift.before,
        after: shift.after,
        findings: Vec::new(),
    });
    let mut kept = Vec::new();
    let mut rest = 0;
    if let Some(moved) = moved(before, &tally.totals, changes, KEPT) {
        rest = moved.rest_value.0;
        for movement in moved.movements {
            if let Some(asset) = movement.asset.and_then(|it| it.parse().ok()) {
                kept.push(described(db, asset, movement.cause, movement.value, at)?);
            }
        }
    }
    let body = Body {
        findings: tally.findings,
        assets: tally.all_assets(),
        moved: kept,
        rest,
    };
    db.prepare_cached(
        "INSERT INTO posture (at, score, lower, upper, body) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (at) DO UPDATE SET score = excluded.score, lower = excluded.lower, upper = excluded.upper,
             body = excluded.body",
    )?
    .execute(params![
        at,
        score.value.0,
        score.lower.0,
        score.upper.0,
        json(&body)?
    ])?;
    Ok(())
}

/// A movement with the names and numbers that it had at its time.
fn described(
    db: &Connection,
    asset: i64,
    cause: Cause,
    value: Points,
    at: i64,
) -> Result<Movement, Halt> {
    let name: String = db
        .prepare_cached("SELECT name FROM asset WHERE id = ?1")?
        .query_row([asset], |row| row.get(0))?;
    let (opened, closed): (u64, u64) = db
        .prepare_cached(
            "SELECT coalesce(sum(transition.state IN ('open', 'reopened')), 0),
                 coalesce(sum(transition.state NOT IN ('open', 'reopened')), 0)
             FROM finding JOIN transition ON transition.finding = finding.id AND transition.at = ?2
             WHERE finding.asset = ?1",
        )?
        .query_row([asset, at], |row| {
            Ok((super::row::count(row, 0)?, super::row::count(row, 1)?))
        })?;
    let finding: Option<(i64, String)> = db
        .prepare_cached(
            "SELECT finding.id, message FROM finding
             JOIN transition ON transition.finding = finding.id AND transition.at = ?2
             WHERE finding.asset = ?1 ORDER BY severity DESC, finding.id LIMIT 1",
        )?
        .query_row([asset, at], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (number, message) = finding.unzip();
    Ok(Movement {
        cause,
        asset: AssetNumber(asset),
        asset_name: name,
        value: value.0,
        opened,
        closed,
        finding: number.map(FindingNumber),
        message,
    })
}

/// Points of a time, thinned to about `most`: the last of each part of it, and the first one before it, so that a line
/// begins at its edge.
pub(super) fn points(
    db: &Connection,
    since: jiff::Timestamp,
    until: jiff::Timestamp,
    most: u32,
) -> Result<Vec<PosturePoint>, Halt> {
    let (from, to) = (ms(since), ms(until));
    let part = ((to - from) / i64::from(most.max(1))).max(1);
    let mut statement = db.prepare_cached(
        "SELECT at, score, lower, upper, body FROM posture WHERE at IN (
             SELECT max(at) FROM posture WHERE at >= ?1 AND at <= ?2 GROUP BY (at - ?1) / ?3
             UNION ALL SELECT max(at) FROM posture WHERE at < ?1
         ) ORDER BY at",
    )?;
    let rows = statement.query_map([from, to, part], |row| {
        let body: String = row.get(4)?;
        let body: Option<Body> = serde_json::from_str(&body).ok();
        Ok(PosturePoint {
            at: time(row, 0)?,
            score: Points(row.get(1)?),
            lower: Points(row.get(2)?),
            upper: Points(row.get(3)?),
            findings: body.as_ref().map(|it| it.findings).unwrap_or_default(),
            assets: body.map(|it| it.assets).unwrap_or_default(),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Points that are looked through for movements.
const LOOKED_AT: i64 = 2_000;

/// The largest movements since a time, added up by asset.
pub(super) fn movements(
    db: &Connection,
    since: jiff::Timestamp,
    most: usize,
) -> Result<Vec<Movement>, Halt> {
    let mut statement =
        db.prepare_cached("SELECT body FROM posture WHERE at >= ?1 ORDER BY at DESC LIMIT ?2")?;
    let rows = statement.query_map([ms(since), LOOKED_AT], |row| row.get::<_, String>(0))?;
    let mut by_asset: std::collections::BTreeMap<i64, Movement> = std::collections::BTreeMap::new();
    for body in rows {
        let Ok(body) = serde_json::from_str::<Body>(&body?) else {
            continue;
        };
        for movement in body.moved {
            match by_asset.entry(movement.asset.0) {
                std::collections::btree_map::Entry::Vacant(place) => {
                    place.insert(movement);
                }
                std::collections::btree_map::Entry::Occupied(mut place) => {
                    let known = place.get_mut();
                    known.value += movement.value;
                    known.opened += movement.opened;
                    known.closed += movement.closed;
                }
            }
        }
    }
    let mut all: Vec<Movement> = by_asset.into_values().filter(|it| it.value != 0).collect();
    all.sort_by_key(|it| (std::cmp::Reverse(it.value.abs()), it.asset));
    all.truncate(most);
    Ok(all)
}

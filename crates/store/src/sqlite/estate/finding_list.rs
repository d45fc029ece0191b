//! Findings: lists, groups, and all that is known of one.

use std::collections::BTreeSet;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, Row};
use stance_core::AssetKind;

use super::conditions::Conditions;
use super::lists::{self, Order, Table};
use super::row::{
    confidence, count as counted, get, json, ms, named, severity, severity_number, time, time_if,
};
use super::waivers;
use crate::estate::Key;
use crate::sqlite::Halt;
use crate::{
    AssetNumber, Counted, FindingDetail, FindingNumber, FindingQuery, FindingRow, FindingSort,
    FindingState, Position, RunNumber, Slice, SourceNumber, States, Transition, WaiverNumber,
    Window,
};

const COLUMNS: &str = "finding.id, finding.source, source.name AS source_name, finding.key, finding.asset,
    asset.name AS asset_name, finding.asset_kind, finding.owner, rule, severity, confidence, state, message, path,
    line, finding.first_seen, since, due, assignee, waiver, gives_back";

/// Findings lead: an asset or a source is looked up for each, never the other way round.
const JOINED: &str =
    "CROSS JOIN asset ON asset.id = finding.asset CROSS JOIN source ON source.id = finding.source";

const TABLE: Table = Table {
    name: "finding",
    number: "finding.id",
    columns: COLUMNS,
    joined: JOINED,
};

/// What a step of severity weighs in the column `rank`, against what a finding gives back.
const RANK: i64 = 1_000_000_000_000;

fn row(row: &Row<'_>) -> rusqlite::Result<FindingRow> {
    Ok(FindingRow {
        number: FindingNumber(get(row, "id")?),
        source: SourceNumber(get(row, "source")?),
        source_name: get(row, "source_name")?,
        id: get(row, "key")?,
        rule: get(row, "rule")?,
        severity: severity(get(row, "severity")?)?,
        confidence: confidence(get(row, "confidence")?)?,
        state: named(row, "state", FindingState::named)?,
        message: get(row, "message")?,
        path: get(row, "path")?,
        line: get(row, "line")?,
        asset: AssetNumber(get(row, "asset")?),
        asset_name: get(row, "asset_name")?,
        asset_kind: named(row, "asset_kind", |name| name.parse::<AssetKind>().ok())?,
        owner: get(row, "owner")?,
        assignee: get(row, "assignee")?,
        first_seen: time(row, "first_seen")?,
        since: time(row, "since")?,
        due: time_if(row, "due")?,
        waiver: get::<Option<i64>>(row, "waiver")?.map(WaiverNumber),
        gives_back: get(row, "gives_back")?,
    })
}

/// In which order, and the value of a row in it.
fn order(sort: FindingSort) -> (Order, fn(&FindingRow) -> i64) {
    let order = |column, falls| Order {
        column,
        collation: "",
        falls,
        number_falls: false,
    };
    match sort {
        FindingSort::Severity => (order("rank", true), |row| {
            severity_number(row.severity) * RANK + row.gives_back
        }),
        FindingSort::GivesBack => (order("gives_back", true), |row| row.gives_back),
        FindingSort::FirstSeen => (order("finding.first_seen", true), |row| ms(row.first_seen)),
        FindingSort::Due => (order("due", false), |row| {
            row.due.map(ms).unwrap_or_default()
        }),
    }
}

pub(super) fn slice(
    db: &Connection,
    query: &FindingQuery,
    window: &Window,
) -> Result<Slice<FindingRow>, Halt> {
    let (order, value) = order(query.sort);
    let place = |row: &FindingRow| Position {
        value: Key::Number(value(row)),
        number: row.number.0,
    };
    let mut slices = Vec::new();
    for half in halves(query.states) {
        let mut conditions = conditions(db, query, half)?;
        if query.sort == FindingSort::Due {
            conditions.literal("due IS NOT NULL", []);
        }
        slices.push(lists::slice(
            db,
            TABLE,
            &conditions,
            order,
            window,
            row,
            place,
        )?);
    }
    let mut rows: Vec<FindingRow> = Vec::new();
    let mut more = false;
    let several = slices.len() > 1;
    for slice in slices {
        more |= slice.next.is_some();
        rows.extend(slice.rows);
    }
    if several {
        rows.sort_by_key(|row| {
            let value = value(row);
            (if order.falls { -value } else { value }, row.number)
        });
        more |= rows.len() > window.bounded();
        rows.truncate(window.bounded());
    }
    let next = rows.last().filter(|_| more).map(place);
    Ok(Slice { rows, next })
}

pub(super) fn count(db: &Connection, query: &FindingQuery, most: u64) -> Result<Counted, Halt> {
    let mut all = Counted::default();
    for half in halves(query.states) {
        let left = most.saturating_sub(all.count);
        let counted = lists::count(db, "finding", &conditions(db, query, half)?, left)?;
        all.count += counted.count;
        all.more |= counted.more;
    }
    Ok(all)
}

/// What is there as a literal: only then do the partial indexes serve, each of one half of the findings.
const COUNTS: &str = "counts";
const NOT_COUNTS: &str = "NOT counts";

/// The halves in which findings of these states are.
pub(super) const fn halves(states: States) -> &'static [&'static str] {
    match states {
        States::Counting => &[COUNTS],
        States::Only(state) if state.counts() => &[COUNTS],
        States::Only(_) => &[NOT_COUNTS],
        States::All => &[COUNTS, NOT_COUNTS],
    }
}

/// What findings of one half have to fulfil.
pub(super) fn conditions(
    db: &Connection,
    query: &FindingQuery,
    half: &str,
) -> Result<Conditions, Halt> {
    let mut conditions = Conditions::default();
    conditions.literal(half, []);
    if let States::Only(state) = query.states {
        conditions.compare("state", "= ?", [state.name().to_owned().into()]);
    }
    severities(&mut conditions, query);
    if let Some(rule) = &query.rule {
        conditions.compare("rule", "= ?", [rule.clone().into()]);
    }
    if let Some(area) = &query.area {
        conditions.compare("area", "= ?", [area.clone().into()]);
    }
    if let Some(fix) = &query.fix {
        conditions.compare("fix", "= ?", [fix.clone().into()]);
    }
    if let Some(asset) = query.asset {
        conditions.compare("finding.asset", "= ?", [asset.0.into()]);
    }
    if let Some(source) = query.source {
        conditions.compare("finding.source", "= ?", [source.0.into()]);
    }
    conditions.one_of(
        "finding.asset_kind",
        query.kinds.iter().map(|kind| kind.name().to_owned().into()),
    );
    conditions.word_or_none("finding.owner", query.owner.as_ref());
    conditions.word_or_none("assignee", query.assignee.as_ref());
    if let Some(before) = query.due_before {
        conditions.compare("due", "< ?", [ms(before).into()]);
    }
    if let Some(since) = query.since {
        conditions.compare("finding.first_seen", ">= ?", [ms(since).into()]);
    }
    if let Some(waiver) = query.waiver {
        conditions.compare(
            "finding.id",
            "IN (SELECT finding FROM waived WHERE waiver = ?)",
            [Value::from(waiver.0)],
        );
    }
    if let Some(text) = &query.text {
        let columns = ["message", "path", "rule"];
        conditions.text(db, "finding_text", "finding.id", &columns, text)?;
    }
    Ok(conditions)
}

/// A finding as lists show it, by its number.
pub(in crate::sqlite) fn one(db: &Connection, number: i64) -> Result<Option<FindingRow>, Halt> {
    Ok(db
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM finding {JOINED} WHERE finding.id = ?1"
        ))?
        .query_row([number], row)
        .optional()?)
}

/// The severities. In the order of severity they are a part of the order: what is worse than all of them is skipped, and
/// those without a gap between them are one part.
fn severities(conditions: &mut Conditions, query: &FindingQuery) {
    let numbers: BTreeSet<i64> = query
        .severities
        .iter()
        .map(|it| severity_number(*it))
        .collect();
    let ends = numbers.first().zip(numbers.last());
    let Some((least, most)) = ends else { return };
    let by_rank = query.sort == FindingSort::Severity;
    if by_rank {
        let ends = [least * RANK, (most + 1) * RANK];
        conditions.literal("rank >= ? AND rank < ?", ends.map(Value::from));
    }
    let has_gap = numbers.len() < usize::try_from(most - least + 1).unwrap_or(usize::MAX);
    if has_gap || !by_rank {
        conditions.one_of("severity", numbers.into_iter().map(Value::from));
    }
}

pub(super) fn detail(
    db: &Connection,
    finding: FindingNumber,
) -> Result<Option<FindingDetail>, Halt> {
    let found = db
        .prepare_cached(&format!(
            "SELECT {COLUMNS}, body, fixed, reopened FROM finding {JOINED} WHERE finding.id = ?1"
        ))?
        .query_row([finding.0], |it| {
            Ok((
                row(it)?,
                json(it, "body")?,
                time_if(it, "fixed")?,
                counted(it, "reopened")?,
            ))
        })
        .optional()?;
    let Some((row, body, fixed, reopened)) = found else {
        return Ok(None);
    };
    let waiver = match row.waiver {
        Some(number) => waivers::find(db, number)?,
        None => None,
    };
    let mut statement = db.prepare_cached(
        "SELECT at, state, run FROM transition WHERE finding = ?1 ORDER BY id DESC LIMIT 200",
    )?;
    let mut transitions: Vec<Transition> = statement
        .query_map([finding.0], |row| {
            Ok(Transition {
                at: time(row, "at")?,
                state: named(row, "state", FindingState::named)?,
                run: get::<Option<i64>>(row, "run")?.map(RunNumber),
            })
        })?
        .collect::<Result<_, _>>()?;
    transitions.reverse();
    Ok(Some(FindingDetail {
        row,
        finding: body,
        fixed,
        reopened,
        waiver,
        transitions,
    }))
}

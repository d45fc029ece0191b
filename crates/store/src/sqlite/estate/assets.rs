//! Assets: lists, and all that is known of one.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use stance_core::AssetKind;

use super::conditions::Conditions;
use super::lists::{self, Order, Table};
use super::row::{count as counted, get, json, ms, named, time, time_if};
use crate::estate::Key;
use crate::sqlite::Halt;
use crate::{
    Approval, AssetCounts, AssetDetail, AssetNumber, AssetQuery, AssetRow, AssetSort, Counted,
    Position, SightingRow, Slice, SourceNumber, Window,
};

/// The columns of [`AssetRow`]; `last_seen` is when the freshest source that sees it was looked at.
pub(super) const COLUMNS: &str =
    "asset.id, scope, key, asset.kind, asset.name, how, part, present, sightings, first_seen, gone,
    (SELECT max(source.scanned) FROM sighting JOIN source ON source.id = sighting.source
     WHERE sighting.asset = asset.id AND sighting.present) AS looked,
    asset.owner, purpose, asset.environment, criticality, sensitivity, approval, revision,
    critical, high, medium, low, importance, risk";

const TABLE: Table = Table {
    name: "asset",
    number: "asset.id",
    columns: COLUMNS,
    joined: "",
};

/// A row of [`COLUMNS`].
pub(super) fn row(row: &Row<'_>) -> rusqlite::Result<AssetRow> {
    let scope: i64 = get(row, "scope")?;
    let first_seen = time(row, "first_seen")?;
    let last_seen = time_if(row, "looked")?
        .or(time_if(row, "gone")?)
        .unwrap_or(first_seen);
    Ok(AssetRow {
        number: AssetNumber(get(row, "id")?),
        scope: (scope != 0).then_some(SourceNumber(scope)),
        id: get(row, "key")?,
        kind: named(row, "kind", |name| name.parse::<AssetKind>().ok())?,
        name: get(row, "name")?,
        how: get(row, "how")?,
        part: get(row, "part")?,
        present: get(row, "present")?,
        sightings: counted(row, "sightings")?,
        first_seen,
        last_seen,
        owner: get(row, "owner")?,
        purpose: get(row, "purpose")?,
        environment: get(row, "environment")?,
        criticality: get(row, "criticality")?,
        sensitivity: get(row, "sensitivity")?,
        approval: named(row, "approval", Approval::named)?,
        counts: AssetCounts {
            critical: counted(row, "critical")?,
            high: counted(row, "high")?,
            medium: counted(row, "medium")?,
            low: counted(row, "low")?,
        },
        importance: get(row, "importance")?,
        risk: get(row, "risk")?,
        revision: counted(row, "revision")?,
    })
}

pub(super) fn slice(
    db: &Connection,
    query: &AssetQuery,
    window: &Window,
) -> Result<Slice<AssetRow>, Halt> {
    let conditions = conditions(db, query)?;
    let order = |column, collation, falls| Order {
        column,
        collation,
        falls,
        number_falls: false,
    };
    let (order, value): (Order, fn(&AssetRow) -> Key) = match query.sort {
        AssetSort::Risk => (order("risk", "", true), |row| Key::Number(row.risk)),
        AssetSort::Name => (order("asset.name", "COLLATE NOCASE", false), |row| {
            Key::Text(row.name.clone())
        }),
        AssetSort::FirstSeen => (order("first_seen", "", true), |row| {
            Key::Number(ms(row.first_seen))
        }),
    };
    lists::slice(db, TABLE, &conditions, order, window, row, |row| Position {
        value: value(row),
        number: row.number.0,
    })
}

pub(super) fn count(db: &Connection, query: &AssetQuery, most: u64) -> Result<Counted, Halt> {
    lists::count(db, "asset", &conditions(db, query)?, most)
}

fn conditions(db: &Connection, query: &AssetQuery) -> Result<Conditions, Halt> {
    let mut conditions = Conditions::default();
    // As a literal: only then do the partial indexes serve.
    conditions.literal(if query.gone { "NOT present" } else { "present" }, []);
    let words =
        |words: &[String]| -> Vec<Value> { words.iter().cloned().map(Value::from).collect() };
    conditions.one_of(
        "asset.kind",
        query.kinds.iter().map(|kind| kind.name().to_owned().into()),
    );
    conditions.one_of("asset.environment", words(&query.environments));
    conditions.one_of("sensitivity", words(&query.sensitivities));
    conditions.one_of("criticality", words(&query.criticalities));
    conditions.word_or_none("asset.owner", query.owner.as_ref());
    if let Some(approval) = query.approval {
        conditions.compare("approval", "= ?", [approval.name().to_owned().into()]);
    }
    if let Some(part) = &query.part {
        conditions.compare("part", "= ?", [part.clone().into()]);
    }
    if let Some(since) = query.since {
        conditions.compare("first_seen", ">= ?", [ms(since).into()]);
    }
    if let Some(source) = query.source {
        conditions.either(
            "asset.id IN (SELECT asset FROM sighting WHERE source = ? AND present)",
            "EXISTS (SELECT 1 FROM sighting AS seen WHERE seen.asset = asset.id AND seen.source = ? AND seen.present)",
            vec![source.0.into()],
        );
    }
    if let Some(at_least) = query.at_least {
        let columns = ["critical", "high", "medium", "low"];
        let kept = 5_usize.saturating_sub(usize::from(at_least)).clamp(1, 4);
        conditions.literal(format!("{} > 0", columns[..kept].join(" + ")), []);
    }
    if let Some(text) = &query.text {
        conditions.text(
            db,
            "asset_text",
            "asset.id",
            &["asset.name", "asset.key"],
            text,
        )?;
    }
    Ok(conditions)
}

/// Sources of one asset that a page shows.
const MOST_SIGHTINGS: i64 = 50;

pub(super) fn detail(db: &Connection, asset: AssetNumber) -> Result<Option<AssetDetail>, Halt> {
    let found = db
        .prepare_cached(&format!(
            "SELECT {COLUMNS}, approval_reason FROM asset WHERE asset.id = ?1"
        ))?
        .query_row([asset.0], |it| Ok((row(it)?, get(it, "approval_reason")?)))
        .optional()?;
    let Some((row, approval_reason)) = found else {
        return Ok(None);
    };
    let mut statement = db.prepare_cached(
        "SELECT source, source.name, present, first_seen, gone, source.scanned, body
         FROM sighting JOIN source ON source.id = sighting.source
         WHERE asset = ?1 ORDER BY present DESC, source.scanned DESC LIMIT ?2",
    )?;
    let sightings = statement
        .query_map(params![asset.0, MOST_SIGHTINGS], |row| {
            let first_seen = time(row, "first_seen")?;
            let present: bool = get(row, "present")?;
            let last = if present { "scanned" } else { "gone" };
            Ok(SightingRow {
                source: SourceNumber(get(row, "source")?),
                source_name: get(row, "name")?,
                present,
                first_seen,
                last_seen: time_if(row, last)?.unwrap_or(first_seen),
                asset: json(row, "body")?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(Some(AssetDetail {
        row,
        approval_reason,
        sightings,
    }))
}

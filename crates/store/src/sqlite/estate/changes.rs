//! Lists of changes, and what people decide about them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::{Value, json};
use stance_core::AssetKind;
use stance_core::drift::Effect;

use super::conditions::Conditions;
use super::decide::said;
use super::drift::{self, Waiting, effect_number};
use super::lists::{self, Order, Table};
use super::requests::{COLUMNS as ASKED, asked, renewed};
use super::row::{count as counted, get, ms, named, time, time_if};
use super::{account, audit};
use crate::estate::Key;
use crate::sqlite::{Halt, Sqlite};
use crate::{
    AssetNumber, ChangeKind, ChangeNumber, ChangeQuery, ChangeRow, ChangeSort, ChangeState,
    Counted, Decision, Drift, ExpectedChange, ExpectedNumber, FindingNumber, NewExpectedChange,
    Position, Request, Result, RunNumber, Slice, SourceNumber, StoreError, Window,
};

const COLUMNS: &str = "change.id, change.source, source.name AS source_name, change.asset, asset.name AS asset_name,
    asset.kind AS asset_kind, asset.owner, run, at, change.kind, field, before, after, effect, relevant, reason, state,
    actor, decided, note, expected, finding";
const JOINED: &str =
    "CROSS JOIN asset ON asset.id = change.asset CROSS JOIN source ON source.id = change.source";

const TABLE: Table = Table {
    name: "change",
    number: "change.id",
    columns: COLUMNS,
    joined: JOINED,
};

impl Drift for Sqlite {
    fn changes(&self, query: &ChangeQuery, window: &Window) -> Result<Slice<ChangeRow>> {
        self.reading(|db| slice(db, query, window))
    }

    fn count_changes(&self, query: &ChangeQuery, most: u64) -> Result<Counted> {
        self.reading(|db| lists::count(db, "change", &conditions(query), most))
    }

    fn change(&self, change: ChangeNumber) -> Result<Option<ChangeRow>> {
        self.reading(|db| one(db, change.0))
    }

    fn approve_changes(
        &mut self,
        changes: &[ChangeNumber],
        note: &str,
        decision: &Decision<'_>,
    ) -> Result<u64> {
        self.whole(|db| approve(db, changes, note, decision))
    }

    fn expect_change(
        &mut self,
        change: &NewExpectedChange,
        decision: &Decision<'_>,
    ) -> Result<ExpectedNumber> {
        self.whole(|db| expect(db, change, decision))
    }

    fn expected_changes(&self, most: usize) -> Result<Vec<ExpectedChange>> {
        self.reading(|db| expected(db, most))
    }
}

fn row(row: &Row<'_>) -> rusqlite::Result<ChangeRow> {
    let value = |name: &str| -> rusqlite::Result<Option<Value>> {
        let text: Option<String> = get(row, name)?;
        Ok(text.map(|text| serde_json::from_str(&text).unwrap_or(Value::String(text))))
    };
    let effect: i64 = get(row, "effect")?;
    Ok(ChangeRow {
        number: ChangeNumber(get(row, "id")?),
        source: SourceNumber(get(row, "source")?),
        source_name: get(row, "source_name")?,
        asset: AssetNumber(get(row, "asset")?),
        asset_name: get(row, "asset_name")?,
        asset_kind: named(row, "asset_kind", |name| name.parse::<AssetKind>().ok())?,
        owner: get(row, "owner")?,
        run: get::<Option<i64>>(row, "run")?.map(RunNumber),
        at: time(row, "at")?,
        kind: named(row, "kind", ChangeKind::named)?,
        field: get(row, "field")?,
        before: value("before")?,
        after: value("after")?,
        effect: Effect::ALL
            .into_iter()
            .find(|it| effect_number(*it) == effect)
            .unwrap_or(Effect::Neutral),
        security: get(row, "relevant")?,
        reason: get(row, "reason")?,
        state: named(row, "state", ChangeState::named)?,
        actor: get(row, "actor")?,
        decided: time_if(row, "decided")?,
        note: get(row, "note")?,
        expected: get::<Option<i64>>(row, "expected")?.map(ExpectedNumber),
        finding: get::<Option<i64>>(row, "finding")?.map(FindingNumber),
    })
}

/// A change by its number.
pub(in crate::sqlite) fn one(
    db: &Connection,
    number: i64,
) -> std::result::Result<Option<ChangeRow>, Halt> {
    let sql = format!("SELECT {COLUMNS} FROM change {JOINED} WHERE change.id = ?1");
    Ok(db
        .prepare_cached(&sql)?
        .query_row([number], row)
        .optional()?)
}

fn slice(
    db: &Connection,
    query: &ChangeQuery,
    window: &Window,
) -> std::result::Result<Slice<ChangeRow>, Halt> {
    let conditions = conditions(query);
    let (column, value): (&'static str, fn(&ChangeRow) -> i64) = match query.sort {
        ChangeSort::Newest => ("at", |row| ms(row.at)),
        ChangeSort::Effect => ("effect", |row| effect_number(row.effect)),
    };
    let order = Order {
        column,
        collation: "",
        falls: true,
        number_falls: true,
    };
    lists::slice(db, TABLE, &conditions, order, window, row, |row| Position {
        value: Key::Number(value(row)),
        number: row.number.0,
    })
}

fn conditions(query: &ChangeQuery) -> Conditions {
    let mut conditions = Conditions::default();
    match query.state {
        // As a literal: only then does the partial index serve.
        Some(ChangeState::Pending) => conditions.literal("state = 'pending'", []),
        Some(state) => conditions.compare("state", "= ?", [state.name().to_owned().into()]),
        None => {}
    }
    if let Some(effect) = query.effect {
        conditions.compare("effect", "= ?", [effect_number(effect).into()]);
    }
    if let Some(source) = query.source {
        conditions.compare("change.source", "= ?", [source.0.into()]);
    }
    if let Some(asset) = query.asset {
        conditions.compare("change.asset", "= ?", [asset.0.into()]);
    }
    if let Some(run) = query.run {
        conditions.compare("run", "= ?", [run.0.into()]);
    }
    if query.security {
        conditions.literal("relevant", []);
    }
    if let Some(since) = query.since {
        conditions.compare("at", ">= ?", [ms(since).into()]);
    }
    conditions
}

fn approve(
    db: &Connection,
    changes: &[ChangeNumber],
    note: &str,
    decision: &Decision<'_>,
) -> std::result::Result<u64, Halt> {
    let mut find = db.prepare_cached(
        "SELECT source, asset, field, before, after, finding FROM change WHERE id = ?1 AND state = 'pending'",
    )?;
    let mut approved = Vec::new();
    let mut touched = BTreeSet::new();
    let mut by_asset: BTreeMap<(i64, i64), Vec<String>> = BTreeMap::new();
    for change in changes {
        let found = find
            .query_row([change.0], |row| {
                let waiting = Waiting {
                    number: change.0,
                    field: row.get(2)?,
                    before: row.get(3)?,
                    after: row.get(4)?,
                    finding: row.get(5)?,
                };
                Ok(((row.get(0)?, row.get(1)?), waiting))
            })
            .optional()?;
        let Some((place, waiting)) = found else {
            continue;
        };
        let decided = Some((decision.actor, note));
        touched.extend(drift::close(
            db,
            &waiting,
            ChangeState::Approved,
            decided,
            drift::at(decision),
        )?);
        by_asset.entry(place).or_default().push(waiting.field);
        approved.push(change.0);
    }
    for ((source, asset), fields) in &by_asset {
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        let others: bool = db
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM change WHERE source = ?1 AND asset = ?2 AND state = 'pending')",
            )?
            .query_row([source, asset], |row| row.get(0))?;
        drift::approve(db, *source, *asset, &fields, !others)?;
    }

    account::settle(db, &touched, drift::at(decision))?;
    let detail = json!({ "note": note });
    audit::decided(db, decision, "change.approve", "change", &approved, &detail)?;
    Ok(approved.len() as u64)
}

fn expect(
    db: &Connection,
    change: &NewExpectedChange,
    decision: &Decision<'_>,
) -> std::result::Result<ExpectedNumber, Halt> {
    said(&change.reason, "an announced change")?;
    let refuse = |text: &str| Err(Halt::Refused(StoreError::Refused(text.to_owned())));
    if change.asset.trim().is_empty() || change.field.trim().is_empty() {
        return refuse("an announced change needs a pattern of assets and a field, `*` for any");
    }
    if change.closes <= change.opens || change.closes <= decision.at {
        return refuse("an announced change has to end after it begins, and in the future");
    }
    let number = db
        .prepare_cached(
            "INSERT INTO expected_change (source, asset, field, reason, requester, requested, state, opens, expires)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'requested', ?7, ?8)",
        )?
        .insert(params![
            change.source.map(|it| it.0),
            change.asset,
            change.field,
            change.reason,
            decision.actor,
            ms(decision.at),
            ms(change.opens),
            ms(change.closes),
        ])?;
    let detail = json!({
        "asset": change.asset, "field": change.field, "reason": change.reason,
        "source": change.source, "opens": change.opens.to_string(), "closes": change.closes.to_string(),
    });
    audit::decided(
        db,
        decision,
        "expected_change.request",
        "expected_change",
        &[number],
        &detail,
    )?;
    Ok(ExpectedNumber(number))
}

/// The same once more, until another time; it begins now where it had begun.
pub(super) fn again(
    db: &Connection,
    number: ExpectedNumber,
    expires: Timestamp,
    decision: &Decision<'_>,
) -> std::result::Result<Request, Halt> {
    let known = db
        .prepare_cached(&select("WHERE id = ?1"))?
        .query_row([number.0], announced)
        .optional()?;
    let known = known.ok_or_else(|| StoreError::NotFound {
        what: "announced change",
        id: number.to_string(),
    })?;
    let change = NewExpectedChange {
        source: known.source,
        asset: known.asset,
        field: known.field,
        reason: known.asked.reason,
        opens: known.opens.max(decision.at),
        closes: expires,
    };
    expect(db, &change, decision).map(Request::from)
}

fn select(rest: &str) -> String {
    let renewed = renewed("expected_change");
    format!(
        "SELECT id, source, asset, field, opens, {ASKED}, {renewed},
             (SELECT count(*) FROM change WHERE expected = expected_change.id) AS met
         FROM expected_change {rest}"
    )
}

fn announced(row: &Row<'_>) -> rusqlite::Result<ExpectedChange> {
    Ok(ExpectedChange {
        number: ExpectedNumber(get(row, "id")?),
        source: get::<Option<i64>>(row, "source")?.map(SourceNumber),
        asset: get(row, "asset")?,
        field: get(row, "field")?,
        asked: asked(row)?,
        opens: time(row, "opens")?,
        met: counted(row, "met")?,
    })
}

fn expected(db: &Connection, most: usize) -> std::result::Result<Vec<ExpectedChange>, Halt> {
    let mut statement = db.prepare_cached(&select("ORDER BY id DESC LIMIT ?1"))?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = statement.query_map([most], announced)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

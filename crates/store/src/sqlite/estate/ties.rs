//! Relations of one asset, and the words that filters take.

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params, params_from_iter};
use stance_core::{AssetKind, RelationKind};

use super::assets::{COLUMNS, row as asset_row};
use super::row::{count, get, named};
use crate::estate::Key;
use crate::sqlite::{Halt, Sqlite};
use crate::{
    AssetNumber, AssetQuery, AssetRow, Direction, Extract, Inventory, Position, Result, Slice,
    SourceName, SourceNumber, Tie, TieCount, Window,
};

impl Inventory for Sqlite {
    fn ties(
        &self,
        asset: AssetNumber,
        direction: Direction,
        kind: Option<RelationKind>,
        window: &Window,
    ) -> Result<Slice<Tie>> {
        self.reading(|db| slice(db, asset, direction, kind, window))
    }

    fn tie_counts(&self, asset: AssetNumber) -> Result<Vec<TieCount>> {
        self.reading(|db| counts(db, asset))
    }

    fn tied(
        &self,
        asset: AssetNumber,
        kinds: &[AssetKind],
        most: usize,
    ) -> Result<Vec<(AssetRow, RelationKind, Direction)>> {
        self.reading(|db| tied(db, asset, kinds, most))
    }

    fn extract(&self, query: &AssetQuery, most: usize) -> Result<Extract> {
        self.reading(|db| super::extract::extract(db, query, most))
    }

    fn owners(&self, most: usize) -> Result<Vec<String>> {
        self.reading(|db| owners(db, most))
    }

    fn source_names(&self, text: &str, most: usize) -> Result<Vec<SourceName>> {
        self.reading(|db| source_names(db, text, most))
    }
}

/// The columns of `relation` on this side and the other.
const fn sides(direction: Direction) -> (&'static str, &'static str) {
    match direction {
        Direction::Out => ("origin", "target"),
        Direction::In => ("target", "origin"),
    }
}

/// The number of a kind in the database.
fn relation_number(kind: RelationKind) -> i64 {
    let place = RelationKind::ALL.iter().position(|it| *it == kind);
    place.and_then(|it| i64::try_from(it).ok()).unwrap_or(0)
}

/// The kind of a number.
pub(super) fn relation_kind(number: i64) -> RelationKind {
    usize::try_from(number)
        .ok()
        .and_then(|number| RelationKind::ALL.get(number).copied())
        .unwrap_or(RelationKind::Contains)
}

fn slice(
    db: &Connection,
    asset: AssetNumber,
    direction: Direction,
    only: Option<RelationKind>,
    window: &Window,
) -> std::result::Result<Slice<Tie>, Halt> {
    let (here, there) = sides(direction);
    let limit = window.bounded();
    let (first, last) = match only.map(relation_number) {
        Some(kind) => (kind, kind),
        None => (0, i64::MAX),
    };
    let (kind, number) = match &window.after {
        Some(Position {
            value: Key::Number(kind),
            number,
        }) => (*kind, *number),
        _ => (first, 0),
    };
    let mut statement = db.prepare_cached(&format!(
        "SELECT tie, other, asset.name, asset.kind, present, path, line, sources FROM (
             SELECT kind AS tie, {there} AS other, min(path) AS path, line, count(*) AS sources
             FROM relation WHERE {here} = ?1 AND (kind, {there}) > (?2, ?3) AND kind <= ?5
             GROUP BY kind, {there} ORDER BY kind, {there} LIMIT ?4
         ) JOIN asset ON asset.id = other ORDER BY tie, other"
    ))?;
    let most = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let mut rows: Vec<(i64, Tie)> = statement
        .query_map(params![asset.0, kind, number, most, last], tie)?
        .collect::<std::result::Result<_, _>>()?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|(kind, tie)| Position {
        value: Key::Number(*kind),
        number: tie.other.0,
    });
    let rows = rows.into_iter().map(|(_, tie)| tie).collect();
    Ok(Slice { rows, next })
}

fn tie(row: &Row<'_>) -> rusqlite::Result<(i64, Tie)> {
    let kind: i64 = get(row, "tie")?;
    let tie = Tie {
        kind: relation_kind(kind),
        other: AssetNumber(get(row, "other")?),
        name: get(row, "name")?,
        asset_kind: named(row, "kind", |name| name.parse().ok())?,
        present: get(row, "present")?,
        path: get(row, "path")?,
        line: get(row, "line")?,
        sources: count(row, "sources")?,
    };
    Ok((kind, tie))
}

fn counts(db: &Connection, asset: AssetNumber) -> std::result::Result<Vec<TieCount>, Halt> {
    let mut all = Vec::new();
    for direction in [Direction::Out, Direction::In] {
        let (here, _) = sides(direction);
        let mut statement = db.prepare_cached(&format!(
            "SELECT kind, count(*) FROM (SELECT kind FROM relation WHERE {here} = ?1 LIMIT {})
             GROUP BY kind ORDER BY kind",
            TieCount::MOST
        ))?;
        let rows = statement.query_map([asset.0], |row| {
            Ok(TieCount {
                direction,
                kind: relation_kind(row.get(0)?),
                count: count(row, 1)?,
            })
        })?;
        for row in rows {
            all.push(row?);
        }
    }
    Ok(all)
}

/// Relations that are looked at for those of some kinds of assets, in each direction.
const MOST_LOOKED_AT: usize = 2_000;

fn tied(
    db: &Connection,
    asset: AssetNumber,
    kinds: &[AssetKind],
    most: usize,
) -> std::result::Result<Vec<(AssetRow, RelationKind, Direction)>, Halt> {
    let depends = relation_number(RelationKind::DependsOn);
    let marks = vec!["?"; kinds.len().max(1)].join(", ");
    let mut found: Vec<(AssetRow, RelationKind, Direction)> = Vec::new();
    for direction in [Direction::Out, Direction::In] {
        let (here, there) = sides(direction);
        let mut statement = db.prepare_cached(&format!(
            "SELECT {COLUMNS}, tie FROM (
                 SELECT kind AS tie, {there} AS other FROM relation
                 WHERE {here} = ? AND kind <> {depends} GROUP BY kind, {there} LIMIT {MOST_LOOKED_AT}
             ) JOIN asset ON asset.id = other AND asset.present AND asset.kind IN ({marks})
             ORDER BY risk DESC, other LIMIT {most}"
        ))?;
        let mut values = vec![Value::from(asset.0)];
        values.extend(kinds.iter().map(|kind| Value::from(kind.name().to_owned())));
        values.resize(1 + kinds.len().max(1), Value::from(String::new()));
        let rows = statement.query_map(params_from_iter(values), |row| {
            Ok((asset_row(row)?, relation_kind(get(row, "tie")?), direction))
        })?;
        for row in rows {
            found.push(row?);
        }
    }
    found.sort_by_key(|(row, ..)| (std::cmp::Reverse(row.risk), row.number));
    found.truncate(most);
    Ok(found)
}

/// From one owner to the next by the index, however many assets each has.
fn owners(db: &Connection, most: usize) -> std::result::Result<Vec<String>, Halt> {
    let mut next = db.prepare_cached(
        "SELECT owner FROM asset WHERE present AND owner > ?1 ORDER BY owner LIMIT 1",
    )?;
    let mut owners: Vec<String> = Vec::new();
    while owners.len() < most {
        let last = owners.last().map_or("", String::as_str);
        let mut rows = next.query([last])?;
        let Some(row) = rows.next()? else { break };
        owners.push(row.get(0)?);
    }
    Ok(owners)
}

fn source_names(
    db: &Connection,
    text: &str,
    most: usize,
) -> std::result::Result<Vec<SourceName>, Halt> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut statement = db.prepare_cached(
        "SELECT id, name, kind FROM source
         WHERE removed IS NULL AND (instr(lower(name), ?1) > 0 OR instr(lower(key), ?1) > 0)
         ORDER BY name COLLATE NOCASE, id LIMIT ?2",
    )?;
    let rows = statement.query_map(params![text.to_lowercase(), most], |row| {
        Ok(SourceName {
            number: SourceNumber(row.get(0)?),
            name: row.get(1)?,
            kind: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

//! What is around an asset.

use std::collections::{HashMap, VecDeque};

use rusqlite::{Connection, OptionalExtension as _, params};
use stance_core::RelationKind;

use super::assets::{COLUMNS, row};
use super::row::get;
use crate::sqlite::Halt;
use crate::{AssetNumber, AssetRow, Neighbour, Neighbourhood};

/// Relations of one asset that are followed, in each direction: a package that a hundred thousand programs use would
/// otherwise be walked through in full.
const MOST_RELATIONS: i64 = 200;

/// Breadth first from the middle, the riskiest of each distance first.
pub(super) fn around(
    db: &Connection,
    middle: AssetNumber,
    depth: u32,
    most: usize,
) -> Result<Neighbourhood, Halt> {
    let mut asset =
        db.prepare_cached(&format!("SELECT {COLUMNS} FROM asset WHERE asset.id = ?1"))?;
    let mut near = db.prepare_cached(
        "SELECT other, risk FROM (
             SELECT * FROM (SELECT DISTINCT target AS other FROM relation WHERE origin = ?1 LIMIT ?2)
             UNION
             SELECT * FROM (SELECT DISTINCT origin AS other FROM relation WHERE target = ?1 LIMIT ?2)
         ) JOIN asset ON asset.id = other AND asset.present ORDER BY risk DESC, other",
    )?;
    let mut distance: HashMap<i64, u32> = HashMap::new();
    let mut rows: Vec<(AssetRow, u32)> = Vec::new();
    let mut left_out = 0;
    let mut queue = VecDeque::from([(middle.0, 0_u32)]);
    distance.insert(middle.0, 0);
    while let Some((number, away)) = queue.pop_front() {
        if rows.len() >= most.max(1) {
            left_out += 1;
            continue;
        }
        let Some(found) = asset.query_row([number], row).optional()? else {
            continue;
        };
        rows.push((found, away));
        if away >= depth {
            continue;
        }
        let others: Vec<i64> = near
            .query_map(params![number, MOST_RELATIONS], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for other in others {
            if let std::collections::hash_map::Entry::Vacant(place) = distance.entry(other) {
                place.insert(away + 1);
                queue.push_back((other, away + 1));
            }
        }
    }
    let shown: HashMap<i64, ()> = rows.iter().map(|(row, _)| (row.number.0, ())).collect();
    let mut between = db.prepare_cached(
        "SELECT origin, kind, target, min(path) AS path, line FROM relation
         WHERE origin = ?1 GROUP BY origin, kind, target LIMIT ?2",
    )?;
    let mut relations = Vec::new();
    for (found, _) in &rows {
        let out: Vec<Neighbour> = between
            .query_map(params![found.number.0, MOST_RELATIONS], |row| {
                let kind: i64 = get(row, "kind")?;
                let kind = usize::try_from(kind).ok();
                Ok(Neighbour {
                    from: AssetNumber(get(row, "origin")?),
                    kind: kind
                        .and_then(|kind| RelationKind::ALL.get(kind).copied())
                        .unwrap_or(RelationKind::Contains),
                    to: AssetNumber(get(row, "target")?),
                    path: get(row, "path")?,
                    line: get(row, "line")?,
                })
            })?
            .collect::<Result<_, _>>()?;
        relations.extend(out.into_iter().filter(|it| shown.contains_key(&it.to.0)));
    }
    Ok(Neighbourhood {
        assets: rows,
        relations,
        left_out,
    })
}

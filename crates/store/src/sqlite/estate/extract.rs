//! Assets with what ties them together, to take along.

use std::collections::{BTreeSet, HashMap};

use rusqlite::{Connection, params};
use stance_core::evidence::Locus;
use stance_core::{Asset, AssetId, Evidence, Relation};

use super::row::{get, json};
use super::{assets, ties};
use crate::sqlite::Halt;
use crate::{AssetQuery, AssetRow, Extract, Window};

/// Most relations of an extract.
const MOST_RELATIONS: usize = 500_000;

pub(super) fn extract(db: &Connection, query: &AssetQuery, most: usize) -> Result<Extract, Halt> {
    let mut extract = Extract {
        complete: true,
        ..Extract::default()
    };
    // A source that was asked for tells its own view alone.
    let source = query.source.map(|source| source.0);
    let mut ids: HashMap<i64, AssetId> = HashMap::new();
    let mut used: BTreeSet<AssetId> = BTreeSet::new();
    let mut window = Window::first(Window::MOST);
    loop {
        let slice = assets::slice(db, query, &window)?;
        for row in &slice.rows {
            if extract.assets.len() >= most {
                extract.complete = false;
                break;
            }
            let Some(mut asset) = told(db, row, source)? else {
                continue;
            };
            if !used.insert(asset.id.clone()) {
                let scope = row.scope.map_or(0, |scope| scope.0);
                let (_, key) = asset.id.as_str().split_once(':').unwrap_or_default();
                asset.id = AssetId::new(asset.kind, format!("{key}@{scope}"));
                used.insert(asset.id.clone());
            }
            ids.insert(row.number.0, asset.id.clone());
            extract.assets.push(asset);
        }
        match slice.next {
            Some(next) if extract.complete => window.after = Some(next),
            _ => break,
        }
    }
    relations(db, &ids, source, &mut extract)?;
    Ok(extract)
}

/// An asset as its sources tell it, put together.
fn told(db: &Connection, row: &AssetRow, source: Option<i64>) -> Result<Option<Asset>, Halt> {
    let mut statement = db.prepare_cached(
        "SELECT body FROM sighting WHERE asset = ?1 AND present >= ?2 AND (?3 IS NULL OR source = ?3)
         ORDER BY present DESC, source LIMIT 50",
    )?;
    let bodies = statement.query_map(params![row.number.0, row.present, source], |row| {
        json::<Asset>(row, "body")
    })?;
    let mut merged: Option<Asset> = None;
    for body in bodies {
        match &mut merged {
            None => merged = Some(body?),
            Some(asset) => asset.merge(body?),
        }
    }
    Ok(merged)
}

fn relations(
    db: &Connection,
    ids: &HashMap<i64, AssetId>,
    source: Option<i64>,
    extract: &mut Extract,
) -> Result<(), Halt> {
    let mut statement = db.prepare_cached(
        "SELECT kind, target, min(path) AS path, line FROM relation
         WHERE origin = ?1 AND (?2 IS NULL OR source = ?2) GROUP BY kind, target",
    )?;
    let mut numbers: Vec<i64> = ids.keys().copied().collect();
    numbers.sort_unstable();
    for number in numbers {
        let Some(from) = ids.get(&number) else {
            continue;
        };
        let mut rows = statement.query(params![number, source])?;
        while let Some(row) = rows.next()? {
            let target: i64 = get(row, "target")?;
            let Some(to) = ids.get(&target) else { continue };
            if extract.relations.len() >= MOST_RELATIONS {
                extract.complete = false;
                return Ok(());
            }
            let path: String = get(row, "path")?;
            let mut evidence = Evidence::file(path);
            if let Some(line) = get::<Option<u32>>(row, "line")? {
                evidence.locus = Locus::Line {
                    line,
                    column: 1,
                    width: 0,
                };
            }
            extract.relations.push(Relation {
                from: from.clone(),
                to: to.clone(),
                kind: ties::relation_kind(get(row, "kind")?),
                evidence,
            });
        }
    }
    extract.relations.sort();
    Ok(())
}

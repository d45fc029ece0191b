//! What code declares against what logs saw, in SQLite.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row, params};
use stance_core::usage::Usage;
use stance_core::{AssetId, RelationKind};

use super::row::{count, get, ms, named, time_if};
use crate::sqlite::{Halt, Sqlite};
use crate::{Approval, AssetNumber, Result, SourceNumber, Standing, VendorUse, Vendors};

impl Vendors for Sqlite {
    fn note_usage(&mut self, source: SourceNumber, usage: &[Usage]) -> Result<()> {
        self.whole(|db| note(db, source, usage))
    }

    fn vendors(&self) -> Result<Vec<VendorUse>> {
        self.reading(vendors)
    }

    fn vendor_users(&self, vendor: AssetNumber, most: usize) -> Result<Vec<Usage>> {
        self.reading(|db| users(db, vendor, most))
    }

    fn observers(&self) -> Result<u64> {
        self.reading(observers)
    }
}

/// What tells a sighting of use from a declaration: logs say by which signals they know it, and hosts see what runs.
const OBSERVED: &str = "(sighting.body ->> '$.how' = 'observed'
    AND (source.kind IN ('logs', 'host') OR sighting.body ->> '$.attributes.signals' IS NOT NULL))";

fn note(db: &Connection, source: SourceNumber, usage: &[Usage]) -> std::result::Result<(), Halt> {
    db.execute("DELETE FROM usage WHERE source = ?1", [source.0])?;
    let mut add = db.prepare_cached(
        "INSERT INTO usage (asset, source, person, requests, bytes_out, bytes_in, first, last)
         SELECT asset.id, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM asset JOIN sighting ON sighting.asset = asset.id
         WHERE asset.scope = 0 AND asset.key = ?1 AND sighting.source = ?2 AND sighting.present
         ON CONFLICT DO UPDATE SET requests = requests + excluded.requests,
             bytes_out = coalesce(bytes_out + excluded.bytes_out, bytes_out, excluded.bytes_out),
             bytes_in = coalesce(bytes_in + excluded.bytes_in, bytes_in, excluded.bytes_in),
             first = coalesce(min(first, excluded.first), first, excluded.first),
             last = coalesce(max(last, excluded.last), last, excluded.last)",
    )?;
    // Sums of bytes stay within what SQLite adds up.
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX).min(1 << 50);
    for one in usage {
        add.execute(params![
            one.vendor.as_str(),
            source.0,
            one.person.as_deref().unwrap_or_default(),
            whole(one.requests),
            one.bytes_out.map(whole),
            one.bytes_in.map(whole),
            one.first.map(ms),
            one.last.map(ms),
        ])?;
    }
    Ok(())
}

fn vendors(db: &Connection) -> std::result::Result<Vec<VendorUse>, Halt> {
    let mut all: BTreeMap<i64, VendorUse> = BTreeMap::new();
    let sql = format!(
        "SELECT asset.id, asset.name, asset.approval, source.id AS source, source.name AS source_name,
             {OBSERVED} AS observed, sighting.body ->> '$.attributes.sanctioned' AS sanctioned
         FROM asset CROSS JOIN sighting ON sighting.asset = asset.id CROSS JOIN source ON source.id = sighting.source
         WHERE asset.kind = 'vendor' AND asset.present AND sighting.present
         ORDER BY asset.id, source.name COLLATE NOCASE, source.id"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let number: i64 = get(row, "id")?;
        let fresh = blank(row)?;
        let vendor = all.entry(number).or_insert(fresh);
        let source = (SourceNumber(get(row, "source")?), get(row, "source_name")?);
        let observed: bool = get(row, "observed")?;
        if observed {
            vendor.observed.push(source);
            let says: Option<String> = get(row, "sanctioned")?;
            vendor.sanctioned = worse(vendor.sanctioned.take(), says);
        } else {
            vendor.declared.push(source);
        }
    }
    used(db, &mut all)?;
    services(db, &mut all)?;
    let mut all: Vec<VendorUse> = all.into_values().collect();
    for vendor in &mut all {
        vendor.standing = match (vendor.declared.is_empty(), vendor.observed.is_empty()) {
            (true, _) => Standing::Shadow,
            (false, false) => Standing::Both,
            (false, true) => Standing::Unseen,
        };
    }
    all.sort_by_cached_key(|it| (it.name.to_lowercase(), it.asset));
    Ok(all)
}

fn blank(row: &Row<'_>) -> rusqlite::Result<VendorUse> {
    Ok(VendorUse {
        asset: AssetNumber(get(row, "id")?),
        name: get(row, "name")?,
        standing: Standing::Unseen,
        declared: Vec::new(),
        observed: Vec::new(),
        services: Vec::new(),
        sanctioned: None,
        approval: named(row, "approval", Approval::named)?,
        users: 0,
        requests: 0,
        bytes_out: None,
        bytes_in: None,
        first: None,
        last: None,
    })
}

/// `no` before `unknown` before `yes`, which is their order.
fn worse(known: Option<String>, says: Option<String>) -> Option<String> {
    match (known, says) {
        (Some(known), Some(says)) => Some(known.min(says)),
        (known, says) => known.or(says),
    }
}

fn used(db: &Connection, all: &mut BTreeMap<i64, VendorUse>) -> std::result::Result<(), Halt> {
    let mut statement = db.prepare_cached(
        "SELECT asset, count(DISTINCT nullif(person, '')) AS users, sum(requests) AS requests,
             sum(bytes_out) AS bytes_out, sum(bytes_in) AS bytes_in, min(first) AS first, max(last) AS last
         FROM usage GROUP BY asset",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let number: i64 = get(row, "asset")?;
        let Some(vendor) = all.get_mut(&number) else {
            continue;
        };
        vendor.users = count(row, "users")?;
        vendor.requests = count(row, "requests")?;
        vendor.bytes_out = bytes(row, "bytes_out")?;
        vendor.bytes_in = bytes(row, "bytes_in")?;
        vendor.first = time_if(row, "first")?;
        vendor.last = time_if(row, "last")?;
    }
    Ok(())
}

/// The names of services that were seen.
fn services(db: &Connection, all: &mut BTreeMap<i64, VendorUse>) -> std::result::Result<(), Halt> {
    let provided = RelationKind::ALL
        .iter()
        .position(|kind| *kind == RelationKind::ProvidedBy)
        .and_then(|place| i64::try_from(place).ok());
    let mut statement = db.prepare_cached(
        "SELECT DISTINCT asset.name FROM relation JOIN asset ON asset.id = relation.origin
         WHERE relation.target = ?1 AND relation.kind = ?2 AND asset.kind = 'endpoint'
             AND asset.key LIKE 'endpoint:service/%' AND asset.present
         ORDER BY asset.name COLLATE NOCASE LIMIT 20",
    )?;
    for (number, vendor) in all {
        if !vendor.observed.is_empty() {
            let rows = statement.query_map(params![number, provided], |row| row.get(0))?;
            vendor.services = rows.collect::<rusqlite::Result<_>>()?;
        }
    }
    Ok(())
}

fn users(
    db: &Connection,
    vendor: AssetNumber,
    most: usize,
) -> std::result::Result<Vec<Usage>, Halt> {
    let key: rusqlite::Result<String> = db
        .prepare_cached("SELECT key FROM asset WHERE id = ?1")?
        .query_row([vendor.0], |row| row.get(0));
    let Some(key) = key.ok().and_then(super::ingest::id) else {
        return Ok(Vec::new());
    };
    let mut statement = db.prepare_cached(
        "SELECT person, sum(requests) AS requests, sum(bytes_out) AS bytes_out, sum(bytes_in) AS bytes_in,
             min(first) AS first, max(last) AS last
         FROM usage WHERE asset = ?1 GROUP BY person
         ORDER BY coalesce(sum(bytes_out), 0) DESC, sum(requests) DESC, person LIMIT ?2",
    )?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![vendor.0, most], |row| user(row, &key))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn user(row: &Row<'_>, vendor: &AssetId) -> rusqlite::Result<Usage> {
    Ok(Usage {
        vendor: vendor.clone(),
        person: Some(get(row, "person")?).filter(|person: &String| !person.is_empty()),
        requests: count(row, "requests")?,
        bytes_out: bytes(row, "bytes_out")?,
        bytes_in: bytes(row, "bytes_in")?,
        first: time_if(row, "first")?,
        last: time_if(row, "last")?,
    })
}

fn bytes(row: &Row<'_>, name: &str) -> rusqlite::Result<Option<u64>> {
    let bytes: Option<i64> = get(row, name)?;
    Ok(bytes.map(|bytes| u64::try_from(bytes).unwrap_or_default()))
}

fn observers(db: &Connection) -> std::result::Result<u64, Halt> {
    let sql = "SELECT count(*) FROM source WHERE removed IS NULL AND scanned IS NOT NULL AND (kind IN ('logs', 'host')
             OR EXISTS (SELECT 1 FROM usage WHERE usage.source = source.id))";
    Ok(db.prepare_cached(sql)?.query_row([], |row| count(row, 0))?)
}

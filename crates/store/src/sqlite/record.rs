//! Recording a scan, and forgetting old ones.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use rusqlite::{Connection, Statement, named_params, params};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use stance_core::digest::{hex, stable_id};
use stance_core::{Asset, AssetId, Finding, FindingId};

use super::audit;
use crate::audit::{Actor, NewEntry, Object};
use crate::{Changes, NewScan, Recorded, ScanId, State};

/// Records a scan and works out what it changed.
pub(super) fn record(db: &Connection, scan: &NewScan<'_>) -> rusqlite::Result<Recorded> {
    let target: i64 = db.query_row(
        "INSERT INTO targets (key, name) VALUES (?1, ?2)
         ON CONFLICT (key) DO UPDATE SET name = excluded.name RETURNING id",
        params![scan.target, scan.name],
        |row| row.get(0),
    )?;
    db.execute(
        "INSERT INTO scans (target, tool_version, started, finished, coverage)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            target,
            scan.tool_version,
            time(scan.started),
            time(scan.finished),
            json(scan.coverage)?,
        ],
    )?;
    let id = db.last_insert_rowid();
    let mut contents = Contents::of(db, id)?;
    for (position, asset) in scan.assets.values().enumerate() {
        contents.add(
            "asset",
            asset.id.as_str(),
            position,
            &meaning_of_asset(asset)?,
            asset,
        )?;
    }
    for (position, relation) in scan.relations.iter().enumerate() {
        let key = format!("{} {} {}", relation.from, relation.kind, relation.to);
        contents.add("relation", &key, position, &key, relation)?;
    }
    for (position, finding) in scan.findings.iter().enumerate() {
        let meaning = meaning_of_finding(finding)?;
        contents.add("finding", finding.id.as_str(), position, &meaning, finding)?;
    }

    let mut changes = Changes::default();
    let life = Life {
        db,
        target,
        scan: id,
        now: time(scan.finished),
    };
    life.of_findings(scan.findings, scan.unjudged, &mut changes)?;
    life.of_assets(&mut changes)?;
    audit::append(db, &told(scan, id, &contents.finish(), &changes))?;
    Ok(Recorded {
        scan: ScanId(id),
        changes,
    })
}

/// What the audit log tells of a scan: what it was about, how much it found, and what binds all of it.
fn told(scan: &NewScan<'_>, id: i64, digest: &str, changes: &Changes) -> NewEntry {
    NewEntry {
        at: scan.finished,
        actor: Actor::system("scanner"),
        action: "scan.recorded".to_owned(),
        object: Object {
            kind: "scan".to_owned(),
            id: id.to_string(),
        },
        detail: serde_json::json!({
            "target": scan.target,
            "name": scan.name,
            "tool_version": scan.tool_version,
            "started": time(scan.started),
            "files": scan.coverage.files,
            "assets": scan.assets.len(),
            "relations": scan.relations.len(),
            "findings": scan.findings.len(),
            "opened": changes.opened.len(),
            "reopened": changes.reopened.len(),
            "accepted": changes.accepted.len(),
            "fixed": changes.fixed.len(),
            "contents": digest,
        }),
    }
}

/// Removes all but the last `keep` scans of each target, and what only they told.
pub(super) fn prune(db: &Connection, keep: usize) -> rusqlite::Result<usize> {
    let removed = db.execute(
        "DELETE FROM scans WHERE id IN (
             SELECT id FROM (
                 SELECT id, row_number() OVER (PARTITION BY target ORDER BY id DESC) AS age
                 FROM scans
             ) WHERE age > ?1
         )",
        [i64::try_from(keep.max(1)).unwrap_or(i64::MAX)],
    )?;
    if removed > 0 {
        db.execute(
            "DELETE FROM payloads WHERE id NOT IN (
                 SELECT payload FROM contents
                 UNION SELECT payload FROM finding_life
                 UNION SELECT payload FROM asset_life
             )",
            [],
        )?;
    }
    Ok(removed)
}

/// Where the parts of a scan go: two statements, prepared once.
struct Contents<'a> {
    keep: Statement<'a>,
    place: Statement<'a>,
    scan: i64,
    digest: ContentsDigest,
}

impl<'a> Contents<'a> {
    fn of(db: &'a Connection, scan: i64) -> rusqlite::Result<Self> {
        let keep = db.prepare(
            "INSERT INTO payloads (digest, meaning, body) VALUES (?1, ?2, ?3)
             ON CONFLICT (digest) DO NOTHING",
        )?;
        let place = db.prepare(
            "INSERT INTO contents (scan, part, key, position, payload)
             SELECT ?1, ?2, ?3, ?4, id FROM payloads WHERE digest = ?5
             ON CONFLICT DO NOTHING",
        )?;
        Ok(Self {
            keep,
            place,
            scan,
            digest: ContentsDigest::default(),
        })
    }

    fn add(
        &mut self,
        part: &str,
        key: &str,
        position: usize,
        meaning: &str,
        value: &impl Serialize,
    ) -> rusqlite::Result<()> {
        let body = json(value)?;
        let digest = stable_id(&[part, &body]);
        self.keep
            .execute(params![digest, stable_id(&[meaning]), body])?;
        let position = i64::try_from(position).unwrap_or(i64::MAX);
        let added = self
            .place
            .execute(params![self.scan, part, key, position, digest])?;
        if added > 0 {
            self.digest.add(part, key, &body);
        }
        Ok(())
    }

    fn finish(self) -> String {
        self.digest.finish()
    }
}

/// SHA-256 over what a scan found, by which the audit log names it: assets, relations and findings in the order in
/// which the scan told them; of each its part, key and JSON, every one behind its length in 8 bytes, little-endian.
#[derive(Default)]
pub(super) struct ContentsDigest(Sha256);

impl ContentsDigest {
    pub(super) fn add(&mut self, part: &str, key: &str, body: &str) {
        for field in [part, key, body] {
            self.0.update((field.len() as u64).to_le_bytes());
            self.0.update(field);
        }
    }

    pub(super) fn finish(self) -> String {
        hex(&self.0.finalize())
    }
}

/// What becomes of the findings and assets of a target.
struct Life<'a> {
    db: &'a Connection,
    target: i64,
    scan: i64,
    now: String,
}

impl Life<'_> {
    fn of_findings(
        &self,
        findings: &[Finding],
        unjudged: &BTreeSet<&str>,
        changes: &mut Changes,
    ) -> rusqlite::Result<()> {
        let before = self.finding_states()?;
        let mut upsert = self.db.prepare(
            "INSERT INTO finding_life (target, finding, state, since, first_seen, last_seen, payload)
             SELECT :target, :finding, :state, :now, :now, :now, payload FROM contents
             WHERE scan = :scan AND part = 'finding' AND key = :finding
             ON CONFLICT (target, finding) DO UPDATE SET state = excluded.state, since = excluded.since",
        )?;
        let mut seen = HashMap::new();
        for finding in findings {
            let known = before.get(finding.id.as_str()).copied();
            let state = State::after_seen(known, finding.status);
            if seen.insert(finding.id.as_str(), state).is_some() || known == Some(state) {
                continue;
            }
            upsert.execute(named_params! {
                ":target": self.target,
                ":finding": finding.id.as_str(),
                ":state": state.name(),
                ":now": self.now,
                ":scan": self.scan,
            })?;
            match state {
                State::Open => changes.opened.push(finding.id.clone()),
                State::Reopened => changes.reopened.push(finding.id.clone()),
                State::Accepted => changes.accepted.push(finding.id.clone()),
                State::Fixed => {}
            }
        }
        self.db.execute(
            "UPDATE finding_life SET last_seen = ?2, payload = contents.payload FROM contents
             WHERE finding_life.target = ?1 AND contents.scan = ?3 AND contents.part = 'finding'
               AND contents.key = finding_life.finding",
            params![self.target, self.now, self.scan],
        )?;
        self.fix_what_is_gone(unjudged, changes)?;
        changes.fixed.sort();
        Ok(())
    }

    /// What the scan did not tell is fixed, unless it stands in a file that the scan did not judge:
    /// not having looked is no repair.
    fn fix_what_is_gone(
        &self,
        unjudged: &BTreeSet<&str>,
        changes: &mut Changes,
    ) -> rusqlite::Result<()> {
        let mut gone = self.db.prepare(
            "SELECT finding, payloads.body ->> '$.evidence.path'
             FROM finding_life JOIN payloads ON payloads.id = finding_life.payload
             WHERE target = ?1 AND state <> 'fixed' AND finding NOT IN
                 (SELECT key FROM contents WHERE scan = ?2 AND part = 'finding')",
        )?;
        let mut fix = self.db.prepare(
            "UPDATE finding_life SET state = 'fixed', since = ?3 WHERE target = ?1 AND finding = ?2",
        )?;
        let rows = gone.query_map(params![self.target, self.scan], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })?;
        for row in rows {
            let (finding, path) = row?;
            let file = path.split('!').next().unwrap_or_default();
            if !unjudged.contains(file) {
                fix.execute(params![self.target, finding, self.now])?;
                changes.fixed.push(FindingId(finding.into()));
            }
        }
        Ok(())
    }

    fn finding_states(&self) -> rusqlite::Result<HashMap<String, State>> {
        let mut states = self
            .db
            .prepare("SELECT finding, state FROM finding_life WHERE target = ?1")?;
        let rows = states.query_map([self.target], |row| {
            let state: String = row.get(1)?;
            // A check of the table allows no other names.
            Ok((row.get(0)?, State::named(&state).unwrap_or(State::Open)))
        })?;
        rows.collect()
    }

    fn of_assets(&self, changes: &mut Changes) -> rusqlite::Result<()> {
        let both = params![self.target, self.scan];
        changes.appeared = self.asset_ids(
            "SELECT key FROM contents WHERE scan = ?2 AND part = 'asset'
             AND key NOT IN (SELECT asset FROM asset_life WHERE target = ?1 AND present)
             ORDER BY key",
            both,
        )?;
        self.db.execute(
            "INSERT INTO asset_life (target, asset, present, first_seen, last_seen, payload)
             SELECT ?1, key, 1, ?3, ?3, payload FROM contents WHERE scan = ?2 AND part = 'asset'
             ON CONFLICT (target, asset) DO UPDATE
             SET present = 1, last_seen = excluded.last_seen, payload = excluded.payload",
            params![self.target, self.scan, self.now],
        )?;
        changes.vanished = self.asset_ids(
            "UPDATE asset_life SET present = 0 WHERE target = ?1 AND present
             AND asset NOT IN (SELECT key FROM contents WHERE scan = ?2 AND part = 'asset')
             RETURNING asset",
            both,
        )?;
        changes.vanished.sort();
        Ok(())
    }

    fn asset_ids(
        &self,
        sql: &str,
        parameters: &[&dyn rusqlite::ToSql],
    ) -> rusqlite::Result<Vec<AssetId>> {
        let mut statement = self.db.prepare(sql)?;
        let rows = statement.query_map(parameters, |row| row.get::<_, String>(0))?;
        rows.map(|id| asset_id(id?)).collect()
    }
}

/// What counts as a change of an asset: not where or how often it was seen.
pub(super) fn meaning_of_asset(asset: &Asset) -> rusqlite::Result<String> {
    json(&(
        &asset.name,
        &asset.aliases,
        asset.how,
        asset.scope,
        &asset.attributes,
    ))
}

/// What counts as a change of a finding: not the line on which it stands.
pub(super) fn meaning_of_finding(finding: &Finding) -> rusqlite::Result<String> {
    json(&(
        finding.severity,
        finding.confidence,
        finding.status,
        &finding.status_reason,
        &finding.message,
        &finding.notes,
        &finding.fix,
    ))
}

/// RFC 3339 in UTC with milliseconds: of equal length, so that text sorts as time.
fn time(at: Timestamp) -> String {
    format!("{at:.3}")
}

pub(super) fn json(value: &(impl Serialize + ?Sized)) -> rusqlite::Result<String> {
    serde_json::to_string(value)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

/// An id as it was written; the core builds ids from kind and key only.
fn asset_id(id: String) -> rusqlite::Result<AssetId> {
    serde_json::from_value(id.into())
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

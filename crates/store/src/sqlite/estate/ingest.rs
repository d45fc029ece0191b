//! What a source tells now, folded into the estate.
//!
//! What is told again as it was told before writes nothing: a scan of a million assets of which three changed touches
//! three rows.

use std::collections::{BTreeSet, HashMap};

use rusqlite::{Connection, OptionalExtension as _, params};
use stance_core::{Environment, Evidence, score};

use super::account;
use super::audit;
use super::findings::Findings;
use super::row::ms;
use super::sightings::Sightings;
use crate::sqlite::Halt;
use crate::sqlite::record::json;
use crate::{Ingest, Ingested, StoreError};

/// A source, as ingestion needs it.
pub(super) struct Source {
    pub(super) number: i64,
    pub(super) name: String,
    pub(super) owner: Option<String>,
    pub(super) environment: Environment,
    /// Whether a state of it was approved before.
    pub(super) has_baseline: bool,
}

/// One ingestion, while it goes on.
pub(super) struct Fold<'a> {
    pub(super) db: &'a Connection,
    pub(super) ingest: &'a Ingest<'a>,
    pub(super) source: Source,
    pub(super) at: i64,
    /// Assets by the id under which the source tells them.
    pub(super) numbers: HashMap<String, i64>,
    /// Assets whose account has to be made up anew.
    pub(super) touched: BTreeSet<i64>,
    pub(super) done: Ingested,
}

pub(super) fn ingest(db: &Connection, ingest: &Ingest<'_>) -> Result<Ingested, Halt> {
    let mut fold = Fold {
        db,
        ingest,
        source: source(db, ingest)?,
        at: ms(ingest.at),
        numbers: HashMap::with_capacity(ingest.assets.len()),
        touched: BTreeSet::new(),
        done: Ingested::default(),
    };
    scratch(db)?;
    Sightings::fold(&mut fold)?;
    fold.relations()?;
    Findings::fold(&mut fold)?;
    account::settle(db, &fold.touched)?;
    fold.finish()?;
    Ok(fold.done)
}

fn source(db: &Connection, ingest: &Ingest<'_>) -> Result<Source, Halt> {
    db.prepare_cached(
        "SELECT name, owner, environment, baseline IS NOT NULL FROM source
         WHERE id = ?1 AND removed IS NULL",
    )?
    .query_row([ingest.source.0], |row| {
        let environment: String = row.get(2)?;
        Ok(Source {
            number: ingest.source.0,
            name: row.get(0)?,
            owner: row.get(1)?,
            environment: environment.parse().unwrap_or_default(),
            has_baseline: row.get(3)?,
        })
    })
    .optional()?
    .ok_or(Halt::Refused(StoreError::NoSource(ingest.source)))
}

/// Tables of this connection alone, in memory: what was seen this time.
fn scratch(db: &Connection) -> Result<(), Halt> {
    db.execute_batch(
        "CREATE TEMP TABLE IF NOT EXISTS seen_asset (id INTEGER PRIMARY KEY) STRICT;
         CREATE TEMP TABLE IF NOT EXISTS seen_finding (id INTEGER PRIMARY KEY) STRICT;
         CREATE TEMP TABLE IF NOT EXISTS seen_relation (
             origin INTEGER NOT NULL, kind INTEGER NOT NULL, target INTEGER NOT NULL,
             path TEXT NOT NULL, line INTEGER,
             PRIMARY KEY (origin, kind, target)
         ) STRICT, WITHOUT ROWID;
         DELETE FROM seen_asset;
         DELETE FROM seen_finding;
         DELETE FROM seen_relation;",
    )?;
    Ok(())
}

impl Fold<'_> {
    /// Whether the file in which something was seen was met this time and not wholly judged.
    pub(super) fn is_unjudged(&self, evidence: &Evidence) -> bool {
        let file = evidence.path.split('!').next().unwrap_or_default();
        self.ingest.unjudged.contains(file)
    }

    fn relations(&mut self) -> Result<(), Halt> {
        let db = self.db;
        {
            let mut see = db.prepare_cached("INSERT OR IGNORE INTO seen_relation VALUES (?1, ?2, ?3, ?4, ?5)")?;
            for relation in self.ingest.relations {
                let ends = (
                    self.numbers.get(relation.from.as_str()),
                    self.numbers.get(relation.to.as_str()),
                );
                let (Some(origin), Some(target)) = ends else {
                    self.done.dangling += 1;
                    continue;
                };
                let kind = stance_core::RelationKind::ALL
                    .iter()
                    .position(|kind| *kind == relation.kind)
                    .unwrap_or_default();
                self.done.relations += see.execute(params![
                    origin,
                    i64::try_from(kind).unwrap_or_default(),
                    target,
                    &*relation.evidence.path,
                    relation.evidence.locus.line(),
                ])? as u64;
            }
        }
        db.execute(
            "DELETE FROM relation WHERE source = ?1 AND NOT EXISTS (
                 SELECT 1 FROM seen_relation AS seen WHERE seen.origin = relation.origin
                 AND seen.kind = relation.kind AND seen.target = relation.target)",
            [self.source.number],
        )?;
        db.execute(
            "INSERT INTO relation (source, origin, kind, target, path, line)
             SELECT ?1, origin, kind, target, path, line FROM seen_relation WHERE true
             ON CONFLICT DO UPDATE SET path = excluded.path, line = excluded.line
             WHERE path <> excluded.path OR line IS NOT excluded.line",
            [self.source.number],
        )?;
        Ok(())
    }

    /// The source was looked at; if a run stands for it, it has succeeded.
    fn finish(&self) -> Result<(), Halt> {
        let outcome = json(&self.done)?;
        self.db.execute(
            "UPDATE source SET scanned = ?2, coverage = ?3, unscanned = ?4, baseline = coalesce(baseline, ?2)
             WHERE id = ?1",
            params![
                self.source.number,
                self.at,
                json(self.ingest.coverage)?,
                score::unscanned(self.ingest.coverage),
            ],
        )?;
        if let Some(run) = self.ingest.run {
            self.db.execute(
                "UPDATE run SET state = 'succeeded', finished = ?2, outcome = ?3, error = NULL WHERE id = ?1",
                params![run.0, self.at, outcome],
            )?;
        }
        audit::scan(self)
    }
}

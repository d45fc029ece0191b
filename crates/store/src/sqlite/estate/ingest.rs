//! What a source tells now, folded into the estate.
//!
//! What is told again as it was told before writes nothing: a scan of a million assets of which three changed touches
//! three rows.

use std::collections::{BTreeSet, HashMap};

use rusqlite::{Connection, OptionalExtension as _, params};
use stance_core::drift::relation_changes;
use stance_core::{AssetId, Environment, Evidence, Relation, score};

use super::account;
use super::audit;
use super::drift;
use super::evidence;
use super::findings::Findings;
use super::row::ms;
use super::sightings::Sightings;
use crate::sqlite::Halt;
use crate::sqlite::record::json;
use crate::{Ingest, Ingested, StoreError};

/// A source, as ingestion needs it.
pub(super) struct Source {
    pub(super) number: i64,
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
    account::settle(db, &fold.touched, fold.at)?;
    fold.finish()?;
    Ok(fold.done)
}

fn source(db: &Connection, ingest: &Ingest<'_>) -> Result<Source, Halt> {
    db.prepare_cached(
        "SELECT owner, environment, baseline IS NOT NULL FROM source
         WHERE id = ?1 AND removed IS NULL",
    )?
    .query_row([ingest.source.0], |row| {
        let environment: String = row.get(1)?;
        Ok(Source {
            number: ingest.source.0,
            owner: row.get(0)?,
            environment: environment.parse().unwrap_or_default(),
            has_baseline: row.get(2)?,
        })
    })
    .optional()?
    .ok_or(Halt::Refused(StoreError::NoSource(ingest.source)))
}

/// An id as it was written; the core builds ids from kind and key only.
pub(super) fn id(text: String) -> Option<AssetId> {
    serde_json::from_value(text.into()).ok()
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
            let mut see = db.prepare_cached(
                "INSERT OR IGNORE INTO seen_relation VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
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
        if self.source.has_baseline {
            self.note_relations()?;
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

    /// Relations that appear or vanish between assets that were there before and still are: with an asset that itself
    /// appears or vanishes, so do its relations, and that is one change.
    fn note_relations(&mut self) -> Result<(), Halt> {
        type Edge = (i64, i64, String, String, bool);
        let mut statement = self.db.prepare_cached(
            "SELECT edge.origin, edge.kind, a.key, b.key, edge.new FROM (
                 SELECT origin, kind, target, 1 AS new FROM seen_relation WHERE NOT EXISTS (
                     SELECT 1 FROM relation WHERE source = ?1 AND relation.origin = seen_relation.origin
                     AND relation.kind = seen_relation.kind AND relation.target = seen_relation.target)
                 UNION ALL
                 SELECT origin, kind, target, 0 FROM relation WHERE source = ?1 AND NOT EXISTS (
                     SELECT 1 FROM seen_relation AS seen WHERE seen.origin = relation.origin
                     AND seen.kind = relation.kind AND seen.target = relation.target)
             ) AS edge JOIN asset AS a ON a.id = edge.origin JOIN asset AS b ON b.id = edge.target
             JOIN sighting ON sighting.asset = edge.origin AND sighting.source = ?1
             WHERE sighting.present AND sighting.approved_present ORDER BY edge.origin, edge.kind, edge.target",
        )?;
        let edges: Vec<Edge> = statement
            .query_map([self.source.number], |row| {
                Ok((
                    row.get(0)?,
                    row.get(1)?,
                    row.get(2)?,
                    row.get(3)?,
                    row.get(4)?,
                ))
            })?
            .collect::<Result<_, _>>()?;
        for (origin, kind, from, to, new) in edges {
            let kind = usize::try_from(kind)
                .ok()
                .and_then(|kind| stance_core::RelationKind::ALL.get(kind).copied());
            let (Some(kind), Some(from), Some(to)) = (kind, id(from), id(to)) else {
                continue;
            };
            let relation = [Relation {
                from,
                to,
                kind,
                evidence: Evidence::file(""),
            }];
            let (before, after): (&[Relation], &[Relation]) = if new {
                (&[], &relation)
            } else {
                (&relation, &[])
            };
            for change in relation_changes(before, after) {
                drift::relation(self, origin, &change)?;
            }
        }
        Ok(())
    }

    /// How many of the files that were not wholly judged tell assets: these count as not judged in the score, so that the
    /// gap must not count once more.
    fn known_gaps(&self) -> u64 {
        let places = self.ingest.assets.iter().flat_map(|asset| &asset.evidence);
        let files: BTreeSet<&str> = places
            .filter_map(|place| place.path.split('!').next())
            .filter(|file| self.ingest.unjudged.contains(*file))
            .collect();
        files.len() as u64
    }

    /// The source was looked at; if a run stands for it, it has succeeded. What happens to pass is no state that somebody
    /// approves: run time has no baseline.
    fn finish(&self) -> Result<(), Halt> {
        let outcome = json(&self.done)?;
        self.db.execute(
            "UPDATE source SET scanned = ?2, coverage = ?3, unscanned = ?4, gaps = ?5,
                 baseline = CASE WHEN kind = 'runtime' THEN NULL ELSE coalesce(baseline, ?2) END
             WHERE id = ?1",
            params![
                self.source.number,
                self.at,
                json(self.ingest.coverage)?,
                score::unscanned(self.ingest.coverage, self.known_gaps()),
                i64::try_from(score::gaps(self.ingest.coverage)).unwrap_or(i64::MAX),
            ],
        )?;
        evidence::note(self)?;
        if let Some(run) = self.ingest.run {
            self.db.execute(
                "UPDATE run SET state = 'succeeded', finished = ?2, outcome = ?3, error = NULL WHERE id = ?1",
                params![run.0, self.at, outcome],
            )?;
        }
        audit::scan(self)
    }
}

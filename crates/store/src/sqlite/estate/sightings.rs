//! Assets of an ingestion: what appears, what is told otherwise, what is gone.

use rusqlite::{CachedStatement, Connection, OptionalExtension as _, params};
use stance_core::{Asset, Classification, Environment, Exposure, Reach};

use super::drift;
use super::ingest::Fold;
use crate::sqlite::Halt;
use crate::sqlite::record::{json, meaning_of_asset};

/// The statements of the loop over assets, prepared once.
pub(super) struct Sightings<'a> {
    find: CachedStatement<'a>,
    add: CachedStatement<'a>,
    rename: CachedStatement<'a>,
    classify: CachedStatement<'a>,
    sighted: CachedStatement<'a>,
    sight: CachedStatement<'a>,
    resight: CachedStatement<'a>,
    mark: CachedStatement<'a>,
}

/// A row of `asset` before this ingestion.
struct Known {
    number: i64,
    name: String,
    how: String,
    part: String,
    sightings: i64,
    environment: Environment,
}

/// A row of `sighting` before this ingestion.
struct Sighting {
    number: i64,
    present: bool,
    meaning: String,
    judged: bool,
}

impl<'a> Sightings<'a> {
    fn prepare(db: &'a Connection) -> Result<Self, Halt> {
        Ok(Self {
            find: db.prepare_cached(
                "SELECT id, name, how, part, sightings, environment FROM asset WHERE scope = ?1 AND key = ?2",
            )?,
            add: db.prepare_cached(
                // Not there until its account is made up: only then do most indexes hold it, and they are written once.
                "INSERT INTO asset (scope, key, kind, name, how, part, present, first_seen,
                     owner, environment, criticality, sensitivity, exposure)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?,
            rename: db.prepare_cached("UPDATE asset SET name = ?2, how = ?3, part = ?4 WHERE id = ?1")?,
            classify: db.prepare_cached(
                "UPDATE asset SET
                     owner = CASE WHEN owner_set THEN owner ELSE ?2 END,
                     environment = CASE WHEN environment_set THEN environment ELSE ?3 END,
                     criticality = CASE WHEN criticality_set THEN criticality ELSE ?4 END,
                     sensitivity = CASE WHEN sensitivity_set THEN sensitivity ELSE ?5 END,
                     exposure = ?6
                 WHERE id = ?1",
            )?,
            sighted: db.prepare_cached(
                "SELECT id, present, meaning, judged FROM sighting WHERE asset = ?1 AND source = ?2",
            )?,
            sight: db.prepare_cached(
                "INSERT INTO sighting (source, asset, present, first_seen, judged, meaning, body,
                     approved_present, approved_meaning)
                 VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?7, CASE WHEN ?7 THEN ?5 END)",
            )?,
            // The approved body is kept once the present one is another, and given up when they are the same again.
            resight: db.prepare_cached(
                "UPDATE sighting SET present = 1, gone = NULL, judged = ?2,
                     approved_body = CASE
                         WHEN approved_meaning IS NULL OR approved_meaning = ?3 THEN NULL
                         WHEN approved_body IS NULL THEN body
                         ELSE approved_body END,
                     meaning = ?3, body = ?4
                 WHERE id = ?1",
            )?,
            mark: db.prepare_cached("INSERT OR IGNORE INTO seen_asset VALUES (?1)")?,
        })
    }

    /// Folds all assets of an ingestion.
    pub(super) fn fold(fold: &mut Fold<'a>) -> Result<(), Halt> {
        let mut sightings = Self::prepare(fold.db)?;
        for asset in fold.ingest.assets {
            sightings.see(fold, asset)?;
        }
        drop(sightings);
        gone(fold)
    }

    fn see(&mut self, fold: &mut Fold<'a>, asset: &Asset) -> Result<(), Halt> {
        let scope = match asset.id.reach() {
            Reach::Everywhere => 0,
            Reach::Source => fold.source.number,
        };
        let judged = !asset.evidence.iter().any(|it| fold.is_unjudged(it));
        let meaning = stance_core::digest::stable_id(&[&meaning_of_asset(asset)?]);
        let known = self
            .find
            .query_row(params![scope, asset.id.as_str()], |row| {
                let environment: String = row.get(5)?;
                Ok(Known {
                    number: row.get(0)?,
                    name: row.get(1)?,
                    how: row.get(2)?,
                    part: row.get(3)?,
                    sightings: row.get(4)?,
                    environment: environment.parse().unwrap_or_default(),
                })
            })
            .optional()?;
        let number = match &known {
            Some(known) => known.number,
            None => self.add(fold, scope, asset)?,
        };
        fold.numbers.insert(asset.id.as_str().to_owned(), number);
        self.mark.execute([number])?;
        fold.done.assets += 1;

        let before = self
            .sighted
            .query_row(params![number, fold.source.number], |row| {
                Ok(Sighting {
                    number: row.get(0)?,
                    present: row.get(1)?,
                    meaning: row.get(2)?,
                    judged: row.get(3)?,
                })
            })
            .optional()?;
        let same = before.as_ref().is_some_and(|before| {
            before.present && before.meaning == meaning && before.judged == judged
        });
        if same {
            return Ok(());
        }
        fold.touched.insert(number);
        if let Some(known) = &known {
            self.describe(fold, known, asset)?;
        }
        let body = json(asset)?;
        match before {
            None => {
                let approved = !fold.source.has_baseline;
                self.sight.execute(params![
                    fold.source.number,
                    number,
                    fold.at,
                    judged,
                    meaning,
                    body,
                    approved,
                ])?;
                fold.done.appeared += 1;
            }
            Some(before) => {
                self.resight
                    .execute(params![before.number, judged, meaning, body])?;
                if !before.present {
                    fold.done.appeared += 1;
                } else if before.meaning != meaning {
                    fold.done.changed += 1;
                }
            }
        }
        drift::note(fold, number, Some(asset))
    }

    /// A row for an asset that nobody told before.
    fn add(&mut self, fold: &Fold<'_>, scope: i64, asset: &Asset) -> Result<i64, Halt> {
        let words = Words::of(fold, asset);
        let number = self.add.insert(params![
            scope,
            asset.id.as_str(),
            asset.kind.name(),
            asset.name,
            asset.how.name(),
            asset.scope.name(),
            fold.at,
            words.owner,
            words.assumed.environment.name(),
            words.assumed.criticality.name(),
            words.assumed.sensitivity.name(),
            Exposure::of(asset).name(),
        ])?;
        Ok(number)
    }

    /// What lists show of an asset. What several sources see keeps the strongest word.
    fn describe(&mut self, fold: &Fold<'_>, known: &Known, asset: &Asset) -> Result<(), Halt> {
        let shared = known.sightings > 1;
        if !shared
            && (known.name != asset.name
                || known.how != asset.how.name()
                || known.part != asset.scope.name())
        {
            self.rename.execute(params![
                known.number,
                asset.name,
                asset.how.name(),
                asset.scope.name()
            ])?;
        }
        let words = Words::of(fold, asset);
        let mut environment = words.assumed.environment;
        if shared {
            environment = environment.max(known.environment);
        }
        self.classify.execute(params![
            known.number,
            words.owner,
            environment.name(),
            words.assumed.criticality.name(),
            words.assumed.sensitivity.name(),
            Exposure::of(asset).name(),
        ])?;
        Ok(())
    }
}

/// What an asset is taken for as long as nobody says otherwise.
struct Words<'a> {
    owner: Option<&'a String>,
    assumed: Classification,
}

impl<'a> Words<'a> {
    /// What belongs to the source alone has its owner, and its environment where it says one.
    fn of(fold: &'a Fold<'_>, asset: &Asset) -> Self {
        let mut assumed = Classification::assumed(asset);
        let own = asset.id.reach() == Reach::Source;
        if own {
            assumed.environment = fold.source.environment.or(assumed.environment);
        }
        Self {
            owner: fold.source.owner.as_ref().filter(|_| own),
            assumed,
        }
    }
}

/// What the source told before and does not tell now is gone, unless all of it stands in files that were not judged.
fn gone(fold: &mut Fold<'_>) -> Result<(), Halt> {
    let mut missing = fold.db.prepare_cached(
        "SELECT id, asset, body FROM sighting
         WHERE source = ?1 AND present AND asset NOT IN (SELECT id FROM seen_asset)",
    )?;
    let mut lose = fold
        .db
        .prepare_cached("UPDATE sighting SET present = 0, gone = ?2 WHERE id = ?1")?;
    let rows: Vec<(i64, i64, String)> = missing
        .query_map([fold.source.number], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?
        .collect::<Result<_, _>>()?;
    for (sighting, number, body) in rows {
        let asset: Option<Asset> = serde_json::from_str(&body).ok();
        let unseen = asset.is_some_and(|asset| {
            !asset.evidence.is_empty() && asset.evidence.iter().all(|it| fold.is_unjudged(it))
        });
        if unseen {
            continue;
        }
        lose.execute(params![sighting, fold.at])?;
        fold.touched.insert(number);
        fold.done.vanished += 1;
        drift::note(fold, number, None)?;
    }
    Ok(())
}

//! The accounts of assets in the score, made up anew for those that were touched.

use std::collections::BTreeSet;

use rusqlite::{CachedStatement, Connection, OptionalExtension as _, params};
use stance_core::score::{Account, weight};
use stance_core::{Classification, Exposure};

use super::row::{confidence, severity};
use crate::sqlite::Halt;

/// An asset whose part in the score is another now; none where it is no part of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shift {
    pub(super) asset: i64,
    pub(super) before: Option<Account>,
    pub(super) after: Option<Account>,
}

/// Makes up presence, counts and account of these assets from their sightings and findings, and writes down how the
/// score moved by it.
pub(super) fn settle(db: &Connection, assets: &BTreeSet<i64>, at: i64) -> Result<(), Halt> {
    if assets.is_empty() {
        return Ok(());
    }
    let before = super::tally::totals(db)?;
    let mut settling = Settling::prepare(db)?;
    let mut shifts = Vec::new();
    for asset in assets {
        shifts.extend(settling.settle(*asset)?);
    }
    super::posture::record(db, &before, &shifts, at)
}

struct Settling<'a> {
    asset: CachedStatement<'a>,
    findings: CachedStatement<'a>,
    write: CachedStatement<'a>,
    gives: CachedStatement<'a>,
}

/// An open finding of the asset.
struct Open {
    number: i64,
    severity: i64,
    weight: i64,
    gives_back: i64,
}

impl<'a> Settling<'a> {
    fn prepare(db: &'a Connection) -> Result<Self, Halt> {
        Ok(Self {
            asset: db.prepare_cached(
                "SELECT sensitivity, criticality, environment, exposure,
                     (SELECT count(*) FROM sighting WHERE asset = ?1 AND present),
                     (SELECT coalesce(min(judged), 1) FROM sighting WHERE asset = ?1 AND present),
                     (SELECT max(gone) FROM sighting WHERE asset = ?1),
                     present, importance, judged, weight
                 FROM asset WHERE id = ?1",
            )?,
            findings: db.prepare_cached(
                "SELECT id, severity, confidence, gives_back FROM finding WHERE asset = ?1 AND counts",
            )?,
            write: db.prepare_cached(
                "UPDATE asset SET sightings = ?2, present = ?3, gone = ?4, judged = ?5,
                     critical = ?6, high = ?7, medium = ?8, low = ?9,
                     importance = ?10, weight = ?11, risk = ?12, risk_known = ?13, risk_worst = ?14
                 WHERE id = ?1",
            )?,
            gives: db.prepare_cached("UPDATE finding SET gives_back = ?2 WHERE id = ?1")?,
        })
    }

    fn settle(&mut self, asset: i64) -> Result<Option<Shift>, Halt> {
        let found = self
            .asset
            .query_row([asset], |row| {
                let word = |index: usize| row.get::<_, String>(index);
                let classification = Classification {
                    sensitivity: word(0)?.parse().unwrap_or_default(),
                    criticality: word(1)?.parse().unwrap_or_default(),
                    environment: word(2)?.parse().unwrap_or_default(),
                };
                let exposure: Exposure = word(3)?.parse().unwrap_or_default();
                let sightings: i64 = row.get(4)?;
                let judged: bool = row.get(5)?;
                let gone: Option<i64> = row.get(6)?;
                let before = Account {
                    importance: row.get(8)?,
                    judged: row.get(9)?,
                    weight: row.get(10)?,
                };
                // A row that was only just made has no importance yet.
                let before = Some(before).filter(|it| it.importance > 0);
                let before = before.filter(|_| row.get(7).unwrap_or_default());
                Ok((classification, exposure, sightings, judged, gone, before))
            })
            .optional()?;
        let Some((classification, exposure, sightings, judged, gone, before)) = found else {
            return Ok(None);
        };
        let open = self.open(asset, exposure)?;
        let account = Account::of(
            classification.importance(),
            judged,
            open.iter().map(|finding| finding.weight),
        );
        let risk = account.risk();
        let present = sightings > 0;
        let of = |number: i64| open.iter().filter(|it| it.severity == number).count() as u64;
        self.write.execute(params![
            asset,
            sightings,
            present,
            gone.filter(|_| !present),
            judged,
            of(4).cast_signed(),
            of(3).cast_signed(),
            of(2).cast_signed(),
            of(1).cast_signed(),
            account.importance,
            account.weight,
            risk.assumed,
            risk.known,
            risk.worst,
        ])?;
        for finding in open {
            // What is not part of the inventory is no part of the score either.
            let gives_back = if present {
                account.relief(finding.weight).assumed
            } else {
                0
            };
            if gives_back != finding.gives_back {
                self.gives.execute([finding.number, gives_back])?;
            }
        }
        let after = present.then_some(account);
        Ok((before != after).then_some(Shift {
            asset,
            before,
            after,
        }))
    }

    fn open(&mut self, asset: i64, exposure: Exposure) -> Result<Vec<Open>, Halt> {
        let rows = self.findings.query_map([asset], |row| {
            let number: i64 = row.get(1)?;
            Ok(Open {
                number: row.get(0)?,
                severity: number,
                weight: weight(severity(number)?, confidence(row.get(2)?)?, exposure),
                gives_back: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

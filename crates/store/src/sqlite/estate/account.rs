//! The accounts of assets in the score, made up anew for those that were touched.

use std::collections::BTreeSet;

use rusqlite::{CachedStatement, Connection, OptionalExtension as _, params};
use stance_core::score::{Account, weight};
use stance_core::{Classification, Confidence, Exposure, Severity};

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

/// The statements that make up accounts, prepared once.
pub(super) struct Settling<'a> {
    asset: CachedStatement<'a>,
    findings: CachedStatement<'a>,
    write: CachedStatement<'a>,
    gives: CachedStatement<'a>,
}

/// An asset, as its row and its sightings tell.
struct Standing {
    classification: Classification,
    exposure: Exposure,
    sightings: i64,
    judged: bool,
    gone: Option<i64>,
    before: Option<Account>,
}

impl Standing {
    fn account(&self, weights: impl IntoIterator<Item = i64>) -> Account {
        Account::of(self.classification.importance(), self.judged, weights)
    }

    /// What a finding of this weight gives back; what is not part of the inventory is no part of the score either.
    fn relief(&self, account: &Account, weight: i64) -> i64 {
        if self.sightings > 0 {
            account.relief(weight).assumed
        } else {
            0
        }
    }
}

/// An open finding of the asset.
struct Open {
    number: i64,
    severity: i64,
    weight: i64,
    gives_back: i64,
}

impl<'a> Settling<'a> {
    pub(super) fn prepare(db: &'a Connection) -> Result<Self, Halt> {
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

    fn standing(&mut self, asset: i64) -> Result<Option<Standing>, Halt> {
        let found = self
            .asset
            .query_row([asset], |row| {
                let word = |index: usize| row.get_ref(index)?.as_str().map_err(Into::into);
                let before = Account {
                    importance: row.get(8)?,
                    judged: row.get(9)?,
                    weight: row.get(10)?,
                };
                // A row that was only just made has no importance yet.
                let before = Some(before).filter(|it| it.importance > 0);
                Ok(Standing {
                    classification: Classification {
                        sensitivity: named(word(0))?,
                        criticality: named(word(1))?,
                        environment: named(word(2))?,
                    },
                    exposure: named(word(3))?,
                    sightings: row.get(4)?,
                    judged: row.get(5)?,
                    gone: row.get(6)?,
                    before: before.filter(|_| row.get(7).unwrap_or_default()),
                })
            })
            .optional()?;
        Ok(found)
    }

    /// What findings that are about to open on an asset will give back, in their order. They are written with it: it is
    /// a part of most indexes, and each would be written a second time otherwise.
    pub(super) fn foresee(
        &mut self,
        asset: i64,
        opening: &[(Severity, Confidence)],
    ) -> Result<Vec<i64>, Halt> {
        let Some(standing) = self.standing(asset)? else {
            return Ok(vec![0; opening.len()]);
        };
        let open = self.open(asset, standing.exposure)?;
        let weights: Vec<i64> = opening
            .iter()
            .map(|(severity, confidence)| weight(*severity, *confidence, standing.exposure))
            .collect();
        let known = open.iter().map(|finding| finding.weight);
        let account = standing.account(known.chain(weights.iter().copied()));
        Ok(weights
            .into_iter()
            .map(|weight| standing.relief(&account, weight))
            .collect())
    }

    fn settle(&mut self, asset: i64) -> Result<Option<Shift>, Halt> {
        let Some(standing) = self.standing(asset)? else {
            return Ok(None);
        };
        let open = self.open(asset, standing.exposure)?;
        let account = standing.account(open.iter().map(|finding| finding.weight));
        let risk = account.risk();
        let present = standing.sightings > 0;
        let of = |number: i64| open.iter().filter(|it| it.severity == number).count() as u64;
        self.write.execute(params![
            asset,
            standing.sightings,
            present,
            standing.gone.filter(|_| !present),
            standing.judged,
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
            let gives_back = standing.relief(&account, finding.weight);
            if gives_back != finding.gives_back {
                self.gives.execute([finding.number, gives_back])?;
            }
        }
        let before = standing.before;
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

/// A word of a column; what this version does not know is unknown.
fn named<T: std::str::FromStr + Default>(word: rusqlite::Result<&str>) -> rusqlite::Result<T> {
    Ok(word?.parse().unwrap_or_default())
}

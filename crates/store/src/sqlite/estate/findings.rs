//! Findings of an ingestion: what opens, what stands again, what is fixed.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::{CachedStatement, Connection, OptionalExtension as _, params};
use stance_core::due::Deadlines;
use stance_core::finding::Status;
use stance_core::{AssetId, Finding, Reach, Severity};

use super::account::Settling;
use super::ingest::Fold;
use super::row::{confidence_number, ms, severity_number};
use crate::FindingState;
use crate::sqlite::Halt;
use crate::sqlite::record::{json, meaning_of_finding};

/// The statements of the loop over findings, prepared once.
pub(super) struct Findings<'a> {
    find: CachedStatement<'a>,
    add: CachedStatement<'a>,
    update: CachedStatement<'a>,
    turn: CachedStatement<'a>,
    log: CachedStatement<'a>,
    mark: CachedStatement<'a>,
    implied: CachedStatement<'a>,
    fresh: Fresh<'a>,
}

/// Findings that were never told before, in the order in which they are told; of those with one id, the last.
#[derive(Default)]
struct Fresh<'a> {
    findings: Vec<New<'a>>,
    places: HashMap<&'a str, usize>,
}

/// A finding that was never told before.
struct New<'a> {
    finding: &'a Finding,
    asset: i64,
    state: FindingState,
    due: Option<i64>,
    meaning: String,
    gives_back: i64,
}

impl<'a> Fresh<'a> {
    fn push(&mut self, new: New<'a>) {
        match self.places.entry(new.finding.id.as_str()) {
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(self.findings.len());
                self.findings.push(new);
            }
            std::collections::hash_map::Entry::Occupied(place) => {
                if let Some(known) = self.findings.get_mut(*place.get()) {
                    *known = new;
                }
            }
        }
    }
}

/// A row of `finding` before this ingestion.
struct Known {
    number: i64,
    asset: i64,
    state: FindingState,
    decided: Option<FindingState>,
    meaning: String,
    line: Option<u32>,
    since: i64,
}

impl<'a> Findings<'a> {
    fn prepare(db: &'a Connection) -> Result<Self, Halt> {
        Ok(Self {
            find: db.prepare_cached(
                "SELECT id, asset, state, decided, meaning, line, since FROM finding WHERE source = ?1 AND key = ?2",
            )?,
            add: db.prepare_cached(
                "INSERT INTO finding (source, key, asset, rule, severity, confidence, state, message, path, line,
                     first_seen, since, due, meaning, body, fix, gives_back, asset_kind, owner)
                 SELECT ?1, ?2, id, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?12, ?13, ?14, ?15, ?16, kind, owner
                 FROM asset WHERE id = ?3",
            )?,
            update: db.prepare_cached(
                "UPDATE finding SET asset = ?2, severity = ?3, confidence = ?4, message = ?5, path = ?6, line = ?7,
                     meaning = ?8, body = ?9, due = CASE WHEN counts THEN ?10 END, fix = ?11,
                     (asset_kind, owner) = (SELECT kind, owner FROM asset WHERE asset.id = ?2)
                 WHERE id = ?1",
            )?,
            turn: db.prepare_cached(
                "UPDATE finding SET state = ?2, since = ?3, fixed = CASE ?2 WHEN 'fixed' THEN ?3 ELSE fixed END,
                     due = ?4, reopened = reopened + (?2 = 'reopened')
                 WHERE id = ?1",
            )?,
            log: db.prepare_cached(
                "INSERT INTO transition (finding, at, state, run) VALUES (?1, ?2, ?3, ?4)",
            )?,
            mark: db.prepare_cached("INSERT OR IGNORE INTO seen_finding VALUES (?1)")?,
            implied: db.prepare_cached(
                "INSERT INTO asset (scope, key, kind, name, how, part, present, first_seen)
                 VALUES (?1, ?2, ?3, ?4, 'unresolved', 'production', 0, ?5)
                 ON CONFLICT (scope, key) DO UPDATE SET name = name RETURNING id",
            )?,
            fresh: Fresh::default(),
        })
    }

    /// Folds all findings of an ingestion.
    pub(super) fn fold(fold: &mut Fold<'a>) -> Result<(), Halt> {
        let mut findings = Self::prepare(fold.db)?;
        let ingest = fold.ingest;
        for finding in ingest.findings {
            findings.see(fold, finding)?;
        }
        findings.gone(fold)?;
        findings.add_fresh(fold)
    }

    fn see(&mut self, fold: &mut Fold<'a>, finding: &'a Finding) -> Result<(), Halt> {
        let known = self
            .find
            .query_row(params![fold.source.number, finding.id.as_str()], |row| {
                let state: String = row.get(2)?;
                let decided: Option<String> = row.get(3)?;
                Ok(Known {
                    number: row.get(0)?,
                    asset: row.get(1)?,
                    // A check of the table allows no other names.
                    state: FindingState::named(&state).unwrap_or(FindingState::Open),
                    decided: decided.as_deref().and_then(FindingState::named),
                    meaning: row.get(4)?,
                    line: row.get(5)?,
                    since: row.get(6)?,
                })
            })
            .optional()?;
        let asset = self.asset(fold, &finding.asset)?;
        let meaning = stance_core::digest::stable_id(&[&meaning_of_finding(finding)?]);
        let line = finding.evidence.locus.line();
        let state = after_seen(
            known.as_ref().map(|known| (known.state, known.decided)),
            finding.status,
        );
        let due = due(&fold.ingest.deadlines, finding.severity, fold.ingest.at)
            .filter(|_| state.counts());
        fold.done.findings += 1;
        let Some(known) = known else {
            self.fresh.push(New {
                finding,
                asset,
                state,
                due,
                meaning,
                gives_back: 0,
            });
            return Ok(());
        };
        self.mark.execute([known.number])?;
        if known.meaning != meaning || known.line != line || known.asset != asset {
            self.update.execute(params![
                known.number,
                asset,
                severity_number(finding.severity),
                confidence_number(finding.confidence),
                finding.message,
                &*finding.evidence.path,
                line,
                meaning,
                json(finding)?,
                due_since(&fold.ingest.deadlines, finding.severity, known.since),
                fix(finding),
            ])?;
            fold.touched.extend([asset, known.asset]);
        }
        if known.state != state {
            self.turn
                .execute(params![known.number, state.name(), fold.at, due])?;
            fold.touched.insert(asset);
            fold.done.reopened += u64::from(state == FindingState::Reopened);
            self.log(fold, known.number, state)?;
        }
        Ok(())
    }

    /// Adds what was never told before, with what it gives back.
    fn add_fresh(&mut self, fold: &mut Fold<'a>) -> Result<(), Halt> {
        let mut fresh = std::mem::take(&mut self.fresh.findings);
        let mut by_asset: BTreeMap<i64, Vec<&mut New<'a>>> = BTreeMap::new();
        for new in fresh.iter_mut().filter(|new| new.state.counts()) {
            by_asset.entry(new.asset).or_default().push(new);
        }
        let mut settling = Settling::prepare(fold.db)?;
        for (asset, opening) in by_asset {
            let kinds: Vec<_> = opening
                .iter()
                .map(|new| (new.finding.severity, new.finding.confidence))
                .collect();
            for (new, gives_back) in opening.into_iter().zip(settling.foresee(asset, &kinds)?) {
                new.gives_back = gives_back;
            }
        }
        for new in fresh {
            let finding = new.finding;
            let number = self.add.insert(params![
                fold.source.number,
                finding.id.as_str(),
                new.asset,
                finding.rule,
                severity_number(finding.severity),
                confidence_number(finding.confidence),
                new.state.name(),
                finding.message,
                &*finding.evidence.path,
                finding.evidence.locus.line(),
                fold.at,
                new.due,
                new.meaning,
                json(finding)?,
                fix(finding),
                new.gives_back,
            ])?;
            fold.touched.insert(new.asset);
            fold.done.opened += u64::from(new.state.counts());
            self.log(fold, number, new.state)?;
        }
        Ok(())
    }

    /// The asset of a finding. A finding about a tree as a whole names an application that no manifest declares: such an
    /// asset gets a row to hang the finding on, and is not part of the inventory.
    fn asset(&mut self, fold: &mut Fold<'a>, id: &AssetId) -> Result<i64, Halt> {
        if let Some(number) = fold.numbers.get(id.as_str()) {
            return Ok(*number);
        }
        let scope = match id.reach() {
            Reach::Everywhere => 0,
            Reach::Source => fold.source.number,
        };
        let (kind, name) = id.as_str().split_once(':').unwrap_or(("application", ""));
        let number = self
            .implied
            .query_row(params![scope, id.as_str(), kind, name, fold.at], |row| {
                row.get(0)
            })?;
        fold.numbers.insert(id.as_str().to_owned(), number);
        Ok(number)
    }

    fn log(&mut self, fold: &Fold<'a>, number: i64, state: FindingState) -> Result<(), Halt> {
        let run = fold.ingest.run.map(|run| run.0);
        self.log
            .execute(params![number, fold.at, state.name(), run])?;
        Ok(())
    }

    /// What the source told before and does not tell now is fixed, unless it stands in a file that was not judged: not
    /// having looked is no repair.
    fn gone(&mut self, fold: &mut Fold<'a>) -> Result<(), Halt> {
        let mut missing = fold.db.prepare_cached(
            "SELECT id, asset, path FROM finding
             WHERE source = ?1 AND state NOT IN ('fixed', 'gone') AND id NOT IN (SELECT id FROM seen_finding)
                 AND rule <> ?2",
        )?;
        let rows: Vec<(i64, i64, String)> = missing
            .query_map(params![fold.source.number, super::drift::RULE], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?
            .collect::<Result<_, _>>()?;
        for (number, asset, path) in rows {
            let file = path.split('!').next().unwrap_or_default();
            if fold.ingest.unjudged.contains(file) {
                continue;
            }
            self.turn
                .execute(params![number, "fixed", fold.at, None::<i64>])?;
            fold.touched.insert(asset);
            fold.done.fixed += 1;
            self.log(fold, number, FindingState::Fixed)?;
        }
        Ok(())
    }
}

/// The last moment at which a finding opened at this time may be open, in milliseconds.
pub(super) fn due(deadlines: &Deadlines, severity: Severity, opened: Timestamp) -> Option<i64> {
    let day = deadlines.due(severity, opened)?;
    let end = day.to_zoned(TimeZone::UTC).ok()?.end_of_day().ok()?;
    Some(ms(end.timestamp()))
}

fn due_since(deadlines: &Deadlines, severity: Severity, since: i64) -> Option<i64> {
    due(
        deadlines,
        severity,
        Timestamp::from_millisecond(since).ok()?,
    )
}

/// What has to be done, as a digest: the fix of this place, or else that of the rule.
fn fix(finding: &Finding) -> String {
    let text = finding.fix.as_deref().unwrap_or(&finding.rule);
    stance_core::digest::stable_id(&[text])
}

/// Where a finding stands after a scan told it with this status. What people decided holds as long as they do not take
/// it back; what the configuration of the scanned tree accepts is accepted as long as it says so; a baseline speaks to
/// one pipeline only.
fn after_seen(
    before: Option<(FindingState, Option<FindingState>)>,
    status: Status,
) -> FindingState {
    if let Some((_, Some(decided))) = before {
        return decided;
    }
    match (status, before.map(|(state, _)| state)) {
        (Status::Accepted | Status::Suppressed, _) => FindingState::Accepted,
        (_, None | Some(FindingState::Open)) => FindingState::Open,
        (_, Some(_)) => FindingState::Reopened,
    }
}

//! Risks that somebody asks to accept, and somebody else accepts, until a day.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::json;

use super::decide::said;
use super::requests::{COLUMNS, asked, renewed};
use super::row::{count, get, ms};
use super::{audit, decide};
use crate::sqlite::Halt;
use crate::{
    Decision, FindingNumber, FindingState, RequestState, StoreError, Waiver, WaiverNumber,
};

const FINDINGS: &str = "(SELECT count(*) FROM waived WHERE waived.waiver = waiver.id) AS findings";

fn waiver(row: &Row<'_>) -> rusqlite::Result<Waiver> {
    Ok(Waiver {
        number: WaiverNumber(get(row, "id")?),
        asked: asked(row)?,
        findings: count(row, "findings")?,
    })
}

fn select(rest: &str) -> String {
    let renewed = renewed("waiver");
    format!("SELECT id, {COLUMNS}, {renewed}, {FINDINGS} FROM waiver {rest}")
}

pub(super) fn find(db: &Connection, number: WaiverNumber) -> Result<Option<Waiver>, Halt> {
    Ok(db
        .prepare_cached(&select("WHERE id = ?1"))?
        .query_row([number.0], waiver)
        .optional()?)
}

/// A waiver by its number.
pub(in crate::sqlite) fn one(db: &Connection, number: i64) -> Result<Option<Waiver>, Halt> {
    find(db, WaiverNumber(number))
}

pub(super) fn list(
    db: &Connection,
    state: Option<RequestState>,
    most: usize,
) -> Result<Vec<Waiver>, Halt> {
    let sql = select("WHERE ?1 IS NULL OR state = ?1 ORDER BY expires, id LIMIT ?2");
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(params![state.map(RequestState::name), most], waiver)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn request(
    db: &Connection,
    findings: &[FindingNumber],
    reason: &str,
    expires: Timestamp,
    decision: &Decision<'_>,
) -> Result<WaiverNumber, Halt> {
    said(reason, "a waiver")?;
    if expires <= decision.at {
        let text = "a waiver has to end in the future".to_owned();
        return Err(StoreError::Refused(text).into());
    }
    let number = db
        .prepare_cached(
            "INSERT INTO waiver (reason, requester, requested, expires, state)
             VALUES (?1, ?2, ?3, ?4, 'requested')",
        )?
        .insert(params![
            reason,
            decision.actor,
            ms(decision.at),
            ms(expires)
        ])?;
    let mut claim = db.prepare_cached(
        "UPDATE finding SET waiver = ?2 WHERE id = ?1 AND counts AND (waiver IS NULL OR NOT EXISTS
             (SELECT 1 FROM waiver WHERE waiver.id = finding.waiver AND waiver.state = 'requested'))",
    )?;
    let mut add = db.prepare_cached("INSERT INTO waived VALUES (?1, ?2)")?;
    let mut waived = Vec::new();
    for finding in findings {
        if claim.execute([finding.0, number])? > 0 {
            add.execute([number, finding.0])?;
            waived.push(finding.0);
        }
    }
    if waived.is_empty() {
        let text = "none of these findings is open without a waiver that waits for a decision";
        return Err(StoreError::Refused(text.to_owned()).into());
    }
    let detail = json!({ "waiver": number, "reason": reason, "expires": expires.to_string() });
    audit::decided(db, decision, "waiver.request", "finding", &waived, &detail)?;
    Ok(WaiverNumber(number))
}

/// What follows for the findings of a waiver that comes into a state; gives their numbers.
pub(super) fn turn(
    db: &Connection,
    number: WaiverNumber,
    state: RequestState,
    decision: &Decision<'_>,
) -> Result<Vec<i64>, Halt> {
    let mut findings = findings(db, number)?;
    match state {
        RequestState::Approved => {
            let accepted = FindingState::Accepted;
            decide::turn(db, &findings, accepted, Some(accepted), decision)?;
        }
        RequestState::Expired => {
            // What was accepted anew, or dismissed, since then stays so.
            let mut held =
                db.prepare_cached("SELECT 1 FROM finding WHERE id = ?1 AND waiver = ?2")?;
            let mut kept = Vec::new();
            for finding in findings {
                if held.exists([finding.0, number.0])? {
                    kept.push(finding);
                }
            }
            findings = kept;
            decide::turn(db, &findings, FindingState::Reopened, None, decision)?;
            db.prepare_cached(
                "UPDATE finding SET waiver = NULL, decided = NULL WHERE waiver = ?1",
            )?
            .execute([number.0])?;
        }
        _ => {
            db.prepare_cached("UPDATE finding SET waiver = NULL WHERE waiver = ?1")?
                .execute([number.0])?;
        }
    }
    Ok(findings.iter().map(|it| it.0).collect())
}

/// The findings that a waiver is about.
pub(super) fn findings(db: &Connection, number: WaiverNumber) -> Result<Vec<FindingNumber>, Halt> {
    let mut statement =
        db.prepare_cached("SELECT finding FROM waived WHERE waiver = ?1 ORDER BY finding")?;
    let rows = statement.query_map([number.0], |row| Ok(FindingNumber(row.get(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

//! Risks that somebody asks to accept, and somebody else accepts, until a day.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::json;

use super::audit;
use super::decide::{said, turn};
use super::row::{count, get, ms, named, time, time_if};
use crate::sqlite::Halt;
use crate::{Decision, FindingNumber, FindingState, StoreError, Waiver, WaiverNumber, WaiverState};

const COLUMNS: &str = "id, reason, requester, requested, expires, state, decider, decided, note,
    (SELECT count(*) FROM waived WHERE waived.waiver = waiver.id) AS findings";

fn waiver(row: &Row<'_>) -> rusqlite::Result<Waiver> {
    Ok(Waiver {
        number: WaiverNumber(get(row, "id")?),
        reason: get(row, "reason")?,
        requester: get(row, "requester")?,
        requested: time(row, "requested")?,
        expires: time(row, "expires")?,
        state: named(row, "state", WaiverState::named)?,
        decider: get(row, "decider")?,
        decided: time_if(row, "decided")?,
        note: get(row, "note")?,
        findings: count(row, "findings")?,
    })
}

pub(super) fn find(db: &Connection, number: WaiverNumber) -> Result<Option<Waiver>, Halt> {
    let sql = format!("SELECT {COLUMNS} FROM waiver WHERE id = ?1");
    Ok(db
        .prepare_cached(&sql)?
        .query_row([number.0], waiver)
        .optional()?)
}

/// A waiver by its number.
pub(in crate::sqlite) fn one(db: &Connection, number: i64) -> Result<Option<Waiver>, Halt> {
    find(db, WaiverNumber(number))
}

pub(super) fn list(
    db: &Connection,
    state: Option<WaiverState>,
    most: usize,
) -> Result<Vec<Waiver>, Halt> {
    let sql = format!(
        "SELECT {COLUMNS} FROM waiver WHERE ?1 IS NULL OR state = ?1 ORDER BY expires, id LIMIT ?2"
    );
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(params![state.map(WaiverState::name), most], waiver)?;
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

pub(super) fn decide(
    db: &Connection,
    number: WaiverNumber,
    approve: bool,
    note: &str,
    decision: &Decision<'_>,
) -> Result<(), Halt> {
    let waiver = find(db, number)?.ok_or(StoreError::NoWaiver(number))?;
    if waiver.state != WaiverState::Requested {
        return Err(StoreError::Decided {
            what: format!("waiver {number}"),
            state: waiver.state.name(),
        }
        .into());
    }
    let own = audit::person(db, &waiver.requester)? == audit::person(db, decision.actor)?;
    if approve && own {
        return Err(StoreError::OwnRequest {
            what: format!("waiver {number}"),
            person: waiver.requester,
        }
        .into());
    }
    if approve && waiver.expires <= decision.at {
        let text = format!("waiver {number} would have ended already; ask for a new one");
        return Err(StoreError::Refused(text).into());
    }
    let state = match (approve, own) {
        (true, _) => WaiverState::Approved,
        (false, true) => WaiverState::Withdrawn,
        (false, false) => WaiverState::Rejected,
    };
    db.prepare_cached(
        "UPDATE waiver SET state = ?2, decider = ?3, decided = ?4, note = ?5 WHERE id = ?1",
    )?
    .execute(params![
        number.0,
        state.name(),
        decision.actor,
        ms(decision.at),
        Some(note).filter(|note| !note.is_empty()),
    ])?;
    let findings = waived(db, number)?;
    if approve {
        let accepted = FindingState::Accepted;
        turn(db, &findings, accepted, Some(accepted), decision)?;
    } else {
        db.prepare_cached("UPDATE finding SET waiver = NULL WHERE waiver = ?1")?
            .execute([number.0])?;
    }
    let numbers: Vec<i64> = findings.iter().map(|it| it.0).collect();
    let action = match state {
        WaiverState::Approved => "waiver.approve",
        WaiverState::Withdrawn => "waiver.withdraw",
        _ => "waiver.reject",
    };
    let detail = json!({ "waiver": number.0, "note": note });
    audit::decided(db, decision, action, "finding", &numbers, &detail)
}

pub(super) fn expire(db: &Connection, now: Timestamp) -> Result<Vec<WaiverNumber>, Halt> {
    let over: Vec<WaiverNumber> = db
        .prepare_cached(
            "SELECT id FROM waiver WHERE state IN ('requested', 'approved') AND expires <= ?1 ORDER BY id",
        )?
        .query_map([ms(now)], |row| Ok(WaiverNumber(row.get(0)?)))?
        .collect::<Result<_, _>>()?;
    let decision = Decision {
        actor: "stance",
        at: now,
    };
    for number in &over {
        db.prepare_cached("UPDATE waiver SET state = 'expired' WHERE id = ?1")?
            .execute([number.0])?;
        let mut findings = waived(db, *number)?;
        // What was accepted anew, or dismissed, since then stays so.
        let mut held = db.prepare_cached("SELECT 1 FROM finding WHERE id = ?1 AND waiver = ?2")?;
        let mut kept = Vec::new();
        for finding in findings.drain(..) {
            if held.exists([finding.0, number.0])? {
                kept.push(finding);
            }
        }
        turn(db, &kept, FindingState::Reopened, None, &decision)?;
        db.prepare_cached("UPDATE finding SET waiver = NULL, decided = NULL WHERE waiver = ?1")?
            .execute([number.0])?;
        let numbers: Vec<i64> = kept.iter().map(|it| it.0).collect();
        let detail = json!({ "waiver": number.0 });
        audit::decided(db, &decision, "waiver.expire", "finding", &numbers, &detail)?;
    }
    Ok(over)
}

fn waived(db: &Connection, number: WaiverNumber) -> Result<Vec<FindingNumber>, Halt> {
    let mut statement =
        db.prepare_cached("SELECT finding FROM waived WHERE waiver = ?1 ORDER BY finding")?;
    let rows = statement.query_map([number.0], |row| Ok(FindingNumber(row.get(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

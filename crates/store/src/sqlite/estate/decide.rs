//! What people decide about findings.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};
use serde_json::json;

use super::row::ms;
use super::{account, audit, deadlines};
use crate::sqlite::Halt;
use crate::{Decision, FindingNumber, FindingState, StoreError};

/// Longest text that people may give to a finding, in bytes.
pub(super) const LONGEST: usize = 16_384;

pub(super) fn assign(
    db: &Connection,
    findings: &[FindingNumber],
    assignee: Option<&str>,
    decision: &Decision<'_>,
) -> Result<u64, Halt> {
    let mut give =
        db.prepare_cached("UPDATE finding SET assignee = ?2 WHERE id = ?1 AND assignee IS NOT ?2")?;
    let mut given = Vec::new();
    for finding in findings {
        if give.execute(params![finding.0, assignee])? > 0 {
            given.push(finding.0);
        }
    }
    let detail = json!({ "assignee": assignee });
    audit::decided(db, decision, "finding.assign", "finding", &given, &detail)?;
    Ok(given.len() as u64)
}

pub(super) fn comment(
    db: &Connection,
    findings: &[FindingNumber],
    text: &str,
    decision: &Decision<'_>,
) -> Result<u64, Halt> {
    said(text, "a comment")?;
    let known = known(db, findings)?;
    let detail = json!({ "text": text });
    audit::decided(db, decision, "finding.comment", "finding", &known, &detail)?;
    Ok(known.len() as u64)
}

pub(super) fn dismiss(
    db: &Connection,
    findings: &[FindingNumber],
    reason: &str,
    decision: &Decision<'_>,
) -> Result<u64, Halt> {
    said(reason, "a false positive")?;
    let turned = turn(
        db,
        findings,
        FindingState::FalsePositive,
        Some(FindingState::FalsePositive),
        decision,
    )?;
    let detail = json!({ "reason": reason });
    audit::decided(
        db,
        decision,
        "finding.false_positive",
        "finding",
        &turned,
        &detail,
    )?;
    Ok(turned.len() as u64)
}

pub(super) fn reopen(
    db: &Connection,
    findings: &[FindingNumber],
    reason: &str,
    decision: &Decision<'_>,
) -> Result<u64, Halt> {
    said(reason, "reopening")?;
    let turned = turn(db, findings, FindingState::Reopened, None, decision)?;
    let detail = json!({ "reason": reason });
    audit::decided(db, decision, "finding.reopen", "finding", &turned, &detail)?;
    Ok(turned.len() as u64)
}

/// A decision without a reason explains nothing to whoever reads it a year later.
pub(super) fn said(text: &str, what: &str) -> Result<(), Halt> {
    let refuse = |text: String| Err(Halt::Refused(StoreError::Refused(text)));
    if text.trim().is_empty() {
        return refuse(format!("{what} needs a text that says why"));
    }
    if text.len() > LONGEST {
        return refuse(format!("the text is longer than {LONGEST} bytes"));
    }
    Ok(())
}

/// Those of the findings that there are.
pub(super) fn known(db: &Connection, findings: &[FindingNumber]) -> Result<Vec<i64>, Halt> {
    let mut find = db.prepare_cached("SELECT 1 FROM finding WHERE id = ?1")?;
    let mut known = Vec::new();
    for finding in findings {
        if find.exists([finding.0])? {
            known.push(finding.0);
        }
    }
    Ok(known)
}

/// Brings findings into a state; those that are in it, or that are fixed, stay as they are. What is decided is kept.
pub(super) fn turn(
    db: &Connection,
    findings: &[FindingNumber],
    state: FindingState,
    decided: Option<FindingState>,
    decision: &Decision<'_>,
) -> Result<Vec<i64>, Halt> {
    let now = ms(decision.at);
    let deadlines = deadlines::read(db)?;
    let mut find = db.prepare_cached(
        "SELECT asset, severity FROM finding
         WHERE id = ?1 AND state NOT IN ('fixed', 'gone') AND state <> ?2 AND NOT (?3 AND counts)",
    )?;
    let mut set = db.prepare_cached(
        "UPDATE finding SET state = ?2, decided = ?3, since = ?4, due = ?5,
             waiver = CASE WHEN ?3 = 'accepted' THEN waiver END,
             reopened = reopened + (?2 = 'reopened')
         WHERE id = ?1",
    )?;
    let mut log = db.prepare_cached(
        "INSERT INTO transition (finding, at, state, run) VALUES (?1, ?2, ?3, NULL)",
    )?;
    let mut touched = BTreeSet::new();
    let mut turned = Vec::new();
    for finding in findings {
        let mut rows = find.query(params![finding.0, state.name(), state.counts()])?;
        let Some(row) = rows.next()? else { continue };
        let asset: i64 = row.get(0)?;
        let severity = super::row::severity(row.get(1)?).map_err(rusqlite::Error::from)?;
        drop(rows);
        let due =
            super::findings::due(&deadlines, severity, decision.at).filter(|_| state.counts());
        set.execute(params![
            finding.0,
            state.name(),
            decided.map(FindingState::name),
            now,
            due
        ])?;
        log.execute(params![finding.0, now, state.name()])?;
        touched.insert(asset);
        turned.push(finding.0);
    }
    account::settle(db, &touched, now)?;
    Ok(turned)
}

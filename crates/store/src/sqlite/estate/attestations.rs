//! What people answer for, in SQLite.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::{Value, json};

use super::decide::said;
use super::requests::{COLUMNS, asked, renewed};
use super::row::{get, ms, named};
use super::{audit, requests};
use crate::sqlite::{Halt, Sqlite};
use crate::{
    Attestation, AttestationNumber, AttestationQuery, Attestations, Claim, Decision,
    NewAttestation, Request, RequestState, Result, StoreError,
};

/// Longest address of evidence, in bytes.
const LONGEST: usize = 2048;

impl Attestations for Sqlite {
    fn attest(
        &mut self,
        new: &NewAttestation,
        decision: &Decision<'_>,
    ) -> Result<AttestationNumber> {
        self.whole(|db| attest(db, new, decision))
    }

    fn withdraw_attestation(
        &mut self,
        attestation: AttestationNumber,
        note: &str,
        decision: &Decision<'_>,
    ) -> Result<()> {
        self.whole(|db| requests::withdraw(db, attestation.into(), note, decision))
    }

    fn attestation(&self, attestation: AttestationNumber) -> Result<Option<Attestation>> {
        self.reading(|db| find(db, attestation))
    }

    fn attestations(&self, query: &AttestationQuery, most: usize) -> Result<Vec<Attestation>> {
        self.reading(|db| list(db, query, most))
    }

    fn standing_attestations(&self) -> Result<Vec<Attestation>> {
        self.reading(standing)
    }
}

fn attestation(row: &Row<'_>) -> rusqlite::Result<Attestation> {
    Ok(Attestation {
        number: AttestationNumber(get(row, "id")?),
        control: get(row, "control")?,
        claim: named(row, "claim", Claim::named)?,
        evidence: get(row, "evidence")?,
        asked: asked(row)?,
    })
}

fn select(rest: &str) -> String {
    let renewed = renewed("attestation");
    format!("SELECT id, control, claim, evidence, {COLUMNS}, {renewed} FROM attestation {rest}")
}

fn find(
    db: &Connection,
    number: AttestationNumber,
) -> std::result::Result<Option<Attestation>, Halt> {
    Ok(db
        .prepare_cached(&select("WHERE id = ?1"))?
        .query_row([number.0], attestation)
        .optional()?)
}

fn list(
    db: &Connection,
    query: &AttestationQuery,
    most: usize,
) -> std::result::Result<Vec<Attestation>, Halt> {
    let sql = select(
        "WHERE (?1 IS NULL OR control = ?1) AND (?2 IS NULL OR state = ?2) ORDER BY id DESC LIMIT ?3",
    );
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut statement = db.prepare_cached(&sql)?;
    let state = query.state.map(RequestState::name);
    let rows = statement.query_map(params![query.control, state, most], attestation)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn standing(db: &Connection) -> std::result::Result<Vec<Attestation>, Halt> {
    let sql = select(
        "WHERE state = 'approved' AND NOT EXISTS (
             SELECT 1 FROM attestation AS other
             WHERE other.control = attestation.control AND other.state = 'approved'
             AND (other.expires, other.id) > (attestation.expires, attestation.id))
         ORDER BY control",
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map([], attestation)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn attest(
    db: &Connection,
    new: &NewAttestation,
    decision: &Decision<'_>,
) -> std::result::Result<AttestationNumber, Halt> {
    said(&new.reason, "an attestation")?;
    let refuse = |text: &str| Err(Halt::Refused(StoreError::Refused(text.to_owned())));
    if new.expires <= decision.at {
        return refuse("an attestation has to end in the future");
    }
    if let Some(address) = &new.evidence
        && (address.len() > LONGEST
            || !["https://", "http://"]
                .iter()
                .any(|scheme| address.starts_with(scheme)))
    {
        return refuse("the evidence is an address that begins with https:// or http://");
    }
    let waits = db
        .prepare_cached("SELECT 1 FROM attestation WHERE control = ?1 AND state = 'requested'")?
        .exists([&new.control])?;
    if waits {
        let text = format!(
            "an attestation of {} waits for a decision already",
            new.control
        );
        return Err(StoreError::Conflict(text).into());
    }
    let number = db
        .prepare_cached(
            "INSERT INTO attestation (control, claim, reason, evidence, requester, requested, expires, state)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'requested')",
        )?
        .insert(params![
            new.control,
            new.claim.name(),
            new.reason,
            new.evidence,
            decision.actor,
            ms(decision.at),
            ms(new.expires),
        ])?;
    let detail = json!({
        "control": new.control,
        "claim": new.claim.name(),
        "reason": new.reason,
        "evidence": new.evidence,
        "expires": new.expires.to_string(),
    });
    audit::decided(
        db,
        decision,
        "attestation.request",
        "attestation",
        &[number],
        &detail,
    )?;
    Ok(AttestationNumber(number))
}

/// The same once more, until another time.
pub(super) fn again(
    db: &Connection,
    number: AttestationNumber,
    expires: Timestamp,
    decision: &Decision<'_>,
) -> std::result::Result<Request, Halt> {
    let known = known(db, number)?;
    let new = NewAttestation {
        control: known.control,
        claim: known.claim,
        reason: known.asked.reason,
        evidence: known.evidence,
        expires,
    };
    attest(db, &new, decision).map(Request::from)
}

/// What the audit log tells of a decision about an attestation.
pub(super) fn detail(
    db: &Connection,
    number: AttestationNumber,
    note: &str,
) -> std::result::Result<Value, Halt> {
    let known = known(db, number)?;
    Ok(json!({ "control": known.control, "claim": known.claim.name(), "note": note }))
}

fn known(db: &Connection, number: AttestationNumber) -> std::result::Result<Attestation, Halt> {
    find(db, number)?.ok_or_else(|| {
        Halt::Refused(StoreError::NotFound {
            what: "attestation",
            id: number.to_string(),
        })
    })
}

//! What people answer for, in SQLite.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::json;

use super::audit;
use super::decide::said;
use super::row::{get, ms, named, time, time_if};
use crate::sqlite::{Halt, Sqlite};
use crate::{
    Attestation, AttestationNumber, AttestationQuery, AttestationState, Attestations, Claim,
    Decision, NewAttestation, Result, StoreError,
};

const COLUMNS: &str = "id, control, claim, reason, evidence, requester, requested, expires, state, decider, decided, note";

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

    fn decide_attestation(
        &mut self,
        attestation: AttestationNumber,
        approve: bool,
        note: &str,
        decision: &Decision<'_>,
    ) -> Result<()> {
        self.whole(|db| decide(db, attestation, approve, note, decision))
    }

    fn withdraw_attestation(
        &mut self,
        attestation: AttestationNumber,
        note: &str,
        decision: &Decision<'_>,
    ) -> Result<()> {
        self.whole(|db| withdraw(db, attestation, note, decision))
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
        reason: get(row, "reason")?,
        evidence: get(row, "evidence")?,
        requester: get(row, "requester")?,
        requested: time(row, "requested")?,
        expires: time(row, "expires")?,
        state: named(row, "state", AttestationState::named)?,
        decider: get(row, "decider")?,
        decided: time_if(row, "decided")?,
        note: get(row, "note")?,
    })
}

fn find(
    db: &Connection,
    number: AttestationNumber,
) -> std::result::Result<Option<Attestation>, Halt> {
    let sql = format!("SELECT {COLUMNS} FROM attestation WHERE id = ?1");
    Ok(db
        .prepare_cached(&sql)?
        .query_row([number.0], attestation)
        .optional()?)
}

fn list(
    db: &Connection,
    query: &AttestationQuery,
    most: usize,
) -> std::result::Result<Vec<Attestation>, Halt> {
    let sql = format!(
        "SELECT {COLUMNS} FROM attestation
         WHERE (?1 IS NULL OR control = ?1) AND (?2 IS NULL OR state = ?2) ORDER BY id DESC LIMIT ?3"
    );
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut statement = db.prepare_cached(&sql)?;
    let state = query.state.map(AttestationState::name);
    let rows = statement.query_map(params![query.control, state, most], attestation)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn standing(db: &Connection) -> std::result::Result<Vec<Attestation>, Halt> {
    let sql = format!(
        "SELECT {COLUMNS} FROM attestation AS one WHERE state = 'approved' AND NOT EXISTS (
             SELECT 1 FROM attestation AS other WHERE other.control = one.control AND other.state = 'approved'
             AND (other.expires, other.id) > (one.expires, one.id))
         ORDER BY control"
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
    tell(db, decision, "attestation.request", number, &detail)?;
    Ok(AttestationNumber(number))
}

fn decide(
    db: &Connection,
    number: AttestationNumber,
    approve: bool,
    note: &str,
    decision: &Decision<'_>,
) -> std::result::Result<(), Halt> {
    let known = known(db, number, AttestationState::Requested)?;
    let own = audit::person(db, &known.requester)? == audit::person(db, decision.actor)?;
    if approve && own {
        return Err(StoreError::OwnRequest {
            what: format!("attestation {number}"),
            person: known.requester,
        }
        .into());
    }
    if approve && known.expires <= decision.at {
        let text = format!("attestation {number} would have ended already; ask for a new one");
        return Err(StoreError::Refused(text).into());
    }
    let (state, action) = match (approve, own) {
        (true, _) => (AttestationState::Approved, "attestation.approve"),
        (false, true) => (AttestationState::Withdrawn, "attestation.withdraw"),
        (false, false) => (AttestationState::Rejected, "attestation.reject"),
    };
    end(db, &known, state, action, note, decision)
}

fn withdraw(
    db: &Connection,
    number: AttestationNumber,
    note: &str,
    decision: &Decision<'_>,
) -> std::result::Result<(), Halt> {
    said(note, "taking back an attestation")?;
    let known = known(db, number, AttestationState::Approved)?;
    let (state, action) = (AttestationState::Withdrawn, "attestation.withdraw");
    end(db, &known, state, action, note, decision)
}

/// The attestation, if it is in this state.
fn known(
    db: &Connection,
    number: AttestationNumber,
    state: AttestationState,
) -> std::result::Result<Attestation, Halt> {
    let known = find(db, number)?.ok_or_else(|| StoreError::NotFound {
        what: "attestation",
        id: number.to_string(),
    })?;
    if known.state != state {
        return Err(StoreError::Decided {
            what: format!("attestation {number}"),
            state: known.state.name(),
        }
        .into());
    }
    Ok(known)
}

fn end(
    db: &Connection,
    known: &Attestation,
    state: AttestationState,
    action: &str,
    note: &str,
    decision: &Decision<'_>,
) -> std::result::Result<(), Halt> {
    db.prepare_cached(
        "UPDATE attestation SET state = ?2, decider = ?3, decided = ?4, note = ?5 WHERE id = ?1",
    )?
    .execute(params![
        known.number.0,
        state.name(),
        decision.actor,
        ms(decision.at),
        Some(note).filter(|note| !note.is_empty()),
    ])?;
    let detail = json!({ "control": known.control, "claim": known.claim.name(), "note": note });
    tell(db, decision, action, known.number.0, &detail)
}

fn tell(
    db: &Connection,
    decision: &Decision<'_>,
    action: &str,
    number: i64,
    detail: &serde_json::Value,
) -> std::result::Result<(), Halt> {
    audit::decided(db, decision, action, "attestation", &[number], detail)
}

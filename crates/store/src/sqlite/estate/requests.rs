//! What somebody asks for and somebody else decides, in SQLite: the three tables have the same columns.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::json;

use super::row::{get, ms, named, time, time_if};
use super::{attestations, audit, changes, waivers};
use crate::sqlite::{Halt, Sqlite};
use crate::{
    Asked, AttestationNumber, Decision, ExpectedNumber, Request, RequestState, Requests, Result,
    StoreError, WaiverNumber,
};

/// The columns of [`asked`].
pub(super) const COLUMNS: &str =
    "reason, requester, requested, expires, state, decider, decided, note, renews";

/// The name under which [`asked`] finds who asked again; a query over `table` defines it.
pub(super) fn renewed(table: &str) -> String {
    format!(
        "(SELECT max(later.id) FROM {table} AS later WHERE later.renews = {table}.id) AS renewed"
    )
}

impl Requests for Sqlite {
    fn request(&self, request: impl Into<Request>) -> Result<Option<Asked>> {
        let request = request.into();
        self.reading(|db| find(db, request))
    }

    fn decide_request(
        &mut self,
        request: impl Into<Request>,
        approve: bool,
        note: &str,
        decision: &Decision<'_>,
    ) -> Result<()> {
        let request = request.into();
        self.whole(|db| decide(db, request, approve, note, decision))
    }

    fn renew_request(
        &mut self,
        request: impl Into<Request>,
        expires: Timestamp,
        decision: &Decision<'_>,
    ) -> Result<Request> {
        let request = request.into();
        self.whole(|db| renew(db, request, expires, decision))
    }

    fn end_requests(&mut self, now: Timestamp) -> Result<Vec<Request>> {
        self.whole(|db| end_all(db, now))
    }
}

const fn table(request: Request) -> &'static str {
    match request {
        Request::Waiver(_) => "waiver",
        Request::Attestation(_) => "attestation",
        Request::Expected(_) => "expected_change",
    }
}

/// What all of them have, of a row.
pub(super) fn asked(row: &Row<'_>) -> rusqlite::Result<Asked> {
    Ok(Asked {
        reason: get(row, "reason")?,
        requester: get(row, "requester")?,
        requested: time_if(row, "requested")?,
        expires: time(row, "expires")?,
        state: named(row, "state", RequestState::named)?,
        decider: get(row, "decider")?,
        decided: time_if(row, "decided")?,
        note: get(row, "note")?,
        renews: get(row, "renews")?,
        renewed: get(row, "renewed")?,
    })
}

fn find(db: &Connection, request: Request) -> std::result::Result<Option<Asked>, Halt> {
    let (table, renewed) = (table(request), renewed(table(request)));
    let sql = format!("SELECT {COLUMNS}, {renewed} FROM {table} WHERE id = ?1");
    Ok(db
        .prepare_cached(&sql)?
        .query_row([request.number()], asked)
        .optional()?)
}

fn known(db: &Connection, request: Request) -> std::result::Result<Asked, Halt> {
    find(db, request)?.ok_or_else(|| {
        Halt::Refused(StoreError::NotFound {
            what: request.what(),
            id: request.number().to_string(),
        })
    })
}

/// It is no longer, or not yet, what a decision needs.
fn decided(request: Request, state: RequestState) -> Halt {
    Halt::Refused(StoreError::Decided {
        what: request.to_string(),
        state: state.name(),
    })
}

fn decide(
    db: &Connection,
    request: Request,
    approve: bool,
    note: &str,
    decision: &Decision<'_>,
) -> std::result::Result<(), Halt> {
    let asked = known(db, request)?;
    if asked.state != RequestState::Requested {
        return Err(decided(request, asked.state));
    }
    let own = audit::person(db, &asked.requester)? == audit::person(db, decision.actor)?;
    if approve && own {
        return Err(StoreError::OwnRequest {
            what: request.to_string(),
            person: asked.requester,
        }
        .into());
    }
    if approve && asked.expires <= decision.at {
        let text = format!("{request} would have ended already; ask for it again");
        return Err(StoreError::Refused(text).into());
    }
    let state = match (approve, own) {
        (true, _) => RequestState::Approved,
        (false, true) => RequestState::Withdrawn,
        (false, false) => RequestState::Rejected,
    };
    turn(db, request, state, note, decision)
}

/// Takes back an attestation that holds, with a reason.
pub(super) fn withdraw(
    db: &Connection,
    request: Request,
    note: &str,
    decision: &Decision<'_>,
) -> std::result::Result<(), Halt> {
    super::decide::said(note, "taking something back")?;
    let asked = known(db, request)?;
    if asked.state != RequestState::Approved {
        return Err(decided(request, asked.state));
    }
    turn(db, request, RequestState::Withdrawn, note, decision)
}

/// Brings a request into a state, with what follows from that, and tells the audit log.
fn turn(
    db: &Connection,
    request: Request,
    state: RequestState,
    note: &str,
    decision: &Decision<'_>,
) -> std::result::Result<(), Halt> {
    let by_itself = matches!(state, RequestState::Lapsed | RequestState::Expired);
    // Who approved what expired is still who approved it.
    let sql = format!(
        "UPDATE {} SET state = ?2, decider = CASE WHEN ?6 THEN decider ELSE ?3 END,
             decided = CASE WHEN ?2 = 'expired' THEN decided ELSE ?4 END, note = coalesce(?5, note)
         WHERE id = ?1",
        table(request)
    );
    db.prepare_cached(&sql)?.execute(params![
        request.number(),
        state.name(),
        decision.actor,
        ms(decision.at),
        Some(note).filter(|note| !note.is_empty()),
        by_itself,
    ])?;
    let verb = match state {
        RequestState::Approved => "approve",
        RequestState::Withdrawn => "withdraw",
        RequestState::Lapsed => "lapse",
        RequestState::Expired => "expire",
        RequestState::Requested | RequestState::Rejected => "reject",
    };
    match request {
        Request::Waiver(number) => {
            let findings = waivers::turn(db, number, state, decision)?;
            let detail = json!({ "waiver": number.0, "note": note });
            let action = format!("waiver.{verb}");
            audit::decided(db, decision, &action, "finding", &findings, &detail)
        }
        Request::Attestation(number) => {
            let detail = attestations::detail(db, number, note)?;
            let (action, kind) = (format!("attestation.{verb}"), "attestation");
            audit::decided(db, decision, &action, kind, &[number.0], &detail)
        }
        Request::Expected(number) => {
            // The log of old has these words.
            let action = format!("expected_change.{}", state.name());
            let detail = json!({ "note": note });
            let kind = "expected_change";
            audit::decided(db, decision, &action, kind, &[number.0], &detail)
        }
    }
}

fn renew(
    db: &Connection,
    request: Request,
    expires: Timestamp,
    decision: &Decision<'_>,
) -> std::result::Result<Request, Halt> {
    let asked = known(db, request)?;
    let refuse = |text: String| Err(Halt::Refused(StoreError::Refused(text)));
    if let Some(later) = asked.renewed {
        return refuse(format!("{request} was asked for again already, as {later}"));
    }
    match asked.state {
        RequestState::Lapsed | RequestState::Expired => {}
        // It goes on holding until its day, or until the next one is approved.
        RequestState::Approved if matches!(request, Request::Attestation(_)) => {}
        RequestState::Requested => {
            if audit::person(db, &asked.requester)? != audit::person(db, decision.actor)? {
                return refuse(format!(
                    "{request} waits for a decision; only {} gives it another day",
                    asked.requester
                ));
            }
            turn(
                db,
                request,
                RequestState::Withdrawn,
                "Asked for again.",
                decision,
            )?;
        }
        RequestState::Approved | RequestState::Rejected | RequestState::Withdrawn => {
            return Err(decided(request, asked.state));
        }
    }
    let (renewal, sql) = match request {
        Request::Waiver(number) => {
            let findings = waivers::findings(db, number)?;
            let reason = &asked.reason;
            let renewal = waivers::request(db, &findings, reason, expires, decision)?;
            (
                renewal.into(),
                "UPDATE waiver SET renews = ?2 WHERE id = ?1",
            )
        }
        Request::Attestation(number) => {
            let renewal = attestations::again(db, number, expires, decision)?;
            (renewal, "UPDATE attestation SET renews = ?2 WHERE id = ?1")
        }
        Request::Expected(number) => {
            let renewal = changes::again(db, number, expires, decision)?;
            (
                renewal,
                "UPDATE expected_change SET renews = ?2 WHERE id = ?1",
            )
        }
    };
    db.prepare_cached(sql)?
        .execute([renewal.number(), request.number()])?;
    Ok(renewal)
}

/// A kind of request: its table, which states end by themselves, and how its number is made.
type Kind = (&'static str, &'static str, fn(i64) -> Request);

const KINDS: [Kind; 3] = [
    ("waiver", "state IN ('requested', 'approved')", |it| {
        Request::Waiver(WaiverNumber(it))
    }),
    ("attestation", "state = 'requested'", |it| {
        Request::Attestation(AttestationNumber(it))
    }),
    ("expected_change", "state = 'requested'", |it| {
        Request::Expected(ExpectedNumber(it))
    }),
];

fn end_all(db: &Connection, now: Timestamp) -> std::result::Result<Vec<Request>, Halt> {
    let decision = Decision {
        actor: "stance",
        at: now,
    };
    let mut ended = Vec::new();
    for (table, ending, request) in KINDS {
        let sql =
            format!("SELECT id, state FROM {table} WHERE {ending} AND expires <= ?1 ORDER BY id");
        let over: Vec<(i64, RequestState)> = db
            .prepare_cached(&sql)?
            .query_map([ms(now)], |row| {
                Ok((get(row, "id")?, named(row, "state", RequestState::named)?))
            })?
            .collect::<rusqlite::Result<_>>()?;
        for (number, state) in over {
            let state = match state {
                RequestState::Approved => RequestState::Expired,
                _ => RequestState::Lapsed,
            };
            turn(db, request(number), state, "", &decision)?;
            ended.push(request(number));
        }
    }
    Ok(ended)
}

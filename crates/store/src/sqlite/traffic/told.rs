//! Exchanges that two tell: an application, and the gateway behind it.
//!
//! The id of the answer is the same for both. As some servers give ids that are not unique, the gateway's exchange must lie
//! within the time of the application's too, and be with the same model. What the gateway tells is kept: it was in line.

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use stance_core::traffic::{Seen, Teller};

use super::{digest, find};
use crate::sqlite::Halt;

/// How much the clocks of the two may differ.
const SKEW: SignedDuration = SignedDuration::from_secs(5);

/// Most interactions of one answer that are looked at.
const MOST: i64 = 16;

/// The interactions that are kept and tell the same exchange from the other side, with their keys.
pub(super) fn same(db: &Connection, seen: &Seen) -> Result<Vec<(i64, Seen)>, Halt> {
    let Some(answer) = &seen.answer else {
        return Ok(Vec::new());
    };
    let mut statement = db.prepare_cached(
        "SELECT key FROM interaction WHERE answer = ?1 ORDER BY key DESC LIMIT ?2",
    )?;
    let keys: Vec<i64> = statement
        .query_map((digest(answer), MOST), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut found = Vec::new();
    for key in keys {
        let Some(other) = find::by_key(db, key)? else {
            continue;
        };
        if other.answer.as_ref() == Some(answer) && are_one(seen, &other) {
            found.push((key, other));
        }
    }
    Ok(found)
}

/// Whether one of them is an application's account of what the other, a gateway, tells.
fn are_one(one: &Seen, other: &Seen) -> bool {
    let is_told = |seen: &Seen| seen.teller == Teller::Telemetry;
    let (application, gateway) = match (is_told(one), is_told(other)) {
        (true, false) => (one, other),
        (false, true) => (other, one),
        _ => return false,
    };
    let within = application
        .at
        .saturating_sub(SKEW)
        .is_ok_and(|at| at <= gateway.at)
        && end(application)
            .saturating_add(SKEW)
            .is_ok_and(|at| at >= end(gateway));
    let mut models = [&application.model, &application.answered]
        .into_iter()
        .flatten();
    let theirs = [&gateway.model, &gateway.answered];
    within && models.any(|model| theirs.into_iter().flatten().any(|other| other == model))
}

fn end(seen: &Seen) -> Timestamp {
    let took = i64::try_from(seen.total_us.unwrap_or(0)).unwrap_or(i64::MAX);
    seen.at
        .checked_add(SignedDuration::from_micros(took))
        .unwrap_or(seen.at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(teller: Teller, at: i64, took: u64) -> Seen {
        Seen {
            answer: Some("chatcmpl-1".to_owned()),
            model: Some("wheel-1".to_owned()),
            total_us: Some(took * 1_000_000),
            ..Seen::new("1", Timestamp::from_second(at).unwrap(), teller)
        }
    }

    #[test]
    fn an_answer_is_the_same_one_within_the_time_of_whoever_asked() {
        let gateway = seen(Teller::Gateway, 101, 7);
        let application = seen(Teller::Telemetry, 100, 9);
        assert!(are_one(&application, &gateway) && are_one(&gateway, &application));
        assert!(!are_one(&gateway, &gateway), "a gateway's own are all kept");
        assert!(
            !are_one(&application, &application),
            "and so are an application's"
        );
        let later = seen(Teller::Telemetry, 200, 9);
        assert!(!are_one(&later, &gateway), "an id that is given twice");
        let mut other = application;
        other.model = Some("crank-1".to_owned());
        assert!(!are_one(&other, &gateway), "another model");
        other.answered = Some("wheel-1".to_owned());
        assert!(are_one(&other, &gateway));
    }
}

//! The sums that every page shows.

use rusqlite::Connection;
use stance_core::score::{Risk, Totals};

use crate::Tally;
use crate::sqlite::Halt;

pub(super) fn tally(db: &Connection) -> Result<Tally, Halt> {
    let mut tally = Tally::default();
    let mut totals = Totals::default();
    let mut risk = Risk::default();
    let mut statement = db.prepare_cached("SELECT name, value FROM tally WHERE value <> 0")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let value: i64 = row.get(1)?;
        let count = u64::try_from(value).unwrap_or_default();
        match name.split_once(':') {
            Some(("asset", kind)) => {
                tally.assets.insert(kind.to_owned(), count);
            }
            Some(("finding", severity)) => {
                let place = severity
                    .parse()
                    .ok()
                    .and_then(|it: usize| 4_usize.checked_sub(it));
                if let Some(place) = place.and_then(|it| tally.findings.get_mut(it)) {
                    *place = count;
                }
            }
            _ => match name.as_str() {
                "change" => tally.changes = count,
                "importance" => totals.importance = value,
                "risk" => risk.assumed = value,
                "risk_known" => risk.known = value,
                "risk_worst" => risk.worst = value,
                _ => {}
            },
        }
    }
    totals.risk = risk;
    totals.unscanned = unscanned(db)?;
    tally.totals = totals;
    Ok(tally)
}

/// The sums behind the score.
pub(super) fn totals(db: &Connection) -> Result<Totals, Halt> {
    Ok(tally(db)?.totals)
}

/// What nobody looked at: what the last look at each source left out, and sources at which nobody looked yet.
fn unscanned(db: &Connection) -> Result<i64, Halt> {
    let sum = db
        .prepare_cached(
            "SELECT coalesce(sum(CASE WHEN scanned IS NULL THEN ?1 ELSE unscanned END), 0)
             FROM source WHERE removed IS NULL AND enabled",
        )?
        .query_row([stance_core::score::UNSEEN_SOURCE], |row| row.get(0))?;
    Ok(sum)
}

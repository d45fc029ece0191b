//! What rules show, for the states of controls.

use std::collections::BTreeMap;

use rusqlite::Connection;
use stance_core::compliance::RuleEvidence;

use super::row::{count, time_if};
use crate::sqlite::Halt;

/// Fixed findings of a rule that are looked at, to find one whose asset is still there.
const FIXED: u32 = 200;

pub(super) fn evidence(
    db: &Connection,
    rules: &[&str],
) -> Result<BTreeMap<String, RuleEvidence>, Halt> {
    let mut all = BTreeMap::new();
    let (last_run, complete) = looks(db)?;
    let mut fixed = db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM (SELECT asset FROM finding WHERE state = 'fixed' AND rule = ?1 LIMIT ?2) f
             JOIN asset ON asset.id = f.asset WHERE asset.present)",
    )?;
    for rule in rules {
        let proven: bool = fixed.query_row((rule, FIXED), |row| row.get(0))?;
        let evidence = RuleEvidence {
            last_run,
            applied: u64::from(proven),
            complete,
            ..RuleEvidence::default()
        };
        all.insert((*rule).to_owned(), evidence);
    }
    let mut add = |sql: &str, place: fn(&mut RuleEvidence, i64, u64)| -> Result<(), Halt> {
        let mut statement = db.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let rule: String = row.get(0)?;
            if let Some(of_rule) = all.get_mut(&rule) {
                place(of_rule, row.get(1)?, count(row, 2)?);
            }
        }
        Ok(())
    };
    add(
        "SELECT key, severity, findings FROM finding_group
         WHERE dimension = 'rule' AND findings > 0 AND severity > 0",
        |it, severity, count| {
            let place = if severity > 1 {
                &mut it.failing
            } else {
                &mut it.minor
            };
            *place = place.saturating_add(count);
        },
    )?;
    // Hints of any severity are minor; the sums know only severities.
    add(
        "SELECT rule, severity, count(*) FROM finding
         WHERE counts AND confidence = 0 AND severity > 1 GROUP BY rule, severity",
        |it, _, count| {
            it.failing = it.failing.saturating_sub(count);
            it.minor = it.minor.saturating_add(count);
        },
    )?;
    add(
        "SELECT rule, severity, count(*) FROM finding
         WHERE state = 'accepted' AND severity > 0 GROUP BY rule, severity",
        |it, _, count| it.accepted = it.accepted.saturating_add(count),
    )?;
    for it in all.values_mut() {
        let found = it.failing.max(it.minor).max(it.accepted).min(1);
        it.applied = it.applied.max(found);
    }
    Ok(all)
}

/// When the source that was not looked at for longest was, and whether the last looks left nothing out.
fn looks(db: &Connection) -> Result<(Option<jiff::Timestamp>, bool), Halt> {
    let health = super::pulse::health(db)?;
    let oldest = db
        .prepare_cached("SELECT min(scanned) FROM source WHERE removed IS NULL AND enabled")?
        .query_row([], |row| time_if(row, 0))?;
    let complete = health.unseen == 0 && health.failing == 0 && health.left_out == 0;
    Ok((oldest, complete))
}

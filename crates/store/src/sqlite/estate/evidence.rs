//! What rules show, for the states of controls.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Connection, params};
use stance_core::compliance::RuleEvidence;

use super::drift;
use super::ingest::Fold;
use super::row::{count, ms, time_if};
use crate::sqlite::Halt;

/// Fixed findings of a rule that are looked at, to find one whose asset is still there.
const FIXED: u32 = 200;

/// Writes down what each rule judged in a look at a source; what is as it was is not written.
pub(super) fn note(fold: &Fold<'_>) -> Result<(), Halt> {
    let db = fold.db;
    let source = fold.source.number;
    let mut set = db.prepare_cached(
        "INSERT INTO judged (rule, source, subjects) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET subjects = excluded.subjects WHERE subjects <> excluded.subjects",
    )?;
    let mut told: Vec<(&str, u64)> = fold.ingest.judged.map_or_else(Vec::new, |judged| {
        judged
            .iter()
            .map(|(rule, subjects)| (rule.as_str(), *subjects))
            .collect()
    });
    // Every asset is held against the approved state, if there is one.
    if fold.source.has_baseline {
        told.retain(|(rule, _)| *rule != drift::RULE);
        told.push((drift::RULE, fold.numbers.len() as u64));
    }
    for (rule, subjects) in &told {
        let subjects = i64::try_from(*subjects).unwrap_or(i64::MAX);
        set.execute(params![rule, source, subjects])?;
    }
    let known: Vec<String> = db
        .prepare_cached("SELECT rule FROM judged WHERE source = ?1")?
        .query_map([source], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut forget = db.prepare_cached("DELETE FROM judged WHERE rule = ?1 AND source = ?2")?;
    for rule in known {
        if !told.iter().any(|(it, _)| *it == rule) {
            forget.execute(params![rule, source])?;
        }
    }
    Ok(())
}

pub(super) fn evidence(
    db: &Connection,
    rules: &[&str],
    fresh: Timestamp,
) -> Result<BTreeMap<String, RuleEvidence>, Halt> {
    let mut all: BTreeMap<String, RuleEvidence> = rules
        .iter()
        .map(|rule| ((*rule).to_owned(), RuleEvidence::default()))
        .collect();
    findings(db, &mut all)?;
    let Looks { oldest, gaps } = looks(db)?;
    let mut fixed = db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM (SELECT asset FROM finding WHERE state = 'fixed' AND rule = ?1 LIMIT ?2) f
             JOIN asset ON asset.id = f.asset WHERE asset.present)",
    )?;
    let mut judged = judged(db, fresh)?;
    for (rule, it) in &mut all {
        let told = judged.remove(rule);
        if let Some(told) = &told {
            it.last_run = told.at.or(told.ran);
            it.applied = told.subjects;
            it.complete = told.complete;
        }
        if it.applied == 0 {
            // A source may not tell what its rules judged; what they found they judged.
            let found = it.failing > 0 || it.minor > 0 || it.accepted > 0;
            let proven = found || fixed.query_row((&rule, FIXED), |row| row.get(0))?;
            it.applied = u64::from(proven);
            if proven || told.is_none() {
                it.last_run = oldest;
                it.complete = gaps == 0;
            }
        }
    }
    Ok(all)
}

/// What the looks at sources say of one rule.
struct Judged {
    /// The newest look in which it judged something.
    at: Option<Timestamp>,
    /// The newest look in which it was on.
    ran: Option<Timestamp>,
    /// How many things it judged in fresh looks; in all of them where none is fresh.
    subjects: u64,
    /// Whether those looks left nothing out.
    complete: bool,
}

fn judged(db: &Connection, fresh: Timestamp) -> Result<BTreeMap<String, Judged>, Halt> {
    let mut statement = db.prepare_cached(
        "SELECT rule, max(CASE WHEN subjects > 0 THEN scanned END) AS at, max(scanned) AS ran,
             sum(CASE WHEN scanned >= ?1 THEN subjects ELSE 0 END) AS fresh, sum(subjects) AS every,
             max(subjects > 0 AND scanned >= ?1 AND gaps > 0) AS left_out
         FROM judged JOIN source ON source.id = judged.source
         WHERE source.removed IS NULL AND source.enabled GROUP BY rule",
    )?;
    let rows = statement.query_map([ms(fresh)], |row| {
        let (now, every) = (count(row, 3)?, count(row, 4)?);
        Ok((
            row.get(0)?,
            Judged {
                at: time_if(row, 1)?,
                ran: time_if(row, 2)?,
                subjects: if now > 0 { now } else { every },
                complete: !row.get::<_, bool>(5)?,
            },
        ))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Open and accepted findings by rule.
fn findings(db: &Connection, all: &mut BTreeMap<String, RuleEvidence>) -> Result<(), Halt> {
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
    )
}

/// What is known of the looks at all sources together.
struct Looks {
    /// When the source that was not looked at for longest was.
    oldest: Option<Timestamp>,
    /// How much they left out.
    gaps: i64,
}

fn looks(db: &Connection) -> Result<Looks, Halt> {
    db.prepare_cached(
        "SELECT min(scanned), coalesce(sum(gaps), 0) FROM source WHERE removed IS NULL AND enabled",
    )?
    .query_row([], |row| {
        Ok(Looks {
            oldest: time_if(row, 0)?,
            gaps: row.get(1)?,
        })
    })
    .map_err(Halt::from)
}

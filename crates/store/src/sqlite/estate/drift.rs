//! Where a source differs from its approved state.
//!
//! The changes that wait are always exactly the differences between the approved state and the last one: what is undone
//! or changes once more is closed, with its finding.

use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::Value;
use stance_core::drift::{Effect, FieldChange, WHOLE, called, changes, is_digest};
use stance_core::{Asset, Confidence, Evidence, Finding, FindingId, Severity};

use super::findings;
use super::ingest::Fold;
use super::row::{confidence_number, ms, severity_number};
use crate::sqlite::Halt;
use crate::sqlite::record::{json, meaning_of_asset};
use crate::{ChangeKind, ChangeState, FindingState};

/// The rule of findings that stand for changes nobody approved.
pub(super) const RULE: &str = "governance/unapproved-change";

/// A change that waits.
pub(super) struct Waiting {
    pub(super) number: i64,
    pub(super) field: String,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    pub(super) finding: Option<i64>,
}

/// Notes how an asset differs from its approved state now that the source told it, or no longer does.
pub(super) fn note(fold: &mut Fold<'_>, number: i64, now: Option<&Asset>) -> Result<(), Halt> {
    if !fold.source.has_baseline {
        return Ok(());
    }
    let approved = approved(fold.db, fold.source.number, number)?;
    let differences = changes(approved.as_ref(), now);
    let waiting = waiting(fold.db, fold.source.number, number)?;
    let mut kept = Vec::new();
    for difference in &differences {
        let (before, after) = (
            text(difference.before.as_ref())?,
            text(difference.after.as_ref())?,
        );
        let same = waiting
            .iter()
            .find(|it| it.field == difference.field && it.before == before && it.after == after);
        if let Some(same) = same {
            kept.push(same.number);
            continue;
        }
        add(fold, number, difference, approved.as_ref().or(now))?;
    }
    for old in &waiting {
        // Relations have changes of their own, see `relations`.
        if kept.contains(&old.number) || is_relation(&old.field) {
            continue;
        }
        let again = differences.iter().any(|it| it.field == old.field);
        let state = if again {
            ChangeState::Replaced
        } else {
            ChangeState::Undone
        };
        let closed = close(fold.db, old, state, None, fold.at)?;
        fold.touched.extend(closed);
    }
    absorb(fold.db, fold.source.number, number, &differences)
}

/// Notes a relation that appeared or vanished. One that returns to what was approved closes what waited.
pub(super) fn relation(fold: &mut Fold<'_>, origin: i64, change: &FieldChange) -> Result<(), Halt> {
    if !change.security {
        return Ok(());
    }
    let (before, after) = (text(change.before.as_ref())?, text(change.after.as_ref())?);
    let waiting = waiting(fold.db, fold.source.number, origin)?;
    let opposite = waiting
        .iter()
        .find(|it| it.field == change.field && it.before == after && it.after == before);
    if let Some(opposite) = opposite {
        let closed = close(fold.db, opposite, ChangeState::Undone, None, fold.at)?;
        fold.touched.extend(closed);
        return Ok(());
    }
    let asset = told(fold.db, fold.source.number, origin)?;
    add(fold, origin, change, asset.as_ref())
}

/// An asset as the source told it last.
fn told(db: &Connection, source: i64, asset: i64) -> Result<Option<Asset>, Halt> {
    let body: Option<String> = db
        .prepare_cached("SELECT body FROM sighting WHERE source = ?1 AND asset = ?2")?
        .query_row([source, asset], |row| row.get(0))
        .optional()?;
    Ok(body.and_then(|body| serde_json::from_str(&body).ok()))
}

fn is_relation(field: &str) -> bool {
    stance_core::RelationKind::ALL
        .iter()
        .any(|kind| kind.name() == field)
}

/// The approved state of an asset at a source.
fn approved(db: &Connection, source: i64, asset: i64) -> Result<Option<Asset>, Halt> {
    let body: Option<String> = db
        .prepare_cached(
            "SELECT coalesce(approved_body, body) FROM sighting
             WHERE source = ?1 AND asset = ?2 AND approved_present",
        )?
        .query_row([source, asset], |row| row.get(0))
        .optional()?;
    Ok(body.and_then(|body| serde_json::from_str(&body).ok()))
}

fn waiting(db: &Connection, source: i64, asset: i64) -> Result<Vec<Waiting>, Halt> {
    let mut statement = db.prepare_cached(
        "SELECT id, field, before, after, finding FROM change
         WHERE source = ?1 AND asset = ?2 AND state = 'pending' ORDER BY id",
    )?;
    let rows = statement.query_map([source, asset], |row| {
        Ok(Waiting {
            number: row.get(0)?,
            field: row.get(1)?,
            before: row.get(2)?,
            after: row.get(3)?,
            finding: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn text(value: Option<&Value>) -> Result<Option<String>, Halt> {
    Ok(value.map(json).transpose()?)
}

fn add(
    fold: &mut Fold<'_>,
    number: i64,
    change: &FieldChange,
    asset: Option<&Asset>,
) -> Result<(), Halt> {
    let expected = expected(fold, change)?;
    let state = match expected {
        Some(_) => ChangeState::Expected,
        None if change.security => ChangeState::Pending,
        None => ChangeState::Noted,
    };
    let kind = match (&change.before, &change.after, change.field == WHOLE) {
        (None, _, true) => ChangeKind::Appeared,
        (_, None, true) => ChangeKind::Vanished,
        _ => ChangeKind::Changed,
    };
    let waits = state == ChangeState::Pending;
    let weakens = waits && change.effect == Effect::Weakening;
    let finding = if weakens {
        Some(open(fold, number, change, asset)?)
    } else {
        None
    };
    fold.db
        .prepare_cached(
            "INSERT INTO change (source, asset, run, at, kind, field, before, after, effect, relevant, reason,
                 state, expected, finding)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        )?
        .execute(params![
            fold.source.number,
            number,
            fold.ingest.run.map(|run| run.0),
            fold.at,
            kind.name(),
            change.field,
            text(change.before.as_ref())?,
            text(change.after.as_ref())?,
            effect_number(change.effect),
            change.security,
            change.reason,
            state.name(),
            expected,
            finding,
        ])?;
    fold.done.changes += u64::from(waits);
    fold.done.weakening += u64::from(weakens);
    Ok(())
}

/// 2 weakening to 0 strengthening, so that the worst sorts first when it descends.
pub(super) const fn effect_number(effect: Effect) -> i64 {
    match effect {
        Effect::Weakening => 2,
        Effect::Neutral => 1,
        Effect::Strengthening => 0,
    }
}

/// The approved announcement that a change fits.
fn expected(fold: &Fold<'_>, change: &FieldChange) -> Result<Option<i64>, Halt> {
    let mut statement = fold.db.prepare_cached(
        "SELECT id FROM expected_change
         WHERE state = 'approved' AND opens <= ?1 AND expires > ?1 AND (source IS NULL OR source = ?2)
             AND (field = '*' OR field = ?3) AND ?4 GLOB asset
         ORDER BY id LIMIT 1",
    )?;
    Ok(statement
        .query_row(
            params![
                fold.at,
                fold.source.number,
                change.field,
                change.asset.as_str()
            ],
            |row| row.get(0),
        )
        .optional()?)
}

/// A finding that stands as long as nobody approves the change and it is not undone.
fn open(
    fold: &mut Fold<'_>,
    number: i64,
    change: &FieldChange,
    asset: Option<&Asset>,
) -> Result<i64, Halt> {
    let finding = finding(change, asset);
    let due = findings::due(&fold.ingest.deadlines, finding.severity, fold.ingest.at);
    let known: Option<i64> = fold
        .db
        .prepare_cached("SELECT id FROM finding WHERE source = ?1 AND key = ?2")?
        .query_row(params![fold.source.number, finding.id.as_str()], |row| {
            row.get(0)
        })
        .optional()?;
    let (row, state) = if let Some(row) = known {
        fold.db
            .prepare_cached(
                "UPDATE finding SET state = coalesce(decided, 'reopened'), since = ?2, due = ?3,
                     reopened = reopened + (decided IS NULL), message = ?4, body = ?5 WHERE id = ?1",
            )?
            .execute(params![row, fold.at, due, finding.message, json(&finding)?])?;
        (row, FindingState::Reopened)
    } else {
        let row = fold
            .db
            .prepare_cached(
                "INSERT INTO finding (source, key, asset, rule, severity, confidence, state, message, path, line,
                     first_seen, since, due, meaning, body, fix, asset_kind, owner)
                 SELECT ?1, ?2, id, ?4, ?5, ?6, 'open', ?7, ?8, ?9, ?10, ?10, ?11, ?2, ?12, ?4, kind, owner
                 FROM asset WHERE id = ?3",
            )?
            .insert(params![
                fold.source.number,
                finding.id.as_str(),
                number,
                RULE,
                severity_number(finding.severity),
                confidence_number(finding.confidence),
                finding.message,
                &*finding.evidence.path,
                finding.evidence.locus.line(),
                fold.at,
                due,
                json(&finding)?,
            ])?;
        (row, FindingState::Open)
    };
    let run = fold.ingest.run.map(|run| run.0);
    fold.db
        .prepare_cached("INSERT INTO transition (finding, at, state, run) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![row, fold.at, state.name(), run])?;
    fold.touched.insert(number);
    fold.done.opened += u64::from(state == FindingState::Open);
    fold.done.reopened += u64::from(state == FindingState::Reopened);
    Ok(row)
}

/// What the finding of a change says. Its id holds the value that was seen: another value is another change.
fn finding(change: &FieldChange, asset: Option<&Asset>) -> Finding {
    let shown = |value: &Value| match value {
        Value::String(text) => shortened(text),
        Value::Array(all) if all.iter().all(Value::is_string) => {
            let words: Vec<&str> = all.iter().filter_map(Value::as_str).collect();
            shortened(&words.join(", "))
        }
        other => shortened(&other.to_string()),
    };
    let (name, evidence) = asset.map_or_else(
        || (change.asset.to_string(), None),
        |asset| (asset.name.clone(), asset.evidence.first().cloned()),
    );
    let what = match (&change.before, &change.after) {
        (_, Some(_)) if is_digest(&change.field) => {
            format!("the {} of {name} changed", called(&change.field))
        }
        (None, Some(_)) if change.field == WHOLE => format!("{name} appeared"),
        (Some(_), None) if change.field == WHOLE => format!("{name} is gone"),
        (None, Some(after)) => format!("`{}` of {name} is now {}", change.field, shown(after)),
        (Some(before), None) => format!("`{}` of {name} was {}", change.field, shown(before)),
        (Some(before), Some(after)) => format!(
            "`{}` of {name} changed from {} to {}",
            change.field,
            shown(before),
            shown(after)
        ),
        (None, None) => format!("{name} changed"),
    };
    let evidence = evidence.unwrap_or_else(|| Evidence::file(""));
    let message = format!("{what} without an approval: {}", change.reason);
    let mut finding = Finding::new(
        RULE,
        Severity::Medium,
        change.asset.clone(),
        evidence,
        message,
    );
    finding.confidence = Confidence::High;
    let part = |value: Option<&Value>| value.map(Value::to_string).unwrap_or_default();
    finding.id = FindingId(
        stance_core::digest::stable_id(&[
            RULE,
            change.asset.as_str(),
            &change.field,
            &part(change.before.as_ref()),
            &part(change.after.as_ref()),
        ])
        .into(),
    );
    finding
}

fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    let mut short: String = text.chars().take(MOST).collect();
    if text.chars().nth(MOST).is_some() {
        short.push('…');
    }
    format!("`{short}`")
}

/// Closes a change that waited, with its finding; gives the asset whose account is to be made up anew.
pub(super) fn close(
    db: &Connection,
    change: &Waiting,
    state: ChangeState,
    decided: Option<(&str, &str)>,
    at: i64,
) -> Result<Option<i64>, Halt> {
    let (actor, note) = decided.unzip();
    db.prepare_cached(
        "UPDATE change SET state = ?2, actor = ?3, decided = ?4, note = ?5 WHERE id = ?1",
    )?
    .execute(params![
        change.number,
        state.name(),
        actor,
        at,
        note.filter(|note| !note.is_empty())
    ])?;
    let Some(finding) = change.finding else {
        return Ok(None);
    };
    db.prepare_cached(
        "UPDATE finding SET state = 'fixed', since = ?2, fixed = ?2, due = NULL WHERE id = ?1 AND state <> 'fixed'",
    )?
    .execute([finding, at])?;
    db.prepare_cached(
        "INSERT INTO transition (finding, at, state, run) VALUES (?1, ?2, 'fixed', NULL)",
    )?
    .execute([finding, at])?;
    let asset: i64 = db
        .prepare_cached("SELECT asset FROM finding WHERE id = ?1")?
        .query_row([finding], |row| row.get(0))?;
    Ok(Some(asset))
}

/// What needs no decision becomes part of the approved state: what is no matter of security, and what was announced.
fn absorb(
    db: &Connection,
    source: i64,
    asset: i64,
    differences: &[FieldChange],
) -> Result<(), Halt> {
    let waits = waiting(db, source, asset)?;
    let fields: Vec<&str> = differences
        .iter()
        .filter(|it| !waits.iter().any(|waiting| waiting.field == it.field))
        .map(|it| it.field.as_str())
        .collect();
    if fields.is_empty() && !differences.is_empty() {
        return Ok(());
    }
    approve(db, source, asset, &fields, waits.is_empty())
}

/// Makes these fields of an asset part of its approved state at a source; with `all`, everything that is not told as a
/// field as well, such as its other names.
pub(super) fn approve(
    db: &Connection,
    source: i64,
    asset: i64,
    fields: &[&str],
    all: bool,
) -> Result<(), Halt> {
    let found: Option<(bool, String, String, bool, Option<String>)> = db
        .prepare_cached(
            "SELECT present, body, meaning, approved_present, approved_body FROM sighting
             WHERE source = ?1 AND asset = ?2",
        )?
        .query_row([source, asset], |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
            ))
        })
        .optional()?;
    let Some((present, body, meaning, was_approved, approved_body)) = found else {
        return Ok(());
    };
    let whole = fields.contains(&WHOLE);
    let (approved_present, approved) = if all || whole || !was_approved || !present {
        // An asset that appears or vanishes does so as a whole.
        let state = if all || whole { present } else { was_approved };
        (state, None)
    } else {
        let now: Option<Asset> = serde_json::from_str(&body).ok();
        let old: Option<Asset> = approved_body
            .as_deref()
            .and_then(|body| serde_json::from_str(body).ok());
        (
            was_approved,
            now.zip(old).map(|(now, old)| merged(old, &now, fields)),
        )
    };
    if !approved_present && !was_approved {
        return Ok(());
    }
    let (digest, kept) = match approved {
        Some(asset) => {
            let digest = stance_core::digest::stable_id(&[&meaning_of_asset(&asset)?]);
            let kept = (digest != meaning).then(|| json(&asset)).transpose()?;
            (digest, kept)
        }
        None if all || whole => (meaning, None),
        None => return Ok(()),
    };
    db.prepare_cached(
        "UPDATE sighting SET approved_present = ?3, approved_meaning = CASE WHEN ?3 THEN ?4 END, approved_body = ?5
         WHERE source = ?1 AND asset = ?2",
    )?
    .execute(params![source, asset, approved_present, digest, kept])?;
    Ok(())
}

/// The approved state with some fields as they are now.
fn merged(mut approved: Asset, now: &Asset, fields: &[&str]) -> Asset {
    for field in fields {
        if *field == "scope" {
            approved.scope = now.scope;
            continue;
        }
        match now.attributes.get(*field) {
            Some(value) => {
                approved
                    .attributes
                    .insert((*field).to_owned(), value.clone());
            }
            None => {
                approved.attributes.remove(*field);
            }
        }
    }
    approved.name.clone_from(&now.name);
    approved.aliases.clone_from(&now.aliases);
    approved.how = now.how;
    approved.evidence.clone_from(&now.evidence);
    approved
}

/// The time of a decision.
pub(super) fn at(decision: &crate::Decision<'_>) -> i64 {
    ms(decision.at)
}

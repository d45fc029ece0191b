//! Who did what, for the audit log, in the transaction that does it.

use rusqlite::{Connection, OptionalExtension as _};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::ingest::Fold;
use crate::Decision;
use crate::audit::{Actor, ActorKind, NewEntry, Object};
use crate::sqlite::{Halt, audit};

/// The result of a look at a source.
pub(super) fn scan(fold: &Fold<'_>) -> Result<(), Halt> {
    let done = &fold.done;
    let coverage = fold.ingest.coverage;
    let entry = NewEntry {
        at: fold.ingest.at,
        actor: Actor::system("scanner"),
        action: "source.scanned".to_owned(),
        object: object("source", fold.source.number),
        detail: json!({
            "run": fold.ingest.run,
            "files": coverage.files,
            "assets": done.assets,
            "relations": done.relations,
            "findings": done.findings,
            "appeared": done.appeared,
            "changed": done.changed,
            "vanished": done.vanished,
            "opened": done.opened,
            "reopened": done.reopened,
            "fixed": done.fixed,
            "changes": done.changes,
            "contents": contents(fold)?,
        }),
    };
    audit::append(fold.db, &entry)?;
    Ok(())
}

/// SHA-256 over what the source told: what was scanned at that time can be proven later from the document itself.
fn contents(fold: &Fold<'_>) -> Result<String, Halt> {
    let mut lines = Lines::default();
    for asset in fold.ingest.assets {
        lines.add(asset)?;
    }
    for relation in fold.ingest.relations {
        lines.add(relation)?;
    }
    for finding in fold.ingest.findings {
        lines.add(finding)?;
    }
    Ok(stance_core::digest::hex(&lines.hash.finalize()))
}

/// A digest over lines of JSON, of which one at a time is kept.
#[derive(Default)]
struct Lines {
    hash: Sha256,
    line: Vec<u8>,
}

impl Lines {
    fn add(&mut self, value: &impl Serialize) -> Result<(), Halt> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, value)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        self.line.push(b'\n');
        self.hash.update(&self.line);
        Ok(())
    }
}

/// A decision of a person about some things of a kind: an entry for each of them.
pub(super) fn decided(
    db: &Connection,
    decision: &Decision<'_>,
    action: &str,
    kind: &str,
    numbers: &[i64],
    detail: &Value,
) -> Result<(), Halt> {
    let actor = actor(db, decision.actor)?;
    let entries: Vec<NewEntry> = numbers
        .iter()
        .map(|number| NewEntry {
            at: decision.at,
            actor: actor.clone(),
            action: action.to_owned(),
            object: object(kind, *number),
            detail: detail.clone(),
        })
        .collect();
    audit::append_all(db, &entries)?;
    Ok(())
}

fn object(kind: &str, number: i64) -> Object {
    Object {
        kind: kind.to_owned(),
        id: number.to_string(),
    }
}

/// The person behind an actor: a token is nobody but its owner, or four eyes would be two.
pub(super) fn person(db: &Connection, actor: &str) -> Result<String, Halt> {
    let token = actor
        .strip_prefix("token:")
        .and_then(|number| number.parse::<i64>().ok());
    let Some(token) = token else {
        return Ok(actor.to_owned());
    };
    let owner: Option<i64> = db
        .prepare_cached("SELECT owner FROM tokens WHERE id = ?1")?
        .query_row([token], |row| row.get(0))
        .optional()?;
    Ok(owner.map_or_else(|| actor.to_owned(), |owner| format!("user:{owner}")))
}

/// Who `user:7` or `token:3` is at this time.
fn actor(db: &Connection, name: &str) -> Result<Actor, Halt> {
    let (kind, sql) = match name.split_once(':') {
        Some(("user", _)) => (
            ActorKind::Person,
            "SELECT coalesce(nullif(name, ''), login) FROM users WHERE id = ?1",
        ),
        Some(("token", _)) => (ActorKind::Token, "SELECT name FROM tokens WHERE id = ?1"),
        _ => return Ok(Actor::system(name)),
    };
    let number: i64 = name
        .split_once(':')
        .and_then(|(_, number)| number.parse().ok())
        .unwrap_or_default();
    let called: Option<String> = db
        .prepare_cached(sql)?
        .query_row([number], |row| row.get(0))
        .optional()?;
    Ok(Actor {
        kind,
        id: name.to_owned(),
        name: called.unwrap_or_else(|| name.to_owned()),
    })
}

//! Interactions of which more may come.

use rusqlite::{Connection, params};
use stance_core::traffic::Seen;

use super::keep;
use crate::StoreError;
use crate::sqlite::Halt;
use crate::traffic::{BATCH, LONGEST_ID};

/// Keeps each as it is known by now.
pub(super) fn hold(db: &Connection, seen: &[Seen]) -> Result<(), Halt> {
    let mut insert = db.prepare_cached(
        "INSERT INTO interaction_waiting (id, body) VALUES (?1, ?2)
        ON CONFLICT (id) DO UPDATE SET body = excluded.body",
    )?;
    for one in seen {
        if one.id.is_empty() || one.id.len() > LONGEST_ID {
            let text = format!(
                "what names an interaction has 1 to {LONGEST_ID} bytes, not {}",
                one.id.len()
            );
            return Err(StoreError::Refused(text).into());
        }
        let body = serde_json::to_string(one)
            .map_err(|error| StoreError::Refused(format!("an interaction is no JSON: {error}")))?;
        insert.execute(params![one.id, body])?;
    }
    Ok(())
}

/// Takes out those of these ids.
pub(super) fn end(db: &Connection, ids: &[&str]) -> Result<(), Halt> {
    let mut delete = db.prepare_cached("DELETE FROM interaction_waiting WHERE id = ?1")?;
    for id in ids {
        delete.execute([id])?;
    }
    Ok(())
}

/// Keeps some of them for good; gives how many waited. One that cannot be read any more is dropped.
pub(super) fn release(db: &Connection) -> Result<usize, Halt> {
    let most = i64::try_from(BATCH).unwrap_or(i64::MAX);
    let waiting: Vec<(String, String)> = db
        .prepare_cached("SELECT id, body FROM interaction_waiting ORDER BY rowid LIMIT ?1")?
        .query_map([most], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let seen: Vec<Seen> = waiting
        .iter()
        .filter_map(|(_, body)| serde_json::from_str(body).ok())
        .collect();
    keep::keep(db, &seen)?;
    let ids: Vec<&str> = waiting.iter().map(|(id, _)| id.as_str()).collect();
    end(db, &ids)?;
    Ok(waiting.len())
}

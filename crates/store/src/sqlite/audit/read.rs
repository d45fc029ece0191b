//! Reading entries.

use rusqlite::types::ValueRef;
use rusqlite::{Row, ToSql};
use stance_govern::audit::{Entry, Stored};

use super::super::Sqlite;
use crate::audit::AuditQuery;
use crate::{Result, StoreError};

/// The columns of an entry, in the order in which [`stored`] reads them.
pub(super) const ENTRY: &str = "SELECT seq, at, actor_kind, actor_id, actor_name, action, object_kind, object_id, detail, previous,
         hash FROM audit_log";

impl Sqlite {
    pub(super) fn read_audit_entries(
        &self,
        query: &AuditQuery,
        limit: usize,
    ) -> Result<Vec<Entry>> {
        let Some(area) = query.action.as_ref().filter(|area| area.ends_with('.')) else {
            return self.read_audit_page(query, limit);
        };
        // One action at a time, each in order by its index, is quicker than sorting all of an area.
        let mut entries = Vec::new();
        for action in self.audit_actions(area)? {
            let query = AuditQuery {
                action: Some(action),
                ..query.clone()
            };
            entries.extend(self.read_audit_page(&query, limit)?);
        }
        entries.sort_by_key(|entry| entry.seq);
        if query.newest_first {
            entries.reverse();
        }
        entries.truncate(limit);
        Ok(entries)
    }

    /// The actions of an area such as `finding.`, each found by one look into the index.
    fn audit_actions(&self, area: &str) -> Result<Vec<String>> {
        // The character behind the dot.
        let end = format!("{}/", area.trim_end_matches('.'));
        self.rows(
            "WITH RECURSIVE known (action) AS (
                 SELECT min(action) FROM audit_log WHERE action >= ?1 AND action < ?2
                 UNION ALL
                 SELECT (SELECT min(action) FROM audit_log WHERE action > known.action AND action < ?2)
                 FROM known WHERE known.action IS NOT NULL
             )
             SELECT action FROM known WHERE action IS NOT NULL",
            &[&area, &end],
            |row| self.text(row, 0),
        )
    }

    fn read_audit_page(&self, query: &AuditQuery, limit: usize) -> Result<Vec<Entry>> {
        let (sql, values) = select(query, limit);
        let values: Vec<&dyn ToSql> = values.iter().map(AsRef::as_ref).collect();
        self.rows(&sql, &values, |row| {
            let stored = stored(row).map_err(|error| self.explain(error))?;
            let entry = stored.ok_or("a column has another kind of value");
            entry
                .and_then(|stored| Entry::read(&stored))
                .map_err(|reason| {
                    let seq: i64 = row.get(0).unwrap_or_default();
                    StoreError::Unreadable {
                        path: self.path.clone(),
                        what: "an entry of the audit log",
                        reason: format!("entry {seq}: {reason}; `stance audit verify` says more"),
                    }
                })
        })
    }
}

/// The statement of a query, and its values.
fn select(query: &AuditQuery, limit: usize) -> (String, Vec<Box<dyn ToSql>>) {
    let mut conditions: Vec<String> = Vec::new();
    let mut values: Vec<Box<dyn ToSql>> = Vec::new();
    let mut add = |condition: &str, value: Box<dyn ToSql>| {
        values.push(value);
        conditions.push(condition.replace('?', &format!("?{}", values.len())));
    };
    let by_equality = query.actor.is_some() || query.action.is_some() || query.object_id.is_some();
    if let Some(after) = query.after {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let condition = if query.newest_first {
            "seq < ?"
        } else {
            "seq > ?"
        };
        add(condition, Box::new(after));
    }
    if let Some(actor) = &query.actor {
        add("actor_id = ?", Box::new(actor.clone()));
    }
    if let Some(action) = &query.action {
        add("action = ?", Box::new(action.clone()));
    }
    if let Some(id) = &query.object_id {
        add("object_id = ?", Box::new(id.clone()));
    }
    if let Some(kind) = &query.object_kind {
        add("object_kind = ?", Box::new(kind.clone()));
    }
    let times = [("at >= ?", query.from), ("at < ?", query.until)];
    for (condition, at) in times {
        if let Some(at) = at {
            add(condition, Box::new(at.as_millisecond()));
        }
    }
    let sql_of = |conditions: &[String]| {
        if conditions.is_empty() {
            String::new()
        } else {
            format!(" WHERE {}", conditions.join(" AND "))
        }
    };
    let order = if query.newest_first { "DESC" } else { "ASC" };
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let wanted = sql_of(&conditions);
    let timed = query.from.is_some() || query.until.is_some();
    let sql = if timed && !by_equality {
        // The index on times alone answers which entries these are; reading each of them to find out takes long.
        format!(
            "{ENTRY} WHERE seq IN (SELECT seq FROM audit_log INDEXED BY audit_log_by_time{wanted} ORDER BY seq {order} \
             LIMIT {limit}) ORDER BY seq {order}"
        )
    } else {
        format!("{ENTRY}{wanted} ORDER BY seq {order} LIMIT {limit}")
    };
    (sql, values)
}

/// The columns of an entry; `None` when one has another kind of value than was written.
pub(super) fn stored<'r>(row: &'r Row<'_>) -> rusqlite::Result<Option<Stored<'r>>> {
    let text = |index: usize| -> rusqlite::Result<Option<&'r str>> {
        Ok(match row.get_ref(index)? {
            ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        })
    };
    let bytes = |index: usize| -> rusqlite::Result<Option<&'r [u8]>> {
        Ok(match row.get_ref(index)? {
            ValueRef::Blob(bytes) => Some(bytes),
            _ => None,
        })
    };
    let whole = |index: usize| -> rusqlite::Result<Option<i64>> {
        Ok(match row.get_ref(index)? {
            ValueRef::Integer(number) => Some(number),
            _ => None,
        })
    };
    let columns = (
        (whole(0)?, whole(1)?),
        (text(2)?, text(3)?, text(4)?, text(5)?),
        (text(6)?, text(7)?, text(8)?),
        (bytes(9)?, bytes(10)?),
    );
    let (
        (Some(seq), Some(at)),
        (Some(actor_kind), Some(actor_id), Some(actor_name), Some(action)),
        (Some(object_kind), Some(object_id), Some(detail)),
        (Some(previous), Some(hash)),
    ) = columns
    else {
        return Ok(None);
    };
    Ok(u64::try_from(seq).ok().map(|seq| Stored {
        seq,
        at,
        actor_kind,
        actor_id,
        actor_name,
        action,
        object_kind,
        object_id,
        detail,
        previous,
        hash,
    }))
}

//! Findings in groups.

use std::collections::HashMap;

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params};

use super::finding_list::{conditions, halves};
use super::lists;
use super::row::{count, get, severity_number};
use crate::sqlite::{Halt, budget};
use crate::{FindingGroup, FindingGroups, FindingQuery, GroupBy};

/// Findings that are put together one by one where a filter leaves no other way; of more, the first ones by their
/// numbers, and the answer says so.
const MOST: u64 = 10_000;

/// Steps that this may take.
const WORK: i64 = 250_000;

pub(super) fn groups(
    db: &Connection,
    by: GroupBy,
    query: &FindingQuery,
    most: usize,
) -> Result<FindingGroups, Halt> {
    let plain = FindingQuery {
        severities: query.severities.clone(),
        sort: query.sort,
        ..FindingQuery::default()
    };
    let groups = match by {
        _ if *query != plain => return counted(db, by, query, most),
        GroupBy::Asset => assets(db, query, most)?,
        GroupBy::Rule => kept(db, "rule", query, most)?,
        GroupBy::Owner => kept(db, "owner", query, most)?,
        GroupBy::Fix => kept(db, "fix", query, most)?,
    };
    Ok(FindingGroups {
        groups: titled(db, by, groups)?,
        complete: true,
    })
}

/// From the sums that triggers keep.
fn kept(
    db: &Connection,
    dimension: &str,
    query: &FindingQuery,
    most: usize,
) -> Result<Vec<FindingGroup>, Halt> {
    let sql = format!(
        "SELECT key, key AS title,
             sum(findings * (severity = 4)), sum(findings * (severity = 3)), sum(findings * (severity = 2)),
             sum(findings * (severity = 1)), sum(findings * (severity = 0)), sum(gives_back)
         FROM finding_group WHERE dimension = ?1 AND findings > 0 {} GROUP BY key
         ORDER BY 3 DESC, 4 DESC, 5 DESC, 6 DESC, 7 DESC, 1 LIMIT ?2",
        severities(query, "AND severity IN")
    );
    let mut statement = db.prepare_cached(&sql)?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![dimension, most], group)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// From the counts that each asset keeps; what only has informative findings is not among them.
fn assets(db: &Connection, query: &FindingQuery, most: usize) -> Result<Vec<FindingGroup>, Halt> {
    let with = |number: i64| {
        query.severities.is_empty()
            || query
                .severities
                .iter()
                .any(|it| severity_number(*it) == number)
    };
    let column = |number: i64, name: &'static str| if with(number) { name } else { "0" };
    let some: Vec<&str> = [(4, "critical"), (3, "high"), (2, "medium"), (1, "low")]
        .into_iter()
        .filter(|(number, _)| with(*number))
        .map(|(_, name)| name)
        .collect();
    if some.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT id, name, {}, {}, {}, {}, 0, risk FROM asset
         WHERE present AND critical + high + medium + low > 0 AND {} > 0
         ORDER BY critical DESC, high DESC, medium DESC, low DESC, id LIMIT ?1",
        column(4, "critical"),
        column(3, "high"),
        column(2, "medium"),
        column(1, "low"),
        some.join(" + "),
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map([i64::try_from(most).unwrap_or(i64::MAX)], group)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// One by one, for filters that no sum is kept for.
fn counted(
    db: &Connection,
    by: GroupBy,
    query: &FindingQuery,
    most: usize,
) -> Result<FindingGroups, Halt> {
    let key = match by {
        GroupBy::Rule => "rule",
        GroupBy::Asset => "asset",
        GroupBy::Owner => "coalesce(owner, '')",
        GroupBy::Fix => "fix",
    };
    let columns = format!("{key}, severity, gives_back");
    let mut groups: HashMap<String, FindingGroup> = HashMap::new();
    let mut found = 0;
    let mut complete = true;
    for half in halves(query.states) {
        let conditions = conditions(db, query, half)?;
        let way = conditions.way(db, "finding")?;
        let done = budget::within(WORK, || {
            lists::walk(db, "finding", &columns, &conditions, way, MOST + 1, |row| {
                found += 1;
                if found > MOST {
                    return Ok(());
                }
                let key = text(row.get(0)?);
                let group = groups.entry(key).or_insert_with_key(|key| FindingGroup {
                    key: key.clone(),
                    title: key.clone(),
                    counts: [0; 5],
                    gives_back: 0,
                });
                let severity: i64 = row.get(1)?;
                let place = usize::try_from(4 - severity).ok();
                if let Some(count) = place.and_then(|place| group.counts.get_mut(place)) {
                    *count += 1;
                }
                group.gives_back += row.get::<_, i64>(2)?;
                Ok(())
            })
        })?;
        complete &= done.is_some() && found <= MOST;
    }
    let mut groups: Vec<FindingGroup> = groups.into_values().collect();
    groups.sort_by(|a, b| b.counts.cmp(&a.counts).then_with(|| a.key.cmp(&b.key)));
    groups.truncate(most);
    Ok(FindingGroups {
        groups: titled(db, by, groups)?,
        complete,
    })
}

fn severities(query: &FindingQuery, operator: &str) -> String {
    if query.severities.is_empty() {
        return String::new();
    }
    let numbers: Vec<String> = query
        .severities
        .iter()
        .map(|it| severity_number(*it).to_string())
        .collect();
    format!("{operator} ({})", numbers.join(", "))
}

/// A key as text.
fn text(value: Value) -> String {
    match value {
        Value::Integer(number) => number.to_string(),
        Value::Text(text) => text,
        _ => String::new(),
    }
}

fn group(row: &Row<'_>) -> rusqlite::Result<FindingGroup> {
    let mut counts = [0; 5];
    for (place, of) in counts.iter_mut().enumerate() {
        *of = count(row, place + 2)?;
    }
    Ok(FindingGroup {
        key: text(row.get(0)?),
        title: text(row.get(1)?),
        counts,
        gives_back: row.get(7)?,
    })
}

/// Keys that say nothing to people get words.
fn titled(
    db: &Connection,
    by: GroupBy,
    mut groups: Vec<FindingGroup>,
) -> Result<Vec<FindingGroup>, Halt> {
    let sql = match by {
        GroupBy::Rule | GroupBy::Owner => return Ok(groups),
        GroupBy::Asset => "SELECT name AS title FROM asset WHERE id = ?1",
        GroupBy::Fix => {
            "SELECT coalesce(body ->> '$.fix', rule) AS title FROM finding WHERE fix = ?1 AND counts
             ORDER BY rank DESC LIMIT 1"
        }
    };
    let mut find = db.prepare_cached(sql)?;
    for group in &mut groups {
        let mut rows = find.query([&group.key])?;
        if let Some(row) = rows.next()? {
            group.title = get(row, "title")?;
        }
    }
    Ok(groups)
}

//! Findings in groups.

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params, params_from_iter};

use super::finding_list::conditions;
use super::row::{count, get, severity_number};
use crate::sqlite::Halt;
use crate::{FindingGroup, FindingGroups, FindingQuery, GroupBy};

/// Findings that are put together one by one where a filter leaves no other way; of more, the first ones by their
/// numbers, and the answer says so.
const MOST: usize = 20_000;

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
    let conditions = conditions(db, query)?;
    let key = match by {
        GroupBy::Rule => "rule",
        GroupBy::Asset => "asset",
        GroupBy::Owner => "coalesce(owner, '')",
        GroupBy::Fix => "fix",
    };
    let found = super::lists::count(db, "finding", &conditions, MOST as u64 + 1)?;
    let sql = format!(
        "SELECT {key} AS key, max({key}) AS title,
             sum(severity = 4), sum(severity = 3), sum(severity = 2), sum(severity = 1), sum(severity = 0),
             sum(gives_back)
         FROM (SELECT * FROM finding {} LIMIT {MOST}) GROUP BY 1
         ORDER BY 3 DESC, 4 DESC, 5 DESC, 6 DESC, 7 DESC, 1 LIMIT {most}",
        conditions.sql()
    );
    let mut statement = db.prepare_cached(&sql)?;
    let groups = statement
        .query_map(params_from_iter(conditions.values()), group)?
        .collect::<Result<_, _>>()?;
    Ok(FindingGroups {
        groups: titled(db, by, groups)?,
        complete: found <= MOST as u64,
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

fn group(row: &Row<'_>) -> rusqlite::Result<FindingGroup> {
    let text = |value: Value| match value {
        Value::Integer(number) => number.to_string(),
        Value::Text(text) => text,
        _ => String::new(),
    };
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

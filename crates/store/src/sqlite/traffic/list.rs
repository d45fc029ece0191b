//! Lists of interactions.
//!
//! Every index gives its rows in the order of time, so that a slice of a list is read where it begins and never sorted.
//! Of several filters the rarest leads, and its rows are looked at one by one for the others, up to a bound.

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params};
use stance_core::traffic::Action;

use super::find::{action, count, teller};
use super::names::{self, Names};
use super::{bytes_of_hex, digest, id_text, key_of, millis_of};
use crate::Counted;
use crate::sqlite::Halt;
use crate::traffic::{By, LONGEST_ID, SeenFilter, SeenQuery, SeenRow, SeenSlice};

/// Most rows that are looked at for one slice: a tenth of a second.
const LOOKED: usize = 30_000;

/// As far is counted to learn which filter is the rarest.
const COUNTED: i64 = 5_000;

/// Most ids of one beginning.
const ALIKE: i64 = 1_000;

/// By what rows are found; what it does not say is asked of each of them.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Lead {
    /// The table itself.
    Time,
    /// An index over a column, which has a value.
    Column(&'static str, i64),
    /// An index over the rows of which something is true.
    Flag(&'static str, &'static str),
    /// A table of pairs, `interaction_…` after its column, in which it has a value.
    Listed(&'static str, i64),
    /// These keys.
    Keys(Vec<i64>),
}

impl Lead {
    /// What rows are read from, the name of the key there, and the condition.
    fn source(&self) -> (String, &'static str, String) {
        match self {
            Self::Time => ("interaction AS i".to_owned(), "i.key", "1".to_owned()),
            Self::Column(column, value) => (
                format!("interaction AS i INDEXED BY interaction_{column}"),
                "i.key",
                // The index over tellers leaves out the first one.
                match *column {
                    "teller" => format!("i.teller = {value} AND i.teller > 0"),
                    _ => format!("i.{column} = {value}"),
                },
            ),
            Self::Flag(index, condition) => (
                format!("interaction AS i INDEXED BY interaction_{index}"),
                "i.key",
                format!("i.{condition}"),
            ),
            Self::Listed(column, value) => (
                format!("interaction_{column} AS l CROSS JOIN interaction AS i ON i.key = l.key"),
                "l.key",
                format!("l.{column} = {value}"),
            ),
            Self::Keys(_) => ("interaction AS i".to_owned(), "i.key", self.condition()),
        }
    }

    /// What it means for a row that was found otherwise.
    fn condition(&self) -> String {
        match self {
            Self::Time => "1".to_owned(),
            Self::Column(column, value) => format!("i.{column} = {value}"),
            Self::Flag(_, condition) => format!("i.{condition}"),
            Self::Listed(column, value) => format!(
                "EXISTS (SELECT 1 FROM interaction_{column} AS l WHERE l.{column} = {value} AND l.key = i.key)"
            ),
            Self::Keys(keys) => {
                let keys: Vec<String> = keys.iter().map(i64::to_string).collect();
                format!("i.key IN ({})", keys.join(", "))
            }
        }
    }
}

/// Keys that are meant: from the first, up to before the last.
type Keys = (i64, i64);

/// Some interactions, the newest first.
pub(super) fn slice(db: &Connection, query: &SeenQuery) -> Result<SeenSlice, Halt> {
    let keys = keys_of(query);
    let Some(Leads { leads, asked }) = leads(db, &query.filter)? else {
        return Ok(SeenSlice::default());
    };
    let (lead, others) = rarest(db, leads, keys)?;
    let mut fits: Vec<String> = others.iter().map(Lead::condition).collect();
    fits.extend(asked);
    if fits.is_empty() {
        fits.push("1".to_owned());
    }
    let (from, key, condition) = lead.source();
    // What is not known fits nothing.
    let sql = format!(
        "SELECT {COLUMNS}, ({}) IS TRUE FROM {from} WHERE {condition} AND {key} >= ?1 AND {key} < ?2 ORDER BY {key} DESC",
        fits.join(" AND ")
    );
    read(db, &sql, keys, query.limit.clamp(1, SeenQuery::MOST))
}

/// How many fit, up to `most`, or as many as there are among those that are looked at.
pub(super) fn count_seen(db: &Connection, filter: &SeenFilter, most: u64) -> Result<Counted, Halt> {
    let keys = span_of(filter);
    let Some(Leads { leads, asked }) = leads(db, filter)? else {
        return Ok(Counted::default());
    };
    let (lead, others) = rarest(db, leads, keys)?;
    let mut fits: Vec<String> = others.iter().map(Lead::condition).collect();
    fits.extend(asked);
    if fits.is_empty() {
        fits.push("1".to_owned());
    }
    let (from, key, condition) = lead.source();
    let sql = format!(
        "SELECT count(*), coalesce(sum(fits), 0) FROM (SELECT ({}) IS TRUE AS fits FROM {from}
         WHERE {condition} AND {key} >= ?1 AND {key} < ?2 ORDER BY {key} DESC LIMIT ?3)",
        fits.join(" AND ")
    );
    let limit = i64::try_from(LOOKED).unwrap_or(i64::MAX);
    let (looked, found): (i64, i64) = db
        .prepare(&sql)?
        .query_row(params![keys.0, keys.1, limit], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let found = found.unsigned_abs();
    Ok(Counted {
        count: found.min(most),
        more: found > most || looked >= limit,
    })
}

fn span_of(filter: &SeenFilter) -> Keys {
    let key = |at: Timestamp| key_of(at.as_millisecond());
    (filter.from.map_or(0, key), filter.to.map_or(i64::MAX, key))
}

fn keys_of(query: &SeenQuery) -> Keys {
    let (from, to) = span_of(&query.filter);
    (from, query.after.map_or(to, |after| after.min(to)))
}

/// What a filter says.
struct Leads {
    /// What can lead.
    leads: Vec<Lead>,
    /// What can only be asked of each row.
    asked: Vec<String>,
}

/// What a filter says; nothing when no interaction can fit.
fn leads(db: &Connection, filter: &SeenFilter) -> Result<Option<Leads>, Halt> {
    let mut leads = Vec::new();
    let named = [
        (By::Rule, &filter.rule),
        (By::Tool, &filter.tool),
        (By::Identity, &filter.identity),
        (By::Model, &filter.model),
        (By::Place, &filter.place),
        (By::Operation, &filter.operation),
    ];
    for (by, name) in named {
        let Some(name) = name else { continue };
        let Some(number) = names::number(db, by, name)? else {
            return Ok(None);
        };
        leads.push(match by {
            By::Rule | By::Tool => Lead::Listed(by.name(), number),
            _ => Lead::Column(by.name(), number),
        });
    }
    let texts = [
        ("session", &filter.session),
        ("trace", &filter.trace),
        ("answer", &filter.answer),
    ];
    for (column, text) in texts {
        leads.extend(
            text.as_deref()
                .map(|text| Lead::Column(column, digest(text))),
        );
    }
    if let Some(beginning) = &filter.id {
        leads.push(Lead::Keys(alike(db, beginning)?));
    }
    if filter.unjudged {
        leads.push(Lead::Flag("unjudged", "unjudged > 0"));
    }
    if filter.failed {
        leads.push(Lead::Flag("failed", "failed = 1"));
    }
    let mut asked = Vec::new();
    match filter.teller.map(super::keep::teller) {
        Some(0) => asked.push("i.teller = 0".to_owned()),
        Some(teller) => leads.push(Lead::Column("teller", teller)),
        None => {}
    }
    decided(&filter.decisions, &mut leads, &mut asked);
    Ok(Some(Leads { leads, asked }))
}

fn decided(decisions: &[Action], leads: &mut Vec<Lead>, asked: &mut Vec<String>) {
    let Some(mildest) = decisions.iter().min() else {
        return;
    };
    match mildest {
        Action::Allow => {}
        Action::Flag | Action::Redact => leads.push(Lead::Flag("decided", "decision > 0")),
        Action::Ask | Action::Block => leads.push(Lead::Flag("stopped", "decision > 2")),
    }
    let numbers: Vec<String> = decisions
        .iter()
        .map(|action| (*action as i64).to_string())
        .collect();
    asked.push(format!("i.decision IN ({})", numbers.join(", ")));
}

/// Keys of the interactions whose ids begin alike.
fn alike(db: &Connection, beginning: &str) -> Result<Vec<i64>, Halt> {
    let mut statement =
        db.prepare_cached("SELECT key FROM interaction WHERE id >= ?1 AND id <= ?2 LIMIT ?3")?;
    let mut keys = Vec::new();
    let text = (
        Value::Text(beginning.to_owned()),
        Value::Text(format!("{beginning}{}", char::MAX)),
    );
    for (first, last) in [Some(text), hexadecimal(beginning)].into_iter().flatten() {
        let found = statement.query_map(params![first, last, ALIKE], |row| row.get(0))?;
        for key in found {
            keys.push(key?);
        }
    }
    Ok(keys)
}

/// The first and the last id in hexadecimal that begin so.
fn hexadecimal(beginning: &str) -> Option<(Value, Value)> {
    if beginning.len() > LONGEST_ID {
        return None;
    }
    let odd = if beginning.len() % 2 == 1 { "0" } else { "" };
    let first = bytes_of_hex(&format!("{beginning}{odd}"))?;
    let rest = "f".repeat(LONGEST_ID + LONGEST_ID % 2 - beginning.len());
    let last = bytes_of_hex(&format!("{beginning}{rest}"))?;
    Some((Value::Blob(first), Value::Blob(last)))
}

/// The one of which there are fewest, and the rest.
fn rarest(db: &Connection, mut leads: Vec<Lead>, keys: Keys) -> Result<(Lead, Vec<Lead>), Halt> {
    let mut best = (0, i64::MAX);
    if leads.len() > 1 {
        for (place, lead) in leads.iter().enumerate() {
            let (from, key, condition) = match lead {
                // The pairs alone say it.
                Lead::Listed(column, value) => (
                    format!("interaction_{column} AS l"),
                    "l.key",
                    format!("l.{column} = {value}"),
                ),
                _ => lead.source(),
            };
            let sql = format!(
                "SELECT count(*) FROM (SELECT 1 FROM {from} WHERE {condition} AND {key} >= ?1 AND {key} < ?2 LIMIT ?3)"
            );
            let count: i64 =
                db.query_row(&sql, params![keys.0, keys.1, COUNTED], |row| row.get(0))?;
            if count < best.1 {
                best = (place, count);
            }
        }
    }
    if leads.is_empty() {
        return Ok((Lead::Time, leads));
    }
    let lead = leads.remove(best.0);
    Ok((lead, leads))
}

const COLUMNS: &str =
    "i.key, i.id, i.teller, i.decision, i.place, i.operation, i.identity, i.model, i.rule, i.calls, i.unjudged,
    i.status, i.failed, i.tokens_in, i.tokens_out, i.cost, i.total_us, i.judging_us";

/// Reads rows that fit until there are enough, or enough was looked at.
fn read(db: &Connection, sql: &str, keys: Keys, limit: usize) -> Result<SeenSlice, Halt> {
    let mut statement = db.prepare(sql)?;
    let mut found = statement.query(params![keys.0, keys.1])?;
    let mut names = Names::default();
    let mut slice = SeenSlice::default();
    let mut looked = 0;
    while let Some(row) = found.next()? {
        let key: i64 = row.get(0)?;
        if row.get(18)? {
            if slice.rows.len() == limit {
                slice.next = slice.rows.last().map(|row| row.key);
                return Ok(slice);
            }
            slice.rows.push(seen_row(db, row, key, &mut names)?);
        }
        looked += 1;
        if looked >= LOOKED {
            slice.next = Some(key);
            slice.looked = Timestamp::from_millisecond(millis_of(key)).ok();
            return Ok(slice);
        }
    }
    Ok(slice)
}

fn seen_row(db: &Connection, row: &Row<'_>, key: i64, names: &mut Names) -> Result<SeenRow, Halt> {
    Ok(SeenRow {
        key,
        id: id_text(row.get(1)?),
        at: Timestamp::from_millisecond(millis_of(key)).unwrap_or_default(),
        teller: teller(row.get(2)?),
        decision: action(row.get(3)?),
        place: names.of(db, row.get(4)?)?,
        operation: names.of(db, row.get(5)?)?,
        identity: names.of(db, row.get(6)?)?,
        model: names.of(db, row.get(7)?)?,
        rule: names.of(db, row.get(8)?)?,
        calls: count(row, 9)?.unwrap_or_default(),
        unjudged: count(row, 10)?.unwrap_or_default(),
        status: row.get(11)?,
        failed: row.get(12)?,
        tokens_in: count(row, 13)?,
        tokens_out: count(row, 14)?,
        cost: count(row, 15)?,
        total_us: count(row, 16)?,
        judging_us: count(row, 17)?,
    })
}

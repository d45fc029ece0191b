//! Lists by filter and place: the conditions of a query, put together.

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use crate::estate::Key;
use crate::sqlite::Halt;
use crate::{Position, Slice, Window};

/// Search finds this many rows by its index; where there are more, the list is walked in its own order instead, in
/// which such a common text turns up soon.
const RARE: i64 = 2_000;

/// Longest search text in characters; the rest is left out.
const TEXT: usize = 200;

/// What the rows of a list have to fulfil.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    clauses: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// One more condition; `?` in it stands for the values, in order.
    pub(super) fn add(
        &mut self,
        clause: impl Into<String>,
        values: impl IntoIterator<Item = Value>,
    ) {
        self.clauses.push(clause.into());
        self.values.extend(values);
    }

    /// The column is one of some words; no condition when there are none.
    pub(super) fn one_of(&mut self, column: &str, words: impl IntoIterator<Item = Value>) {
        let words: Vec<Value> = words.into_iter().collect();
        if words.is_empty() {
            return;
        }
        let marks = vec!["?"; words.len()].join(", ");
        self.add(format!("{column} IN ({marks})"), words);
    }

    /// The column has this word; with an empty one, it has none.
    pub(super) fn word_or_none(&mut self, column: &str, word: Option<&String>) {
        match word.map(String::as_str) {
            None => {}
            Some("") => self.add(format!("{column} IS NULL"), []),
            Some(word) => self.add(format!("{column} = ?"), [word.to_owned().into()]),
        }
    }

    /// One of the columns holds the text, in any case.
    pub(super) fn text(
        &mut self,
        db: &Connection,
        index: &str,
        row: &str,
        columns: &[&str],
        text: &str,
    ) -> Result<(), Halt> {
        let text: String = text.trim().chars().take(TEXT).collect();
        if text.is_empty() {
            return Ok(());
        }
        if let Some(found) = trigrams(&text) {
            let count: i64 = db
                .prepare_cached(&format!(
                    "SELECT count(*) FROM (SELECT 1 FROM {index} WHERE {index} MATCH ?1 LIMIT ?2)"
                ))?
                .query_row((&found, RARE + 1), |row| row.get(0))?;
            if count <= RARE {
                self.add(
                    format!("{row} IN (SELECT rowid FROM {index} WHERE {index} MATCH ?)"),
                    [found.into()],
                );
            }
        }
        let holds: Vec<String> = columns
            .iter()
            .map(|column| format!("instr(lower({column}), ?) > 0"))
            .collect();
        let lower = text.to_lowercase();
        self.add(
            format!("({})", holds.join(" OR ")),
            columns.iter().map(|_| Value::from(lower.clone())),
        );
        Ok(())
    }

    /// `WHERE …`, and its values.
    pub(super) fn sql(&self) -> String {
        if self.clauses.is_empty() {
            return String::new();
        }
        format!("WHERE {}", self.clauses.join(" AND "))
    }

    pub(super) fn values(&self) -> &[Value] {
        &self.values
    }
}

/// All trigrams of a text as a query of the full-text index: rows that hold the text hold all of them. `None` for texts
/// too short to have one.
fn trigrams(text: &str) -> Option<String> {
    let characters: Vec<char> = text.chars().collect();
    let mut grams: Vec<String> = characters
        .windows(3)
        // It would end the query in the middle of a word; no row holds one.
        .filter(|gram| !gram.contains(&'\0'))
        .map(|gram| {
            let gram: String = gram.iter().collect();
            format!("\"{}\"", gram.replace('"', "\"\""))
        })
        .collect();
    grams.dedup();
    grams.truncate(16);
    (!grams.is_empty()).then(|| grams.join(" AND "))
}

/// What a list is sorted by: a column, and whether it falls.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    pub(super) column: &'static str,
    pub(super) collation: &'static str,
    pub(super) falls: bool,
    /// Whether the numbers of equal rows fall too.
    pub(super) number_falls: bool,
}

/// One slice of the rows that `select` gives under the conditions. `number` is the column that tells rows apart.
#[expect(
    clippy::too_many_arguments,
    reason = "what to select, in which order, from where on, and how a row becomes a value"
)]
pub(super) fn slice<T>(
    db: &Connection,
    select: &str,
    conditions: &mut Conditions,
    order: Order,
    number: &str,
    window: &Window,
    mut make: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    place: impl Fn(&T) -> Position,
) -> Result<Slice<T>, Halt> {
    let Order {
        column,
        collation,
        falls,
        number_falls,
    } = order;
    if let Some(after) = &window.after {
        let value = match &after.value {
            Key::Number(value) => Value::from(*value),
            Key::Text(text) => Value::from(text.clone()),
        };
        let further = if falls { "<" } else { ">" };
        let behind = if number_falls { "<" } else { ">" };
        // As a range of the index first, then exactly.
        conditions.add(
            format!(
                "{column} {further}= ? {collation} AND ({column} {further} ? {collation} OR {number} {behind} ?)"
            ),
            [value.clone(), value, Value::from(after.number)],
        );
    }
    let limit = window.bounded();
    let direction = if falls { "DESC" } else { "ASC" };
    let number_direction = if number_falls { "DESC" } else { "ASC" };
    let sql = format!(
        "{select} {} ORDER BY {column} {collation} {direction}, {number} {number_direction} LIMIT {}",
        conditions.sql(),
        limit + 1
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows: Vec<T> = statement
        .query_map(params_from_iter(conditions.values()), |row| make(row))?
        .collect::<Result<_, _>>()?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(place);
    Ok(Slice { rows, next })
}

/// How many rows there are, counted up to `most`.
pub(super) fn count(
    db: &Connection,
    from: &str,
    conditions: &Conditions,
    most: u64,
) -> Result<u64, Halt> {
    let sql = format!(
        "SELECT count(*) FROM (SELECT 1 FROM {from} {} LIMIT {most})",
        conditions.sql()
    );
    let count: i64 = db
        .prepare_cached(&sql)?
        .query_row(params_from_iter(conditions.values()), |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or_default())
}

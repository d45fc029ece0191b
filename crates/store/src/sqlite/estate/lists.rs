//! Lists by filter and place: one slice of a list, and how long the whole of it is.
//!
//! No index serves every filter in every order. Rows are either found by the index of a filter and sorted, which is
//! quick when they are few, or met in the order of the list, which is quick when they are many. Which it is depends on
//! the data, so both are tried with a budget before one of them is done to its end.

use rusqlite::{Connection, Row, params_from_iter};

use super::conditions::{Conditions, Way};
use crate::estate::Key;
use crate::sqlite::{Halt, budget};
use crate::{Counted, Position, Slice, StoreError, Window};

/// Steps that finding rows by an index may take before they are looked for in order, and then that. A step is about
/// 50 ns, and a row takes ten.
const BY_INDEX: i64 = 100_000;
const IN_ORDER: i64 = 250_000;

/// Steps that a search for a text may take which is too short for the index of texts.
const SHORT: i64 = 1_000_000;

/// Steps that counting may take.
const COUNTING: i64 = 150_000;

/// What a list is made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table {
    /// Its table, which conditions and order speak of.
    pub(super) name: &'static str,
    /// The column that tells its rows apart.
    pub(super) number: &'static str,
    /// The columns of a row, and what has to be joined for them.
    pub(super) columns: &'static str,
    pub(super) joined: &'static str,
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

/// One slice of the rows of a table under the conditions.
pub(super) fn slice<T>(
    db: &Connection,
    table: Table,
    conditions: &Conditions,
    order: Order,
    window: &Window,
    make: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    place: impl Fn(&T) -> Position,
) -> Result<Slice<T>, Halt> {
    let conditions = behind(conditions, table, order, window);
    let limit = window.bounded();
    let read = |way: Way| -> Result<Vec<T>, Halt> {
        let (filter, values) = conditions.sql(way);
        let sort = sorted(table, order);
        // The rows that are wanted first, by number alone: what is sorted is small.
        let sql = format!(
            "SELECT {} FROM (SELECT {} AS picked FROM {} {filter} {sort} LIMIT {}) CROSS JOIN {} ON {} = picked {} {sort}",
            table.columns,
            table.number,
            table.name,
            limit + 1,
            table.name,
            table.number,
            table.joined,
        );
        let mut statement = db.prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(values), |row| make(row))?;
        Ok(rows.collect::<Result<_, _>>()?)
    };
    let mut rows = first(db, table.name, &conditions, read)?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(place);
    Ok(Slice { rows, next })
}

/// The first way that does it.
fn first<T>(
    db: &Connection,
    table: &str,
    conditions: &Conditions,
    read: impl Fn(Way) -> Result<T, Halt>,
) -> Result<T, Halt> {
    if conditions.is_plain() {
        return read(Way::ByIndex);
    }
    if let Some(rare) = conditions.rare(db, table)? {
        return read(Way::By(rare));
    }
    let by_index = (Way::ByIndex, BY_INDEX);
    let in_order = (Way::InOrder, IN_ORDER);
    let ways = match conditions.is_common_text() {
        // Its index would give too many.
        true => vec![in_order],
        false if conditions.is_short_text() => vec![by_index, (Way::InOrder, SHORT)],
        false => vec![by_index, in_order],
    };
    for (way, steps) in ways {
        if let Some(done) = budget::within(steps, || read(way))? {
            return Ok(done);
        }
    }
    if conditions.is_short_text() {
        return Err(StoreError::ShortText.into());
    }
    read(Way::ByIndex)
}

/// The conditions of a slice that begins behind a place.
fn behind(conditions: &Conditions, table: Table, order: Order, window: &Window) -> Conditions {
    let mut conditions = conditions.clone();
    if let Some(after) = &window.after {
        let value = match &after.value {
            Key::Number(value) => rusqlite::types::Value::from(*value),
            Key::Text(text) => rusqlite::types::Value::from(text.clone()),
        };
        let Order {
            column, collation, ..
        } = order;
        let further = if order.falls { "<" } else { ">" };
        let beyond = if order.number_falls { "<" } else { ">" };
        // As a range of the index first, then exactly.
        conditions.literal(
            format!(
                "{column} {further}= ? {collation} AND ({column} {further} ? {collation} OR {} {beyond} ?)",
                table.number
            ),
            [value.clone(), value, after.number.into()],
        );
    }
    conditions
}

fn sorted(table: Table, order: Order) -> String {
    let direction = |falls| if falls { "DESC" } else { "ASC" };
    format!(
        "ORDER BY {} {} {}, {} {}",
        order.column,
        order.collation,
        direction(order.falls),
        table.number,
        direction(order.number_falls)
    )
}

/// How many rows there are, counted up to `most` and no longer than the budget of a count.
pub(super) fn count(
    db: &Connection,
    table: &str,
    conditions: &Conditions,
    most: u64,
) -> Result<Counted, Halt> {
    let way = conditions
        .rare(db, table)?
        .map_or(Way::ByIndex, Way::By);
    let mut count = 0;
    let counted = budget::within(COUNTING, || {
        walk(db, table, "1", conditions, way, most.saturating_add(1), |_| {
            count += 1;
            Ok(())
        })
    })?;
    Ok(Counted {
        count: count.min(most),
        more: counted.is_none() || count > most,
    })
}

/// Goes through rows in any order, at most so many.
pub(super) fn walk(
    db: &Connection,
    table: &str,
    columns: &str,
    conditions: &Conditions,
    way: Way,
    most: u64,
    mut see: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
) -> Result<(), Halt> {
    let (filter, values) = conditions.sql(way);
    let sql = format!("SELECT {columns} FROM {table} {filter} LIMIT {most}");
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    while let Some(row) = rows.next()? {
        see(row)?;
    }
    Ok(())
}

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

/// Steps that one way may take before the other is tried: little first, which is enough for most lists. A step is
/// somewhat below 100 ns, and a row takes about ten.
const LITTLE: i64 = 40_000;
const MUCH: i64 = 400_000;

/// Steps that a search for a text may take which is too short for the index of texts.
const SHORT: i64 = 300_000;

/// Steps that may be spent on meeting rows with a common text in the order of the list.
const COMMON: i64 = 120_000;

/// Steps that counting may take.
const COUNTING: i64 = 100_000;

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
    let sort = sorted(table, order);
    let pick = |filter: &str| {
        format!(
            "SELECT {} AS picked FROM {} {filter} {sort} LIMIT {}",
            table.number,
            table.name,
            limit + 1,
        )
    };
    let read = |way: Way| -> Result<Vec<T>, Halt> {
        let (filter, values) = conditions.sql(way);
        // The rows that are wanted first, by number alone: what is sorted is small.
        let sql = format!(
            "SELECT {} FROM ({}) CROSS JOIN {} ON {} = picked {} {sort}",
            table.columns,
            pick(&filter),
            table.name,
            table.number,
            table.joined,
        );
        let mut statement = db.prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(values), |row| make(row))?;
        Ok(rows.collect::<Result<_, _>>()?)
    };
    // No index may serve the filter better than the order does.
    let is_same = || -> Result<bool, Halt> {
        let plan = |way: Way| plan(db, &pick(&conditions.sql(way).0));
        Ok(plan(Way::ByIndex)? == plan(Way::InOrder)?)
    };
    let mut rows = first(db, table.name, &conditions, is_same, read)?;
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
    is_same: impl Fn() -> Result<bool, Halt>,
    read: impl Fn(Way) -> Result<T, Halt>,
) -> Result<T, Halt> {
    if conditions.is_plain() {
        return read(Way::ByIndex);
    }
    if let Some(rare) = conditions.rare(db, table)? {
        return read(Way::By(rare));
    }
    let ways: &[(Way, i64)] = if conditions.is_short_text() {
        &[(Way::InOrder, SHORT)]
    } else if conditions.is_common_text() {
        // Its index gives many; sorting them costs less than meeting too many others.
        &[(Way::InOrder, COMMON)]
    } else if is_same()? {
        &[]
    } else {
        &[
            (Way::ByIndex, LITTLE),
            (Way::InOrder, LITTLE),
            (Way::ByIndex, MUCH),
            (Way::InOrder, MUCH),
        ]
    };
    for (way, steps) in ways {
        if let Some(done) = budget::within(*steps, || read(*way))? {
            return Ok(done);
        }
    }
    if conditions.is_short_text() {
        return Err(StoreError::ShortText.into());
    }
    read(Way::ByIndex)
}

/// How the database would find the rows of a query.
fn plan(db: &Connection, sql: &str) -> Result<Vec<String>, Halt> {
    let mut statement = db.prepare_cached(&format!("EXPLAIN QUERY PLAN {sql}"))?;
    // What is not bound is null, which is all the same to a plan.
    let rows = statement.raw_query();
    Ok(rows
        .mapped(|row| row.get("detail"))
        .collect::<Result<_, _>>()?)
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
    let way = conditions.way(db, table)?;
    let mut count = 0;
    let counted = budget::within(COUNTING, || {
        walk(
            db,
            table,
            "1",
            conditions,
            way,
            most.saturating_add(1),
            |_| {
                count += 1;
                Ok(())
            },
        )
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

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: Table = Table {
        name: "thing",
        number: "thing.id",
        columns: "thing.id, thing.risk",
        joined: "",
    };

    const BY_RISK: Order = Order {
        column: "risk",
        collation: "",
        falls: true,
        number_falls: false,
    };

    fn things() -> Connection {
        let mut db = Connection::open_in_memory().unwrap();
        budget::keep(&mut db).unwrap();
        db.execute_batch(
            "CREATE TABLE thing (id INTEGER PRIMARY KEY, kind TEXT, owner TEXT, risk INTEGER) STRICT;
             CREATE INDEX by_kind ON thing (kind);
             CREATE INDEX by_risk ON thing (risk DESC, id);
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
             INSERT INTO thing SELECT i, 'kind ' || (i % 2), CASE WHEN i % 5 THEN 'team ' || (i % 7) END, i * 37 % 501 FROM n;",
        )
        .unwrap();
        db
    }

    fn conditions() -> Conditions {
        let mut conditions = Conditions::default();
        conditions.one_of("kind", ["kind 1".to_owned().into()]);
        conditions.word_or_none("owner", Some(&"team 3".to_owned()));
        conditions
    }

    #[test]
    fn every_way_finds_the_same() {
        let db = things();
        let conditions = conditions();
        let found = |way| {
            let mut found = Vec::new();
            walk(&db, "thing", "id", &conditions, way, 10_000, |row| {
                found.push(row.get::<_, i64>(0)?);
                Ok(())
            })
            .unwrap_or_default();
            found.sort_unstable();
            found
        };
        let expected: Vec<i64> = (1..=6000)
            .filter(|i| i % 2 == 1 && i % 5 != 0 && i % 7 == 3)
            .collect();
        for way in [Way::ByIndex, Way::By(0), Way::By(1), Way::InOrder] {
            assert_eq!(found(way), expected, "{way:?}");
        }
    }

    #[test]
    fn slices_meet_all_rows_in_order_and_a_count_knows_them() {
        let db = things();
        let mut window = Window::first(100);
        let mut all: Vec<(i64, i64)> = Vec::new();
        loop {
            let slice = slice(
                &db,
                TABLE,
                &conditions(),
                BY_RISK,
                &window,
                |row| Ok((row.get(0)?, row.get(1)?)),
                |(id, risk): &(i64, i64)| Position {
                    value: Key::Number(*risk),
                    number: *id,
                },
            )
            .ok()
            .unwrap();
            all.extend(&slice.rows);
            let Some(next) = slice.next else { break };
            window.after = Some(next);
        }
        let mut sorted = all.clone();
        sorted.sort_by_key(|(id, risk)| (-risk, *id));
        sorted.dedup();
        assert_eq!(all, sorted);
        let counted = count(&db, "thing", &conditions(), 10_000).ok().unwrap();
        assert_eq!(counted.count, all.len() as u64);
        assert!(!counted.more);
        let some = count(&db, "thing", &conditions(), 10).ok().unwrap();
        assert_eq!((some.count, some.more), (10, true));
    }

    #[test]
    fn what_is_too_much_work_is_done_another_way() {
        let db = things();
        let tried = std::cell::RefCell::new(Vec::new());
        let interrupted = || {
            let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_INTERRUPT);
            Halt::from(rusqlite::Error::SqliteFailure(code, None))
        };
        let mut common = Conditions::default();
        common.one_of("kind", ["kind 1".to_owned().into()]);
        let done = first(
            &db,
            "thing",
            &common,
            || Ok(false),
            |way| {
                tried.borrow_mut().push(way);
                if tried.borrow().len() < 5 {
                    return Err(interrupted());
                }
                Ok(())
            },
        );
        assert!(done.is_ok());
        let (index, order) = (Way::ByIndex, Way::InOrder);
        assert_eq!(*tried.borrow(), [index, order, index, order, index]);
        let mut short = Conditions::default();
        short
            .text(&db, "no_index", "thing.id", &["owner"], "te")
            .ok()
            .unwrap();
        let refused = first(
            &db,
            "thing",
            &short,
            || Ok(false),
            |_| Err::<(), _>(interrupted()),
        );
        assert!(matches!(refused, Err(Halt::Refused(StoreError::ShortText))));
    }
}

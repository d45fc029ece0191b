//! How much work a question may be: in steps of the machine that runs SQL, so that the same question of the same data
//! always ends in the same way, on any computer.

use std::cell::Cell;
use std::ffi::c_int;

use rusqlite::{Connection, ErrorCode};

use super::Halt;

/// Steps between two looks at what is left.
const STRIDE: c_int = 1_000;

thread_local! {
    /// Steps that the question which this thread asks has left.
    static LEFT: Cell<i64> = const { Cell::new(i64::MAX) };
}

/// Ends the budget of a question however it ends.
struct Ended;

impl Drop for Ended {
    fn drop(&mut self) {
        LEFT.set(i64::MAX);
    }
}

/// From now on the connection keeps to budgets.
pub(super) fn keep(connection: &mut Connection) -> rusqlite::Result<()> {
    let is_over = || {
        let left = LEFT.get().saturating_sub(i64::from(STRIDE));
        LEFT.set(left);
        left < 0
    };
    connection.progress_handler(STRIDE, Some(is_over))
}

/// Asks with a budget; nothing when that did not suffice.
pub(super) fn within<T>(
    steps: i64,
    ask: impl FnOnce() -> Result<T, Halt>,
) -> Result<Option<T>, Halt> {
    let _ended = Ended;
    LEFT.set(steps);
    match ask() {
        Err(Halt::Database(error)) if is_interrupted(&error) => Ok(None),
        outcome => outcome.map(Some),
    }
}

/// Whether a question ended because its budget did.
pub(super) fn is_interrupted(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(db: &Connection, to: i64) -> Result<i64, Halt> {
        let sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) SELECT max(i) FROM n";
        Ok(db.query_row(sql, [to], |row| row.get(0))?)
    }

    #[test]
    fn what_is_too_much_work_ends_and_the_next_question_is_free() {
        let mut db = Connection::open_in_memory().unwrap();
        keep(&mut db).unwrap();
        let asked = within(10_000, || count(&db, 100_000));
        assert!(matches!(asked, Ok(None)), "ends");
        let asked = within(10_000, || count(&db, 100));
        assert!(matches!(asked, Ok(Some(100))));
        assert!(matches!(count(&db, 100_000), Ok(100_000)), "no budget");
    }
}

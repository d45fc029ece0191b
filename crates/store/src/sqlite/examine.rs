//! Whether the file of a database is whole.
#![expect(
    clippy::disallowed_methods,
    reason = "a database is a file, with others beside it"
)]

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::{PATIENCE, explain, migrate};
use crate::Result;

/// Most things that are wrong and told one by one.
const TOLD: i64 = 20;

/// How closely a database is looked at. Both read every page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closeness {
    /// The form of all pages and rows.
    Quick,
    /// Also whether each index holds what its table does.
    Whole,
}

/// What a database file looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    /// Its schema version.
    pub schema: i64,
    /// Bytes of the file, by what it says of itself.
    pub bytes: u64,
    /// Bytes of the log that is not folded into the file yet.
    pub log_bytes: u64,
    /// What is wrong, in the words of SQLite; at most 20 sentences.
    pub damages: Vec<String>,
}

/// Looks at the database of Stance at `path` without changing it.
///
/// # Errors
///
/// When it cannot be opened, is not ours or of a later version, or is so damaged that it cannot be looked at.
pub fn examine(path: &Path, closeness: Closeness) -> Result<Examined> {
    let connection = open(path)?;
    migrate::check(&connection, path)?;
    let schema = pragma(&connection, path, "user_version")?;
    let pages = pragma(&connection, path, "page_count")?;
    let size = pragma(&connection, path, "page_size")?;
    Ok(Examined {
        schema,
        bytes: u64::try_from(pages.saturating_mul(size)).unwrap_or_default(),
        log_bytes: log_bytes(path),
        damages: damages(&connection, path, closeness)?,
    })
}

/// What is wrong with the form of a database of any program.
///
/// # Errors
///
/// When it cannot be opened, or is so damaged that it cannot be looked at.
pub fn examine_form(path: &Path, closeness: Closeness) -> Result<Vec<String>> {
    damages(&open(path)?, path, closeness)
}

fn open(path: &Path) -> Result<Connection> {
    // Not read-only: whoever reads beside a writer marks in shared memory what it reads.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(path, flags).map_err(|error| explain(path, error))?;
    connection
        .busy_timeout(PATIENCE)
        .and_then(|()| connection.pragma_update(None, "query_only", "ON"))
        .map_err(|error| explain(path, error))?;
    Ok(connection)
}

fn pragma(connection: &Connection, path: &Path, name: &str) -> Result<i64> {
    connection
        .pragma_query_value(None, name, |row| row.get(0))
        .map_err(|error| explain(path, error))
}

fn damages(connection: &Connection, path: &Path, closeness: Closeness) -> Result<Vec<String>> {
    let check = match closeness {
        Closeness::Quick => "quick_check",
        Closeness::Whole => "integrity_check",
    };
    let read = || -> rusqlite::Result<Vec<String>> {
        connection
            .prepare(&format!("PRAGMA {check}({TOLD})"))?
            .query_map([], |row| row.get(0))?
            .collect()
    };
    let mut told = read().map_err(|error| explain(path, error))?;
    told.retain(|line| line != "ok");
    Ok(told)
}

/// Bytes of the log beside the database; none when there is none.
pub(crate) fn log_bytes(path: &Path) -> u64 {
    let mut log: PathBuf = path.to_owned();
    log.as_mut_os_string().push("-wal");
    std::fs::metadata(log).map_or(0, |metadata| metadata.len())
}

//! Copies of browser histories, which are SQLite databases.
//!
//! They are opened read-only and as immutable, so that SQLite takes no lock, reads no journal and makes no file
//! beside them. A history may be hostile: only plain tables are read, each row once, within bounds of rows and memory.

use std::collections::HashMap;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use stance_core::fact::GapReason;
use stance_logs::{Format, Read, Reader, Tally};

/// How every database begins.
pub(super) const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Most rows that are read of one table.
const MOST_ROWS: u64 = 20_000_000;

/// Most pages of AI services that are remembered while the visits are read.
const MOST_PAGES: usize = 1_000_000;

/// Longest address that is remembered, in bytes.
const LONGEST: usize = 2048;

/// Memory for SQLite, in bytes.
const HEAP: u64 = 256 << 20;

/// Where a browser keeps what.
struct Browser {
    format: Format,
    /// The table of pages, with the columns of the id and the address.
    pages: (&'static str, &'static str, &'static str),
    /// The table of visits, with the columns of the page and the time.
    visits: (&'static str, &'static str, &'static str),
    seconds: fn(f64) -> f64,
}

const BROWSERS: [Browser; 3] = [
    Browser {
        format: Format::ChromeHistory,
        pages: ("urls", "id", "url"),
        visits: ("visits", "url", "visit_time"),
        // Microseconds since 1601.
        seconds: |time| time / 1e6 - 11_644_473_600.0,
    },
    Browser {
        format: Format::FirefoxHistory,
        pages: ("moz_places", "id", "url"),
        visits: ("moz_historyvisits", "place_id", "visit_date"),
        // Microseconds since 1970.
        seconds: |time| time / 1e6,
    },
    Browser {
        format: Format::SafariHistory,
        pages: ("history_items", "id", "url"),
        visits: ("history_visits", "history_item", "visit_time"),
        // Seconds since 2001.
        seconds: |time| time + 978_307_200.0,
    },
];

/// Reads a database.
pub(super) fn read(
    path: &Path,
    mut reader: Reader<'_>,
    tally: &mut Tally,
) -> (Read, Option<GapReason>) {
    let done = open(path).and_then(|database| visits(&database, &mut reader, tally));
    match done {
        Ok(Some(why)) => (reader.stop(&why, tally), Some(GapReason::Limit)),
        Ok(None) if has_journal(path) => {
            let why =
                "the journal beside it was not read; close the browser before the copy is made";
            (reader.stop(why, tally), Some(GapReason::Limit))
        }
        Ok(None) => (reader.finish(tally), None),
        Err(error) => {
            let why = format!("SQLite says: {error}");
            (reader.stop(&why, tally), Some(GapReason::Malformed))
        }
    }
}

/// Whether the last changes stand in a file beside it.
fn has_journal(path: &Path) -> bool {
    let mut journal = path.as_os_str().to_owned();
    journal.push("-wal");
    std::fs::metadata(journal).is_ok_and(|journal| journal.len() > 0)
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut address = "file:".to_owned();
    if cfg!(windows) {
        address.push('/');
    }
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'\\' if cfg!(windows) => address.push('/'),
            b'/' | b':' | b'.' | b'_' | b'-' => address.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => address.push(char::from(*byte)),
            byte => address.push_str(&format!("%{byte:02X}")),
        }
    }
    address.push_str("?mode=ro&immutable=1");
    let database = Connection::open_with_flags(
        address,
        OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_URI
            | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    database.execute_batch(&format!(
        "PRAGMA hard_heap_limit = {HEAP}; PRAGMA trusted_schema = OFF; PRAGMA query_only = ON; \
         PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;"
    ))?;
    Ok(database)
}

/// Whether there is a plain table of this name: a view could compute without end.
fn has_table(database: &Connection, name: &str) -> rusqlite::Result<bool> {
    let mut found =
        database.prepare("SELECT type, rootpage FROM sqlite_schema WHERE name = ?1 LIMIT 1")?;
    let mut rows = found.query([name])?;
    let Some(row) = rows.next()? else {
        return Ok(false);
    };
    let is_table = matches!(row.get_ref(0)?, ValueRef::Text(b"table"));
    // A virtual table has no page of its own.
    Ok(is_table && row.get::<_, i64>(1).unwrap_or_default() > 0)
}

/// Reads pages and visits; says why when not all were read.
fn visits(
    database: &Connection,
    reader: &mut Reader<'_>,
    tally: &mut Tally,
) -> rusqlite::Result<Option<String>> {
    for browser in &BROWSERS {
        if !has_table(database, browser.pages.0)? || !has_table(database, browser.visits.0)? {
            continue;
        }
        let (table, id, url) = browser.pages;
        let mut pages = HashMap::new();
        let mut cut = each(database, table, id, url, |id, url| {
            let ValueRef::Text(url) = url else { return };
            let url = &url[..url.len().min(LONGEST)];
            if pages.len() < MOST_PAGES && reader.is_of_service(url) {
                pages.insert(id, String::from_utf8_lossy(url).into_owned());
            }
        })?;
        let (table, page, time) = browser.visits;
        cut |= each(database, table, page, time, |page, time| {
            let time = match time {
                ValueRef::Integer(time) => Some(time as f64),
                ValueRef::Real(time) => Some(time),
                _ => None,
            };
            let time = time.map(|time| (browser.seconds)(time) as i64);
            let url = pages.get(&page).map_or("", String::as_str);
            reader.visit(url, time, browser.format, tally);
        })?;
        let full = pages.len() >= MOST_PAGES;
        return Ok((cut || full).then(|| "it has more rows than are read".to_owned()));
    }
    Ok(Some(
        "it is a database, and no history of a browser that is known".to_owned(),
    ))
}

/// Hands on two columns of every row; whether there are more rows than are read.
fn each(
    database: &Connection,
    table: &str,
    id: &str,
    value: &str,
    mut take: impl FnMut(i64, ValueRef<'_>),
) -> rusqlite::Result<bool> {
    let mut statement = database.prepare(&format!(
        "SELECT \"{id}\", \"{value}\" FROM \"{table}\" NOT INDEXED"
    ))?;
    let mut rows = statement.query([])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        count += 1;
        if count > MOST_ROWS {
            return Ok(true);
        }
        if let ValueRef::Integer(id) = row.get_ref(0)? {
            take(id, row.get_ref(1)?);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::PathBuf;

    use stance_logs::{By, Catalogue, Options};

    use super::*;

    /// 2026-11-26T12:00:00Z.
    const NOON: i64 = 1_795_694_400;

    fn database(directory: &Path, name: &str, statements: &str) -> PathBuf {
        let path = directory.join(name);
        let database = Connection::open(&path).unwrap();
        database.execute_batch(statements).unwrap();
        path
    }

    /// Reads a database, and sees that nothing came beside it and that it stayed as it was.
    fn read_one(path: &Path) -> (Read, Option<GapReason>, Vec<(String, String, String)>) {
        let state = || {
            let inside = std::fs::read_dir(path.parent().unwrap()).unwrap();
            let names: BTreeSet<_> = inside.map(|entry| entry.unwrap().file_name()).collect();
            (names, std::fs::read(path).unwrap())
        };
        let before = state();
        let mut tally = Tally::new(10);
        let catalogue = Catalogue::embedded();
        let reader = Reader::new("History", "ann", catalogue, Options::at(NOON + 9 * 86_400));
        let (read, reason) = read(path, reader, &mut tally);
        assert!(state() == before, "something was written");
        let rows = tally.rows(catalogue, By::User).into_iter();
        let rows = rows.map(|row| (row.vendor, row.user.unwrap(), row.first.unwrap_or_default()));
        (read, reason, rows.collect())
    }

    fn schema(pages: &str, visits: &str, page: &str, time: &str) -> String {
        format!(
            "CREATE TABLE {pages} (id INTEGER PRIMARY KEY, url TEXT); \
             CREATE TABLE {visits} (id INTEGER PRIMARY KEY, {page} INTEGER, {time}); \
             CREATE INDEX i ON {visits} ({page}); \
             INSERT INTO {pages} VALUES (1, 'https://claude.ai/new?q=x'), (2, 'https://example.com/');"
        )
    }

    #[test]
    fn visits_of_every_browser_are_read_with_their_times() {
        let directory = tempfile::tempdir().unwrap();
        let wanted = [(
            "anthropic".to_owned(),
            "ann".to_owned(),
            "2026-11-26T12:00:00Z".to_owned(),
        )];
        for (name, pages, visits, page, time, noon) in [
            (
                "History",
                "urls",
                "visits",
                "url",
                "visit_time",
                format!("{}", (NOON + 11_644_473_600) * 1_000_000),
            ),
            (
                "places.sqlite",
                "moz_places",
                "moz_historyvisits",
                "place_id",
                "visit_date",
                format!("{}", NOON * 1_000_000),
            ),
            (
                "History.db",
                "history_items",
                "history_visits",
                "history_item",
                "visit_time",
                format!("{}.25", NOON - 978_307_200),
            ),
        ] {
            let statements = format!(
                "{} INSERT INTO {visits} ({page}, {time}) VALUES (1, {noon}), (2, {noon});",
                schema(pages, visits, page, time)
            );
            let path = database(directory.path(), name, &statements);
            let (read, reason, rows) = read_one(&path);
            assert_eq!(reason, None, "{read:?}");
            assert_eq!((read.lines, read.matched), (2, 1));
            assert_eq!(rows, wanted, "{name}");
        }
    }

    #[test]
    fn a_hostile_history_costs_nothing_and_is_told() {
        let directory = tempfile::tempdir().unwrap();
        // A view that would count for ever, where the table of pages should be.
        let endless = "CREATE TABLE visits (url, visit_time); CREATE VIEW urls AS \
             WITH RECURSIVE n(id, url) AS (SELECT 1, 'https://claude.ai/' UNION ALL SELECT id + 1, url FROM n) \
             SELECT id, url FROM n;";
        let path = database(directory.path(), "History", endless);
        let (read, reason, rows) = read_one(&path);
        assert!(rows.is_empty());
        assert_eq!(reason, Some(GapReason::Limit));
        assert!(read.stopped.unwrap().contains("no history"));

        // Cut and bent at many places.
        let statements = format!(
            "{} INSERT INTO visits (url, visit_time) VALUES (1, 1), ('x', 'y'), (NULL, NULL);",
            schema("urls", "visits", "url", "visit_time")
        );
        let path = database(directory.path(), "Other", &statements);
        let whole = std::fs::read(&path).unwrap();
        for at in (16..whole.len()).step_by(97) {
            let mut bent = whole.clone();
            bent[at] ^= 0xff;
            std::fs::write(&path, &bent).unwrap();
            read_one(&path);
            std::fs::write(&path, &whole[..at]).unwrap();
            read_one(&path);
        }
    }

    #[test]
    fn a_journal_that_is_left_out_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let statements = schema("urls", "visits", "url", "visit_time");
        let path = database(directory.path(), "History?#%", &statements);
        std::fs::write(directory.path().join("History?#%-wal"), "x").unwrap();
        let (read, reason, _) = read_one(&path);
        assert_eq!(reason, Some(GapReason::Limit));
        assert!(read.stopped.unwrap().contains("journal"));
    }
}

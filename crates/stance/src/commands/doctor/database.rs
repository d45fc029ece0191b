//! Databases: whether they are whole, add up, and hold the log that was signed.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use stance_govern::audit::Verifier;
use stance_store::audit::{AuditKey, AuditQuery};
use stance_store::{
    AuditLog as _, Closeness, SCHEMA_VERSION, Sqlite, Store as _, examine, examine_form,
};

use super::{Area, Check, area};
use crate::output::bytes;

/// Larger databases are read whole only when asked for.
const LARGE: u64 = 2 << 30;

/// A log of changes beside the database that is larger than this is folded in by nobody.
const LONG_LOG: u64 = 1 << 30;

/// How far ahead of the clock an entry of the log may lie.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// How old the last signature of a log that goes on may be.
const UNSIGNED: SignedDuration = SignedDuration::from_hours(24);

const RESTORE: &str = "stop what runs on it, keep a copy of the directory, and put the last backup back with `stance restore`";

/// Looks at a database with an audit log.
pub(super) fn look(
    checks: &mut Vec<Check>,
    directory: &Path,
    path: &Path,
    full: bool,
    now: Timestamp,
) {
    let name = path.display().to_string();
    let mut place = area(checks, "database");
    if std::fs::metadata(path).is_ok_and(|it| it.len() == 0) {
        place.wrong(
            format!("{name} is empty"),
            "it was cut off, or its making was broken off: put the last backup back with `stance restore`, or remove it",
        );
        return;
    }
    let size = std::fs::metadata(path).map_or(0, |it| it.len());
    let whole = full || size <= LARGE;
    let examined = if whole {
        let closeness = if full {
            Closeness::Whole
        } else {
            Closeness::Quick
        };
        examine(path, closeness).map(Some)
    } else {
        place.ok(format!("{name} has {}; --full reads it whole", bytes(size)));
        Ok(None)
    };
    match examined {
        Ok(Some(examined)) => {
            if !examined.damages.is_empty() {
                for damage in &examined.damages {
                    place.wrong(format!("{name}: {damage}"), RESTORE);
                }
                return;
            }
            if examined.log_bytes > LONG_LOG {
                place.warning(
                    format!(
                        "{name}-wal has {}: nothing folds it into the database",
                        bytes(examined.log_bytes)
                    ),
                    "end what reads the database for long, or start the service again",
                );
            }
            place.ok(format!("{name} is whole, {}", bytes(examined.bytes)));
            if examined.schema < SCHEMA_VERSION {
                place.ok(format!(
                    "{name} has schema version {} and is brought to {SCHEMA_VERSION} by the next start or scan",
                    examined.schema
                ));
                return;
            }
        }
        Ok(None) => {}
        Err(error) => return place.failed(&error),
    }
    match Sqlite::open_to_read(path) {
        Ok(store) => {
            contents(&mut area(checks, "database"), &store, &name, whole);
            log(&mut area(checks, "audit"), directory, &store, &name, whole);
            clock(&mut area(checks, "clock"), &store, &name, now);
        }
        Err(error) => area(checks, "database").failed(&error),
    }
}

fn contents(area: &mut Area<'_>, store: &Sqlite, name: &str, whole: bool) {
    match store.scans(None, usize::MAX) {
        Ok(scans) => area.ok(format!("{name} holds {} scans", scans.len())),
        Err(error) => return area.failed(&error),
    }
    if !whole {
        return;
    }
    match store.sums() {
        Ok(wrong) if wrong.is_empty() => area.ok(format!("{name} adds up")),
        Ok(wrong) => {
            for sentence in wrong {
                area.wrong(
                    format!("{name}: {sentence}"),
                    "this is a fault of Stance: please report it, with the version and this line",
                );
            }
        }
        Err(error) => area.failed(&error),
    }
}

fn log(area: &mut Area<'_>, directory: &Path, store: &Sqlite, name: &str, whole: bool) {
    let keys: Vec<_> = match AuditKey::public(directory) {
        Ok(key) => key.into_iter().collect(),
        Err(error) => return area.failed(&error),
    };
    if whole {
        match store.audit_verify(Verifier::default(), &keys, false) {
            Ok(report) if report.holds() => area.ok(format!(
                "the log of {name} holds, {} entries",
                report.entries
            )),
            Ok(report) => {
                let first = report.faults.first().map(ToString::to_string);
                area.wrong(
                    format!(
                        "the log of {name} does not hold: {}",
                        first.unwrap_or_default()
                    ),
                    "`stance audit verify` tells everything; find out who can write there before going on",
                );
            }
            Err(error) => area.failed(&error),
        }
    }
    if let Ok(status) = store.audit_status()
        && let Some(last) = status.checkpoint
        && status.size > last.size
        && let Ok(query) = store.audit_entries(
            &AuditQuery {
                newest_first: true,
                ..AuditQuery::default()
            },
            1,
        )
        && let Some(newest) = query.first()
        && newest.at.duration_since(last.at) > UNSIGNED
    {
        area.warning(
            format!(
                "{} entries of {name} are not signed, the last signature is of {}",
                status.size - last.size,
                last.at
            ),
            "`stance audit checkpoint` signs them; the log of the service tells why it does not do so itself",
        );
    }
}

/// Whether the clock is behind what was recorded.
fn clock(area: &mut Area<'_>, store: &Sqlite, name: &str, now: Timestamp) {
    let query = AuditQuery {
        newest_first: true,
        ..AuditQuery::default()
    };
    let Ok(entries) = store.audit_entries(&query, 100) else {
        return;
    };
    let latest = entries.iter().map(|entry| entry.at).max();
    match latest {
        Some(latest) if latest.duration_since(now) > SKEW => area.warning(
            format!("it is {now:.0}, and {name} holds an entry of {latest:.0}"),
            "the clock was set back or is behind: keep it right with a time service (chrony, systemd-timesyncd)",
        ),
        _ => area.ok(format!("it is {now:.0}, and {name} knows nothing later")),
    }
}

/// Looks at the database of imported advisories.
pub(super) fn advisories(area: &mut Area<'_>, directory: &Path) {
    let path = directory.join(crate::advisories::FILE_NAME);
    if !path.exists() {
        return;
    }
    match examine_form(&path, Closeness::Quick) {
        Ok(damages) if damages.is_empty() => area.ok(format!("{} is whole", path.display())),
        Ok(damages) => area.wrong(
            format!("{}: {}", path.display(), damages.join("; ")),
            "remove it and import the advisories again with `stance advisories import`",
        ),
        Err(error) => area.failed(&error),
    }
}

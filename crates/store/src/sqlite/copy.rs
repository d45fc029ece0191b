//! A copy of a database that others go on writing.
#![expect(
    clippy::disallowed_methods,
    reason = "a database is a file, and so is its copy"
)]

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::{PATIENCE, create, explain};
use crate::{Result, StoreError};

/// Copies a database of any program as it is at one moment, without holding up whoever writes it (`VACUUM INTO`): every
/// page is read, so a damaged one is noticed. The copy is packed, readable by its owner only, and needs no other file.
///
/// # Errors
///
/// [`StoreError::Corrupt`] when a page is damaged, [`StoreError::Open`] when there is no such file or the copy cannot be
/// made, [`StoreError::Refused`] when something stands where the copy is to be.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(from, flags).map_err(|error| explain(from, error))?;
    connection
        .busy_timeout(PATIENCE)
        .map_err(|error| explain(from, error))?;
    let Some(target) = to.to_str() else {
        return Err(StoreError::Open {
            path: to.to_owned(),
            reason: "its name is no UTF-8".to_owned(),
        });
    };
    if to.exists() {
        return Err(StoreError::Refused(format!(
            "{target} exists; a copy does not replace anything"
        )));
    }
    // An empty file may stand there, and this one is for its owner only.
    create(to).map_err(|error| StoreError::Open {
        path: to.to_owned(),
        reason: error.to_string(),
    })?;
    connection
        .execute("VACUUM INTO ?1", [target])
        .map_err(|error| explain(from, error))?;
    Ok(())
}

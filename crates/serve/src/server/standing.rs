//! Whether the database is what it was when the service ended: whole, and no older.
//!
//! What the service signs of its audit log lies in a file beside the database, too. A database that lost its log of
//! changes (`service.db-wal`), or was replaced by an older copy, is whole in itself; only what was signed tells. Going on
//! would sign a second history.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use stance_govern::audit::LARGEST_NOTE;
use stance_store::{AuditLog as _, Closeness, StoreError, examine};

use super::ServeError;
use crate::app::App;
use crate::db::Database;
use crate::error::ApiError;

/// The last checkpoint that the service signed.
const SIGNED: &str = "service.checkpoint";

/// Larger databases are not read whole when the service starts; `stance doctor --full` does it.
const LARGE: u64 = 512 << 20;

/// Before the database is opened: whether it is there, if it was, and whole.
pub(super) fn whole(directory: &Path, database: &Path) -> Result<(), ServeError> {
    let size = std::fs::metadata(database).map_or(0, |it| it.len());
    if size == 0 {
        return match signed(directory) {
            Ok(None) => Ok(()),
            Ok(Some(_)) => Err(older(directory, "it is missing or empty")),
            Err(error) => Err(error),
        };
    }
    if size > LARGE {
        return Ok(());
    }
    let examined = examine(database, Closeness::Quick)?;
    match examined.damages.first() {
        None => Ok(()),
        Some(damage) => Err(ServeError::Store(StoreError::Corrupt {
            path: database.to_owned(),
            reason: damage.clone(),
        })),
    }
}

/// Whether the log of the database goes on from what was signed last.
pub(super) async fn no_older(directory: &Path, db: &Database) -> Result<(), ServeError> {
    let Some(note) = signed(directory)? else {
        return Ok(());
    };
    let extends = db
        .read(move |store| match store.audit_extension(&note) {
            Ok(found) => Ok(found.map(drop).ok_or("it was never signed".to_owned())),
            Err(StoreError::AuditChanged(reason)) => Ok(Err(reason)),
            Err(error) => Err(ApiError::from(error)),
        })
        .await?;
    extends.map_err(|reason| older(directory, &reason))
}

fn older(directory: &Path, reason: &str) -> ServeError {
    ServeError::Older {
        directory: directory.to_owned(),
        reason: reason.to_owned(),
    }
}

/// What was signed last, if anything.
fn signed(directory: &Path) -> Result<Option<String>, ServeError> {
    let read = || -> io::Result<String> {
        let mut note = String::new();
        let file = File::open(directory.join(SIGNED))?;
        file.take(LARGEST_NOTE as u64).read_to_string(&mut note)?;
        Ok(note)
    };
    match read() {
        // The power failed while it was made: nothing is known then.
        Ok(note) if note.is_empty() => Ok(None),
        Ok(note) => Ok(Some(note)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(reason) => Err(ServeError::Directory {
            directory: directory.join(SIGNED),
            reason,
        }),
    }
}

/// Keeps what was signed and is in the database.
pub(crate) fn keep(app: &App, note: &str) {
    let path = app.settings.data_dir.join(SIGNED);
    let draft = path.with_extension("checkpoint.new");
    let write = || -> io::Result<()> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let mut file = options.open(&draft)?;
        file.write_all(note.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&draft, &path)
    };
    if let Err(error) = write() {
        let more = serde_json::json!({"cause": error.to_string()});
        app.log.say(
            "warning",
            "the checkpoint could not be kept in a file",
            &more,
        );
    }
}

//! One server for one data directory.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

/// Held as long as the process serves from the directory; the system lets go of it when the process ends, however.
#[derive(Debug)]
pub struct DirectoryLock(
    #[expect(dead_code, reason = "held, not read: the lock ends with the file")] File,
);

impl DirectoryLock {
    /// Takes the directory.
    ///
    /// # Errors
    ///
    /// When another server has it, or the directory cannot be written.
    pub fn take(directory: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(directory)?;
        let path = directory.join("service.lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(io::Error::other(
                "another stance serves from it; stop that first, or choose another directory with `--data-dir`",
            )),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

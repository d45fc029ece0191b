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
        let unusable = |error: io::Error| {
            let advice = "make it writable for the user who runs Stance, or choose another with `--data-dir`";
            io::Error::new(error.kind(), format!("{error}; {advice}"))
        };
        create(directory).map_err(unusable)?;
        let path = directory.join("service.lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(io::Error::other(
                "another stance serves from it; stop that first, or choose another directory with `--data-dir`",
            )),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Whether a server has the directory; nothing is made or kept.
    ///
    /// # Errors
    ///
    /// When the lock is there and cannot be opened.
    pub fn is_held(directory: &Path) -> io::Result<bool> {
        let file = match File::open(directory.join("service.lock")) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// Makes sure that there is a directory; a new one is for its owner only.
fn create(directory: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(directory)
}

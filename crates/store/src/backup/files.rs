//! Files that only their owner may read, and that are on disk when they are there.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

/// Bytes that are copied at a time.
const STEP: usize = 1 << 20;

/// Reads a file that is not larger than this.
pub(super) fn read_bounded(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    regular(path)?
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::other(format!("it is larger than {most} bytes")));
    }
    Ok(bytes)
}

/// Opens what is a file, and neither a pipe nor a device.
fn regular(path: &Path) -> io::Result<File> {
    if !std::fs::symlink_metadata(path)?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    File::open(path)
}

/// Length and SHA-256 of a file.
pub(super) fn digest(path: &Path) -> io::Result<(u64, String)> {
    pour(regular(path)?, &mut io::sink())
}

/// Copies a file to a new one for its owner only; gives length and SHA-256 of what was copied.
pub(super) fn copy(from: &Path, to: &Path) -> io::Result<(u64, String)> {
    let source = regular(from)?;
    let mut target = create(to)?;
    let poured = pour(source, &mut target)?;
    target.sync_all()?;
    Ok(poured)
}

/// Writes a new file for its owner only.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes a directory for its owner only.
pub(super) fn create_directory(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(path)
}

/// Makes sure that names of files in a directory are on disk.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    // Elsewhere a directory cannot be opened, and its names need no such thing.
    if cfg!(unix) {
        File::open(path)?.sync_all()?;
    }
    Ok(())
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

fn pour(mut from: impl Read, to: &mut impl io::Write) -> io::Result<(u64, String)> {
    let mut hasher = Sha256::new();
    let mut bytes = 0_u64;
    let mut step = vec![0; STEP];
    loop {
        let read = from.read(&mut step)?;
        if read == 0 {
            return Ok((bytes, stance_core::digest::hex(&hasher.finalize())));
        }
        let Some(part) = step.get(..read) else {
            return Err(io::Error::other("more was read than there was room for"));
        };
        hasher.update(part);
        to.write_all(part)?;
        bytes = bytes.saturating_add(read as u64);
    }
}

//! A regular file as a [`Source`].

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

use stance_inspect::Source;

/// An open regular file, read at random places, never written.
pub struct FileSource {
    file: File,
    opened: Metadata,
}

/// Why a file was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Nothing that could be read like a file.
    #[error("it is no regular file (a pipe, socket or device, or a link)")]
    Special,
    /// The system does not open it.
    #[error("cannot open it: {0}")]
    Io(#[from] io::Error),
}

impl FileSource {
    /// Opens a regular file. Neither waits for a pipe that took its place nor
    /// follows a link that did, unless links are followed.
    ///
    /// # Errors
    /// When it is no regular file, or the system does not open it.
    pub fn open(path: &Path, follow_links: bool) -> Result<Self, OpenError> {
        let mut options = OpenOptions::new();
        options.read(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            let no_follow = if follow_links { 0 } else { libc::O_NOFOLLOW };
            options.custom_flags(libc::O_NONBLOCK | libc::O_CLOEXEC | no_follow);
        }
        #[cfg(not(unix))]
        let _ = follow_links;
        let file = options.open(path).map_err(|error| {
            #[cfg(unix)]
            if error.raw_os_error() == Some(libc::ELOOP)
                || error.raw_os_error() == Some(libc::ENXIO)
            {
                return OpenError::Special;
            }
            OpenError::Io(error)
        })?;
        let opened = file.metadata()?;
        if opened.is_file() {
            Ok(Self { file, opened })
        } else {
            Err(OpenError::Special)
        }
    }

    /// Bytes when it was opened.
    pub(crate) fn size(&self) -> u64 {
        self.opened.len()
    }

    /// Whether size or modification time are no longer what they were.
    #[must_use]
    pub fn has_changed(&self) -> bool {
        self.file.metadata().is_ok_and(|now| {
            now.len() != self.opened.len() || now.modified().ok() != self.opened.modified().ok()
        })
    }
}

impl Source for FileSource {
    fn len(&self) -> u64 {
        self.size()
    }

    #[cfg(unix)]
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.file, buffer, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(&self.file, buffer, offset)
    }
}

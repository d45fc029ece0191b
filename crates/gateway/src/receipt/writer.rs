//! What writes the files of the log. What could not be written whole is taken back before the next is written, so a file never
//! has half a line in it, but for a machine that lost its power: what is torn then was never told to anybody, and is cut off at
//! the next start.

use std::fs::{File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use stance_govern::audit::{Checkpoint, NewEntry};
use stance_govern::signature::PrivateKey;
use tokio::sync::oneshot;

use super::log::{LogError, ORIGIN};
use super::resume::{self, End, RESUME};
use crate::settings::Receipts;

/// A receipt that is to be written.
pub(super) struct Task {
    pub(super) entry: NewEntry,
    /// Told once it is written, or why it is not.
    pub(super) written: oneshot::Sender<Result<(), String>>,
}

/// The end of the log, and where it goes on.
pub(super) struct Writer {
    directory: Arc<Path>,
    settings: Receipts,
    key: Option<Arc<PrivateKey>>,
    /// Held as long as this lives.
    _lock: File,
    file: Arc<File>,
    end: End,
    /// Entries that are on disk for sure, and that a checkpoint covers.
    settled: u64,
    /// Whether there may be something behind the end, which is to be cut off.
    is_torn: bool,
}

/// What is written, and may not be on disk yet.
pub(super) struct Unsettled {
    directory: Arc<Path>,
    key: Option<Arc<PrivateKey>>,
    file: Arc<File>,
    end: End,
}

impl Writer {
    pub(super) fn open(
        directory: &Path,
        settings: Receipts,
        key: Option<PrivateKey>,
    ) -> Result<Self, LogError> {
        let fails = |path: &Path| {
            let path = path.to_owned();
            move |error| LogError::File { path, error }
        };
        make_directory(directory).map_err(fails(directory))?;
        let lock_path = directory.join("lock");
        let lock = open_file(&lock_path).map_err(fails(&lock_path))?;
        lock.try_lock().map_err(|_| LogError::Locked {
            path: directory.to_owned(),
        })?;
        let end = resume::find(directory, key.as_ref())?;
        let path = file_path(directory, end.number);
        let mut writer = Self {
            directory: directory.into(),
            settings,
            key: key.map(Arc::new),
            _lock: lock,
            file: Arc::new(open_file(&path).map_err(fails(&path))?),
            settled: end.seq,
            end,
            is_torn: true,
        };
        writer.cut().map_err(fails(&path))?;
        Ok(writer)
    }

    /// Writes receipts and tells whoever waits for each.
    pub(super) fn write(&mut self, batch: Vec<Task>) {
        let before = self.end.clone();
        let mut lines = String::new();
        let mut told = Vec::with_capacity(batch.len());
        for mut task in batch {
            // Exchanges end side by side: their order in the log is that of their times.
            task.entry.at = task.entry.at.max(self.end.at);
            match task.entry.seal(self.end.seq + 1, self.end.last) {
                Ok(entry) => {
                    let start = lines.len();
                    lines.push_str(&entry.line());
                    lines.push('\n');
                    self.end.take(&entry, (lines.len() - start) as u64);
                    told.push(task.written);
                }
                Err(error) => {
                    let _ = task.written.send(Err(error.to_string()));
                }
            }
        }
        let done = self.append(lines.as_bytes(), &before);
        for written in told {
            let _ = written.send(done.clone());
        }
    }

    /// All of it behind what there was before, or nothing; then the end is that of before.
    fn append(&mut self, lines: &[u8], before: &End) -> Result<(), String> {
        let after = std::mem::replace(&mut self.end, before.clone());
        // What is not whole must not stay: the next line would be joined to it.
        self.cut()
            .map_err(|error| format!("what was torn cannot be cut off: {error}"))?;
        self.is_torn = true;
        let mut file = &*self.file;
        let written = file.write_all(lines).and_then(|()| {
            let on_disk = self.settings.sync.then(|| file.sync_data());
            on_disk.unwrap_or(Ok(()))
        });
        if let Err(error) = written {
            return Err(match self.cut() {
                Ok(()) => error.to_string(),
                Err(also) => format!("{error}; and the file cannot be cut: {also}"),
            });
        }
        self.is_torn = false;
        self.end = after;
        Ok(())
    }

    /// Takes off what is behind the end.
    fn cut(&mut self) -> std::io::Result<()> {
        if self.is_torn {
            self.file.set_len(self.end.length)?;
            (&*self.file).seek(SeekFrom::End(0))?;
            self.is_torn = false;
        }
        Ok(())
    }

    /// What may not be on disk yet.
    pub(super) fn unsettled(&self) -> Option<Unsettled> {
        (self.settled < self.end.seq).then(|| Unsettled {
            directory: self.directory.clone(),
            key: self.key.clone(),
            file: self.file.clone(),
            end: self.end.clone(),
        })
    }

    /// Takes over that this is on disk and signed.
    pub(super) const fn settled(&mut self, unsettled: &Unsettled) {
        self.settled = unsettled.end.seq;
    }

    /// Begins a new file when this one is long, once all of it is settled. Otherwise this one grows on.
    pub(super) fn turn(&mut self) {
        if self.end.length < u64::from(self.settings.rotate.max(1)) << 20 {
            return;
        }
        // Rarely done, so whoever writes waits.
        if let Some(unsettled) = self.unsettled() {
            if unsettled.settle().is_err() {
                return;
            }
            self.settled(&unsettled);
        }
        if let Ok(file) = open_file(&file_path(&self.directory, self.end.number + 1)) {
            self.file = Arc::new(file);
            self.end.turn();
        }
    }
}

impl Unsettled {
    /// Brings it to disk, and writes the checkpoint beside the file, and where the log ends, each as a whole.
    pub(super) fn settle(&self) -> std::io::Result<()> {
        self.file.sync_data()?;
        let Some(key) = &self.key else { return Ok(()) };
        let checkpoint = Checkpoint {
            origin: ORIGIN.to_owned(),
            size: self.end.seq,
            root: self.end.frontier.root(),
        };
        let note = checkpoint.sign(key).map_err(std::io::Error::other)?;
        self.replace(&checkpoint_path(&self.directory, self.end.number), &note)?;
        self.replace(&self.directory.join(RESUME), &self.end.signed(key)?)
    }

    fn replace(&self, path: &Path, text: &str) -> std::io::Result<()> {
        let beside = self.directory.join("new");
        std::fs::write(&beside, text)?;
        std::fs::rename(beside, path)
    }
}

/// Where the checkpoint of a file is.
pub(super) fn checkpoint_path(directory: &Path, number: u32) -> PathBuf {
    let mut path = file_path(directory, number).into_os_string();
    path.push(".checkpoint");
    path.into()
}

/// Where a file of the log is.
pub(super) fn file_path(directory: &Path, number: u32) -> PathBuf {
    directory.join(format!("receipts-{number:06}.jsonl"))
}

fn make_directory(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(path)
}

/// Opens a file, making it when there is none; it is for nobody else to read.
pub(super) fn open_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

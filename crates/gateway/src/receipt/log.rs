//! The log of receipts: files that only grow, written by one thread, several receipts at once.
//!
//! A receipt counts once its line is with the system, which survives the end of this process however it comes; with `sync`
//! once it is on disk. What could not be written whole is taken back before the next is written, so a file never has half a
//! line in it, but for a machine that lost its power: what is torn then was never told to anybody, and is cut off at the
//! next start.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use stance_govern::audit::{Checkpoint, Entry, GENESIS, NewEntry, leaf};
use stance_govern::merkle::{Frontier, Hash};
use stance_govern::signature::PrivateKey;
use tokio::sync::oneshot;

use crate::settings::Receipts;

/// What the checkpoints name the log.
pub const ORIGIN: &str = "stance/receipts";

/// Receipts that wait to be written; whoever comes then waits as well.
const QUEUE: usize = 4096;

/// Most receipts in one write.
const BATCH: usize = 512;

/// How often what is written is made sure to be on disk, and signed.
const SECOND: Duration = Duration::from_secs(1);

/// Longest line that is read back.
const LONGEST: u64 = 4 << 20;

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// A file cannot be opened, read or written.
    #[error("{path} cannot be used for receipts: {error}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The log was changed by somebody else.
    #[error("{path}, line {line}: {what}; move the file away to begin a new log, and keep it as evidence", path = path.display())]
    Broken {
        /// Which file.
        path: PathBuf,
        /// Which line.
        line: u64,
        /// What is wrong.
        what: String,
    },
    /// Another gateway writes here.
    #[error("{path} is in use by another gateway", path = path.display())]
    Locked {
        /// Which directory.
        path: PathBuf,
    },
}

/// Something for the thread that writes.
struct Task {
    entry: NewEntry,
    /// Told once it is written, or why it is not.
    written: oneshot::Sender<Result<(), String>>,
}

/// The log of receipts, and the thread that writes it.
#[derive(Debug)]
pub struct Log {
    tasks: SyncSender<Task>,
    thread: Option<JoinHandle<()>>,
}

impl Log {
    /// Opens the log in `directory`, making it when there is none, and goes on where it ends. `key` signs checkpoints.
    ///
    /// # Errors
    ///
    /// When the files cannot be used, or are not a log that is whole.
    pub fn open(
        directory: &Path,
        settings: &Receipts,
        key: Option<PrivateKey>,
    ) -> Result<Self, LogError> {
        let writer = Writer::open(directory, settings.clone(), key)?;
        let (tasks, waiting) = sync_channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("receipts".to_owned())
            .spawn(move || writer.run(&waiting))
            .map_err(|error| LogError::File {
                path: directory.to_owned(),
                error,
            })?;
        Ok(Self {
            tasks,
            thread: Some(thread),
        })
    }

    /// Writes a receipt; gives when it is written, or why it is not.
    pub(crate) async fn write(&self, entry: NewEntry) -> Result<(), String> {
        let (written, told) = oneshot::channel();
        let task = Task { entry, written };
        let gone = || "the log of receipts is closed".to_owned();
        match self.tasks.try_send(task) {
            Ok(()) => {}
            Err(std::sync::mpsc::TrySendError::Full(task)) => {
                let tasks = self.tasks.clone();
                tokio::task::spawn_blocking(move || tasks.send(task).is_ok())
                    .await
                    .ok()
                    .filter(|sent| *sent)
                    .ok_or_else(gone)?;
            }
            Err(std::sync::mpsc::TrySendError::Disconnected(_)) => return Err(gone()),
        }
        told.await.map_err(|_| gone())?
    }

    /// As [`Self::write`], for a thread that may wait.
    pub(crate) fn write_waiting(&self, entry: NewEntry) -> Result<(), String> {
        let gone = || "the log of receipts is closed".to_owned();
        let (written, told) = oneshot::channel();
        let task = Task { entry, written };
        self.tasks.send(task).map_err(|_| gone())?;
        told.blocking_recv().map_err(|_| gone())?
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        // The thread ends when nobody can send any more.
        let (closed, _) = sync_channel(1);
        self.tasks = closed;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The thread that writes.
struct Writer {
    directory: PathBuf,
    settings: Receipts,
    key: Option<PrivateKey>,
    /// Held as long as this lives.
    _lock: File,
    number: u32,
    file: File,
    /// How long the file is, as far as it is whole.
    length: u64,
    seq: u64,
    last: Hash,
    /// When the last one happened.
    at: Timestamp,
    frontier: Frontier,
    /// Entries that a checkpoint covers, and those that are on disk for sure.
    signed: u64,
    is_synced: bool,
}

impl Writer {
    fn open(
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
        let mut number = 1;
        while file_path(directory, number + 1).exists() {
            number += 1;
        }
        let mut writer = Self {
            directory: directory.to_owned(),
            settings,
            key,
            _lock: lock,
            number,
            file: open_file(&file_path(directory, number))
                .map_err(fails(&file_path(directory, number)))?,
            length: 0,
            seq: 0,
            last: GENESIS,
            at: Timestamp::UNIX_EPOCH,
            frontier: Frontier::default(),
            signed: 0,
            is_synced: true,
        };
        for number in 1..=number {
            writer.read(number)?;
        }
        writer.signed = writer.seq;
        Ok(writer)
    }

    /// Reads a file of the log back, and cuts off what was torn at the end of the last.
    fn read(&mut self, number: u32) -> Result<(), LogError> {
        let path = file_path(&self.directory, number);
        let fails = |error| LogError::File {
            path: path.clone(),
            error,
        };
        let broken = |line, what: &str| LogError::Broken {
            path: path.clone(),
            line,
            what: what.to_owned(),
        };
        let mut reader = BufReader::new(open_file(&path).map_err(fails)?);
        let (mut whole, mut count) = (0_u64, 0_u64);
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = reader
                .by_ref()
                .take(LONGEST)
                .read_until(b'\n', &mut line)
                .map_err(fails)?;
            if read == 0 {
                break;
            }
            count += 1;
            if line.pop_if(|last| *last == b'\n').is_none() {
                if number == self.number && (read as u64) < LONGEST {
                    // Torn: nobody was ever told that it is there.
                    break;
                }
                return Err(broken(count, "it does not end"));
            }
            let text = std::str::from_utf8(&line).map_err(|_| broken(count, "it is no text"))?;
            let entry = Entry::from_line(text).map_err(|what| broken(count, what))?;
            if entry.seq != self.seq + 1 || entry.previous != self.last {
                return Err(broken(count, "it does not follow on what is before it"));
            }
            if entry.computed_hash() != entry.hash {
                return Err(broken(count, "its hash is not that of its content"));
            }
            self.seq = entry.seq;
            self.last = entry.hash;
            self.at = entry.at;
            self.frontier.push(leaf(&entry.hash), |_, _| {});
            whole += read as u64;
        }
        if number == self.number {
            self.length = whole;
            self.file.set_len(whole).map_err(fails)?;
            self.file.seek(SeekFrom::End(0)).map_err(fails)?;
        }
        Ok(())
    }

    fn run(mut self, waiting: &Receiver<Task>) {
        let mut due = Instant::now() + SECOND;
        loop {
            let left = due.saturating_duration_since(Instant::now());
            let first = match waiting.recv_timeout(left) {
                Ok(first) => Some(first),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => break,
            };
            if let Some(first) = first {
                let mut batch = vec![first];
                while batch.len() < BATCH {
                    let Ok(next) = waiting.try_recv() else { break };
                    batch.push(next);
                }
                self.write(batch);
            }
            if Instant::now() >= due {
                self.settle();
                due = Instant::now() + SECOND;
            }
        }
        self.settle();
    }

    /// Writes receipts and tells whoever waits for each.
    fn write(&mut self, batch: Vec<Task>) {
        let before = (self.seq, self.last, self.frontier.clone());
        let mut lines = String::new();
        let mut told = Vec::with_capacity(batch.len());
        for mut task in batch {
            // Exchanges end side by side: their order in the log is that of their times.
            task.entry.at = task.entry.at.max(self.at);
            self.at = task.entry.at;
            match task.entry.seal(self.seq + 1, self.last) {
                Ok(entry) => {
                    self.seq = entry.seq;
                    self.last = entry.hash;
                    self.frontier.push(leaf(&entry.hash), |_, _| {});
                    lines.push_str(&entry.line());
                    lines.push('\n');
                    told.push(task.written);
                }
                Err(error) => {
                    let _ = task.written.send(Err(error.to_string()));
                }
            }
        }
        let done = self.append(lines.as_bytes());
        if done.is_err() {
            (self.seq, self.last, self.frontier) = before;
        }
        for written in told {
            let _ = written.send(done.clone());
        }
    }

    /// All of it, or nothing.
    fn append(&mut self, lines: &[u8]) -> Result<(), String> {
        let write = |file: &mut File| {
            file.write_all(lines)?;
            if self.settings.sync {
                file.sync_data()?;
            }
            Ok::<(), std::io::Error>(())
        };
        if let Err(error) = write(&mut self.file) {
            // What is not whole must not stay: the next line would be joined to it.
            let undone = self
                .file
                .set_len(self.length)
                .and_then(|()| self.file.seek(SeekFrom::End(0)));
            return Err(match undone {
                Ok(_) => error.to_string(),
                Err(also) => format!("{error}; and the file cannot be cut: {also}"),
            });
        }
        self.length += lines.len() as u64;
        self.is_synced = self.settings.sync;
        Ok(())
    }

    /// Makes sure that what is written is on disk, signs it, and begins a new file when this one is long.
    fn settle(&mut self) {
        if !self.is_synced && self.file.sync_data().is_ok() {
            self.is_synced = true;
        }
        if self.signed < self.seq && self.is_synced && self.sign().is_ok() {
            self.signed = self.seq;
        }
        if self.length >= u64::from(self.settings.rotate.max(1)) << 20 && self.signed == self.seq {
            let path = file_path(&self.directory, self.number + 1);
            // Otherwise this one grows on.
            if let Ok(file) = open_file(&path) {
                self.number += 1;
                self.file = file;
                self.length = 0;
            }
        }
    }

    /// Writes the checkpoint beside the file, as a whole.
    fn sign(&self) -> std::io::Result<()> {
        let Some(key) = &self.key else { return Ok(()) };
        let checkpoint = Checkpoint {
            origin: ORIGIN.to_owned(),
            size: self.seq,
            root: self.frontier.root(),
        };
        let note = checkpoint
            .sign(key)
            .map_err(|error| std::io::Error::other(error.to_string()))?;
        let mut path = file_path(&self.directory, self.number).into_os_string();
        path.push(".checkpoint");
        let beside = self.directory.join("checkpoint.new");
        std::fs::write(&beside, note)?;
        std::fs::rename(beside, path)
    }
}

fn file_path(directory: &Path, number: u32) -> PathBuf {
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

fn open_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::super::Receipt;
    use super::*;

    fn entry(id: u32) -> NewEntry {
        let receipt = Receipt {
            id: format!("{id:016x}"),
            ..Receipt::default()
        };
        receipt.entry("2026-11-27T00:00:00Z".parse().unwrap())
    }

    fn write(log: &Log, ids: std::ops::Range<u32>) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        for id in ids {
            runtime.block_on(log.write(entry(id))).unwrap();
        }
    }

    fn key() -> PrivateKey {
        PrivateKey::ed25519(&[7; 32]).unwrap()
    }

    fn lines(directory: &Path) -> Vec<String> {
        (1..)
            .map(|number| file_path(directory, number))
            .take_while(|path| path.exists())
            .flat_map(|path| {
                let text = std::fs::read_to_string(path).unwrap();
                text.lines().map(str::to_owned).collect::<Vec<_>>()
            })
            .collect()
    }

    #[test]
    fn a_log_goes_on_where_it_ended_and_cuts_off_what_was_torn() {
        let directory = tempfile::tempdir().unwrap();
        let open = || Log::open(directory.path(), &Receipts::default(), Some(key())).unwrap();
        write(&open(), 0..3);
        let path = file_path(directory.path(), 1);
        let mut torn = OpenOptions::new().append(true).open(&path).unwrap();
        torn.write_all(b"{\"action\": \"inter").unwrap();
        write(&open(), 3..5);
        let lines = lines(directory.path());
        assert_eq!(lines.len(), 5);
        let mut previous = GENESIS;
        for (place, line) in lines.iter().enumerate() {
            let entry = Entry::from_line(line).unwrap();
            assert_eq!(entry.seq, place as u64 + 1);
            assert_eq!(entry.previous, previous);
            previous = entry.hash;
        }
        let mut note = path.into_os_string();
        note.push(".checkpoint");
        let note = std::fs::read_to_string(note).unwrap();
        let checkpoint = Checkpoint::verify(&note, &[key().public().clone()]).unwrap();
        assert_eq!(checkpoint.size, 5);
    }

    #[test]
    fn a_log_that_somebody_changed_is_not_gone_on_with() {
        let directory = tempfile::tempdir().unwrap();
        let open = || Log::open(directory.path(), &Receipts::default(), None);
        write(&open().unwrap(), 0..3);
        let path = file_path(directory.path(), 1);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("0000000000000001", "0000000000000009")).unwrap();
        assert!(matches!(open(), Err(LogError::Broken { line: 2, .. })));
    }

    #[test]
    fn times_do_not_go_back() {
        let directory = tempfile::tempdir().unwrap();
        let log = Log::open(directory.path(), &Receipts::default(), None).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let noon: Timestamp = "2026-11-27T12:00:00Z".parse().unwrap();
        for at in [noon, noon - Duration::from_millis(3)] {
            let entry = NewEntry { at, ..entry(1) };
            runtime.block_on(log.write(entry)).unwrap();
        }
        for line in lines(directory.path()) {
            assert_eq!(Entry::from_line(&line).unwrap().at, noon);
        }
    }

    #[test]
    fn two_gateways_do_not_write_one_log() {
        let directory = tempfile::tempdir().unwrap();
        let open = || Log::open(directory.path(), &Receipts::default(), None);
        let first = open().unwrap();
        assert!(matches!(open(), Err(LogError::Locked { .. })));
        drop(first);
        assert!(open().is_ok());
    }
}

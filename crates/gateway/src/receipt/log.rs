//! The log of receipts: files that only grow, and whoever has a receipt to write.
//!
//! A receipt counts once its line is with the system, which survives the end of this process however it comes; with `sync`
//! once it is on disk. Whoever comes with a receipt writes it, and those that others brought meanwhile; nobody waits for a
//! thread to wake up. With `sync` a thread of its own writes, for the disk may take long. That thread also sees to it, once a
//! second, that everything is on disk and signed, while others go on writing.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use stance_govern::audit::NewEntry;
use stance_govern::signature::PrivateKey;
use tokio::sync::oneshot;

use super::writer::{Task, Writer};
use crate::settings::Receipts;

/// What the checkpoints name the log.
pub const ORIGIN: &str = "stance/receipts";

/// How often what is written is made sure to be on disk, and signed.
const SECOND: Duration = Duration::from_secs(1);

/// How often somebody with a receipt writes what others brought before the thread takes over.
const ROUNDS: usize = 8;

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
    #[error("{path}, line {line}: {what}; move its directory away to begin a new log, and keep it as evidence", path = path.display())]
    Broken {
        /// Which file.
        path: PathBuf,
        /// Which line.
        line: u64,
        /// What is wrong.
        what: String,
    },
    /// Receipts that were signed are not there any more.
    #[error("{path} ends before the {signed} receipts that were signed; move its directory away to begin a new log, and keep it as evidence", path = path.display())]
    Shorter {
        /// The file that should have them.
        path: PathBuf,
        /// How many were signed.
        signed: u64,
    },
    /// Another gateway writes here.
    #[error("{path} is in use by another gateway", path = path.display())]
    Locked {
        /// Which directory.
        path: PathBuf,
    },
}

/// The log of receipts.
#[derive(Debug)]
pub struct Log {
    shared: Arc<Shared>,
    /// Wakes the thread; gone when it is to end.
    bell: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    is_thread_to_write: bool,
}

/// What those who write share.
struct Shared {
    waiting: Mutex<Vec<Task>>,
    writer: Mutex<Writer>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shared")
    }
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
        let shared = Arc::new(Shared {
            waiting: Mutex::default(),
            writer: Mutex::new(writer),
        });
        let (bell, ringing) = sync_channel(1);
        let writing = shared.clone();
        let thread = std::thread::Builder::new()
            .name("receipts".to_owned())
            .spawn(move || writing.run(&ringing))
            .map_err(|error| LogError::File {
                path: directory.to_owned(),
                error,
            })?;
        Ok(Self {
            shared,
            bell: Some(bell),
            thread: Some(thread),
            is_thread_to_write: settings.sync,
        })
    }

    /// Writes a receipt; gives when it is written, or why it is not.
    pub(crate) async fn write(&self, entry: NewEntry) -> Result<(), String> {
        self.put(entry).await.map_err(gone)?
    }

    /// As [`Self::write`], for a thread that may wait.
    pub(crate) fn write_waiting(&self, entry: NewEntry) -> Result<(), String> {
        self.put(entry).blocking_recv().map_err(gone)?
    }

    /// Has a receipt written, by whoever writes.
    fn put(&self, entry: NewEntry) -> oneshot::Receiver<Result<(), String>> {
        let (written, told) = oneshot::channel();
        let task = Task { entry, written };
        lock(&self.shared.waiting).push(task);
        if self.is_thread_to_write || !self.shared.write_all() {
            // A bell that rings already is heard.
            let _ = self.bell.as_ref().map(|bell| bell.try_send(()));
        }
        told
    }
}

fn gone(_: oneshot::error::RecvError) -> String {
    "the log of receipts is closed".to_owned()
}

impl Drop for Log {
    fn drop(&mut self) {
        // The thread ends when nobody can ring any more.
        self.bell = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    /// Writes all that waits, unless somebody does already: whoever writes looks again before leaving, so what was put there
    /// before is not forgotten. False where there is still something after many rounds.
    fn write_all(&self) -> bool {
        for _ in 0..ROUNDS {
            {
                let mut writer = match self.writer.try_lock() {
                    Ok(writer) => writer,
                    Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                    Err(TryLockError::WouldBlock) => return true,
                };
                let batch = std::mem::take(&mut *lock(&self.waiting));
                if !batch.is_empty() {
                    writer.write(batch);
                }
            }
            if lock(&self.waiting).is_empty() {
                return true;
            }
        }
        false
    }

    fn run(&self, ringing: &Receiver<()>) {
        let mut due = Instant::now() + SECOND;
        loop {
            let left = due.saturating_duration_since(Instant::now());
            match ringing.recv_timeout(left) {
                Ok(()) => while !self.write_all() {},
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if Instant::now() >= due {
                self.settle();
                due = Instant::now() + SECOND;
            }
        }
        self.settle();
    }

    /// Makes sure that what is written is on disk, signs it, and begins a new file when this one is long.
    fn settle(&self) {
        let unsettled = lock(&self.writer).unsettled();
        if let Some(unsettled) = unsettled {
            // Others write on meanwhile: a disk may take its time.
            let is_settled = unsettled.settle().is_ok();
            let mut writer = lock(&self.writer);
            if is_settled {
                writer.settled(&unsettled);
            }
            writer.turn();
        }
        while !self.write_all() {}
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;
    use std::io::Write as _;

    use jiff::Timestamp;
    use stance_govern::audit::{Checkpoint, Entry, GENESIS};

    use super::super::Receipt;
    use super::super::writer::file_path;
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

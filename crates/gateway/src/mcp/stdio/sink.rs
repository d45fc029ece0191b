//! Where lines go.

use std::io::{self, Write};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Lines that wait for a reader who is slow; more are dropped.
const WAITING: usize = 256;

type Writer = Mutex<Option<Box<dyn Write + Send>>>;

/// Where lines go; several threads may write, and each line goes whole.
pub struct Sink {
    writer: Arc<Writer>,
    later: OnceLock<SyncSender<Vec<u8>>>,
}

impl Sink {
    /// Into a pipe.
    pub fn new(writer: impl Write + Send + 'static) -> Self {
        Self {
            writer: Arc::new(Mutex::new(Some(Box::new(writer)))),
            later: OnceLock::new(),
        }
    }

    /// Closes it: whoever reads sees the end. Waits for a line that is being written.
    pub fn close(&self) {
        self.writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }

    /// Writes, and waits for a reader who is slow.
    pub(super) fn write(&self, line: &[u8]) -> io::Result<()> {
        write(&self.writer, line)
    }

    /// Has a thread write that may wait in place of this one.
    pub(super) fn offer(&self, line: Vec<u8>) {
        let later = self.later.get_or_init(|| {
            let (later, waiting) = sync_channel::<Vec<u8>>(WAITING);
            let writer = self.writer.clone();
            std::thread::spawn(move || {
                while let Ok(line) = waiting.recv() {
                    if write(&writer, &line).is_err() {
                        return;
                    }
                }
            });
            later
        });
        // Who does not read so many answers to its requests does not wait for them.
        let _ = later.try_send(line);
    }
}

fn write(writer: &Writer, line: &[u8]) -> io::Result<()> {
    let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
    let writer = writer.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
    writer.write_all(line)?;
    writer.flush()
}

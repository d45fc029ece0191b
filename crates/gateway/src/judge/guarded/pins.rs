//! The catalogue of tools in its file: written soon after a tool is new, read anew when somebody else changed it.
//!
//! The file is small, JSON, and written as a whole beside its old self before it takes its place. Gateways and the command
//! that approves take turns by a lock, each adds to what stands there, so that none undoes what another did.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use stance_guard::flow::catalogue::{Catalogue, Version};

/// How long new tools are waited for that come together.
const TOGETHER: Duration = Duration::from_millis(300);

/// How often it is looked whether somebody else changed the file.
const LOOK: Duration = Duration::from_secs(2);

/// Largest file that is read.
const LARGEST: u64 = 64 << 20;

/// Why the catalogue cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {what}", path = path.display())]
pub struct PinsError {
    /// Its file.
    pub path: PathBuf,
    /// What is wrong.
    pub what: String,
}

/// The tools that are known, in memory and in a file.
#[derive(Debug, Default)]
pub struct Pins {
    inner: Arc<Inner>,
    writer: Option<Writer>,
}

#[derive(Debug)]
struct Writer {
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Inner {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    known: Catalogue,
    /// What is not in the file yet.
    unsaved: Vec<(String, String, Version)>,
    /// What the file was when it was read.
    seen: Option<(SystemTime, u64)>,
    fault: Option<String>,
}

impl Pins {
    /// The catalogue in this file; an empty one where there is none yet.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, or is no catalogue.
    pub fn open(path: &Path) -> Result<Self, PinsError> {
        let (known, seen) = read(path)?;
        let inner = Arc::new(Inner {
            path: path.to_owned(),
            state: Mutex::new(State {
                known,
                seen,
                ..State::default()
            }),
        });
        let (wake, woken) = sync_channel(1);
        let shared = inner.clone();
        let thread = std::thread::Builder::new()
            .name("catalogue".to_owned())
            .spawn(move || shared.run(&woken))
            .map_err(|error| PinsError {
                path: path.to_owned(),
                what: error.to_string(),
            })?;
        Ok(Self {
            inner,
            writer: Some(Writer {
                wake: Some(wake),
                thread: Some(thread),
            }),
        })
    }

    /// Asks the catalogue.
    pub(super) fn with<T>(&self, ask: impl FnOnce(&Catalogue) -> T) -> T {
        ask(&self.inner.state().known)
    }

    /// Adds versions of tools.
    pub(super) fn add(&self, scope: &str, new: Vec<(String, Version)>) {
        if new.is_empty() {
            return;
        }
        let mut state = self.inner.state();
        for (name, version) in new {
            let is_new = state.known.add(scope, &name, version.clone());
            if is_new && self.writer.is_some() {
                state.unsaved.push((scope.to_owned(), name, version));
            }
        }
        drop(state);
        if let Some(wake) = self.writer.as_ref().and_then(|writer| writer.wake.as_ref()) {
            // When one waits already, it is enough.
            let _ = wake.try_send(());
        }
    }

    /// Why new tools are not in the file.
    pub(super) fn fault(&self) -> Option<String> {
        self.inner.state().fault.clone()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // The thread writes what is left, and ends when nobody can wake it any more.
        self.wake = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, woken: &Receiver<()>) {
        loop {
            let is_over = match woken.recv_timeout(LOOK) {
                Ok(()) => {
                    std::thread::sleep(TOGETHER);
                    false
                }
                Err(RecvTimeoutError::Timeout) => false,
                Err(RecvTimeoutError::Disconnected) => true,
            };
            let fault = self.sync().err();
            self.state().fault =
                fault.map(|fault| format!("the catalogue of tools: {}", fault.what));
            if is_over {
                return;
            }
        }
    }

    /// Takes over what stands in the file, and writes what does not.
    fn sync(&self) -> Result<(), PinsError> {
        let has_more = !self.state().unsaved.is_empty();
        if !has_more && state_of(&self.path) == self.state().seen {
            return Ok(());
        }
        let _lock = locked(&self.path)?;
        let (mut known, mut seen) = read(&self.path)?;
        let unsaved = self.state().unsaved.clone();
        for (scope, name, version) in &unsaved {
            known.add(scope, name, version.clone());
        }
        if !unsaved.is_empty() {
            write(&self.path, &known)?;
            seen = state_of(&self.path);
        }
        let mut state = self.state();
        state.unsaved.drain(..unsaved.len());
        for (scope, name, version) in state.unsaved.clone() {
            known.add(&scope, &name, version);
        }
        (state.known, state.seen) = (known, seen);
        Ok(())
    }
}

/// Reads a catalogue; an empty one where there is no file.
///
/// # Errors
///
/// A file that cannot be read, or is no catalogue.
pub fn read_pins(path: &Path) -> Result<Catalogue, PinsError> {
    Ok(read(path)?.0)
}

/// Changes a catalogue in its file, which a gateway that runs takes over within seconds. Nothing is written where `change`
/// gives an error.
///
/// # Errors
///
/// A file that cannot be read or written, or is no catalogue; what `change` says.
pub fn edit_pins<T, E: From<PinsError>>(
    path: &Path,
    change: impl FnOnce(&mut Catalogue) -> Result<T, E>,
) -> Result<T, E> {
    let _lock = locked(path)?;
    let (mut known, _) = read(path)?;
    let given = change(&mut known)?;
    write(path, &known)?;
    Ok(given)
}

fn fault(path: &Path, error: impl std::fmt::Display) -> PinsError {
    PinsError {
        path: path.to_owned(),
        what: error.to_string(),
    }
}

/// Waits until nobody else changes the file.
fn locked(path: &Path) -> Result<File, PinsError> {
    let path = path.with_extension("lock");
    let lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|error| fault(&path, error))?;
    lock.lock().map_err(|error| fault(&path, error))?;
    Ok(lock)
}

fn state_of(path: &Path) -> Option<(SystemTime, u64)> {
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.modified().ok()?, meta.len()))
}

type Seen = Option<(SystemTime, u64)>;

fn read(path: &Path) -> Result<(Catalogue, Seen), PinsError> {
    let seen = state_of(path);
    let mut text = String::new();
    match File::open(path) {
        Ok(file) => {
            let most = LARGEST.saturating_add(1);
            let length = file.take(most).read_to_string(&mut text);
            let length = length.map_err(|error| fault(path, error))?;
            if length as u64 > LARGEST {
                return Err(fault(path, "too large for a catalogue of tools"));
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok((Catalogue::default(), seen));
        }
        Err(error) => return Err(fault(path, error)),
    }
    let known = serde_json::from_str(&text).map_err(|error| {
        let what = format!("is no catalogue of tools ({error}); move it away to begin anew");
        fault(path, what)
    })?;
    Ok((known, seen))
}

/// Writes a catalogue beside its old self, and has it take its place.
fn write(path: &Path, known: &Catalogue) -> Result<(), PinsError> {
    let beside = path.with_extension("new");
    let text = serde_json::to_string_pretty(known).map_err(|error| fault(path, error))?;
    let written = File::create(&beside).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()
    });
    written
        .and_then(|()| std::fs::rename(&beside, path))
        .map_err(|error| fault(path, error))
}

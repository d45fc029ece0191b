//! The parent's side: a classifier that answers in time or not at all, whatever its process does.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::json;
use stance_gateway::judge::classify::{Classify, NotAsked, Scored};
use stance_serve::Log;

use super::VARIABLE;
use super::message::{Answer, Ask, Load, Loaded, MOST_LINE, Said};

/// How long a model may take to be loaded and tried.
const LOADING: Duration = Duration::from_secs(120);

/// After how long without an answer to a text the process is ended.
const HANGING: Duration = Duration::from_secs(20);

/// Least time between two starts of a process that ended by itself.
const PAUSE: Duration = Duration::from_secs(10);

/// How often it is looked whether it hangs.
const LOOK: Duration = Duration::from_secs(1);

/// Most texts that wait for it.
const WAITING: usize = 64;

/// Longest text that is sent, in bytes; the rest is told as not looked at.
const MOST_TEXT: usize = 1 << 20;

/// A classifier in a process of its own.
pub(super) struct Remote {
    shared: Arc<Shared>,
    sha256: String,
}

struct Shared {
    load: Load,
    state: Mutex<State>,
}

struct State {
    running: Option<Running>,
    started: Instant,
    /// Whether it is started anew, or never again.
    is_starting: bool,
    next: u64,
}

struct Running {
    child: Child,
    texts: SyncSender<Ask>,
    /// Those that were sent and not answered, in their order, which answers keep.
    waiting: Arc<Mutex<Line>>,
}

#[derive(Default)]
struct Line {
    asked: VecDeque<(u64, SyncSender<Option<Said>>)>,
    /// Since when the process owes the next answer.
    since: Option<Instant>,
    is_over: bool,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Remote {
    /// Starts the process and waits until it takes texts.
    pub(super) fn start(load: Load) -> anyhow::Result<Self> {
        let (running, sha256) = launch(&load)?;
        let shared = Arc::new(Shared {
            load,
            state: Mutex::new(State {
                running: Some(running),
                started: Instant::now(),
                is_starting: false,
                next: 0,
            }),
        });
        let watched = Arc::downgrade(&shared);
        thread::Builder::new()
            .name("classifier-watch".to_owned())
            .spawn(move || watch(&watched))
            .context("no thread for the classifier")?;
        Ok(Self { shared, sha256 })
    }

    /// Sends a text, and gives where the answer comes.
    fn send(&self, text: &str, timeout: Duration) -> Result<Receiver<Option<Said>>, NotAsked> {
        let mut state = locked(&self.shared.state);
        let id = state.next;
        state.next = state.next.wrapping_add(1);
        let is_over = |running: &Running| locked(&running.waiting).is_over;
        if state.running.as_ref().is_none_or(is_over) {
            state.running = None;
            if !state.is_starting && state.started.elapsed() >= PAUSE {
                state.is_starting = true;
                state.started = Instant::now();
                let (shared, sha256) = (self.shared.clone(), self.sha256.clone());
                thread::spawn(move || start_again(&shared, &sha256));
            }
            return Err(NotAsked::Gone);
        }
        let running = state.running.as_ref().ok_or(NotAsked::Gone)?;
        let (answer, said) = sync_channel(1);
        let mut line = locked(&running.waiting);
        let ask = Ask {
            id,
            micros: u64::try_from(timeout.as_micros()).unwrap_or(u64::MAX),
            text: text.to_owned(),
        };
        // Within the lock, so that the order of the line is that of the texts.
        match running.texts.try_send(ask) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return Err(NotAsked::Busy),
            Err(TrySendError::Disconnected(_)) => return Err(NotAsked::Gone),
        }
        line.asked.push_back((id, answer));
        line.since.get_or_insert_with(Instant::now);
        Ok(said)
    }
}

impl Classify for Remote {
    fn score(&self, text: &str, timeout: Duration) -> Result<Scored, NotAsked> {
        let sent = text
            .get(..text.floor_char_boundary(MOST_TEXT))
            .unwrap_or(text);
        let answer = self.send(sent, timeout)?;
        match answer.recv_timeout(timeout) {
            Ok(Some(Said::Scored {
                score,
                label,
                start,
                end,
                is_whole,
            })) => {
                // The process is not trusted with places in the text, or with numbers.
                let end = text.floor_char_boundary(end.min(text.len()));
                let start = text.floor_char_boundary(start.min(end));
                match score.is_finite() {
                    true => Ok(Scored {
                        score: score.clamp(0.0, 1.0),
                        label: label
                            .chars()
                            .filter(|c| !c.is_control())
                            .take(100)
                            .collect(),
                        span: start..end,
                        is_whole: is_whole && sent.len() == text.len(),
                    }),
                    false => Err(NotAsked::Failed),
                }
            }
            Ok(Some(Said::Failed)) => Err(NotAsked::Failed),
            Ok(None) | Err(RecvTimeoutError::Timeout) => Err(NotAsked::TooLong),
            Err(RecvTimeoutError::Disconnected) => Err(NotAsked::Gone),
        }
    }

    fn sha256(&self) -> &str {
        &self.sha256
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a process, and gives it with the digest of its model once it takes texts.
fn launch(load: &Load) -> anyhow::Result<(Running, String)> {
    let binary = std::env::current_exe().context("cannot find this program to start it again")?;
    let mut command = Command::new(binary);
    // What is typed to the gateway is not for the child, which ends with its standard input.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command
        .env_clear()
        .env(VARIABLE, "1")
        // One pool is made whether or not it is used; ours is another.
        .env("RTEN_NUM_THREADS", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot start the process of the classifier")?;
    let pipes = child.stdin.take().zip(child.stdout.take());
    let waiting = Arc::new(Mutex::new(Line::default()));
    let (texts, given) = sync_channel(WAITING);
    let running = Running {
        child,
        texts,
        waiting: waiting.clone(),
    };
    let Some((input, output)) = pipes else {
        bail!("the process of the classifier has no pipes");
    };
    let (told, loaded) = sync_channel(1);
    let first = load.clone();
    thread::spawn(move || write(input, &first, &given));
    thread::spawn(move || read(output, &told, &waiting));
    match loaded.recv_timeout(LOADING) {
        Ok(Loaded::Ready { sha256 }) => Ok((running, sha256)),
        Ok(Loaded::Refused(why)) => bail!("{why}"),
        Err(RecvTimeoutError::Timeout) => {
            bail!("it was not loaded within {} seconds", LOADING.as_secs())
        }
        Err(RecvTimeoutError::Disconnected) => {
            bail!(
                "its process ended while it was loaded; it may have asked for more memory than it may have"
            )
        }
    }
}

/// Writes what is to be loaded, and then texts as they come.
fn write(input: ChildStdin, load: &Load, given: &Receiver<Ask>) {
    let mut input = input;
    let mut line = |bytes: Result<Vec<u8>, serde_json::Error>| -> std::io::Result<()> {
        let mut bytes = bytes?;
        bytes.push(b'\n');
        input.write_all(&bytes)?;
        input.flush()
    };
    if line(serde_json::to_vec(load)).is_err() {
        return;
    }
    while let Ok(ask) = given.recv() {
        if line(serde_json::to_vec(&ask)).is_err() {
            return;
        }
    }
}

/// Reads what the child says, until it ends or says what it should not.
fn read(output: ChildStdout, told: &SyncSender<Loaded>, waiting: &Mutex<Line>) {
    let mut output = BufReader::new(output);
    let mut next = || {
        let mut line = Vec::new();
        let read = (&mut output).take(MOST_LINE).read_until(b'\n', &mut line);
        read.is_ok_and(|count| count > 0).then_some(line)
    };
    let loaded = next().and_then(|line| serde_json::from_slice(&line).ok());
    let is_ready = matches!(loaded, Some(Loaded::Ready { .. }));
    if let Some(loaded) = loaded {
        let _ = told.send(loaded);
    }
    let answers = std::iter::from_fn(next)
        .take(if is_ready { usize::MAX } else { 0 })
        .map_while(|line| serde_json::from_slice::<Answer>(&line).ok());
    for answer in answers {
        let mut line = locked(waiting);
        match line.asked.pop_front() {
            Some((id, asked)) if id == answer.id => {
                line.since = (!line.asked.is_empty()).then(Instant::now);
                // Who asked may have gone.
                let _ = asked.try_send(answer.said);
            }
            _ => break,
        }
    }
    let mut line = locked(waiting);
    line.is_over = true;
    line.asked.clear();
    line.since = None;
}

/// Ends a process that owes an answer for too long.
fn watch(shared: &Weak<Shared>) {
    while let Some(shared) = shared.upgrade() {
        let mut state = locked(&shared.state);
        let is_hanging = state.running.as_ref().is_some_and(|running| {
            let since = locked(&running.waiting).since;
            since.is_some_and(|since| since.elapsed() > HANGING)
        });
        if is_hanging {
            state.running = None;
            let more = json!({"model": shared.load.model.display().to_string()});
            Log::stderr().say("error", "the classifier hung and was ended", &more);
        }
        drop(state);
        drop(shared);
        thread::sleep(LOOK);
    }
}

/// Starts it once more, where the model is still the same.
fn start_again(shared: &Shared, sha256: &str) {
    let launched = launch(&shared.load);
    let mut state = locked(&shared.state);
    state.started = Instant::now();
    let log = Log::stderr();
    match launched {
        Ok((running, now)) if now == sha256 => {
            state.running = Some(running);
            log.say("info", "the classifier was started anew", &json!({}));
        }
        Ok(_) => log.say(
            "error",
            "the file of the classifier is another than it was; it takes effect with new settings",
            &json!({}),
        ),
        Err(error) => {
            let more = json!({"cause": format!("{error:#}")});
            log.say("error", "the classifier could not be started anew", &more);
        }
    }
    state.is_starting = false;
}

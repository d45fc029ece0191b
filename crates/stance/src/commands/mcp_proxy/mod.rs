//! `stance mcp-proxy`: between an MCP client and one server that it starts.
//!
//! One thread carries the lines of each side. The first thread waits for what ends a session: the client that closes its end
//! or goes away, the server that ends, a signal. The server never outlives this process: it is told to end, and then ended,
//! with all that it started; and where the system can do that, it also ends when this process is killed.

mod server;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use stance_gateway::mcp::Side;
use stance_gateway::mcp::stdio::{Proxy, Sink};
use stance_gateway::receipt::{Log, LogError};
use stance_store::audit::AuditKey;

use super::gateway::guarded;
use crate::Outcome;
use crate::cli::{Cli, McpProxyArguments};
use crate::config::{Loaded, Settings};
use server::Server;

/// How long a server may take to end once its client has no more to say.
const TO_END: Duration = Duration::from_secs(10);

/// How long it may take once it was told to end.
const TO_STOP: Duration = Duration::from_secs(2);

/// How long what a server wrote before it ended is waited for.
const TO_DRAIN: Duration = Duration::from_secs(2);

/// Most proxies of one server that have a log of their own at the same time.
const MOST: u32 = 256;

/// What ends a session.
enum Event {
    /// The client has no more to say, or does not listen any more.
    Client,
    /// The server says nothing any more.
    Output,
    /// The server ended, with this code.
    Exited(u8),
    /// This process is told to end.
    Stop,
}

pub(crate) fn run(cli: &Cli, arguments: &McpProxyArguments) -> anyhow::Result<Outcome> {
    let Some((program, words)) = arguments.command.split_first() else {
        anyhow::bail!("name the command of the server after `--`");
    };
    if arguments.become_server {
        return server::turn_into(program, words);
    }
    let name = match &arguments.name {
        Some(name) => name.clone(),
        None => Path::new(program)
            .file_stem()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default(),
    };
    let name = directory_name(&name);
    ensure!(!name.is_empty(), "a server needs a name: `--name SERVER`");
    let proxy = Arc::new(proxy(cli, arguments, &name)?);
    let (events, told) = channel();
    signals(events.clone())?;
    let server = Server::start(program, words)
        .with_context(|| format!("cannot start {}", program.to_string_lossy()))?;
    let code = supervise(&proxy, server, events, &told);
    proxy.close();
    Ok(Outcome::Code(code))
}

/// A name that may be that of a directory.
fn directory_name(name: &str) -> String {
    name.chars()
        .map(|c| match c {
            c if c.is_alphanumeric() || "-_.".contains(c) => c,
            _ => '-',
        })
        .take(64)
        .collect::<String>()
        .trim_start_matches('.')
        .to_owned()
}

fn proxy(cli: &Cli, arguments: &McpProxyArguments, name: &str) -> anyhow::Result<Proxy> {
    // Only a file that is named: the directory in which clients start servers may be anybody's.
    let loaded = match &cli.global.config {
        Some(path) => Loaded::find(Some(path), Path::new("."))?,
        None => Loaded::default(),
    };
    let data = Settings::resolve(cli, &loaded).data_dir.value;
    std::fs::create_dir_all(&data)
        .with_context(|| format!("cannot make the data directory {}", data.display()))?;
    let file = cli.global.config.as_deref().unwrap_or(Path::new("."));
    let guard = &loaded.file.guard;
    let posture = super::posture::read(&guard.posture, file)?;
    let judge = guarded(guard, file, &data)?.with_posture(posture);
    let classifier = crate::classifier::start(guard, file)?;
    let judge = Arc::new(judge.with_classifier(classifier));
    let settings = &loaded.file.gateway;
    let receipts = receipts(&data, name, settings)?;
    let identity = arguments.identity.as_deref();
    Ok(Proxy::new(name, identity, settings, judge, Some(receipts)))
}

/// A log that no other process writes: clients start one server several times.
fn receipts(data: &Path, name: &str, settings: &stance_gateway::Settings) -> anyhow::Result<Log> {
    let mut number = 1;
    loop {
        let of = match number {
            1 => name.to_owned(),
            number => format!("{name}.{number}"),
        };
        let directory = data.join("receipts").join("mcp").join(of);
        std::fs::create_dir_all(data.join("receipts").join("mcp"))
            .with_context(|| format!("cannot make {}", directory.display()))?;
        let key = AuditKey::open(data)?.into_private();
        match Log::open(&directory, &settings.receipts, Some(key)) {
            Err(LogError::Locked { .. }) if number < MOST => number += 1,
            opened => return Ok(opened?),
        }
    }
}

/// Tells when this process is to end.
fn signals(events: Sender<Event>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("no thread for signals")?;
    let (ready, is_ready) = channel();
    std::thread::spawn(move || {
        runtime.block_on(async {
            let stop = told_to_stop();
            let _ = ready.send(());
            stop.await;
            let _ = events.send(Event::Stop);
        });
    });
    // Before the server is there: a signal in between would leave it behind.
    is_ready.recv().context("no thread for signals")
}

#[cfg(unix)]
fn told_to_stop() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let all = [
        SignalKind::terminate(),
        SignalKind::interrupt(),
        SignalKind::hangup(),
    ];
    let mut all: Vec<_> = all
        .into_iter()
        .filter_map(|kind| signal(kind).ok())
        .collect();
    async move {
        std::future::poll_fn(|context| {
            let told = all.iter_mut().any(|one| one.poll_recv(context).is_ready());
            match told {
                true => std::task::Poll::Ready(()),
                false => std::task::Poll::Pending,
            }
        })
        .await;
    }
}

#[cfg(not(unix))]
async fn told_to_stop() {
    let _ = tokio::signal::ctrl_c().await;
}

/// Carries lines until the session is over; gives the exit code.
fn supervise(
    proxy: &Arc<Proxy>,
    mut server: Server,
    events: Sender<Event>,
    told: &Receiver<Event>,
) -> u8 {
    let client = Arc::new(Sink::new(io::stdout()));
    let input = Arc::new(Sink::new(server.input()));
    let output = server.output();
    let process = server.process();
    {
        let (proxy, client, input) = (proxy.clone(), client.clone(), input.clone());
        let events = events.clone();
        std::thread::spawn(move || {
            let _ = proxy.carry(Side::Client, io::stdin(), &input, &client);
            // The server sees the end of its input, and ends by itself.
            input.close();
            let _ = events.send(Event::Client);
        });
    }
    {
        let (proxy, client, input) = (proxy.clone(), client.clone(), input);
        let events = events.clone();
        std::thread::spawn(move || {
            let ended = proxy.carry(Side::Server, output, &client, &input);
            let _ = events.send(match ended {
                Ok(stance_gateway::mcp::stdio::Ended::Target) => Event::Client,
                _ => Event::Output,
            });
        });
    }
    std::thread::spawn(move || {
        let code = server.wait();
        let _ = events.send(Event::Exited(code));
    });
    let mut is_silent = false;
    let mut ending = Ending::default();
    let code = loop {
        match next(told, ending.due()) {
            Some(Event::Client) => ending.begin(TO_END),
            Some(Event::Output) => {
                is_silent = true;
                // It can answer nothing any more.
                proxy.abandon(&client, "The server ended before it answered.");
                ending.begin(TO_STOP);
            }
            Some(Event::Stop) => {
                process.terminate();
                ending.told();
            }
            Some(Event::Exited(code)) => break code,
            None => match ending.is_told {
                false => {
                    process.terminate();
                    ending.told();
                }
                true => process.kill(),
            },
        }
    };
    // What it started goes with it; what it wrote is still carried.
    process.terminate();
    let until = Instant::now() + TO_DRAIN;
    while !is_silent {
        match next(told, Some(until)) {
            Some(Event::Output | Event::Client) => is_silent = true,
            Some(_) => {}
            None => break,
        }
    }
    process.kill();
    proxy.abandon(&client, "The server ended before it answered.");
    code
}

/// How a server is brought to its end: left alone for a while, told, and ended.
#[derive(Default)]
struct Ending {
    due: Option<Instant>,
    is_told: bool,
}

impl Ending {
    fn due(&self) -> Option<Instant> {
        self.due
    }

    fn begin(&mut self, patience: Duration) {
        let due = Instant::now() + patience;
        self.due = Some(self.due.map_or(due, |known| known.min(due)));
    }

    fn told(&mut self) {
        self.is_told = true;
        self.due = Some(Instant::now() + TO_STOP);
    }
}

/// What happens next; nothing until `due`.
fn next(told: &Receiver<Event>, due: Option<Instant>) -> Option<Event> {
    match due {
        None => told.recv().ok(),
        Some(due) => told
            .recv_timeout(due.saturating_duration_since(Instant::now()))
            .ok(),
    }
}

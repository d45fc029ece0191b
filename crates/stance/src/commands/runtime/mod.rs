//! What `stance serve` runs beside its pages: the gateway, and the receiver of telemetry. Both end in its database.

mod intake;
mod logs;
mod posture;
mod receive;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use stance_gateway::Reload;
use stance_gateway::judge::Guarded;
use stance_gateway::posture::Held;
use stance_gateway::witness::queue;
use stance_receiver::{Receiver, Stop};
use stance_serve::app::App;
use stance_serve::{Log, Server};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(super) use logs::told;
pub(super) use posture::Findings;
pub(super) use receive::receiver;

use super::gateway::{self, Made, Whose, random, watch};
use crate::cli::{Cli, ServeArguments};
use crate::config::Loaded;
use crate::config::file::File;

/// Exchanges that wait to be written.
const WAITING: usize = 8_192;

/// What runs.
#[derive(Default)]
pub(crate) struct Runtime {
    gateway: Option<Gateway>,
    receiver: Option<Stop>,
    tasks: Vec<JoinHandle<()>>,
}

struct Gateway {
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
    keeping: JoinHandle<()>,
    /// The file and key of the way in for `stance gateway asks`.
    door: (PathBuf, String),
}

/// What takes new settings.
struct Taker {
    path: PathBuf,
    app: App,
    gateway: Option<(Reload, Arc<Guarded>)>,
    receiver: Receiver,
    held: Arc<Held>,
    secret: (u64, u64),
}

impl Runtime {
    /// Starts what the file of settings at `path` and the words of the command ask for; tells where it is.
    pub(crate) async fn start(
        cli: &Cli,
        arguments: &ServeArguments,
        path: Option<PathBuf>,
        server: &Server,
        log: &Log,
    ) -> anyhow::Result<Self> {
        let app = server.app().clone();
        let file = match &path {
            Some(path) => Loaded::find(Some(path), Path::new("."))?.file,
            None => File::default(),
        };
        let secret = random()?;
        app.telemetry.keep_words(file.gateway.keep_words);
        let mut runtime = Self::default();
        let findings = Findings::read(app.clone(), log.clone()).await;
        let held = findings.held.clone();
        runtime.tasks.push(tokio::spawn(findings.watch()));
        let judging = (secret, held.clone());
        let receiver = runtime.receive(arguments, server, &file, judging).await?;
        let mut reload = None;
        if let Some(path) = path
            .as_deref()
            .filter(|_| !file.gateway.upstreams.is_empty())
        {
            ensure!(
                file.gateway.report.is_none(),
                "{}: gateway.report is for a gateway that stands alone; this one tells its own service",
                path.display()
            );
            ensure_own_findings(path, &file)?;
            let data = &app.settings.data_dir;
            let made = gateway::make(path, file, data, None, Some(held.clone()))?;
            let judge = made.judge.clone();
            let taking = runtime
                .carry(cli, arguments, (&app, &app.settings.data_dir), log, made)
                .await?;
            reload = Some((taking, judge));
        }
        if !arguments.otlp_listen.is_empty() {
            let mut out = super::stdout(cli);
            for address in &arguments.otlp_listen {
                writeln!(out, "OTLP on {address}")?;
            }
            out.flush()?;
        }
        let Some(path) = path else {
            return Ok(runtime);
        };
        let taker = Taker {
            path: path.clone(),
            app,
            gateway: reload,
            receiver,
            held,
            secret,
        };
        let renewed = taker.gateway.as_ref().map(|(reload, ..)| reload.clone());
        let watching = watch(path, Whose::gateway(renewed), move |file| taker.take(file));
        runtime.tasks.push(tokio::spawn(watching));
        Ok(runtime)
    }

    /// Starts the gateway.
    async fn carry(
        &mut self,
        cli: &Cli,
        arguments: &ServeArguments,
        (app, data): (&App, &Path),
        log: &Log,
        made: Made,
    ) -> anyhow::Result<Reload> {
        gateway::ensure_closed(&made.gateway, arguments.gateway_listen)?;
        gateway::open_many();
        let listener = TcpListener::bind(arguments.gateway_listen)
            .await
            .with_context(|| {
                format!(
                    "the gateway cannot listen on {}; choose another address with `--gateway-listen`",
                    arguments.gateway_listen
                )
            })?;
        let address = listener.local_addr()?;
        made.tell(cli, address)?;
        let (seen, waiting) = queue(WAITING);
        let owner = gateway::secret()?;
        let gateway = made.gateway.with_witness(Arc::new(seen)).owned_by(&owner);
        app.decide_at(gateway.desk());
        let door = super::asks::of_gateway(data);
        super::asks::open_door(&door, made.scheme, &address, &owner)?;
        let reload = gateway.reload();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(stance_gateway::serve(gateway, listener, async {
            let _ = stopped.await;
        }));
        let keeping = tokio::spawn(intake::keep(app.clone(), log.clone(), waiting));
        self.gateway = Some(Gateway {
            stop,
            serving,
            keeping,
            door: (door, owner),
        });
        Ok(reload)
    }

    /// Starts the receiver: of logs that are sent to the service, and of OTLP where it is asked for.
    async fn receive(
        &mut self,
        arguments: &ServeArguments,
        server: &Server,
        file: &File,
        judging: ((u64, u64), Arc<Held>),
    ) -> anyhow::Result<Receiver> {
        let (receiver, listeners) = receive::make(arguments, server, file, judging).await?;
        self.receiver = Some(receiver.start(listeners));
        let app = server.app().clone();
        app.read_logs_with(Arc::new(logs::Reading(receiver.clone())));
        let figures = receive::count(app, receiver.clone());
        self.tasks.push(tokio::spawn(figures));
        Ok(receiver)
    }

    /// Ends it in good order: what was acknowledged and what passed is in the database afterwards.
    pub(crate) async fn end(self) {
        for task in self.tasks {
            task.abort();
            let _ = task.await;
        }
        if let Some(receiver) = self.receiver {
            receiver.end().await;
        }
        if let Some(gateway) = self.gateway {
            super::asks::close_door(&gateway.door.0, &gateway.door.1);
            let _ = gateway.stop.send(());
            let _ = gateway.serving.await;
            let _ = gateway.keeping.await;
        }
    }
}

/// Refuses findings from a file: this gateway knows those of its own service.
fn ensure_own_findings(path: &Path, file: &File) -> anyhow::Result<()> {
    ensure!(
        file.guard.posture.snapshot.is_none(),
        "{}: guard.posture.snapshot is for a gateway that stands alone; this one knows the findings of its own service",
        path.display()
    );
    Ok(())
}

impl Taker {
    fn take(&self, file: File) -> anyhow::Result<()> {
        let words = file.gateway.keep_words;
        let observing = receive::judge(&file.guard, self.secret, self.held.clone())?;
        if let Some((reload, judge)) = &self.gateway {
            ensure_own_findings(&self.path, &file)?;
            let held: Arc<Held> = self.held.clone();
            gateway::take(&self.path, file, reload, judge, Some(held))?;
        }
        self.receiver.judge_by(observing, words);
        self.app.telemetry.keep_words(words);
        Ok(())
    }
}

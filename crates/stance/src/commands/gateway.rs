//! `stance gateway`: between applications and model providers, until it is told to stop.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, ensure};
use stance_gateway::judge::{Guarded, Judge};
use stance_gateway::receipt::Log as Receipts;
use stance_gateway::report::{Reporter, Said};
use stance_gateway::witness::{Witness, queue};
use stance_gateway::{Gateway, Invalid, is_local, serve};
use stance_guard::policy::{Policy, Settings as GuardSettings};
use stance_serve::Log;
use stance_serve::server::told_to_stop;
use stance_store::audit::AuditKey;
use tokio::net::TcpListener;

use crate::Outcome;
use crate::cli::{Cli, GatewayArguments, GatewayCommand};
use crate::config::file::File;
use crate::config::{FILE_NAME, Loaded, Settings};

/// How often it is looked whether the file of the settings changed.
const LOOK: Duration = Duration::from_secs(2);

/// Exchanges that wait to be reported.
const WAITING: usize = 8_192;

/// How long what was not reported yet is tried when the gateway ends.
const FAREWELL: Duration = Duration::from_secs(10);

pub(crate) fn run(cli: &Cli, arguments: &GatewayArguments) -> anyhow::Result<Outcome> {
    match &arguments.command {
        Some(GatewayCommand::Key { name }) => key(cli, name),
        None => listen(cli, arguments),
    }
}

/// Makes a virtual key.
fn key(cli: &Cli, name: &str) -> anyhow::Result<Outcome> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    ensure!(
        !name.is_empty() && name.chars().all(is_name),
        "a name has letters, digits, `-` and `_` only"
    );
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).context("the system gives no random bytes")?;
    let mut key = String::from("stance-");
    for byte in bytes {
        key.push_str(&format!("{byte:02x}"));
    }
    let digest = stance_core::digest::sha256_hex(key.as_bytes());
    let mut out = super::stdout(cli);
    writeln!(out, "# The key of {name}, told this once: {key}")?;
    writeln!(out, "[gateway.keys.{name}]\nsha256 = \"{digest}\"")?;
    Ok(Outcome::Clean)
}

fn listen(cli: &Cli, arguments: &GatewayArguments) -> anyhow::Result<Outcome> {
    let path = settings_file(cli)?;
    let loaded = Loaded::find(Some(&path), Path::new("."))?;
    let data = Settings::resolve(cli, &loaded).data_dir.value;
    let secret = random()?;
    let report = loaded.file.gateway.report.clone();
    let receipts = arguments.receipts.clone();
    let mut made = make(&path, loaded.file, &data, receipts, secret)?;
    ensure_closed(&made.gateway, arguments.listen)?;
    let reporter = report
        .map(|report| Reporter::new(&report).map_err(|invalid| told(&path, &[invalid])))
        .transpose()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("no threads for the gateway")?;
    runtime.block_on(async {
        let stop = told_to_stop();
        let listener = TcpListener::bind(arguments.listen)
            .await
            .with_context(|| format!("cannot listen on {}", arguments.listen))?;
        made.tell(cli, listener.local_addr()?)?;
        let reporting = reporter.map(|reporter| {
            let (seen, waiting) = queue(WAITING);
            made.witness = Some(Arc::new(seen));
            tokio::spawn(reporter.run(waiting, say))
        });
        let mut gateway = made.gateway;
        if let Some(witness) = made.witness {
            gateway = gateway.with_witness(witness);
        }
        let reload = gateway.reload();
        let place = path.clone();
        tokio::spawn(watch(path, move |file| {
            reload
                .take(file.gateway, judge(&file.guard, secret)?)
                .map_err(|all| told(&place, &all))
        }));
        serve(gateway, listener, stop).await?;
        if let Some(reporting) = reporting
            && tokio::time::timeout(FAREWELL, reporting).await.is_err()
        {
            let more = serde_json::json!({});
            Log::stderr().say(
                "warning",
                "the service was not told of all that passed",
                &more,
            );
        }
        Ok(Outcome::Clean)
    })
}

/// A gateway that is ready to serve.
pub(super) struct Made {
    pub(super) gateway: Gateway,
    witness: Option<Arc<dyn Witness>>,
    names: Vec<String>,
    receipts: PathBuf,
}

impl Made {
    /// Tells where it is.
    pub(super) fn tell(&self, cli: &Cli, address: SocketAddr) -> anyhow::Result<()> {
        let mut out = super::stdout(cli);
        writeln!(out, "Gateway on http://{address}")?;
        for name in &self.names {
            writeln!(out, "  http://{address}/{name}")?;
        }
        writeln!(out, "Receipts in {}", self.receipts.display())?;
        out.flush()?;
        Ok(())
    }
}

/// Makes a gateway of the settings of a file. Receipts are in `receipts`, or in the data directory.
pub(super) fn make(
    path: &Path,
    file: File,
    data: &Path,
    receipts: Option<PathBuf>,
    secret: (u64, u64),
) -> anyhow::Result<Made> {
    let File {
        gateway: settings,
        guard,
        ..
    } = file;
    let judge = judge(&guard, secret)?;
    let directory = receipts.unwrap_or_else(|| data.join("receipts"));
    std::fs::create_dir_all(data)
        .with_context(|| format!("cannot make the data directory {}", data.display()))?;
    let key = AuditKey::open(data)?;
    let receipts = Receipts::open(&directory, &settings.receipts, Some(key.into_private()))?;
    let names: Vec<String> = settings.upstreams.keys().cloned().collect();
    let gateway = Gateway::new(settings, judge, Some(receipts)).map_err(|all| told(path, &all))?;
    Ok(Made {
        gateway,
        witness: None,
        names,
        receipts: directory,
    })
}

/// Refuses an address where strangers could spend what is not theirs.
pub(super) fn ensure_closed(gateway: &Gateway, address: SocketAddr) -> anyhow::Result<()> {
    ensure!(
        !gateway.is_open() || is_local(&address),
        "{address} can be reached from elsewhere, and anybody there could use the keys of the upstreams: make virtual keys \
         with `stance gateway key NAME`, or listen on 127.0.0.1"
    );
    Ok(())
}

/// Says how reports to a service fare.
fn say(said: Said) {
    let (level, what, more) = match said {
        Said::Trying { why } => (
            "warning",
            "the service is not told what passes for now; it is tried again",
            serde_json::json!({"cause": why}),
        ),
        Said::Arrived => (
            "info",
            "the service is told what passes again",
            serde_json::json!({}),
        ),
        Said::Lost { count, why } => (
            "error",
            "the service is not told of some exchanges; they are in the receipts only",
            serde_json::json!({"count": count, "cause": why}),
        ),
    };
    Log::stderr().say(level, what, &more);
}

/// What decides about exchanges. What sessions remember is keyed by this process alone.
pub(super) fn judge(settings: &GuardSettings, key: (u64, u64)) -> anyhow::Result<Arc<dyn Judge>> {
    let policy = Policy::new(settings.clone()).map_err(|all| {
        let lines: Vec<String> = all.iter().map(|it| format!("\n  {it}")).collect();
        anyhow::anyhow!(
            "the settings under `guard` make no sense:{}",
            lines.concat()
        )
    })?;
    Ok(Arc::new(Guarded::new(policy, key)))
}

/// Two random numbers.
pub(super) fn random() -> anyhow::Result<(u64, u64)> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).context("the system gives no random bytes")?;
    let number = u128::from_be_bytes(bytes);
    #[expect(clippy::cast_possible_truncation, reason = "the lower half of it")]
    Ok(((number >> 64) as u64, number as u64))
}

/// The file of the settings: the one that is named, or the one that lies here. One that lies further up may be anybody's, and
/// settings of a gateway say where words go.
pub(super) fn settings_file(cli: &Cli) -> anyhow::Result<PathBuf> {
    if let Some(path) = &cli.global.config {
        return Ok(path.clone());
    }
    let here = PathBuf::from(FILE_NAME);
    ensure!(
        here.is_file(),
        "there is no {FILE_NAME} here; name the file with `--config FILE`"
    );
    Ok(here)
}

pub(super) fn told(path: &Path, all: &[Invalid]) -> anyhow::Error {
    let lines: Vec<String> = all.iter().map(|it| format!("\n  {it}")).collect();
    anyhow::anyhow!("{}:{}", path.display(), lines.concat())
}

/// Takes new settings whenever their file changes, or somebody says so.
pub(super) async fn watch(path: PathBuf, take: impl Fn(File) -> anyhow::Result<()>) {
    let log = Log::stderr();
    let mut last = state_of(&path);
    #[cfg(unix)]
    let mut hangup = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok();
    loop {
        let pause = tokio::time::sleep(LOOK);
        #[cfg(unix)]
        let is_told = match &mut hangup {
            Some(hangup) => tokio::select! {
                () = pause => false,
                _ = hangup.recv() => true,
            },
            None => {
                pause.await;
                false
            }
        };
        #[cfg(not(unix))]
        let is_told = {
            pause.await;
            false
        };
        let state = state_of(&path);
        if state == last && !is_told {
            continue;
        }
        last = state;
        match read(&path).and_then(&take) {
            Ok(()) => log.say(
                "info",
                "the gateway has new settings",
                &serde_json::json!({}),
            ),
            Err(error) => {
                let more = serde_json::json!({"cause": format!("{error:#}")});
                log.say("error", "the gateway keeps its settings", &more);
            }
        }
    }
}

fn read(path: &Path) -> anyhow::Result<File> {
    Ok(Loaded::find(Some(path), Path::new("."))?.file)
}

/// What tells that a file changed.
fn state_of(path: &Path) -> Option<(SystemTime, u64)> {
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.modified().ok()?, meta.len()))
}

//! `stance gateway`: between applications and model providers, until it is told to stop.

mod documents;
mod tools;
mod watch;

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use stance_gateway::judge::{Guarded, Judge, Pins};
use stance_gateway::posture::Posture;
use stance_gateway::receipt::Log as Receipts;
use stance_gateway::report::{Reporter, Said};
use stance_gateway::witness::{Witness, queue};
use stance_gateway::{Gateway, Invalid, Notice, Reload, is_local, serve};
use stance_guard::policy::{Policy, Settings as GuardSettings};
use stance_serve::Log;
use stance_serve::server::told_to_stop;
use stance_store::audit::AuditKey;
use tokio::net::TcpListener;

use crate::Outcome;
use crate::classifier;
use crate::cli::{Cli, GatewayArguments, GatewayCommand};
use crate::config::file::File;
use crate::config::{FILE_NAME, Loaded, Settings};

pub(super) use watch::{Whose, watch};

/// What was used up of tokens and money, in the data directory.
const USAGE: &str = "gateway-usage.json";

/// Exchanges that wait to be reported.
const WAITING: usize = 8_192;

/// How long what was not reported yet is tried when the gateway ends.
const FAREWELL: Duration = Duration::from_secs(10);

pub(crate) fn run(cli: &Cli, arguments: &GatewayArguments) -> anyhow::Result<Outcome> {
    match &arguments.command {
        Some(GatewayCommand::Key { name }) => key(cli, name),
        Some(GatewayCommand::Asks(arguments)) => super::asks::run(cli, arguments),
        Some(GatewayCommand::Tools { action }) => tools::run(cli, action),
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
    let key = format!("stance-{}", secret()?);
    let digest = stance_core::digest::sha256_hex(key.as_bytes());
    let mut out = super::stdout(cli);
    writeln!(out, "# The key of {name}, told this once: {key}")?;
    writeln!(out, "[gateway.keys.{name}]\nsha256 = \"{digest}\"")?;
    Ok(Outcome::Clean)
}

/// 256 random bits in hexadecimal.
pub(super) fn secret() -> anyhow::Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).context("the system gives no random bytes")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn listen(cli: &Cli, arguments: &GatewayArguments) -> anyhow::Result<Outcome> {
    let path = settings_file(cli)?;
    let loaded = Loaded::find(Some(&path), Path::new("."))?;
    let data = Settings::resolve(cli, &loaded).data_dir.value;
    let report = loaded.file.gateway.report.clone();
    let receipts = arguments.receipts.clone();
    let posture = super::posture::read(&loaded.file.guard.posture, &path)?;
    let mut made = make(&path, loaded.file, &data, receipts, posture)?;
    ensure_closed(&made.gateway, arguments.listen)?;
    let reporter = report
        .map(|report| Reporter::new(&report).map_err(|invalid| told(&path, &[invalid])))
        .transpose()?;
    open_many();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("no threads for the gateway")?;
    runtime.block_on(async {
        let stop = told_to_stop();
        let listener = TcpListener::bind(arguments.listen)
            .await
            .with_context(|| format!("cannot listen on {}", arguments.listen))?;
        let address = listener.local_addr()?;
        made.tell(cli, address)?;
        let (owner, scheme) = (secret()?, made.scheme);
        let reporting = reporter.map(|reporter| {
            let (seen, waiting) = queue(WAITING);
            made.witness = Some(Arc::new(seen));
            tokio::spawn(reporter.run(waiting, say))
        });
        let (mut gateway, judge) = (made.gateway, made.judge);
        if let Some(witness) = made.witness {
            gateway = gateway.with_witness(witness);
        }
        gateway = gateway.owned_by(&owner);
        let reload = gateway.reload();
        let (place, renewed) = (path.clone(), reload.clone());
        let taking = move |file: File| {
            let posture = super::posture::read(&file.guard.posture, &place)?;
            take(&place, file, &renewed, &judge, posture)
        };
        tokio::spawn(watch(path, Whose::gateway(Some(reload)), taking));
        let door = super::asks::of_gateway(&data);
        super::asks::open_door(&door, scheme, &address, &owner)?;
        let served = serve(gateway, listener, stop).await;
        super::asks::close_door(&door, &owner);
        served?;
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

/// Takes as many connections as this process may have: each exchange needs two, and many systems begin with 1,024 in all.
pub(super) fn open_many() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let most = getrlimit(Resource::Nofile).maximum;
        // Without it, fewer callers are served at once.
        let _ = setrlimit(
            Resource::Nofile,
            Rlimit {
                current: most,
                maximum: most,
            },
        );
    }
}

/// A gateway that is ready to serve.
pub(super) struct Made {
    pub(super) gateway: Gateway,
    /// What decides, to be given another policy.
    pub(super) judge: Arc<Guarded>,
    witness: Option<Arc<dyn Witness>>,
    pub(super) scheme: &'static str,
    names: Vec<String>,
    receipts: PathBuf,
}

impl Made {
    /// Tells where it is.
    pub(super) fn tell(&self, cli: &Cli, address: SocketAddr) -> anyhow::Result<()> {
        let scheme = self.scheme;
        let mut out = super::stdout(cli);
        writeln!(out, "Gateway on {scheme}://{address}")?;
        for name in &self.names {
            writeln!(out, "  {scheme}://{address}/{name}")?;
        }
        writeln!(out, "Receipts in {}", self.receipts.display())?;
        out.flush()?;
        Ok(())
    }
}

/// Makes a gateway of the settings of a file. Receipts are in `receipts`, or in the data directory; `posture` knows the findings
/// of scans.
pub(super) fn make(
    path: &Path,
    file: File,
    data: &Path,
    receipts: Option<PathBuf>,
    posture: Option<Arc<dyn Posture>>,
) -> anyhow::Result<Made> {
    let File {
        gateway: settings,
        guard,
        ..
    } = file;
    let directory = receipts.unwrap_or_else(|| data.join("receipts"));
    std::fs::create_dir_all(data)
        .with_context(|| format!("cannot make the data directory {}", data.display()))?;
    let judge = Arc::new(guarded(&guard, path, data)?.with_posture(posture));
    let classifier = classifier::start(&guard, path)?;
    let key = AuditKey::open(data)?;
    let receipts = Receipts::open(&directory, &settings.receipts, Some(key.into_private()))?;
    let names: Vec<String> = settings.upstreams.keys().cloned().collect();
    let scheme = match settings.tls {
        Some(_) => "https",
        None => "http",
    };
    let usage = data.join(USAGE);
    let judging = Arc::new(judge.with_classifier(classifier));
    let gateway = Gateway::with_usage(settings, judging, Some(receipts), &usage)?
        .map_err(|all| told(path, &all))?
        .telling(Arc::new(notice));
    Ok(Made {
        gateway,
        judge,
        witness: None,
        scheme,
        names,
        receipts: directory,
    })
}

/// Refuses an address where strangers could spend what is not theirs.
pub(super) fn ensure_closed(gateway: &Gateway, address: SocketAddr) -> anyhow::Result<()> {
    ensure!(
        !gateway.is_open() || is_local(&address),
        "{address} can be reached from elsewhere, and anybody there could use the keys of the upstreams: make virtual keys \
         with `stance gateway key NAME`, set up who is known otherwise, or listen on 127.0.0.1"
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

/// Says which connections came to nothing.
fn notice(notice: &Notice, count: u64) {
    let (what, more) = match notice {
        Notice::Full(most) => (
            "the gateway has no room for more connections (gateway.connection-limit)",
            serde_json::json!({"limit": most, "count": count}),
        ),
        Notice::Handshake(why) => (
            "connections to the gateway agree on no TLS",
            serde_json::json!({"cause": why, "count": count}),
        ),
    };
    Log::stderr().say("warning", what, &more);
}

/// What decides, with the tools that are known in the data directory. What sessions remember is keyed by this process alone.
pub(super) fn guarded(
    settings: &GuardSettings,
    file: &Path,
    data: &Path,
) -> anyhow::Result<Guarded> {
    let pins = Pins::open(&tools::path(data))?;
    let known = documents::read(&settings.fingerprints, file)?;
    let policy = policy(settings)?;
    Ok(Guarded::knowing(policy, random()?, pins, known))
}

/// What decides about exchanges that are told afterwards, with nothing on disk. What sessions remember is keyed by `key`.
pub(super) fn judge(
    settings: &GuardSettings,
    key: (u64, u64),
    posture: Option<Arc<dyn Posture>>,
) -> anyhow::Result<Arc<dyn Judge>> {
    let judge = Guarded::new(policy(settings)?, key);
    Ok(Arc::new(judge.with_posture(posture)))
}

/// What is done about what is found.
fn policy(settings: &GuardSettings) -> anyhow::Result<Policy> {
    Policy::new(settings.clone()).map_err(|all| {
        let lines: Vec<String> = all.iter().map(|it| format!("\n  {it}")).collect();
        anyhow::anyhow!(
            "the settings under `guard` make no sense:{}",
            lines.concat()
        )
    })
}

/// Takes the settings as they are now. What is remembered of sessions, identities and tools stays.
pub(super) fn take(
    path: &Path,
    file: File,
    reload: &Reload,
    judge: &Guarded,
    posture: Option<Arc<dyn Posture>>,
) -> anyhow::Result<()> {
    let judge = again(judge, &file.guard, path)?
        .with_posture(posture)
        .with_classifier(classifier::start(&file.guard, path)?);
    reload
        .take(file.gateway, Arc::new(judge))
        .map_err(|all| told(path, &all))
}

/// A judge by these settings that remembers what `judge` does.
pub(super) fn again(
    judge: &Guarded,
    settings: &GuardSettings,
    file: &Path,
) -> anyhow::Result<Guarded> {
    let known = documents::read(&settings.fingerprints, file)?;
    Ok(judge.with_policy(policy(settings)?, known))
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

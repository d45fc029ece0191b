//! `stance gateway`: between applications and model providers, until it is told to stop.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, bail, ensure};
use stance_gateway::judge::{Guarded, Judge};
use stance_gateway::receipt::Log as Receipts;
use stance_gateway::{Gateway, Invalid, Reload, is_local, serve};
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

pub(crate) fn run(cli: &Cli, arguments: &GatewayArguments) -> anyhow::Result<Outcome> {
    match &arguments.command {
        Some(GatewayCommand::Key { name }) => key(cli, name),
        Some(GatewayCommand::Asks(arguments)) => super::asks::run(cli, arguments),
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
fn secret() -> anyhow::Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).context("the system gives no random bytes")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn listen(cli: &Cli, arguments: &GatewayArguments) -> anyhow::Result<Outcome> {
    let path = settings_file(cli)?;
    let loaded = Loaded::find(Some(&path), Path::new("."))?;
    let data = Settings::resolve(cli, &loaded).data_dir.value;
    let File {
        gateway: settings,
        guard,
        ..
    } = loaded.file;
    let session_key = random()?;
    let judge = judge(&guard, session_key)?;
    let directory = arguments
        .receipts
        .clone()
        .unwrap_or_else(|| data.join("receipts"));
    std::fs::create_dir_all(&data)
        .with_context(|| format!("cannot make the data directory {}", data.display()))?;
    let key = AuditKey::open(&data)?;
    let receipts = Receipts::open(&directory, &settings.receipts, Some(key.into_private()))?;
    let names: Vec<String> = settings.upstreams.keys().cloned().collect();
    let gateway = Gateway::new(settings, judge, Some(receipts)).map_err(|all| told(&path, &all))?;
    let owner = secret()?;
    let gateway = gateway.owned_by(&owner);
    if gateway.is_open() && !is_local(&arguments.listen) {
        bail!(
            "{} can be reached from elsewhere, and anybody there could use the keys of the upstreams: make virtual keys \
             with `stance gateway key NAME`, or listen on 127.0.0.1",
            arguments.listen
        );
    }
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
        let mut out = super::stdout(cli);
        writeln!(out, "Gateway on http://{address}")?;
        for name in &names {
            writeln!(out, "  http://{address}/{name}")?;
        }
        writeln!(out, "Receipts in {}", directory.display())?;
        out.flush()?;
        super::asks::open_door(&data, &address, &owner)?;
        tokio::spawn(watch(path, gateway.reload(), session_key));
        let served = serve(gateway, listener, stop).await;
        super::asks::close_door(&data, &owner);
        served?;
        Ok(Outcome::Clean)
    })
}

/// What decides about exchanges. What sessions remember is keyed by this process alone.
fn judge(settings: &GuardSettings, key: (u64, u64)) -> anyhow::Result<Arc<dyn Judge>> {
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
fn settings_file(cli: &Cli) -> anyhow::Result<PathBuf> {
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

fn told(path: &Path, all: &[Invalid]) -> anyhow::Error {
    let lines: Vec<String> = all.iter().map(|it| format!("\n  {it}")).collect();
    anyhow::anyhow!("{}:{}", path.display(), lines.concat())
}

/// Takes new settings whenever their file changes, or somebody says so.
async fn watch(path: PathBuf, reload: Reload, secret: (u64, u64)) {
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
        match read(&path).and_then(|file| {
            reload
                .take(file.gateway, judge(&file.guard, secret)?)
                .map_err(|all| told(&path, &all))
        }) {
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

//! What a proxy is told by the file of its settings, at the start and while it runs, and where those who are asked answer.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use anyhow::Context as _;
use stance_gateway::Settings as GatewaySettings;
use stance_gateway::mcp::stdio::Proxy;
use stance_gateway::receipt::{Log, LogError};
use stance_store::audit::AuditKey;
use tokio::runtime::Runtime;

use crate::classifier;
use crate::cli::{Cli, McpProxyArguments};
use crate::commands::asks;
use crate::commands::gateway::{self, Whose, guarded, watch};
use crate::config::file::File;
use crate::config::{Loaded, Settings};

/// Most proxies of one server that have a log of their own at the same time.
const MOST: u32 = 256;

/// A proxy whose settings are looked at.
pub(super) struct Set {
    pub(super) proxy: Arc<Proxy>,
    door: Arc<Door>,
}

impl Drop for Set {
    fn drop(&mut self) {
        self.door.close();
    }
}

/// Where decisions come in, once somebody may be asked.
struct Door {
    path: PathBuf,
    key: OnceLock<String>,
}

impl Door {
    /// Opens it where the settings say that somebody is asked.
    fn open(&self, proxy: &Arc<Proxy>, settings: &GatewaySettings) -> anyhow::Result<()> {
        if settings.ask.is_none() || self.key.get().is_some() {
            return Ok(());
        }
        let key = gateway::secret()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .context("cannot listen on 127.0.0.1 for decisions (gateway.ask)")?;
        let address = proxy
            .listen(listener, &key)
            .context("cannot listen on 127.0.0.1 for decisions (gateway.ask)")?;
        asks::open_door(&self.path, "http", &address, &key)?;
        let _ = self.key.set(key);
        Ok(())
    }

    fn close(&self) {
        if let Some(key) = self.key.get() {
            asks::close_door(&self.path, key);
        }
    }
}

/// Makes the proxy, and has it take what changes in the file of its settings.
pub(super) fn begin(
    cli: &Cli,
    arguments: &McpProxyArguments,
    name: &str,
    runtime: &Runtime,
) -> anyhow::Result<Set> {
    // Only a file that is named: the directory in which clients start servers may be anybody's.
    let loaded = match &cli.global.config {
        Some(path) => Loaded::find(Some(path), Path::new("."))?,
        None => Loaded::default(),
    };
    let data = Settings::resolve(cli, &loaded).data_dir.value;
    std::fs::create_dir_all(&data)
        .with_context(|| format!("cannot make the data directory {}", data.display()))?;
    let file = cli.global.config.as_deref().unwrap_or(Path::new("."));
    let File { guard, gateway, .. } = &loaded.file;
    let posture = crate::commands::posture::read(&guard.posture, file)?;
    let judge = Arc::new(guarded(guard, file, &data)?.with_posture(posture));
    let judging = judge.with_classifier(classifier::start(guard, file)?);
    let (receipts, log) = receipts(&data, name, gateway)?;
    let proxy = Proxy::new(
        name,
        arguments.identity.as_deref(),
        gateway,
        Arc::new(judging),
        Some(receipts),
        runtime.handle().clone(),
    );
    let proxy = Arc::new(proxy.map_err(|all| gateway::told(file, &all))?);
    let door = Arc::new(Door {
        path: asks::of_proxy(&data, &log),
        key: OnceLock::new(),
    });
    door.open(&proxy, gateway)?;
    let set = Set {
        proxy: proxy.clone(),
        door: door.clone(),
    };
    if let Some(path) = &cli.global.config {
        let place = path.clone();
        let taking = move |file: File| {
            let posture = crate::commands::posture::read(&file.guard.posture, &place)?;
            let again = gateway::again(&judge, &file.guard, &place)?
                .with_posture(posture)
                .with_classifier(classifier::start(&file.guard, &place)?);
            let taken = proxy.take(&file.gateway, Arc::new(again));
            taken.map_err(|all| gateway::told(&place, &all))?;
            door.open(&proxy, &file.gateway)
        };
        let whose = Whose {
            name: "the proxy",
            renewed: None,
            // It is how a terminal says that it is gone.
            hears: false,
        };
        runtime.spawn(watch(path.clone(), whose, taking));
    }
    Ok(set)
}

/// A log that no other process writes, with its name: clients start one server several times.
fn receipts(data: &Path, name: &str, settings: &GatewaySettings) -> anyhow::Result<(Log, String)> {
    let mut number = 1;
    loop {
        let of = match number {
            1 => name.to_owned(),
            number => format!("{name}.{number}"),
        };
        let all = data.join("receipts").join("mcp");
        std::fs::create_dir_all(&all).with_context(|| format!("cannot make {}", all.display()))?;
        let key = AuditKey::open(data)?.into_private();
        match Log::open(&all.join(&of), &settings.receipts, Some(key)) {
            Err(LogError::Locked { .. }) if number < MOST => number += 1,
            opened => return Ok((opened?, of)),
        }
    }
}

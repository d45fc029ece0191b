//! Logs into a data directory on which no service runs.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use stance_receiver::{Log as Records, Receiver, Stop};
use stance_serve::telemetry::LogTaken;
use stance_serve::{Clock, Log, Server};
use stance_telemetry::logs::Format;

use crate::cli::{Cli, ImportArguments};
use crate::commands::gateway::{random, settings_file};
use crate::commands::runtime;
use crate::config::Loaded;
use crate::config::file::File;

/// The receiver of a service that answers nobody.
pub(super) struct Local {
    runtime: tokio::runtime::Runtime,
    receiver: Receiver,
    stop: Stop,
    _server: Server,
    format: Option<Format>,
    service: Option<String>,
}

impl Local {
    pub(super) fn new(
        cli: &Cli,
        arguments: &ImportArguments,
        data: PathBuf,
    ) -> anyhow::Result<Self> {
        let file = match settings_file(cli) {
            Ok(path) => Loaded::find(Some(&path), Path::new("."))?.file,
            Err(_) => File::default(),
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .context("no threads to work with")?;
        let secret = random()?;
        let (server, receiver, stop) = runtime.block_on(async {
            let settings = stance_serve::Settings::new(([127, 0, 0, 1], 0).into(), data);
            let server = Server::start(settings, Clock::system(), Log::stderr())
                .await
                .context(
                    "cannot write to the data directory; a service that runs on it takes logs with `--server` and `--token-file`",
                )?;
            let app = server.app();
            app.telemetry.keep_words(file.gateway.keep_words);
            let found = runtime::Findings::read(app.clone(), Log::stderr()).await;
            let receiver = runtime::receiver(app, &file, (secret, found.held))?;
            let stop = receiver.start(Vec::new());
            anyhow::Ok((server, receiver, stop))
        })?;
        Ok(Self {
            runtime,
            receiver,
            stop,
            _server: server,
            format: Format::of_word(&arguments.format),
            service: arguments.service.clone(),
        })
    }

    pub(super) fn send(&self, body: &[u8]) -> anyhow::Result<LogTaken> {
        let log = Records {
            format: self.format,
            service: self.service.clone(),
            packed: false,
            body: body.to_vec(),
        };
        let taken = self.runtime.block_on(self.receiver.take_log(log))?;
        Ok(runtime::told(taken))
    }

    /// Keeps what waits for more that belongs to it.
    pub(super) fn finish(self) {
        self.runtime.block_on(self.stop.end());
    }
}

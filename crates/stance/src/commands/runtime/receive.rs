//! The receiver of telemetry: where it listens, who may send, where things are kept, and by what they are judged.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde_json::json;
use stance_gateway::is_local;
use stance_gateway::judge::Judge;
use stance_gateway::posture::Held;
use stance_guard::policy::{CatalogueMode, CatalogueSettings, Preset, Settings as GuardSettings};
use stance_receiver::{
    Admit, Admitted, BoxFuture, HeaderMap, Keeper, Kept, NoRoom, Receiver, Settings, TlsAcceptor,
};
use stance_serve::app::App;
use stance_serve::{Server, telemetry};
use tokio::net::TcpListener;

use crate::cli::ServeArguments;
use crate::config::file::File;

/// How often the figures of the receiver are taken over.
const LOOK: Duration = Duration::from_secs(5);

/// A receiver that does not run yet, and its sockets.
pub(super) async fn make(
    arguments: &ServeArguments,
    server: &Server,
    file: &File,
    (secret, posture): ((u64, u64), Arc<Held>),
) -> anyhow::Result<(Receiver, Vec<(TcpListener, Option<TlsAcceptor>)>)> {
    let tls = server.acceptor();
    let mut listeners = Vec::new();
    for address in &arguments.otlp_listen {
        ensure!(
            is_local(address) || tls.is_some() || arguments.behind_proxy,
            "{address} can be reached from elsewhere, and tokens would be readable on the way: give `--tls-cert` and \
             `--tls-key`, or `--behind-proxy` where one does TLS, or listen on 127.0.0.1"
        );
        let listener = TcpListener::bind(address).await.with_context(|| {
            format!(
                "cannot listen for OTLP on {address}; choose another address with `--otlp-listen`"
            )
        })?;
        listeners.push((listener, tls.clone()));
    }
    let needs_token = !arguments.otlp_listen.iter().all(is_local);
    let receiver = letting_in(server.app(), file, (secret, posture), needs_token)?;
    Ok((receiver, listeners))
}

/// A receiver that listens nowhere, into the database of a service.
pub(in crate::commands) fn receiver(
    app: &App,
    file: &File,
    (secret, posture): ((u64, u64), Arc<Held>),
) -> anyhow::Result<Receiver> {
    letting_in(app, file, (secret, posture), true)
}

fn letting_in(
    app: &App,
    file: &File,
    (secret, posture): ((u64, u64), Arc<Held>),
    needs_token: bool,
) -> anyhow::Result<Receiver> {
    let door = Door {
        app: app.clone(),
        needs_token,
    };
    let settings = Settings {
        words: file.gateway.keep_words,
        ..Settings::default()
    };
    let judge = judge(&file.guard, secret, posture)?;
    let books = Books(app.clone());
    Ok(Receiver::new(
        settings,
        judge,
        Arc::new(books),
        Arc::new(door),
    ))
}

/// What judges telemetry: the policy of the gateway, which only observes, for all of it has happened; and what the service
/// found about models, agents and programs.
pub(super) fn judge(
    settings: &GuardSettings,
    secret: (u64, u64),
    posture: Arc<Held>,
) -> anyhow::Result<Arc<dyn Judge>> {
    let settings = GuardSettings {
        preset: Preset::Observe,
        catalogue: CatalogueSettings {
            mode: CatalogueMode::Off,
        },
        ..settings.clone()
    };
    super::gateway::judge(&settings, secret, Some(posture))
}

/// Who may send: on this machine everybody, from elsewhere those with a token.
struct Door {
    app: App,
    needs_token: bool,
}

impl Admit for Door {
    fn admit(&self, headers: &HeaderMap, _: IpAddr) -> BoxFuture<'_, Admitted> {
        let has_token = headers.contains_key("authorization");
        let headers = headers.clone();
        Box::pin(async move {
            if !self.needs_token && !has_token {
                return Admitted::Yes;
            }
            match telemetry::admit(&self.app, &headers).await {
                Ok(()) => Admitted::Yes,
                Err(error) => match error.status().as_u16() {
                    401 => Admitted::NotKnown,
                    403 => Admitted::NotAllowed,
                    _ => Admitted::Later(2),
                },
            }
        })
    }
}

/// The database of the service.
struct Books(App);

impl Keeper for Books {
    fn keep(&self, kept: Kept) -> BoxFuture<'_, Result<usize, NoRoom>> {
        Box::pin(async move {
            let all = async {
                if !kept.measured.is_empty() {
                    telemetry::measure(&self.0, kept.measured).await?;
                }
                telemetry::keep(&self.0, kept.done, kept.waiting).await
            };
            all.await.map_err(|error| {
                let more = json!({"cause": error.to_string()});
                let what = "telemetry cannot be written; whoever sent it is told to come back";
                self.0.log.say("error", what, &more);
                NoRoom("the service cannot write right now".to_owned())
            })
        })
    }
}

/// Takes the figures of the receiver over to those of the service, now and then.
pub(super) async fn count(app: App, receiver: Receiver) {
    let mut before = [0; 5];
    loop {
        tokio::time::sleep(LOOK).await;
        let figures = receiver.figures();
        let all: [(&'static str, &AtomicU64); 5] = [
            ("stance_telemetry_requests_total", &figures.taken),
            ("stance_telemetry_requests_later_total", &figures.later),
            ("stance_telemetry_requests_refused_total", &figures.refused),
            ("stance_telemetry_records_passed_total", &figures.passed),
            ("stance_telemetry_records_rejected_total", &figures.rejected),
        ];
        for ((name, figure), before) in all.into_iter().zip(&mut before) {
            let now = figure.load(Ordering::Relaxed);
            app.metrics.add(name, now.saturating_sub(*before));
            *before = now;
        }
    }
}

//! What the gateway knows while it runs: settings that are ready to be used, and what outlives a change of them.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::hold;
use crate::identity::{Bundle, Identities, Remote};
use crate::judge::Judge;
use crate::limit::Limits;
use crate::notice::Notices;
use crate::receipt::Log;
use crate::settings::{Invalid, OnFailure, Settings};
use crate::tls::{self, ClientCertificate, Trust};
use crate::upstream::{Connections, Upstream};
use crate::witness::Witness;

/// Settings that were checked, with the keys that they name.
pub(crate) struct Ready {
    pub(crate) settings: Settings,
    pub(crate) upstreams: BTreeMap<String, Arc<Upstream>>,
    pub(crate) identities: Identities,
    /// What answers connections, where it is not plain HTTP.
    pub(crate) tls: Option<TlsAcceptor>,
    /// Who vouches for the certificates of callers.
    pub(crate) trust: Option<Arc<Trust>>,
    /// How the files were that all this was read from.
    files: Vec<(PathBuf, State)>,
    /// Who is asked where a rule asks.
    pub(crate) ask: Option<Arc<hold::Ready>>,
    pub(crate) judge: Arc<dyn Judge>,
}

/// What all requests share, whatever the settings are.
pub(crate) struct Shared {
    pub(crate) connections: Connections,
    pub(crate) limits: Arc<Limits>,
    pub(crate) remotes: Remotes,
    pub(crate) receipts: Option<Log>,
    /// Receipts that could not be written since the last one that could.
    pub(crate) lost: std::sync::atomic::AtomicU64,
    pub(crate) figures: Figures,
    /// What waits for a decision.
    pub(crate) desk: Arc<hold::Waiting>,
    /// The key of whoever runs the gateway, as a digest.
    pub(crate) owner: Option<[u8; 32]>,
    /// What is told to whoever runs it.
    pub(crate) notices: Notices,
    /// Whether the gateway is told to stop.
    pub(crate) stopping: watch::Sender<bool>,
    /// Sessions of MCP over HTTP.
    pub(crate) sessions: crate::mcp::http::Sessions,
    /// Who is told of exchanges that are over.
    pub(crate) witness: Option<Arc<dyn Witness>>,
}

impl Shared {
    /// Ends when the gateway is told to stop.
    pub(crate) async fn stopped(&self) {
        let mut stopping = self.stopping.subscribe();
        let _ = stopping.wait_for(|is_stopping| *is_stopping).await;
    }
}

/// Keys of issuers, by their addresses.
#[derive(Debug, Default)]
pub(crate) struct Remotes(Mutex<HashMap<String, Arc<Remote>>>);

impl Remotes {
    /// What is known of an address.
    pub(crate) fn at(&self, address: &str) -> Arc<Remote> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(address.to_owned())
            .or_insert_with(|| Remote::new(address))
            .clone()
    }
}

/// What tells that a file changed.
type State = Option<(SystemTime, u64)>;

fn state_of(path: &std::path::Path) -> State {
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.modified().ok()?, meta.len()))
}

/// What operation looks at.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    /// Connections that are there.
    pub(crate) connections: std::sync::atomic::AtomicU64,
    /// Connections for which there was no room.
    pub(crate) turned_away: std::sync::atomic::AtomicU64,
    pub(crate) requests: std::sync::atomic::AtomicU64,
    pub(crate) refused: std::sync::atomic::AtomicU64,
    pub(crate) running: std::sync::atomic::AtomicU64,
}

impl Ready {
    pub(crate) fn new(
        settings: Settings,
        judge: Arc<dyn Judge>,
        remotes: &Remotes,
    ) -> Result<Self, Vec<Invalid>> {
        let mut invalid = settings.check();
        // Before they are read: what changes meanwhile is looked at again.
        let files = files(&settings)
            .into_iter()
            .map(|path| (path.clone(), state_of(&path)))
            .collect();
        let mut upstreams = BTreeMap::new();
        for (name, upstream) in &settings.upstreams {
            match Upstream::new(name, upstream) {
                Ok(ready) => {
                    upstreams.insert(name.clone(), Arc::new(ready));
                }
                Err(_)
                    if invalid
                        .iter()
                        .any(|it| it.place.starts_with(&format!("upstreams.{name}."))) => {}
                Err(what) => invalid.push(Invalid {
                    place: format!("upstreams.{name}.key"),
                    what,
                }),
            }
        }
        let bundles = bundles(&settings, &mut invalid);
        let trust = trust(&settings, &bundles, &mut invalid);
        let tls = settings
            .tls
            .as_ref()
            .and_then(|tls| tls::acceptor(tls, trust.as_ref(), &mut invalid));
        let remote = |address: &str| remotes.at(address);
        let identities = Identities::new(&settings, bundles, remote, &mut invalid);
        let ask = match settings.ask.as_ref().map(hold::Ready::new).transpose() {
            Ok(ask) => ask.map(Arc::new),
            Err((part, what)) => {
                let place = format!("ask.{part}");
                if invalid.iter().all(|it| it.place != place) {
                    invalid.push(Invalid { place, what });
                }
                None
            }
        };
        if !invalid.is_empty() {
            return Err(invalid);
        }
        Ok(Self {
            settings,
            upstreams,
            identities,
            tls,
            trust,
            files,
            ask,
            judge,
        })
    }

    /// Whether a file changed since this was read from it.
    pub(crate) fn is_out_of_date(&self) -> bool {
        self.files
            .iter()
            .any(|(path, state)| state_of(path) != *state)
    }

    /// The upstream that a path names, and the path without its name; a single upstream needs no name.
    pub(crate) fn upstream<'p>(&self, path: &'p str) -> Option<(&Arc<Upstream>, &'p str)> {
        let inner = path.strip_prefix('/').unwrap_or(path);
        let end = inner.find(['/', '?']).unwrap_or(inner.len());
        let (first, rest) = inner.split_at(end);
        if let Some(upstream) = self.upstreams.get(first) {
            return Some((upstream, if rest.is_empty() { "/" } else { rest }));
        }
        let mut all = self.upstreams.values();
        all.next()
            .filter(|_| all.next().is_none())
            .map(|only| (only, path))
    }

    pub(crate) fn is_closed_without_receipt(&self) -> bool {
        self.settings.receipts.on_failure == OnFailure::Closed
    }
}

/// Files with certificates and keys of callers, and the certificate of the gateway: others renew them without asking.
fn files(settings: &Settings) -> Vec<PathBuf> {
    let tls = settings.tls.iter().flat_map(|tls| {
        let own = [tls.certificate.clone(), tls.key.clone()];
        own.into_iter()
            .chain(tls.client_ca.clone())
            .chain(tls.crl.iter().cloned())
            .map(PathBuf::from)
    });
    let bundles = settings.spiffe.values().filter_map(|it| it.bundle.as_ref());
    let keys = settings
        .identity
        .values()
        .filter_map(|it| it.jwks.strip_prefix("file:"));
    let named = bundles.map(String::as_str).chain(keys).map(PathBuf::from);
    tls.chain(named).collect()
}

fn bundles(settings: &Settings, invalid: &mut Vec<Invalid>) -> BTreeMap<String, Bundle> {
    let mut bundles = BTreeMap::new();
    for (name, domain) in &settings.spiffe {
        let read = match &domain.bundle {
            None => Ok(Bundle::default()),
            Some(path) => std::fs::read(path)
                .map_err(|error| format!("{path} cannot be read: {error}"))
                .and_then(|bytes| Bundle::read(&bytes).map_err(|what| format!("{path}: {what}"))),
        };
        match read {
            Ok(bundle) => {
                bundles.insert(name.clone(), bundle);
            }
            Err(what) => invalid.push(Invalid {
                place: format!("spiffe.{name}.bundle"),
                what,
            }),
        }
    }
    bundles
}

/// Who vouches for certificates, where any are asked for.
fn trust(
    settings: &Settings,
    bundles: &BTreeMap<String, Bundle>,
    invalid: &mut Vec<Invalid>,
) -> Option<Arc<Trust>> {
    let tls = settings.tls.as_ref()?;
    if !settings.asks_for_certificates() {
        return None;
    }
    let authorities = match tls
        .client_ca
        .as_deref()
        .map(|path| stance_tls::certificates(path.as_ref()))
        .transpose()
    {
        Ok(authorities) => authorities,
        Err(error) => {
            invalid.push(Invalid {
                place: "tls.client-ca".to_owned(),
                what: error.to_string(),
            });
            return None;
        }
    };
    let mut revoked = Vec::new();
    for path in &tls.crl {
        match stance_tls::revocations(path.as_ref()) {
            Ok(lists) => revoked.extend(lists),
            Err(error) => {
                invalid.push(Invalid {
                    place: "tls.crl".to_owned(),
                    what: error.to_string(),
                });
                return None;
            }
        }
    }
    let domains = bundles
        .iter()
        // One with keys of JWT-SVIDs only has no certificates that count.
        .filter(|(name, bundle)| {
            let has_bundle = settings
                .spiffe
                .get(*name)
                .is_some_and(|it| it.bundle.is_some());
            !has_bundle || !bundle.authorities.is_empty()
        })
        .map(|(name, bundle)| (name.clone(), bundle.authorities.clone()))
        .collect();
    let is_required = tls.client_certificate == ClientCertificate::Required;
    match Trust::new(authorities, domains, &revoked, is_required) {
        Ok(trust) => Some(Arc::new(trust)),
        Err((domain, what)) => {
            let place = domain.map_or_else(
                || "tls.client-ca".to_owned(),
                |name| format!("spiffe.{name}.bundle"),
            );
            invalid.push(Invalid { place, what });
            None
        }
    }
}

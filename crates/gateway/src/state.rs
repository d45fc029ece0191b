//! What the gateway knows while it runs: settings that are ready to be used, and what outlives a change of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use hyper::header::HeaderMap;

use crate::caller::{self, Key};
use crate::judge::Judge;
use crate::limit::Limits;
use crate::receipt::Log;
use crate::settings::{Invalid, OnFailure, Settings};
use crate::upstream::{Connections, Upstream};
use crate::witness::Witness;

/// Settings that were checked, with the keys that they name.
pub(crate) struct Ready {
    pub(crate) settings: Settings,
    pub(crate) upstreams: BTreeMap<String, Arc<Upstream>>,
    keys: Vec<Key>,
    pub(crate) judge: Arc<dyn Judge>,
}

/// What all requests share, whatever the settings are.
pub(crate) struct Shared {
    pub(crate) connections: Connections,
    pub(crate) limits: Limits,
    pub(crate) receipts: Option<Log>,
    /// Receipts that could not be written since the last one that could.
    pub(crate) lost: std::sync::atomic::AtomicU64,
    pub(crate) figures: Figures,
    /// Who is told of exchanges that are over.
    pub(crate) witness: Option<Arc<dyn Witness>>,
}

/// What operation looks at.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) requests: std::sync::atomic::AtomicU64,
    pub(crate) refused: std::sync::atomic::AtomicU64,
    pub(crate) running: std::sync::atomic::AtomicU64,
}

impl Ready {
    pub(crate) fn new(settings: Settings, judge: Arc<dyn Judge>) -> Result<Self, Vec<Invalid>> {
        let mut invalid = settings.check();
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
        if !invalid.is_empty() {
            return Err(invalid);
        }
        let keys = settings
            .keys
            .iter()
            .filter_map(|(name, key)| Key::new(name, key))
            .collect();
        Ok(Self {
            settings,
            upstreams,
            keys,
            judge,
        })
    }

    /// The virtual key of a caller; an error where one is needed and there is none.
    pub(crate) fn caller(&self, headers: &HeaderMap) -> Result<Option<&Key>, Stranger> {
        match caller::find(&self.keys, headers) {
            Some(key) => Ok(Some(key)),
            None if self.keys.is_empty() || self.settings.anonymous => Ok(None),
            None => Err(Stranger),
        }
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

/// A caller without a virtual key where one is needed.
pub(crate) struct Stranger;

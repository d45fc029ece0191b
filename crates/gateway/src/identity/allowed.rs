//! A caller who is known, and what follows from that: which upstreams and models, and how much.

use std::sync::Arc;

use hyper::header::{AUTHORIZATION, HeaderMap};

use super::settings::Allowance;
use crate::settings::fits;

/// Who asks, and what holds for it.
#[derive(Debug, Default, Clone)]
pub(crate) struct Caller {
    /// The name of its virtual key.
    pub(crate) key: Option<String>,
    /// Who its token says it is.
    pub(super) token: Option<String>,
    /// Who the certificate of its connection says it is.
    pub(super) certificate: Option<String>,
    pub(super) groups: Vec<String>,
    /// Whether the token stood where a key of the provider would.
    pub(super) is_bearer: bool,
    held: Vec<Held>,
}

/// What holds for a caller by one entry of the settings.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    /// Where it stands in the settings.
    pub(crate) place: String,
    /// The name that it is counted under.
    pub(crate) name: String,
    pub(crate) allowance: Arc<Allowance>,
}

impl Caller {
    pub(super) fn add_key(&mut self, name: &str, allowance: Arc<Allowance>) {
        self.key = Some(name.to_owned());
        self.held.push(Held {
            place: format!("keys.{name}"),
            name: name.to_owned(),
            allowance,
        });
    }

    /// Whether it proved who it is.
    pub(crate) const fn is_proven(&self) -> bool {
        self.key.is_some() || self.token.is_some() || self.certificate.is_some()
    }

    /// The name in receipts and for policy: of what is proven, the one that tells most.
    pub(crate) fn name(&self) -> Option<&str> {
        self.token
            .as_deref()
            .or(self.certificate.as_deref())
            .or(self.key.as_deref())
    }

    /// All that is proven.
    pub(crate) fn proofs(&self) -> Vec<String> {
        let key = self.key.as_ref().map(|key| format!("key:{key}"));
        let others = [self.token.clone(), self.certificate.clone()];
        key.into_iter()
            .chain(others.into_iter().flatten())
            .collect()
    }

    /// Takes over the entries whose pattern fits one of its names; whether there is one.
    ///
    /// Each counts under the name that fits: an identity by itself, a group together.
    pub(super) fn fit(&mut self, allowed: &[(String, Arc<Allowance>)]) -> bool {
        let groups = self.groups.iter().map(|group| format!("group:{group}"));
        let names: Vec<String> = self.proofs().into_iter().chain(groups).collect();
        let mut found = false;
        for (pattern, allowance) in allowed {
            let pattern = std::slice::from_ref(pattern);
            let Some(name) = names.iter().find(|name| fits(pattern, name)) else {
                continue;
            };
            found = true;
            self.held.push(Held {
                place: format!("identities.\"{}\"", pattern.concat()),
                // One name for all that is counted of a virtual key.
                name: name.strip_prefix("key:").unwrap_or(name).to_owned(),
                allowance: allowance.clone(),
            });
        }
        found
    }

    /// What holds for it.
    pub(crate) fn held(&self) -> &[Held] {
        &self.held
    }

    /// The entry that keeps it from an upstream, if one does.
    pub(crate) fn keeps_from_upstream(&self, upstream: &str) -> Option<&Held> {
        self.held.iter().find(|held| {
            let upstreams = &held.allowance.upstreams;
            !upstreams.is_empty() && !upstreams.iter().any(|it| it == upstream)
        })
    }

    /// The entry that keeps it from a model, if one does.
    pub(crate) fn keeps_from_model(&self, model: &str) -> Option<&Held> {
        let mut held = self.held.iter();
        held.find(|held| !fits(&held.allowance.models, model))
    }

    /// Whether its models are limited.
    pub(crate) fn lists_models(&self) -> bool {
        self.held
            .iter()
            .any(|held| !held.allowance.models.is_empty())
    }

    /// Whether its money is counted.
    pub(crate) fn has_budget(&self) -> bool {
        self.held.iter().any(|held| held.allowance.has_budget())
    }

    /// Takes out of the headers what proved who it is: that is for the gateway, and never leaves.
    pub(crate) fn clear(&self, headers: &mut HeaderMap) {
        headers.remove(super::HEADER);
        if self.key.is_some() {
            crate::caller::without_keys(headers);
        }
        if self.is_bearer {
            headers.remove(AUTHORIZATION);
        }
    }
}

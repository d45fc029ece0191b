//! Who a caller is, for each interaction anew: by a virtual key, a signed token, or the certificate of its connection.

mod allowed;
mod bundle;
mod certificate;
mod check;
mod issuer;
mod jwks;
mod seen;
mod settings;
mod spiffe;

use std::collections::BTreeMap;
use std::sync::Arc;

use hyper::StatusCode;
use hyper::header::{AUTHORIZATION, HeaderMap};
use jiff::Timestamp;
use stance_govern::token::{Algorithm, Expected, Keys, Token};

use crate::caller::{self, Key};
use crate::settings::{Invalid, Settings};
use crate::tls::{Peer, Trust};
use crate::upstream::Connections;

pub(crate) use allowed::{Caller, Held};
pub(crate) use bundle::Bundle;
pub(crate) use certificate::Holder;
pub(crate) use issuer::{Issuer, Proven};
pub(crate) use jwks::Remote;
pub use settings::{Allowance, Issuer as IssuerSettings, Proof, TrustDomain, Words};
use spiffe::SpiffeId;

/// Where a token may stand whose place in `Authorization` something else has.
pub(crate) const HEADER: &str = "x-stance-identity";

/// Longest token, in bytes.
const LONGEST: usize = 16 * 1024;

/// Seconds by which the clocks of a SPIFFE trust domain may differ from ours.
const DRIFT: i64 = 60;

/// Why somebody is not let in.
#[derive(Debug)]
pub(crate) struct Stranger {
    pub(crate) status: StatusCode,
    /// For the caller.
    pub(crate) message: String,
    /// For the receipt, where it differs.
    pub(crate) reason: Option<String>,
}

impl Stranger {
    fn new(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            message: message.into(),
            reason: None,
        }
    }
}

/// Where a token stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stood {
    Own,
    Bearer,
}

/// All that tells who somebody is, ready to be used.
#[derive(Debug)]
pub(crate) struct Identities {
    keys: Vec<Key>,
    issuers: Vec<Issuer>,
    /// Keys and audiences of JWT-SVIDs, by trust domain.
    domains: BTreeMap<String, (Keys, Vec<String>)>,
    allowed: Vec<(String, Arc<Allowance>)>,
    require: Vec<Proof>,
    has_certificates: bool,
    anonymous: bool,
}

impl Identities {
    pub(crate) fn new(
        settings: &Settings,
        bundles: BTreeMap<String, Bundle>,
        remote: impl Fn(&str) -> Arc<Remote>,
        invalid: &mut Vec<Invalid>,
    ) -> Self {
        let mut issuers = Vec::new();
        for (name, issuer) in &settings.identity {
            match Issuer::new(issuer, &remote) {
                Ok(issuer) => issuers.push(issuer),
                Err(what) => {
                    let place = format!("identity.{name}.jwks");
                    if !invalid.iter().any(|it| it.place == place) {
                        invalid.push(Invalid { place, what });
                    }
                }
            }
        }
        let mut domains = BTreeMap::new();
        for (name, bundle) in bundles {
            let audience = settings
                .spiffe
                .get(&name)
                .and_then(|it| it.audience.as_ref());
            let Some(audience) = audience else { continue };
            if bundle.keys.is_empty() {
                invalid.push(Invalid {
                    place: format!("spiffe.{name}.audience"),
                    what: "the bundle has no key of JWT-SVIDs (`use` is `jwt-svid`)".to_owned(),
                });
            }
            domains.insert(name, (bundle.keys, audience.all()));
        }
        Self {
            keys: settings
                .keys
                .iter()
                .filter_map(|(name, key)| Key::new(name, key))
                .collect(),
            issuers,
            domains,
            allowed: settings
                .identities
                .iter()
                .map(|(pattern, allowance)| (pattern.clone(), Arc::new(allowance.clone())))
                .collect(),
            require: settings.require.clone(),
            has_certificates: settings.asks_for_certificates(),
            anonymous: settings.anonymous,
        }
    }

    /// Whether callers have to say who they are.
    pub(crate) fn are_known(&self) -> bool {
        !self.keys.is_empty()
            || !self.issuers.is_empty()
            || !self.domains.is_empty()
            || self.has_certificates
    }

    /// Who asks.
    ///
    /// # Errors
    ///
    /// Why nobody is let in with what was brought. A proof that does not hold is never ignored.
    pub(crate) async fn recognise(
        &self,
        headers: &HeaderMap,
        peer: Option<&Peer>,
        trust: Option<&Arc<Trust>>,
        connections: &Connections,
    ) -> Result<Caller, Stranger> {
        let now = Timestamp::now();
        let mut caller = Caller::default();
        if let Some(peer) = peer {
            let holder = peer.holder(now, trust).map_err(|what| {
                Stranger::new(format!(
                    "The certificate of this connection is not accepted: {what}."
                ))
            })?;
            caller.certificate = Some(holder.name());
        }
        if let Some(key) = caller::find(&self.keys, headers) {
            caller.add_key(&key.name, key.allowance.clone());
        }
        if let Some((token, stood)) = brought(headers)? {
            match self.prove(token, connections, now).await {
                Ok(proven) => {
                    caller.token = Some(proven.name);
                    caller.groups = proven.groups;
                    caller.is_bearer = stood == Stood::Bearer;
                }
                // Somebody else's token, for the upstream: what stands in `Authorization` need not be for us.
                Err(None) if stood == Stood::Bearer => {}
                Err(what) => {
                    let what = what.unwrap_or_else(|| "it is from nobody who is known".to_owned());
                    return Err(Stranger::new(format!(
                        "The identity token is not accepted: {what}."
                    )));
                }
            }
        }
        self.admitted(caller)
    }

    /// Who a token proves its bearer to be. `Err(None)` for one of an issuer that is not known.
    async fn prove(
        &self,
        text: &str,
        connections: &Connections,
        now: Timestamp,
    ) -> Result<Proven, Option<String>> {
        let token = Token::read(text, LONGEST).map_err(|doubt| {
            // Whether it is ours cannot be told, and whoever has none of ours is refused anyway.
            Some(doubt.to_string()).filter(|_| self.takes_tokens())
        })?;
        let mut why = None;
        let said = token.said_issuer().map(str::to_owned);
        for issuer in &self.issuers {
            if said.as_deref() == Some(issuer.name()) {
                match issuer.prove(text, &token, connections, now).await {
                    Ok(proven) => return Ok(proven),
                    Err(what) => why = Some(what),
                }
            }
        }
        let id = token.said_subject().and_then(SpiffeId::parse);
        if why.is_none()
            && let Some(id) = id
            && let Some((keys, audiences)) = self.domains.get(id.trust_domain())
        {
            let expected = Expected {
                audiences,
                leeway: DRIFT,
                ..Expected::default()
            };
            let checked = token
                .verify(keys, &Algorithm::ALL)
                .and_then(|claims| claims.check(&expected, now));
            return match checked {
                Ok(()) => Ok(Proven {
                    name: id.as_str().to_owned(),
                    groups: Vec::new(),
                }),
                Err(doubt) => Err(Some(doubt.to_string())),
            };
        }
        Err(why)
    }

    fn takes_tokens(&self) -> bool {
        !self.issuers.is_empty() || !self.domains.is_empty()
    }

    /// Whether what was proven is enough, and what follows from it.
    fn admitted(&self, mut caller: Caller) -> Result<Caller, Stranger> {
        for proof in &self.require {
            let (is_there, what) = match proof {
                Proof::Key => (caller.key.is_some(), "one of its own keys"),
                Proof::Jwt => (caller.token.is_some(), "an identity token"),
                Proof::Certificate => (caller.certificate.is_some(), "a client certificate"),
            };
            if !is_there {
                return Err(Stranger::new(format!("This gateway needs {what}.")));
            }
        }
        if !caller.is_proven() {
            if !self.are_known() || self.anonymous {
                return Ok(caller);
            }
            return Err(Stranger::new(match self.keys.is_empty() {
                false => "This gateway needs one of its own keys.",
                true => {
                    "This gateway needs to know who asks: an identity token or a client certificate."
                }
            }));
        }
        let fitted = caller.fit(&self.allowed);
        if !fitted && !self.allowed.is_empty() && caller.key.is_none() {
            return Err(Stranger {
                status: StatusCode::FORBIDDEN,
                reason: Some("no entry under `identities` fits the caller".to_owned()),
                ..Stranger::new("This identity is known here, and may do nothing.")
            });
        }
        Ok(caller)
    }
}

/// The token that a caller brought, and where it stood.
fn brought(headers: &HeaderMap) -> Result<Option<(&str, Stood)>, Stranger> {
    let mut own = headers.get_all(HEADER).iter();
    if let Some(value) = own.next() {
        let text = value.to_str().ok().filter(|_| own.next().is_none());
        let text = text
            .ok_or_else(|| Stranger::new(format!("`{HEADER}` stands twice, or holds no text.")))?;
        return Ok(Some((bearer(text).unwrap_or(text).trim(), Stood::Own)));
    }
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let first = values.next().and_then(|value| value.to_str().ok());
    let token = first.and_then(bearer).filter(|token| {
        // Base64 of `{"`, and three parts: no key of a provider and no virtual key looks like that.
        token.starts_with("eyJ") && token.matches('.').count() == 2
    });
    Ok(token.map(|token| (token, Stood::Bearer)))
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

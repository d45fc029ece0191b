//! Issuers of tokens, and what their tokens prove.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::Value;
use stance_govern::token::{Algorithm, Claims, Doubt, Expected, Keys, Token};

use super::certificate::is_printable;
use super::jwks::{self, Place, Remote, Times};
use super::seen::Seen;
use super::settings;
use crate::upstream::Connections;

/// Most groups of a token that are looked at.
const MOST_GROUPS: usize = 256;

/// Who a token proves somebody to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proven {
    /// As receipts and patterns name it.
    pub(crate) name: String,
    pub(crate) groups: Vec<String>,
}

/// An issuer that is ready.
#[derive(Debug)]
pub(crate) struct Issuer {
    settings: settings::Issuer,
    audiences: Vec<String>,
    algorithms: Vec<Algorithm>,
    keys: Source,
    seen: Seen,
}

#[derive(Debug)]
enum Source {
    Fixed(Arc<Keys>),
    Remote(Arc<Remote>),
}

impl Issuer {
    /// Reads the keys, where they lie in a file. `remote` gives what is known of an address already.
    pub(crate) fn new(
        settings: &settings::Issuer,
        remote: impl FnOnce(&str) -> Arc<Remote>,
    ) -> Result<Self, String> {
        let keys = match Place::parse(&settings.jwks)? {
            Place::File(path) => {
                let bytes = std::fs::read(Path::new(&path))
                    .map_err(|error| format!("{path} cannot be read: {error}"))?;
                let keys = jwks::read(&bytes).map_err(|what| format!("{path}: {what}"))?;
                Source::Fixed(Arc::new(keys))
            }
            Place::Address(address) => Source::Remote(remote(&address)),
        };
        let mut algorithms: Vec<Algorithm> = settings
            .algorithms
            .iter()
            .filter_map(|name| Algorithm::from_name(name))
            .collect();
        if algorithms.is_empty() {
            algorithms.extend(Algorithm::ALL);
        }
        Ok(Self {
            settings: settings.clone(),
            audiences: settings.audience.all(),
            algorithms,
            keys,
            seen: Seen::default(),
        })
    }

    /// The claim `iss` of its tokens.
    pub(crate) fn name(&self) -> &str {
        &self.settings.issuer
    }

    /// Who a token proves its bearer to be.
    ///
    /// # Errors
    ///
    /// Why it does not, without anything that stands in it.
    pub(crate) async fn prove(
        &self,
        text: &str,
        token: &Token<'_>,
        connections: &Connections,
        now: Timestamp,
    ) -> Result<Proven, String> {
        let verify = |keys: &Arc<Keys>| {
            let token = token.clone();
            self.seen
                .or(text, keys, || token.verify(keys, &self.algorithms))
        };
        let claims = match &self.keys {
            Source::Fixed(keys) => verify(keys),
            Source::Remote(remote) => {
                let seconds = |count: u32| Duration::from_secs(count.into());
                let times = Times {
                    refresh: seconds(self.settings.refresh),
                    stale: seconds(self.settings.stale),
                };
                let keys = remote
                    .keys(connections, times, Instant::now())
                    .await
                    .map_err(|what| format!("the keys of its issuer cannot be had ({what})"))?;
                match verify(&keys) {
                    // The issuer may have made a new key since.
                    Err(Doubt::UnknownKey) => {
                        match remote.newer(connections, Instant::now()).await {
                            Some(keys) => verify(&keys),
                            None => Err(Doubt::UnknownKey),
                        }
                    }
                    verified => verified,
                }
            }
        };
        let claims = claims.map_err(|doubt| doubt.to_string())?;
        self.read(&claims, now)
    }

    fn read(&self, claims: &Claims, now: Timestamp) -> Result<Proven, String> {
        let expected = Expected {
            issuer: Some(&self.settings.issuer),
            audiences: &self.audiences,
            kind: self.settings.kind.as_deref(),
            leeway: self.settings.leeway.into(),
        };
        claims
            .check(&expected, now)
            .map_err(|doubt| doubt.to_string())?;
        for (name, wanted) in &self.settings.required {
            if !has(claims.get(name), wanted) {
                return Err(format!("its claim `{name}` is not what is required"));
            }
        }
        let claim = &self.settings.claim;
        if claim == "email" && claims.get("email_verified") == Some(&Value::Bool(false)) {
            return Err("its issuer does not vouch for the mail address".to_owned());
        }
        let name = claims
            .get(claim)
            .and_then(Value::as_str)
            .filter(|name| is_printable(name))
            .ok_or_else(|| format!("its claim `{claim}` names nobody"))?;
        let groups = claims.words(&self.settings.groups_claim);
        Ok(Proven {
            name: format!("jwt:{}#{name}", self.settings.issuer),
            groups: groups
                .into_iter()
                .filter(|group| is_printable(group))
                .take(MOST_GROUPS)
                .map(str::to_owned)
                .collect(),
        })
    }
}

/// Whether a claim is what is wanted, or has it in its list.
fn has(claim: Option<&Value>, wanted: &Value) -> bool {
    match claim {
        Some(claim) if claim == wanted => true,
        Some(Value::Array(all)) => match wanted {
            Value::Array(wanted) => wanted.iter().all(|it| all.contains(it)),
            wanted => all.contains(wanted),
        },
        _ => false,
    }
}

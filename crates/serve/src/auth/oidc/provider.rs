//! What is asked of the identity provider: where things are, which keys it has, and what a code stands for.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use stance_govern::token::{Algorithm, Doubt, Keys, Purpose, Token};

use super::Provider;
use crate::error::ApiError;
use crate::http::path_and_query::escape;

/// How long the document and the keys are kept.
const KEPT: SignedDuration = SignedDuration::from_mins(60);

/// How often keys are asked for anew because a token names one that is not known.
const ANEW: SignedDuration = SignedDuration::from_mins(1);

/// How long the provider may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Most bytes of an answer.
const MOST: u64 = 1 << 20;

/// An identity provider.
#[derive(Debug)]
pub(crate) struct OpenId {
    settings: Provider,
    agent: ureq::Agent,
    known: Mutex<Option<Arc<Known>>>,
}

/// Longest token, in bytes.
const LONGEST: usize = 64 * 1024;

/// What it said about itself.
#[derive(Debug)]
struct Known {
    at: Timestamp,
    document: Document,
    keys: Keys,
}

/// Its discovery document (OpenID Connect Discovery 1.0, section 3).
#[derive(Debug, Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
}

/// What it gives for a code.
#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

impl OpenId {
    pub(crate) fn new(settings: Provider) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .max_redirects(0)
            .max_redirects_will_error(true)
            .build();
        Self {
            settings,
            agent: config.into(),
            known: Mutex::default(),
        }
    }

    pub(super) fn settings(&self) -> &Provider {
        &self.settings
    }

    /// Where people sign in, and as what this service is known there.
    pub(crate) async fn endpoint(
        self: &Arc<Self>,
        now: Timestamp,
    ) -> Result<(String, String), ApiError> {
        let known = self.known(now, KEPT).await?;
        let endpoint = known.document.authorization_endpoint.clone();
        Ok((endpoint, self.settings.client_id.clone()))
    }

    /// The claims behind a code, their signature verified.
    pub(super) async fn exchange(
        &self,
        code: &str,
        verifier: &str,
        back: &str,
        now: Timestamp,
    ) -> Result<Value, ApiError> {
        let known = self.known(now, KEPT).await?;
        let mut form = format!(
            "grant_type=authorization_code&code={}&code_verifier={verifier}&redirect_uri={}&client_id={}",
            escape(code),
            escape(back),
            escape(&self.settings.client_id),
        );
        if let Some(secret) = &self.settings.client_secret {
            form.push_str("&client_secret=");
            form.push_str(&escape(secret));
        }
        let tokens: Tokens = self
            .ask(known.document.token_endpoint.clone(), Some(form))
            .await?;
        let mut claims = verified(&tokens.id_token, &known.keys);
        if claims == Err(Doubt::UnknownKey) {
            let fresh = self.known(now, ANEW).await?;
            claims = verified(&tokens.id_token, &fresh.keys);
        }
        claims.map_err(|doubt| ApiError {
            cause: Some(format!("ID token: {doubt}")),
            ..ApiError::forbidden("the identity provider's answer does not hold")
        })
    }

    /// What the provider said about itself, at most so long ago.
    async fn known(&self, now: Timestamp, age: SignedDuration) -> Result<Arc<Known>, ApiError> {
        let kept = self
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(kept) = kept.filter(|kept| now.duration_since(kept.at).abs() < age) {
            return Ok(kept);
        }
        let issuer = self.settings.issuer.trim_end_matches('/');
        let document: Document = self
            .ask(format!("{issuer}/.well-known/openid-configuration"), None)
            .await?;
        if document.issuer != self.settings.issuer {
            return Err(unavailable(&format!(
                "the provider calls itself `{}`, not `{}`",
                document.issuer, self.settings.issuer
            )));
        }
        let keys = self.ask_for_bytes(document.jwks_uri.clone(), None).await?;
        let keys = Keys::read(&keys, Purpose::Signatures)
            .map_err(|doubt| unavailable(&format!("{}: {doubt}", document.jwks_uri)))?;
        let known = Arc::new(Known {
            at: now,
            document,
            keys,
        });
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known.clone());
        Ok(known)
    }

    /// Asks an address for JSON.
    async fn ask<T: DeserializeOwned>(
        &self,
        address: String,
        form: Option<String>,
    ) -> Result<T, ApiError> {
        let bytes = self.ask_for_bytes(address.clone(), form).await?;
        serde_json::from_slice(&bytes).map_err(|error| unavailable(&format!("{address}: {error}")))
    }

    /// Asks an address, on a thread that may wait.
    async fn ask_for_bytes(
        &self,
        address: String,
        form: Option<String>,
    ) -> Result<Vec<u8>, ApiError> {
        if !is_private(&address) {
            return Err(unavailable(&format!(
                "`{address}` is not reached over https"
            )));
        }
        let agent = self.agent.clone();
        let asked = tokio::task::spawn_blocking(move || {
            let answer = match form {
                None => agent
                    .get(&address)
                    .header("accept", "application/json")
                    .call(),
                Some(form) => agent
                    .post(&address)
                    .header("accept", "application/json")
                    .header("content-type", "application/x-www-form-urlencoded")
                    .send(&form),
            };
            let mut answer = answer.map_err(|error| format!("{address}: {error}"))?;
            let bytes = answer.body_mut().with_config().limit(MOST).read_to_vec();
            bytes.map_err(|error| format!("{address}: {error}"))
        })
        .await
        .map_err(ApiError::internal)?;
        asked.map_err(|reason: String| unavailable(&reason))
    }
}

/// The claims of a token that one of the keys signed.
fn verified(token: &str, keys: &Keys) -> Result<Value, Doubt> {
    let claims = Token::read(token, LONGEST)?.verify(keys, &Algorithm::ALL)?;
    Ok(claims.into_value())
}

/// Whether nobody on the way reads along: TLS, or this machine.
fn is_private(address: &str) -> bool {
    let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
    address.starts_with("https://")
        || local.iter().any(|prefix| {
            address
                .strip_prefix(prefix)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
        })
}

fn unavailable(reason: &str) -> ApiError {
    ApiError::unavailable(
        "the identity provider cannot be asked; the log says why",
        Some(reason.to_owned()),
    )
}

#[cfg(test)]
mod tests {
    use super::is_private;

    #[test]
    fn only_tls_and_this_machine_are_asked() {
        for fine in [
            "https://id.example/x",
            "http://127.0.0.1:80/x",
            "http://localhost/",
        ] {
            assert!(is_private(fine), "{fine}");
        }
        for not in [
            "http://id.example",
            "http://localhost.evil.example/",
            "http://127.0.0.1.evil.example",
            "file:///etc",
        ] {
            assert!(!is_private(not), "{not}");
        }
    }
}

//! Signing in at the organisation's identity provider: OpenID Connect Core 1.0, authorization code flow with PKCE
//! (RFC 7636), state and nonce.
//!
//! Ours rather than a library's: the usual one brings an RSA with a known timing leak and eighty crates. What is needed
//! is small: one document, one exchange, one signature (`stance_govern::token`), six claims.

mod claims;
mod provider;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use stance_store::accounts::Role;

use crate::encode::base64url;
use crate::error::ApiError;
use crate::http::path_and_query::escape;
use crate::secret;

pub(crate) use claims::Identity;
pub(crate) use provider::OpenId;

/// Which identity provider is asked, and what it says about roles.
#[derive(Clone, Debug)]
pub struct Provider {
    /// The issuer, `https://id.example.org/realm`.
    pub issuer: String,
    /// How this service is registered there.
    pub client_id: String,
    /// The secret of that registration, if it has one.
    pub client_secret: Option<String>,
    /// The claim that tells the role: a word or a list of words.
    pub role_claim: String,
    /// Which word means which role; with several the first of this list counts.
    pub roles: Vec<(String, Role)>,
    /// The role of those about whom no word says anything; without it they do not come in.
    pub default_role: Option<Role>,
}

/// What the browser keeps between leaving for the provider and coming back.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Journey {
    state: String,
    nonce: String,
    verifier: String,
    /// Where to go on afterwards.
    pub(crate) next: String,
}

impl Journey {
    /// A new one.
    ///
    /// # Errors
    ///
    /// When the system has no randomness.
    pub(crate) fn new(next: String) -> Result<Self, ApiError> {
        Ok(Self {
            state: secret::new()?,
            nonce: secret::new()?,
            verifier: secret::new()?,
            next,
        })
    }

    /// Where the browser goes to sign in.
    pub(crate) fn address(&self, endpoint: &str, client: &str, back: &str) -> String {
        let challenge = base64url(&Sha256::digest(self.verifier.as_bytes()));
        let mark = if endpoint.contains('?') { '&' } else { '?' };
        format!(
            "{endpoint}{mark}response_type=code&scope=openid%20profile%20email&client_id={}&redirect_uri={}&state={}\
             &nonce={}&code_challenge={challenge}&code_challenge_method=S256",
            escape(client),
            escape(back),
            self.state,
            self.nonce,
        )
    }
}

/// What the provider sends back with the browser.
#[derive(Debug, Default, Deserialize, schemars::JsonSchema)]
pub(crate) struct Return {
    /// The code to exchange.
    #[serde(default)]
    code: String,
    /// What was given along.
    #[serde(default)]
    state: String,
    /// Why the provider refused.
    #[serde(default)]
    error: String,
}

/// Who came back.
///
/// # Errors
///
/// 403 when it is not the one who left, the provider refused, or what it says does not hold; 503 when it does not
/// answer.
pub(crate) async fn arrive(
    openid: &OpenId,
    journey: &Journey,
    came: Return,
    back: &str,
    now: Timestamp,
) -> Result<Identity, ApiError> {
    if !secret::same(&journey.state, &came.state) {
        return Err(ApiError::forbidden(
            "this sign-in did not begin in this browser; begin again",
        ));
    }
    if !came.error.is_empty() || came.code.is_empty() {
        let why: String = came
            .error
            .chars()
            .filter(|c| !c.is_control())
            .take(100)
            .collect();
        return Err(ApiError::forbidden(format!(
            "the identity provider did not let you in ({why})"
        )));
    }
    let token = openid
        .exchange(&came.code, &journey.verifier, back, now)
        .await?;
    claims::read(openid.settings(), &token, &journey.nonce, now)
}

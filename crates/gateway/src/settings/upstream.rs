//! Model providers, servers and agents behind the gateway.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::names::is_name;

/// A model provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Upstream {
    /// Its address, such as `https://api.openai.com`.
    pub url: String,
    /// What it is.
    #[serde(default)]
    pub kind: Kind,
    /// Where its key comes from: `env:NAME` or `file:PATH`. Without it, the caller's own is passed on.
    #[serde(default)]
    pub key: Option<String>,
    /// How the key is sent.
    #[serde(default)]
    pub auth: Auth,
    /// With `auth = "sigv4"`: the region that is signed for, such as `eu-central-1`.
    #[serde(default)]
    pub region: Option<String>,
    /// With `auth = "sigv4"`: where the id of the access key comes from: `env:NAME` or `file:PATH`.
    #[serde(default)]
    pub access_key_id: Option<String>,
    /// With `auth = "sigv4"`: where the secret of the access key comes from.
    #[serde(default)]
    pub secret_access_key: Option<String>,
    /// With `auth = "sigv4"`: where the session token comes from, for credentials that hold for a while only.
    #[serde(default)]
    pub session_token: Option<String>,
    /// Seconds until the first byte of an answer, and between two pieces of one.
    #[serde(default = "Upstream::timeout")]
    pub timeout: u64,
    /// How often a request is sent again when the provider cannot be reached, has no room or fails.
    #[serde(default = "Upstream::retries")]
    pub retries: u32,
    /// Upstreams of the same dialect that are asked when this one does not answer.
    #[serde(default)]
    pub fallback: Vec<String>,
    /// Models that may be asked for; `*` stands for any characters. Empty: all.
    #[serde(default)]
    pub models: Vec<String>,
}

impl Upstream {
    const fn timeout() -> u64 {
        120
    }

    const fn retries() -> u32 {
        1
    }

    /// What it signs with, if it does; all that is needed is there.
    pub(crate) fn signing(&self) -> Option<Signing<'_>> {
        if self.auth != Auth::Sigv4 {
            return None;
        }
        Some(Signing {
            region: self.region.as_deref().filter(|region| is_name(region))?,
            access_key_id: self.access_key_id.as_deref()?,
            secret_access_key: self.secret_access_key.as_deref()?,
            session_token: self.session_token.as_deref(),
        })
    }

    /// How long it may be silent.
    #[must_use]
    pub const fn patience(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }
}

/// What an upstream is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A provider of models; requests whose path ends in `/mcp` are taken for those of an MCP client all the same.
    #[default]
    Models,
    /// An MCP server over streamable HTTP, or the older HTTP with SSE.
    Mcp,
    /// An agent that speaks A2A over JSON-RPC.
    A2a,
}

/// How a key is sent to a provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Auth {
    /// `Authorization: Bearer KEY`: OpenAI, Mistral, Groq, Cohere and most others.
    #[default]
    Bearer,
    /// `x-api-key: KEY`: Anthropic.
    XApiKey,
    /// `api-key: KEY`: Azure.
    ApiKey,
    /// `x-goog-api-key: KEY`: Gemini.
    XGoogApiKey,
    /// AWS Signature Version 4, for Bedrock: needs `region`, `access-key-id` and `secret-access-key` in place of `key`. With a
    /// bearer key of Bedrock, `bearer` does.
    Sigv4,
    /// None: a server of one's own.
    None,
}

/// Where the parts of credentials that sign come from.
pub(crate) struct Signing<'s> {
    pub(crate) region: &'s str,
    pub(crate) access_key_id: &'s str,
    pub(crate) secret_access_key: &'s str,
    pub(crate) session_token: Option<&'s str>,
}

//! What is set under `[gateway]` of `stance.toml`.

mod check;
mod names;
mod report;
mod upstream;

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::hold::settings::Ask;
use crate::identity::{Allowance, IssuerSettings, Proof, TrustDomain};
use crate::price::{Price, Unpriced};
use crate::tls::Tls;

pub use check::Invalid;
pub(crate) use names::fits;
pub use report::Report;
pub(crate) use upstream::Signing;
pub use upstream::{Auth, Kind, Upstream};

/// The settings of the gateway.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    /// Model providers, by the name that stands first in a caller's path: `http://gateway/NAME/v1/…`. With a single one the
    /// name may be left out.
    pub upstreams: BTreeMap<String, Upstream>,
    /// Virtual keys, by the name of who holds them. Without any, callers bring the key of the provider.
    pub keys: BTreeMap<String, Key>,
    /// TLS of the gateway itself. Without it, it speaks plain HTTP.
    pub tls: Option<Tls>,
    /// Issuers of tokens (OpenID Connect, OAuth 2.0) that prove who a caller is, by names of one's own.
    pub identity: BTreeMap<String, IssuerSettings>,
    /// SPIFFE trust domains whose workloads are let in, by their names.
    pub spiffe: BTreeMap<String, TrustDomain>,
    /// What every caller has to prove, all of it: `key`, `jwt`, `certificate`. Empty: one of those that are set up is enough.
    pub require: Vec<Proof>,
    /// What identities may, by patterns in which `*` stands for any characters: `spiffe://prod/*`, `jwt:https://id.example.org#*`,
    /// `cert:*.example.org`, `group:ml`, `key:team`. All that fit hold. With any, an identity without a virtual key that none fits may
    /// do nothing.
    pub identities: BTreeMap<String, Allowance>,
    /// What models cost, by patterns of `model` or `upstream/model`; of several that fit, the longest counts.
    pub prices: BTreeMap<String, Price>,
    /// What is done with a model that has no price when the caller has a budget.
    pub unpriced: Unpriced,
    /// Whether a request is refused already when it may go over its budget: by the length of its texts, and the most tokens that
    /// it lets the answer have. Otherwise what is over is told once it is used.
    pub estimate: bool,
    /// What a caller is told to use instead, by patterns of the model that was refused.
    pub alternatives: BTreeMap<String, String>,
    /// Whether callers without a virtual key pass with the provider's key that they bring, although there are virtual keys.
    pub anonymous: bool,
    /// Most connections of callers at once. Whoever comes beyond that gets 503, or over TLS a connection that is closed.
    pub connection_limit: ConnectionLimit,
    /// Largest body of a request or a whole answer, in MiB.
    pub body_limit: BodyLimit,
    /// Seconds in which all of a request has to be there, however slowly its pieces come.
    pub request_timeout: RequestTimeout,
    /// What is done with a request or an answer that cannot be read.
    pub unreadable: Unreadable,
    /// Pages that may call MCP servers and agents from a browser, such as `https://app.example.org`. Those of this machine may
    /// where the gateway listens on loopback only.
    pub origins: Vec<String>,
    /// What a caller is told whose request is refused: who to ask, which model to use instead. Never words of the exchange.
    pub message: Option<String>,
    /// The log of receipts.
    pub receipts: Receipts,
    /// Who is asked where a rule says `ask`, and for how long. Without it, nobody is, and `ask` stops an exchange.
    pub ask: Option<Ask>,
    /// Whether the words of exchanges are kept where traffic is: in `stance serve`, and at the service that is reported to.
    /// What policy hides is hidden there, too. Never in receipts.
    pub keep_words: bool,
    /// A service that is told what passed; for a gateway that stands alone.
    pub report: Option<Report>,
}

/// Most connections of callers at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ConnectionLimit(pub u32);

impl Default for ConnectionLimit {
    fn default() -> Self {
        Self(10_000)
    }
}

/// Largest body, in MiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct BodyLimit(pub u32);

impl Default for BodyLimit {
    fn default() -> Self {
        Self(32)
    }
}

impl BodyLimit {
    /// In bytes.
    #[must_use]
    pub const fn bytes(self) -> usize {
        (self.0 as usize) << 20
    }
}

/// Seconds in which a request has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct RequestTimeout(pub u32);

impl Default for RequestTimeout {
    fn default() -> Self {
        Self(120)
    }
}

impl RequestTimeout {
    /// Longest that a head may take: it is small.
    const HEAD: Duration = Duration::from_secs(15);

    /// For all of it.
    #[must_use]
    pub const fn whole(self) -> Duration {
        Duration::from_secs(self.0 as u64)
    }

    /// For its head.
    #[must_use]
    pub fn head(self) -> Duration {
        self.whole().min(Self::HEAD)
    }
}

/// What is done with what cannot be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Unreadable {
    /// It is refused.
    #[default]
    Refuse,
    /// It passes, and is recorded as not judged.
    Pass,
}

/// A virtual key: what a caller is given instead of the provider's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Key {
    /// SHA-256 of the key, in hexadecimal; the key itself is nowhere.
    pub sha256: String,
    /// Upstreams that it may use. Empty: all.
    #[serde(default)]
    pub upstreams: Vec<String>,
    /// Models that it may ask for; `*` stands for any characters. Empty: all.
    #[serde(default)]
    pub models: Vec<String>,
    /// Most requests within a minute.
    #[serde(default)]
    pub requests_per_minute: Option<u32>,
    /// Most tokens within a day (UTC), in and out, as providers count them.
    #[serde(default)]
    pub tokens_per_day: Option<u64>,
    /// Most US dollars within a day (UTC), by `prices`.
    #[serde(default)]
    pub budget_per_day: Option<f64>,
    /// Most US dollars within a month (UTC), by `prices`.
    #[serde(default)]
    pub budget_per_month: Option<f64>,
}

impl Key {
    /// What its holder may.
    pub(crate) fn allowance(&self) -> Allowance {
        Allowance {
            upstreams: self.upstreams.clone(),
            models: self.models.clone(),
            requests_per_minute: self.requests_per_minute,
            tokens_per_day: self.tokens_per_day,
            budget_per_day: self.budget_per_day,
            budget_per_month: self.budget_per_month,
        }
    }
}

/// The log of receipts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Receipts {
    /// Whether each is on disk, not only with the system, before the end of its answer goes on: what it costs is a write of
    /// the disk. Otherwise that is done once a second.
    pub sync: bool,
    /// What is done when one cannot be written.
    pub on_failure: OnFailure,
    /// MiB after which a new file is begun.
    pub rotate: u32,
}

impl Default for Receipts {
    fn default() -> Self {
        Self {
            sync: false,
            on_failure: OnFailure::default(),
            rotate: 256,
        }
    }
}

/// What is done when something that has to be done cannot be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnFailure {
    /// The exchange does not pass.
    #[default]
    Closed,
    /// It passes; how often that happened is in the next receipt that can be written.
    Open,
}

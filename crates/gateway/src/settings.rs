//! What is set under `[gateway]` of `stance.toml`.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::hold::settings::Ask;
use crate::identity::{Allowance, IssuerSettings, Proof, TrustDomain};
use crate::price::{Price, Unpriced};
use crate::tls::Tls;

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

/// A service that is told what passed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Reporting")]
pub struct Report {
    /// Its address, such as `https://stance.example.org`. Without TLS only on this machine: the token would be readable on the
    /// way.
    pub url: String,
    /// Where a token of that service with the scope `ingest` comes from: `env:NAME` or `file:PATH`.
    pub token: String,
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

impl Report {
    fn wrong(&self) -> Vec<(&'static str, String)> {
        let mut wrong = Vec::new();
        match crate::upstream::Address::parse(&self.url) {
            Err(what) => wrong.push(("url", what)),
            Ok(address) => {
                let host = address.host.trim_matches(['[', ']']);
                let is_here = host == "localhost"
                    || host
                        .parse::<std::net::IpAddr>()
                        .is_ok_and(|address| address.is_loopback());
                if !is_here && address.origin.starts_with("http://") {
                    let what = "the token would be readable on the way; use `https://`, or a service on this machine";
                    wrong.push(("url", what.to_owned()));
                }
            }
        }
        if !(self.token.starts_with("env:") || self.token.starts_with("file:")) {
            let what =
                "a token is never written here; say where it comes from: `env:NAME` or `file:PATH`";
            wrong.push(("token", what.to_owned()));
        }
        wrong
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

/// Something in the settings that means nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// Where: `upstreams.openai.url`.
    pub place: String,
    /// What is wrong, and what would be right.
    pub what: String,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "gateway.{}: {}", self.place, self.what)
    }
}

impl Settings {
    /// Everything in them that means nothing.
    #[must_use]
    pub fn check(&self) -> Vec<Invalid> {
        let mut found = Vec::new();
        let mut say = |place: String, what: String| found.push(Invalid { place, what });
        if self.upstreams.is_empty() {
            say(
                "upstreams".to_owned(),
                "there is none; name at least one, such as `[gateway.upstreams.openai]` with `url = \"https://api.openai.com\"`"
                    .to_owned(),
            );
        }
        for (name, upstream) in &self.upstreams {
            let place = |part: &str| format!("upstreams.{name}.{part}");
            if !is_name(name) {
                say(
                    format!("upstreams.{name}"),
                    "a name has letters, digits, `-` and `_` only, for it stands in paths"
                        .to_owned(),
                );
            }
            if let Err(what) = crate::upstream::Address::parse(&upstream.url) {
                say(place("url"), what);
            }
            let secrets = [
                ("key", &upstream.key),
                ("access-key-id", &upstream.access_key_id),
                ("secret-access-key", &upstream.secret_access_key),
                ("session-token", &upstream.session_token),
            ];
            for (part, key) in secrets {
                if let Some(key) = key
                    && !(key.starts_with("env:") || key.starts_with("file:"))
                {
                    say(
                        place(part),
                        "a key is never written here; say where it comes from: `env:NAME` or `file:PATH`".to_owned(),
                    );
                }
            }
            let signs = upstream.auth == Auth::Sigv4;
            if signs && (upstream.signing().is_none() || upstream.key.is_some()) {
                say(
                    place("auth"),
                    "`sigv4` needs `region`, `access-key-id` and `secret-access-key`, and no `key`"
                        .to_owned(),
                );
            }
            let parts = secrets.iter().skip(1).any(|(_, key)| key.is_some());
            if !signs && (parts || upstream.region.is_some()) {
                say(
                    place("auth"),
                    "credentials that sign are for `auth = \"sigv4\"`".to_owned(),
                );
            }
            if upstream.timeout == 0 {
                say(place("timeout"), "at least one second".to_owned());
            }
            for other in &upstream.fallback {
                if other == name || !self.upstreams.contains_key(other) {
                    say(
                        place("fallback"),
                        format!("there is no other upstream `{other}`"),
                    );
                }
            }
        }
        for (name, key) in &self.keys {
            let place = |part: &str| format!("keys.{name}.{part}");
            if key.sha256.len() != 64 || !key.sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                say(
                    place("sha256"),
                    "64 hexadecimal digits; `stance gateway key NAME` makes a key and this line"
                        .to_owned(),
                );
            }
        }
        self.check_identities(&mut say);
        for (part, what) in self.ask.iter().flat_map(Ask::check) {
            say(format!("ask.{part}"), what);
        }
        if let Some(report) = &self.report {
            for (part, what) in report.wrong() {
                say(format!("report.{part}"), what);
            }
        }
        if self.body_limit.0 == 0 {
            say("body-limit".to_owned(), "at least 1 MiB".to_owned());
        }
        if self.request_timeout.0 == 0 {
            say(
                "request-timeout".to_owned(),
                "at least one second".to_owned(),
            );
        }
        found
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// Whether `name` fits one of the patterns, in which `*` stands for any characters; all names fit none.
#[must_use]
pub(crate) fn fits(patterns: &[String], name: &str) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| fits_one(pattern, name))
}

fn fits_one(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(rest) = parts.next().and_then(|first| name.strip_prefix(first)) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    let mut rest = rest;
    for part in middle {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_names_models() {
        let fits = |pattern: &str, name| fits(&[pattern.to_owned()], name);
        assert!(fits("gpt-4o", "gpt-4o"));
        assert!(!fits("gpt-4o", "gpt-4o-mini"));
        assert!(fits("gpt-*", "gpt-4o-mini"));
        assert!(fits("*-mini", "gpt-4o-mini"));
        assert!(fits("g*4*mini", "gpt-4o-mini"));
        assert!(!fits("g*5*mini", "gpt-4o-mini"));
        assert!(!fits("aa*a", "aa"), "no character counts twice");
        assert!(super::fits(&[], "anything"));
    }

    #[test]
    fn a_token_goes_to_this_machine_or_over_tls_only() {
        let report = |url: &str, token: &str| Report {
            url: url.to_owned(),
            token: token.to_owned(),
        };
        for url in [
            "https://stance.example.org",
            "http://127.0.0.1:7878",
            "http://localhost:1",
            "http://[::1]:1",
        ] {
            assert_eq!(report(url, "env:TOKEN").wrong(), [], "{url}");
        }
        for url in [
            "http://stance.example.org",
            "http://127.0.0.1.example.org",
            "stance.example.org",
        ] {
            let wrong = report(url, "stance_literal").wrong();
            let places: Vec<&str> = wrong.iter().map(|(place, _)| *place).collect();
            assert_eq!(places, ["url", "token"], "{url}");
        }
    }

    #[test]
    fn what_means_nothing_is_told_with_its_place() {
        let mut settings = Settings::default();
        assert_eq!(settings.check().len(), 1, "no upstream");
        let upstream = |url: &str| Upstream {
            url: url.to_owned(),
            kind: Kind::default(),
            key: Some("sk-literal".to_owned()),
            auth: Auth::Sigv4,
            region: None,
            access_key_id: None,
            secret_access_key: Some("literal".to_owned()),
            session_token: None,
            timeout: 0,
            retries: 1,
            fallback: vec!["gone".to_owned()],
            models: Vec::new(),
        };
        settings
            .upstreams
            .insert("open ai".to_owned(), upstream("ftp://api.example.org"));
        let places: Vec<String> = settings.check().into_iter().map(|it| it.place).collect();
        for part in [
            "",
            ".url",
            ".key",
            ".secret-access-key",
            ".auth",
            ".timeout",
            ".fallback",
        ] {
            let place = format!("upstreams.open ai{part}");
            assert!(places.contains(&place), "{place} in {places:?}");
        }
    }
}

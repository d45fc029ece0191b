//! What is set about who callers are, and what they may.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stance_govern::token::Algorithm;

use super::jwks;
use super::spiffe::is_trust_domain;

/// How a caller proves who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Proof {
    /// A virtual key.
    Key,
    /// A signed token: of an issuer under `identity`, or a JWT-SVID of a trust domain under `spiffe`.
    Jwt,
    /// A certificate on the connection (mTLS).
    Certificate,
}

/// One word, or several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Words {
    /// One.
    One(String),
    /// Several, of which one is enough.
    Several(Vec<String>),
}

impl Words {
    /// All of them.
    #[must_use]
    pub fn all(&self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one.clone()],
            Self::Several(all) => all.clone(),
        }
    }
}

/// Who issues tokens that are believed (OpenID Connect, OAuth 2.0): one that a caller sends as `Authorization: Bearer TOKEN` or
/// `x-stance-identity: TOKEN`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Issuer {
    /// What the claim `iss` is, letter by letter.
    pub issuer: String,
    /// For whom tokens have to be: one of these is in the claim `aud`.
    pub audience: Words,
    /// Where its public keys are: `file:PATH` or `https://…` (a JWK set). The address is asked when a token comes, and then as often
    /// as `refresh` says.
    pub jwks: String,
    /// The claim that names the caller: `sub`, `email`, `azp`. A path with dots goes into it.
    #[serde(default = "Issuer::claim")]
    pub claim: String,
    /// The claim that lists groups; a path with dots goes into it.
    #[serde(default = "Issuer::groups_claim")]
    pub groups_claim: String,
    /// Claims that have to be there, with what they are, or what they have in their list.
    #[serde(default)]
    pub required: BTreeMap<String, Value>,
    /// Algorithms that are taken, such as `RS256`. Empty: all with a key pair (RS, PS, ES, EdDSA).
    #[serde(default)]
    pub algorithms: Vec<String>,
    /// What the header has to call it (`typ`), such as `at+jwt`. Without it, nothing or one of the usual.
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    /// Seconds by which the clocks may differ.
    #[serde(default = "Issuer::leeway")]
    pub leeway: u32,
    /// Seconds after which keys are asked for anew, 30 at least. A token that names a key that is not known has them asked for at
    /// once, at most every 30 seconds.
    #[serde(default = "Issuer::refresh")]
    pub refresh: u32,
    /// Seconds after that in which keys are still used when they cannot be had anew; then no token is believed.
    #[serde(default = "Issuer::stale")]
    pub stale: u32,
}

impl Issuer {
    fn claim() -> String {
        "sub".to_owned()
    }

    fn groups_claim() -> String {
        "groups".to_owned()
    }

    const fn leeway() -> u32 {
        60
    }

    const fn refresh() -> u32 {
        600
    }

    const fn stale() -> u32 {
        86_400
    }

    pub(crate) fn check(&self, say: &mut impl FnMut(&str, String)) {
        if self.issuer.is_empty() {
            say("issuer", "say what the claim `iss` is".to_owned());
        }
        let audiences = self.audience.all();
        if audiences.is_empty() || audiences.iter().any(String::is_empty) {
            say(
                "audience",
                "name at least one: a token for somebody else must not count here".to_owned(),
            );
        }
        if let Err(what) = jwks::Place::parse(&self.jwks) {
            say("jwks", what);
        }
        for name in &self.algorithms {
            if Algorithm::from_name(name).is_none() {
                let all: Vec<&str> = Algorithm::ALL.iter().map(|it| it.name()).collect();
                let all = all.join(", ");
                say("algorithms", format!("`{name}` is none of {all}"));
            }
        }
        if self.leeway > 600 {
            say("leeway", "at most 600 seconds".to_owned());
        }
        if self.refresh < 30 {
            say("refresh", "at least 30 seconds".to_owned());
        }
    }
}

/// A SPIFFE trust domain whose workloads are let in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct TrustDomain {
    /// The file of its bundle: certificates in PEM, or a SPIFFE bundle in JSON, which may have keys of JWT-SVIDs too. Read anew when it
    /// changes. Without it, `tls.client-ca` vouches for its workloads.
    pub bundle: Option<String>,
    /// For whom JWT-SVIDs have to be. Without it, none are taken.
    pub audience: Option<Words>,
}

impl TrustDomain {
    pub(crate) fn check(&self, name: &str, has_ca: bool, say: &mut impl FnMut(&str, String)) {
        if !is_trust_domain(name) {
            say(
                "",
                "the name of a trust domain has lower-case letters, digits, `.`, `-` and `_` only"
                    .to_owned(),
            );
        }
        if self.bundle.is_none() && !has_ca {
            say(
                "bundle",
                "name the file of its bundle, or `tls.client-ca`".to_owned(),
            );
        }
        if self.audience.is_some() && self.bundle.is_none() {
            say("audience", "JWT-SVIDs need a `bundle`".to_owned());
        }
        let audiences = self.audience.as_ref().map(Words::all).unwrap_or_default();
        if self.audience.is_some()
            && (audiences.is_empty() || audiences.iter().any(String::is_empty))
        {
            say("audience", "name at least one".to_owned());
        }
    }
}

/// What an identity may, and how much. All entries whose pattern fits a caller hold at once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Allowance {
    /// Upstreams that it may use. Empty: all.
    pub upstreams: Vec<String>,
    /// Models that it may ask for; `*` stands for any characters. Empty: all.
    pub models: Vec<String>,
    /// Most requests within a minute.
    pub requests_per_minute: Option<u32>,
    /// Most tokens within a day (UTC), in and out, as providers count them.
    pub tokens_per_day: Option<u64>,
    /// Most US dollars within a day (UTC), by `prices`.
    pub budget_per_day: Option<f64>,
    /// Most US dollars within a month (UTC), by `prices`.
    pub budget_per_month: Option<f64>,
}

impl Allowance {
    /// Whether money is counted.
    pub(crate) const fn has_budget(&self) -> bool {
        self.budget_per_day.is_some() || self.budget_per_month.is_some()
    }

    /// Whether anything is counted.
    pub(crate) const fn counts(&self) -> bool {
        self.has_budget() || self.requests_per_minute.is_some() || self.tokens_per_day.is_some()
    }

    pub(crate) fn check(
        &self,
        is_upstream: impl Fn(&str) -> bool,
        has_prices: bool,
        say: &mut impl FnMut(&str, String),
    ) {
        for other in self.upstreams.iter().filter(|name| !is_upstream(name)) {
            say("upstreams", format!("there is no upstream `{other}`"));
        }
        let budgets = [
            ("budget-per-day", self.budget_per_day),
            ("budget-per-month", self.budget_per_month),
        ];
        for (part, budget) in budgets {
            match budget {
                Some(most) if !(0.0..=1e12).contains(&most) => {
                    say(part, "an amount of US dollars, such as 20.0".to_owned());
                }
                Some(_) if !has_prices => say(
                    part,
                    "money is counted by `prices`; set what models cost".to_owned(),
                ),
                _ => {}
            }
        }
    }
}

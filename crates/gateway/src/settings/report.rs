//! Where what passed is told.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::upstream::Address;

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

impl Report {
    pub(super) fn wrong(&self) -> Vec<(&'static str, String)> {
        let mut wrong = Vec::new();
        match Address::parse(&self.url) {
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

#[cfg(test)]
mod tests {
    use super::*;

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
}

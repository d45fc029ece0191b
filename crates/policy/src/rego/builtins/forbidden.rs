//! What policies may not do: dial, ask names, read what surrounds the process.

use super::{Function, Refused};

/// Functions that the engine knows by name, so that tests can put others in their place.
pub(super) const FUNCTIONS: &[Function] = &[
    ("http.send", 1, |_| refused("http.send")),
    ("opa.runtime", 0, |_| refused("opa.runtime")),
];

fn refused(name: &str) -> super::Outcome {
    Err(Refused::Forbidden(why(name).unwrap_or_default()))
}

/// Why a function of OPA is none here.
pub(super) fn why(name: &str) -> Option<&'static str> {
    Some(match name {
        "http.send" => {
            "policies do not dial; hand what the policy needs to it as data (--data) or input"
        }
        "net.lookup_ip_addr" => {
            "policies ask no name servers; hand addresses to it as data or input"
        }
        "opa.runtime" => {
            "policies do not see the environment of the process; hand values to it as data or input"
        }
        _ if name.starts_with("io.jwt.encode_sign") => "policies hold no keys to sign with",
        _ if name.starts_with("providers.aws.") => "policies hold no keys to sign requests with",
        _ if name.starts_with("graphql.") => "GraphQL is not read here",
        _ if name.starts_with("io.jwt.verify") || name == "io.jwt.decode_verify" => {
            "signatures of tokens are not verified by policies; the gateway does that and hands the claims on"
        }
        _ if name.starts_with("crypto.x509.") || name.starts_with("crypto.parse_private_keys") => {
            "certificates and keys are not read by policies"
        }
        "rego.parse_module" => "policies do not read policies",
        _ => return None,
    })
}

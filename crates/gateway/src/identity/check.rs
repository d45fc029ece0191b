//! What is set about callers and means nothing.

use super::settings::Proof;
use crate::settings::Settings;
use crate::tls::ClientCertificate;

impl Settings {
    /// Whether connections ask for certificates.
    pub(crate) fn asks_for_certificates(&self) -> bool {
        self.tls
            .as_ref()
            .is_some_and(|tls| tls.client_ca.is_some() || !self.spiffe.is_empty())
    }

    /// What is said about who callers are, and what they may.
    pub(crate) fn check_identities(&self, say: &mut impl FnMut(String, String)) {
        let is_upstream = |name: &str| self.upstreams.contains_key(name);
        let has_prices = !self.prices.is_empty();
        for (name, key) in &self.keys {
            let place = format!("keys.{name}");
            key.allowance()
                .check(is_upstream, has_prices, &mut |part, what| {
                    say(at(&place, part), what);
                });
        }
        for (pattern, allowance) in &self.identities {
            let place = format!("identities.\"{pattern}\"");
            allowance.check(is_upstream, has_prices, &mut |part, what| {
                say(at(&place, part), what);
            });
        }
        for (name, issuer) in &self.identity {
            let place = format!("identity.{name}");
            issuer.check(&mut |part, what| say(at(&place, part), what));
        }
        let has_ca = self.tls.as_ref().is_some_and(|tls| tls.client_ca.is_some());
        for (name, domain) in &self.spiffe {
            let place = format!("spiffe.{name}");
            domain.check(name, has_ca, &mut |part, what| say(at(&place, part), what));
        }
        for (pattern, price) in &self.prices {
            let place = format!("prices.\"{pattern}\"");
            price.check(&mut |part, what| say(at(&place, part), what));
        }
        let asks = self.asks_for_certificates();
        let requires = self
            .tls
            .as_ref()
            .is_some_and(|tls| tls.client_certificate == ClientCertificate::Required);
        if requires && !asks {
            say(
                "tls.client-certificate".to_owned(),
                "name whose certificates count: `client-ca`, or a trust domain under `spiffe`"
                    .to_owned(),
            );
        }
        let jwt = !self.identity.is_empty()
            || self.spiffe.values().any(|domain| domain.audience.is_some());
        for proof in &self.require {
            let (is_set_up, what) = match proof {
                Proof::Key => (!self.keys.is_empty(), "there are no virtual `keys`"),
                Proof::Jwt => (
                    jwt,
                    "no issuer is under `identity`, and no audience under `spiffe`",
                ),
                Proof::Certificate => (asks, "no certificates are asked for: see `tls.client-ca`"),
            };
            if !is_set_up {
                say("require".to_owned(), what.to_owned());
            }
        }
        if self.anonymous && !self.require.is_empty() {
            say(
                "anonymous".to_owned(),
                "nobody is let in without what `require` lists; set one of the two".to_owned(),
            );
        }
    }
}

/// A part of a place in the settings; all of it for none.
fn at(place: &str, part: &str) -> String {
    match part {
        "" => place.to_owned(),
        part => format!("{place}.{part}"),
    }
}

//! What in the settings means nothing.

use std::fmt;

use super::names::is_name;
use super::{Auth, Settings};
use crate::hold::settings::Ask;

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
        if let Some(tls) = &self.tls
            && !tls.crl.is_empty()
            && !self.asks_for_certificates()
        {
            say(
                "tls.crl".to_owned(),
                "no certificates are asked for that could be revoked; set `client-ca`, or a trust domain under `spiffe`"
                    .to_owned(),
            );
        }
        if self.connection_limit.0 == 0 {
            say("connection-limit".to_owned(), "at least 1".to_owned());
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Kind, Upstream};

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

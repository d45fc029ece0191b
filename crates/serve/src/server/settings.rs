//! How the service is started.

use std::net::SocketAddr;
use std::path::PathBuf;

use jiff::SignedDuration;
use stance_tls::TlsFiles;

use crate::auth::{Hashing, Provider};
use crate::http::{Rates, without_port};

/// How the service is started.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen; port 0 is any that is free.
    pub listen: SocketAddr,
    /// Where the database is.
    pub data_dir: PathBuf,
    /// Certificate and key, for TLS without a proxy.
    pub tls: Option<TlsFiles>,
    /// A proxy is in front: it does TLS, and its `X-Forwarded-For` is believed.
    pub behind_proxy: bool,
    /// The address under which people reach the service, `https://stance.example.org`.
    pub public_url: Option<String>,
    /// Where people sign in, besides here.
    pub provider: Option<Provider>,
    /// How long sessions last.
    pub sessions: Sessions,
    /// How often each may ask.
    pub rates: Rates,
    /// How costly the hash of a password is.
    pub hashing: Hashing,
    /// Most connections at the same time.
    pub connections: usize,
    /// How people and programs are told what happened.
    pub notify: crate::notify::Settings,
    /// How jobs are done; nothing is scanned, nor taken in, without it.
    pub jobs: Option<crate::jobs::Settings>,
}

/// How long sessions last.
#[derive(Clone, Copy, Debug)]
pub struct Sessions {
    /// Without being used.
    pub idle: SignedDuration,
    /// At most.
    pub longest: SignedDuration,
}

impl Default for Sessions {
    fn default() -> Self {
        Self {
            idle: SignedDuration::from_hours(8),
            longest: SignedDuration::from_hours(7 * 24),
        }
    }
}

impl Settings {
    /// On this address and directory, with everything else as it is by default.
    #[must_use]
    pub fn new(listen: SocketAddr, data_dir: PathBuf) -> Self {
        Self {
            listen,
            data_dir,
            tls: None,
            behind_proxy: false,
            public_url: None,
            provider: None,
            sessions: Sessions::default(),
            rates: Rates::default(),
            hashing: Hashing::default(),
            connections: 1024,
            notify: crate::notify::Settings::default(),
            jobs: None,
        }
    }

    /// Whether browsers reach the service over TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        match &self.public_url {
            Some(url) => url.starts_with("https://"),
            None => self.tls.is_some() || self.behind_proxy,
        }
    }

    /// Whether the page of the first sign-in cannot be read by everybody on the network.
    pub(crate) fn is_private(&self) -> bool {
        self.listen.ip().is_loopback() || self.tls.is_some() || self.behind_proxy
    }

    /// Host and port of the public address.
    pub(crate) fn public_host(&self) -> Option<&str> {
        let url = self.public_url.as_deref()?;
        let (_, rest) = url.split_once("://")?;
        rest.split('/').next()
    }

    /// Whether the service answers when it is called by this name.
    pub(crate) fn answers_to(&self, host: &str) -> bool {
        if self
            .public_host()
            .is_some_and(|known| known.eq_ignore_ascii_case(host))
        {
            return true;
        }
        let loopback = ["localhost", "127.0.0.1", "[::1]"].contains(&without_port(host));
        if self.public_url.is_some() {
            // Whoever checks whether the service is well calls it from the same machine.
            return loopback;
        }
        // A proxy has its own name, and an address that everybody reaches is no secret of this machine.
        loopback || self.behind_proxy || !self.listen.ip().is_loopback()
    }

    /// How the dashboard is reached, without a slash at the end.
    #[must_use]
    pub fn base_url(&self, address: SocketAddr) -> String {
        match &self.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None if self.tls.is_some() => format!("https://{address}"),
            None => format!("http://{address}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(listen: &str) -> Settings {
        Settings::new(listen.parse().unwrap(), PathBuf::from("/data"))
    }

    #[test]
    fn on_loopback_only_names_of_loopback_are_answered() {
        let settings = on("127.0.0.1:7878");
        for host in ["localhost:7878", "127.0.0.1", "[::1]:1"] {
            assert!(settings.answers_to(host), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:7878",
            "127.0.0.1.evil.example",
            "localhost.",
            "",
        ] {
            assert!(!settings.answers_to(host), "{host}");
        }
        assert!(on("0.0.0.0:7878").answers_to("stance.example.org"));
    }

    #[test]
    fn a_public_address_is_the_only_name_but_loopback() {
        let mut settings = on("0.0.0.0:7878");
        settings.public_url = Some("https://stance.example.org/".to_owned());
        assert!(settings.answers_to("stance.example.org"));
        assert!(settings.answers_to("Stance.Example.org"));
        assert!(settings.answers_to("localhost:7878"));
        assert!(!settings.answers_to("other.example.org"));
        assert!(settings.is_secure());
    }
}

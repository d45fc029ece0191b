//! Webhooks: one POST, whose address is checked once more after its name was looked up, so that no name leads where no
//! address may.

use std::io::Read as _;
use std::net::IpAddr;

use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use super::signature::Secret;
use super::{Answer, Parcel, Refusal, Settings, address};

/// Bytes of an answer that are kept.
const KEPT: u64 = 512;

/// Posts webhooks.
#[derive(Debug)]
pub(super) struct Poster {
    agent: ureq::Agent,
    /// For what is not this machine, where a proxy was set.
    proxied: Option<ureq::Agent>,
    plain_http: bool,
    allowed: Vec<IpAddr>,
    patience: u64,
}

impl Poster {
    pub(super) fn new(settings: &Settings) -> Self {
        let config = |proxy| {
            ureq::Agent::config_builder()
                .timeout_global(Some(settings.patience))
                // Whoever answers says where to go next; only people do, by the address.
                .max_redirects(0)
                .http_status_as_error(false)
                // Never that of the environment.
                .proxy(proxy)
                .max_idle_connections(0)
                .user_agent(concat!("stance/", env!("CARGO_PKG_VERSION")))
                .build()
        };
        // A proxy looks names up itself: what it lets through is its own to say. Addresses that are written out are checked.
        let proxied = settings.proxy.as_ref().map(|proxy| {
            let names = DefaultResolver::default();
            ureq::Agent::with_parts(
                config(Some(proxy.for_webhooks())),
                DefaultConnector::default(),
                names,
            )
        });
        let guard = Guard {
            names: DefaultResolver::default(),
            plain_http: settings.plain_http,
            allowed: settings.allowed.clone(),
        };
        Self {
            agent: ureq::Agent::with_parts(config(None), DefaultConnector::default(), guard),
            proxied,
            plain_http: settings.plain_http,
            allowed: settings.allowed.clone(),
            patience: settings.patience.as_secs(),
        }
    }

    pub(super) fn post(&self, parcel: &Parcel<'_>, secret: &Secret) -> Answer {
        let target = &parcel.to.settings.target;
        let uri = match address::parse(target, self.plain_http, &self.allowed) {
            Ok(uri) => uri,
            Err(error) => return Answer::refused(error.to_string(), false),
        };
        let seconds = parcel.at.as_second();
        let here = uri.host().is_some_and(address::names_this_machine);
        let agent = self.proxied.as_ref().filter(|_| !here);
        let sent = agent
            .unwrap_or(&self.agent)
            .post(uri)
            .header("content-type", "application/json")
            .header("webhook-id", parcel.message)
            .header("webhook-timestamp", seconds.to_string())
            .header(
                "webhook-signature",
                secret.sign(parcel.message, seconds, parcel.body),
            )
            .send(parcel.body);
        match sent {
            Ok(answer) => {
                let status = answer.status().as_u16();
                let mut bytes = Vec::new();
                // An answer that breaks off was an answer: its status counts.
                let _ = answer
                    .into_body()
                    .into_reader()
                    .take(KEPT)
                    .read_to_end(&mut bytes);
                let text = String::from_utf8_lossy(&bytes).into_owned();
                Answer {
                    status: Some(status),
                    text: Some(text).filter(|text| !text.is_empty()),
                    refusal: refusal(status),
                }
            }
            Err(error) => Answer::refused(self.reason(&error), is_passing(&error)),
        }
    }

    /// What went wrong, without the address.
    fn reason(&self, error: &ureq::Error) -> String {
        match error {
            ureq::Error::Timeout(_) => format!("no answer within {} seconds", self.patience),
            ureq::Error::HostNotFound => "the name of the host is not known".to_owned(),
            ureq::Error::Io(error) => error.to_string(),
            ureq::Error::Other(error) => error.to_string(),
            ureq::Error::ConnectProxyFailed(_) => "the proxy did not let it through".to_owned(),
            ureq::Error::ConnectionFailed => "the host does not answer".to_owned(),
            ureq::Error::Tls(why) => format!("TLS: {why}"),
            ureq::Error::Rustls(error) => format!("TLS: {error}"),
            ureq::Error::Protocol(_) => "what answered does not speak HTTP".to_owned(),
            _ => "the request could not be sent".to_owned(),
        }
    }
}

/// Whether a status says that the message was not taken.
fn refusal(status: u16) -> Option<Refusal> {
    let (reason, again) = match status {
        200..=299 => return None,
        300..=399 => (
            "answered with a redirect, which is not followed; set the address it leads to"
                .to_owned(),
            true,
        ),
        410 => (
            "answered 410 Gone: the address takes nothing any more".to_owned(),
            false,
        ),
        _ => (format!("answered {status}"), true),
    };
    Some(Refusal { reason, again })
}

fn is_passing(error: &ureq::Error) -> bool {
    !matches!(error, ureq::Error::Other(error) if error.is::<address::AddressError>())
}

/// Looks names up, and lets nothing through that is refused.
#[derive(Debug)]
struct Guard {
    names: DefaultResolver,
    plain_http: bool,
    allowed: Vec<IpAddr>,
}

impl Resolver for Guard {
    fn resolve(
        &self,
        uri: &Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.names.resolve(uri, config, timeout)?;
        let refuse = |error: address::AddressError| Err(ureq::Error::Other(Box::new(error)));
        let mut all = found.iter().map(std::net::SocketAddr::ip);
        if all.clone().any(|it| address::is_refused(it, &self.allowed)) {
            return refuse(address::AddressError::Refused);
        }
        // `localhost` that is another machine's name is none of this one's.
        if uri.scheme_str() == Some("http") && !self.plain_http && all.any(|it| !it.is_loopback()) {
            return refuse(address::AddressError::Plain);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_leads_to_a_refused_address_is_refused() {
        // As a literal it passes no check but that of the resolver.
        let guard = Guard {
            names: DefaultResolver::default(),
            plain_http: true,
            allowed: Vec::new(),
        };
        let look = |uri: &str| {
            let timeout = NextTimeout {
                after: std::time::Duration::from_secs(5).into(),
                reason: ureq::Timeout::Global,
                ..NextTimeout::default()
            };
            guard.resolve(
                &uri.parse().unwrap(),
                &ureq::config::Config::default(),
                timeout,
            )
        };
        assert!(look("http://127.0.0.1:1/").is_ok());
        for refused in [
            "http://169.254.169.254/",
            "https://0.0.0.0/",
            "http://[fe80::1]:80/",
        ] {
            let error = look(refused).unwrap_err();
            assert!(!is_passing(&error), "{refused}: {error}");
        }
    }

    #[test]
    fn what_is_gone_is_not_asked_again() {
        assert_eq!(refusal(204), None);
        assert!(refusal(500).unwrap().again && refusal(302).unwrap().again);
        assert!(!refusal(410).unwrap().again);
    }
}

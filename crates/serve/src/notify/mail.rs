//! E-mail through the relay of the organisation.

use std::error::Error as _;
use std::time::Duration;

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Message, SmtpTransport, Transport as _};

use super::address::names_this_machine;
use super::{Answer, Parcel, Proxy, Refusal, letter};

/// How the connection to a relay is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte, port 465.
    Tls,
    /// STARTTLS, and nothing without it, port 587.
    StartTls,
    /// Nothing, port 25: for a relay on this machine.
    None,
}

impl Security {
    /// The port that is usual.
    #[must_use]
    pub const fn port(self) -> u16 {
        match self {
            Self::Tls => 465,
            Self::StartTls => 587,
            Self::None => 25,
        }
    }
}

/// A server that takes mail.
#[derive(Clone)]
pub struct Relay {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// The name and password of an account there.
    pub account: Option<(String, String)>,
    /// Who the mail is from: an address, or `Name <address>`.
    pub from: String,
    /// A certificate authority in PEM that is trusted besides the public ones.
    pub authority: Option<Vec<u8>>,
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Relay")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("security", &self.security)
            .finish_non_exhaustive()
    }
}

impl Relay {
    /// Whether it can be used at all; nothing is dialled.
    ///
    /// # Errors
    ///
    /// In one sentence, what is wrong with it.
    pub fn check(&self) -> Result<(), String> {
        if self.security == Security::None && !names_this_machine(&self.host) {
            return Err(format!(
                "mail to {} would travel in the clear; without TLS the mail server has to be on this machine",
                self.host
            ));
        }
        mailbox(&self.from)?;
        self.transport(None, Duration::from_secs(1)).map(drop)
    }

    /// How mail goes there; `tunnel` is the port of this machine that leads there, if it does not go directly.
    fn transport(&self, tunnel: Option<u16>, patience: Duration) -> Result<SmtpTransport, String> {
        let tls = || -> Result<TlsParameters, String> {
            let mut parameters = TlsParameters::builder(self.host.clone());
            if let Some(authority) = &self.authority {
                let certificate = Certificate::from_pem(authority).map_err(|error| {
                    format!("the certificate authority of the mail server: {error}")
                })?;
                parameters = parameters.add_root_certificate(certificate);
            }
            parameters.build_rustls().map_err(|error| error.to_string())
        };
        let tls = match self.security {
            Security::Tls => Tls::Wrapper(tls()?),
            Security::StartTls => Tls::Required(tls()?),
            Security::None => Tls::None,
        };
        // The certificate is checked for the name of the server, whatever leads there.
        let (host, port) = match tunnel {
            Some(port) => ("127.0.0.1", port),
            None => (self.host.as_str(), self.port),
        };
        let mut transport = SmtpTransport::builder_dangerous(host)
            .port(port)
            .tls(tls)
            .timeout(Some(patience))
            .hello_name(ClientId::Domain(self.domain()));
        if let Some((name, password)) = &self.account {
            transport = transport.credentials(Credentials::new(name.clone(), password.clone()));
        }
        Ok(transport.build())
    }

    /// The domain of the sender.
    fn domain(&self) -> String {
        let domain = self.from.trim_end_matches('>').rsplit('@').next();
        domain.unwrap_or("localhost").to_owned()
    }
}

/// An address of mail.
///
/// # Errors
///
/// When it is none.
pub(crate) fn mailbox(text: &str) -> Result<Mailbox, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is no address of mail, such as security@example.org"))
}

pub(super) fn send(
    relay: &Relay,
    proxy: Option<&Proxy>,
    parcel: &Parcel<'_>,
    patience: Duration,
) -> Answer {
    let message = match written(relay, parcel) {
        Ok(message) => message,
        Err(reason) => return Answer::refused(reason, false),
    };
    let proxy = proxy.filter(|_| !names_this_machine(&relay.host));
    let tunnel = proxy.map(|proxy| proxy.tunnel(&relay.host, relay.port, patience));
    let tunnel = match tunnel.transpose() {
        Ok(tunnel) => tunnel,
        Err(error) => return Answer::refused(format!("the way to the mail server: {error}"), true),
    };
    let transport = match relay.transport(tunnel, patience) {
        Ok(transport) => transport,
        Err(reason) => return Answer::refused(reason, false),
    };
    match transport.send(&message) {
        Ok(response) => Answer {
            status: Some(response.code().into()),
            text: response.first_line().map(str::to_owned),
            refusal: None,
        },
        Err(error) => {
            let cause = error.source().map(ToString::to_string);
            let status = error.status().map(u16::from);
            let reason = match (status, &cause) {
                (Some(code), _) => format!("the mail server answered {code}"),
                _ if error.is_timeout() => {
                    format!("no answer within {} seconds", patience.as_secs())
                }
                (None, Some(cause)) => format!("the mail server cannot be used: {cause}"),
                (None, None) => format!("the mail server cannot be used: {error}"),
            };
            Answer {
                status,
                text: cause.filter(|_| status.is_some()),
                refusal: Some(Refusal {
                    reason,
                    again: !error.is_permanent(),
                }),
            }
        }
    }
}

fn written(relay: &Relay, parcel: &Parcel<'_>) -> Result<Message, String> {
    let letter = letter::of(parcel.body)?;
    let mut message = Message::builder()
        .from(mailbox(&relay.from)?)
        .subject(letter.subject)
        .message_id(Some(format!("<{}@{}>", parcel.message, relay.domain())))
        // RFC 3834: nobody's absence is to answer this.
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ));
    for address in parcel.to.settings.target.split_whitespace() {
        message = message.to(mailbox(address)?);
    }
    message
        .multipart(MultiPart::alternative_plain_html(letter.plain, letter.html))
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_without_tls_is_on_this_machine() {
        let mut relay = Relay {
            host: "mail.example.org".to_owned(),
            port: 25,
            security: Security::None,
            account: Some(("stance".to_owned(), "geheim".to_owned())),
            from: "Stance <stance@example.org>".to_owned(),
            authority: None,
        };
        assert!(relay.check().unwrap_err().contains("in the clear"));
        assert!(!format!("{relay:?}").contains("geheim"));
        relay.security = Security::StartTls;
        assert_eq!(relay.check(), Ok(()));
        assert_eq!(relay.domain(), "example.org");
        relay.from = "nobody".to_owned();
        assert!(relay.check().is_err());
    }
}

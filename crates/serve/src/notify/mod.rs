//! Telling people and programs what happened: webhooks and mail.
//!
//! Nothing dials out unless somebody subscribed. What is sent is made once ([`message`]), signed or written as a letter
//! when it goes, and what the other side says is an [`Answer`].

pub(crate) mod address;
mod letter;
mod mail;
pub(crate) mod message;
mod proxy;
pub(crate) mod signature;
mod webhook;

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use stance_store::notifications::{Channel, Subscription};

pub(crate) use letter::plain;
pub(crate) use mail::mailbox;
pub use mail::{Relay, Security};
pub use proxy::Proxy;

/// How things are told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What takes mail; without it there is none.
    pub relay: Option<Relay>,
    /// What webhooks and mail go through, but for those to this machine; otherwise they are sent directly.
    pub proxy: Option<Proxy>,
    /// Whether webhooks may go to other machines without TLS.
    pub plain_http: bool,
    /// Addresses that webhooks may go to although they are link-local or those of a cloud's metadata.
    pub allowed: Vec<IpAddr>,
    /// How long what happens is gathered before a message tells it.
    pub gather: Duration,
    /// How long the other side may take.
    pub patience: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            relay: None,
            proxy: None,
            plain_http: false,
            allowed: Vec::new(),
            gather: Duration::from_secs(60),
            patience: Duration::from_secs(15),
        }
    }
}

/// Takes messages to where they belong.
#[derive(Debug)]
pub struct Courier {
    relay: Option<Relay>,
    proxy: Option<Proxy>,
    webhooks: webhook::Poster,
    data_dir: PathBuf,
    patience: Duration,
}

/// A message on its way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parcel<'a> {
    /// To whom.
    pub(crate) to: &'a Subscription,
    /// By which whoever gets it knows it again.
    pub(crate) message: &'a str,
    /// What is sent.
    pub(crate) body: &'a str,
    /// When this try began.
    pub(crate) at: Timestamp,
}

/// What became of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The status of HTTP or the code of SMTP.
    pub(crate) status: Option<u16>,
    /// How the answer begins.
    pub(crate) text: Option<String>,
    /// Why it was not taken.
    pub(crate) refusal: Option<Refusal>,
}

/// Why a message was not taken. Addresses do not stand in it: they may be secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// In one sentence.
    pub(crate) reason: String,
    /// Whether another try may help.
    pub(crate) again: bool,
}

impl Answer {
    fn refused(reason: impl Into<String>, again: bool) -> Self {
        Self {
            status: None,
            text: None,
            refusal: Some(Refusal {
                reason: reason.into(),
                again,
            }),
        }
    }
}

impl Courier {
    /// One that keeps to these settings; keys lie in `data_dir`.
    #[must_use]
    pub fn new(settings: &Settings, data_dir: PathBuf) -> Self {
        Self {
            relay: settings.relay.clone(),
            proxy: settings.proxy.clone(),
            webhooks: webhook::Poster::new(settings),
            data_dir,
            patience: settings.patience,
        }
    }

    /// Delivers a message; waits for the answer.
    pub(crate) fn deliver(&self, parcel: &Parcel<'_>) -> Answer {
        match parcel.to.channel {
            Channel::Webhook => {
                let secret = parcel
                    .to
                    .key
                    .as_ref()
                    .ok_or_else(|| "it has no secret; renew it".to_owned())
                    .and_then(|key| signature::secret(&self.data_dir, key));
                match secret {
                    Ok(secret) => self.webhooks.post(parcel, &secret),
                    Err(reason) => Answer::refused(reason, false),
                }
            }
            Channel::Mail => match &self.relay {
                Some(relay) => mail::send(relay, self.proxy.as_ref(), parcel, self.patience),
                None => Answer::refused(
                    "no mail server is configured; start the service with --smtp-host",
                    false,
                ),
            },
        }
    }
}

//! TLS of the gateway, and the certificates of those who call.

mod clients;

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_tls::TlsFiles;
use tokio_rustls::TlsAcceptor;

use crate::settings::Invalid;

pub(crate) use clients::{Peer, Trust};

/// TLS of the gateway itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Tls {
    /// The file of the certificate in PEM, followed by those that signed it. Read anew when it changes, as all files here.
    pub certificate: String,
    /// The file of its private key in PEM.
    pub key: String,
    /// The file of the authorities whose certificates prove who a caller is (mTLS), in PEM.
    #[serde(default)]
    pub client_ca: Option<String>,
    /// Files with lists of revoked certificates (CRL), in PEM or DER. A certificate whose issuer has a list here is held against
    /// it, and counts no longer where the list is out of date; one whose issuer has none is not.
    #[serde(default)]
    pub crl: Vec<String>,
    /// Whether each connection has to show a certificate. It is only asked of those that are believed: with `client-ca`, or a
    /// trust domain under `spiffe`.
    #[serde(default)]
    pub client_certificate: ClientCertificate,
}

/// Whether callers have to show a certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ClientCertificate {
    /// They may.
    #[default]
    Optional,
    /// They have to; without one there is no connection.
    Required,
}

/// What answers connections.
pub(crate) fn acceptor(
    tls: &Tls,
    trust: Option<&Arc<Trust>>,
    invalid: &mut Vec<Invalid>,
) -> Option<TlsAcceptor> {
    let files = TlsFiles {
        certificate: tls.certificate.clone().into(),
        key: tls.key.clone().into(),
    };
    let clients = trust.map(|trust| {
        let trust: Arc<dyn tokio_rustls::rustls::server::danger::ClientCertVerifier> =
            trust.clone();
        trust
    });
    match stance_tls::acceptor(&files, clients) {
        Ok(acceptor) => Some(acceptor),
        Err(error) => {
            let part = if error.path.as_os_str() == tls.key.as_str() {
                "key"
            } else {
                "certificate"
            };
            invalid.push(Invalid {
                place: format!("tls.{part}"),
                what: error.to_string(),
            });
            None
        }
    }
}

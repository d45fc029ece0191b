//! TLS of what listens: certificate and key from files, for the service and the gateway alike; and what tells whether the
//! certificates of those who call count.
#![expect(
    clippy::disallowed_methods,
    reason = "this crate is at the edge: it reads the files that it is told"
)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{
    CertificateDer, CertificateRevocationListDer, PrivateKeyDer,
};
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use tokio_rustls::rustls::server::{
    NoServerSessionStorage, VerifierBuilderError, WebPkiClientVerifier,
};

/// Certificate and key in PEM.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate, followed by those that signed it.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// A file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", path.display())]
pub struct TlsError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong, and what would be right.
    pub reason: String,
}

impl TlsError {
    fn new(path: &Path, reason: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            reason: reason.into(),
        }
    }
}

/// The cryptography of all connections.
#[must_use]
pub fn cryptography() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// The certificates of a file, at least one.
///
/// # Errors
///
/// A file that cannot be read, or holds none.
pub fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&read(path)?)
        .collect::<Result<_, _>>()
        .map_err(|error| TlsError::new(path, format!("is no certificate in PEM: {error}")))?;
    if certificates.is_empty() {
        let reason = "holds no `BEGIN CERTIFICATE`; give the certificate in PEM";
        return Err(TlsError::new(path, reason));
    }
    Ok(certificates)
}

/// The lists of revoked certificates of a file, in PEM or DER, at least one (RFC 5280, section 5).
///
/// # Errors
///
/// A file that cannot be read, or holds none.
pub fn revocations(path: &Path) -> Result<Vec<CertificateRevocationListDer<'static>>, TlsError> {
    let bytes = read(path)?;
    // DER begins with a SEQUENCE.
    let lists = if bytes.first() == Some(&0x30) {
        vec![CertificateRevocationListDer::from(bytes)]
    } else {
        CertificateRevocationListDer::pem_slice_iter(&bytes)
            .collect::<Result<_, _>>()
            .map_err(|error| TlsError::new(path, format!("is no list in PEM: {error}")))?
    };
    if lists.is_empty() {
        let reason =
            "holds no `BEGIN X509 CRL`; give the list of revoked certificates in PEM or DER";
        return Err(TlsError::new(path, reason));
    }
    for list in &lists {
        // Alone, with nobody who could vouch for anything: only whether it is one.
        let alone = clients(RootCertStore::empty(), std::slice::from_ref(list));
        if let Err(VerifierBuilderError::InvalidCrl(error)) = alone {
            let reason =
                format!("is no list of revoked certificates that is understood: {error:?}");
            return Err(TlsError::new(path, reason));
        }
    }
    Ok(lists)
}

/// What says whether a certificate of somebody who calls counts: one of `authorities` vouches for it, and none of the lists
/// revokes it, or one of those between. Where the issuer of a certificate has a list, it has to be of now; where it has none,
/// the certificate is not held against any.
///
/// # Errors
///
/// Authorities that are none, or a list that is none.
pub fn clients(
    authorities: RootCertStore,
    revoked: &[CertificateRevocationListDer<'static>],
) -> Result<Arc<dyn ClientCertVerifier>, VerifierBuilderError> {
    let builder = WebPkiClientVerifier::builder_with_provider(authorities.into(), cryptography());
    let builder = match revoked {
        [] => builder,
        revoked => builder
            .with_crls(revoked.iter().cloned())
            .allow_unknown_revocation_status()
            .enforce_revocation_expiration(),
    };
    builder.build()
}

/// What answers connections with this certificate, in TLS 1.2 and 1.3, over HTTP/1.1. With `clients`, those who call may or must
/// show a certificate as well; then each connection is a whole handshake, for what was believed of an earlier one counts for
/// nothing.
///
/// # Errors
///
/// [`TlsError`], with what would be right.
pub fn acceptor(
    files: &TlsFiles,
    clients: Option<Arc<dyn ClientCertVerifier>>,
) -> Result<TlsAcceptor, TlsError> {
    let chain = certificates(&files.certificate)?;
    let key = PrivateKeyDer::from_pem_slice(&read(&files.key)?).map_err(|error| {
        let reason = format!("is no private key in PEM without a password: {error}");
        TlsError::new(&files.key, reason)
    })?;
    let builder = ServerConfig::builder_with_provider(cryptography())
        .with_safe_default_protocol_versions()
        .map_err(|error| TlsError::new(&files.certificate, error.to_string()))?;
    let resumes = clients.is_none();
    let builder = match clients {
        Some(clients) => builder.with_client_cert_verifier(clients),
        None => builder.with_no_client_auth(),
    };
    let mut config = builder.with_single_cert(chain, key).map_err(|error| {
        let reason = format!("does not fit the certificate: {error}");
        TlsError::new(&files.key, reason)
    })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    if !resumes {
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
    }
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|error| TlsError::new(path, format!("cannot be read: {error}")))
}

//! Certificate and key from files.

use std::path::Path;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::{ServeError, TlsFiles};

/// Whether certificate and key can be used, as the service would use them.
///
/// # Errors
///
/// [`ServeError::Tls`], with what would be right.
pub fn check(files: &TlsFiles) -> Result<(), ServeError> {
    acceptor(files).map(drop)
}

/// What answers connections with this certificate, in TLS 1.2 and 1.3.
pub(super) fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, ServeError> {
    let wrong = |path: &Path, reason: String| ServeError::Tls {
        path: path.to_owned(),
        reason,
    };
    let read = |path: &Path| {
        std::fs::read(path).map_err(|error| wrong(path, format!("cannot be read: {error}")))
    };
    let pem = read(&files.certificate)?;
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|error| {
            let reason = format!("is no certificate in PEM: {error}");
            wrong(&files.certificate, reason)
        })?;
    if chain.is_empty() {
        let reason = "holds no `BEGIN CERTIFICATE`; give the certificate in PEM".to_owned();
        return Err(wrong(&files.certificate, reason));
    }
    let key = PrivateKeyDer::from_pem_slice(&read(&files.key)?).map_err(|error| {
        let reason = format!("is no private key in PEM without a password: {error}");
        wrong(&files.key, reason)
    })?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(&files.certificate, error.to_string()))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| wrong(&files.key, format!("does not fit the certificate: {error}")))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

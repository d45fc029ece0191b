//! Certificate and key from files.

use stance_tls::TlsError;
use tokio_rustls::TlsAcceptor;

use super::{ServeError, TlsFiles};

/// Whether certificate and key can be used, as the service would use them.
///
/// # Errors
///
/// [`ServeError::Tls`], with what would be right.
pub fn check(files: &TlsFiles) -> Result<(), ServeError> {
    acceptor(files).map(drop)
}

/// What answers connections with this certificate.
pub(super) fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, ServeError> {
    stance_tls::acceptor(files, None)
        .map_err(|TlsError { path, reason }| ServeError::Tls { path, reason })
}

//! Requests for parts of one file: redirects, who is told which credentials, bounds on time.

use std::cell::RefCell;
use std::time::Duration;

use ureq::http::{HeaderMap, Response};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body};

use super::StreamOptions;
use super::address::Address;
use super::s3::Signer;

/// Redirects that are followed.
const REDIRECTS: usize = 5;

/// Why a stream was not opened.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// It is no address that can be read.
    #[error("it is no address that can be read: {0}")]
    Address(&'static str),
    /// A redirect that is not followed.
    #[error("the server redirects {0}, which is not followed")]
    Redirect(&'static str),
    /// The server says no.
    #[error("the server answers {0}{1}")]
    Status(u16, &'static str),
    /// The server's answer contradicts the request or itself.
    #[error("the server's answer cannot be true: {0}")]
    Lie(String),
    /// More than is allowed would have to be transferred.
    #[error("{0}; `--max-transfer` allows more")]
    TooLarge(String),
    /// The connection failed.
    #[error("{0}")]
    Connection(String),
    /// Credentials or settings for S3 that are not sound.
    #[error("{0}")]
    Settings(String),
    /// Reading or keeping the bytes failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl RemoteError {
    /// Whether the same request may succeed later.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Connection(_) | Self::Io(_) => true,
            Self::Status(status, _) => matches!(status, 408 | 429 | 500 | 502 | 503 | 504),
            _ => false,
        }
    }
}

/// A file at an address.
pub(super) struct Client {
    agent: Agent,
    address: Address,
    signer: Option<Signer>,
    /// Where redirects led, for the requests that follow.
    moved: RefCell<Option<Address>>,
    timeout: Duration,
}

impl Client {
    pub(super) fn new(
        address: Address,
        signer: Option<Signer>,
        options: &StreamOptions,
    ) -> Result<Self, RemoteError> {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // Redirects are followed here, where it is known what may go along.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("stance/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(options.timeout.min(Duration::from_secs(20))))
            .timeout_recv_response(Some(options.timeout))
            .timeout_per_read(Some(options.timeout))
            .max_idle_connections(2)
            .tls_config(TlsConfig::builder().root_certs(roots()?).build())
            .build();
        Ok(Self {
            agent: config.into(),
            address,
            signer,
            moved: RefCell::default(),
            timeout: options.timeout,
        })
    }

    /// How long one part may take.
    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// What is called in messages.
    pub(super) fn shown(&self) -> String {
        self.address.shown()
    }

    /// Asks for `range` as `bytes=…`, if the file still is the one that `unchanged` names.
    pub(super) fn get(
        &self,
        range: &str,
        unchanged: Option<&str>,
        short: bool,
    ) -> Result<Response<Body>, RemoteError> {
        let moved = self.moved.borrow().clone();
        if let Some(moved) = moved {
            let reply = self.follow(moved, range, unchanged, short);
            // Addresses that redirects lead to often hold for a while only.
            match reply {
                Ok(reply) if reply.status().as_u16() < 400 => return Ok(reply),
                Err(error) if !error.is_passing() => return Err(error),
                _ => *self.moved.borrow_mut() = None,
            }
        }
        self.follow(self.address.clone(), range, unchanged, short)
    }

    fn follow(
        &self,
        mut address: Address,
        range: &str,
        unchanged: Option<&str>,
        short: bool,
    ) -> Result<Response<Body>, RemoteError> {
        for _ in 0..=REDIRECTS {
            let reply = self.ask(&address, range, unchanged, short)?;
            let status = reply.status().as_u16();
            if let Some(signer) = &self.signer
                && matches!(status, 301 | 307 | 400)
                && let Some(region) = header(reply.headers(), "x-amz-bucket-region")
                && signer.change_region(region)
            {
                continue;
            }
            if !matches!(status, 301 | 302 | 303 | 307 | 308) {
                if address != self.address {
                    *self.moved.borrow_mut() = Some(address);
                }
                return Ok(reply);
            }
            let location = header(reply.headers(), "location")
                .ok_or_else(|| RemoteError::Lie("a redirect that leads nowhere".to_owned()))?;
            address = address.follow(location)?;
        }
        Err(RemoteError::Redirect("again and again"))
    }

    fn ask(
        &self,
        address: &Address,
        range: &str,
        unchanged: Option<&str>,
        short: bool,
    ) -> Result<Response<Body>, RemoteError> {
        let mut request = self
            .agent
            .get(address.text())
            .header("accept", "*/*")
            .header("accept-encoding", "identity")
            .header("range", range);
        if let Some(unchanged) = unchanged {
            request = request.header("if-range", unchanged);
        }
        if address.same_origin(&self.address) {
            if let Some(signer) = &self.signer {
                for (name, value) in signer.headers(address, range) {
                    request = request.header(name, value);
                }
            } else if let Some(user) = self.address.user() {
                request = request.header("authorization", basic(user));
            }
        }
        let limited = short.then_some(self.timeout);
        request
            .config()
            .timeout_global(limited)
            .build()
            .call()
            .map_err(|error| RemoteError::Connection(format!("{}: {error}", address.shown())))
    }
}

/// The value of a header, when it is text.
pub(super) fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// The certificate authorities that are trusted: Mozilla's list, or those of the file that
/// `SSL_CERT_FILE` names, as other tools take it.
fn roots() -> Result<RootCerts, RemoteError> {
    let Some(path) = std::env::var_os("SSL_CERT_FILE").filter(|path| !path.is_empty()) else {
        return Ok(RootCerts::WebPki);
    };
    let failed = |why: String| {
        let path = std::path::Path::new(&path).display();
        RemoteError::Settings(format!("the certificates of SSL_CERT_FILE, {path}: {why}"))
    };
    let text = std::fs::read(&path).map_err(|error| failed(error.to_string()))?;
    let mut certificates = Vec::new();
    for item in ureq::tls::parse_pem(&text) {
        if let ureq::tls::PemItem::Certificate(certificate) =
            item.map_err(|error| failed(error.to_string()))?
        {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        return Err(failed("it holds none".to_owned()));
    }
    Ok(RootCerts::new_with_certs(&certificates))
}

/// The header of HTTP basic authentication (RFC 7617).
fn basic(user: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = "Basic ".to_owned();
    for chunk in user.as_bytes().chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for index in 0..4 {
            if index <= chunk.len() {
                let sextet = (bits >> (18 - 6 * index)) & 63;
                out.push(char::from(ALPHABET[sextet as usize]));
            } else {
                out.push('=');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::basic;

    #[test]
    fn user_and_password_are_written_as_rfc_7617_says() {
        assert_eq!(
            basic("Aladdin:open sesame"),
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
        );
        assert_eq!(basic("ab"), "Basic YWI=");
        assert_eq!(basic("abc"), "Basic YWJj");
    }
}

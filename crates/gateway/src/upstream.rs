//! Model providers: where they are, which key they get, and the connections to them.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use jiff::Timestamp;

use crate::settings::{self, Auth};
use crate::sigv4::Signer;

/// How long a connection may take to be there.
const CONNECT: Duration = Duration::from_secs(10);

/// How long a connection that nobody uses is kept.
const IDLE: Duration = Duration::from_secs(60);

/// Connections to all upstreams.
pub(crate) type Connections = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// A pool without connections; they are made as they are needed.
pub(crate) fn connections() -> Connections {
    let mut tcp = HttpConnector::new();
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(CONNECT));
    // Streams of MCP are silent for hours: only this tells that the other end is gone.
    tcp.set_keepalive(Some(IDLE));
    tcp.enforce_http(false);
    let secure = HttpsConnectorBuilder::new()
        .with_webpki_roots()
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp);
    Client::builder(TokioExecutor::new())
        .pool_idle_timeout(IDLE)
        .pool_timer(TokioTimer::new())
        .build(secure)
}

/// An address of an upstream, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// `https://host:port`.
    pub(crate) origin: String,
    pub(crate) host: String,
    /// What stands before the path of a request; without a slash at its end.
    pub(crate) path: String,
}

impl Address {
    pub(crate) fn parse(url: &str) -> Result<Self, String> {
        let uri: Uri = url.parse().map_err(|_| {
            format!("`{url}` is no address; give one such as `https://api.openai.com`")
        })?;
        let scheme = uri.scheme_str().unwrap_or_default();
        let Some(authority) = uri.authority() else {
            return Err(format!(
                "`{url}` names no host; give an address such as `https://api.openai.com`"
            ));
        };
        if scheme != "https" && scheme != "http" {
            return Err(format!("`{url}` has to begin with `https://` or `http://`"));
        }
        if authority.as_str().contains('@') {
            return Err("an address holds no password; set `key`".to_owned());
        }
        if uri.query().is_some() {
            return Err(format!("`{url}` has a query; leave it out"));
        }
        Ok(Self {
            origin: format!("{scheme}://{authority}"),
            host: authority.host().to_owned(),
            path: uri.path().trim_end_matches('/').to_owned(),
        })
    }
}

/// An upstream that is ready to be asked.
#[derive(Clone, Debug)]
pub(crate) struct Upstream {
    pub(crate) name: String,
    pub(crate) address: Address,
    pub(crate) settings: settings::Upstream,
    key: Option<(HeaderName, HeaderValue)>,
    signer: Option<Signer>,
}

impl Upstream {
    /// Reads its key from where the settings say.
    pub(crate) fn new(name: &str, settings: &settings::Upstream) -> Result<Self, String> {
        let key = settings.key.as_deref().map(secret).transpose()?;
        let key = key
            .as_deref()
            .and_then(|key| header(settings.auth, key).transpose())
            .transpose()?;
        let signer = settings.signing().map(signer).transpose()?;
        Ok(Self {
            name: name.to_owned(),
            address: Address::parse(&settings.url)?,
            settings: settings.clone(),
            key,
            signer,
        })
    }

    /// The address of a request: `path` begins with a slash, and has the query.
    pub(crate) fn uri(&self, path: &str) -> Option<Uri> {
        // What callers and documentation call the base often holds the version that stands in the path as well.
        let path = match self.address.path.rsplit_once('/') {
            Some((_, version)) if is_version(version) => path
                .strip_prefix('/')
                .and_then(|rest| rest.strip_prefix(version))
                .filter(|rest| rest.starts_with('/'))
                .unwrap_or(path),
            _ => path,
        };
        format!("{}{}{path}", self.address.origin, self.address.path)
            .parse()
            .ok()
    }

    /// Sets its key, if it has one of its own, in place of whatever key the caller brought. `None` for a request that
    /// cannot be signed.
    pub(crate) fn sign(
        &self,
        headers: &mut HeaderMap,
        method: &Method,
        uri: &Uri,
        body: &[u8],
    ) -> Option<()> {
        if let Some(signer) = &self.signer {
            crate::caller::without_keys(headers);
            return signer.sign(headers, method, uri, body, Timestamp::now());
        }
        if let Some((name, value)) = &self.key {
            crate::caller::without_keys(headers);
            headers.insert(name.clone(), value.clone());
        }
        Some(())
    }

    /// Whether it has a key of its own, so that callers need none of the provider.
    pub(crate) fn has_key(&self) -> bool {
        self.key.is_some() || self.signer.is_some() || self.settings.auth == Auth::None
    }
}

fn is_version(part: &str) -> bool {
    part.strip_prefix('v')
        .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

fn header(auth: Auth, key: &str) -> Result<Option<(HeaderName, HeaderValue)>, String> {
    let (name, value) = match auth {
        Auth::Bearer => (AUTHORIZATION, format!("Bearer {key}")),
        Auth::XApiKey => (HeaderName::from_static("x-api-key"), key.to_owned()),
        Auth::ApiKey => (HeaderName::from_static("api-key"), key.to_owned()),
        Auth::XGoogApiKey => (HeaderName::from_static("x-goog-api-key"), key.to_owned()),
        Auth::Sigv4 | Auth::None => return Ok(None),
    };
    let mut value = HeaderValue::from_str(&value)
        .map_err(|_| "the key has characters that no header can carry".to_owned())?;
    value.set_sensitive(true);
    Ok(Some((name, value)))
}

fn signer(from: settings::Signing<'_>) -> Result<Signer, String> {
    let session_token = from.session_token.map(secret).transpose()?;
    let session_token = session_token
        .map(|token| {
            let mut value = HeaderValue::from_str(&token).map_err(|_| {
                "the session token has characters that no header can carry".to_owned()
            })?;
            value.set_sensitive(true);
            Ok::<_, String>(value)
        })
        .transpose()?;
    Ok(Signer {
        region: from.region.to_owned(),
        access_key_id: secret(from.access_key_id)?,
        secret_access_key: secret(from.secret_access_key)?,
        session_token,
    })
}

/// A secret from where `place` says.
pub(crate) fn secret(place: &str) -> Result<String, String> {
    let told = if let Some(name) = place.strip_prefix("env:") {
        std::env::var(name).map_err(|_| format!("the variable {name} is not set"))?
    } else if let Some(path) = place.strip_prefix("file:") {
        std::fs::read_to_string(Path::new(path))
            .map_err(|error| format!("{path} cannot be read: {error}"))?
    } else {
        return Err("say `env:NAME` or `file:PATH`".to_owned());
    };
    let told = told.trim();
    if told.is_empty() {
        return Err(format!("{place} is empty"));
    }
    Ok(told.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upstream(url: &str) -> Upstream {
        let text = format!("{{\"url\": \"{url}\", \"auth\": \"none\"}}");
        Upstream::new("it", &serde_json::from_str(&text).unwrap()).unwrap()
    }

    #[test]
    fn a_version_stands_once_in_an_address() {
        for base in ["https://api.example.org", "https://api.example.org/v1/"] {
            assert_eq!(
                upstream(base).uri("/v1/chat/completions?a=b").unwrap(),
                "https://api.example.org/v1/chat/completions?a=b"
            );
        }
        assert_eq!(
            upstream("https://api.groq.example/openai/v1")
                .uri("/v1/models")
                .unwrap(),
            "https://api.groq.example/openai/v1/models"
        );
        assert_eq!(
            upstream("http://127.0.0.1:11434").uri("/api/chat").unwrap(),
            "http://127.0.0.1:11434/api/chat"
        );
    }

    #[test]
    fn an_address_is_one_of_a_server() {
        for wrong in [
            "",
            "api.openai.com",
            "ftp://x",
            "https://u:p@x",
            "https://x?y",
        ] {
            assert!(Address::parse(wrong).is_err(), "{wrong}");
        }
    }
}

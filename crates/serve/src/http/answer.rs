//! Bytes that are whole, as a response: compressed if the browser takes it, and not at all if it has them.

use std::io::Write as _;

use axum::body::Body;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

use crate::encode::base64url;

/// Below this many bytes compression gains nothing.
const WORTH: usize = 1024;

/// What whoever asks has and takes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    has: Option<String>,
    gzip: bool,
}

impl Wanted {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let takes_gzip = |value: &str| {
            let mut parts = value.split(';').map(str::trim);
            parts.next() == Some("gzip")
                && !parts.any(|weight| {
                    weight.replace(' ', "").starts_with("q=0")
                        && !weight.contains(['1', '2', '3', '4', '5', '6', '7', '8', '9'])
                })
        };
        Self {
            has: text(IF_NONE_MATCH).map(str::to_owned),
            gzip: text(ACCEPT_ENCODING)
                .is_some_and(|value| value.split(',').any(|one| takes_gzip(one.trim()))),
        }
    }

    /// Puts the bytes into the response; the headers that the handler set stay.
    pub(crate) fn answer(
        &self,
        mut response: Response,
        kind: &'static str,
        bytes: Vec<u8>,
    ) -> Response {
        // Weak: the same meaning, compressed or not.
        let tag = format!(
            "W/\"{}\"",
            base64url(Sha256::digest(&bytes).get(..15).unwrap_or_default())
        );
        let known = self.knows(&tag);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        headers
            .entry(CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("private, no-cache"));
        headers.append(
            VARY,
            HeaderValue::from_static("Accept-Encoding, Cookie, Authorization"),
        );
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            headers.insert(ETAG, tag);
        }
        if known && response.status() == StatusCode::OK {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        let bytes = match self.gzip.then(|| compressed(&bytes)).flatten() {
            Some(less) => {
                response
                    .headers_mut()
                    .insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                less
            }
            None => bytes,
        };
        *response.body_mut() = Body::from(bytes);
        response
    }

    /// Whether whoever asks has this version (RFC 9110, section 13.1.2: compared weakly).
    fn knows(&self, tag: &str) -> bool {
        let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        self.has.as_deref().is_some_and(|has| {
            has.trim() == "*" || has.split(',').any(|one| opaque(one) == opaque(tag))
        })
    }
}

fn compressed(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() < WORTH {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::new(4));
    encoder.write_all(bytes).ok()?;
    encoder
        .finish()
        .ok()
        .filter(|less| less.len() < bytes.len())
}

/// A page.
pub(crate) fn html(status: StatusCode, html: String) -> Response {
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    let keep = HeaderValue::from_static("private, no-cache");
    response.headers_mut().insert(CACHE_CONTROL, keep);
    response
}

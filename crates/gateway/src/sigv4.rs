//! Signatures of requests to AWS: Signature Version 4, with the whole body in one piece ("Create a signed AWS API request"
//! in the user guide of AWS Identity and Access Management).

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Uri};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

/// The service that is signed for.
const SERVICE: &str = "bedrock";

const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
const CONTENT: HeaderName = HeaderName::from_static("x-amz-content-sha256");

/// Who signs, and for which region.
#[derive(Clone)]
pub(crate) struct Signer {
    pub(crate) region: String,
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
    /// Of credentials that hold for a while only.
    pub(crate) session_token: Option<HeaderValue>,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer")
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

impl Signer {
    /// Sets the headers that sign a request. `None` for one that cannot be signed: without a host, or with characters in the
    /// credentials that no header can carry.
    pub(crate) fn sign(
        &self,
        headers: &mut HeaderMap,
        method: &Method,
        uri: &Uri,
        body: &[u8],
        now: Timestamp,
    ) -> Option<()> {
        let stamp = now.strftime("%Y%m%dT%H%M%SZ").to_string();
        let day = stamp.get(..8)?;
        for name in [DATE, TOKEN, CONTENT] {
            headers.remove(name);
        }
        headers.insert(HOST, host(uri)?);
        headers.insert(DATE, HeaderValue::from_str(&stamp).ok()?);
        if let Some(token) = &self.session_token {
            headers.insert(TOKEN, token.clone());
        }
        let mut names = vec![HOST, DATE];
        names.extend(
            [CONTENT_TYPE, TOKEN]
                .into_iter()
                .filter(|name| headers.contains_key(name)),
        );
        names.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        let signed: Vec<&str> = names.iter().map(HeaderName::as_str).collect();
        let signed = signed.join(";");

        let mut canonical = format!("{method}\n{}\n{}\n", path(uri.path()), query(uri.query()));
        for name in &names {
            let values: Option<Vec<String>> = headers
                .get_all(name)
                .iter()
                .map(|value| {
                    let words: Vec<&str> = value.to_str().ok()?.split_whitespace().collect();
                    Some(words.join(" "))
                })
                .collect();
            writeln!(canonical, "{name}:{}", values?.join(",")).ok()?;
        }
        write!(canonical, "\n{signed}\n{}", hex(&Sha256::digest(body))).ok()?;

        let scope = format!("{day}/{}/{SERVICE}/aws4_request", self.region);
        let digest = hex(&Sha256::digest(canonical.as_bytes()));
        let text = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}");
        let mut key = format!("AWS4{}", self.secret_access_key).into_bytes();
        for part in [day, &self.region, SERVICE, "aws4_request"] {
            key = keyed(&key, part)?;
        }
        let signature = hex(&keyed(&key, &text)?);
        let mut value = HeaderValue::from_str(&format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={signed}, Signature={signature}",
            self.access_key_id
        ))
        .ok()?;
        value.set_sensitive(true);
        headers.insert(hyper::header::AUTHORIZATION, value);
        Some(())
    }
}

/// The host as it is sent: with its port, where that is not the one of the scheme.
fn host(uri: &Uri) -> Option<HeaderValue> {
    let usual = if uri.scheme_str() == Some("http") {
        80
    } else {
        443
    };
    let host = uri.host()?;
    match uri.port_u16().filter(|port| *port != usual) {
        Some(port) => HeaderValue::from_str(&format!("{host}:{port}")).ok(),
        None => HeaderValue::from_str(host).ok(),
    }
}

/// A path without dots and double slashes, escaped once more: services other than S3 are signed so.
fn path(path: &str) -> String {
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            other => segments.push(other),
        }
    }
    let mut out = String::new();
    for byte in segments.join("/").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    let end = if path.ends_with('/') && !out.is_empty() {
        "/"
    } else {
        ""
    };
    format!("/{out}{end}")
}

/// The pairs of a query in their order, each with a `=`.
fn query(query: Option<&str>) -> String {
    let mut pairs: Vec<(&str, &str)> = query
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .collect();
    pairs.sort_unstable();
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

fn keyed(key: &[u8], text: &str) -> Option<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(text.as_bytes());
    Some(mac.finalize().into_bytes().to_vec())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What botocore 1.44.8 signs for the same requests at the same second.
    fn signature(url: &str, body: &str, session: Option<&str>) -> String {
        let signer = Signer {
            region: "eu-central-1".to_owned(),
            access_key_id: ["AKID", "EXAMPLE"].concat(),
            secret_access_key: ["wJalr", "XUtnFEMI/K7MDENG+bPxRfiCY", "EXAMPLEKEY"].concat(),
            session_token: session.map(|token| token.parse().unwrap()),
        };
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, "application/json".parse().unwrap());
        headers.insert(DATE, "what a caller sent".parse().unwrap());
        let now = "2026-11-27T03:15:00Z".parse().unwrap();
        signer
            .sign(
                &mut headers,
                &Method::POST,
                &url.parse().unwrap(),
                body.as_bytes(),
                now,
            )
            .unwrap();
        assert!(!format!("{signer:?}").contains("EXAMPLEKEY"));
        headers["authorization"].to_str().unwrap().to_owned()
    }

    #[test]
    fn it_signs_as_botocore_does() {
        assert_eq!(
            signature(
                "https://bedrock-runtime.eu-central-1.amazonaws.com/model/anthropic.claude-v1%3A0/converse",
                "{\"messages\":[]}",
                None
            ),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261127/eu-central-1/bedrock/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date, \
             Signature=2bd37f2db65f83abd61186632d2f4204dd2fd1fe699012166fb0e1b72e973e92"
        );
        let told = signature(
            "http://127.0.0.1:8080/signed/model/arn%3Aaws%3Abedrock%3Aeu%3A1%3Ainference-profile%2Fa-model/converse-stream?b=2&a=1%2F+x&c",
            "wörld",
            Some("a session/token+of=it"),
        );
        assert!(
            told.ends_with(
                "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, \
                 Signature=70ce35201cd065dd714e09c8a4268bd8f2b5c493b22cefa3d69ff3e8491c8dc9"
            ),
            "{told}"
        );
    }

    #[test]
    fn a_path_is_signed_as_the_service_reads_it() {
        for (given, signed) in [
            ("/", "/"),
            ("//a/./b/../c/", "/a/c/"),
            ("/model/a%3A0/invoke", "/model/a%253A0/invoke"),
            ("/~a b", "/~a%20b"),
        ] {
            assert_eq!(path(given), signed);
        }
        let uri = |text: &str| host(&text.parse().unwrap()).unwrap();
        assert_eq!(uri("https://x.example:443/"), "x.example");
        assert_eq!(uri("http://x.example:443/"), "x.example:443");
    }
}

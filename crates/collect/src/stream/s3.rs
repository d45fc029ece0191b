//! Objects of S3-compatible stores: where they are, and how requests for them are signed.

use std::cell::RefCell;

use super::StreamOptions;
use super::address::Address;
use super::client::{Client, RemoteError};
use super::credentials::{self, Credentials};
use super::signature::{EMPTY, Scope, authorization};

/// The client for an object, with the credentials that the environment holds, or without any.
pub(super) fn client(
    bucket: &str,
    key: &str,
    options: &StreamOptions,
) -> Result<Client, RemoteError> {
    let sound = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    if bucket.is_empty() || !bucket.bytes().all(sound) {
        return Err(RemoteError::Address("it names no bucket"));
    }
    if key.is_empty() || key.ends_with('/') {
        return Err(RemoteError::Address("it names no object of the bucket"));
    }
    let environment = credentials::environment();
    let region = environment.region.unwrap_or_else(|| "us-east-1".to_owned());
    let key = encode(key);
    let endpoint = options.s3_endpoint.clone().or(environment.endpoint);
    let address = match endpoint {
        // Stores of one's own seldom have a host for each bucket.
        Some(endpoint) => format!("{}/{bucket}/{key}", endpoint.trim_end_matches('/')),
        None if bucket.contains('.') => {
            format!("https://s3.{region}.amazonaws.com/{bucket}/{key}")
        }
        None => format!("https://{bucket}.s3.{region}.amazonaws.com/{key}"),
    };
    let signer = environment.credentials.map(|credentials| Signer {
        credentials,
        region: RefCell::new(region),
    });
    Client::new(Address::parse(&address)?, signer, options)
}

/// Signs requests for one object.
pub(super) struct Signer {
    pub(super) credentials: Credentials,
    pub(super) region: RefCell<String>,
}

impl Signer {
    /// The headers that a request for `range` carries.
    pub(super) fn headers(&self, address: &Address, range: &str) -> Vec<(&'static str, String)> {
        let time = jiff::Timestamp::now()
            .strftime("%Y%m%dT%H%M%SZ")
            .to_string();
        let region = self.region.borrow();
        let scope = Scope {
            access_key: &self.credentials.access_key,
            secret_key: &self.credentials.secret_key,
            region: &region,
            time: &time,
        };
        let token = self.credentials.session_token.as_deref();
        let mut signed = vec![
            ("host", address.authority()),
            ("range", range),
            ("x-amz-content-sha256", EMPTY),
            ("x-amz-date", &*time),
        ];
        signed.extend(token.map(|token| ("x-amz-security-token", token)));
        let authorization = authorization(&scope, address.path(), &signed);
        let mut headers = vec![
            ("authorization", authorization),
            ("x-amz-content-sha256", EMPTY.to_owned()),
            ("x-amz-date", time.clone()),
        ];
        headers.extend(token.map(|token| ("x-amz-security-token", token.to_owned())));
        headers
    }

    /// Takes over the region that the server names; false when it is the one that is used.
    pub(super) fn change_region(&self, region: &str) -> bool {
        let mut current = self.region.borrow_mut();
        let sound = region
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !sound || region.is_empty() || *current == region {
            return false;
        }
        region.clone_into(&mut current);
        true
    }
}

/// A key as it stands in a path: everything but unreserved characters and `/` in percent notation.
fn encode(key: &str) -> String {
    let mut out = String::with_capacity(key.len());
    for byte in key.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

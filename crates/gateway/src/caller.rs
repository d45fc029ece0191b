//! Who asks: the key that a caller brings, in whichever header its client library puts it.

use std::sync::Arc;

use hyper::header::{AUTHORIZATION, HeaderMap};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::identity::Allowance;
use crate::settings;

/// Where Gemini's clients send theirs.
pub(crate) const GOOGLE: &str = "x-goog-api-key";

/// Headers in which client libraries send keys.
const KEYS: [&str; 3] = ["x-api-key", "api-key", GOOGLE];

/// Takes every key that a caller brought out of the headers.
pub(crate) fn without_keys(headers: &mut HeaderMap) {
    headers.remove(AUTHORIZATION);
    for name in KEYS {
        headers.remove(name);
    }
}

/// A path with a query, without the key in it: older clients of Gemini send theirs there. `None` where there is none.
pub(crate) fn key_of_query(target: &str) -> Option<(String, &str)> {
    let (path, query) = target.split_once('?')?;
    let key = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("key="))?;
    let rest: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.starts_with("key="))
        .collect();
    let target = match rest.is_empty() {
        true => path.to_owned(),
        false => format!("{path}?{}", rest.join("&")),
    };
    Some((target, key))
}

/// The keys that a caller brought.
fn brought(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = text(AUTHORIZATION.as_str()).and_then(|value| {
        let (scheme, key) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
    });
    bearer.into_iter().chain(KEYS.into_iter().filter_map(text))
}

/// A virtual key that is ready to be compared.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) allowance: Arc<Allowance>,
    digest: [u8; 32],
}

impl Key {
    pub(crate) fn new(name: &str, settings: &settings::Key) -> Option<Self> {
        let mut digest = [0; 32];
        for (byte, pair) in digest.iter_mut().zip(settings.sha256.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self {
            name: name.to_owned(),
            allowance: Arc::new(settings.allowance()),
            digest,
        })
    }
}

/// The virtual key that the headers hold. All are compared, so that how long it takes tells nothing.
pub(crate) fn find<'k>(keys: &'k [Key], headers: &HeaderMap) -> Option<&'k Key> {
    let mut found = None;
    for told in brought(headers) {
        let digest: [u8; 32] = Sha256::digest(told.as_bytes()).into();
        for key in keys {
            if bool::from(key.digest.ct_eq(&digest)) {
                found = found.or(Some(key));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(secret: &str) -> Key {
        let text = format!(
            "{{\"sha256\": \"{}\"}}",
            stance_core::digest::sha256_hex(secret.as_bytes())
        );
        Key::new("team", &serde_json::from_str(&text).unwrap()).unwrap()
    }

    #[test]
    fn a_key_is_found_where_client_libraries_put_it() {
        let keys = [key("other"), key("mine")];
        for (name, value) in [
            ("authorization", "Bearer mine"),
            ("authorization", "bearer mine"),
            ("x-api-key", "mine"),
            ("api-key", "mine"),
            ("x-goog-api-key", "mine"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            assert_eq!(
                find(&keys, &headers).map(|key| &key.digest),
                Some(&keys[1].digest)
            );
            without_keys(&mut headers);
            assert!(find(&keys, &headers).is_none() && headers.is_empty());
        }
        assert_eq!(
            key_of_query("/v1/models/m:generateContent?alt=sse&key=mine"),
            Some(("/v1/models/m:generateContent?alt=sse".to_owned(), "mine"))
        );
        assert_eq!(key_of_query("/a?monkey=1"), None);
        let mut headers = HeaderMap::new();
        headers.insert("authorization", "Basic mine".parse().unwrap());
        assert!(find(&keys, &headers).is_none());
    }
}

//! Credentials inside addresses.

use super::{Found, in_setting, is_known_key, is_placeholder, is_random};

/// The credentials in a URL: the password before its host, query parameters, and parts of the path
/// that work like a password.
pub fn in_url(url: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let Some(scheme) = url.find("://") else {
        return found;
    };
    let start = scheme.saturating_add(3);
    let rest = url.get(start..).unwrap_or_default();
    let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = rest.get(..authority_end).unwrap_or_default();
    if let Some((user, _)) = authority.rsplit_once('@') {
        let (name, lead, secret) = match user.split_once(':') {
            Some((name, password)) => ("password", name.len().saturating_add(1), password),
            None => ("user", 0, user),
        };
        let is = if name == "password" {
            // The user's name as password is what development containers come with.
            let same = user.get(..secret.len()) == Some(secret);
            secret.len() >= 4 && !is_placeholder(secret) && !same
        } else {
            secret.len() >= 20 && (is_known_key(secret) || is_random(secret))
        };
        if is {
            let from = start.saturating_add(lead);
            found.push(Found {
                name: name.to_owned(),
                range: from..from.saturating_add(secret.len()),
            });
        }
    }
    let path_start = start.saturating_add(authority_end);
    let path = url.get(path_start..).unwrap_or_default();
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut at = path_start;
    for part in path.split('/') {
        if (is_random(part) || is_known_key(part)) && !is_placeholder(part) {
            found.push(Found {
                name: "path".to_owned(),
                range: at..at.saturating_add(part.len()),
            });
        }
        at = at.saturating_add(part.len()).saturating_add(1);
    }
    for pair in query.split('&') {
        if let Some((name, value)) = pair.split_once('=') {
            // In a query, `key` and `code` mean the credential.
            let called = match name {
                "key" | "code" | "sig" | "auth" => "api_key",
                _ => name,
            };
            let lead = at.saturating_add(name.len()).saturating_add(1);
            if !value.contains("://")
                && let Some(range) = in_setting(called, value)
            {
                found.push(Found {
                    name: name.to_owned(),
                    range: lead.saturating_add(range.start)..lead.saturating_add(range.end),
                });
            }
        }
        at = at.saturating_add(pair.len()).saturating_add(1);
    }
    found
}

//! Where documents are sent to.

use anyhow::bail;

/// The address of a server to which a token may be sent, without a slash at its end.
pub(in crate::commands) fn server(server: &str) -> anyhow::Result<&str> {
    let server = server.trim_end_matches('/');
    let (host, secure) = match (
        server.strip_prefix("https://"),
        server.strip_prefix("http://"),
    ) {
        (Some(host), _) => (host, true),
        (None, Some(host)) => (host, false),
        (None, None) => {
            bail!("`{server}` is no address of a server, such as https://stance.example.org")
        }
    };
    if host.is_empty() || host.contains(['@', '?', '#', ' ']) {
        bail!("`{server}` is no address of a server, such as https://stance.example.org");
    }
    if !secure && !is_loopback(host) {
        bail!(
            "the token would go to {server} without TLS, readable on the way; use https://, or do this on the machine of the server"
        );
    }
    Ok(server)
}

/// The address at which a server takes documents of a source.
pub(super) fn endpoint(address: &str, source: &str, wait: bool) -> anyhow::Result<String> {
    let server = server(address)?;
    let source = source.trim();
    if source.is_empty() || source.chars().count() > 120 || source.chars().any(char::is_control) {
        bail!("`--source` is a name of 1 to 120 characters on one line");
    }
    let wait = if wait { "&wait=true" } else { "" };
    Ok(format!(
        "{server}/api/v1/ingest?source={}{wait}",
        encoded(source)
    ))
}

fn is_loopback(host: &str) -> bool {
    let host = host.split('/').next().unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost"
        || name
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Percent-encoded, but for the unreserved characters of RFC 3986, section 2.3.
pub(in crate::commands) fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_encoded_and_slashes_do_not_double() {
        assert_eq!(
            endpoint("https://s.example/", "ci: größe & more", true).unwrap(),
            "https://s.example/api/v1/ingest?source=ci%3A%20gr%C3%B6%C3%9Fe%20%26%20more&wait=true"
        );
        for local in [
            "http://127.0.0.1:7878",
            "http://localhost:1",
            "http://[::1]:7878",
        ] {
            assert!(endpoint(local, "ci", false).is_ok(), "{local}");
        }
    }

    #[test]
    fn a_token_does_not_go_over_the_network_in_the_clear() {
        for server in [
            "http://stance.example.org",
            "http://127.0.0.1.example.org",
            "http://10.0.0.1",
        ] {
            let error = endpoint(server, "ci", false).unwrap_err().to_string();
            assert!(error.contains("without TLS"), "{error}");
        }
        for server in [
            "stance.example.org",
            "ftp://x",
            "https://",
            "https://user@host",
            "",
        ] {
            assert!(endpoint(server, "ci", false).is_err(), "{server}");
        }
        assert!(endpoint("https://s.example", " ", false).is_err());
    }
}

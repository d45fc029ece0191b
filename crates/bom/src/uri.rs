//! Percent-encoding, each part by its own rules (RFC 3986).

/// `text` with every byte percent-encoded but unreserved characters and those of `keep`.
#[must_use]
pub fn encode(text: &str, keep: &[u8]) -> String {
    let mut uri = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                uri.push(char::from(byte));
            }
            kept if kept.is_ascii() && keep.contains(&kept) => uri.push(char::from(kept)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

/// An address as a valid URI; `None` when it has no scheme, or a host or port
/// that is not known yet (`http://${HOST}/`).
#[must_use]
pub fn address(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let mut letters = scheme.bytes();
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    if !letters.next()?.is_ascii_alphabetic() || !letters.all(legal) {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (authority, ""),
    };
    let bare = match host.strip_prefix('[') {
        Some(address) => address
            .strip_suffix(']')?
            .parse::<std::net::Ipv6Addr>()
            .is_ok(),
        None => {
            !host.is_empty()
                && host
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
        }
    };
    if !bare || !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (path, fragment) = match path.split_once('#') {
        Some((path, fragment)) => (path, Some(fragment)),
        None => (path, None),
    };
    // A percent sign stays when it already escapes something.
    let encoded = |part: &str| {
        let keep = b"/?:@!$&'()*+,;=";
        let mut pieces = part.split('%');
        let mut out = encode(pieces.next().unwrap_or_default(), keep);
        for piece in pieces {
            let digits = piece.bytes().take(2);
            let escapes = digits.filter(u8::is_ascii_hexdigit).count() == 2;
            out.push_str(if escapes { "%" } else { "%25" });
            out.push_str(&encode(piece, keep));
        }
        out
    };
    let mut uri = format!("{scheme}://{authority}{}", encoded(path));
    if let Some(fragment) = fragment {
        uri.push('#');
        uri.push_str(&encoded(fragment));
    }
    Some(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_no_scheme_query_or_space() {
        assert_eq!(encode("a b/c:d?é#.pt", b"/"), "a%20b/c%3Ad%3F%C3%A9%23.pt");
    }

    #[test]
    fn only_real_addresses_are_addresses() {
        for (url, uri) in [
            ("https://a.b:80/c?d=e f", Some("https://a.b:80/c?d=e%20f")),
            ("http://[::1]:8000/{id}", Some("http://[::1]:8000/%7Bid%7D")),
            ("https://x/a%20b%zz#p", Some("https://x/a%20b%25zz#p")),
            ("http://${HOST}/v1", None),
            ("http://host:${PORT}/", None),
            ("http://user:pass@host/", None),
            ("localhost:8000", None),
            ("://", None),
        ] {
            assert_eq!(address(url).as_deref(), uri, "{url}");
        }
    }
}

//! Where an address leads, as far as its text tells.

/// How far away the host of an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The same machine.
    Loopback,
    /// A private network: reserved ranges, names without a dot, names that only resolve inside.
    Private,
    /// Anywhere else.
    Public,
    /// It comes from a variable.
    Unknown,
}

/// Scheme in lower case and host of a URL, without user, port and brackets.
pub(crate) fn parse(url: &str) -> Option<(String, String)> {
    let (scheme, rest) = url.trim().split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = match host.strip_prefix('[') {
        Some(six) => six.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    Some((scheme.to_ascii_lowercase(), host.to_ascii_lowercase()))
}

/// How far away a host is.
pub(crate) fn reach(host: &str) -> Reach {
    if host.is_empty() || host.contains(['$', '{', '<', '%', '*']) {
        return Reach::Unknown;
    }
    if let Ok(address) = host.parse::<std::net::IpAddr>() {
        return match address {
            _ if address.is_loopback() || address.is_unspecified() => Reach::Loopback,
            std::net::IpAddr::V4(four) => {
                // 100.64.0.0/10 is shared address space, which overlay networks use.
                let [first, second, ..] = four.octets();
                let shared = first == 100 && (64..128).contains(&second);
                if four.is_private() || four.is_link_local() || shared {
                    Reach::Private
                } else {
                    Reach::Public
                }
            }
            std::net::IpAddr::V6(six) => {
                if six.is_unique_local() || six.is_unicast_link_local() {
                    Reach::Private
                } else {
                    Reach::Public
                }
            }
        };
    }
    const INSIDE: [&str; 12] = [
        ".local",
        ".internal",
        ".lan",
        ".home",
        ".home.arpa",
        ".corp",
        ".intranet",
        ".private",
        ".svc",
        ".cluster.local",
        ".test",
        ".ts.net",
    ];
    // Names of documentation, which lead nowhere (RFC 2606).
    const NOWHERE: [&str; 4] = ["example.com", "example.org", "example.net", ".example"];
    if host == "localhost" || host.ends_with(".localhost") || host == "host.docker.internal" {
        Reach::Loopback
    } else if NOWHERE.iter().any(|name| host.ends_with(name)) {
        Reach::Unknown
    } else if !host.contains('.') || INSIDE.iter().any(|end| host.ends_with(end)) {
        Reach::Private
    } else {
        Reach::Public
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_told_by_their_range_or_name() {
        for (url, want) in [
            ("http://localhost:8000/mcp", Reach::Loopback),
            ("http://127.0.0.1/sse", Reach::Loopback),
            ("http://[::1]:9/x", Reach::Loopback),
            ("http://0.0.0.0:1", Reach::Loopback),
            ("http://10.0.0.5:8000", Reach::Private),
            ("http://100.100.1.2", Reach::Private),
            ("http://ollama:11434", Reach::Private),
            ("http://llm.prod.svc.cluster.local", Reach::Private),
            ("http://u:p@mcp.acme.io/x", Reach::Public),
            ("http://8.8.8.8", Reach::Public),
            ("http://${HOST}/x", Reach::Unknown),
            ("http://api.example.com", Reach::Unknown),
        ] {
            let (_, host) = parse(url).unwrap();
            assert_eq!(reach(&host), want, "{url}");
        }
    }
}

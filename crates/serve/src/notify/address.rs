//! Where webhooks may go.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ureq::http::Uri;

/// Most bytes of an address.
const MOST: usize = 2048;

/// Why an address is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AddressError {
    #[error("an address such as https://hooks.example.org/stance, at most 2,048 characters")]
    Form,
    #[error(
        "without a name and password before the host; put a secret into the path, or verify the signature"
    )]
    Credentials,
    #[error(
        "https only; http goes to this machine (127.0.0.1, localhost), or with --webhook-plain-http"
    )]
    Plain,
    #[error(
        "link-local addresses and those of a cloud's metadata are refused; allow one with --webhook-allow"
    )]
    Refused,
}

/// An address as somebody wrote it, checked.
///
/// # Errors
///
/// What is wrong with it, and what would be right.
pub(crate) fn parse(text: &str, plain_http: bool, allowed: &[IpAddr]) -> Result<Uri, AddressError> {
    if text.len() > MOST || text.contains('#') {
        return Err(AddressError::Form);
    }
    let uri: Uri = text.parse().map_err(|_| AddressError::Form)?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(AddressError::Form);
    };
    if authority.as_str().contains('@') {
        return Err(AddressError::Credentials);
    }
    let host = authority.host();
    if host.is_empty() || authority.port_u16() == Some(0) {
        return Err(AddressError::Form);
    }
    match scheme {
        "https" => {}
        "http" if plain_http || names_this_machine(host) => {}
        "http" => return Err(AddressError::Plain),
        _ => return Err(AddressError::Form),
    }
    if literal(host).is_some_and(|address| is_refused(address, allowed)) {
        return Err(AddressError::Refused);
    }
    Ok(uri)
}

/// The scheme and host of an address, without what may be secret.
pub(crate) fn shown(text: &str) -> String {
    let Ok(uri) = text.parse::<Uri>() else {
        return "…".to_owned();
    };
    let host = uri.authority().map_or("", |authority| authority.as_str());
    let more = uri
        .path_and_query()
        .is_some_and(|path| path.as_str() != "/");
    let scheme = uri.scheme_str().unwrap_or_default();
    format!("{scheme}://{host}{}", if more { "/…" } else { "" })
}

fn literal(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[')
        .trim_end_matches(']')
        .parse()
        .ok()
}

/// Whether a host is this machine, by what it is called.
pub(super) fn names_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || literal(host).is_some_and(|it| it.is_loopback())
}

/// Whether nothing is sent to an address: those that mean the network itself, or hand out the credentials of machines.
/// Private networks are where many receivers are, and are not refused.
pub(crate) fn is_refused(address: IpAddr, allowed: &[IpAddr]) -> bool {
    let address = plain(address);
    if allowed.iter().any(|one| plain(*one) == address) {
        return false;
    }
    match address {
        IpAddr::V4(v4) => {
            let [first, ..] = v4.octets();
            first == 0 || first >= 224 || v4.is_link_local() || METADATA_V4.contains(&v4)
        }
        IpAddr::V6(v6) => {
            v6.is_unspecified()
                || v6.is_multicast()
                || v6.is_unicast_link_local()
                || METADATA_V6.contains(&v6)
        }
    }
}

/// Where clouds tell machines who they are, besides 169.254.169.254: Alibaba, Oracle, and the agent of Azure.
const METADATA_V4: [Ipv4Addr; 3] = [
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(192, 0, 0, 192),
    Ipv4Addr::new(168, 63, 129, 16),
];

/// The same over IPv6: AWS and Google.
const METADATA_V6: [Ipv6Addr; 2] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
];

/// The IPv4 address that an IPv6 address carries (mapped, compatible, NAT64 as in RFC 6052, 6to4), or the address itself.
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else {
        return address;
    };
    let [a, b, c, d, e, f, g, h] = v6.segments();
    let v4 = |high: u16, low: u16| {
        let [one, two] = high.to_be_bytes();
        let [three, four] = low.to_be_bytes();
        IpAddr::V4(Ipv4Addr::new(one, two, three, four))
    };
    match (a, b, c, d, e, f) {
        (0, 0, 0, 0, 0, 0xffff) | (0x64, 0xff9b, 0, 0, 0, 0) => v4(g, h),
        (0, 0, 0, 0, 0, 0) if (g, h) != (0, 0) && (g, h) != (0, 1) => v4(g, h),
        (0x2002, high, low, ..) => v4(high, low),
        _ => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tls_and_this_machine_are_taken() {
        for fine in [
            "https://hooks.example.org/a?b=c",
            "https://10.0.0.5:8443/",
            "http://127.0.0.1:9/x",
            "http://localhost/x",
            "http://[::1]:80/x",
        ] {
            assert!(parse(fine, false, &[]).is_ok(), "{fine}");
        }
        for (not, why) in [
            ("http://hooks.example.org/", AddressError::Plain),
            ("http://localhost.evil.example/", AddressError::Plain),
            ("http://127.0.0.1.evil.example/", AddressError::Plain),
            ("ftp://example.org/", AddressError::Form),
            ("file:///etc/passwd", AddressError::Form),
            ("/relative", AddressError::Form),
            ("hooks.example.org", AddressError::Form),
            (
                "https://user:password@example.org/",
                AddressError::Credentials,
            ),
            (
                "https://example.org@169.254.169.254/",
                AddressError::Credentials,
            ),
            ("https://169.254.169.254/latest", AddressError::Refused),
            ("https://[fe80::1]/", AddressError::Refused),
            ("https://[::ffff:169.254.169.254]/", AddressError::Refused),
            ("https://0.0.0.0/", AddressError::Refused),
        ] {
            assert_eq!(parse(not, false, &[]).err(), Some(why), "{not}");
        }
        assert!(parse("http://hooks.example.org/", true, &[]).is_ok());
    }

    #[test]
    fn addresses_of_metadata_are_refused_however_they_are_written() {
        for refused in [
            "169.254.1.1",
            "169.254.169.254",
            "100.100.100.200",
            "168.63.129.16",
            "0.1.2.3",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "fe80::1",
            "ff02::1",
            "fd00:ec2::254",
            "::ffff:169.254.169.254",
            "::169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
        ] {
            let address = refused.parse().unwrap();
            assert!(is_refused(address, &[]), "{refused}");
            assert!(!is_refused(address, &[address]), "{refused} is allowed");
        }
        for taken in [
            "127.0.0.1",
            "::1",
            "10.1.2.3",
            "192.168.0.9",
            "93.184.216.34",
            "2606:2800::1",
        ] {
            assert!(!is_refused(taken.parse().unwrap(), &[]), "{taken}");
        }
    }

    #[test]
    fn what_may_be_secret_is_not_shown() {
        let shown = shown("https://hooks.example.org:8443/services/T0/B0/secret?key=1");
        assert_eq!(shown, "https://hooks.example.org:8443/…");
    }
}

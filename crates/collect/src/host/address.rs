//! Addresses that the user names, or that this machine listens at.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// Where to ask: a host, and a port or every port of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// A name or an IP address, without brackets.
    pub host: String,
    /// The port; `None` for those on which AI services listen unless told otherwise.
    pub port: Option<u16>,
    /// Whether TLS is spoken; tried second where nothing says so.
    pub tls: bool,
}

/// A text that is no address.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no address; write HOST, HOST:PORT, [IPV6]:PORT or http(s)://HOST:PORT")]
pub struct AddressError(String);

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || AddressError(text.to_owned());
        let (tls, rest) = match text.split_once("://") {
            Some(("https", rest)) => (true, rest),
            Some(("http", rest)) => (false, rest),
            Some(_) => return Err(wrong()),
            None => (false, text),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let scheme_port = text.contains("://").then_some(if tls { 443 } else { 80 });
        let (host, port) = if let Some(inside) = rest.strip_prefix('[') {
            let (host, behind) = inside.split_once(']').ok_or_else(wrong)?;
            host.parse::<Ipv6Addr>().map_err(|_| wrong())?;
            match behind.strip_prefix(':') {
                Some(port) => (host, Some(port)),
                None if behind.is_empty() => (host, None),
                None => return Err(wrong()),
            }
        } else if rest.parse::<Ipv6Addr>().is_ok() {
            (rest, None)
        } else {
            match rest.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (rest, None),
            }
        };
        let is_host = !host.is_empty()
            && host.len() <= 253
            && host
                .chars()
                .all(|it| it.is_ascii_alphanumeric() || matches!(it, '.' | '-' | '_' | ':'));
        if !is_host {
            return Err(wrong());
        }
        let port = match port {
            Some(port) => Some(port.parse().ok().filter(|it| *it > 0).ok_or_else(wrong)?),
            None => scheme_port,
        };
        Ok(Self {
            host: host.to_owned(),
            port,
            tls,
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]", self.host)?;
        } else {
            f.write_str(&self.host)?;
        }
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

impl Address {
    /// An address of this machine.
    #[must_use]
    pub fn of_ip(ip: IpAddr, port: u16) -> Self {
        Self {
            host: ip.to_string(),
            port: Some(port),
            tls: false,
        }
    }

    /// Whether it is this machine and nobody else can reach it.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let host = self.host.trim_end_matches('.');
        host.eq_ignore_ascii_case("localhost")
            || host.parse().is_ok_and(|ip: IpAddr| is_loopback(ip))
    }
}

/// Whether an IP address is a loopback one, also where IPv6 wraps IPv4.
pub(super) fn is_loopback(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_loopback(),
        IpAddr::V6(ip) => {
            ip.is_loopback() || ip.to_ipv4_mapped().is_some_and(|ip| ip.is_loopback())
        }
    }
}

/// The loopback address at which a socket of this machine answers, if it does at one.
pub(super) fn loopback_of(bound: IpAddr) -> Option<IpAddr> {
    match bound {
        IpAddr::V4(ip) if ip.is_unspecified() => Some(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => Some(Ipv6Addr::LOCALHOST.into()),
        ip => is_loopback(ip).then_some(ip),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_write_them() {
        for (text, host, port, tls) in [
            ("127.0.0.1:11434", "127.0.0.1", Some(11434), false),
            ("gpu.internal", "gpu.internal", None, false),
            ("[::1]:8000", "::1", Some(8000), false),
            ("::1", "::1", None, false),
            ("https://llm.example/", "llm.example", Some(443), true),
            ("http://10.0.0.5:8080", "10.0.0.5", Some(8080), false),
        ] {
            let read: Address = text.parse().unwrap();
            assert_eq!((read.host.as_str(), read.port, read.tls), (host, port, tls));
        }
        for text in [
            "",
            ":80",
            "a b",
            "host:0",
            "host:99999",
            "ftp://x",
            "10.0.0.0/8",
            "http://u:p@h/",
            "[::1",
            "h/x",
            "[nothing]:1",
        ] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }

    #[test]
    fn only_this_machine_is_loopback() {
        for (text, loopback) in [
            ("127.0.0.1:1", true),
            ("127.8.8.8:1", true),
            ("localhost:1", true),
            ("[::1]:1", true),
            ("[::ffff:127.0.0.1]:1", true),
            ("10.0.0.1:1", false),
            ("0.0.0.0:1", false),
            ("localhost.example:1", false),
        ] {
            assert_eq!(
                text.parse::<Address>().unwrap().is_loopback(),
                loopback,
                "{text}"
            );
        }
    }
}

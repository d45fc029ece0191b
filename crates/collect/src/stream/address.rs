//! Addresses of HTTP: as the user gives them, and where servers send us on.

use std::net::IpAddr;

use super::RemoteError;

/// An absolute address of HTTP or HTTPS, without its fragment.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Address {
    secure: bool,
    /// Host and port, in lower case.
    authority: String,
    /// Path and query, starting with `/`.
    target: String,
    /// User and password, `user:password`, as it stands before the host.
    user: Option<String>,
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown())
    }
}

impl Address {
    pub(super) fn parse(text: &str) -> Result<Self, RemoteError> {
        let bad = |why| RemoteError::Address(why);
        let (scheme, rest) = text.split_once("://").ok_or(bad("it has no scheme"))?;
        let secure = match &*scheme.to_ascii_lowercase() {
            "https" => true,
            "http" => false,
            _ => return Err(bad("only http, https and s3 are read")),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        let (user, authority) = match authority.rsplit_once('@') {
            Some((user, authority)) => (Some(user.to_owned()), authority),
            None => (None, authority),
        };
        let sound = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
        if authority.is_empty() || !authority.bytes().all(sound) {
            return Err(bad("it names no host"));
        }
        let slash = if target.starts_with('/') { "" } else { "/" };
        Ok(Self {
            secure,
            authority: authority.to_ascii_lowercase(),
            target: encode(&format!("{slash}{target}")),
            user,
        })
    }

    /// The whole address without credentials, as it is asked for.
    pub(super) fn text(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}{}", self.authority, self.target)
    }

    /// Without query, which often holds a signature or token.
    pub(super) fn shown(&self) -> String {
        let text = self.text();
        text.split('?').next().unwrap_or_default().to_owned()
    }

    pub(super) fn authority(&self) -> &str {
        &self.authority
    }

    /// Path without query.
    pub(super) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    pub(super) fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// Whether credentials for one hold for the other.
    pub(super) fn same_origin(&self, other: &Self) -> bool {
        self.secure == other.secure && self.authority == other.authority
    }

    /// The last part of the path, decoded, or the host.
    pub(super) fn file_name(&self) -> String {
        let decoded = decode(self.path());
        let name = decoded.rsplit('/').find(|part| !part.is_empty());
        name.unwrap_or(&self.authority).to_owned()
    }

    /// Where a redirect leads to.
    pub(super) fn follow(&self, location: &str) -> Result<Self, RemoteError> {
        let refused = |why| RemoteError::Redirect(why);
        let mut next = if location.contains("://") && !location.starts_with(['/', '?']) {
            Self::parse(location).map_err(|_| refused("to what is no address of HTTP"))?
        } else if let Some(rest) = location.strip_prefix("//") {
            let scheme = if self.secure { "https" } else { "http" };
            Self::parse(&format!("{scheme}://{rest}"))
                .map_err(|_| refused("to what is no address of HTTP"))?
        } else {
            let location = location.split('#').next().unwrap_or_default();
            let directory = self
                .path()
                .rsplit_once('/')
                .map_or("", |(before, _)| before);
            let target = if location.starts_with('/') {
                location.to_owned()
            } else if location.starts_with('?') {
                format!("{}{location}", self.path())
            } else {
                format!("{directory}/{location}")
            };
            Self {
                target: encode(&target),
                ..self.clone()
            }
        };
        if self.secure && !next.secure {
            return Err(refused("from https to http"));
        }
        if next.is_local() && !self.is_local() {
            return Err(refused("to this machine or its link"));
        }
        // A server must not choose who we say we are.
        next.user = None;
        Ok(next)
    }

    /// Whether it names this machine, or an address that only its own link has.
    fn is_local(&self) -> bool {
        let host = match self.authority.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => self.authority.split(':').next().unwrap_or_default(),
        };
        match host.parse::<IpAddr>() {
            Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_link_local() || ip.is_unspecified(),
            Ok(IpAddr::V6(ip)) => {
                ip.is_loopback() || ip.is_unspecified() || ip.segments()[0] & 0xffc0 == 0xfe80
            }
            Err(_) => host == "localhost" || host.ends_with(".localhost"),
        }
    }
}

/// Bytes that may not stand in a request line, in percent notation.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = |byte: &u8| char::from(*byte).to_digit(16);
        if first == b'%'
            && let [high, low, after @ ..] = tail
            && let (Some(high), Some(low)) = (hex(high), hex(low))
        {
            bytes.push((high * 16 + low) as u8);
            rest = after;
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_what_is_secret() {
        let address = Address::parse("HTTPS://me:pw@Host:8443/a%20b/m%C3%A9.pt?sig=x#f").unwrap();
        assert_eq!(address.shown(), "https://host:8443/a%20b/m%C3%A9.pt");
        assert_eq!(address.text(), "https://host:8443/a%20b/m%C3%A9.pt?sig=x");
        assert_eq!(address.user(), Some("me:pw"));
        assert_eq!(address.file_name(), "mé.pt");
        assert_eq!(Address::parse("http://h").unwrap().file_name(), "h");
        assert_eq!(
            Address::parse("http://h/a/..%2fx").unwrap().file_name(),
            "x"
        );
        assert!(!format!("{address:?}").contains("pw"));
        for bad in [
            "ftp://h/x",
            "http:///x",
            "http://a b/",
            "nothing",
            "http://h\r\nx/",
        ] {
            assert!(Address::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn redirects_never_leave_http_nor_give_up_encryption() {
        let from = Address::parse("https://u:p@host/d/f?q").unwrap();
        let to = |location| from.follow(location).map(|address| address.text());
        assert_eq!(to("/x").unwrap(), "https://host/x");
        assert_eq!(to("y?z").unwrap(), "https://host/d/y?z");
        assert_eq!(to("?z").unwrap(), "https://host/d/f?z");
        assert_eq!(to("//cdn/x").unwrap(), "https://cdn/x");
        assert_eq!(to("https://cdn/x").unwrap(), "https://cdn/x");
        for refused in [
            "file:///etc/passwd",
            "http://host/x",
            "ftp://host/x",
            "https://169.254.169.254/latest",
            "https://localhost/x",
            "https://[::1]/x",
        ] {
            assert!(to(refused).is_err(), "{refused}");
        }
        assert_eq!(from.follow("/x").unwrap().user(), None);
    }
}

//! The proxy of the organisation, where nothing gets out otherwise. Only what somebody set counts: what the environment
//! says for other programs does not.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream, ToSocketAddrs as _};
use std::thread;
use std::time::{Duration, Instant};

use ureq::http::Uri;

/// Most bytes of the head that a proxy answers with.
const MOST_HEAD: usize = 8 << 10;
/// How often it is looked whether somebody came to a tunnel.
const PAUSE: Duration = Duration::from_millis(5);

/// A proxy that speaks HTTP.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    host: String,
    port: u16,
    account: Option<(String, String)>,
    /// The same, as webhooks use it. Names are looked up by the proxy.
    webhooks: ureq::Proxy,
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Proxy({}:{})", self.host, self.port)
    }
}

impl std::str::FromStr for Proxy {
    type Err = String;

    /// `http://[NAME:PASSWORD@]HOST:PORT`; what is not plain in name and password is written as `%40`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || "an address such as http://proxy.example.org:3128".to_owned();
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let authority = uri.authority().ok_or_else(wrong)?;
        let bare = uri.path_and_query().is_none_or(|path| path.as_str() == "/");
        if uri.scheme_str() != Some("http") || authority.host().is_empty() || !bare {
            return Err(wrong());
        }
        let account = authority.as_str().rsplit_once('@').map(|(account, _)| {
            let (name, password) = account.split_once(':').unwrap_or((account, ""));
            (unescaped(name), unescaped(password))
        });
        let host = authority.host().to_owned();
        let port = authority.port_u16().filter(|port| *port > 0);
        let port = port.ok_or_else(wrong)?;
        let mut webhooks = ureq::Proxy::builder(ureq::ProxyProtocol::Http)
            .host(&host)
            .port(port)
            .resolve_target(false);
        if let Some((name, password)) = &account {
            webhooks = webhooks.username(name).password(password);
        }
        Ok(Self {
            webhooks: webhooks.build().map_err(|_| wrong())?,
            host,
            port,
            account,
        })
    }
}

/// Text with `%XX` taken back to bytes; what is no such pair stays.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, more @ ..] = rest {
        let pair = more
            .get(..2)
            .and_then(|pair| std::str::from_utf8(pair).ok());
        let byte = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match byte.filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = more.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = more;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Proxy {
    /// For webhooks.
    pub(super) fn for_webhooks(&self) -> ureq::Proxy {
        self.webhooks.clone()
    }

    /// A port of this machine that leads to a server behind the proxy, once and for so long.
    ///
    /// # Errors
    ///
    /// When the proxy does not answer, or does not let it through.
    pub(super) fn tunnel(&self, host: &str, port: u16, patience: Duration) -> io::Result<u16> {
        let end = Instant::now() + patience;
        let far = self.connect(host, port, patience)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let near = listener.local_addr()?.port();
        listener.set_nonblocking(true)?;
        thread::spawn(move || {
            while Instant::now() < end {
                match listener.accept() {
                    Ok((stream, _)) => return drop(joined(stream, far)),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        thread::sleep(PAUSE);
                    }
                    Err(_) => return,
                }
            }
        });
        Ok(near)
    }

    fn connect(&self, host: &str, port: u16, patience: Duration) -> io::Result<TcpStream> {
        let mut last = io::Error::other("the name of the proxy is not known");
        let mut stream = None;
        for address in (self.host.trim_matches(['[', ']']), self.port).to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, patience) {
                Ok(found) => {
                    stream = Some(found);
                    break;
                }
                Err(error) => last = error,
            }
        }
        let mut stream = stream.ok_or(last)?;
        stream.set_read_timeout(Some(patience))?;
        stream.set_write_timeout(Some(patience))?;
        let mut head = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n");
        if let Some((name, password)) = &self.account {
            let account = crate::encode::base64(format!("{name}:{password}").as_bytes());
            head.push_str(&format!("Proxy-Authorization: Basic {account}\r\n"));
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes())?;
        let mut answer = Vec::new();
        // One byte at a time: what comes behind the head is the server's.
        let mut byte = [0];
        while !answer.ends_with(b"\r\n\r\n") {
            if answer.len() > MOST_HEAD || stream.read(&mut byte)? == 0 {
                return Err(io::Error::other("the proxy does not speak HTTP"));
            }
            answer.extend_from_slice(&byte);
        }
        let line = String::from_utf8_lossy(&answer);
        let status = line.split(' ').nth(1).unwrap_or_default();
        if status.len() == 3 && status.starts_with('2') {
            return Ok(stream);
        }
        let status = crate::format::shorten(status, 16);
        Err(io::Error::other(format!("the proxy answered {status}")))
    }
}

/// Takes bytes both ways until one side ends.
fn joined(near: TcpStream, far: TcpStream) -> io::Result<()> {
    near.set_nonblocking(false)?;
    let timeout = far.read_timeout()?;
    near.set_read_timeout(timeout)?;
    let (mut from_near, mut to_near) = (near.try_clone()?, near);
    let (mut from_far, mut to_far) = (far.try_clone()?, far);
    let out = thread::spawn(move || {
        let _ = io::copy(&mut from_near, &mut to_far);
        let _ = to_far.shutdown(Shutdown::Write);
    });
    let _ = io::copy(&mut from_far, &mut to_near);
    let _ = to_near.shutdown(Shutdown::Both);
    let _ = out.join();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_a_proxy_is_plain_and_hides_its_account() {
        let proxy: Proxy = "http://stance:ge%40heim@proxy.example.org:3128"
            .parse()
            .unwrap();
        assert_eq!((&*proxy.host, proxy.port), ("proxy.example.org", 3128));
        let account = ("stance".to_owned(), "ge@heim".to_owned());
        assert_eq!(proxy.account, Some(account));
        assert!(!format!("{proxy:?}").contains("heim"));
        assert_eq!(proxy.for_webhooks().username(), Some("stance"));
        for wrong in [
            "",
            "proxy.example.org:3128",
            "https://proxy.example.org:3128",
            "socks5://proxy.example.org:1080",
            "http://proxy.example.org",
            "http://proxy.example.org:3128/path",
        ] {
            assert!(wrong.parse::<Proxy>().is_err(), "{wrong}");
        }
        assert_eq!(unescaped("100%"), "100%");
    }
}

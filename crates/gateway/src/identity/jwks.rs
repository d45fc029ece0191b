//! The public keys of an issuer: from a file, or from an address that the settings name.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::header::{ACCEPT, HeaderValue};
use hyper::{Request, StatusCode, Uri};
use stance_govern::token::{Keys, Purpose};

use crate::upstream::Connections;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Most bytes of an answer.
const MOST: usize = 1 << 20;

/// How often an address that failed is asked again, and one because a token names a key that is not known.
const AGAIN: Duration = Duration::from_secs(30);

/// Where keys are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    File(String),
    Address(String),
}

impl Place {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("file:") {
            return Ok(Self::File(path.to_owned()));
        }
        let uri: Option<Uri> = text.parse().ok();
        let host = uri.as_ref().and_then(|uri| uri.host());
        let is_local = matches!(host, Some("127.0.0.1" | "localhost" | "[::1]"));
        match uri.as_ref().and_then(Uri::scheme_str) {
            Some("https") if host.is_some() => Ok(Self::Address(text.to_owned())),
            Some("http") if is_local => Ok(Self::Address(text.to_owned())),
            Some("http") => Err("keys are asked for over `https://` only".to_owned()),
            _ => Err("say `file:PATH` or `https://…`".to_owned()),
        }
    }
}

/// How long keys are used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) refresh: Duration,
    pub(crate) stale: Duration,
}

/// An address of keys, and those that were had from it. It outlives a change of the settings.
#[derive(Debug)]
pub(crate) struct Remote {
    address: String,
    known: Mutex<Known>,
    /// Held by whoever asks; others wait for the same answer.
    asking: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Known {
    keys: Option<Arc<Keys>>,
    /// When they were had.
    at: Option<Instant>,
    /// When the address was last asked.
    asked: Option<Instant>,
    /// When it was last asked because of a key that is not known.
    sought: Option<Instant>,
    failure: String,
    /// How often it answered, or did not.
    answers: u64,
}

impl Remote {
    pub(crate) fn new(address: &str) -> Arc<Self> {
        Arc::new(Self {
            address: address.to_owned(),
            known: Mutex::default(),
            asking: tokio::sync::Mutex::default(),
        })
    }

    /// Its keys, as new as they have to be.
    ///
    /// # Errors
    ///
    /// Why there are none that may be used.
    pub(crate) async fn keys(
        self: &Arc<Self>,
        connections: &Connections,
        times: Times,
        now: Instant,
    ) -> Result<Arc<Keys>, String> {
        let (usable, is_due) = self.with(|known| {
            let age = known.at.map(|at| now.saturating_duration_since(at));
            let usable = known
                .keys
                .clone()
                .filter(|_| age.is_some_and(|age| age < times.refresh.saturating_add(times.stale)));
            let is_new = age.is_some_and(|age| age < times.refresh);
            (usable, !is_new && is_over(known.asked, now))
        });
        match usable {
            // Whoever comes now does not wait for what the next needs.
            Some(keys) if is_due => {
                let (remote, connections) = (self.clone(), connections.clone());
                self.with(|known| known.asked = Some(now));
                tokio::spawn(async move { remote.ask(&connections, now).await });
                Ok(keys)
            }
            Some(keys) => Ok(keys),
            None if is_due => {
                self.ask(connections, now).await;
                self.with(|known| known.keys.clone().ok_or_else(|| known.failure.clone()))
            }
            None => Err(self.with(|known| known.failure.clone())),
        }
    }

    /// Keys that were asked for because a token names one that is not known; none where that was done a moment ago.
    pub(crate) async fn newer(&self, connections: &Connections, now: Instant) -> Option<Arc<Keys>> {
        let may = self.with(|known| {
            let may = is_over(known.sought, now);
            if may {
                known.sought = Some(now);
            }
            may
        });
        if !may {
            return None;
        }
        self.ask(connections, now).await;
        self.with(|known| known.keys.clone())
    }

    /// Asks, unless somebody else did so while this waited.
    async fn ask(&self, connections: &Connections, now: Instant) {
        let before = self.with(|known| known.answers);
        let _asking = self.asking.lock().await;
        if self.with(|known| known.answers) != before {
            return;
        }
        let answer = tokio::time::timeout(PATIENCE, self.fetch(connections)).await;
        let answer = answer.unwrap_or_else(|_| Err("no answer in time".to_owned()));
        self.with(|known| {
            known.answers = known.answers.wrapping_add(1);
            known.asked = Some(now);
            match answer {
                Ok(keys) => {
                    known.keys = Some(Arc::new(keys));
                    known.at = Some(now);
                }
                Err(what) => known.failure = format!("{}: {what}", self.address),
            }
        });
    }

    async fn fetch(&self, connections: &Connections) -> Result<Keys, String> {
        let mut request = Request::new(Full::<Bytes>::default());
        *request.uri_mut() = self.address.parse().map_err(|_| "no address".to_owned())?;
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(ACCEPT, json);
        let answer = connections.request(request).await;
        let answer = answer.map_err(|error| error.to_string())?;
        if answer.status() != StatusCode::OK {
            return Err(format!("status {}", answer.status()));
        }
        let body = Limited::new(answer.into_body(), MOST).collect().await;
        let body = body.map_err(|_| "an answer that breaks off or is too large".to_owned())?;
        read(&body.to_bytes())
    }

    fn with<T>(&self, look: impl FnOnce(&mut Known) -> T) -> T {
        look(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether it is long enough ago.
fn is_over(last: Option<Instant>, now: Instant) -> bool {
    last.is_none_or(|last| now.saturating_duration_since(last) >= AGAIN)
}

/// Keys for signatures, at least one.
pub(crate) fn read(bytes: &[u8]) -> Result<Keys, String> {
    let keys = Keys::read(bytes, Purpose::Signatures).map_err(|doubt| doubt.to_string())?;
    if keys.is_empty() {
        return Err("it has no key that anything could be verified with".to_owned());
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::upstream::connections;

    /// An issuer that gives its keys a few times and then fails; how often it was asked.
    fn issuer(good: u32) -> (String, Arc<AtomicU32>) {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/keys", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicU32::new(0));
        let count = asked.clone();
        // Ends with the process of the tests.
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let lines = BufReader::new(stream.try_clone().unwrap()).lines();
                for _ in lines
                    .map_while(Result::ok)
                    .take_while(|line| !line.is_empty())
                {}
                let status = match count.fetch_add(1, Ordering::SeqCst) < good {
                    true => 200,
                    false => 500,
                };
                let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
                let body =
                    format!("{{\"keys\":[{{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"{x}\"}}]}}");
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
                );
                stream.write_all((head + &body).as_bytes()).unwrap();
            }
        });
        (address, asked)
    }

    const TIMES: Times = Times {
        refresh: Duration::from_secs(600),
        stale: Duration::from_secs(3600),
    };

    #[tokio::test]
    async fn keys_are_kept_asked_for_anew_and_used_a_while_when_they_cannot_be_had() {
        let (address, asked) = issuer(1);
        let (remote, connections) = (Remote::new(&address), connections());
        let start = Instant::now();
        let keys = async |seconds| {
            let then = start + Duration::from_secs(seconds);
            let keys = remote.keys(&connections, TIMES, then).await;
            // Whoever asks in the background is done.
            drop(remote.asking.lock().await);
            tokio::time::sleep(Duration::from_millis(1)).await;
            drop(remote.asking.lock().await);
            keys
        };
        assert!(keys(0).await.is_ok());
        assert!(keys(599).await.is_ok());
        assert_eq!(asked.load(Ordering::SeqCst), 1, "one answer serves all");
        assert!(keys(601).await.is_ok(), "stale");
        assert!(keys(610).await.is_ok());
        assert!(
            asked.load(Ordering::SeqCst) <= 2,
            "a failure is not asked again at once"
        );
        assert!(keys(4199).await.is_ok());
        let error = keys(4201).await.unwrap_err();
        assert!(error.contains("500"), "{error}");
    }

    #[tokio::test]
    async fn a_key_that_is_not_known_has_them_asked_for_once_in_a_while() {
        let (address, asked) = issuer(9);
        let (remote, connections) = (Remote::new(&address), connections());
        let start = Instant::now();
        assert!(remote.keys(&connections, TIMES, start).await.is_ok());
        assert!(remote.newer(&connections, start).await.is_some(), "at once");
        for seconds in [1, 10, 29] {
            let then = start + Duration::from_secs(seconds);
            assert!(remote.newer(&connections, then).await.is_none());
        }
        assert_eq!(asked.load(Ordering::SeqCst), 2);
        let then = start + Duration::from_secs(31);
        assert!(remote.newer(&connections, then).await.is_some());
    }

    #[test]
    fn keys_are_not_asked_for_where_others_read_along() {
        for fine in [
            "file:a.json",
            "https://id.example/keys",
            "http://127.0.0.1:80/k",
            "http://localhost/k",
        ] {
            assert!(Place::parse(fine).is_ok(), "{fine}");
        }
        for not in [
            "http://id.example/k",
            "http://localhost.evil.example/",
            "a.json",
            "ftp://x",
            "",
            "https://",
        ] {
            assert!(Place::parse(not).is_err(), "{not}");
        }
    }
}

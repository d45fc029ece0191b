//! The client: many connections, each of which takes the next request that is due.

use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::figures::Seen;
use crate::http::{Reader, find};
use crate::words;

/// Requests whose time is passed by so much when the run is over are not sent any more.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Whole,
    Tools,
    Stream,
    Slow,
}

impl Kind {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "whole" => Self::Whole,
            "tools" => Self::Tools,
            "stream" => Self::Stream,
            "slow" => Self::Slow,
            _ => return None,
        })
    }
}

/// How it is asked.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) kind: Kind,
    /// Requests in a second; 0 for as many as there can be.
    pub(crate) rate: f64,
    pub(crate) time: Duration,
    pub(crate) connections: usize,
    pub(crate) key: String,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            kind: Kind::Whole,
            rate: 0.0,
            time: Duration::from_secs(10),
            connections: 32,
            key: "sk-none".to_owned(),
        }
    }
}

/// Where it is asked.
struct Target {
    address: SocketAddr,
    /// Authority and path.
    host: String,
    path: String,
}

impl Target {
    fn parse(url: &str) -> Option<Self> {
        let rest = url.strip_prefix("http://")?;
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        Some(Self {
            address: host.parse().ok()?,
            host: host.to_owned(),
            path: path.trim_end_matches('/').to_owned(),
        })
    }
}

/// Asks, and gives the figures.
pub(crate) fn run(url: &str, plan: Plan) -> Result<String, String> {
    let target = Target::parse(url)
        .ok_or_else(|| format!("{url} is no address such as http://127.0.0.1:8080/path"))?;
    let next = AtomicU64::new(0);
    let start = Instant::now() + Duration::from_millis(50);
    let mut seen = Seen::default();
    thread::scope(|scope| {
        let run = || client(&target, &plan, start, &next);
        let threads: Vec<_> = (0..plan.connections)
            .filter_map(|_| {
                let stack = thread::Builder::new().stack_size(256 << 10);
                stack.spawn_scoped(scope, run).ok()
            })
            .collect();
        for thread in threads {
            if let Ok(more) = thread.join() {
                seen.add(more);
            }
        }
    });
    let seconds = start.elapsed().as_secs_f64();
    let due = match plan.rate {
        0.0 => (seen.whole.len() + seen.failed.len()) as u64,
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "some thousands"
        )]
        rate => (rate * plan.time.as_secs_f64()) as u64,
    };
    Ok(seen.json(due, seconds))
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// One connection, and another whenever it broke.
fn client(target: &Target, plan: &Plan, start: Instant, next: &AtomicU64) -> Seen {
    let mut seen = Seen::default();
    let mut connection = None;
    let end = start + plan.time;
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let due = match plan.rate {
            0.0 => Instant::now().max(start),
            #[expect(clippy::cast_precision_loss, reason = "some millions")]
            rate => start + Duration::from_secs_f64(number as f64 / rate),
        };
        if due >= end || Instant::now() >= end + PATIENCE {
            return seen;
        }
        thread::sleep(due.saturating_duration_since(Instant::now()));
        seen.late.push(micros(due));
        match exchange(target, plan, number, due, &mut connection, &mut seen) {
            Ok(200) => {}
            Ok(status) => seen.failed.push(status),
            Err(_) => {
                connection = None;
                seen.failed.push(0);
            }
        }
    }
}

/// One request and its answer; gives its status.
fn exchange(
    target: &Target,
    plan: &Plan,
    number: u64,
    due: Instant,
    connection: &mut Option<(TcpStream, Reader<TcpStream>)>,
    seen: &mut Seen,
) -> std::io::Result<u16> {
    if connection.is_none() {
        let socket = TcpStream::connect(target.address)?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        *connection = Some((socket.try_clone()?, Reader::new(socket)));
    }
    let Some((socket, reader)) = connection else {
        return Ok(0);
    };
    let model = if plan.kind == Kind::Slow {
        "slow"
    } else {
        "quick"
    };
    let stream = matches!(plan.kind, Kind::Stream | Kind::Slow);
    let body = words::request(number, model, plan.kind == Kind::Tools, stream);
    let request = format!(
        "POST {}/v1/chat/completions HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         accept: application/json\r\nuser-agent: load/1\r\ncontent-length: {}\r\n\r\n{body}",
        target.path,
        target.host,
        plan.key,
        body.len()
    );
    socket.write_all(request.as_bytes())?;
    let head = reader.head()?.ok_or(std::io::ErrorKind::UnexpectedEof)?;
    let (mut byte, mut word) = (None, None);
    let body = reader.body(&head, |body| {
        byte.get_or_insert_with(|| micros(due));
        if stream && word.is_none() && has_word(body) {
            word = Some(micros(due));
        }
    })?;
    let took = micros(due);
    let status = head.status();
    if status == 200 {
        if stream && find(&body, b"[DONE]").is_none() {
            return Ok(0);
        }
        seen.whole.push(took);
        seen.first_byte.extend(byte);
        seen.first_word.extend(word);
    }
    Ok(status)
}

/// Whether a stream has a word by now, however its JSON is written.
fn has_word(body: &[u8]) -> bool {
    const CONTENT: &[u8] = b"\"content\":";
    let mut rest = body;
    while let Some(at) = find(rest, CONTENT) {
        rest = &rest[at + CONTENT.len()..];
        let value = rest.trim_ascii_start();
        if value.starts_with(b"\"") && value.len() > 1 && !value.starts_with(b"\"\"") {
            return true;
        }
    }
    false
}

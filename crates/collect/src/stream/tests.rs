//! Real servers on this machine, honest ones and others.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use stance_core::Fact;
use stance_core::digest::hex;
use stance_core::fact::{Artifact, GapReason};
use stance_inspect::{Interests, Limits, Options};

use super::{RemoteError, Stream, StreamOptions, WEIGHTS_LEFT};
use crate::{Collected, Context, Ignored, Progress};

/// A request as it came: target and headers in lower case.
struct Request {
    target: String,
    headers: Headers,
    /// Which request of the server it is, from 0.
    number: usize,
}

impl Request {
    fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        found.next().map(|(_, value)| value.as_str())
    }

    /// First and last byte that are asked for.
    fn range(&self, length: usize) -> Option<(usize, usize)> {
        let (start, end) = self
            .header("range")?
            .strip_prefix("bytes=")?
            .split_once('-')?;
        let end = end.parse().unwrap_or(length - 1);
        Some((start.parse().ok()?, end.min(length - 1)))
    }
}

type Headers = Vec<(String, String)>;

/// The headers of every request.
type Log = Arc<Mutex<Vec<Headers>>>;

type Answer = dyn Fn(&Request, &mut TcpStream) -> std::io::Result<()> + Send + Sync;

/// A server that lives as long as the test process.
struct Server {
    port: u16,
    requests: Arc<AtomicUsize>,
    seen: Log,
}

impl Server {
    fn new(
        answer: impl Fn(&Request, &mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(AtomicUsize::new(0));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let answer: Arc<Answer> = Arc::new(answer);
        let (count, log) = (Arc::clone(&requests), Arc::clone(&seen));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (count, log, answer) = (count.clone(), log.clone(), answer.clone());
                std::thread::spawn(move || {
                    let _ = serve(stream, &count, &log, &*answer);
                });
            }
        });
        Self {
            port,
            requests,
            seen,
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

fn serve(
    stream: TcpStream,
    count: &AtomicUsize,
    log: &Mutex<Vec<Headers>>,
    answer: &Answer,
) -> std::io::Result<()> {
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let target = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            match line.trim_end().split_once(':') {
                Some((name, value)) => {
                    headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
                }
                None => break,
            }
        }
        log.lock().unwrap().push(headers.clone());
        let number = count.fetch_add(1, Ordering::SeqCst);
        answer(
            &Request {
                target,
                headers,
                number,
            },
            &mut writer,
        )?;
    }
}

/// A part as an honest server sends it, or all where nothing else is asked for.
fn part(request: &Request, body: &[u8], tag: &str, out: &mut TcpStream) -> std::io::Result<()> {
    if let Some((start, end)) = request.range(body.len())
        && request
            .header("if-range")
            .is_none_or(|wanted| wanted == tag)
    {
        write!(
            out,
            "HTTP/1.1 206 Partial Content\r\netag: {tag}\r\ncontent-range: bytes {start}-{end}/{}\r\ncontent-length: {}\r\n\r\n",
            body.len(),
            end + 1 - start
        )?;
        return out.write_all(&body[start..=end]);
    }
    write!(
        out,
        "HTTP/1.1 200 OK\r\netag: {tag}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )?;
    out.write_all(body)
}

fn options() -> StreamOptions {
    StreamOptions {
        stdin_name: "stdin".to_owned(),
        most_bytes: 64 << 20,
        timeout: Duration::from_secs(1),
        s3_endpoint: None,
    }
}

fn collect_with(url: &str, hash: bool, options: &StreamOptions) -> Result<Collected, RemoteError> {
    collect_within(url, hash, Limits::default(), options)
}

/// Looks into all weights too.
fn collect_weights(url: &str, options: &StreamOptions) -> Result<Collected, RemoteError> {
    let limits = Limits {
        tensor_bytes: u64::MAX,
        ..Limits::default()
    };
    collect_within(url, false, limits, options)
}

fn collect_within(
    url: &str,
    hash: bool,
    limits: Limits,
    options: &StreamOptions,
) -> Result<Collected, RemoteError> {
    let interests = Interests::default();
    let progress = Progress::default();
    let context = Context {
        options: Options {
            limits,
            hash,
            interests: &interests,
            parsers: &stance_inspect::registry::ALL,
        },
        threads: 1,
        ignored: Ignored::All,
        follow_links: false,
        exclude: globset::GlobSet::empty(),
        exclude_directories: Vec::new(),
        progress: &progress,
    };
    let stream = Stream::parse(url.as_ref()).expect("an address");
    let opened = stream.open(options)?;
    Ok(opened.collect(&stream.file_name(options).into(), &context))
}

fn collect(url: &str, hash: bool) -> Result<Collected, RemoteError> {
    collect_with(url, hash, &options())
}

fn artifact(collected: &Collected) -> &Artifact {
    let mut all = collected
        .observations
        .iter()
        .filter_map(|seen| match &seen.fact {
            Fact::Artifact(artifact) => Some(&**artifact),
            _ => None,
        });
    all.next().expect("an artefact")
}

fn gaps(collected: &Collected) -> Vec<(GapReason, &str)> {
    let all = collected.observations.iter();
    all.filter_map(|seen| match &seen.fact {
        Fact::Gap(gap) => Some((gap.reason, gap.detail.as_str())),
        _ => None,
    })
    .collect()
}

/// `tensors` tensors of `size` bytes each, with bytes that differ from place to place.
fn safetensors(tensors: usize, size: usize) -> Vec<u8> {
    let entries: Vec<String> = (0..tensors)
        .map(|index| {
            let start = index * size;
            format!(
                r#""t{index}":{{"dtype":"U8","shape":[{size}],"data_offsets":[{start},{}]}}"#,
                start + size
            )
        })
        .collect();
    let header = format!("{{{}}}", entries.join(","));
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    let data = (0..tensors * size).map(|at| (at.wrapping_mul(2_654_435_761) >> 7) as u8);
    file.extend(data);
    file
}

fn honest(body: Vec<u8>) -> Server {
    Server::new(move |request, out| part(request, &body, "\"v1\"", out))
}

#[test]
fn a_large_file_costs_its_header() {
    let file = safetensors(100, 400_000);
    let server = honest(file.clone());
    let collected = collect(&server.url("/m/model.safetensors?token=1"), false).unwrap();
    let artifact = artifact(&collected);
    assert_eq!(artifact.tensors, Some(100));
    assert_eq!(&*artifact.evidence.path, "model.safetensors");
    assert!(gaps(&collected).is_empty(), "{:?}", gaps(&collected));
    let transferred = collected.coverage.bytes_transferred;
    assert!(transferred < 700_000, "{transferred} of {}", file.len());
    // What was not looked at is said, and is no reason for a finding.
    assert_eq!(collected.coverage.skipped.get(WEIGHTS_LEFT), Some(&1));
    assert_eq!(collected.coverage.bytes_total, file.len() as u64);
}

#[test]
fn weights_are_fetched_when_somebody_asks_for_them() {
    let file = safetensors(2, 400_000);
    let server = honest(file.clone());
    let url = server.url("/m/model.safetensors");
    let collected = collect_weights(&url, &options()).unwrap();
    assert!(collected.coverage.bytes_transferred >= file.len() as u64);
    assert!(collected.coverage.skipped.is_empty());
}

/// A checkpoint as PyTorch writes it: a pickle, and storages that nobody needs to see.
fn checkpoint(storages: usize, size: usize) -> Vec<u8> {
    use stance_inspect::zip::assemble::{part, zip};
    let pickle = *b"\x80\x02ccollections\nOrderedDict\nq\x00)Rq\x01.";
    let mut parts = vec![
        part("model/data.pkl", pickle),
        part("model/version", *b"3\n"),
    ];
    parts.extend((0..storages).map(|index| {
        let data: Vec<u8> = (0..size)
            .map(|at| ((at + index).wrapping_mul(2_654_435_761) >> 7) as u8)
            .collect();
        part(&format!("model/data/{index}"), data)
    }));
    zip(&parts)
}

#[test]
fn a_checkpoint_costs_its_directory_and_its_pickle() {
    let file = checkpoint(100, 400_000);
    let server = honest(file.clone());
    let collected = collect(&server.url("/model.pt"), false).unwrap();
    assert_eq!(artifact(&collected).pickles.len(), 1);
    assert!(gaps(&collected).is_empty(), "{:?}", gaps(&collected));
    let transferred = collected.coverage.bytes_transferred;
    assert!(transferred < 1_000_000, "{transferred} of {}", file.len());
}

#[test]
fn the_hash_reads_all_of_it_once() {
    let file = safetensors(3, 1_000_000);
    let server = honest(file.clone());
    let collected = collect(&server.url("/model.safetensors"), true).unwrap();
    let expected = hex(&Sha256::digest(&file));
    assert_eq!(artifact(&collected).sha256.as_deref(), Some(&*expected));
    let transferred = collected.coverage.bytes_transferred;
    assert!(transferred < file.len() as u64 + 200_000, "{transferred}");
    assert!(server.requests() < 12, "{}", server.requests());
}

#[test]
fn a_server_without_ranges_gives_the_same_answer() {
    let file = safetensors(3, 100_000);
    let body = file.clone();
    let server = Server::new(move |_, out| {
        write!(
            out,
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n",
            body.len()
        )?;
        out.write_all(&body)
    });
    let whole = collect(&server.url("/m.safetensors"), true).unwrap();
    let parts = honest(file);
    let parts = collect(&parts.url("/m.safetensors"), true).unwrap();
    assert_eq!(artifact(&whole), artifact(&parts));

    let mut little = options();
    little.most_bytes = 100_000;
    let error = collect_with(&server.url("/m.safetensors"), false, &little).unwrap_err();
    assert!(error.to_string().contains("--max-transfer"), "{error}");
}

#[test]
fn no_more_is_transferred_than_allowed() {
    let server = honest(safetensors(100, 400_000));
    let mut little = options();
    little.most_bytes = 100_000;
    let collected = collect_weights(&server.url("/m.safetensors"), &little).unwrap();
    assert!(
        gaps(&collected)
            .iter()
            .any(|(reason, _)| *reason == GapReason::TooLarge)
    );
    assert!(collected.coverage.bytes_transferred <= 100_000);
}

#[test]
fn a_file_that_changes_while_it_is_read_is_said() {
    let body = safetensors(100, 400_000);
    let server = Server::new(move |request, out| {
        let tag = if request.number == 0 {
            "\"v1\""
        } else {
            "\"v2\""
        };
        part(request, &body, tag, out)
    });
    let collected = collect_weights(&server.url("/m.safetensors"), &options()).unwrap();
    let changed = gaps(&collected);
    assert!(
        changed
            .iter()
            .any(|(reason, detail)| *reason == GapReason::Changed && detail.contains("changed")),
        "{changed:?}"
    );
    // Nothing is asked for once that is known.
    assert!(server.requests() <= 5, "{}", server.requests());
}

#[test]
fn parts_that_are_not_those_asked_for_are_not_believed() {
    let body = safetensors(100, 400_000);
    let server = Server::new(move |request, out| {
        if request.number == 0 {
            return part(request, &body, "\"v1\"", out);
        }
        out.write_all(b"HTTP/1.1 206 Partial Content\r\netag: \"v1\"\r\ncontent-range: bytes 0-9/40001000\r\ncontent-length: 10\r\n\r\n0123456789")
    });
    let collected = collect_weights(&server.url("/m.safetensors"), &options()).unwrap();
    assert!(!gaps(&collected).is_empty());
    let lie = Server::new(|_, out| {
        out.write_all(b"HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 5-3/2\r\ncontent-length: 0\r\n\r\n")
    });
    assert!(matches!(
        collect(&lie.url("/m.pkl"), false),
        Err(RemoteError::Lie(_))
    ));
}

#[test]
fn a_body_shorter_than_promised_is_an_error_and_not_a_file() {
    let server = Server::new(|_, out| {
        out.write_all(
            b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\nconnection: close\r\n\r\nshort",
        )?;
        out.shutdown(std::net::Shutdown::Both)
    });
    let error = collect(&server.url("/m.pkl"), false).unwrap_err();
    assert!(server.requests() > 1, "it was not asked again");
    drop(error);

    // Cut once, whole when it is asked again.
    let body = safetensors(2, 1000);
    let cut = Server::new(move |request, out| {
        if request.number == 0 {
            write!(
                out,
                "HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 0-{}/{}\r\ncontent-length: {}\r\n\r\n",
                body.len() - 1,
                body.len(),
                body.len()
            )?;
            out.write_all(&body[..50])?;
            return out.shutdown(std::net::Shutdown::Both);
        }
        part(request, &body, "\"v1\"", out)
    });
    let collected = collect(&cut.url("/m.safetensors"), false).unwrap();
    assert_eq!(artifact(&collected).tensors, Some(2));
    assert!(gaps(&collected).is_empty());
}

#[test]
fn a_server_that_drips_does_not_hold_us() {
    let server = Server::new(|_, out| {
        out.write_all(b"HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 0-65535/1000000\r\ncontent-length: 65536\r\n\r\n")?;
        for _ in 0..600 {
            out.write_all(b"x")?;
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    });
    let mut hasty = options();
    hasty.timeout = Duration::from_millis(300);
    let clock = std::time::Instant::now();
    assert!(collect_with(&server.url("/m.pkl"), false, &hasty).is_err());
    assert!(clock.elapsed() < Duration::from_secs(20));
}

#[test]
fn redirects_are_followed_to_a_bound_and_never_out_of_http() {
    let file = safetensors(2, 1000);
    let target = honest(file);
    let to = target.url("/cdn/blob");
    let server = Server::new(move |request, out| {
        let location = match request.target.as_str() {
            "/model.safetensors" => to.clone(),
            "/file" => "file:///etc/passwd".to_owned(),
            _ => "/again".to_owned(),
        };
        write!(
            out,
            "HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n"
        )
    });
    let collected = collect(&server.url("/model.safetensors"), false).unwrap();
    assert_eq!(&*artifact(&collected).evidence.path, "model.safetensors");
    for path in ["/file", "/again"] {
        let error = collect(&server.url(path), false).unwrap_err();
        assert!(matches!(error, RemoteError::Redirect(_)), "{path}: {error}");
    }
    assert!(server.requests() < 12);
}

#[test]
fn credentials_go_to_the_host_they_are_for_and_to_no_other() {
    let target = honest(safetensors(2, 1000));
    let to = target.url("/blob");
    let server = Server::new(move |_, out| {
        write!(
            out,
            "HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n"
        )
    });
    let url = format!("http://me:secret@127.0.0.1:{}/m.safetensors", server.port);
    let collected = collect(&url, false).unwrap();
    let sent = |server: &Server| {
        let seen = server.seen.lock().unwrap();
        seen.iter()
            .flatten()
            .any(|(name, _)| name == "authorization")
    };
    assert!(sent(&server));
    assert!(!sent(&target));
    let told = format!("{:?}", collected.observations);
    assert!(!told.contains("secret"), "{told}");
}

#[test]
fn what_is_not_there_is_an_error() {
    let server =
        Server::new(|_, out| out.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"));
    let error = collect(&server.url("/m.pkl"), false).unwrap_err();
    assert!(error.to_string().contains("404"), "{error}");
    assert_eq!(server.requests(), 1);
    let busy =
        Server::new(|_, out| out.write_all(b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n"));
    assert!(collect(&busy.url("/m.pkl"), false).is_err());
    assert!(busy.requests() > 1);
}

#[test]
fn an_empty_file_is_a_file() {
    let server = Server::new(|_, out| {
        out.write_all(b"HTTP/1.1 416 Range Not Satisfiable\r\ncontent-range: bytes */0\r\ncontent-length: 0\r\n\r\n")
    });
    let collected = collect(&server.url("/m.pkl"), false).unwrap();
    assert_eq!(collected.coverage.files, 1);
    assert_eq!(collected.coverage.bytes_total, 0);
}

/// A store that answers only requests whose signature it can verify with the secret key.
#[test]
fn requests_to_a_store_are_signed_as_it_checks_them() {
    use super::address::Address;
    use super::client::Client;
    use super::credentials::Credentials;
    use super::s3::Signer;
    use super::signature::{Scope, authorization};

    let body = safetensors(20, 100_000);
    let wrong = Arc::new(AtomicU64::new(0));
    let refused = Arc::clone(&wrong);
    let server = Server::new(move |request, out| {
        let header = |name| request.header(name).unwrap_or_default();
        let given = header("authorization");
        // The region in which the bucket lies is not the one that is asked for first.
        let scope = Scope {
            access_key: "AKEXAMPLE",
            secret_key: "secret/key",
            region: "eu-west-3",
            time: header("x-amz-date"),
        };
        if !given.contains("/eu-west-3/s3/") {
            return out.write_all(b"HTTP/1.1 301 Moved\r\nx-amz-bucket-region: eu-west-3\r\ncontent-length: 0\r\n\r\n");
        }
        let signed = [
            ("host", header("host")),
            ("range", header("range")),
            ("x-amz-content-sha256", header("x-amz-content-sha256")),
            ("x-amz-date", header("x-amz-date")),
            ("x-amz-security-token", header("x-amz-security-token")),
        ];
        if given != authorization(&scope, &request.target, &signed) {
            refused.fetch_add(1, Ordering::SeqCst);
            return out.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
        }
        part(request, &body, "\"v1\"", out)
    });
    let options = options();
    let signer = |secret: &str| Signer {
        credentials: Credentials {
            access_key: "AKEXAMPLE".to_owned(),
            secret_key: secret.to_owned(),
            session_token: Some("session".to_owned()),
        },
        region: "us-east-1".to_owned().into(),
    };
    let open = |secret: &str| {
        let address = Address::parse(&server.url("/bucket/a%20key/m.safetensors")).unwrap();
        let client = Client::new(address, Some(signer(secret)), &options).unwrap();
        super::remote::Remote::open(client, &options)
    };
    let Ok(super::remote::Opened::Ranges(remote)) = open("secret/key") else {
        panic!("it was not opened");
    };
    let mut buffer = [0; 100];
    stance_inspect::Source::read_at(&*remote, 1_000_000, &mut buffer).unwrap();
    assert_eq!(wrong.load(Ordering::SeqCst), 0);
    assert!(matches!(open("another"), Err(RemoteError::Status(403, _))));
}

#[test]
fn what_is_no_address_is_a_path() {
    let parse = |text: &str| Stream::parse(text.as_ref());
    assert_eq!(parse("-"), Some(Stream::StandardInput));
    assert_eq!(
        parse("s3://b/k/m.pt"),
        Some(Stream::S3("b".into(), "k/m.pt".into()))
    );
    assert!(matches!(parse("HTTPS://h/x"), Some(Stream::Http(_))));
    for path in [
        "./-",
        "a/b.pt",
        "file:///etc/passwd",
        "https:/x",
        "ftp://h/x",
    ] {
        assert_eq!(parse(path), None, "{path}");
    }
    assert!(collect("s3://bucket/", false).is_err());
    assert!(collect("s3:///key", false).is_err());
}

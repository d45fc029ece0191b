//! A receiver that runs, what it kept, and clients of it.

use std::io::{Read as _, Write as _};
use std::net::IpAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::{HeaderMap, Request, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use stance_core::traffic::{Measured, Seen};
use stance_gateway::judge::Guarded;
use stance_guard::policy::{Policy, Preset};
use stance_receiver::{Admit, Admitted, Keeper, Kept, NoRoom, Receiver, Settings, Stop};
use tokio::net::{TcpListener, TcpStream};

pub(crate) const PROTOBUF: (&str, &str) = ("content-type", "application/x-protobuf");
pub(crate) const JSON: (&str, &str) = ("content-type", "application/json");
pub(crate) const GZIP: (&str, &str) = ("content-encoding", "gzip");

/// What a keeper has, as a database would.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) done: Mutex<Vec<Seen>>,
    pub(crate) waiting: Mutex<Vec<Seen>>,
    pub(crate) measured: Mutex<Vec<Measured>>,
    pub(crate) is_full: AtomicBool,
}

impl Keeper for Memory {
    fn keep(&self, kept: Kept) -> BoxFuture<'_, Result<usize, NoRoom>> {
        let done = if self.is_full.load(Ordering::SeqCst) {
            Err(NoRoom("the disk is full".to_owned()))
        } else {
            let mut waiting = self.waiting.lock().unwrap();
            waiting.retain(|one| {
                kept.done
                    .iter()
                    .chain(&kept.waiting)
                    .all(|other| other.id != one.id)
            });
            waiting.extend(kept.waiting);
            self.measured.lock().unwrap().extend(kept.measured);
            let mut done = self.done.lock().unwrap();
            let before = done.len();
            for one in kept.done {
                if done.iter().all(|other| other.id != one.id) {
                    done.push(one);
                }
            }
            Ok(done.len() - before)
        };
        async move { done }.boxed()
    }
}

/// Lets everybody in, or whoever has this token.
struct Door(Option<&'static str>);

impl Admit for Door {
    fn admit(&self, headers: &HeaderMap, _: IpAddr) -> BoxFuture<'_, Admitted> {
        let given = headers
            .get("authorization")
            .map(|value| value.to_str().unwrap().to_owned());
        let admitted = match (self.0, given) {
            (None, _) => Admitted::Yes,
            (Some(token), Some(given)) if given == format!("Bearer {token}") => Admitted::Yes,
            (Some(_), None) => Admitted::NotKnown,
            (Some(_), Some(_)) => Admitted::NotAllowed,
        };
        async move { admitted }.boxed()
    }
}

pub(crate) struct Rig {
    pub(crate) memory: Arc<Memory>,
    pub(crate) receiver: Receiver,
    address: std::net::SocketAddr,
    stop: Stop,
}

impl Rig {
    pub(crate) async fn start() -> Self {
        Self::with(None, false).await
    }

    pub(crate) async fn with(token: Option<&'static str>, words: bool) -> Self {
        let memory = Arc::new(Memory::default());
        let settings = Settings {
            words,
            // Nothing is done before it is told to end.
            wait: Duration::from_secs(3600),
            ..Settings::default()
        };
        let judge = Guarded::new(Policy::preset(Preset::Observe), (7, 11));
        let receiver = Receiver::new(
            settings,
            Arc::new(judge),
            memory.clone(),
            Arc::new(Door(token)),
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        Self {
            memory,
            address,
            stop: receiver.start(vec![(listener, None)]),
            receiver,
        }
    }

    /// Sends over HTTP/1.1.
    pub(crate) async fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> (StatusCode, HeaderMap, Vec<u8>) {
        let socket = TokioIo::new(TcpStream::connect(self.address).await.unwrap());
        let (mut sender, connection) = hyper::client::conn::http1::handshake(socket).await.unwrap();
        tokio::spawn(connection);
        let mut request = Request::post(path).header("host", "receiver");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        let answer = sender.send_request(request).await.unwrap();
        let (head, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (head.status, head.headers, body.to_vec())
    }

    /// Calls over HTTP/2; gives the status of gRPC, and the message in its frame.
    pub(crate) async fn call(
        &self,
        signal: &str,
        headers: &[(&str, &str)],
        framed: Vec<u8>,
    ) -> (u32, Vec<u8>) {
        let socket = TokioIo::new(TcpStream::connect(self.address).await.unwrap());
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), socket)
                .await
                .unwrap();
        tokio::spawn(connection);
        let path = stance_telemetry::otlp::grpc::PATHS
            .iter()
            .find(|path| path.contains(signal))
            .unwrap();
        let mut request = Request::post(format!("http://receiver{path}"))
            .header("content-type", "application/grpc")
            .header("te", "trailers");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(Bytes::from(framed))).unwrap();
        let answer = sender.send_request(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let (head, body) = answer.into_parts();
        let body = body.collect().await.unwrap();
        let trailers = body.trailers().cloned().unwrap_or_default();
        let status = head
            .headers
            .get("grpc-status")
            .or(trailers.get("grpc-status"))
            .unwrap();
        (
            status.to_str().unwrap().parse().unwrap(),
            body.to_bytes().to_vec(),
        )
    }

    /// Ends it, and gives what was kept.
    pub(crate) async fn end(self) -> Vec<Seen> {
        self.stop.end().await;
        std::mem::take(&mut *self.memory.done.lock().unwrap())
    }
}

/// What real instrumentation sent.
pub(crate) fn capture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../telemetry/tests/it/captures")
        .join(format!("{name}.gz"));
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap())
        .read_to_end(&mut bytes)
        .unwrap();
    bytes
}

pub(crate) fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

pub(crate) fn framed(message: &[u8], is_packed: bool) -> Vec<u8> {
    let mut frame = stance_telemetry::otlp::grpc::frame(message);
    frame[0] = u8::from(is_packed);
    frame
}

/// A request with one span in JSON: a question and its answer, in the conventions since 1.37.
pub(crate) fn span(id: u8, question: &str) -> Vec<u8> {
    let text = |words: &str, role: &str| {
        serde_json::json!([{"role": role, "parts": [{"type": "text", "content": words}]}])
            .to_string()
    };
    let attribute =
        |key: &str, value: &str| serde_json::json!({"key": key, "value": {"stringValue": value}});
    let start = 1_795_694_400_000_000_000_u64;
    serde_json::json!({"resourceSpans": [{
        "resource": {"attributes": [attribute("service.name", "workshop")]},
        "scopeSpans": [{"scope": {"name": "it"}, "spans": [{
            "traceId": format!("{:032x}", 0xabc), "spanId": format!("{id:016x}"), "name": "chat wheel-1",
            "startTimeUnixNano": start.to_string(), "endTimeUnixNano": (start + 1_000_000_000).to_string(),
            "attributes": [
                attribute("gen_ai.operation.name", "chat"), attribute("gen_ai.provider.name", "openai"),
                attribute("gen_ai.request.model", "wheel-1"), attribute("gen_ai.response.id", "chatcmpl-1"),
                attribute("gen_ai.input.messages", &text(question, "user")),
                attribute("gen_ai.output.messages", &text("It was shipped.", "assistant")),
            ]}]}]}]})
    .to_string()
    .into_bytes()
}

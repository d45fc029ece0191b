//! An upstream that answers as a test says, a gateway before it, and a client.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, StreamBody, combinators::BoxBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use stance_gateway::judge::{Judge, Observe};
use stance_gateway::receipt::Log;
use stance_gateway::witness::Witness;
use stance_gateway::{Gateway, Reload, Settings, Waiting, serve};
use stance_govern::audit::Entry;
use stance_govern::signature::PrivateKey;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// The key of whoever runs the gateway.
pub(crate) const OWNER: &str = "the-owner's-key";

/// What an upstream answers.
#[derive(Clone, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    /// Pieces, each sent by itself.
    pub(crate) pieces: Vec<Bytes>,
    /// How long each piece is waited for.
    pub(crate) pause: Duration,
    /// Breaks off after the pieces.
    pub(crate) breaks: bool,
}

impl Answer {
    pub(crate) fn json(text: &str) -> Self {
        Self {
            status: 200,
            headers: vec![("content-type", "application/json".to_owned())],
            pieces: vec![Bytes::from(text.to_owned())],
            ..Self::default()
        }
    }

    pub(crate) fn events(pieces: &[&str]) -> Self {
        Self {
            status: 200,
            headers: vec![("content-type", "text/event-stream".to_owned())],
            pieces: pieces
                .iter()
                .map(|it| Bytes::from((*it).to_owned()))
                .collect(),
            ..Self::default()
        }
    }

    pub(crate) fn status(status: u16) -> Self {
        Self {
            status,
            ..Self::json("{\"error\": {\"message\": \"no\"}}")
        }
    }
}

/// What an upstream was asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// What a client was told.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Whether the body ended as it should.
    pub(crate) is_whole: bool,
}

impl Told {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

type Answers = Arc<dyn Fn(&Asked, usize) -> Answer + Send + Sync>;

/// An upstream, what it was asked, and where it is.
pub(crate) struct Upstream {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Upstream {
    pub(crate) async fn start(
        answers: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (kept, answers) = (asked.clone(), Arc::new(answers) as Answers);
        tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let (kept, answers) = (kept.clone(), answers.clone());
                let service = service_fn(move |request| {
                    upstream_answer(request, kept.clone(), answers.clone())
                });
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(socket), service),
                );
            }
        });
        Self { address, asked }
    }

    pub(crate) fn last_asked(&self) -> Asked {
        self.asked.lock().unwrap().last().unwrap().clone()
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn upstream_answer(
    request: Request<Incoming>,
    kept: Arc<Mutex<Vec<Asked>>>,
    answers: Answers,
) -> Result<Response<BoxBody<Bytes, std::io::Error>>, std::convert::Infallible> {
    let (head, body) = request.into_parts();
    let asked = Asked {
        path: head.uri.path_and_query().unwrap().to_string(),
        headers: head.headers,
        body: body.collect().await.unwrap().to_bytes(),
    };
    let number = {
        let mut kept = kept.lock().unwrap();
        kept.push(asked.clone());
        kept.len() - 1
    };
    let answer = answers(&asked, number);
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    let (pieces, coming) = tokio::sync::mpsc::channel(1);
    tokio::spawn(async move {
        for piece in answer.pieces {
            if pieces.send(Ok(Frame::data(piece))).await.is_err() {
                return;
            }
            if answer.pause.is_zero() {
                tokio::task::yield_now().await;
            } else {
                tokio::time::sleep(answer.pause).await;
            }
        }
        if answer.breaks {
            let _ = pieces.send(Err(std::io::Error::other("breaks"))).await;
        }
    });
    let body = StreamBody::new(Receiving(coming));
    Ok(response.body(BoxBody::new(body)).unwrap())
}

struct Receiving(tokio::sync::mpsc::Receiver<Result<Frame<Bytes>, std::io::Error>>);

impl futures_util::Stream for Receiving {
    type Item = Result<Frame<Bytes>, std::io::Error>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0.poll_recv(context)
    }
}

/// A gateway that runs, and a client of it.
pub(crate) struct Rig {
    pub(crate) base: String,
    pub(crate) reload: Reload,
    pub(crate) desk: Arc<Waiting>,
    pub(crate) directory: tempfile::TempDir,
    client: Client<hyper_util::client::legacy::connect::HttpConnector, Full<Bytes>>,
    stop: Option<oneshot::Sender<()>>,
    done: tokio::task::JoinHandle<()>,
}

impl Rig {
    pub(crate) async fn start(settings: &str, judge: impl Judge + 'static) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), settings, judge).await
    }

    /// Goes on in the directory of one that was stopped.
    pub(crate) async fn start_in(
        directory: tempfile::TempDir,
        settings: &str,
        judge: impl Judge + 'static,
    ) -> Self {
        Self::begin(directory, settings, judge, None).await
    }

    /// A gateway that a witness looks at.
    pub(crate) async fn start_seen(
        settings: &str,
        judge: impl Judge + 'static,
        witness: Option<Arc<dyn Witness>>,
    ) -> Self {
        Self::begin(tempfile::tempdir().unwrap(), settings, judge, witness).await
    }

    async fn begin(
        directory: tempfile::TempDir,
        settings: &str,
        judge: impl Judge + 'static,
        witness: Option<Arc<dyn Witness>>,
    ) -> Self {
        let settings: Settings = serde_json::from_str(settings).unwrap();
        let key = PrivateKey::ed25519(&[9; 32]).unwrap();
        let log = Log::open(directory.path(), &settings.receipts, Some(key)).unwrap();
        let usage = directory.path().join("usage.json");
        let gateway = Gateway::with_usage(settings, Arc::new(judge), Some(log), &usage);
        let mut gateway = gateway.unwrap().unwrap().owned_by(OWNER);
        if let Some(witness) = witness {
            gateway = gateway.with_witness(witness);
        }
        let (reload, desk) = (gateway.reload(), gateway.desk());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let done = tokio::spawn(async move {
            let stopped = async {
                let _ = stopped.await;
            };
            serve(gateway, listener, stopped).await.unwrap();
        });
        Self {
            base,
            reload,
            desk,
            directory,
            client: Client::builder(TokioExecutor::new()).build_http(),
            stop: Some(stop),
            done,
        }
    }

    /// A gateway with one upstream that has a key of its own, and no virtual keys.
    pub(crate) async fn simple(upstream: &Upstream) -> Self {
        Self::start(&one(upstream, ""), Observe).await
    }

    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Told {
        self.ask(Method::POST, path, headers, body.as_bytes()).await
    }

    /// Sends a request, and gives its answer once its head is there.
    pub(crate) async fn open(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Response<Incoming> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request
            .body(Full::new(Bytes::copy_from_slice(body)))
            .unwrap();
        self.client.request(request).await.unwrap()
    }

    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Told {
        let response = self.open(method, path, headers, body).await;
        let (head, mut body) = response.into_parts();
        let mut whole = Vec::new();
        let mut is_whole = true;
        while let Some(frame) = body.frame().await {
            match frame {
                Ok(frame) => whole.extend_from_slice(&frame.into_data().unwrap_or_default()),
                Err(_) => {
                    is_whole = false;
                    break;
                }
            }
        }
        Told {
            status: head.status,
            headers: head.headers,
            body: whole.into(),
            is_whole,
        }
    }

    /// The receipts so far, each as it stands.
    pub(crate) fn receipts(&self) -> Vec<serde_json::Value> {
        let path = self.directory.path().join("receipts-000001.jsonl");
        let text = std::fs::read_to_string(path).unwrap();
        text.lines()
            .map(|line| {
                assert!(Entry::from_line(line).is_ok(), "{line}");
                serde_json::from_str(line).unwrap()
            })
            .collect()
    }

    /// Stops, and waits until all is written.
    pub(crate) async fn stop(mut self) -> tempfile::TempDir {
        drop(self.client);
        let _ = self.stop.take().unwrap().send(());
        self.done.await.unwrap();
        self.directory
    }
}

/// Settings with one upstream; `more` begins with a comma.
pub(crate) fn one(upstream: &Upstream, more: &str) -> String {
    format!(
        "{{\"upstreams\": {{\"models\": {{\"url\": \"http://{}\", \"auth\": \"none\", \"retries\": 0}}}}{more}}}",
        upstream.address
    )
}

/// What virtual keys look like in settings.
pub(crate) fn key(secret: &str) -> String {
    stance_core::digest::sha256_hex(secret.as_bytes())
}

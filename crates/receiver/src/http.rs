//! OTLP/HTTP, by the protocol's own specification (opentelemetry-proto, `docs/specification.md`).

use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use hyper::{Method, Request, Response, StatusCode};
use stance_telemetry::otlp::answer::{self, Outcome, Signal};
use stance_telemetry::otlp::{Rejected, grpc as frames};

use crate::body::{self, Body, Wrong};
use crate::intake;
use crate::keep::Admitted;
use crate::listen::Receiver;
use crate::take::{Encoding, Form};

/// How long a body may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long those wait who are told to come back, in seconds.
pub(crate) const PAUSE: u32 = 2;

/// Answers a request of either kind.
pub(crate) async fn handle(
    receiver: Receiver,
    request: Request<Incoming>,
    peer: IpAddr,
) -> Response<Body> {
    if let Some(at) = frames::PATHS
        .iter()
        .position(|path| *path == request.uri().path())
    {
        let signal = [Signal::Traces, Signal::Logs, Signal::Metrics]
            .get(at)
            .copied()
            .unwrap_or(Signal::Traces);
        return crate::grpc::handle(receiver, request, peer, signal).await;
    }
    let Some(signal) = Signal::of_path(request.uri().path()) else {
        return plain(
            StatusCode::NOT_FOUND,
            "OTLP is taken at /v1/traces, /v1/logs and /v1/metrics",
        );
    };
    if request.method() != Method::POST {
        return plain(StatusCode::METHOD_NOT_ALLOWED, "OTLP is sent with POST");
    }
    let encoding = match media_type(request.headers()) {
        "application/x-protobuf" => Encoding::Protobuf,
        "application/json" => Encoding::Json,
        _ => {
            let figures = &receiver.intake.figures;
            figures.refused.fetch_add(1, Ordering::Relaxed);
            return plain(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "OTLP is application/x-protobuf or application/json",
            );
        }
    };
    match take(&receiver, request, peer, signal, encoding).await {
        Ok(rejected) => taken(signal, encoding, &rejected),
        Err((wrong, pause)) => refused(encoding, &wrong, pause),
    }
}

/// Takes a request in, or says why not and when it is worth trying again.
async fn take(
    receiver: &Receiver,
    request: Request<Incoming>,
    peer: IpAddr,
    signal: Signal,
    encoding: Encoding,
) -> Result<Rejected, (Wrong, u32)> {
    let done = async {
        admit(receiver, request.headers(), peer).await?;
        let packed = is_packed(request.headers(), &CONTENT_ENCODING).map_err(now)?;
        let place = receiver.intake.room().await.map_err(now)?;
        let most = receiver.intake.most();
        let reading = body::whole(request.into_body(), most);
        let body = tokio::time::timeout(PATIENCE, reading)
            .await
            .map_err(|_| now(Wrong(Outcome::Bad, "the request took too long".to_owned())))?
            .map_err(now)?;
        let request = intake::Request {
            form: Form::Otlp(signal, encoding),
            service: None,
            packed,
            body,
        };
        let done = receiver.intake.take(request).await.map_err(now);
        drop(place);
        done.map(|done| done.taken.rejected)
    };
    let done = done.await;
    count(receiver, done.as_ref().err().map(|(wrong, _)| wrong.0));
    done
}

const fn now(wrong: Wrong) -> (Wrong, u32) {
    (wrong, PAUSE)
}

/// Counts how a request ended.
pub(crate) fn count(receiver: &Receiver, wrong: Option<Outcome>) {
    let figures = &receiver.intake.figures;
    let counter = match wrong {
        None => &figures.taken,
        Some(Outcome::Later) => &figures.later,
        Some(_) => &figures.refused,
    };
    counter.fetch_add(1, Ordering::Relaxed);
}

/// Lets somebody in, or says why not.
pub(crate) async fn admit(
    receiver: &Receiver,
    headers: &HeaderMap,
    peer: IpAddr,
) -> Result<(), (Wrong, u32)> {
    match receiver.admit.admit(headers, peer).await {
        Admitted::Yes => Ok(()),
        Admitted::NotKnown => Err(now(Wrong(
            Outcome::NotKnown,
            "send a token with the scope `ingest` as `Authorization: Bearer stance_...`".to_owned(),
        ))),
        Admitted::NotAllowed => Err(now(Wrong(
            Outcome::NotAllowed,
            "the token lacks the scope `ingest`".to_owned(),
        ))),
        Admitted::Later(pause) => Err((
            Wrong(Outcome::Later, "too much is asked; come back".to_owned()),
            pause,
        )),
    }
}

/// Whether a body is packed, as a header says; an error for what is not understood.
pub(crate) fn is_packed(
    headers: &HeaderMap,
    name: &hyper::header::HeaderName,
) -> Result<bool, Wrong> {
    match headers.get(name).map(HeaderValue::as_bytes) {
        None | Some(b"" | b"identity") => Ok(false),
        Some(b"gzip") => Ok(true),
        Some(_) => Err(Wrong(
            Outcome::Unsupported,
            "bodies are taken plain or as gzip".to_owned(),
        )),
    }
}

/// The media type of a request, without its parameters.
pub(crate) fn media_type(headers: &HeaderMap) -> &str {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim()
}

fn taken(signal: Signal, encoding: Encoding, rejected: &Rejected) -> Response<Body> {
    let body = match encoding {
        Encoding::Protobuf => answer::protobuf(rejected),
        Encoding::Json => answer::json(signal, rejected).into_bytes(),
    };
    respond(StatusCode::OK, encoding, body)
}

fn refused(encoding: Encoding, wrong: &Wrong, pause: u32) -> Response<Body> {
    let Wrong(outcome, message) = wrong;
    let body = match encoding {
        Encoding::Protobuf => answer::protobuf_error(*outcome, message),
        Encoding::Json => answer::json_error(*outcome, message).into_bytes(),
    };
    let status = StatusCode::from_u16(outcome.http()).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = respond(status, encoding, body);
    if *outcome == Outcome::Later {
        let pause = HeaderValue::from(pause);
        response.headers_mut().insert(RETRY_AFTER, pause);
    }
    response
}

fn respond(status: StatusCode, encoding: Encoding, body: Vec<u8>) -> Response<Body> {
    let kind = match encoding {
        Encoding::Protobuf => "application/x-protobuf",
        Encoding::Json => "application/json",
    };
    let mut response = Response::new(Body::of(body));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static(kind);
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// An answer to what is no OTLP.
pub(crate) fn plain(status: StatusCode, message: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::of(format!("{message}\n")));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

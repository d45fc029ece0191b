//! OTLP/gRPC: three unary calls over HTTP/2, with one frame each way and the status in the trailers.

use std::net::IpAddr;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode, Version};
use stance_telemetry::Limits;
use stance_telemetry::otlp::answer::{self, Outcome, Signal};
use stance_telemetry::otlp::{Rejected, grpc};

use crate::body::{self, Body, Wrong};
use crate::http::{admit, count, is_packed, media_type, plain};
use crate::intake;
use crate::listen::Receiver;
use crate::take::{Encoding, Form};

/// How long a call may take until all of it is there.
const PATIENCE: Duration = Duration::from_secs(30);

/// Bytes before the message of a frame.
const HEAD: usize = 5;

const ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");
const STATUS: HeaderName = HeaderName::from_static("grpc-status");
const MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
const ACCEPTS: HeaderName = HeaderName::from_static("grpc-accept-encoding");
const PUSHBACK: HeaderName = HeaderName::from_static("grpc-retry-pushback-ms");

pub(crate) async fn handle(
    receiver: Receiver,
    request: Request<Incoming>,
    peer: IpAddr,
    signal: Signal,
) -> Response<Body> {
    let kind = media_type(request.headers());
    let is_call = kind == grpc::CONTENT_TYPE || kind == "application/grpc+proto";
    if request.version() != Version::HTTP_2 || request.method() != Method::POST || !is_call {
        count(&receiver, Some(Outcome::Unsupported));
        return plain(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "this path takes application/grpc over HTTP/2",
        );
    }
    let done = take(&receiver, request, peer, signal).await;
    count(&receiver, done.as_ref().err().map(|(wrong, _)| wrong.0));
    match done {
        Ok(rejected) => {
            let frame = grpc::frame(&answer::protobuf(&rejected));
            let mut trailers = HeaderMap::new();
            trailers.insert(STATUS, HeaderValue::from_static("0"));
            respond(Body::of(frame).with(trailers))
        }
        Err((Wrong(outcome, message), pause)) => {
            // An answer of trailers only: they stand in its head.
            let mut response = respond(Body::default());
            let headers = response.headers_mut();
            headers.insert(STATUS, HeaderValue::from(grpc::status(outcome)));
            if let Ok(message) = HeaderValue::from_str(&grpc::message(&message)) {
                headers.insert(MESSAGE, message);
            }
            if outcome == Outcome::Later {
                let pause = HeaderValue::from(u64::from(pause).saturating_mul(1000));
                headers.insert(PUSHBACK, pause);
            }
            response
        }
    }
}

async fn take(
    receiver: &Receiver,
    request: Request<Incoming>,
    peer: IpAddr,
    signal: Signal,
) -> Result<Rejected, (Wrong, u32)> {
    let now = |wrong| (wrong, crate::http::PAUSE);
    admit(receiver, request.headers(), peer).await?;
    let is_gzip = is_packed(request.headers(), &ENCODING).map_err(now)?;
    let place = receiver.intake.room().await.map_err(now)?;
    let most = receiver.intake.most();
    let reading = body::whole(request.into_body(), most.saturating_add(HEAD));
    let bad = |what: &str| now(Wrong(Outcome::Bad, what.to_owned()));
    let mut body = tokio::time::timeout(PATIENCE, reading)
        .await
        .map_err(|_| bad("the call took too long"))?
        .map_err(now)?;
    let limits = Limits {
        bytes: most,
        ..Limits::default()
    };
    let frame = grpc::unframe(&body, limits)
        .map_err(|refused| {
            let outcome = match refused {
                stance_telemetry::Refused::TooLarge { .. } => Outcome::TooLarge,
                _ => Outcome::Bad,
            };
            now(Wrong(outcome, refused.to_string()))
        })?
        .ok_or_else(|| bad("the call ended before its message"))?;
    let packed = frame.compressed;
    if packed && !is_gzip {
        return Err(bad(
            "the message is compressed and `grpc-encoding` does not say how",
        ));
    }
    body.drain(..HEAD);
    let request = intake::Request {
        form: Form::Otlp(signal, Encoding::Protobuf),
        service: None,
        packed,
        body,
    };
    let done = receiver.intake.take(request).await.map_err(now);
    drop(place);
    done.map(|done| done.taken.rejected)
}

fn respond(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(grpc::CONTENT_TYPE));
    headers.insert(ACCEPTS, HeaderValue::from_static("identity,gzip"));
    response
}

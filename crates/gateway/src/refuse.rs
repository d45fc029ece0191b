//! Answers of the gateway itself, in the form that a client of the dialect expects.

use bytes::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Response, StatusCode};
use stance_wire::Route;

use crate::body::Body;

/// An error of the gateway. `message` is for the caller, and never has words of the exchange.
pub(crate) fn refuse(route: Option<&Route>, status: StatusCode, message: &str) -> Response<Body> {
    let text = match route {
        Some(route) => stance_wire::refusal(route, message),
        None => serde_json::json!({"error": {"message": message, "type": "gateway", "code": status.as_u16()}}).to_string(),
    };
    let mut response = Response::new(Body::whole(Bytes::from(text)));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The answer of JSON-RPC to these requests; over HTTP it is no error.
pub(crate) fn refuse_ids(ids: &[String], message: &str) -> Response<Body> {
    let text = stance_wire::rpc::refusal(ids, message);
    let mut response = Response::new(Body::whole(Bytes::from(text)));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// As [`refuse`], with when it is worth asking again.
pub(crate) fn later(route: Option<&Route>, message: &str, seconds: u64) -> Response<Body> {
    let mut response = refuse(route, StatusCode::TOO_MANY_REQUESTS, message);
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

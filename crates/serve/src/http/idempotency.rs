//! Requests that are to count once: `Idempotency-Key`.
//!
//! The key is taken before the work begins and the answer is kept after it. If the process ends between, the key
//! stays taken and a repetition is refused: doing it twice would be worse than asking whether it was done.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use jiff::SignedDuration;
use sha2::{Digest as _, Sha256};
use stance_store::Accounts as _;
use stance_store::accounts::{Digest, Reserved};

use crate::app::App;
use crate::ask;
use crate::auth::Principal;
use crate::error::ApiError;
use crate::route::Listed;

/// How long an answer is kept.
const MEMORY: SignedDuration = SignedDuration::from_hours(24);

/// Longest key.
const MOST: usize = 200;

/// Largest answer that is kept.
const ANSWER: usize = 1 << 20;

/// How a request goes on.
pub(crate) enum Once {
    /// It has no key.
    Plain(Request),
    /// It was done before.
    Answered(Response),
    /// It is done for the first time.
    Reserved(Request, Reservation),
}

/// A key that was taken.
pub(crate) struct Reservation {
    principal: String,
    key: String,
}

pub(crate) async fn begin(
    app: &App,
    who: &Principal,
    row: &Listed,
    request: Request,
) -> Result<Once, ApiError> {
    let Some(key) = request.headers().get("idempotency-key") else {
        return Ok(Once::Plain(request));
    };
    if matches!(who, Principal::Nobody) {
        // Nobody has no answers of their own that could be kept apart.
        return Ok(Once::Plain(request));
    }
    let key = key.to_str().ok().filter(|key| {
        (1..=MOST).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    });
    let key = key
        .ok_or_else(|| {
            ApiError::bad_request(format!(
                "an `Idempotency-Key` is 1 to {MOST} visible ASCII characters"
            ))
        })?
        .to_owned();
    let principal = who.name();
    let (parts, body) = request.into_parts();
    let whole = ask::body(Request::from_parts(parts.clone(), body)).await?;
    let digest: Digest = Sha256::new()
        .chain_update(row.method.as_str())
        .chain_update([0])
        .chain_update(parts.uri.to_string())
        .chain_update([0])
        .chain_update(&whole)
        .finalize()
        .into();
    let reservation = Reservation { principal, key };
    let (principal, key) = (reservation.principal.clone(), reservation.key.clone());
    let now = app.clock.now();
    let expires = now.checked_add(MEMORY).map_err(ApiError::internal)?;
    let reserved = app
        .db
        .write(move |store| Ok(store.reserve(&principal, &key, &digest, now, expires)?))
        .await?;
    match reserved {
        Reserved::New => Ok(Once::Reserved(
            Request::from_parts(parts, Body::from(whole)),
            reservation,
        )),
        Reserved::Done { status, body } => Ok(Once::Answered(again(status, body))),
        Reserved::Unfinished => Err(ApiError::conflict(
            "a request with this `Idempotency-Key` is being worked on, or was when the server ended; look whether it was done",
        )),
        Reserved::Other => Err(ApiError::invalid(
            "Idempotency-Key",
            "it was used for another request; take a new one",
        )),
    }
}

/// What was answered the first time.
fn again(status: u16, body: String) -> Response {
    let kind = if status < 400 {
        "application/json"
    } else {
        "application/problem+json"
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(
        HeaderName::from_static("idempotency-replayed"),
        HeaderValue::from_static("true"),
    );
    response
}

/// Whether the answer must be kept nowhere.
fn is_secret(response: &Response) -> bool {
    let keep = response.headers().get(CACHE_CONTROL);
    keep.is_some_and(|keep| keep == "no-store")
}

/// Keeps the answer, or lets go of the key when nothing was done.
pub(crate) async fn settle(
    app: &App,
    reservation: Reservation,
    outcome: Result<Response, ApiError>,
) -> Result<Response, ApiError> {
    let Reservation { principal, key } = reservation;
    let (kept, outcome) = match outcome {
        // An error is no outcome: what was wrong can be put right and sent again.
        Ok(response) if response.status().is_success() && is_secret(&response) => {
            let done = ApiError::conflict(
                "the request was done before; its answer held a secret and was not kept",
            );
            let body = serde_json::to_string(&done.problem("")).map_err(ApiError::internal)?;
            (Some((409, body)), Ok(response))
        }
        Ok(response) if response.status().is_success() => {
            let (parts, body) = response.into_parts();
            let bytes = axum::body::to_bytes(body, ANSWER)
                .await
                .map_err(ApiError::internal)?;
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let kept = Some((parts.status.as_u16(), text));
            (kept, Ok(Response::from_parts(parts, Body::from(bytes))))
        }
        other => (None, other),
    };
    app.db
        .write(move |store| {
            let answer = kept.as_ref().map(|(status, body)| (*status, body.as_str()));
            Ok(store.settle(&principal, &key, answer)?)
        })
        .await?;
    outcome
}

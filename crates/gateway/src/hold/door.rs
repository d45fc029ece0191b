//! Where decisions come in: `GET /-/asks` and `POST /-/asks/ID` of the gateway's own address.
//!
//! Whoever runs the gateway brings its key; a webhook that answers later brings a signature, or the token of its question.

use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};
use stance_core::approval::{Desk as _, NotTaken, Way};
use subtle::ConstantTimeEq as _;

use super::{digest, webhook};
use crate::body::Body;
use crate::state::{Ready, Shared};

/// Where it is.
pub(crate) const PATH: &str = "/-/asks";

type Answer = Result<Value, (StatusCode, String)>;

/// Answers a request about questions.
pub(crate) async fn door(
    ready: &Ready,
    shared: &Shared,
    request: Request<Incoming>,
) -> Response<Body> {
    let (status, told) = match answer(ready, shared, request).await {
        Ok(told) => (StatusCode::OK, told),
        Err((status, message)) => (status, json!({"error": {"message": message}})),
    };
    let mut response = Response::new(Body::whole(told.to_string().into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn answer(ready: &Ready, shared: &Shared, request: Request<Incoming>) -> Answer {
    let (head, body) = request.into_parts();
    let gone = || (StatusCode::NOT_FOUND, "There is nothing here.".to_owned());
    let rest = head.uri.path().strip_prefix(PATH).ok_or_else(gone)?;
    let is_owner = shared.owner.is_some_and(|owner| {
        bearer(&head.headers).is_some_and(|key| bool::from(digest(key).ct_eq(&owner)))
    });
    match (&head.method, rest) {
        (&Method::GET, "" | "/") => {
            if !is_owner {
                return Err(stranger());
            }
            let decided: Vec<Value> = shared
                .desk
                .decided()
                .into_iter()
                .map(|(question, decided)| json!({"question": question, "decided": decided}))
                .collect();
            Ok(json!({
                "waiting": shared.desk.waiting(),
                "decided": decided,
                "remembers": shared.desk.remembers(),
            }))
        }
        (&Method::POST, id) => {
            let id = id
                .strip_prefix('/')
                .filter(|id| is_id(id))
                .ok_or_else(gone)?;
            let patience = ready.settings.request_timeout.whole();
            let body = Limited::new(body, webhook::LONGEST).collect();
            let body = tokio::time::timeout(patience, body)
                .await
                .map_err(|_| {
                    (
                        StatusCode::REQUEST_TIMEOUT,
                        "The answer took too long.".to_owned(),
                    )
                })?
                .map_err(|_| {
                    (
                        StatusCode::PAYLOAD_TOO_LARGE,
                        "An answer has at most 16 KiB.".to_owned(),
                    )
                })?
                .to_bytes();
            let way = match is_owner {
                true => Way::Person,
                false if is_webhook(ready, shared, &head.headers, id, &body) => Way::Webhook,
                false => return Err(stranger()),
            };
            let who = if is_owner {
                "the gateway's owner"
            } else {
                "webhook"
            };
            let decision =
                webhook::decision(&body, who).map_err(|what| (StatusCode::BAD_REQUEST, what))?;
            let allow = decision.allow;
            shared.desk.decide(id, way, decision).map_err(refused)?;
            Ok(json!({"id": id, "decision": if allow { "allow" } else { "deny" }}))
        }
        _ => Err((
            StatusCode::METHOD_NOT_ALLOWED,
            "GET /-/asks lists questions, POST /-/asks/ID answers one.".to_owned(),
        )),
    }
}

/// Whether an answer comes from the webhook: by its signature over this question and body, or by the question's own token.
fn is_webhook(ready: &Ready, shared: &Shared, headers: &HeaderMap, id: &str, body: &[u8]) -> bool {
    let signed = ready
        .ask
        .as_ref()
        .and_then(|ask| ask.secret.as_ref())
        .is_some_and(|secret| {
            let now = Timestamp::now().as_second();
            secret.verifies(headers, &webhook::answered(id), body, now)
        });
    signed || bearer(headers).is_some_and(|token| shared.desk.opens(id, &digest(token)))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

fn is_id(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn stranger() -> (StatusCode, String) {
    let message = "This needs the gateway's own key, or the signature or token of the question.";
    (StatusCode::UNAUTHORIZED, message.to_owned())
}

fn refused(not: NotTaken) -> (StatusCode, String) {
    match not {
        NotTaken::NotWaiting => (
            StatusCode::NOT_FOUND,
            "This question does not wait: it was answered, its time is over, or its caller went away.".to_owned(),
        ),
        NotTaken::NotRemembered => (
            StatusCode::CONFLICT,
            "Decisions are not remembered here: `remember` of `[gateway.ask]` is 0, or nobody knows who asked.".to_owned(),
        ),
    }
}

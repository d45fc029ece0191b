//! Where decisions come in: `GET /-/asks` and `POST /-/asks/ID` of the gateway's own address.
//!
//! Whoever runs the gateway brings its key; a webhook that answers later brings a signature, or the token of its question.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use jiff::Timestamp;
use serde_json::{Value, json};
use stance_core::approval::{Desk as _, NotTaken, Way};
use subtle::ConstantTimeEq as _;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::{Ready, Waiting, digest, webhook};
use crate::body::Body;

/// Where it is.
pub(crate) const PATH: &str = "/-/asks";

type Answer = Result<Value, (StatusCode, String)>;

/// Where people and webhooks decide.
pub(crate) struct Door<'d> {
    pub(crate) desk: &'d Waiting,
    /// The key of whoever runs the gateway, as a digest.
    pub(crate) owner: Option<[u8; 32]>,
    /// Who is asked.
    pub(crate) ask: Option<&'d Ready>,
    /// How long an answer may take to be there.
    pub(crate) patience: Duration,
}

impl Door<'_> {
    /// Answers a request about questions.
    pub(crate) async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let (status, told) = match answer(self, request).await {
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
}

async fn answer(door: &Door<'_>, request: Request<Incoming>) -> Answer {
    let (head, body) = request.into_parts();
    let gone = || (StatusCode::NOT_FOUND, "There is nothing here.".to_owned());
    let rest = head.uri.path().strip_prefix(PATH).ok_or_else(gone)?;
    let is_owner = door.owner.is_some_and(|owner| {
        bearer(&head.headers).is_some_and(|key| bool::from(digest(key).ct_eq(&owner)))
    });
    match (&head.method, rest) {
        (&Method::GET, "" | "/") => {
            if !is_owner {
                return Err(stranger());
            }
            let decided: Vec<Value> = door
                .desk
                .decided()
                .into_iter()
                .map(|(question, decided)| json!({"question": question, "decided": decided}))
                .collect();
            Ok(json!({
                "waiting": door.desk.waiting(),
                "decided": decided,
                "remembers": door.desk.remembers(),
            }))
        }
        (&Method::POST, id) => {
            let id = id
                .strip_prefix('/')
                .filter(|id| is_id(id))
                .ok_or_else(gone)?;
            let body = Limited::new(body, webhook::LONGEST).collect();
            let body = tokio::time::timeout(door.patience, body)
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
                false if is_webhook(door, &head.headers, id, &body) => Way::Webhook,
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
            door.desk.decide(id, way, decision).map_err(refused)?;
            Ok(json!({"id": id, "decision": if allow { "allow" } else { "deny" }}))
        }
        _ => Err((
            StatusCode::METHOD_NOT_ALLOWED,
            "GET /-/asks lists questions, POST /-/asks/ID answers one.".to_owned(),
        )),
    }
}

/// Whether an answer comes from the webhook: by its signature over this question and body, or by the question's own token.
fn is_webhook(door: &Door<'_>, headers: &HeaderMap, id: &str, body: &[u8]) -> bool {
    let signed = door
        .ask
        .and_then(|ask| ask.secret.as_ref())
        .is_some_and(|secret| {
            let now = Timestamp::now().as_second();
            secret.verifies(headers, &webhook::answered(id), body, now)
        });
    signed || bearer(headers).is_some_and(|token| door.desk.opens(id, &digest(token)))
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

/// How many may ask about questions at once, where nothing else is asked for.
const CALLERS: usize = 16;

/// How long a request about questions may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

/// Answers requests about questions, and no others, until this is dropped: where there is no gateway that does. `ask` gives
/// who is asked now.
pub(crate) async fn listen(
    listener: TcpListener,
    desk: Arc<Waiting>,
    key: &str,
    ask: impl Fn() -> Option<Arc<Ready>> + Clone + Send + 'static,
) {
    let owner = digest(key);
    let room = Arc::new(Semaphore::new(CALLERS));
    loop {
        let Ok(seat) = room.clone().acquire_owned().await else {
            return;
        };
        let Ok((socket, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let (desk, ask) = (desk.clone(), ask.clone());
        let service = service_fn(move |request: Request<Incoming>| {
            let (desk, ask) = (desk.clone(), ask());
            async move {
                let door = Door {
                    desk: &desk,
                    owner: Some(owner),
                    ask: ask.as_deref(),
                    patience: PATIENCE,
                };
                Ok::<_, std::convert::Infallible>(door.answer(request).await)
            }
        });
        tokio::spawn(async move {
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(PATIENCE)
                .serve_connection(TokioIo::new(socket), service);
            // Nobody is kept waiting by one who says nothing.
            let _ = tokio::time::timeout(4 * PATIENCE, connection).await;
            drop(seat);
        });
    }
}

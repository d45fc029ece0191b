//! One exchange, from the first byte of its request to the last of its answer.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use hyper::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, EXPECT, HOST, HeaderMap,
    HeaderName, HeaderValue, TRANSFER_ENCODING,
};
use hyper::{Request, Response, StatusCode};
use jiff::Timestamp;
use stance_core::approval::Held;
use stance_core::traffic::Action;
use stance_wire::{Limits, Reading, Route, recognise};
use tokio::sync::watch;

use crate::answer;
use crate::body::Body;
use crate::caller;
use crate::hold;
use crate::identity::Caller;
use crate::judge::{Counting, Counts, Ended, Interaction, Ruling, Subject};
use crate::limit;
use crate::mcp;
use crate::receipt::{Receipt, Scanned, short};
use crate::refuse::{is_for_a_person, refuse_ids, unrecorded, welcome};
use crate::settings::{Kind, Unreadable, fits};
use crate::spend::Spending;
use crate::state::{Ready, Shared};
use crate::tls::Peer;
use crate::upstream::Upstream;
use crate::witness::{self, About};

/// What names an exchange for good, on its answer.
pub(crate) const ID: HeaderName = HeaderName::from_static("x-stance-interaction");

/// What a caller says that its exchanges belong together by.
pub(crate) const SESSION: &str = "x-stance-session";

/// How many times the limit is read of a request that is over it: a client that still sends would never see the answer.
const DRAINED: usize = 8;

/// An exchange that is under way.
pub(crate) struct Exchange {
    pub(crate) ready: Arc<Ready>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) route: Option<Route>,
    pub(crate) receipt: Receipt,
    pub(crate) counts: Counts,
    pub(crate) interaction: Option<Box<dyn Interaction>>,
    pub(crate) began: Instant,
    /// What it uses up, and of whose.
    pub(crate) spending: Spending,
    /// Whether a person looks at the answer.
    pub(crate) is_page: bool,
    /// Whether the caller's library is one of Gemini that passes over empty lines in a stream.
    pub(crate) is_genai: bool,
    /// Whether the caller still waits for the head of the answer.
    pub(crate) line: Line,
    /// The ids of the messages of A2A that are to be answered, as they were written.
    pub(crate) ids: Vec<String>,
    /// Where the gateway is for the caller, who asks an agent for its card.
    pub(crate) public: Option<mcp::http::Public>,
    /// What is gathered for a witness, where there is one.
    pub(crate) about: Option<About>,
}

/// Tells when a caller went away before its answer began.
#[derive(Clone)]
pub(crate) struct Line(watch::Receiver<()>);

impl Line {
    /// A caller's, and what it is there by: dropped once it is gone.
    pub(crate) fn new() -> (watch::Sender<()>, Self) {
        let (stays, seen) = watch::channel(());
        (stays, Self(seen))
    }

    /// Ends when it is gone.
    pub(crate) async fn left(mut self) {
        while self.0.changed().await.is_ok() {}
    }
}

/// Answers a request.
pub(crate) async fn handle(
    ready: Arc<Ready>,
    shared: Arc<Shared>,
    request: Request<Incoming>,
    line: Line,
) -> Response<Body> {
    if request.method().is_safe() && request.uri().path() == "/" {
        let names = ready.upstreams.keys().map(String::as_str);
        return welcome(request.headers(), names);
    }
    if request.uri().path().starts_with(hold::PATH) {
        let door = hold::Door {
            desk: &shared.desk,
            owner: shared.owner,
            ask: ready.ask.as_deref(),
            patience: ready.settings.request_timeout.whole(),
        };
        return door.answer(request).await;
    }
    shared.figures.requests.fetch_add(1, Ordering::Relaxed);
    let id = new_id();
    let about = shared
        .witness
        .as_ref()
        .map(|_| About::new(ready.settings.keep_words));
    let mut exchange = Exchange {
        about,
        ready,
        shared,
        route: None,
        receipt: Receipt {
            id: id.clone(),
            ..Receipt::default()
        },
        counts: Counts::default(),
        interaction: None,
        began: Instant::now(),
        spending: Spending::default(),
        is_page: is_for_a_person(request.headers()),
        is_genai: hold::is_genai(request.headers()),
        line,
        ids: Vec::new(),
        public: None,
    };
    let mut response = match exchange.run(request).await {
        Ok(Going::Answered(passed)) => passed.finish(exchange).await,
        Ok(Going::Mcp(call)) => call.finish(exchange).await,
        Err(refused) => exchange.refuse(refused).await,
    };
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(ID, value);
    }
    response
}

/// Why a request is not answered by an upstream.
pub(crate) struct Refused {
    pub(crate) status: StatusCode,
    /// For the caller.
    pub(crate) message: String,
    /// For the receipt, where it differs.
    pub(crate) reason: Option<String>,
    pub(crate) after: Option<u64>,
}

impl Refused {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            reason: None,
            after: None,
        }
    }
}

/// How a request goes on that may.
enum Going {
    /// It was answered.
    Answered(Passed),
    /// It is one of MCP, of which each message is judged.
    Mcp(Box<mcp::http::Call>),
}

/// An answer that came from an upstream.
pub(crate) struct Passed {
    pub(crate) response: Response<Incoming>,
    pub(crate) upstream: Arc<Upstream>,
}

impl Passed {
    async fn finish(self, exchange: Exchange) -> Response<Body> {
        answer::carry(exchange, self.response, self.upstream.settings.patience()).await
    }
}

impl Exchange {
    async fn run(&mut self, request: Request<Incoming>) -> Result<Going, Refused> {
        let (mut head, body) = request.into_parts();
        let ready = self.ready.clone();
        let mut target = head
            .uri
            .path_and_query()
            .map_or("/", hyper::http::uri::PathAndQuery::as_str)
            .to_owned();
        if !ready.settings.keys.is_empty()
            && let Some((without, key)) = caller::key_of_query(&target)
        {
            if let Ok(key) = HeaderValue::from_str(key) {
                head.headers.entry(caller::GOOGLE).or_insert(key);
            }
            target = without;
        }
        if let Some(named) =
            mcp::http::discovery(&target, |name| ready.upstreams.contains_key(name))
        {
            target = named;
        }
        let Some((upstream, path)) = ready.upstream(&target) else {
            let names: Vec<&str> = ready.upstreams.keys().map(String::as_str).collect();
            return Err(Refused::new(
                StatusCode::NOT_FOUND,
                format!(
                    "The path has to begin with the name of an upstream: {}.",
                    names.join(", ")
                ),
            ));
        };
        self.receipt.upstream.clone_from(&upstream.name);
        let session = head
            .headers
            .get(SESSION)
            .and_then(|value| value.to_str().ok())
            .map(short);
        if let Some(about) = &mut self.about {
            about.session.clone_from(&session);
            about.trace = witness::trace(&head.headers);
            about.provider = witness::provider(&upstream.address.host);
        }
        let kind = mcp::http::kind(&upstream.settings, path);
        let route = match kind {
            Kind::Mcp => Some(Route::mcp()),
            Kind::A2a => Some(Route::a2a()),
            Kind::Models => recognise(
                head.method.as_str(),
                path,
                Some(upstream.address.host.as_str()),
            ),
        };
        self.receipt.operation = route.as_ref().map_or_else(
            || "unknown".to_owned(),
            |route| route.operation.name().to_owned(),
        );
        self.route.clone_from(&route);
        let peer = head.extensions.get::<Arc<Peer>>().cloned();
        let known = ready.identities.recognise(
            &head.headers,
            peer.as_deref(),
            ready.trust.as_ref(),
            &self.shared.connections,
        );
        let caller = &match known.await {
            Ok(caller) => caller,
            // How a client finds out whom to ask for a token, before it has one.
            Err(_) if kind != Kind::Models && mcp::http::is_discovery(&head.method, path) => {
                Caller::default()
            }
            Err(stranger) => {
                return Err(Refused {
                    reason: stranger.reason,
                    ..Refused::new(stranger.status, stranger.message)
                });
            }
        };
        self.admit(caller, upstream)?;
        if kind != Kind::Models {
            mcp::http::origin(&ready.settings, &head)?;
        }
        if kind == Kind::Mcp {
            let prefix = target.strip_suffix(path).unwrap_or_default().to_owned();
            return Ok(Going::Mcp(Box::new(mcp::http::Call {
                caller: caller.clone(),
                upstream: upstream.clone(),
                path: path.to_owned(),
                prefix,
                head,
                body,
            })));
        }
        let mut interaction = ready.judge.begin(Subject {
            identity: self.receipt.identity.clone(),
            upstream: upstream.name.clone(),
            address: Some(upstream.settings.url.clone()),
            operation: self.receipt.operation.clone(),
            id: self.receipt.id.clone(),
            session,
            ..Subject::default()
        });
        if ready.ask.is_some() {
            interaction.can_hold();
        }
        self.interaction = Some(interaction);
        if kind == Kind::A2a && mcp::http::is_discovery(&head.method, path) {
            let prefix = target.strip_suffix(path).unwrap_or_default();
            self.public = mcp::http::Public::of(&head, upstream, prefix);
        }
        let mut headers = head.headers;
        let body = self.collect(body, &mut headers).await?;
        let body = self.judge(route.as_ref(), body, caller, upstream)?;
        let left = self.line.clone().left();
        self.hold(Held::Request, left)
            .await
            .map_err(|message| Refused::new(StatusCode::FORBIDDEN, self.told(&message)))?;
        prepare(&mut headers);
        // Also where the upstream takes none: what proves something here never leaves.
        caller.clear(&mut headers);
        self.ask(upstream, &head.method, path, &headers, &body, caller)
            .await
            .map(Going::Answered)
    }

    /// Whether the caller may use this upstream now.
    fn admit(&mut self, caller: &Caller, upstream: &Upstream) -> Result<(), Refused> {
        self.receipt.identity = caller.name().map(str::to_owned);
        self.receipt.proven = caller.proofs();
        self.spending.names = limit::names(caller.held());
        if let Some(held) = caller.keeps_from_upstream(&upstream.name) {
            let message = format!("This key may not use the upstream {}.", upstream.name);
            return Err(self.forbidden(&message, &format!("{}.upstreams", held.place)));
        }
        let limits = &self.shared.limits;
        limits
            .take(caller.held(), Timestamp::now(), Instant::now())
            .map_err(|over| self.over(over))
    }

    /// All of a request's body, without compression.
    pub(crate) async fn collect(
        &mut self,
        body: Incoming,
        headers: &mut HeaderMap,
    ) -> Result<Bytes, Refused> {
        let most = self.ready.settings.body_limit.bytes();
        let patience = self.ready.settings.request_timeout.whole();
        let too_large = || {
            Refused::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("A request has at most {} MiB here.", most >> 20),
            )
        };
        let waits = headers.get(EXPECT).is_some();
        if waits && body.size_hint().lower() > most as u64 {
            return Err(too_large());
        }
        let reading = tokio::time::timeout(patience, read(body, most)).await;
        let whole = reading
            .map_err(|_| Refused::new(StatusCode::REQUEST_TIMEOUT, "The request took too long."))?;
        let mut whole = whole
            .map_err(|_| {
                Refused::new(StatusCode::BAD_REQUEST, "The request ended before its end.")
            })?
            .ok_or_else(too_large)?;
        self.receipt.request_bytes = whole.len() as u64;
        match headers.get(CONTENT_ENCODING).map(HeaderValue::as_bytes) {
            None | Some(b"identity" | b"") => {}
            Some(b"gzip") => {
                whole = answer::unpacked(&whole, most).map_err(|what| {
                    Refused::new(StatusCode::BAD_REQUEST, format!("The request {what}."))
                })?;
                headers.remove(CONTENT_ENCODING);
            }
            Some(_) if self.ready.settings.unreadable == Unreadable::Pass => {
                self.gap("the request is compressed in a way that is not read");
                self.route = None;
            }
            Some(_) => {
                return Err(Refused::new(
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    "Requests are read plain or as gzip.",
                ));
            }
        }
        Ok(whole.into())
    }

    /// What is said to be not judged.
    pub(crate) fn gap(&mut self, what: &str) {
        self.receipt.missed(&[stance_core::exchange::Unjudged {
            pointer: String::new(),
            what: what.to_owned(),
        }]);
    }

    /// Has a request judged; gives the body that goes on.
    fn judge(
        &mut self,
        route: Option<&Route>,
        body: Bytes,
        caller: &Caller,
        upstream: &Upstream,
    ) -> Result<Bytes, Refused> {
        let passes = self.ready.settings.unreadable == Unreadable::Pass;
        let Some(route) = route else {
            if !passes || self.counts_all(caller) {
                return Err(Refused::new(
                    StatusCode::FORBIDDEN,
                    "This gateway does not know this operation, and passes only what it can judge.",
                ));
            }
            self.gap("an operation that is not known");
            return Ok(body);
        };
        let began = Instant::now();
        let limits = Limits {
            body: self.ready.settings.body_limit.bytes(),
            ..Limits::default()
        };
        let reading = if body.is_empty() {
            let mut reading = Reading::not_judged(route.operation.name());
            reading.exchange.model.clone_from(&route.model);
            reading
        } else {
            match stance_wire::read_request(route, &body, &limits) {
                Ok(reading) => {
                    self.correlate(route, &body, &limits)?;
                    reading
                }
                // Which model it asks for is not known then, so it cannot be held against a list of them, nor has it a price.
                Err(fault)
                    if passes
                        && upstream.settings.models.is_empty()
                        && !caller.lists_models()
                        && !self.counts_all(caller) =>
                {
                    self.gap(&format!("the request cannot be read: {fault}"));
                    return Ok(body);
                }
                Err(fault) => {
                    return Err(Refused {
                        reason: Some(fault.to_string()),
                        ..Refused::new(
                            StatusCode::BAD_REQUEST,
                            "The request cannot be read, and passes only what can be judged.",
                        )
                    });
                }
            }
        };
        let asked = &reading.exchange;
        self.receipt.model = asked.model.as_deref().map(short);
        self.receipt.stream = asked.stream;
        self.receipt.tools = asked.tools.len() as u64;
        self.receipt.missed(&asked.unjudged);
        if let Some(model) = &asked.model {
            let rule = if fits(&upstream.settings.models, model) {
                let held = caller.keeps_from_model(model);
                held.map(|held| format!("{}.models", held.place))
            } else {
                Some(format!("upstreams.{}.models", upstream.name))
            };
            if let Some(rule) = rule {
                return Err(self.forbidden("This model may not be used here.", &rule));
            }
        }
        self.afford(caller, upstream, asked)?;
        let refused = |message: String| Refused::new(StatusCode::FORBIDDEN, message);
        let Some(interaction) = self.interaction.as_mut() else {
            return Err(refused("Nothing judges here.".to_owned()));
        };
        if let Some(about) = &mut self.about {
            let kept = |text: &str| interaction.kept(text);
            about.pieces.whole(&asked.parts, false, &kept);
        }
        if let Ruling::Refuse(message) = interaction.request(asked) {
            return Err(refused(self.told(&message)));
        }
        let mut filter = Counting {
            inner: interaction.asked(),
            counts: &mut self.counts,
            pieces: None,
        };
        let rewritten = match reading.rewrite(&body, &mut filter) {
            std::borrow::Cow::Borrowed(_) => None,
            std::borrow::Cow::Owned(body) => Some(body),
        };
        if stance_wire::Filter::blocks(&filter) {
            let message = interaction.refusal();
            return Err(refused(self.told(&message)));
        }
        self.receipt.judging_us = micros(began);
        Ok(rewritten.map_or(body, Bytes::from))
    }

    /// Takes the ids of messages of A2A, which stand in every answer; what is none passes only where the settings say so.
    fn correlate(&mut self, route: &Route, body: &[u8], limits: &Limits) -> Result<(), Refused> {
        if route.operation != stance_wire::Operation::A2a {
            return Ok(());
        }
        let messages = stance_wire::rpc::messages(body, limits).unwrap_or_default();
        if messages.is_empty() && self.ready.settings.unreadable == Unreadable::Refuse {
            return Err(Refused::new(
                StatusCode::BAD_REQUEST,
                "This is no message of JSON-RPC, and passes only what can be judged.",
            ));
        }
        self.ids = messages.into_iter().filter_map(|it| it.id).collect();
        Ok(())
    }

    /// Answers in place of an upstream.
    pub(crate) async fn refuse(mut self, refused: Refused) -> Response<Body> {
        self.shared.figures.refused.fetch_add(1, Ordering::Relaxed);
        self.receipt.status = refused.status.as_u16();
        self.receipt.error = Some(refused.reason.unwrap_or_else(|| refused.message.clone()));
        let form = self.form();
        let ids = std::mem::take(&mut self.ids);
        if refused.status == StatusCode::FORBIDDEN || refused.status == StatusCode::UNAUTHORIZED {
            self.receipt.decision = Action::Block;
        }
        let is_closed = self.ready.is_closed_without_receipt();
        let written = self.close().await;
        if written.is_err() && is_closed {
            return unrecorded(&form);
        }
        match refused.after {
            Some(seconds) => form.later(&refused.message, seconds),
            None if !ids.is_empty() => refuse_ids(&ids, &refused.message),
            None => form.refuse(refused.status, &refused.message),
        }
    }

    /// Writes the receipt.
    pub(crate) async fn close(mut self) -> Result<(), String> {
        let now = Timestamp::now();
        let ended = Ended {
            status: self.receipt.status,
            usage: self.receipt.usage,
        };
        let told = self.interaction.as_mut().map(|it| {
            it.closed(now.as_millisecond(), &ended);
            it.told()
        });
        if let Some(told) = told {
            self.receipt.decision = self.receipt.decision.max(told.decision);
            self.receipt.reasons = told.reasons;
            self.receipt.policy = told.policy;
            self.receipt.classifier = told.classifier;
        }
        self.receipt.scanned = self
            .counts
            .bytes
            .iter()
            .map(|(origin, bytes)| Scanned {
                origin,
                bytes: *bytes,
            })
            .collect();
        for tool in self.counts.calls.values() {
            self.receipt.called(tool);
        }
        self.receipt.total_us = micros(self.began);
        if self.receipt.first_byte_us == 0 {
            self.receipt.first_byte_us = self.receipt.total_us;
        }
        self.spend(now);
        let written = self.record(now).await;
        if let (Some(about), Some(witness)) = (self.about.take(), &self.shared.witness) {
            if written.is_err() && self.ready.is_closed_without_receipt() {
                self.receipt.decision = Action::Block;
                self.receipt.error = Some("the receipt could not be written".to_owned());
            }
            witness.saw(about.seen(&self.receipt, self.interaction.as_deref(), now));
        }
        written
    }

    /// Writes the receipt, where there is a log of them.
    async fn record(&mut self, now: Timestamp) -> Result<(), String> {
        let Some(log) = &self.shared.receipts else {
            return Ok(());
        };
        let lost = &self.shared.lost;
        self.receipt.lost_before = lost.swap(0, Ordering::AcqRel);
        let written = log.write(self.receipt.entry(now)).await;
        if written.is_err() {
            lost.fetch_add(self.receipt.lost_before.saturating_add(1), Ordering::AcqRel);
        }
        written
    }
}

/// All of a body; `None` for one of more than `most` bytes, which is read on for a while and not kept.
async fn read(mut body: Incoming, most: usize) -> Result<Option<Vec<u8>>, hyper::Error> {
    let (mut whole, mut seen) = (Vec::new(), 0_usize);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else {
            continue;
        };
        seen = seen.saturating_add(data.len());
        if seen <= most {
            whole.extend_from_slice(&data);
        } else if seen / DRAINED <= most {
            whole = Vec::new();
        } else {
            return Ok(None);
        }
    }
    Ok(Some(whole).filter(|_| seen <= most))
}

/// Headers of one connection, which do not go on (RFC 9110, section 7.6.1), and what is set anew.
pub(crate) fn prepare(headers: &mut HeaderMap) {
    without_hops(headers);
    for name in [HOST, CONTENT_LENGTH, EXPECT] {
        headers.remove(name);
    }
    headers.remove(SESSION);
    // Answers are read: compressed ones would have to be unpacked for that.
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
}

/// Takes out what is about one connection only.
pub(crate) fn without_hops(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named {
        headers.remove(name);
    }
    headers.remove(CONNECTION);
    headers.remove(TRANSFER_ENCODING);
    for name in [
        "keep-alive",
        "proxy-connection",
        "proxy-authorization",
        "proxy-authenticate",
        "te",
        "trailer",
        "upgrade",
    ] {
        headers.remove(name);
    }
}

/// Microseconds since `began`.
pub(crate) fn micros(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// 128 random bits in hexadecimal.
pub(crate) fn new_id() -> String {
    let mut bytes = [0; 16];
    // Without randomness of the system, time still tells exchanges of one process apart.
    if getrandom::fill(&mut bytes).is_err() {
        let now = Timestamp::now().as_nanosecond();
        bytes = now.to_be_bytes();
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

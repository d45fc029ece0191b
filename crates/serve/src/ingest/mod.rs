//! What CI jobs and laptops push: one way in for documents of scans that ran elsewhere.
//!
//! What was acknowledged is in the database before the answer goes out; it is read by a job. The digest of a document
//! makes a second push of it the first one, so whoever is not sure whether it arrived sends it again.

use std::time::Duration;

use axum::extract::Request;
use axum::http::header::{CONTENT_ENCODING, LOCATION};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use stance_core::Environment;
use stance_core::digest::sha256_hex;
use stance_store::sources::{
    Asked, NewRun, NewSource, SourceKind, SourceSettings, Sources as _, Upload,
};
use stance_store::{RunNumber, SourceNumber, Sqlite};

use crate::ask::{Ask, Query, body};
use crate::auth::Permission;
use crate::error::ApiError;
use crate::jobs::found::Form;
use crate::jobs::{INGEST, unpack};
use crate::record::Teller;
use crate::route::{Routes, only};
use crate::runs::RunView;

/// Bytes of a document, packed or not, that are taken.
const MOST: usize = 64 << 20;
/// Bytes of a document once it is unpacked.
const MOST_UNPACKED: usize = 256 << 20;
/// How long somebody waits who says so.
const LONGEST: Duration = Duration::from_secs(60);
/// How often the run is looked at meanwhile.
const STEP: Duration = Duration::from_millis(200);

pub(crate) fn routes() -> Routes {
    Routes::of("Ingest").add(
        only(
            Method::POST,
            "/api/v1/ingest",
            Permission::Ingest,
            ingest,
        )
        .about(
            "Push a document",
            "Takes a stance/json-v1 document, or a CycloneDX or SPDX bill of materials in JSON, as the whole of what \
             the source tells now; `Content-Encoding: gzip` is understood. The answer is 202 with the run that reads \
             it; with `wait`, 200 once that has ended. A source of a new name is added. The same document again is \
             the same run.",
        )
        .query::<Wanted>()
        .gives::<Pushed>()
        .body(MOST)
        .patience(LONGEST + Duration::from_secs(60)),
    )
}

/// For which source, and whether to wait.
#[derive(Debug, Deserialize, JsonSchema)]
struct Wanted {
    /// The name of the source; 1 to 120 characters.
    source: String,
    /// Whether the answer waits until the document is read, up to a minute.
    #[serde(default)]
    wait: Option<bool>,
}

/// A document that was taken.
#[derive(Debug, Serialize, JsonSchema)]
struct Pushed {
    /// The run that reads it.
    run: RunView,
    /// Where the run is told.
    url: String,
    /// Whether it is new: `false` when the same document was pushed before.
    new: bool,
    /// SHA-256 of the document.
    digest: String,
}

async fn ingest(
    ask: Ask,
    Query(wanted): Query<Wanted>,
    request: Request,
) -> Result<Response, ApiError> {
    let name = name(&wanted.source)?;
    let packed = is_packed(request.headers())?;
    let document = body(request).await?;
    let bytes = document.len() as u64;
    let (document, digest) = tokio::task::spawn_blocking(move || checked(document, packed))
        .await
        .map_err(ApiError::internal)??;
    let key = digest.clone();
    let (teller, actor, now) = (Teller::of(&ask), ask.who.name(), ask.now);
    let asked = ask
        .db
        .write(move |store| {
            let source = source(store, &name, &teller, now)?;
            let run = NewRun {
                source,
                cause: "push",
                actor: Some(&actor),
                job: INGEST,
                priority: 0,
            };
            let upload = Upload {
                key: &key,
                document: &document,
            };
            let asked = store.take_upload(&run, &upload, now)?;
            if asked.new {
                let detail = json!({"source": source.0, "digest": key});
                teller.tell(store, "run.push", "run", asked.run, detail)?;
            }
            Ok(asked)
        })
        .await?;
    ask.metrics.count(if asked.new {
        "stance_ingest_documents_total"
    } else {
        "stance_ingest_repeated_total"
    });
    ask.metrics.add("stance_ingest_bytes_total", bytes);
    ask.bell.ring();
    answer(&ask, asked, digest, wanted.wait.unwrap_or_default()).await
}

/// The run, once it has ended if somebody waits.
async fn answer(ask: &Ask, asked: Asked, digest: String, wait: bool) -> Result<Response, ApiError> {
    let mut run = read(ask, asked.run).await?;
    let mut waited = Duration::ZERO;
    let stopping = ask.app().stopping();
    while wait && run.is_unfinished() && waited < LONGEST && !*stopping.borrow() {
        tokio::time::sleep(STEP).await;
        waited += STEP;
        run = read(ask, asked.run).await?;
    }
    let status = if run.is_unfinished() {
        StatusCode::ACCEPTED
    } else {
        StatusCode::OK
    };
    let url = format!("/api/v1/runs/{}", run.id);
    let mut response = (
        status,
        axum::Json(Pushed {
            run,
            url: url.clone(),
            new: asked.new,
            digest,
        }),
    )
        .into_response();
    if let Ok(url) = HeaderValue::from_str(&url) {
        response.headers_mut().insert(LOCATION, url);
    }
    Ok(response)
}

async fn read(ask: &Ask, run: RunNumber) -> Result<RunView, ApiError> {
    let run = ask.db.read(move |store| Ok(store.run(run)?)).await?;
    Ok(RunView::from(run))
}

/// The document as it is kept, and its digest; refused at once when it can be none.
fn checked(document: Vec<u8>, packed: bool) -> Result<(Vec<u8>, String), ApiError> {
    if document.is_empty() {
        return Err(ApiError::invalid(
            "body",
            "is empty; send the document as the body",
        ));
    }
    let unpacked;
    let plain = if packed {
        unpacked =
            unpack(&document, MOST_UNPACKED).map_err(|error| ApiError::invalid("body", error))?;
        &unpacked
    } else {
        &document
    };
    Form::of(plain).map_err(|error| ApiError::invalid("body", error.to_string()))?;
    let digest = format!("sha256:{}", sha256_hex(plain));
    Ok((document, digest))
}

fn is_packed(headers: &HeaderMap) -> Result<bool, ApiError> {
    match headers.get(CONTENT_ENCODING).map(HeaderValue::as_bytes) {
        None | Some(b"identity") => Ok(false),
        Some(b"gzip") => Ok(true),
        Some(_) => Err(ApiError::media_type()),
    }
}

fn name(text: &str) -> Result<String, ApiError> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > 120 || name.chars().any(char::is_control) {
        return Err(ApiError::invalid(
            "source",
            "between 1 and 120 characters, on one line",
        ));
    }
    Ok(name.to_owned())
}

/// The source of this name, which is added when there is none.
fn source(
    store: &mut Sqlite,
    name: &str,
    teller: &Teller,
    now: jiff::Timestamp,
) -> Result<SourceNumber, ApiError> {
    let key = format!("push:{name}");
    match store.source_by_key(&key)? {
        Some(source) if source.removed.is_none() => return Ok(source.id),
        Some(_) => {
            return Err(ApiError::conflict(format!(
                "the source `{name}` was removed; whoever manages sources can add it again"
            )));
        }
        None => {}
    }
    let settings = SourceSettings {
        name: name.to_owned(),
        options: json!({}),
        schedule: None,
        enabled: true,
        owner: None,
        environment: Environment::default(),
    };
    let new = NewSource {
        key: &key,
        kind: SourceKind::Push,
        settings: &settings,
    };
    let id = store.add_source(&new, now)?;
    let detail = json!({"name": name, "kind": "push"});
    teller.tell(store, "source.add", "source", id, detail)?;
    Ok(id)
}

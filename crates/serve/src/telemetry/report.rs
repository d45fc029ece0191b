//! Where gateways that stand alone report what passed.

use axum::extract::Request;
use axum::http::header::CONTENT_ENCODING;
use axum::http::{HeaderValue, Method};
use schemars::JsonSchema;
use serde::Serialize;
use stance_core::traffic::{Report, Teller};
use stance_store::traffic::BATCH;

use crate::ask::{Ask, body};
use crate::auth::Permission;
use crate::error::ApiError;
use crate::jobs::unpack;
use crate::route::{Routes, only};

/// Bytes of a report, packed or not.
const MOST: usize = 16 << 20;

/// Bytes of a report once it is unpacked.
const MOST_UNPACKED: usize = 32 << 20;

pub(super) fn routes() -> Routes {
    Routes::of("Telemetry").add(
        only(Method::POST, "/api/v1/traffic", Permission::Ingest, report)
            .about(
                "Report what passed",
                "For gateways that stand alone: `[gateway.report]` in their settings. Takes interactions that are over, at \
                 most 1000; `Content-Encoding: gzip` is understood. What is answered with 200 is on disk. An interaction \
                 is known by its id, so a report may be sent again. Words are left out unless this service keeps them.",
            )
            .gives::<Taken>()
            .body(MOST),
    )
}

/// What became of a report.
#[derive(Debug, Serialize, JsonSchema)]
struct Taken {
    /// Interactions that were not known before.
    new: u64,
}

async fn report(ask: Ask, request: Request) -> Result<axum::Json<Taken>, ApiError> {
    let packed = request.headers().get(CONTENT_ENCODING).cloned();
    match packed.as_ref().map(HeaderValue::as_bytes) {
        None | Some(b"identity" | b"gzip") => {}
        Some(_) => return Err(ApiError::media_type()),
    }
    let bytes = body(request).await?;
    let report = tokio::task::spawn_blocking(move || read(&bytes))
        .await
        .map_err(ApiError::internal)??;
    if report.dropped > 0 {
        ask.metrics
            .add("stance_traffic_dropped_total", report.dropped);
        let more = serde_json::json!({"count": report.dropped, "principal": ask.who.name()});
        ask.log.say(
            "warning",
            "a gateway could not tell of everything that passed",
            &more,
        );
    }
    let new = super::keep(ask.app(), report.seen, Vec::new()).await?;
    Ok(axum::Json(Taken { new: new as u64 }))
}

fn read(bytes: &[u8]) -> Result<Report, ApiError> {
    let plain = unpack(bytes, MOST_UNPACKED).map_err(|error| ApiError::invalid("body", error))?;
    let report: Report = serde_json::from_slice(&plain)
        .map_err(|error| ApiError::invalid("body", error.to_string()))?;
    if report.seen.len() > BATCH {
        let most = format!("at most {BATCH} interactions in one report");
        return Err(ApiError::invalid("seen", most));
    }
    // What only the receiver of this service says: its ids are those of spans.
    if report
        .seen
        .iter()
        .any(|seen| seen.teller == Teller::Telemetry)
    {
        return Err(ApiError::invalid(
            "teller",
            "telemetry is sent to the receiver, not reported",
        ));
    }
    Ok(report)
}

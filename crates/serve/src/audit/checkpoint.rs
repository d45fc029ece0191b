//! The last checkpoint and the public key, to be kept elsewhere.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use stance_store::audit::{AuditKey, AuditLog as _};

use crate::ask::Ask;
use crate::error::ApiError;

pub(super) async fn last(ask: Ask) -> Result<impl IntoResponse, ApiError> {
    let status = ask.db.read(|store| Ok(store.audit_status()?)).await?;
    let checkpoint = status
        .checkpoint
        .ok_or_else(|| ApiError::not_found("checkpoint: the log was not signed yet"))?;
    let name = format!("checkpoint-{}.txt", checkpoint.size);
    Ok(file("text/plain; charset=utf-8", &name, checkpoint.note))
}

pub(super) async fn key(ask: Ask) -> Result<impl IntoResponse, ApiError> {
    let directory = ask.settings.data_dir.clone();
    let key = ask
        .db
        .read(move |_| Ok(AuditKey::public(&directory)?))
        .await?;
    let key = key.ok_or_else(|| ApiError::not_found("key: the log was not signed yet"))?;
    Ok(file("application/x-pem-file", "audit.pub", key.to_pem()))
}

/// A file to keep.
pub(super) fn file(kind: &'static str, name: &str, text: String) -> impl IntoResponse + use<> {
    (
        [
            (CONTENT_TYPE, kind.to_owned()),
            (
                CONTENT_DISPOSITION,
                format!("attachment; filename=\"{name}\""),
            ),
        ],
        text,
    )
}

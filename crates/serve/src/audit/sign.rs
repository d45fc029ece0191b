//! Signing the log while the service runs, and when it ends.

use serde_json::json;
use stance_store::audit::{self, AuditLog as _, StoredCheckpoint};

use crate::app::App;
use crate::error::ApiError;
use crate::server::keep_checkpoint;

/// Signs when enough happened since the last checkpoint; failing is told in the log of operation.
pub(crate) async fn sign_if_due(app: &App) {
    let (directory, now) = (app.settings.data_dir.clone(), app.clock.now());
    let done = app
        .db
        .write(move |store| Ok(audit::checkpoint_if_due(store, &directory, now)?))
        .await;
    conclude(app, done).await;
}

/// Signs whatever is not signed yet: the last thing before the service ends.
pub(crate) async fn sign_all(app: &App) {
    let (directory, now) = (app.settings.data_dir.clone(), app.clock.now());
    let done = app
        .db
        .write(move |store| {
            // A log without entries needs no key.
            if store.audit_status()?.size == 0 {
                return Ok(None);
            }
            Ok(Some(audit::checkpoint_now(store, &directory, now)?))
        })
        .await;
    conclude(app, done).await;
}

/// Keeps what is signed and committed; tells what failed.
async fn conclude(app: &App, done: Result<Option<StoredCheckpoint>, ApiError>) {
    match done {
        Ok(None) => {}
        Ok(Some(checkpoint)) => {
            let app = app.clone();
            let keep = move || keep_checkpoint(&app, &checkpoint.note);
            // A thread that panicked left the file of before.
            let _ = tokio::task::spawn_blocking(keep).await;
        }
        Err(error) => {
            let cause = error.cause.unwrap_or(error.detail);
            let more = json!({"cause": cause});
            app.log.say("error", "the audit log was not signed", &more);
        }
    }
}

//! Signing the log while the service runs, and when it ends.

use serde_json::json;
use stance_store::audit::{self, AuditLog as _};

use crate::app::App;
use crate::error::ApiError;

/// Signs when enough happened since the last checkpoint; failing is told in the log of operation.
pub(crate) async fn sign_if_due(app: &App) {
    let (directory, now) = (app.settings.data_dir.clone(), app.clock.now());
    let done = app
        .db
        .write(move |store| {
            audit::checkpoint_if_due(store, &directory, now)?;
            Ok(())
        })
        .await;
    tell(app, done);
}

/// Signs whatever is not signed yet: the last thing before the service ends.
pub(crate) async fn sign_all(app: &App) {
    let (directory, now) = (app.settings.data_dir.clone(), app.clock.now());
    let done = app
        .db
        .write(move |store| {
            // A log without entries needs no key.
            if store.audit_status()?.size > 0 {
                audit::checkpoint_now(store, &directory, now)?;
            }
            Ok(())
        })
        .await;
    tell(app, done);
}

fn tell(app: &App, done: Result<(), ApiError>) {
    if let Err(error) = done {
        let cause = error.cause.unwrap_or(error.detail);
        let more = json!({"cause": cause});
        app.log.say("error", "the audit log was not signed", &more);
    }
}

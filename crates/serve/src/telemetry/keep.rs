//! Into the database, on disk when it is done.

use std::sync::PoisonError;

use stance_core::traffic::{Seen, Teller};
use stance_store::Traffic as _;
use stance_store::traffic::BATCH;

use crate::app::App;
use crate::error::ApiError;

/// Keeps interactions that are over, and holds those of which more may come; all or none. Gives how many are new.
///
/// Words are left out unless [`super::Telemetry::keeps_words`]. What telemetry tells of an exchange that a gateway told of
/// already is not kept a second time.
///
/// # Errors
///
/// 422 for an id that is none, 503 when nothing can be written right now.
pub async fn keep(app: &App, done: Vec<Seen>, waiting: Vec<Seen>) -> Result<usize, ApiError> {
    let words = app.telemetry.keeps_words();
    let bare = |mut all: Vec<Seen>| {
        let pieces = all.iter_mut().flat_map(|seen| &mut seen.pieces);
        for piece in pieces.filter(|_| !words) {
            piece.text = None;
        }
        all
    };
    let (done, waiting) = (bare(done), bare(waiting));
    let from_telemetry: Vec<String> = done
        .iter()
        .filter(|seen| seen.teller == Teller::Telemetry)
        .map(|seen| seen.id.clone())
        .collect();
    let (done, repeated) = {
        let answers = &app.telemetry.answers;
        let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
        for seen in &done {
            answers.note(seen);
        }
        done.into_iter()
            .partition::<Vec<_>, _>(|seen| !answers.is_told(seen))
    };
    let told = done.len() as u64;
    let new = app
        .db
        .write(move |store| {
            let mut new = 0;
            for batch in done.chunks(BATCH) {
                new += store.keep(batch)?;
            }
            store.hold_seen(&waiting)?;
            let ids: Vec<&str> = from_telemetry.iter().map(String::as_str).collect();
            store.end_waiting(&ids)?;
            Ok(new)
        })
        .await?;
    app.metrics
        .add("stance_traffic_interactions_total", new as u64);
    let known = told.saturating_sub(new as u64);
    let repeated = known.saturating_add(repeated.len() as u64);
    app.metrics.add("stance_traffic_repeated_total", repeated);
    Ok(new)
}

/// Keeps what an earlier process acknowledged and was still waiting with.
///
/// # Errors
///
/// Those of the database.
pub async fn release(app: &App) -> Result<(), ApiError> {
    while app.db.write(|store| Ok(store.release_seen()?)).await? >= BATCH {}
    Ok(())
}

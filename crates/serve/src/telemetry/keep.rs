//! Into the database, on disk when it is done.

use stance_core::traffic::{Measured, Seen, Teller};
use stance_store::Traffic as _;
use stance_store::traffic::{BATCH, BATCH_MEASURED};

use crate::app::App;
use crate::error::ApiError;

/// Keeps interactions that are over, and holds those of which more may come; all or none. Gives how many are new.
///
/// Words are left out unless [`super::Telemetry::keeps_words`]. What telemetry tells of an exchange that a gateway tells, too, is
/// not kept a second time. A time that cannot be is put right, and marked.
///
/// # Errors
///
/// 422 for an id that is none, 503 when nothing can be written right now.
pub async fn keep(app: &App, done: Vec<Seen>, waiting: Vec<Seen>) -> Result<usize, ApiError> {
    let words = app.telemetry.keeps_words();
    let now = app.clock.now();
    let bare = |mut all: Vec<Seen>| {
        all.iter_mut().for_each(|seen| seen.hold_to_time(now));
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
    let repeated = told.saturating_sub(new as u64);
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

/// Adds points of metrics to what is told in totals. Gives how many counted.
///
/// # Errors
///
/// 503 when nothing can be written right now.
pub async fn measure(app: &App, points: Vec<Measured>) -> Result<usize, ApiError> {
    let counted = app
        .db
        .write(move |store| {
            let mut counted = 0;
            for batch in points.chunks(BATCH_MEASURED) {
                counted += store.measure(batch)?;
            }
            Ok(counted)
        })
        .await?;
    app.metrics
        .add("stance_traffic_measured_total", counted as u64);
    Ok(counted)
}

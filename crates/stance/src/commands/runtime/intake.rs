//! What the gateway within saw, to the database.

use std::time::Duration;

use serde_json::json;
use stance_gateway::witness::Waiting;
use stance_serve::Log;
use stance_serve::app::App;
use stance_serve::telemetry;

/// Most exchanges of one commit, and how long they are gathered.
const MOST: usize = 500;
const GATHER: Duration = Duration::from_millis(200);

/// How often a commit is tried, and how long it is waited in between.
const TRIES: u32 = 30;
const PAUSE: Duration = Duration::from_secs(1);

/// Keeps what comes until the gateway is gone and all of it is kept.
pub(super) async fn keep(app: App, log: Log, mut waiting: Waiting) {
    while let Some(batch) = waiting.next(MOST, GATHER).await {
        let dropped = waiting.dropped();
        if dropped > 0 {
            app.metrics.add("stance_traffic_dropped_total", dropped);
            let more = json!({"count": dropped});
            let what =
                "more passed the gateway than could be written; these are in its receipts only";
            log.say("warning", what, &more);
        }
        for attempt in 1..=TRIES {
            let Err(error) = telemetry::keep(&app, batch.clone(), Vec::new()).await else {
                break;
            };
            let is_for_now = error.status().is_server_error();
            if is_for_now && attempt < TRIES {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            app.metrics
                .add("stance_traffic_dropped_total", batch.len() as u64);
            let more = json!({"count": batch.len(), "cause": error.to_string()});
            let what = "what passed the gateway could not be written; it is in its receipts only";
            log.say("error", what, &more);
            break;
        }
    }
}

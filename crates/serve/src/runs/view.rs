//! A run, as it is shown.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use stance_store::sources::Run;

use crate::draw::runs::Mark;

/// One look at a source.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RunView {
    /// Its number.
    pub(crate) id: i64,
    /// The number of the source.
    pub(crate) source: i64,
    /// What people call the source.
    pub(crate) source_name: String,
    /// What the source is.
    pub(crate) source_kind: &'static str,
    /// `queued`, `running`, `succeeded`, `failed` or `cancelled`.
    pub(crate) state: &'static str,
    /// `schedule`, `person` or `push`.
    pub(crate) cause: String,
    /// Who asked for it: `user:3`, `token:7`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) actor: Option<String>,
    /// When it was asked for.
    pub(crate) queued: Timestamp,
    /// When it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) started: Option<Timestamp>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) finished: Option<Timestamp>,
    /// How long it took, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seconds: Option<f64>,
    /// What it saw and changed, in counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) outcome: Option<Value>,
    /// What went wrong, in one sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    /// How far it is: `stage`, and what the scanner has `seen`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) progress: Option<Value>,
    /// Whether somebody wants it to stop.
    pub(crate) stopping: bool,
}

impl From<Run> for RunView {
    fn from(run: Run) -> Self {
        let seconds = run
            .started
            .zip(run.finished)
            .map(|(started, finished)| finished.duration_since(started).as_secs_f64().max(0.0));
        let stopping = run.cancel && !run.state.is_final();
        Self {
            id: run.id.0,
            source: run.source.0,
            source_name: run.source_name,
            source_kind: run.source_kind.name(),
            state: run.state.name(),
            cause: run.cause,
            actor: run.actor,
            queued: run.queued,
            started: run.started,
            finished: run.finished,
            seconds,
            outcome: run.outcome,
            error: run.error,
            progress: run.progress.filter(|_| !run.state.is_final()),
            stopping,
        }
    }
}

impl RunView {
    /// What the run counted under a name.
    pub(crate) fn counted(&self, name: &str) -> u64 {
        let outcome = self.outcome.as_ref();
        outcome
            .and_then(|outcome| outcome.get(name))
            .and_then(Value::as_u64)
            .unwrap_or_default()
    }

    /// Whether it has not ended.
    pub(crate) fn is_unfinished(&self) -> bool {
        self.finished.is_none()
    }

    /// The symbol of the kind of its source.
    pub(crate) fn icon(&self) -> &'static str {
        crate::sources::icon(self.source_kind)
    }

    /// Its state in the colours of the page.
    pub(crate) fn tone(&self) -> &'static str {
        tone(self.state)
    }

    /// Why it was done, in words.
    pub(crate) fn why(&self) -> &'static str {
        match self.cause.as_str() {
            "schedule" => "scheduled",
            "push" => "pushed",
            _ => "asked for",
        }
    }

    /// How far it is, in words.
    pub(crate) fn stage(&self) -> String {
        if self.stopping {
            return "stopping".to_owned();
        }
        let Some(progress) = &self.progress else {
            return match self.state {
                "queued" => "waits for a worker".to_owned(),
                _ => "begins".to_owned(),
            };
        };
        let stage = progress.get("stage").and_then(Value::as_str);
        let seen = |name: &str| {
            progress
                .get("seen")
                .and_then(|seen| seen.get(name))
                .and_then(Value::as_u64)
        };
        match (stage, seen("files"), seen("bytes")) {
            (Some("scanning"), Some(files), Some(bytes)) => format!(
                "{} looked at, {} read",
                crate::format::plural(files, "file", "files"),
                crate::format::bytes(bytes)
            ),
            (Some(stage), ..) => crate::format::visible(stage),
            _ => "under way".to_owned(),
        }
    }

    /// What it changed, in words; nothing when that is not known.
    pub(crate) fn changed(&self) -> String {
        if self.outcome.is_none() {
            return String::new();
        }
        let told = [
            ("appeared", "new asset", "new assets"),
            ("changed", "changed asset", "changed assets"),
            ("vanished", "gone", "gone"),
            ("opened", "new finding", "new findings"),
            ("reopened", "reopened", "reopened"),
            ("fixed", "fixed", "fixed"),
        ];
        let parts: Vec<String> = told
            .into_iter()
            .map(|(name, one, many)| (self.counted(name), one, many))
            .filter(|(count, ..)| *count > 0)
            .map(|(count, one, many)| crate::format::plural(count, one, many))
            .collect();
        if parts.is_empty() {
            "nothing changed".to_owned()
        } else {
            parts.join(", ")
        }
    }

    /// The run in the row of the last ones.
    pub(crate) fn mark(&self) -> Mark {
        let when = crate::format::spoken(self.queued);
        let took = self.seconds.map_or_else(String::new, |seconds| {
            format!(", {}", crate::format::duration(seconds))
        });
        Mark {
            href: format!("/runs/{}", self.id),
            tone: self.tone(),
            size: self.seconds.unwrap_or_default(),
            label: format!("{} on {when}{took}", self.state),
        }
    }
}

fn tone(state: &str) -> &'static str {
    match state {
        "succeeded" => "good",
        "failed" => "bad",
        "running" => "running",
        _ => "muted",
    }
}

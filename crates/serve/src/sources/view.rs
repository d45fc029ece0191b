//! A source, as it is shown.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use stance_store::sources::{Source, SourceKind, SourceStatus};

use super::health::Health;
use super::options::Options;
use crate::jobs::schedule::Schedule;
use crate::runs::RunView;

/// A source, with how it fares.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct SourceView {
    /// Its number.
    pub(crate) id: i64,
    /// What people call it.
    pub(crate) name: String,
    /// `directory`, `git`, `bom`, `logs`, `host` or `push`.
    pub(crate) kind: &'static str,
    /// Where it looks, in a line.
    pub(crate) place: String,
    /// What its kind needs.
    pub(crate) options: Value,
    /// An interval or five fields of cron, UTC; absent when it is looked at only when asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) schedule: Option<String>,
    /// The schedule in words.
    pub(crate) schedule_words: String,
    /// Whether the schedule is kept.
    pub(crate) enabled: bool,
    /// Who owns what is found there, unless somebody says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) owner: Option<String>,
    /// Where what is found there runs, unless somebody says otherwise.
    pub(crate) environment: &'static str,
    /// Counts up with each edit.
    pub(crate) revision: i64,
    /// When it was added.
    pub(crate) created: Timestamp,
    /// When it was last looked at with success.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scanned: Option<Timestamp>,
    /// When it is due next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<Timestamp>,
    /// When it was removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) removed: Option<Timestamp>,
    /// How it fares.
    pub(crate) health: Health,
    /// What the last look saw: counts of files and bytes, and what was left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) coverage: Option<Value>,
    /// Its last runs, the latest first.
    pub(crate) runs: Vec<RunView>,
}

impl SourceView {
    pub(crate) fn of(status: SourceStatus, now: Timestamp) -> Self {
        let health = Health::of(&status, now);
        let SourceStatus { source, runs, next } = status;
        Self {
            place: place(&source),
            schedule_words: words(&source),
            id: source.id.0,
            name: source.settings.name,
            kind: source.kind.name(),
            options: source.settings.options,
            schedule: source.settings.schedule,
            enabled: source.settings.enabled,
            owner: source.settings.owner,
            environment: source.settings.environment.name(),
            revision: source.revision,
            created: source.created,
            scanned: source.scanned,
            next,
            removed: source.removed,
            health,
            coverage: source.coverage,
            runs: runs.into_iter().map(RunView::from).collect(),
        }
    }

    /// What the last look counted under a name; 0 when there was none.
    pub(crate) fn counted(&self, name: &str) -> u64 {
        let coverage = self.coverage.as_ref();
        coverage
            .and_then(|coverage| coverage.get(name))
            .and_then(Value::as_u64)
            .unwrap_or_default()
    }

    /// What was left out, by reason, the most frequent first.
    pub(crate) fn left_out(&self) -> Vec<(String, u64)> {
        let skipped = self
            .coverage
            .as_ref()
            .and_then(|coverage| coverage.get("skipped"))
            .and_then(Value::as_object);
        let mut reasons: Vec<(String, u64)> = skipped
            .into_iter()
            .flatten()
            .map(|(reason, count)| (reason.clone(), count.as_u64().unwrap_or_default()))
            .collect();
        reasons.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        reasons
    }

    /// How many times something was left out.
    pub(crate) fn left_out_in_all(&self) -> u64 {
        self.left_out().iter().map(|(_, count)| count).sum()
    }

    /// The last run that says something about the source.
    pub(crate) fn last(&self) -> Option<&RunView> {
        self.runs.first()
    }

    /// Why the last look failed, if it did.
    pub(crate) fn trouble(&self) -> Option<&str> {
        let ended = self.runs.iter().find(|run| run.finished.is_some())?;
        ended.error.as_deref()
    }

    /// Whether the server can look at it, rather than be told.
    pub(crate) fn can_run(&self) -> bool {
        SourceKind::named(self.kind).is_some_and(SourceKind::is_looked_at) && self.removed.is_none()
    }

    /// When it is due next, in words.
    pub(crate) fn soon(&self, now: impl crate::format::At) -> Option<String> {
        let next = self.next.filter(|_| self.enabled)?;
        let now = now.at();
        let seconds = next.duration_since(now).as_secs();
        Some(match seconds {
            ..60 => "in a moment".to_owned(),
            60..3600 => format!("in {} min", seconds / 60),
            3600..86_400 => format!("in {} h", seconds / 3600),
            _ => crate::format::due(next, now),
        })
    }

    /// The symbol of its kind.
    pub(crate) fn icon(&self) -> &'static str {
        icon(self.kind)
    }

    /// Its last runs as a drawing.
    pub(crate) fn strip(&self) -> String {
        crate::draw::runs::strip(
            &self
                .runs
                .iter()
                .rev()
                .map(RunView::mark)
                .collect::<Vec<_>>(),
        )
    }
}

/// The symbol of a kind of source.
pub(crate) fn icon(kind: &str) -> &'static str {
    match kind {
        "directory" => "inventory",
        "git" => "repository",
        "bom" => "package",
        "logs" => "audit",
        "host" => "compute",
        "runtime" => "traffic",
        _ => "export",
    }
}

fn place(source: &Source) -> String {
    if source.kind == SourceKind::Runtime {
        return "what passes at run time".to_owned();
    }
    match Options::of(source.kind, &source.settings.options) {
        Ok(options) => options.place(),
        Err(_) => source.key.clone(),
    }
}

fn words(source: &Source) -> String {
    match (&source.settings.schedule, source.kind) {
        (_, SourceKind::Push) => "when others push".to_owned(),
        (_, SourceKind::Runtime) => "every few minutes while something passes".to_owned(),
        (None, _) => "when asked".to_owned(),
        (Some(text), _) => match text.parse::<Schedule>() {
            Ok(schedule) => schedule.to_string(),
            Err(_) => text.clone(),
        },
    }
}

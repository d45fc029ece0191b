//! Where facts come from, and each look at it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stance_core::Environment;

use crate::{JobId, Result, RunNumber, SourceNumber};

/// What a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// A directory on this machine.
    Directory,
    /// A working copy of a git repository on this machine.
    Git,
    /// A bill of materials in a file on this machine.
    Bom,
    /// Log files on this machine.
    Logs,
    /// A host: this machine, or addresses that are asked.
    Host,
    /// Whatever is pushed under its name.
    Push,
    /// What passed at run time and the service keeps: there is one such source, and the service adds it.
    Runtime,
}

impl SourceKind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::Directory,
        Self::Git,
        Self::Bom,
        Self::Logs,
        Self::Host,
        Self::Push,
        Self::Runtime,
    ];

    /// The name used in the database and in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::Git => "git",
            Self::Bom => "bom",
            Self::Logs => "logs",
            Self::Host => "host",
            Self::Push => "push",
            Self::Runtime => "runtime",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl SourceKind {
    /// Whether somebody looks at it when asked or by schedule; what is pushed or passes at run time is told.
    #[must_use]
    pub const fn is_looked_at(self) -> bool {
        !matches!(self, Self::Push | Self::Runtime)
    }

    /// Areas of rules that can judge what a source of this kind holds; `None` for any.
    #[must_use]
    pub const fn areas(self) -> Option<&'static [&'static str]> {
        match self {
            // What others list is an inventory: nothing in it is judged but that it differs from what was approved.
            Self::Bom => Some(&["governance"]),
            Self::Logs => Some(&["governance", "shadow"]),
            Self::Runtime => Some(&["runtime"]),
            Self::Directory | Self::Git | Self::Host | Self::Push => None,
        }
    }
}

/// What people say of a source.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SourceSettings {
    /// What people call it.
    pub name: String,
    /// What the kind needs, such as `{"path": "/srv/models"}`.
    pub options: Value,
    /// An interval or five fields of cron; `None` runs only when asked.
    pub schedule: Option<String>,
    /// Whether the schedule is kept.
    pub enabled: bool,
    /// Who owns what is found there, unless somebody says otherwise.
    pub owner: Option<String>,
    /// Where what is found there runs, unless somebody says otherwise.
    pub environment: Environment,
}

/// A source to be added.
#[derive(Clone, Debug)]
pub struct NewSource<'a> {
    /// What names it for good.
    pub key: &'a str,
    /// What it is.
    pub kind: SourceKind,
    /// What people say of it.
    pub settings: &'a SourceSettings,
}

/// A source.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Source {
    /// Its number.
    pub id: SourceNumber,
    /// What names it for good.
    pub key: String,
    /// What it is.
    pub kind: SourceKind,
    /// What people say of it.
    #[serde(flatten)]
    pub settings: SourceSettings,
    /// Counts up with each edit.
    pub revision: i64,
    /// When it was added.
    pub created: Timestamp,
    /// When it was last looked at with success.
    pub scanned: Option<Timestamp>,
    /// What was looked at then.
    pub coverage: Option<Value>,
    /// When its first state was taken as the approved one.
    pub baseline: Option<Timestamp>,
    /// When it was removed; it is kept for the history.
    pub removed: Option<Timestamp>,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// It waits for a worker.
    Queued,
    /// The source is being looked at.
    Running,
    /// What was seen is in the estate.
    Succeeded,
    /// Something went wrong.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}

impl RunState {
    /// All states.
    pub const ALL: [Self; 5] = [
        Self::Queued,
        Self::Running,
        Self::Succeeded,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The name used in the database and in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether nothing more happens to it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

/// One look at a source.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Run {
    /// Its number.
    pub id: RunNumber,
    /// The source.
    pub source: SourceNumber,
    /// What people call the source.
    pub source_name: String,
    /// What the source is.
    pub source_kind: SourceKind,
    /// `schedule`, `person` or `push`.
    pub cause: String,
    /// Who asked for it.
    pub actor: Option<String>,
    /// Where it stands.
    pub state: RunState,
    /// When it was asked for.
    pub queued: Timestamp,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub finished: Option<Timestamp>,
    /// What it saw and changed.
    pub outcome: Option<Value>,
    /// What went wrong, in one sentence.
    pub error: Option<String>,
    /// The job that does it.
    pub job: Option<JobId>,
    /// How far it is, while it runs.
    pub progress: Option<Value>,
    /// Whether somebody wants it to stop.
    pub cancel: bool,
}

/// A source, and how it fares.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SourceStatus {
    /// The source.
    #[serde(flatten)]
    pub source: Source,
    /// Its last runs, the latest first; at most [`SourceStatus::RECENT`].
    pub runs: Vec<Run>,
    /// When it is due next.
    pub next: Option<Timestamp>,
}

impl SourceStatus {
    /// How many runs are told.
    pub const RECENT: usize = 12;
}

/// Sources that are wanted.
#[derive(Clone, Debug, Default)]
pub struct SourceFilter {
    /// Of this kind only.
    pub kind: Option<SourceKind>,
    /// With this in their name or key only.
    pub text: Option<String>,
    /// Those that were removed, instead of the others.
    pub removed: bool,
    /// Behind this name and number only: the last of the page before.
    pub after: Option<(String, SourceNumber)>,
    /// At most so many.
    pub limit: usize,
}

/// Runs that are wanted.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    /// Of this source only.
    pub source: Option<SourceNumber>,
    /// In this state only.
    pub state: Option<RunState>,
    /// Older than this one only: the last of the page before.
    pub before: Option<RunNumber>,
    /// At most so many.
    pub limit: usize,
}

/// A look that is asked for.
#[derive(Clone, Copy, Debug)]
pub struct NewRun<'a> {
    /// At what.
    pub source: SourceNumber,
    /// `schedule`, `person` or `push`.
    pub cause: &'a str,
    /// Who asks.
    pub actor: Option<&'a str>,
    /// Kind of the job that does it, and how often that is tried.
    pub job: &'a str,
    /// Higher goes first.
    pub priority: i64,
}

/// A document that was pushed.
#[derive(Clone, Copy, Debug)]
pub struct Upload<'a> {
    /// What makes a second push of it the same one.
    pub key: &'a str,
    /// As it came, or packed by whoever reads it again.
    pub document: &'a [u8],
}

/// A run that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The run, or the unfinished one that is there already.
    pub run: RunNumber,
    /// Whether it is new.
    pub new: bool,
}

/// How a run ended.
#[derive(Clone, Copy, Debug)]
pub enum RunEnd<'a> {
    /// What was seen is in the estate.
    Succeeded {
        /// What it saw and changed.
        outcome: &'a Value,
    },
    /// Something went wrong.
    Failed {
        /// In one sentence.
        error: &'a str,
    },
    /// Somebody stopped it.
    Cancelled,
}

/// When a scheduled source is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The source.
    pub source: SourceNumber,
    /// What it is.
    pub kind: SourceKind,
    /// Its schedule.
    pub schedule: String,
    /// When it is due by that schedule; `None` when that was not worked out since the schedule was set.
    pub at: Option<Timestamp>,
}

/// Sources and runs.
pub trait Sources {
    /// Adds a source. One of the same key that was removed comes back.
    ///
    /// # Errors
    ///
    /// [`crate::StoreError::Conflict`] when the key is taken, or when the database cannot be written.
    fn add_source(&mut self, source: &NewSource<'_>, now: Timestamp) -> Result<SourceNumber>;

    /// Changes what people say of a source, and with it what its assets have of it; gives the new revision.
    ///
    /// # Errors
    ///
    /// [`crate::StoreError::Edited`] when `revision` is not the present one, [`crate::StoreError::NotFound`], or when
    /// the database cannot be written.
    fn edit_source(
        &mut self,
        id: SourceNumber,
        settings: &SourceSettings,
        revision: i64,
        at: Timestamp,
    ) -> Result<i64>;

    /// Removes a source; its history stays. Runs that wait are cancelled, one that runs is told to stop.
    ///
    /// # Errors
    ///
    /// [`crate::StoreError::NotFound`], or when the database cannot be written.
    fn remove_source(&mut self, id: SourceNumber, now: Timestamp) -> Result<()>;

    /// One source, with how it fares.
    ///
    /// # Errors
    ///
    /// [`crate::StoreError::NotFound`], or when the database cannot be read.
    fn source(&self, id: SourceNumber) -> Result<SourceStatus>;

    /// The source of a key, removed or not.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn source_by_key(&self, key: &str) -> Result<Option<Source>>;

    /// Sources in order of name, with how they fare.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn sources(&self, filter: &SourceFilter) -> Result<Vec<SourceStatus>>;

    /// How many sources there are that were not removed.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn count_sources(&self) -> Result<u64>;

    /// Asks for a look at a source. While one is unfinished there is no second one.
    ///
    /// # Errors
    ///
    /// [`crate::StoreError::NotFound`] also when the source was removed, or when the database cannot be written.
    fn ask_run(&mut self, run: &NewRun<'_>, now: Timestamp) -> Result<Asked>;

    /// Takes a pushed document and asks for the run that reads it. A document of the same key was pushed before
    /// unless that failed: then it is that run.
    ///
    /// # Errors
    ///
    /// As [`Sources::ask_run`].
    fn take_upload(
        &mut self,
        run: &NewRun<'_>,
        upload: &Upload<'_>,
        now: Timestamp,
    ) -> Result<Asked>;

    /// The document of a run, as long as it was not read.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn upload(&self, run: RunNumber) -> Result<Option<Vec<u8>>>;

    /// Scheduled sources that are enabled and when they are due.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn due(&self) -> Result<Vec<Due>>;

    /// Says when a source is due next by this schedule, and asks for a run at once when there is one to ask for, in
    /// one step.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn set_due(
        &mut self,
        source: SourceNumber,
        schedule: &str,
        at: Timestamp,
        run: Option<&NewRun<'_>>,
        now: Timestamp,
    ) -> Result<Option<Asked>>;

    /// The run begins. `false` when it has ended already.
    ///
    /// # Errors
    ///
    /// [`crate::StoreError::NotFound`], or when the database cannot be written.
    fn start_run(&mut self, run: RunNumber, now: Timestamp) -> Result<bool>;

    /// The run ends, with what the scanner wrote. `false` when it has ended already.
    ///
    /// # Errors
    ///
    /// [`crate::StoreError::NotFound`], or when the database cannot be written.
    fn end_run(
        &mut self,
        run: RunNumber,
        end: &RunEnd<'_>,
        log: &str,
        now: Timestamp,
    ) -> Result<bool>;

    /// Somebody wants a run to stop. Gives where it stands now.
    ///
    /// # Errors
    ///
    /// [`crate::StoreError::NotFound`], or when the database cannot be written.
    fn cancel_run(&mut self, run: RunNumber, now: Timestamp) -> Result<RunState>;

    /// One run.
    ///
    /// # Errors
    ///
    /// [`crate::StoreError::NotFound`], or when the database cannot be read.
    fn run(&self, id: RunNumber) -> Result<Run>;

    /// What the scanner of a run wrote.
    ///
    /// # Errors
    ///
    /// [`crate::StoreError::NotFound`], or when the database cannot be read.
    fn run_log(&self, id: RunNumber) -> Result<Option<String>>;

    /// Runs, the latest first.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn runs(&self, filter: &RunFilter) -> Result<Vec<Run>>;

    /// How many runs there are in each state that is not final: queued, running.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn unfinished_runs(&self) -> Result<(u64, u64)>;
}

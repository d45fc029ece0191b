//! What the service does by itself: jobs on a few threads, and the clock that asks for them.
//!
//! A kind of job is one file with one [`Work`]; [`kinds`] lists them. Workers take jobs out of the database, so what
//! is asked for survives the process, and a job whose worker is gone is taken by another ([`scheduler`]).

mod books;
mod child;
mod command;
mod deliver;
mod end_requests;
pub mod found;
mod gather;
mod ingest;
mod measure;
mod page;
mod prune;
mod redate;
mod remind;
pub(crate) mod runtime;
mod scan;
pub mod schedule;
mod scheduler;
mod take;
mod task;
mod worker;

use std::path::PathBuf;
use std::time::Duration;

pub use books::{Books, BooksError};
pub use child::Limits;
pub use command::command_line;
pub(crate) use ingest::unpack;
pub(crate) use page::routes;
pub use scheduler::{outbox, tick};
pub use task::{Failure, Stop, Task, Work};
pub use worker::{Bell, Crew, Office};

/// The kind of the job that looks at a source.
pub const SCAN: &str = "scan";
/// The kind of the job that forgets what is old.
pub const PRUNE: &str = "prune";
/// The kind of the job that makes messages of what waits to be told.
pub const GATHER: &str = "gather";
/// The kind of the job that delivers a message.
pub const DELIVER: &str = "deliver";
/// The kind of the job that takes in a pushed document.
pub const INGEST: &str = "ingest";

/// How jobs are done.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The program that scans: this one.
    pub scanner: PathBuf,
    /// Where imported advisories are, and the key of pseudonyms is kept.
    pub data_dir: PathBuf,
    /// What a scan may take.
    pub limits: Limits,
    /// How large a document may be.
    pub documents: stance_document::Limits,
    /// Whether scans run in the sandbox, where the system has one.
    pub sandbox: bool,
    /// Threads that look at sources; documents and small work have one of their own.
    pub scanners: usize,
    /// How often the clock is looked at.
    pub tick: Duration,
}

impl Settings {
    /// The usual ones.
    #[must_use]
    pub fn new(scanner: PathBuf, data_dir: PathBuf) -> Self {
        Self {
            scanner,
            data_dir,
            limits: Limits::default(),
            documents: stance_document::Limits::default(),
            sandbox: cfg!(target_os = "linux"),
            scanners: 2,
            tick: Duration::from_secs(5),
        }
    }
}

/// All kinds of jobs.
#[must_use]
pub fn kinds(settings: &Settings) -> Vec<Box<dyn Work>> {
    vec![
        Box::new(scan::Scan(settings.clone())),
        Box::new(ingest::Ingest(settings.clone())),
        Box::new(prune::Prune),
        Box::new(end_requests::EndRequests),
        Box::new(measure::Measure),
        Box::new(redate::Redate),
        Box::new(remind::Remind),
        Box::new(runtime::Runtime::default()),
        Box::new(gather::Gather),
        Box::new(deliver::Deliver),
    ]
}

/// What the service asks itself for: the kind, and its schedule.
pub const HOUSEKEEPING: [(&str, &str); 5] = [
    (PRUNE, "17 3 * * *"),
    (end_requests::KIND, "PT10M"),
    (measure::KIND, "PT1H"),
    (remind::KIND, "PT1H"),
    (runtime::KIND, "PT5M"),
];

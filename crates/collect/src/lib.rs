//! One file per source of truth: IO in, observations out.
//!
//! A collector reads one kind of place (a directory tree, a git repository)
//! and never executes, imports, writes to or dials out of it. A new collector
//! is one file with a [`Collector`] and one line in the list below.
#![expect(
    clippy::disallowed_methods,
    reason = "this crate is where files are opened, so that the pure crates need not"
)]

mod directory;
mod git;
mod hash;
pub mod host;
mod logs;
mod look;
mod opened;
mod progress;
mod relocated;
pub mod stream;
mod target;

use std::path::PathBuf;
use std::sync::Arc;

use stance_core::{Coverage, Observation};
use stance_inspect::Options;
use stance_inspect::link::{Bounds, link};

pub use directory::Ignored;
pub use directory::file::{FileSource, OpenError};
pub use logs::{LogOptions, Logs, LogsError, logs};
pub use progress::Progress;
pub use stream::{RemoteError, Stream, StreamOptions};
pub use target::{Target, TargetError};

/// What is said of a file on which a parser panicked.
const BROKEN: &str = "a parser broke on it; please report this with the file";

/// Declares the collectors and lists them, in order.
macro_rules! collectors {
    ($($module:ident),* $(,)?) => {
        /// Every collector.
        pub static ALL: &[&dyn Collector] = &[$(&$module::COLLECTOR),*];
    };
}

collectors! {
    directory,
    git,
}

/// A source of truth.
pub trait Collector: Sync {
    /// What it is called in observations: `directory`, `git`.
    fn name(&self) -> &'static str;

    /// Looks at the target. What it cannot look at is a gap among the
    /// observations, not an error: the rest is still collected.
    fn collect(&self, target: &Target, context: &Context<'_>) -> Collected;
}

/// How a collection is done.
pub struct Context<'a> {
    /// What parsers are asked for, and their limits.
    pub options: Options<'a>,
    /// How many files are looked at at a time; at least 1.
    pub threads: usize,
    /// What happens to files that git ignores.
    pub ignored: Ignored,
    /// Whether symbolic links to files and directories are followed.
    pub follow_links: bool,
    /// Paths that are left out, relative to the target.
    pub exclude: globset::GlobSet,
    /// Absolute directories that are left out, such as Stance's own data.
    pub exclude_directories: Vec<PathBuf>,
    /// Where progress is counted.
    pub progress: &'a Progress,
}

/// What a collector saw.
#[derive(Debug, Default)]
pub struct Collected {
    /// Facts with their subject, in no particular order.
    pub observations: Vec<Observation>,
    /// How much was looked at.
    pub coverage: Coverage,
    /// What source files say about their names, until [`collect`] links them.
    modules: Vec<stance_inspect::link::Module>,
    /// Files whose text code may say to a model, until [`collect`] knows which are.
    prose: Vec<Arc<str>>,
    /// Files in which a shell sets variables, until [`collect`] knows what lies where they point to.
    profiles: Vec<Arc<str>>,
}

/// Looks at a target with every collector.
#[must_use]
pub fn collect(target: &Target, context: &Context<'_>) -> Collected {
    let mut all = Collected::default();
    for collector in ALL {
        let mut collected = collector.collect(target, context);
        collected.link(collector.name());
        opened::settle(&mut collected, collector.name(), target, context);
        relocated::settle(&mut collected, target, context);
        all.observations.extend(collected.observations);
        all.coverage.add(&collected.coverage);
    }
    all
}

impl Collected {
    /// Takes over what a parser says about one file.
    fn take(&mut self, source: &'static str, report: stance_inspect::Report) {
        self.coverage.add(&report.coverage);
        self.modules.extend(report.modules);
        let observations = report.facts.into_iter().map(|(subject, fact)| Observation {
            source,
            subject,
            fact,
        });
        self.observations.extend(observations);
    }

    /// Settles what source files left open, now that all of them were looked at.
    fn link(&mut self, source: &'static str) {
        for (subject, fact) in link(std::mem::take(&mut self.modules), Bounds::default()) {
            if let stance_core::Fact::Gap(gap) = &fact {
                self.coverage.skip(gap.reason.name());
            }
            self.observations.push(Observation {
                source,
                subject,
                fact,
            });
        }
    }

    /// Notes something that was not looked at.
    fn gap(
        &mut self,
        source: &'static str,
        path: &Arc<str>,
        reason: stance_core::fact::GapReason,
        detail: impl Into<String>,
    ) {
        self.coverage.skip(reason.name());
        let gap = stance_core::fact::Gap {
            reason,
            detail: detail.into(),
            evidence: stance_core::Evidence::file(Arc::clone(path)),
        };
        self.observations.push(Observation {
            source,
            subject: Arc::clone(path),
            fact: stance_core::Fact::Gap(Box::new(gap)),
        });
    }
}

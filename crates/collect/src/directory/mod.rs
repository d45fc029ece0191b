//! A directory tree: walks it, looks at every file on all cores.
//!
//! One thread walks; its entries go through a bounded queue to the workers,
//! so that a tree of any size needs the memory of a few batches. Nothing is
//! executed, written or followed out of the tree.

mod cached;
pub(crate) mod file;
mod relevant;
mod walk;

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use stance_core::fact::GapReason;
use stance_core::inventory::Tree;

use crate::look::look;
use crate::relocated;
use crate::{Collected, Collector, Context, Target};
use file::{FileSource, OpenError};
use walk::{Batch, Entry};

/// What happens to files that git ignores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ignored {
    /// They are not looked at.
    Skip,
    /// Those whose name says that they matter are looked at: model files,
    /// `.env`, agent and MCP configuration.
    Relevant,
    /// All are looked at.
    All,
}

const NAME: &str = "directory";

/// How many batches wait between the walker and the workers.
const QUEUE: usize = 32;

/// Most files of one worker that are remembered as what code may open.
const PROSE: usize = 100_000;

/// Most files of one worker in which shells set variables.
const PROFILES: usize = 1000;

/// Stack of a worker, in bytes. Parsers bound their recursion for half of it.
const STACK: usize = 16 << 20;

pub(crate) static COLLECTOR: Directory = Directory;

pub(crate) struct Directory;

impl Collector for Directory {
    fn name(&self) -> &'static str {
        NAME
    }

    fn collect(&self, target: &Target, context: &Context<'_>) -> Collected {
        let (sender, receiver) = sync_channel::<Batch>(QUEUE);
        let receiver = Mutex::new(receiver);
        let mut all = Collected::default();
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..context.threads.max(1))
                .map(|number| {
                    std::thread::Builder::new()
                        .name(format!("inspect-{number}"))
                        .stack_size(STACK)
                        .spawn_scoped(scope, || work(&receiver, target, context))
                })
                .collect();
            let walked = walk::walk(target, context, &sender);
            drop(sender);
            all.coverage.add(&walked);
            for worker in workers {
                match worker.map(std::thread::ScopedJoinHandle::join) {
                    Ok(Ok(collected)) => {
                        all.observations.extend(collected.observations);
                        all.modules.extend(collected.modules);
                        all.prose.extend(collected.prose);
                        all.profiles.extend(collected.profiles);
                        all.coverage.add(&collected.coverage);
                    }
                    Ok(Err(_)) => all.gap(
                        NAME,
                        &Arc::from("."),
                        GapReason::Defect,
                        "a worker thread broke; its files were not judged",
                    ),
                    Err(error) => all.gap(
                        NAME,
                        &Arc::from("."),
                        GapReason::Unreadable,
                        format!("the system gave no thread: {error}"),
                    ),
                }
            }
        });
        all
    }
}

fn work(queue: &Mutex<Receiver<Batch>>, target: &Target, context: &Context<'_>) -> Collected {
    let mut collected = Collected::default();
    loop {
        // The lock is held only to take one batch.
        let batch = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(batch) = batch else { break };
        for entry in batch {
            match entry {
                Entry::File(path) => {
                    let name = target.evidence_path(&path);
                    look_at(&name, &path, context, &mut collected);
                }
                Entry::Link { path, file } => {
                    let name = target.evidence_path(&path);
                    look_at(&name, &file, context, &mut collected);
                }
                Entry::Gap {
                    path,
                    reason,
                    detail,
                } => {
                    let path = target.evidence_path(&path);
                    collected.gap(NAME, &path, reason, detail);
                }
            }
        }
    }
    collected
}

pub(crate) fn look_at(
    name: &Arc<str>,
    path: &Path,
    context: &Context<'_>,
    collected: &mut Collected,
) {
    let source = match FileSource::open(path, context.follow_links) {
        Ok(source) => source,
        Err(error) => {
            let reason = match error {
                OpenError::Special => GapReason::Special,
                OpenError::Io(_) => GapReason::Unreadable,
            };
            collected.coverage.files += 1;
            collected.gap(NAME, name, reason, error.to_string());
            return;
        }
    };
    let Some(report) = look(name, &source, &context.options, context.progress) else {
        collected.coverage.files += 1;
        collected.gap(NAME, name, GapReason::Defect, crate::BROKEN);
        return;
    };
    let touched_beyond_head = report.coverage.bytes_read > stance_inspect::input::HEAD as u64;
    collected.take(NAME, report);
    if relocated::is_profile(name) && collected.profiles.len() < PROFILES {
        collected.profiles.push(Arc::clone(name));
    }
    if Tree::may_hold_a_prompt(name) && collected.prose.len() < PROSE {
        collected.prose.push(Arc::clone(name));
    }
    if touched_beyond_head && source.has_changed() {
        collected.gap(
            NAME,
            name,
            GapReason::Changed,
            "it changed while it was read; what is said about it may mix two states",
        );
    }
}

/// Whether a path lies in one of the directories.
fn is_inside(path: &Path, directories: &[PathBuf]) -> bool {
    directories
        .iter()
        .any(|directory| path.starts_with(directory))
}

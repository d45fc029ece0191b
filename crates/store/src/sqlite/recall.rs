//! What was counted a moment ago, and still is so: whoever leafs through a list, or looks at it after somebody else did, does
//! not have it counted again.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Halt;
use crate::{Counted, FindingGroups};

/// Most answers that are kept of each kind.
const MOST: usize = 400;

/// How long an answer serves that says itself that there is more: what a commit adds does not make it wrong.
const WHILE: Duration = Duration::from_secs(10);

/// What the connections of one process share about one database.
#[derive(Clone, Debug, Default)]
pub(super) struct Recall(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    /// Grows before and after each commit: who reads it before reading the data never takes old data for new.
    commits: AtomicU64,
    counts: Mutex<HashMap<String, Known<Counted>>>,
    groups: Mutex<HashMap<String, Known<FindingGroups>>>,
}

#[derive(Clone, Debug)]
struct Known<T> {
    commits: u64,
    at: Instant,
    answer: T,
}

/// An answer that may be kept.
pub(super) trait Kept: Clone {
    /// Whether it says that there is more than it tells.
    fn is_open(&self) -> bool;
}

impl Kept for Counted {
    fn is_open(&self) -> bool {
        self.more
    }
}

impl Kept for FindingGroups {
    fn is_open(&self) -> bool {
        !self.complete
    }
}

impl Recall {
    /// Something is about to be committed, or was.
    pub(super) fn advance(&self) {
        self.0.commits.fetch_add(1, Ordering::SeqCst);
    }

    /// How much was committed; to be asked before what is read.
    pub(super) fn commits(&self) -> u64 {
        self.0.commits.load(Ordering::SeqCst)
    }

    /// The count that was found for this question, or that `count` finds now. `commits` is what [`Recall::commits`] gave
    /// before anything of this view of the data was read.
    pub(super) fn count(
        &self,
        commits: u64,
        question: String,
        count: impl FnOnce() -> Result<Counted, Halt>,
    ) -> Result<Counted, Halt> {
        answer(&self.0.counts, commits, question, count)
    }

    /// As [`Recall::count`], for groups.
    pub(super) fn groups(
        &self,
        commits: u64,
        question: String,
        groups: impl FnOnce() -> Result<FindingGroups, Halt>,
    ) -> Result<FindingGroups, Halt> {
        answer(&self.0.groups, commits, question, groups)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how old a count is decides only whether it is made again"
)]
fn answer<T: Kept>(
    known: &Mutex<HashMap<String, Known<T>>>,
    commits: u64,
    question: String,
    find: impl FnOnce() -> Result<T, Halt>,
) -> Result<T, Halt> {
    let lock = || known.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(it) = lock().get(&question)
        && (it.commits == commits || (it.answer.is_open() && it.at.elapsed() < WHILE))
    {
        return Ok(it.answer.clone());
    }
    let answer = find()?;
    let mut kept = lock();
    if kept.len() >= MOST {
        // What was asked last is what is asked again; finding out what that is costs more than asking.
        kept.clear();
    }
    kept.insert(
        question,
        Known {
            commits,
            at: Instant::now(),
            answer: answer.clone(),
        },
    );
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exactly(count: u64) -> Counted {
        Counted { count, more: false }
    }

    fn asked(recall: &Recall, commits: u64, now: Counted) -> Counted {
        recall
            .count(commits, "how many".to_owned(), || Ok(now))
            .ok()
            .unwrap()
    }

    #[test]
    fn a_count_holds_until_something_is_committed() {
        let recall = Recall::default();
        assert_eq!(asked(&recall, recall.commits(), exactly(3)).count, 3);
        assert_eq!(asked(&recall, recall.commits(), exactly(4)).count, 3);
        recall.advance();
        assert_eq!(asked(&recall, recall.commits(), exactly(4)).count, 4);
    }

    #[test]
    fn a_count_that_says_more_serves_over_a_commit() {
        let recall = Recall::default();
        let more = Counted {
            count: 10_000,
            more: true,
        };
        asked(&recall, recall.commits(), more);
        recall.advance();
        assert_eq!(asked(&recall, recall.commits(), exactly(4)).count, 10_000);
    }
}

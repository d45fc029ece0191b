//! Verification: one pass over the log, holding a few hashes.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::checkpoint::Checkpoint;
use super::entry::{Entry, GENESIS, Stored};
use super::fault::{Fault, FaultKind};
use super::leaf;
use super::report::{Head, Report, Source};
use crate::merkle::{Frontier, Hash, Node};
use crate::signature::PublicKey;

/// Faults that are kept one by one; more are counted.
const MOST: usize = 100;

/// Reads a log from its first entry to its last.
#[derive(Debug)]
pub struct Verifier {
    origin: Option<String>,
    checkpoints: BTreeMap<u64, Vec<(Source, Hash)>>,
    nodes: BTreeMap<Node, Hash>,
    head: Option<Head>,
    /// Whether it may begin later than with the first entry.
    partial: bool,
    frontier: Frontier,
    /// Whether the frontier is that of all entries up to here.
    whole: bool,
    /// The number that comes next; nothing was read when it is 1, or in a part of a log.
    next: Option<u64>,
    last: Option<(u64, Timestamp, Hash)>,
    /// The largest size at which a checkpoint held.
    proven: u64,
    rewritten: bool,
    report: Report,
}

impl Default for Verifier {
    fn default() -> Self {
        Self {
            origin: None,
            checkpoints: BTreeMap::new(),
            nodes: BTreeMap::new(),
            head: None,
            partial: false,
            frontier: Frontier::default(),
            whole: true,
            next: None,
            last: None,
            proven: 0,
            rewritten: false,
            report: Report::default(),
        }
    }
}

impl Verifier {
    /// For a log of which the beginning may be missing.
    #[must_use]
    pub fn of_a_part() -> Self {
        Self {
            partial: true,
            ..Self::default()
        }
    }

    /// Says which log it is; without this, the first checkpoint says it.
    pub fn origin(&mut self, origin: &str) {
        let before = self.origin.replace(origin.to_owned());
        if before.is_some_and(|before| before != origin) {
            let what = "the checkpoint from elsewhere is about another log";
            self.fault(FaultKind::Checkpoint, None, what);
        }
    }

    /// The number of the first entry that was read.
    #[must_use]
    pub fn first(&self) -> Option<u64> {
        self.report.first
    }

    /// Expects this as what the next entry would build on.
    pub fn head(&mut self, head: Head) {
        self.head = Some(head);
    }

    /// Expects this hash of a complete subtree.
    pub fn node(&mut self, node: Node, hash: Hash) {
        self.nodes.insert(node, hash);
    }

    /// Expects the log to be the one that a signed note tells of. `name` is what people call the note.
    pub fn checkpoint(&mut self, source: Source, name: &str, note: &str, keys: &[PublicKey]) {
        let checkpoint = match Checkpoint::verify(note, keys) {
            Ok(checkpoint) => checkpoint,
            Err(reason) => {
                let what = format!("{name} is not accepted: {reason}");
                return self.fault(FaultKind::Checkpoint, None, what);
            }
        };
        let origin = self.origin.get_or_insert_with(|| checkpoint.origin.clone());
        if *origin != checkpoint.origin {
            let what = format!("{name} is about another log");
            return self.fault(FaultKind::Checkpoint, None, what);
        }
        let known = self.checkpoints.entry(checkpoint.size).or_default();
        known.push((source, checkpoint.root));
        if checkpoint.size == 0 {
            self.compare(0);
        }
    }

    /// Says whether a stored scan is what entry `seq` says was recorded, if there is one.
    pub fn scan(&mut self, id: i64, seq: Option<u64>, holds: bool) {
        match seq {
            None => self.report.untold_scans = self.report.untold_scans.saturating_add(1),
            Some(_) if holds => self.report.scans = self.report.scans.saturating_add(1),
            Some(_) => {
                let what =
                    format!("the stored results of scan {id} are not what was recorded here");
                self.fault(FaultKind::Contents, seq, what);
            }
        }
    }

    /// Says that something beside the log is wrong.
    pub fn fault(&mut self, kind: FaultKind, seq: Option<u64>, what: impl Into<String>) {
        if self.report.faults.len() < MOST {
            let what = what.into();
            self.report.faults.push(Fault { kind, seq, what });
        } else {
            self.report.more_faults = self.report.more_faults.saturating_add(1);
        }
    }

    /// Reads a line of an export.
    pub fn line(&mut self, number: u64, line: &str) {
        match Entry::from_line(line) {
            Ok(entry) => self.read(&entry.stored(), true),
            Err(reason) => {
                let next = self.next.unwrap_or(1);
                self.unreadable(next, &format!("line {number} is no entry: {reason}"));
            }
        }
    }

    /// Passes over what stands where entry `seq` should and cannot be read.
    pub fn unreadable(&mut self, seq: u64, what: &str) {
        self.fault(FaultKind::Malformed, Some(seq), what);
        self.whole = false;
        self.last = None;
        self.next = seq.checked_add(1);
    }

    /// Reads the next entry.
    pub fn entry(&mut self, stored: &Stored<'_>) {
        self.read(stored, false);
    }

    fn read(&mut self, stored: &Stored<'_>, is_well_formed: bool) {
        let seq = stored.seq;
        self.report.entries = self.report.entries.saturating_add(1);
        let first = *self.report.first.get_or_insert(seq);
        let expected = match self.next {
            Some(next) => next,
            None if self.partial && seq > 1 => {
                self.whole = false;
                first
            }
            None => 1,
        };
        if seq < expected {
            self.whole = false;
            let what = format!("it stands where entry {expected} belongs");
            return self.fault(FaultKind::Misplaced, Some(seq), what);
        }
        let follows = seq == expected;
        if !follows {
            self.whole = false;
            let missing = seq.saturating_sub(1);
            let what = if missing == expected {
                format!("entry {expected} is missing")
            } else {
                format!("entries {expected} to {missing} are missing")
            };
            self.fault(FaultKind::Missing, None, what);
        }
        self.next = seq.checked_add(1);

        let computed = stored.computed_hash();
        let hash = if computed == *stored.hash {
            if !is_well_formed {
                self.well_formed(stored);
            }
            if follows {
                self.chained(stored, first);
            }
            computed
        } else {
            let what =
                "its contents do not give its hash: it was changed or moved after it was recorded";
            self.fault(FaultKind::Edited, Some(seq), what);
            // Going on with the hash as it is stored tells each change once.
            stored.hash.try_into().unwrap_or(computed)
        };
        let at = Timestamp::from_millisecond(stored.at).unwrap_or_default();
        if self.last.is_some_and(|(_, before, _)| at < before) {
            self.report.set_back = self.report.set_back.saturating_add(1);
        }
        self.last = Some((seq, at, hash));
        if self.whole {
            self.grow(&hash);
            self.compare(seq);
        }
    }

    fn well_formed(&mut self, stored: &Stored<'_>) {
        if let Err(reason) = Entry::read(stored) {
            self.fault(FaultKind::Malformed, Some(stored.seq), reason);
        }
    }

    fn chained(&mut self, stored: &Stored<'_>, first: u64) {
        let before = match self.last {
            Some((_, _, hash)) => hash,
            None if stored.seq == 1 => GENESIS,
            // The entry before the first of a part, or a line that could not be read.
            None => return,
        };
        if *stored.previous != before {
            let what = if stored.seq == first {
                "it names an entry before it, and it is the first".to_owned()
            } else {
                format!(
                    "it does not follow entry {}: it names another hash as the one before it",
                    stored.seq.saturating_sub(1)
                )
            };
            self.fault(FaultKind::BrokenChain, Some(stored.seq), what);
        }
    }

    /// Adds the leaf of an entry, and holds subtrees against those that are stored.
    fn grow(&mut self, hash: &Hash) {
        let nodes = &mut self.nodes;
        let mut wrong = None;
        self.frontier.push(leaf(hash), |node, hash| {
            if nodes.remove(&node).is_some_and(|stored| stored != hash) {
                wrong.get_or_insert(node);
            }
        });
        if let Some(node) = wrong {
            let what = format!(
                "the stored hash of the tree at level {} and place {} is not that of the entries",
                node.level, node.index
            );
            self.fault(FaultKind::Tree, Some(self.frontier.size()), what);
        }
    }

    /// Holds the log so far against the checkpoints of its size.
    fn compare(&mut self, size: u64) {
        let Some(checkpoints) = self.checkpoints.remove(&size) else {
            return;
        };
        let root = self.frontier.root();
        for (source, signed) in checkpoints {
            let counted = match source {
                Source::Stored => &mut self.report.stored,
                Source::Outside => &mut self.report.outside,
            };
            if signed == root {
                counted.0 = counted.0.saturating_add(1);
                counted.1 = counted.1.max(Some(size));
                self.proven = self.proven.max(size);
                continue;
            }
            let place = match source {
                Source::Stored => "the stored checkpoint",
                Source::Outside => "the checkpoint from elsewhere",
            };
            // Later ones say no more than the first.
            if self.rewritten && source == Source::Stored {
                self.report.more_faults = self.report.more_faults.saturating_add(1);
                continue;
            }
            self.rewritten = true;
            let from = self.proven.saturating_add(1);
            let what = format!(
                "{place} of {size} entries was signed for other entries: at least one of entries {from} to {size} was \
                 changed, removed, added or moved, and the chain was computed anew"
            );
            self.fault(FaultKind::Rewritten, None, what);
        }
    }

    /// What the log is, after its last entry.
    #[must_use]
    pub fn finish(mut self) -> Report {
        let end = self.next.map_or(0, |next| next.saturating_sub(1));
        self.ends_at_its_head(end);
        let mut not_compared = 0_u64;
        for (size, checkpoints) in std::mem::take(&mut self.checkpoints) {
            if size <= end {
                not_compared = not_compared.saturating_add(checkpoints.len() as u64);
                continue;
            }
            if let Some((source, _)) = checkpoints.into_iter().max() {
                let place = match source {
                    Source::Stored => "a stored checkpoint",
                    Source::Outside => "the checkpoint from elsewhere",
                };
                let gone = size.saturating_sub(end);
                let what = format!(
                    "{place} was signed when there were {size} entries, and the log ends with entry {end}: the last \
                     {gone} were removed"
                );
                self.fault(FaultKind::Truncated, None, what);
            }
        }
        if let Some((node, _)) = self.nodes.first_key_value().filter(|_| self.whole) {
            let what = format!(
                "the stored hash of the tree at level {} and place {} is about entries that are not there",
                node.level, node.index
            );
            self.fault(FaultKind::Tree, None, what);
        }
        self.report.not_compared = not_compared;
        self.report.last = self.last;
        self.report.root = self.whole.then(|| self.frontier.root());
        self.report
    }

    fn ends_at_its_head(&mut self, end: u64) {
        let Some(head) = self.head.take() else {
            return;
        };
        if head.size > end {
            let gone = head.size.saturating_sub(end);
            let what = format!(
                "{} entries were recorded, and the log ends with entry {end}: the last {gone} were removed",
                head.size
            );
            self.fault(FaultKind::Truncated, None, what);
        } else if head.size < end {
            let what = format!(
                "entry {end} is there although only {} were recorded: it was written past the log",
                head.size
            );
            self.fault(FaultKind::Tree, Some(end), what);
        } else if self.whole
            && (head.frontier != self.frontier
                || head.last != self.last.map_or(GENESIS, |(_, _, hash)| hash))
        {
            let what = "what the next entry would build on is not what the entries lead to";
            self.fault(FaultKind::Tree, None, what);
        }
    }
}

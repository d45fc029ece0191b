//! What comes out of looking at a file.

use std::sync::Arc;

use stance_core::fact::{AnomalyKind, Artifact, Fact, Gap, GapReason, PickleEnd};
use stance_core::{Coverage, Evidence};

use crate::limits::Options;
use crate::link::Module;

/// Facts as they come in, with the budget of one outermost file.
pub struct Facts<'a> {
    options: &'a Options<'a>,
    facts: Vec<(Arc<str>, Fact)>,
    modules: Vec<Module>,
    bytes_read: u64,
    unpacked: u64,
    held: u64,
    members: u64,
    understood: bool,
    full: bool,
}

impl<'a> Facts<'a> {
    /// An empty collection.
    #[must_use]
    pub fn new(options: &'a Options<'a>) -> Self {
        Self {
            options,
            facts: Vec::new(),
            modules: Vec::new(),
            bytes_read: 0,
            unpacked: 0,
            held: 0,
            members: 0,
            understood: false,
            full: false,
        }
    }

    /// Adds a fact about `subject`, a path as evidence carries it. Past the
    /// limit of facts one gap says so and the rest is dropped.
    pub fn add(&mut self, subject: &Arc<str>, fact: Fact) {
        if self.facts.len() < self.options.limits.facts {
            self.facts.push((Arc::clone(subject), fact));
        } else if !self.full {
            self.full = true;
            let gap = Gap {
                reason: GapReason::Limit,
                detail: format!("more than {} facts in one file", self.options.limits.facts),
                evidence: Evidence::file(Arc::clone(subject)),
            };
            self.facts
                .push((Arc::clone(subject), Fact::Gap(Box::new(gap))));
        }
    }

    /// Leaves what a source file says about its names, for [`crate::link::link`].
    pub fn leave(&mut self, module: Module) {
        // A container of more source files is told by itself.
        if self.modules.len() < self.options.limits.facts {
            self.modules.push(module);
        }
    }

    /// Whether there is no room for another fact.
    pub(crate) const fn is_full(&self) -> bool {
        self.full
    }

    /// Says that something was not looked at.
    pub fn gap(&mut self, reason: GapReason, detail: impl Into<String>, evidence: Evidence) {
        let subject = Arc::clone(&evidence.path);
        let gap = Gap {
            reason,
            detail: detail.into(),
            evidence,
        };
        self.add(&subject, Fact::Gap(Box::new(gap)));
    }

    /// Takes `bytes` from the budget of what may be unpacked; false, and
    /// nothing taken, when they are more than is left.
    pub fn take_unpacked(&mut self, bytes: u64) -> bool {
        let total = self.unpacked.saturating_add(bytes);
        let within = total <= self.options.limits.unpacked;
        if within {
            self.unpacked = total;
        }
        within
    }

    /// How many bytes may still be unpacked.
    #[must_use]
    pub fn unpacked_left(&self) -> u64 {
        self.options.limits.unpacked.saturating_sub(self.unpacked)
    }

    /// Says that `bytes` of unpacked content are held in memory; [`Facts::release`] says when they
    /// no longer are.
    pub fn hold(&mut self, bytes: u64) {
        self.held = self.held.saturating_add(bytes);
    }

    /// Says that `bytes` are no longer held.
    pub fn release(&mut self, bytes: u64) {
        self.held = self.held.saturating_sub(bytes);
    }

    /// How much unpacked content may be held more: what containers that are nested in each other
    /// hold at the same time counts together. Something is always left, so that no nesting keeps
    /// a small payload from view.
    pub fn room(&self) -> u64 {
        const HELD: u64 = 48 << 20;
        const LEAST: u64 = 1 << 20;
        HELD.saturating_sub(self.held).max(LEAST)
    }

    /// Counts a member that is looked into; false when there were too many.
    /// The caller that stops then says so with a gap.
    pub fn count_member(&mut self) -> bool {
        let within = self.members < self.options.limits.members;
        if within {
            self.members = self.members.saturating_add(1);
        }
        within
    }

    /// How many members may still be looked into.
    pub fn members_left(&self) -> u64 {
        self.options.limits.members.saturating_sub(self.members)
    }

    /// A mark behind the last fact so far, for [`Facts::take_artifacts`].
    pub fn mark(&self) -> usize {
        self.facts.len()
    }

    /// Whether an artefact was added behind `mark`.
    pub fn has_artifacts(&self, mark: usize) -> bool {
        self.facts
            .iter()
            .skip(mark)
            .any(|(_, fact)| matches!(fact, Fact::Artifact(_)))
    }

    /// Takes back the artefacts added behind `mark`: those of the members of a
    /// container that is one model as a whole.
    pub fn take_artifacts(&mut self, mark: usize) -> Vec<Artifact> {
        let mut taken = Vec::new();
        for (subject, fact) in self.facts.split_off(mark.min(self.facts.len())) {
            match fact {
                Fact::Artifact(artifact) => taken.push(*artifact),
                other => self.facts.push((subject, other)),
            }
        }
        taken
    }

    /// Says of the artefacts added behind `mark` that only the start of their bytes was at hand: where a
    /// pickle ended in the middle, this reader stopped, and the pickle may be sound.
    pub fn cut_short(&mut self, mark: usize) {
        for (_, fact) in self.facts.iter_mut().skip(mark) {
            let Fact::Artifact(artifact) = fact else {
                continue;
            };
            // The file ends where unpacking did.
            artifact
                .anomalies
                .retain(|anomaly| anomaly.kind != AnomalyKind::Truncated);
            for pickle in &mut artifact.pickles {
                if pickle.end == PickleEnd::Truncated {
                    pickle.end = PickleEnd::Limit("only the start of it was unpacked".to_owned());
                }
            }
        }
    }

    /// The first artefact that is `path` as a whole.
    pub fn artifact_mut(&mut self, path: &str) -> Option<&mut Artifact> {
        self.facts
            .iter_mut()
            .find_map(|(subject, fact)| match fact {
                Fact::Artifact(artifact) if **subject == *path => Some(&mut **artifact),
                _ => None,
            })
    }

    /// Counts bytes that were read.
    pub fn count_bytes(&mut self, count: u64) {
        self.bytes_read = self.bytes_read.saturating_add(count);
    }

    pub(crate) fn understood(&mut self) {
        self.understood = true;
    }

    /// What was found, and how much was looked at.
    pub fn into_report(self) -> Report {
        let mut coverage = Coverage {
            files: 1,
            bytes_read: self.bytes_read,
            members: self.members,
            understood: u64::from(self.understood),
            ..Coverage::default()
        };
        for (_, fact) in &self.facts {
            if let Fact::Gap(gap) = fact {
                coverage.skip(gap.reason.name());
            }
        }
        Report {
            facts: self.facts,
            modules: self.modules,
            coverage,
        }
    }
}

/// What one file is and holds, and how much of it was looked at.
#[derive(Debug)]
pub struct Report {
    /// Facts with their subject: the file, or a member as `outer!inner`.
    pub facts: Vec<(Arc<str>, Fact)>,
    /// What source files say about their names. Whoever has the reports of a tree hands all of them to
    /// [`crate::link::link`], whose facts belong to the tree as well.
    pub modules: Vec<Module>,
    /// How much was looked at; `files` is 1, `bytes_total` is left to the caller.
    pub coverage: Coverage,
}

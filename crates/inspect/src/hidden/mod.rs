//! Second contents of model files: programs, scripts, pickles and archives that stand somewhere in
//! the bytes of a file that is something else.
//!
//! Parsers of formats look where their formats have data. This one looks at the bytes as they are,
//! so that it holds for fields, gaps and formats that nobody reads. Comes behind all parsers but
//! one: it adds to what they found.

mod scope;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use stance_core::Locus;
use stance_core::fact::{AnomalyKind, Artifact, ArtifactFormat, Fact, PickleTrace};

use stance_models::payload::{self, Found, OVERLAP, Place, Wrapped};
use stance_models::weights::look_into;
use stance_pickle::Trial;
use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::source::{Bytes, Slice};

use scope::{Scope, scope};

pub(crate) static INSPECTOR: Hidden = Hidden;

/// Bytes read at a time.
const BLOCK: u64 = 1 << 20;
/// Bytes at the end of a file that are looked at, however long it is.
const TAIL: u64 = 64 * 1024;
/// Containers that are looked into.
const INNER: usize = 8;
/// Bytes of a file with the name of a pickle in which one may start behind something else.
const PREFIX: usize = 2048;

pub(crate) struct Hidden;

impl Inspector for Hidden {
    fn name(&self) -> &'static str {
        "hidden"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        !input.is_empty()
    }

    fn understands(&self) -> bool {
        false
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let known = facts.artifact_mut(input.path()).map(|known| known.format);
        let Some(scope) = scope(input, known) else {
            return;
        };
        let mut search = Search::default();
        search.read(input, scope, facts);
        if scope == Scope::Pickle && search.found.is_empty() {
            search.found.extend(behind_prefix(input.head()));
        }
        let Some(scratch) = search.tell(input, scope, facts) else {
            return;
        };
        if let Some(known) = facts.artifact_mut(input.path()) {
            known.absorb(scratch);
        } else {
            let path = Arc::clone(input.path());
            facts.add(&path, Fact::Artifact(Box::new(scratch)));
        }
    }
}

/// What was found in the bytes of a file.
#[derive(Default)]
struct Search {
    found: Vec<Found>,
    wrapped: Vec<Wrapped>,
}

impl Search {
    /// Looks at the parts of the file that are in scope.
    fn read(&mut self, input: &Input<'_>, scope: Scope, facts: &mut Facts<'_>) {
        let (from, to) = match scope {
            Scope::Head => (0, input.head().len() as u64),
            Scope::Part(from, to) => (from, to.min(input.len())),
            Scope::Whole | Scope::Pickle | Scope::Data => (0, input.len()),
        };
        let most = input.options().limits.tensor_bytes;
        let end = to.min(from.saturating_add(most));
        self.range(input, from, end, facts);
        if matches!(scope, Scope::Head | Scope::Part(..)) {
            return;
        }
        let tail = input.len().saturating_sub(TAIL).max(end);
        if tail < input.len() {
            self.range(input, tail, input.len(), facts);
        }
    }

    fn range(&mut self, input: &Input<'_>, from: u64, to: u64, facts: &mut Facts<'_>) {
        let mut block: Vec<u8> = Vec::new();
        let mut at = from;
        while at < to {
            let wanted = to.saturating_sub(at).min(BLOCK);
            // What is at hand is not read again.
            let head = usize::try_from(at)
                .ok()
                .and_then(|at| input.head().get(at..))
                .filter(|rest| !rest.is_empty());
            let fresh = match head {
                Some(rest) => {
                    let most = usize::try_from(wanted).unwrap_or(usize::MAX);
                    rest.get(..most).unwrap_or(rest).to_vec()
                }
                None => match input.read(at, wanted, facts) {
                    Some(fresh) if !fresh.is_empty() => fresh,
                    _ => return,
                },
            };
            let start = at.saturating_sub(block.len() as u64);
            block.extend_from_slice(&fresh);
            at = at.saturating_add(fresh.len() as u64);
            let until = if at < to {
                block.len().saturating_sub(OVERLAP)
            } else {
                block.len()
            };
            payload::find(
                &block,
                0..until,
                start,
                Place::Descriptions,
                &mut self.found,
            );
            payload::find_wrapped(&block, 0..until, start, &mut self.wrapped);
            block.drain(..until);
        }
    }

    /// What of it is to be told, as an artefact of its own; `None` when nothing is.
    fn tell(self, input: &Input<'_>, scope: Scope, facts: &mut Facts<'_>) -> Option<Artifact> {
        if self.found.is_empty() && self.wrapped.is_empty() {
            return None;
        }
        let known = facts.artifact_mut(input.path());
        let is_known = known.is_some();
        let told = known.map(|known| told(known)).unwrap_or_default();
        let is_told = |at: u64| told.iter().any(|(start, end)| (*start..*end).contains(&at));
        let mut scratch = Artifact::new(ArtifactFormat::Other, input.len(), input.evidence());
        let programs = scope.tells_programs();
        let mut inner = INNER;
        let certain = self.found.iter().filter(|found| found.is_certain());
        for found in certain.filter(|found| !is_told(found.at)) {
            if found.kind.is_program() {
                // What a file begins with is told by its name.
                if programs && (found.at > 0 || is_known) {
                    hold(
                        input,
                        &mut scratch,
                        found.kind.title(),
                        found.at,
                        found.length,
                    );
                }
                continue;
            }
            let Some(left) = inner.checked_sub(1) else {
                continue;
            };
            inner = left;
            if found.at > 0 {
                let rest = input.len().saturating_sub(found.at);
                let slice = Slice::new(input.source(), found.at, rest);
                let name = format!("byte {:#x}", found.at);
                look_into(input, &name, &slice, &mut scratch, facts);
            }
        }
        for wrapped in self.wrapped.iter().filter(|wrapped| !is_told(wrapped.at)) {
            let title = wrapped.title();
            if wrapped.kind.is_program() {
                if programs {
                    hold(input, &mut scratch, &title, wrapped.at, wrapped.length);
                }
            } else if let Some(left) = inner.checked_sub(1) {
                inner = left;
                let name = format!("byte {:#x}", wrapped.at);
                look_into(input, &name, &Bytes(&wrapped.content), &mut scratch, facts);
            }
        }
        if let Some(known) = facts.artifact_mut(input.path()) {
            let same = |one: &PickleTrace, other: &PickleTrace| {
                one.opcodes == other.opcodes
                    && one.globals.len() == other.globals.len()
                    && one
                        .globals
                        .iter()
                        .zip(&other.globals)
                        .all(|(one, other)| one.name == other.name)
            };
            // The parser of the format has looked into it.
            scratch
                .pickles
                .retain(|found| !known.pickles.iter().any(|known| same(known, found)));
        }
        let anything = !scratch.anomalies.is_empty()
            || scratch
                .pickles
                .iter()
                .any(|pickle| !pickle.globals.is_empty())
            || !scratch.embedded.is_empty();
        anything.then_some(scratch)
    }
}

fn hold(input: &Input<'_>, scratch: &mut Artifact, title: &str, at: u64, length: u64) {
    scratch.anomaly(
        AnomalyKind::Polyglot,
        format!("at byte {at:#x} it holds {title}"),
        input.evidence_at(at..at.saturating_add(length), title),
    );
}

/// The bytes of which the parsers said what they are.
fn told(known: &Artifact) -> Vec<(u64, u64)> {
    let signs = known.tensor_signs.iter().map(|sign| &sign.evidence);
    let anomalies = known
        .anomalies
        .iter()
        .filter(|anomaly| {
            matches!(
                anomaly.kind,
                AnomalyKind::Polyglot | AnomalyKind::UnclaimedBytes
            )
        })
        .map(|anomaly| &anomaly.evidence);
    signs
        .chain(anomalies)
        .filter(|evidence| evidence.path == known.evidence.path)
        .filter_map(|evidence| match evidence.locus {
            Locus::Bytes { offset, length } => Some((offset, offset.saturating_add(length.max(1)))),
            _ => None,
        })
        .collect()
}

/// A pickle in a file that is called one, behind bytes that keep it from being seen: a mark of another
/// format, a comment, a protocol that does not exist.
fn behind_prefix(head: &[u8]) -> Option<Found> {
    (1..PREFIX.min(head.len())).find_map(|at| {
        let rest = head.get(at..)?;
        let holds = Trial::of(rest).is_some_and(|trial| trial.starts_pickle(rest) && trial.acts());
        holds.then_some(Found {
            kind: payload::Kind::Pickle,
            at: at as u64,
            length: 2,
        })
    })
}

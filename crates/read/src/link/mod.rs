//! Names across the files of a tree, in two pure steps.
//!
//! Each source file leaves a [`Module`]: what its names are as far as the file tells, which functions it calls
//! with what, and which calls wait for a name that another file defines. [`link`] runs once after the walk. It
//! follows imports, members, entries, joined texts, results of functions and parameters through the modules of
//! the tree and hands every waiting call back to its language, with all that could be found out. What stays open
//! is handed back as it was, so that it is told as unresolved rather than dropped.
//!
//! Modules are taken in order of their paths and every step is counted, so the answer depends neither on threads
//! nor on what else is in memory. Nothing here knows a language but [`paths`], which knows how an import becomes a
//! file.

mod evaluate;
mod paths;
mod term;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;
use stance_core::Evidence;
use stance_core::fact::{Fact, Gap, GapReason, Language};

pub use evaluate::Answer;
pub use term::{Class, Function, Term, dotted};

use evaluate::Linker;
use paths::Paths;

/// Most names, calls and waiting calls of one module that are kept, each.
pub const KEPT: usize = 512;

/// What one file leaves.
#[derive(Clone, Debug)]
pub struct Module {
    /// Its path as evidence carries it.
    pub path: Arc<str>,
    /// Only modules of one language import each other.
    pub language: Language,
    /// Whether the file was read for all of its names, rather than glanced at.
    pub whole: bool,
    /// What its names are, with where those stand that hold a text.
    pub names: BTreeMap<String, Named>,
    /// Modules whose names it has all, as it writes them: `from .config import *`, `export * from "./config"`.
    pub all_of: Vec<String>,
    /// Calls that hand something on to functions and classes of the tree.
    pub calls: Vec<Handed>,
    /// Calls that wait for names.
    pub waiting: Vec<Waiting>,
    /// Makes facts of what waited.
    pub settle: Settle,
}

/// Makes the facts of one file of its calls, now that all is known that can be.
pub type Settle = fn(&Arc<str>, &[Settled<'_>]) -> Vec<Fact>;

/// What a name is.
#[derive(Clone, Debug)]
pub struct Named {
    /// As far as the file tells.
    pub term: Term,
    /// Where, if it matters to people.
    pub at: Option<Arc<Evidence>>,
}

/// A call that hands something on.
#[derive(Clone, Debug)]
pub struct Handed {
    /// What is called.
    pub callee: Term,
    /// With what.
    pub arguments: Vec<Argument>,
}

/// An argument of a call.
#[derive(Clone, Debug)]
pub struct Argument {
    /// Its keyword; the name of the property when the call takes an object.
    pub name: Option<String>,
    /// What is passed.
    pub term: Term,
    /// As the source writes it, when that is short.
    pub written: String,
    /// Where.
    pub at: Arc<Evidence>,
}

/// A call that waits for names.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// What is called.
    pub callee: Term,
    /// With what.
    pub arguments: Vec<Argument>,
    /// Whether arguments may be missing from the list.
    pub open_ended: bool,
    /// The name that gets the result.
    pub assigned: Option<String>,
    /// What the object whose method it is was made with.
    pub origin: Vec<(String, Term)>,
    /// Where the callee stands.
    pub at: Arc<Evidence>,
    /// What the language needs besides, such as the function that a decorator stands on.
    pub notes: BTreeMap<&'static str, Json>,
    /// Where what the notes speak about stands.
    pub noted_at: Option<Arc<Evidence>>,
}

/// A call with all that could be found out about it.
#[derive(Clone, Debug)]
pub struct Settled<'m> {
    /// As the file left it.
    pub waiting: &'m Waiting,
    /// The callee, dotted.
    pub callee: String,
    /// What each argument may be; empty for one that stays open.
    pub arguments: Vec<Vec<Answer>>,
    /// What the object whose method it is was made with.
    pub origin: Vec<(String, Answer)>,
}

/// How much linking may take.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Terms that are looked at in all.
    pub steps: u64,
    /// Modules that are kept.
    pub modules: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            steps: 20_000_000,
            modules: 200_000,
        }
    }
}

/// Settles what waits in the modules of one tree. Subjects are the paths of the modules.
#[must_use]
pub fn link(mut modules: Vec<Module>, bounds: Bounds) -> Vec<(Arc<str>, Fact)> {
    modules.sort_by(|a, b| a.path.cmp(&b.path));
    let mut facts = Vec::new();
    let gap = |path: &Arc<str>, detail: &str| {
        let gap = Gap {
            reason: GapReason::Limit,
            detail: detail.to_owned(),
            evidence: Evidence::file(Arc::clone(path)),
        };
        (Arc::clone(path), Fact::Gap(Box::new(gap)))
    };
    if let Some(first) = modules.get(bounds.modules) {
        facts.push(gap(&first.path, "more source files than are linked with each other"));
        modules.truncate(bounds.modules);
    }
    let paths = Paths::new(&modules);
    let mut linker = Linker::new(&modules, &paths, bounds.steps);
    for (number, module) in modules.iter().enumerate() {
        if module.waiting.is_empty() {
            continue;
        }
        let settled: Vec<Settled<'_>> = module
            .waiting
            .iter()
            .map(|one| linker.settle(number, one))
            .collect();
        let found = (module.settle)(&module.path, &settled);
        facts.extend(found.into_iter().map(|fact| (Arc::clone(&module.path), fact)));
    }
    if linker.is_exhausted()
        && let Some(first) = modules.first()
    {
        facts.push(gap(
            &first.path,
            "following names from file to file took too long; some are told as unresolved",
        ));
    }
    facts
}

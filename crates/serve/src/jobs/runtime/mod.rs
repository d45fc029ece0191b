//! What the guard found at run time becomes findings on what it was found at.
//!
//! All of the last day is one telling of one source, `runtime`: what is not found again is no longer told, and its
//! findings close. However much was found, a family of rules has one finding for a model, or for the place where no model
//! took part.

mod family;
mod gather;
mod known;
mod names;
mod tell;

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use stance_core::{Coverage, Environment};
use stance_store::sources::{NewSource, Source, SourceKind, SourceSettings, Sources as _};
use stance_store::{
    Estate as _, Ingest, Ingested, Objectives as _, SourceNumber, Sqlite, Traffic as _,
};

use super::task::{Failure, Task, Work};
use crate::record::Teller;

pub(crate) use family::Family;
pub(crate) use names::base;
pub(crate) use tell::{NOT_JUDGED, UNDECLARED};

pub(super) const KIND: &str = "runtime";

/// What names the source for good.
const KEY: &str = "runtime";

/// As long as nothing passes, it is enough to look so often for what is over.
const QUIET: SignedDuration = SignedDuration::from_hours(1);

/// Makes findings of what was found at run time.
#[derive(Default)]
pub(super) struct Runtime {
    /// How much was kept when it was last done, and when that was. After a restart it is done once more, which changes
    /// nothing.
    last: Mutex<Option<(u64, Timestamp)>>,
}

impl Runtime {
    /// Whether there is nothing new since the last time, and that was not long ago.
    fn is_done(&self, counter: u64, now: Timestamp) -> bool {
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_some_and(|(known, at)| {
            known == counter && now >= at && now.duration_since(at) < QUIET
        })
    }
}

impl Work for Runtime {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run(&self, task: &Task<'_>) -> Result<(), Failure> {
        let now = task.now();
        let (size, source) = task
            .books
            .read(|store| Ok((store.traffic_size()?, store.source_by_key(KEY)?)))?;
        let is_wanted = match &source {
            Some(source) => is_kept(source),
            None => size.counter > 0,
        };
        if !is_wanted || self.is_done(size.counter, now) {
            return Ok(());
        }
        let own = source.map(|source| source.id);
        let told = task.books.read(move |store| {
            let gathered = gather::gather(store, now)?;
            let known = known::known(store, &gathered.models, own)?;
            Ok(tell::tell(&gathered, &known))
        })?;
        let done = task.books.write(move |store| {
            let source = match store.source_by_key(KEY)? {
                // Somebody removed or paused it meanwhile.
                Some(source) if !is_kept(&source) => return Ok(None),
                Some(source) => source.id,
                None => add(store, now)?,
            };
            Ok(Some(take(store, source, &told, now)?))
        })?;
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((size.counter, now));
        let Some(done) = done else {
            return Ok(());
        };
        task.tell("findings");
        if has_changed(&done) {
            task.tell("assets");
            task.tell("score");
            super::measure::ask(task.books, task.now())?;
        }
        Ok(())
    }
}

/// Whether people want it: one that was removed or paused stays as it is.
fn is_kept(source: &Source) -> bool {
    source.removed.is_none() && source.settings.enabled
}

fn has_changed(done: &Ingested) -> bool {
    [
        done.appeared,
        done.changed,
        done.vanished,
        done.opened,
        done.reopened,
        done.fixed,
    ]
    .iter()
    .any(|count| *count > 0)
}

fn add(store: &mut Sqlite, now: Timestamp) -> Result<SourceNumber, crate::error::ApiError> {
    let settings = SourceSettings {
        name: "Run time".to_owned(),
        options: json!({}),
        schedule: None,
        enabled: true,
        owner: None,
        environment: Environment::Production,
    };
    let new = NewSource {
        key: KEY,
        kind: SourceKind::Runtime,
        settings: &settings,
    };
    let id = store.add_source(&new, now)?;
    let detail = json!({"name": settings.name, "kind": SourceKind::Runtime.name()});
    Teller::of_system(KIND, now).tell(store, "source.add", "source", id, detail)?;
    Ok(id)
}

fn take(
    store: &mut Sqlite,
    source: SourceNumber,
    told: &tell::Told,
    now: Timestamp,
) -> stance_store::Result<Ingested> {
    let deadlines = store.deadlines()?;
    store.ingest(&Ingest {
        source,
        run: None,
        at: now,
        assets: &told.assets,
        relations: &told.relations,
        findings: &told.findings,
        coverage: &Coverage::default(),
        unjudged: &std::collections::BTreeSet::new(),
        judged: Some(&told.judged),
        deadlines,
    })
}

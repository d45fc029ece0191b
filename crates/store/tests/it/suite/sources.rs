//! Sources and runs.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use stance_core::Environment;
use stance_store::Backend;
use stance_store::jobs::{JobState, Jobs};
use stance_store::sources::{
    NewRun, NewSource, RunEnd, RunFilter, RunState, SourceFilter, SourceKind, SourceSettings,
    Sources, Upload,
};
use stance_store::{RunNumber, SourceNumber, StoreError};

use super::Place;

const LEASE: SignedDuration = SignedDuration::from_secs(60);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn settings(name: &str) -> SourceSettings {
    SourceSettings {
        name: name.to_owned(),
        options: json!({"path": "/srv/app"}),
        schedule: Some("PT1H".to_owned()),
        enabled: true,
        owner: Some("ml-platform".to_owned()),
        environment: Environment::Production,
    }
}

fn add(store: &mut impl Backend, name: &str) -> SourceNumber {
    let key = format!("/srv/{name}");
    let source = NewSource {
        key: &key,
        kind: SourceKind::Directory,
        settings: &settings(name),
    };
    store.add_source(&source, at(0)).unwrap()
}

fn ask(source: SourceNumber) -> NewRun<'static> {
    NewRun {
        source,
        cause: "person",
        actor: Some("ada"),
        job: "scan",
        priority: 0,
    }
}

pub(crate) fn a_source_is_kept_as_it_was_added<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let id = add(&mut store, "app");
    let source = store.source(id).unwrap().source;
    assert_eq!(source.settings, settings("app"));
    assert_eq!((source.kind, source.revision), (SourceKind::Directory, 0));
    assert_eq!(source.created, at(0));
    let twice = NewSource {
        key: "/srv/app",
        kind: SourceKind::Git,
        settings: &settings("other"),
    };
    let error = store.add_source(&twice, at(1)).unwrap_err();
    assert!(
        error.to_string().contains("already a source `/srv/app`"),
        "{error}"
    );
    assert_eq!(store.count_sources().unwrap(), 1);
}

pub(crate) fn an_edit_of_what_somebody_else_edited_is_refused<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let id = add(&mut store, "app");
    let mut edited = settings("shop");
    edited.schedule = None;
    assert_eq!(store.edit_source(id, &edited, 0, at(1)).unwrap(), 1);
    let error = store
        .edit_source(id, &settings("mine"), 0, at(1))
        .unwrap_err();
    assert!(matches!(error, StoreError::Edited { .. }), "{error}");
    assert_eq!(store.source(id).unwrap().source.settings, edited);
    let missing = store
        .edit_source(SourceNumber(9), &edited, 0, at(1))
        .unwrap_err();
    assert!(matches!(missing, StoreError::NoSource(_)));
}

pub(crate) fn a_removed_source_stays_for_its_history_and_can_come_back<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let id = add(&mut store, "app");
    let asked = store.ask_run(&ask(id), at(1)).unwrap();
    store.remove_source(id, at(2)).unwrap();
    assert_eq!(store.run(asked.run).unwrap().state, RunState::Cancelled);
    assert!(matches!(
        store.ask_run(&ask(id), at(3)),
        Err(StoreError::NoSource(_))
    ));
    assert!(store.remove_source(id, at(3)).is_err());
    assert_eq!(store.due().unwrap(), []);
    let listed = |store: &P::Store, removed| {
        let filter = SourceFilter {
            removed,
            limit: 9,
            ..SourceFilter::default()
        };
        store.sources(&filter).unwrap().len()
    };
    assert_eq!((listed(&store, false), listed(&store, true)), (0, 1));
    assert_eq!(
        add(&mut store, "app"),
        id,
        "the same source again, with its runs"
    );
    assert_eq!(store.source(id).unwrap().runs.len(), 1);
}

pub(crate) fn sources_come_in_pages_in_order_of_name<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    for name in ["delta", "Alpha", "charlie", "bravo", "echo"] {
        add(&mut store, name);
    }
    let mut names = Vec::new();
    let mut after = None;
    loop {
        let filter = SourceFilter {
            after,
            limit: 2,
            ..SourceFilter::default()
        };
        let page = store.sources(&filter).unwrap();
        let Some(last) = page.last() else { break };
        after = Some((last.source.settings.name.clone(), last.source.id));
        names.extend(page.into_iter().map(|one| one.source.settings.name));
    }
    assert_eq!(names, ["Alpha", "bravo", "charlie", "delta", "echo"]);
    let filter = SourceFilter {
        text: Some("LPH".to_owned()),
        limit: 9,
        ..SourceFilter::default()
    };
    assert_eq!(store.sources(&filter).unwrap().len(), 1);
}

pub(crate) fn a_run_goes_from_queued_to_its_end<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let id = add(&mut store, "app");
    let asked = store.ask_run(&ask(id), at(1)).unwrap();
    assert!(asked.new);
    let again = store.ask_run(&ask(id), at(2)).unwrap();
    assert_eq!((again.run, again.new), (asked.run, false));
    assert_eq!(store.unfinished_runs().unwrap(), (1, 0));

    let job = store
        .take_job("w", &["scan"], at(3), LEASE)
        .unwrap()
        .unwrap();
    assert_eq!(job.body, json!({"run": asked.run.0, "source": id.0}));
    assert!(store.start_run(asked.run, at(3)).unwrap());
    store
        .heartbeat(&job.lease(), Some(&json!({"bytes": 7})), at(4), LEASE)
        .unwrap();
    let run = store.run(asked.run).unwrap();
    assert_eq!((run.state, run.started), (RunState::Running, Some(at(3))));
    assert_eq!(
        (run.progress, run.actor.as_deref()),
        (Some(json!({"bytes": 7})), Some("ada"))
    );

    let outcome = json!({"assets": 3});
    let end = RunEnd::Succeeded { outcome: &outcome };
    assert!(
        store
            .end_run(asked.run, &end, "read 3 files", at(9))
            .unwrap()
    );
    store.finish_job(&job.lease(), at(9)).unwrap();
    let late = RunEnd::Failed { error: "late" };
    assert!(
        !store.end_run(asked.run, &late, "more", at(10)).unwrap(),
        "the first end stands"
    );
    let run = store.run(asked.run).unwrap();
    assert_eq!(
        (run.state, run.outcome, run.error),
        (RunState::Succeeded, Some(outcome), None)
    );
    assert_eq!(
        store.run_log(asked.run).unwrap().as_deref(),
        Some("read 3 files")
    );
    assert!(!store.start_run(asked.run, at(11)).unwrap());
    assert_eq!(store.source(id).unwrap().runs[0].finished, Some(at(9)));
    assert!(store.ask_run(&ask(id), at(12)).unwrap().new);
}

pub(crate) fn a_run_whose_worker_is_lost_too_often_fails<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let id = add(&mut store, "app");
    let asked = store.ask_run(&ask(id), at(0)).unwrap();
    for round in 0..3 {
        store
            .take_job("w", &["scan"], at(round * 100), LEASE)
            .unwrap()
            .unwrap();
        store.start_run(asked.run, at(round * 100)).unwrap();
        store.recover_jobs(at(round * 100 + 61)).unwrap();
    }
    let run = store.run(asked.run).unwrap();
    assert_eq!((run.state, run.finished), (RunState::Failed, Some(at(261))));
    assert!(run.error.unwrap().contains("ended before it was done"));
}

pub(crate) fn a_worker_that_is_lost_between_job_and_run_leaves_no_run_open<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let id = add(&mut store, "app");
    let asked = store.ask_run(&ask(id), at(0)).unwrap();
    let job = store
        .take_job("w", &["scan"], at(0), LEASE)
        .unwrap()
        .unwrap();
    store.finish_job(&job.lease(), at(1)).unwrap();
    store.recover_jobs(at(2)).unwrap();
    assert_eq!(store.run(asked.run).unwrap().state, RunState::Failed);
}

pub(crate) fn a_run_that_is_asked_for_while_a_job_ends_has_a_job_of_its_own<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let id = add(&mut store, "app");
    let first = store.ask_run(&ask(id), at(0)).unwrap().run;
    let job = store
        .take_job("w", &["scan"], at(0), LEASE)
        .unwrap()
        .unwrap();
    store.start_run(first, at(0)).unwrap();
    let end = RunEnd::Succeeded {
        outcome: &json!({}),
    };
    store.end_run(first, &end, "", at(1)).unwrap();
    // The run has ended, its job not yet: the worker may be killed between the two.
    let second = store.ask_run(&ask(id), at(2)).unwrap();
    assert!(second.new);
    let again = store.ask_run(&ask(id), at(2)).unwrap();
    assert_eq!((again.run, again.new), (second.run, false), "one at a time");
    store.finish_job(&job.lease(), at(3)).unwrap();
    store.recover_jobs(at(4)).unwrap();
    assert_eq!(store.run(second.run).unwrap().state, RunState::Queued);
    let next = store
        .take_job("w", &["scan"], at(5), LEASE)
        .unwrap()
        .unwrap();
    assert_eq!(next.body["run"], second.run.0);
}

pub(crate) fn a_run_is_stopped_whether_it_waits_or_runs<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let id = add(&mut store, "app");
    let waiting = store.ask_run(&ask(id), at(0)).unwrap().run;
    assert_eq!(
        store.cancel_run(waiting, at(1)).unwrap(),
        RunState::Cancelled
    );
    let running = store.ask_run(&ask(id), at(2)).unwrap().run;
    let job = store
        .take_job("w", &["scan"], at(2), LEASE)
        .unwrap()
        .unwrap();
    store.start_run(running, at(2)).unwrap();
    assert_eq!(store.cancel_run(running, at(3)).unwrap(), RunState::Running);
    assert!(store.run(running).unwrap().cancel);
    store
        .end_run(running, &RunEnd::Cancelled, "", at(4))
        .unwrap();
    store.stop_job(&job.lease(), at(4)).unwrap();
    assert_eq!(
        store.cancel_run(running, at(5)).unwrap(),
        RunState::Cancelled
    );
    assert_eq!(store.job(job.id).unwrap().state, JobState::Cancelled);
    assert!(store.cancel_run(RunNumber(99), at(6)).is_err());
}

pub(crate) fn runs_are_filtered_and_paged<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let (one, other) = (add(&mut store, "one"), add(&mut store, "other"));
    for number in 0..20 {
        let source = if number % 4 == 0 { other } else { one };
        let run = store.ask_run(&ask(source), at(number)).unwrap().run;
        let job = store
            .take_job("w", &["scan"], at(number), LEASE)
            .unwrap()
            .unwrap();
        let end = if number % 2 == 0 {
            RunEnd::Failed { error: "no" }
        } else {
            RunEnd::Succeeded {
                outcome: &json!({}),
            }
        };
        store.end_run(run, &end, "", at(number)).unwrap();
        store.finish_job(&job.lease(), at(number)).unwrap();
    }
    let filter = RunFilter {
        source: Some(other),
        limit: 99,
        ..RunFilter::default()
    };
    assert_eq!(store.runs(&filter).unwrap().len(), 5);
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let filter = RunFilter {
            state: Some(RunState::Failed),
            before,
            limit: 3,
            ..RunFilter::default()
        };
        let page = store.runs(&filter).unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        seen.extend(page.iter().map(|run| run.id));
    }
    assert_eq!(seen.len(), 10);
    assert!(seen.is_sorted_by(|a, b| a > b));
    assert_eq!(
        store.source(one).unwrap().runs.len(),
        12,
        "no more than are shown"
    );
}

pub(crate) fn a_due_source_runs_once_and_an_edited_schedule_is_worked_out_anew<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let id = add(&mut store, "app");
    let due = store.due().unwrap().remove(0);
    assert_eq!((due.source, &*due.schedule, due.at), (id, "PT1H", None));
    store.set_due(id, "PT1H", at(3600), None, at(0)).unwrap();
    assert_eq!(store.due().unwrap()[0].at, Some(at(3600)));
    assert_eq!(store.source(id).unwrap().next, Some(at(3600)));
    let scheduled = NewRun {
        cause: "schedule",
        actor: None,
        ..ask(id)
    };
    let asked = store
        .set_due(id, "PT1H", at(7200), Some(&scheduled), at(3600))
        .unwrap();
    assert!(asked.unwrap().new);
    let asked = store
        .set_due(id, "PT1H", at(10_800), Some(&scheduled), at(7200))
        .unwrap();
    assert!(!asked.unwrap().new, "the run before is not done yet");

    let mut edited = settings("app");
    edited.schedule = Some("0 3 * * *".to_owned());
    store.edit_source(id, &edited, 0, at(1)).unwrap();
    assert_eq!(store.due().unwrap()[0].at, None);
    assert_eq!(store.source(id).unwrap().next, None);
    edited.enabled = false;
    store.edit_source(id, &edited, 1, at(1)).unwrap();
    assert_eq!(store.due().unwrap(), []);
}

pub(crate) fn a_document_that_was_pushed_twice_is_read_once<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let id = add(&mut store, "app");
    let push = NewRun {
        cause: "push",
        job: "ingest",
        ..ask(id)
    };
    let upload = |key| Upload {
        key,
        document: b"document",
    };
    let first = store.take_upload(&push, &upload("k1"), at(0)).unwrap();
    assert_eq!(
        store.upload(first.run).unwrap().as_deref(),
        Some(&b"document"[..])
    );
    assert!(!store.take_upload(&push, &upload("k1"), at(1)).unwrap().new);
    let second = store.take_upload(&push, &upload("k2"), at(1)).unwrap();
    assert!(second.new, "another document waits in line");

    let mut end = |run, end: RunEnd<'_>| {
        let job = store
            .take_job("w", &["ingest"], at(2), LEASE)
            .unwrap()
            .unwrap();
        assert_eq!(job.body["run"], json!(run));
        store.end_run(run, &end, "", at(2)).unwrap();
        store.finish_job(&job.lease(), at(2)).unwrap();
    };
    end(
        first.run,
        RunEnd::Succeeded {
            outcome: &json!({}),
        },
    );
    end(second.run, RunEnd::Failed { error: "garbage" });
    assert_eq!(
        store.upload(first.run).unwrap(),
        None,
        "it takes no more room"
    );
    let again = store.take_upload(&push, &upload("k1"), at(3)).unwrap();
    assert_eq!((again.run, again.new), (first.run, false));
    let retried = store.take_upload(&push, &upload("k2"), at(3)).unwrap();
    assert!(
        retried.new && retried.run != second.run,
        "what failed may be pushed again"
    );
}

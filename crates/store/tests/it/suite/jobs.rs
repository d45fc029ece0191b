//! The list of work: nothing is lost, nothing is done twice at a time.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde_json::json;
use stance_store::Backend;
use stance_store::jobs::{Beat, JobFilter, JobState, Jobs, NewJob, Retry};
use stance_store::retention::{Passing, Retention as _};
use stance_store::{JobId, StoreError};

use super::Place;

const LEASE: SignedDuration = SignedDuration::from_secs(60);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn take(store: &mut impl Backend, worker: &str, now: i64) -> Option<stance_store::jobs::Job> {
    store.take_job(worker, &["scan"], at(now), LEASE).unwrap()
}

pub(crate) fn an_unfinished_job_is_not_asked_for_twice<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let job = NewJob::new("scan", json!({"source": 1})).once("source:1");
    let first = store.enqueue(&job, at(0)).unwrap();
    let again = store.enqueue(&job, at(1)).unwrap();
    assert!(first.new && !again.new);
    assert_eq!(first.id, again.id);
    let taken = take(&mut store, "a", 2).unwrap();
    assert_eq!(taken.body, json!({"source": 1}));
    assert!(!store.enqueue(&job, at(3)).unwrap().new, "it runs");
    assert!(store.finish_job(&taken.lease(), at(4)).unwrap());
    let next = store.enqueue(&job, at(5)).unwrap();
    assert!(next.new && next.id > first.id);
}

pub(crate) fn the_most_urgent_goes_first_and_other_kinds_are_left_alone<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let mut ask = |kind, priority, later: Option<i64>| {
        let job = NewJob {
            priority,
            not_before: later.map(at),
            ..NewJob::new(kind, json!({}))
        };
        store.enqueue(&job, at(0)).unwrap().id
    };
    let usual = ask("scan", 0, None);
    let urgent = ask("scan", 9, None);
    let later = ask("scan", 99, Some(100));
    ask("prune", 99, None);
    assert_eq!(take(&mut store, "a", 1).unwrap().id, urgent);
    assert_eq!(take(&mut store, "a", 1).unwrap().id, usual);
    assert_eq!(take(&mut store, "a", 99), None);
    assert_eq!(take(&mut store, "a", 100).unwrap().id, later);
}

pub(crate) fn jobs_of_one_lane_keep_their_order<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let mut ask = |lane| {
        let job = NewJob {
            lane: Some(lane),
            ..NewJob::new("scan", json!({}))
        };
        store.enqueue(&job, at(0)).unwrap().id
    };
    let (first, second, other) = (ask("a"), ask("a"), ask("b"));
    let running = take(&mut store, "x", 1).unwrap();
    assert_eq!(running.id, first);
    assert_eq!(take(&mut store, "y", 1).unwrap().id, other);
    assert_eq!(
        take(&mut store, "z", 1),
        None,
        "the second waits for the first"
    );
    // Also while the first waits for another try.
    let retry = Retry::Later { random: 0 };
    store
        .fail_job(&running.lease(), "no", retry, at(2))
        .unwrap();
    assert_eq!(take(&mut store, "z", 3), None);
    let again = take(&mut store, "z", 60).unwrap();
    assert_eq!(again.id, first);
    store.finish_job(&again.lease(), at(61)).unwrap();
    assert_eq!(take(&mut store, "z", 62).unwrap().id, second);
}

pub(crate) fn a_lost_worker_is_not_heard_any_more<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    store
        .enqueue(&NewJob::new("scan", json!({})), at(0))
        .unwrap();
    let lost = take(&mut store, "a", 0).unwrap();
    assert_eq!(store.recover_jobs(at(59)).unwrap().waiting, []);
    let beat = store.heartbeat(&lost.lease(), Some(&json!({"files": 3})), at(50), LEASE);
    assert_eq!(beat.unwrap(), Beat::Held);
    assert_eq!(
        store.job(lost.id).unwrap().progress,
        Some(json!({"files": 3}))
    );
    assert_eq!(store.recover_jobs(at(109)).unwrap().waiting, []);
    assert_eq!(store.recover_jobs(at(110)).unwrap().waiting, [lost.id]);
    // The same worker may get it again: what it does then is another try.
    let again = take(&mut store, "a", 110).unwrap();
    assert_eq!((again.id, again.attempts), (lost.id, 2));
    let beat = store
        .heartbeat(&lost.lease(), None, at(111), LEASE)
        .unwrap();
    assert_eq!(beat, Beat::Lost);
    assert!(!store.finish_job(&lost.lease(), at(112)).unwrap());
    assert_eq!(
        store
            .fail_job(&lost.lease(), "x", Retry::Never, at(112))
            .unwrap(),
        None
    );
    assert!(store.finish_job(&again.lease(), at(113)).unwrap());
    let done = store.job(lost.id).unwrap();
    assert_eq!(
        (done.state, done.error, done.progress),
        (JobState::Done, None, None)
    );
}

pub(crate) fn a_job_whose_workers_are_always_lost_fails<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let id = store
        .enqueue(&NewJob::new("scan", json!({})), at(0))
        .unwrap()
        .id;
    for round in 0..3 {
        let now = round * 1000;
        assert_eq!(take(&mut store, "a", now).unwrap().id, id);
        store.recover_jobs(at(now + 61)).unwrap();
    }
    let job = store.job(id).unwrap();
    assert_eq!(job.state, JobState::Failed);
    assert!(job.error.unwrap().contains("ended before it was done"));
    assert_eq!(job.finished, Some(at(2061)));
}

pub(crate) fn failures_are_tried_again_after_longer_and_longer_pauses<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let id = store
        .enqueue(&NewJob::new("scan", json!({})), at(0))
        .unwrap()
        .id;
    let mut waits = Vec::new();
    let mut now = 0;
    loop {
        let job = take(&mut store, "a", now).unwrap();
        let retry = Retry::Later {
            random: u64::MAX / 2,
        };
        let state = store
            .fail_job(&job.lease(), "the disk is full", retry, at(now))
            .unwrap();
        if state == Some(JobState::Failed) {
            break;
        }
        assert_eq!(state, Some(JobState::Waiting));
        let due = store.job(id).unwrap().not_before;
        assert_eq!(store.next_job_at().unwrap(), Some(due));
        waits.push(due.duration_since(at(now)).as_millis());
        assert_eq!(
            take(&mut store, "a", now),
            None,
            "not before the pause is over"
        );
        now = due.as_second() + 1 - at(0).as_second();
    }
    assert_eq!(waits, [7_499, 14_999]);
    assert_eq!(
        store.job(id).unwrap().error.as_deref(),
        Some("the disk is full")
    );
    assert_eq!(store.next_job_at().unwrap(), None);

    let id = store
        .enqueue(&NewJob::new("scan", json!({})), at(0))
        .unwrap()
        .id;
    let job = take(&mut store, "a", now).unwrap();
    let state = store.fail_job(&job.lease(), "no such source", Retry::Never, at(now));
    assert_eq!(state.unwrap(), Some(JobState::Failed));
    assert_eq!(store.job(id).unwrap().attempts, 1);
}

pub(crate) fn a_clock_that_is_set_back_delays_nothing<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let day = 86_400;
    // Asked for, put off by a failure, and held by a worker that is lost, all before the clock was set back by a day.
    store
        .enqueue(&NewJob::new("scan", json!({})), at(day))
        .unwrap();
    let held = take(&mut store, "a", day).unwrap();
    store
        .enqueue(&NewJob::new("scan", json!({})), at(day))
        .unwrap();
    let failed = take(&mut store, "a", day).unwrap();
    let retry = Retry::Later { random: 0 };
    store
        .fail_job(&failed.lease(), "no", retry, at(day))
        .unwrap();
    let asked = store
        .enqueue(&NewJob::new("scan", json!({})), at(day))
        .unwrap();

    let taken: BTreeSet<JobId> = [take(&mut store, "b", 0), take(&mut store, "b", 0)]
        .into_iter()
        .map(|job| job.unwrap().id)
        .collect();
    assert_eq!(taken, BTreeSet::from([failed.id, asked.id]));
    assert_eq!(store.recover_jobs(at(0)).unwrap().waiting, [held.id]);
    assert_eq!(take(&mut store, "b", 0).unwrap().id, held.id);

    // By some seconds only: whoever is alive keeps the job.
    let place = P::new();
    let mut store = place.open();
    store
        .enqueue(&NewJob::new("scan", json!({})), at(0))
        .unwrap();
    take(&mut store, "a", 100).unwrap();
    assert_eq!(store.recover_jobs(at(90)).unwrap().waiting, []);
}

pub(crate) fn who_waits_is_cancelled_and_who_runs_is_told<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let waiting = store
        .enqueue(&NewJob::new("scan", json!({})), at(0))
        .unwrap()
        .id;
    assert_eq!(
        store.cancel_job(waiting, at(1)).unwrap(),
        JobState::Cancelled
    );
    assert_eq!(
        store.cancel_job(waiting, at(2)).unwrap(),
        JobState::Cancelled
    );
    assert_eq!(store.job(waiting).unwrap().finished, Some(at(1)));
    assert_eq!(take(&mut store, "a", 3), None);

    store
        .enqueue(&NewJob::new("scan", json!({})), at(4))
        .unwrap();
    let running = take(&mut store, "a", 4).unwrap();
    assert_eq!(
        store.cancel_job(running.id, at(5)).unwrap(),
        JobState::Running
    );
    let beat = store
        .heartbeat(&running.lease(), None, at(6), LEASE)
        .unwrap();
    assert_eq!(beat, Beat::Cancel);
    assert!(store.stop_job(&running.lease(), at(7)).unwrap());
    assert_eq!(store.job(running.id).unwrap().state, JobState::Cancelled);

    // One that fails while it is being cancelled is not tried again, nor one whose worker is lost.
    for lost in [false, true] {
        store
            .enqueue(&NewJob::new("scan", json!({})), at(8))
            .unwrap();
        let job = take(&mut store, "a", 8).unwrap();
        store.cancel_job(job.id, at(9)).unwrap();
        if lost {
            store.recover_jobs(at(100)).unwrap();
        } else {
            let retry = Retry::Later { random: 1 };
            store
                .fail_job(&job.lease(), "killed", retry, at(10))
                .unwrap();
        }
        assert_eq!(store.job(job.id).unwrap().state, JobState::Cancelled);
    }
    let missing = store.cancel_job(JobId(999), at(9)).unwrap_err();
    assert!(matches!(missing, StoreError::NotFound { what: "job", .. }));
}

pub(crate) fn a_job_that_is_given_back_keeps_its_tries<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let id = store
        .enqueue(&NewJob::new("scan", json!({})), at(0))
        .unwrap()
        .id;
    let job = take(&mut store, "a", 1).unwrap();
    assert!(store.release_job(&job.lease(), at(2)).unwrap());
    let again = take(&mut store, "b", 2).unwrap();
    assert_eq!((again.id, again.attempts), (id, 1));
    assert!(
        !store.release_job(&job.lease(), at(3)).unwrap(),
        "it is b's now"
    );
}

pub(crate) fn pages_of_jobs_neither_repeat_nor_skip<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    for number in 0..25 {
        let kind = if number % 5 == 0 { "prune" } else { "scan" };
        store
            .enqueue(&NewJob::new(kind, json!({})), at(number))
            .unwrap();
    }
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let filter = JobFilter {
            kind: Some("scan".to_owned()),
            state: Some(JobState::Waiting),
            before,
            limit: 7,
        };
        let page = store.jobs(&filter).unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        seen.extend(page.iter().map(|job| job.id.0));
    }
    assert_eq!(seen.len(), 20);
    assert!(seen.is_sorted_by(|a, b| a > b));
}

pub(crate) fn only_what_ended_long_ago_is_removed<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    for _ in 0..3 {
        store
            .enqueue(&NewJob::new("scan", json!({})), at(0))
            .unwrap();
    }
    let old = take(&mut store, "a", 0).unwrap();
    store.finish_job(&old.lease(), at(10)).unwrap();
    let new = take(&mut store, "a", 0).unwrap();
    store.finish_job(&new.lease(), at(1000)).unwrap();
    assert_eq!(
        store
            .forget(
                Passing::Jobs,
                at(0).checked_add(500.seconds()).unwrap(),
                100
            )
            .unwrap(),
        1
    );
    assert!(store.job(old.id).is_err() && store.job(new.id).is_ok());
    assert_eq!(
        store
            .jobs(&JobFilter {
                limit: 9,
                ..JobFilter::default()
            })
            .unwrap()
            .len(),
        2
    );
}

pub(crate) fn two_workers_never_get_one_job<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    for _ in 0..60 {
        store
            .enqueue(&NewJob::new("scan", json!({})), at(0))
            .unwrap();
    }
    let taken: Vec<Vec<JobId>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|number| {
                let place = &place;
                scope.spawn(move || {
                    let mut store = place.open();
                    let mut mine = Vec::new();
                    while let Some(job) = take(&mut store, &number.to_string(), 1) {
                        mine.push(job.id);
                    }
                    mine
                })
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .collect()
    });
    let all: Vec<JobId> = taken.into_iter().flatten().collect();
    assert_eq!(all.len(), 60);
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 60);
}

pub(crate) fn whoever_begins_alone_takes_back_what_was_under_way_at_once<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let mut ask = |most| {
        let job = NewJob {
            max_attempts: most,
            ..NewJob::new("scan", json!({}))
        };
        store.enqueue(&job, at(0)).unwrap().id
    };
    let (again, last) = (ask(2), ask(1));
    let lost = take(&mut store, "before", 1).unwrap();
    take(&mut store, "before", 1).unwrap();
    // Its lease still holds: nobody else would touch it.
    assert!(store.recover_jobs(at(2)).unwrap().waiting.is_empty());
    let taken = store.reclaim_jobs(at(2)).unwrap();
    assert_eq!((taken.waiting, taken.failed), (vec![again], vec![last]));
    let next = take(&mut store, "after", 2).unwrap();
    assert_eq!((next.id, next.attempts), (again, 2));
    assert!(
        !store.finish_job(&lost.lease(), at(3)).unwrap(),
        "whoever was thought dead has no say"
    );
}

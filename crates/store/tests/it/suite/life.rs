//! What becomes of findings and assets from scan to scan.

use stance_core::finding::Status;
use stance_store::Backend;
use stance_store::{Changes, State, Store};

use super::Place;
use crate::fixture::{Content, asset, end, finding, id, with_status};

const TARGET: &str = "/srv/demo";

/// State of finding 1, and since when.
fn state(store: &impl Backend) -> (State, jiff::Timestamp) {
    let life = store.findings_life(TARGET).unwrap();
    let life = life
        .into_iter()
        .find(|life| life.finding.id == id(1))
        .unwrap();
    (life.state, life.since)
}

/// A scan in which finding 1 has this status.
fn with(status: Status) -> Content {
    let mut content = Content::of([2]);
    content.findings.push(with_status(finding(1), status));
    content
}

pub(crate) fn a_finding_in_a_file_that_was_not_judged_is_not_fixed<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    Content::of([1, 2]).record(&mut store, TARGET, 1);
    let mut blind = Content::of([2]);
    blind.unjudged.insert("app/1.py");
    let changes = blind.record(&mut store, TARGET, 2).changes;
    assert_eq!(changes, Changes::default());
    assert_eq!(state(&store), (State::Open, end(1)));

    let changes = Content::of([2]).record(&mut store, TARGET, 3).changes;
    assert_eq!(changes.fixed, [id(1)]);
}

pub(crate) fn a_finding_is_open_then_fixed_then_reopened<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let changes = with(Status::Open).record(&mut store, TARGET, 1).changes;
    assert_eq!(changes.opened, [id(2), id(1)]);
    assert_eq!(state(&store), (State::Open, end(1)));

    let changes = Content::of([2]).record(&mut store, TARGET, 2).changes;
    assert_eq!(
        changes,
        Changes {
            fixed: vec![id(1)],
            ..Changes::default()
        }
    );
    assert_eq!(state(&store), (State::Fixed, end(2)));

    let changes = Content::of([2]).record(&mut store, TARGET, 3).changes;
    assert_eq!(changes, Changes::default(), "fixed is told once");
    assert_eq!(state(&store), (State::Fixed, end(2)));

    let changes = with(Status::Open).record(&mut store, TARGET, 4).changes;
    assert_eq!(
        changes,
        Changes {
            reopened: vec![id(1)],
            ..Changes::default()
        }
    );
    with(Status::Open).record(&mut store, TARGET, 5);
    assert_eq!(state(&store), (State::Reopened, end(4)));

    let life = store.findings_life(TARGET).unwrap();
    assert_eq!(life[0].finding.id, id(1));
    assert_eq!((life[0].first_seen, life[0].last_seen), (end(1), end(5)));
}

pub(crate) fn an_accepted_finding_comes_back_when_its_waiver_ends<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    with(Status::Open).record(&mut store, TARGET, 1);
    let changes = with(Status::Accepted).record(&mut store, TARGET, 2).changes;
    assert_eq!(
        changes,
        Changes {
            accepted: vec![id(1)],
            ..Changes::default()
        }
    );
    assert_eq!(state(&store), (State::Accepted, end(2)));

    let changes = with(Status::Suppressed)
        .record(&mut store, TARGET, 3)
        .changes;
    assert_eq!(changes, Changes::default(), "a comment accepts as well");
    assert_eq!(state(&store), (State::Accepted, end(2)));

    let changes = with(Status::Open).record(&mut store, TARGET, 4).changes;
    assert_eq!(changes.reopened, [id(1)]);
}

pub(crate) fn what_a_baseline_knows_still_stands<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    with(Status::Open).record(&mut store, TARGET, 1);
    let changes = with(Status::Baseline).record(&mut store, TARGET, 2).changes;
    assert_eq!(changes, Changes::default());
    assert_eq!(state(&store), (State::Open, end(1)));
}

pub(crate) fn the_life_of_a_finding_tells_it_as_it_was_last_seen<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    Content::of([1]).record(&mut store, TARGET, 1);
    let mut content = Content::of([1]);
    content.findings[0].message = "it got worse".to_owned();
    content.record(&mut store, TARGET, 2);
    Content::of([]).record(&mut store, TARGET, 3);
    let life = store.findings_life(TARGET).unwrap();
    assert_eq!(life[0].finding.message, "it got worse");
    assert_eq!((life[0].state, life[0].last_seen), (State::Fixed, end(2)));
}

pub(crate) fn assets_come_and_go<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let whole = Content::of([]);
    let mut less = whole.clone();
    less.assets.remove(&asset("library").id);
    whole.record(&mut store, TARGET, 1);
    let changes = less.record(&mut store, TARGET, 2).changes;
    assert_eq!(changes.vanished, [asset("library").id]);
    assert_eq!(
        less.record(&mut store, TARGET, 3).changes,
        Changes::default()
    );

    let life = store.assets_life(TARGET).unwrap();
    let told: Vec<_> = life
        .iter()
        .map(|life| {
            (
                &*life.asset.name,
                life.present,
                life.first_seen,
                life.last_seen,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("app", true, end(1), end(3)),
            ("library", false, end(1), end(1))
        ]
    );

    let changes = whole.record(&mut store, TARGET, 4).changes;
    assert_eq!(changes.appeared, [asset("library").id]);
}

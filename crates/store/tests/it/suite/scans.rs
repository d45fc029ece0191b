//! Recording scans and reading them back.

use stance_store::{Changes, ScanId, Store, StoreError};

use super::Place;
use crate::fixture::{Content, id};

pub(crate) fn targets_have_histories_of_their_own<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let first = Content::of([1]).record(&mut store, "/a", 1).scan;
    let other = Content::of([1]).record(&mut store, "/b", 2);
    let last = Content::of([]).record(&mut store, "/a", 3).scan;
    assert_eq!(other.changes.opened, [id(1)]);
    let ids = |target, limit| -> Vec<ScanId> {
        let scans = store.scans(target, limit).unwrap();
        scans.into_iter().map(|scan| scan.id).collect()
    };
    assert_eq!(ids(Some("/a"), 9), [last, first]);
    assert_eq!(ids(None, 2), [last, other.scan]);
    assert_eq!(store.last_scan(Some("/c")).unwrap(), None);
    assert_eq!(store.findings_life("/c").unwrap(), []);
}

pub(crate) fn scanning_the_same_again_changes_nothing<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let content = Content::of([1, 2]);
    let first = content.record(&mut store, "/a", 1);
    let second = content.record(&mut store, "/a", 2);
    assert_eq!(second.changes, Changes::default());
    assert!(second.scan > first.scan);
    let diff = store.diff(first.scan, second.scan).unwrap();
    assert!(diff.assets.is_empty() && diff.findings.is_empty());
}

pub(crate) fn a_finding_that_is_told_twice_counts_once<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let recorded = Content::of([1, 1]).record(&mut store, "/a", 1);
    assert_eq!(recorded.changes.opened, [id(1)]);
    assert_eq!(store.findings_of(recorded.scan).unwrap().len(), 1);
}

pub(crate) fn a_number_without_a_scan_is_an_error<P: Place>() {
    let place = P::new();
    let store = place.open();
    let missing = ScanId(7);
    for result in [
        store.scan(missing).map(drop),
        store.assets_of(missing).map(drop),
        store.findings_of(missing).map(drop),
        store.diff(missing, missing).map(drop),
    ] {
        let error = result.unwrap_err();
        assert!(matches!(error, StoreError::NoScan(ScanId(7))));
        assert!(error.to_string().contains("no scan 7"), "{error}");
    }
}

pub(crate) fn pruning_forgets_scans_but_not_what_became_of_findings<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let old = Content::of([1, 2]).record(&mut store, "/a", 1).scan;
    Content::of([2]).record(&mut store, "/a", 2);
    let last = Content::of([2]).record(&mut store, "/a", 3).scan;
    let other = Content::of([5]).record(&mut store, "/b", 3).scan;
    let life = store.findings_life("/a").unwrap();

    assert_eq!(store.prune(1).unwrap(), 2);
    assert!(matches!(store.scan(old), Err(StoreError::NoScan(_))));
    assert_eq!(store.findings_of(last).unwrap().len(), 1);
    assert_eq!(store.findings_of(other).unwrap().len(), 1);
    assert_eq!(store.findings_life("/a").unwrap(), life);
    assert_eq!(store.prune(0).unwrap(), 0, "the last scan stays");
    let next = Content::of([]).record(&mut store, "/a", 4).scan;
    assert!(next > other, "numbers are not used again");
}

//! What changed between two scans.

use stance_core::Severity;
use stance_core::evidence::Locus;
use stance_store::Store;

use super::Place;
use crate::fixture::{Content, asset, finding, id};

pub(crate) fn things_appear_change_and_vanish<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let before = Content::of([1, 2, 3]).record(&mut store, "/a", 1).scan;
    let mut content = Content::of([2, 3, 4]);
    content.findings[0].severity = Severity::Low;
    content.assets.remove(&asset("library").id);
    for asset in [asset("app").with("licence", "mit"), asset("tool")] {
        content.assets.insert(asset.id.clone(), asset);
    }
    let after = content.record(&mut store, "/a", 2).scan;

    let diff = store.diff(before, after).unwrap();
    assert_eq!(diff.findings.appeared, [finding(4)]);
    assert_eq!(diff.findings.vanished, [finding(1)]);
    let [(old, new)] = &*diff.findings.changed else {
        panic!("{:?}", diff.findings.changed)
    };
    assert_eq!((&old.id, old.severity), (&id(2), Severity::High));
    assert_eq!((&new.id, new.severity), (&id(2), Severity::Low));
    assert_eq!(diff.assets.appeared, [asset("tool")]);
    assert_eq!(diff.assets.vanished, [asset("library")]);
    assert_eq!(
        diff.assets.changed,
        [(
            asset("app").with("version", "1"),
            asset("app").with("licence", "mit")
        )]
    );

    let back = store.diff(after, before).unwrap();
    assert_eq!(back.findings.appeared, diff.findings.vanished);
    assert_eq!(back.assets.vanished, diff.assets.appeared);
}

pub(crate) fn code_that_moved_down_is_no_change<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let before = Content::of([1]).record(&mut store, "/a", 1).scan;
    let mut content = Content::of([1]);
    content.findings[0].evidence.locus = Locus::Line {
        line: 99,
        column: 1,
        width: 4,
    };
    for asset in content.assets.values_mut() {
        asset.occurrences += 1;
    }
    let after = content.record(&mut store, "/a", 2).scan;
    let diff = store.diff(before, after).unwrap();
    assert!(diff.findings.is_empty() && diff.assets.is_empty());
    assert_eq!(
        store.findings_of(after).unwrap(),
        content.findings,
        "the new line is kept"
    );
}

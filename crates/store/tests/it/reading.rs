//! Connections that read beside the one that writes, and remember what they counted.

use stance_core::AssetKind;
use stance_store::{
    AssetQuery, Estate as _, FindingGroups, FindingQuery, GroupBy, Sqlite, StoreError,
};

use crate::sqlite::InFile;
use crate::suite::estates::{Estates, Told, asset};

fn told(assets: usize) -> Told {
    Told {
        assets: (0..assets)
            .map(|number| asset(AssetKind::Model, &format!("model-{number}")))
            .collect(),
        ..Told::default()
    }
}

fn count(reader: &Sqlite) -> u64 {
    let counted = reader.view(|store| store.count_assets(&AssetQuery::default(), 100));
    counted
        .unwrap_or_else(|error: StoreError| panic!("{error}"))
        .count
}

fn groups(reader: &Sqlite) -> FindingGroups {
    reader
        .finding_groups(GroupBy::Owner, &FindingQuery::default(), 10)
        .unwrap()
}

#[test]
fn a_reader_counts_anew_after_each_commit_and_not_before_it() {
    let mut estates = Estates::<InFile>::new();
    estates.tell(1, 1, &told(3));
    let readers = [
        estates.store.reader().unwrap(),
        estates.store.reader().unwrap(),
    ];
    assert_eq!(readers.each_ref().map(count), [3, 3]);
    assert!(groups(&readers[0]).complete);
    estates.tell(1, 2, &told(5));
    assert_eq!(readers.each_ref().map(count), [5, 5]);

    // A batch is seen once it is committed, whoever asks meanwhile.
    estates.store.begin().unwrap();
    estates.store.step(|_| Ok::<_, StoreError>(())).unwrap();
    assert_eq!(readers.each_ref().map(count), [5, 5]);
    estates.tell(1, 3, &told(4));
    assert_eq!(readers.each_ref().map(count), [5, 5], "not committed yet");
    estates.store.commit().unwrap();
    assert_eq!(readers.each_ref().map(count), [4, 4]);
}

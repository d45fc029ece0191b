use stance_core::fact::{AnomalyKind, Artifact};

use super::assemble::model;
use crate::testing::{artifact, gaps, report, survives_truncation};

fn kinds(found: &Artifact) -> Vec<AnomalyKind> {
    found.anomalies.iter().map(|anomaly| anomaly.kind).collect()
}

#[test]
fn metadata_is_told() {
    let found = artifact("m.cbm", &model("model_guid", "1a2b-3c4d"));
    assert_eq!(found.framework.as_deref(), Some("catboost"));
    assert_eq!(found.metadata["model_guid"], "1a2b-3c4d");
    assert_eq!((found.anomalies, found.embedded), (vec![], vec![]));
    let found = artifact("m.bin", &model("note", "__import__('os').system('id')"));
    assert_eq!(&*found.embedded[0].name, "note");
}

#[test]
fn lengths_and_offsets_that_cannot_be_are_lies_and_a_tail_belongs_to_nothing() {
    let sound = model("a", "b");
    let mut long = sound.clone();
    long[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(kinds(&artifact("m.cbm", &long)), [AnomalyKind::LyingHeader]);
    let mut away = sound.clone();
    away[8..12].copy_from_slice(&0x7fff_ffff_u32.to_le_bytes());
    assert_eq!(kinds(&artifact("m.cbm", &away)), [AnomalyKind::LyingHeader]);
    assert_eq!(gaps(&report("m.cbm", &away)).len(), 1);
    let tail = [&sound[..], b"\x80\x04\x95\x10\0\0\0\0\0\0\0}\x94."].concat();
    assert_eq!(
        kinds(&artifact("m.cbm", &tail)),
        [AnomalyKind::UnclaimedBytes]
    );
    assert_eq!(
        kinds(&artifact("m.cbm", &sound[..sound.len() - 4])),
        [AnomalyKind::Truncated]
    );
}

#[test]
fn no_cut_makes_it_panic() {
    survives_truncation("m.cbm", &model("a", "b"));
}

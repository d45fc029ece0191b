use stance_core::fact::{AnomalyKind, ArtifactFormat, EmbeddedKind};

use super::assemble::{Builder, function, layer};
use crate::testing::{artifact, gaps, has_artifact, report, survives_truncation};

#[test]
fn classes_and_tensors_are_told() {
    let found = artifact("m.bin", &layer());
    assert_eq!(found.format, ArtifactFormat::Torch7);
    assert_eq!(found.architecture.as_deref(), Some("nn.Linear"));
    assert_eq!((found.tensors, found.parameters), (Some(1), Some(4)));
    assert_eq!(found.dtypes.get("Float"), Some(&1));
    assert!(found.anomalies.is_empty() && found.embedded.is_empty());
    assert!(gaps(&report("m.t7", &layer())).is_empty());
}

#[test]
fn functions_are_code() {
    for (code, what) in [
        (
            &b"\x1bLua\x51\0\x01\x04\x08\x04\x08\0 os execute"[..],
            "compiled Lua",
        ),
        (b"os.execute('id')", "Lua"),
    ] {
        let found = artifact("m.t7", &function(code));
        assert_eq!(found.embedded.len(), 1);
        assert_eq!(found.embedded[0].kind, EmbeddedKind::LuaCode);
        assert!(found.embedded[0].detail.ends_with(what));
    }
    // A function alone, cut off.
    let cut = Builder::default().int(6).int(400).raw(b"\x1bLJ").build();
    assert_eq!(artifact("m.t7", &cut).embedded.len(), 1);
}

#[test]
fn files_in_digits_are_known() {
    let text =
        b"4\n1\n3\nV 1\n9\nnn.Linear\n3\n2\n1\n2\n6\nweight\n4\n3\n3\nV 1\n17\ntorch.FloatTensor\n";
    let found = artifact("m.txt", text);
    assert_eq!(found.architecture.as_deref(), Some("nn.Linear"));
    let code = [&text[..], b"8\n4\n20\n\x1bLua\x51\0"].concat();
    assert_eq!(artifact("m.t7", &code).embedded.len(), 1);
}

#[test]
fn what_is_untrue_or_behind_it_is_told() {
    let kinds = |bytes: &[u8]| -> Vec<AnomalyKind> {
        let found = artifact("m.t7", bytes);
        found.anomalies.iter().map(|anomaly| anomaly.kind).collect()
    };
    let tail = [
        &*layer(),
        b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0",
    ]
    .concat();
    assert_eq!(kinds(&tail), [AnomalyKind::UnclaimedBytes]);
    let table = Builder::default()
        .int(3)
        .int(1)
        .int(u32::MAX)
        .raw(&[0; 8])
        .build();
    assert_eq!(kinds(&table), [AnomalyKind::LyingHeader]);
    assert!(!has_artifact(&report("m.bin", b"\x04\0\0\0\x01\0\0\0")));
}

#[test]
fn depth_is_bounded_and_no_cut_makes_it_panic() {
    let mut deep = Builder::default();
    for number in 1..100_000 {
        deep = deep.int(3).int(number).int(1).int(0);
    }
    assert!(!gaps(&report("m.t7", &deep.build())).is_empty());
    survives_truncation("m.t7", &layer());
    survives_truncation("m.t7", &function(b"\x1bLua\x51"));
}

use stance_core::fact::{AnomalyKind, Artifact};

use super::assemble::{array, binary, map, text};
use crate::testing::{artifact, gaps, has_artifact, report, survives_truncation};

fn sound() -> Vec<u8> {
    let layer = map(&[
        ("kernel", array(4, "float32", &[1; 16])),
        ("bias", array(2, "bfloat16", &[1; 4])),
    ]);
    map(&[("params", map(&[("Dense_0", layer)])), ("step", vec![7])])
}

fn kinds(found: &Artifact) -> Vec<AnomalyKind> {
    found.anomalies.iter().map(|anomaly| anomaly.kind).collect()
}

#[test]
fn arrays_are_counted_without_the_name() {
    for name in ["flax_model.msgpack", "checkpoint", "params.bin"] {
        let found = artifact(name, &sound());
        assert_eq!(found.framework.as_deref(), Some("flax"));
        assert_eq!((found.tensors, found.parameters), (Some(2), Some(6)));
        assert_eq!(found.dtypes["bfloat16"], 1);
        assert_eq!(found.anomalies, []);
    }
    assert!(!has_artifact(&report("a.bin", &map(&[("a", text("b"))]))));
}

#[test]
fn lengths_that_cannot_be_are_lies() {
    let mut billion = vec![0xdf, 0x7f, 0xff, 0xff, 0xff];
    billion.extend(text("a"));
    for bytes in [
        map(&[("a", array(5, "float32", &[1; 16]))]),
        map(&[("a", vec![0xc6, 0x7f, 0xff, 0xff, 0xff, 0])]),
        billion,
    ] {
        assert_eq!(
            kinds(&artifact("m.msgpack", &bytes)),
            [AnomalyKind::LyingHeader]
        );
    }
    let cut = sound();
    assert_eq!(
        kinds(&artifact("m.msgpack", &cut[..cut.len() - 3])),
        [AnomalyKind::Truncated]
    );
}

#[test]
fn bytes_are_looked_into() {
    let pickle = b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x02id\x85R.";
    let program = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\0\0\0\0";
    let found = artifact("m.msgpack", &map(&[("w", binary(program))]));
    assert_eq!(kinds(&found), [AnomalyKind::Polyglot]);
    let found = artifact("m.msgpack", &map(&[("w", array(5, "float32", program))]));
    assert_eq!(found.tensor_signs.len(), 1);
    let mut tail = sound();
    tail.extend(pickle);
    assert_eq!(
        kinds(&artifact("m.msgpack", &tail)),
        [AnomalyKind::UnclaimedBytes]
    );
    let code = "__import__('os').system('id')";
    let found = artifact("m.msgpack", &map(&[("note", text(code))]));
    assert_eq!(
        (&*found.embedded[0].name, &*found.embedded[0].detail),
        ("note", code)
    );
}

#[test]
fn depth_is_bounded_and_no_cut_makes_it_panic() {
    let deep = vec![0x91; 1_000_000];
    assert_eq!(gaps(&report("m.msgpack", &deep)).len(), 1);
    survives_truncation("m.msgpack", &sound());
}

#[test]
fn a_long_key_is_not_copied_for_each_of_many_texts() {
    let mut list = vec![0xdd];
    list.extend(1_000_000_u32.to_be_bytes());
    list.extend([0xa1, b'x'].repeat(1_000_000));
    let note = text("__import__('os').system('id')");
    let key = "k".repeat(2000);
    let found = artifact("m.msgpack", &map(&[(&key, list), (&key, note)]));
    // What stands under it is still told with its key.
    assert!(found.embedded[0].name.starts_with("kkk"));
}

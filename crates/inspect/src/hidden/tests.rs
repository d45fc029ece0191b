use stance_core::fact::{AnomalyKind, Artifact};

use crate::testing::{artifact, has_artifact, report};
use stance_pickle::assemble;

const ELF: &[u8] = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0\0\0\0\0\0\0\0\0";

fn calls(artifact: &Artifact) -> Vec<String> {
    let calls = artifact.pickles.iter().flat_map(|pickle| &pickle.calls);
    calls.map(|call| call.callable.clone()).collect()
}

fn is_polyglot(artifact: &Artifact) -> bool {
    artifact
        .anomalies
        .iter()
        .any(|anomaly| anomaly.kind == AnomalyKind::Polyglot)
}

#[test]
fn a_pickle_behind_something_else_is_found_by_its_name() {
    let pickle = assemble::call("os", "system", "id");
    let protocols = [&b"\x80\xff"[..], &pickle[2..]].concat();
    let fronts: [&[u8]; 5] = [
        b"GIF89a\0\0\0\0",
        b"# a comment\n",
        b"\xef\xbb\xbf",
        &[0; 512],
        b"\n\n\n\n",
    ];
    for front in fronts {
        let bytes = [front, &*pickle].concat();
        assert_eq!(
            calls(&artifact("m.pkl", &bytes)),
            ["os.system"],
            "{front:?}"
        );
    }
    assert_eq!(calls(&artifact("m.pkl", &protocols)), ["os.system"]);
}

#[test]
fn pictures_are_looked_at_for_pickles_only() {
    let pickle = assemble::call("os", "system", "id");
    let picture = |behind: &[u8]| [b"GIF89a\x01\0\x01\0", behind].concat();
    assert_eq!(calls(&artifact("a.gif", &picture(&pickle))), ["os.system"]);
    assert!(!has_artifact(&report("a.gif", &picture(ELF))));
}

#[test]
fn data_without_a_known_format_is_looked_at_by_its_place() {
    let pickle = assemble::call("os", "system", "id");
    let at = |content: &[u8]| [&[0xee; 4096][..], content, &[0xee; 64]].concat();
    assert_eq!(
        calls(&artifact("a/weights.bin", &at(&pickle))),
        ["os.system"]
    );
    assert_eq!(calls(&artifact("x.data", &at(&pickle))), ["os.system"]);
    assert!(is_polyglot(&artifact("model/a.bin", &at(ELF))));
    // Images of devices are full of programs.
    assert!(!has_artifact(&report("x/image.bin", &at(ELF))));
    assert!(!has_artifact(&report("firmware/model.bin", &at(ELF))));
    assert!(!has_artifact(&report("notes.doc", &at(&pickle))));
}

#[test]
fn the_end_of_a_long_file_is_looked_at() {
    let mut bytes = vec![0x11; 3 << 20];
    bytes.extend(ELF);
    assert!(is_polyglot(&artifact(
        "m.tflite",
        &[stance_models::tflite::assemble::model("X"), bytes].concat()
    )));
}

#[test]
fn safe_pickles_inside_are_no_news() {
    let harmless = b"\x80\x02}q\0(X\x01\0\0\0aq\x01K\x01u.";
    let bytes = [&[0xee; 4096][..], harmless].concat();
    assert!(!has_artifact(&report("a/weights.bin", &bytes)));
}

//! What a user relies on: files in a 7z archive are looked at by their names, and what keeps them from it is said.

use stance_core::fact::{AnomalyKind, Artifact, Fact, GapReason};

use super::assemble::{archive, packed, stored};
use crate::testing::{gaps, report, survives_truncation};
use crate::zip::assemble::deflate;

const PICKLE: &[u8] = b"\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01K\x01u.";

fn artifacts(name: &str, file: &[u8]) -> Vec<Artifact> {
    report(name, file)
        .facts
        .into_iter()
        .filter_map(|(_, fact)| match fact {
            Fact::Artifact(artifact) => Some(*artifact),
            _ => None,
        })
        .collect()
}

fn paths(artifacts: &[Artifact]) -> Vec<&str> {
    artifacts
        .iter()
        .map(|artifact| &*artifact.evidence.path)
        .collect()
}

#[test]
fn files_are_found_by_name_and_by_content_whatever_packs_them() {
    let files: [(&str, &[u8]); 3] = [("a.txt", b"text"), ("dir/m.pkl", PICKLE), ("x", PICKLE)];
    let whole = [&b"text"[..], PICKLE, PICKLE].concat();
    let differences: Vec<u8> = whole
        .iter()
        .enumerate()
        .map(|(at, byte)| byte.wrapping_sub(if at == 0 { 0 } else { whole[at - 1] }))
        .collect();
    for file in [
        stored(&files, false),
        packed(&files, &deflate(&whole), &[b"\x03\x04\x01\x08"]),
        packed(
            &files,
            &deflate(&differences),
            &[b"\x21\x03\x01\x00", b"\x03\x04\x01\x08"],
        ),
    ] {
        assert_eq!(
            paths(&artifacts("a.7z", &file)),
            ["a.7z!dir/m.pkl", "a.7z!x", "a.7z"]
        );
    }
}

#[test]
fn what_cannot_be_read_is_said() {
    let files: [(&str, &[u8]); 1] = [("m.pkl", PICKLE)];
    let encrypted = stored(&files, true);
    assert_eq!(gaps(&report("a.7z", &encrypted)), [GapReason::Encrypted]);
    let all = artifacts("a.7z", &encrypted);
    assert_eq!(all[0].anomalies[0].kind, AnomalyKind::UnreadableMember);
    let unknown = packed(&files, PICKLE, &[b"\x03\x03\x04\x01"]);
    assert_eq!(gaps(&report("a.7z", &unknown)), [GapReason::Malformed]);
    let text = stored(&[("notes.txt", b"text")], false);
    assert!(artifacts("a.7z", &text).is_empty());
    let named = artifacts("m.pt", &text);
    assert_eq!(named[0].anomalies[0].kind, AnomalyKind::NameMismatch);
}

#[test]
fn a_file_cut_or_changed_anywhere_is_survived() {
    survives_truncation("a.7z", &stored(&[("m.pkl", PICKLE), ("b", b"x")], false));
}

#[test]
fn a_directory_of_claims_costs_its_bytes() {
    // Ten megabytes in which every byte is a small number of something.
    for byte in [
        0x00, 0x01, 0x05, 0x06, 0x07, 0x09, 0x0b, 0x0d, 0x11, 0x17, 0xff,
    ] {
        for start in [
            &b"\x01\x04\x06\x00\xf0\xff\xff\xff\xff\x09"[..],
            b"\x01\x04\x07\x0b\xf0\xff\xff\xff\xff\x00",
            b"\x01\x05\xf0\xff\xff\xff\xff",
        ] {
            let mut directory = start.to_vec();
            directory.resize(10 << 20, byte);
            let report = report("a.7z", &archive(b"", &directory));
            assert!(report.coverage.bytes_read < 8 << 20);
        }
    }
}

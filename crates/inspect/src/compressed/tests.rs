//! What a user relies on: compressed models are found, compressed text costs its start.

use stance_core::fact::{AnomalyKind, Artifact, ArtifactFormat, Fact, PickleEnd};

use crate::compressed::assemble::{gzip, zlib};
use stance_read::{Bytes, Interests, Limits, Options, Report, scan};

const PICKLE: &[u8] = b"\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01K\x01u.";

fn look(name: &str, file: &[u8]) -> (Vec<Artifact>, Report) {
    let interests = Interests::default();
    let options = Options {
        limits: Limits::default(),
        hash: false,
        interests: &interests,
        parsers: &crate::registry::ALL,
    };
    let report = scan(name, &Bytes(file), &options);
    let artifacts = report
        .facts
        .iter()
        .filter_map(|(_, fact)| match fact {
            Fact::Artifact(artifact) => Some((**artifact).clone()),
            _ => None,
        })
        .collect();
    (artifacts, report)
}

#[test]
fn a_compressed_dump_is_one_model_under_the_name_of_the_file() {
    for (name, file, format, inner) in [
        (
            "m.joblib",
            zlib(PICKLE),
            ArtifactFormat::Joblib,
            "m.joblib!m.joblib",
        ),
        (
            "m.pkl.gz",
            gzip(PICKLE),
            ArtifactFormat::Pickle,
            "m.pkl.gz!m.pkl",
        ),
        ("m", gzip(PICKLE), ArtifactFormat::Pickle, "m!m"),
        (
            "old.joblib",
            [&b"ZF0x16               "[..], &zlib(PICKLE)].concat(),
            ArtifactFormat::Joblib,
            "old.joblib!old.joblib",
        ),
    ] {
        let (all, _) = look(name, &file);
        assert_eq!(all.len(), 1, "{name}");
        assert_eq!(&*all[0].evidence.path, name);
        assert_eq!(all[0].format, format, "{name}");
        assert_eq!(all[0].size, file.len() as u64);
        assert_eq!(&*all[0].pickles[0].path, inner);
    }
}

#[test]
fn what_stands_in_front_of_the_data_hides_nothing() {
    // What joblib wrote before version 0.10, by Python 3 and by Python 2.
    let field = |prefix: &str, width: usize| {
        let mut file = format!("{prefix}{:<width$}", format!("{:#x}", PICKLE.len())).into_bytes();
        file.extend(zlib(PICKLE));
        file
    };
    for file in [field("ZF", 19), field("ZF", 20)] {
        let (all, _) = look("m.pkl.z", &file);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].pickles.len(), 1);
        assert!(all[0].anomalies.is_empty(), "{:?}", all[0].anomalies);
        for length in 0..file.len() {
            look("m.pkl.z", &file[..length]);
        }
    }
    assert_eq!(look("m.pkl.z", &field("XF", 19)).0, []);
    // Frames that readers of Zstandard and LZ4 pass over.
    let mut frame = lz4_flex::frame::FrameEncoder::new(Vec::new());
    std::io::Write::write_all(&mut frame, PICKLE).unwrap();
    let frame = frame.finish().unwrap();
    for skipped in [1, 3] {
        let mut file = b"\x5a\x2a\x4d\x18\x03\0\0\0abc".repeat(skipped);
        file.extend(&frame);
        let (all, _) = look("m.pkl", &file);
        assert_eq!(all.len(), 1, "{skipped}");
        assert_eq!(all[0].pickles.len(), 1, "{skipped}");
    }
    let endless = b"\x50\x2a\x4d\x18\0\0\0\0".repeat(1 << 20);
    assert_eq!(look("m.pkl", &endless).0.len(), 0);
}

#[test]
fn compressed_text_is_no_model_and_is_not_unpacked_whole() {
    let text = "one, two, three\n".repeat(500_000);
    let (all, report) = look("x.csv.gz", &gzip(text.as_bytes()));
    assert_eq!(all, []);
    assert!(report.facts.is_empty());
    assert!(report.coverage.bytes_read < 200_000);
}

#[test]
fn what_came_before_a_broken_tail_is_looked_at() {
    let mut file = gzip(&[PICKLE, &[b'N'; 1000]].concat());
    file.truncate(file.len() - 6);
    let (all, _) = look("m.pkl.gz", &file);
    assert!(!all[0].pickles.is_empty());
    assert!(
        all[0]
            .anomalies
            .iter()
            .any(|anomaly| anomaly.kind == AnomalyKind::UnreadableMember)
    );
}

#[test]
fn a_model_cut_into_streams_is_whole_and_a_tail_is_noted() {
    for pack in [gzip, zlib] {
        let file = [pack(&PICKLE[..7]), pack(&PICKLE[7..])].concat();
        let (all, _) = look("m.joblib", &file);
        assert_eq!(all[0].pickles[0].opcodes, 9);
        assert_eq!(all[0].anomalies, []);
        let (all, _) = look("m.joblib", &[&file[..], b"#!/bin/sh\nid\n"].concat());
        assert_eq!(all[0].anomalies[0].kind, AnomalyKind::UnclaimedBytes);
    }
}

#[test]
fn gzip_in_gzip_ends_at_the_limit() {
    let mut file = gzip(PICKLE);
    for _ in 0..50 {
        file = gzip(&file);
    }
    let (_, report) = look("m.gz", &file);
    assert!(!report.facts.is_empty());
}

#[test]
fn an_array_of_zeros_is_no_bomb_and_what_was_not_unpacked_is_not_broken() {
    let dump = |length: u32| {
        let mut pickle = b"\x80\x03cnumpy\ndtype\n0B".to_vec();
        pickle.extend(length.to_le_bytes());
        pickle.resize(pickle.len() + length as usize, 0);
        pickle.push(b'.');
        look("m.pkl.gz", &gzip(&pickle)).0
    };
    let [whole] = dump(20 << 20).try_into().unwrap();
    assert_eq!(whole.anomalies, []);
    assert_eq!(whole.pickles[0].end, PickleEnd::Stop);
    let [cut] = dump(40 << 20).try_into().unwrap();
    assert_eq!(cut.anomalies[0].kind, AnomalyKind::Bomb);
    assert!(matches!(cut.pickles[0].end, PickleEnd::Limit(_)));
}

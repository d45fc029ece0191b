//! What a user relies on: compressed models are found, compressed text costs its start.

use std::io::Write;

use stance_core::fact::{AnomalyKind, Artifact, ArtifactFormat, Fact, PickleEnd};

use crate::compressed::assemble::{gzip, zlib};
use stance_read::{Bytes, Interests, Limits, Options, Report, scan};

const PICKLE: &[u8] = b"\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01K\x01u.";

fn look(name: &str, file: &[u8]) -> (Vec<Artifact>, Report) {
    look_within(name, file, Limits::default())
}

fn look_within(name: &str, file: &[u8], limits: Limits) -> (Vec<Artifact>, Report) {
    let interests = Interests::default();
    let options = Options {
        limits,
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
    frame.write_all(PICKLE).unwrap();
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

/// Pickle of one constant of bytes, then `rest`.
fn behind(constant: &[u8], rest: &[u8]) -> Vec<u8> {
    let length = u32::try_from(constant.len()).unwrap();
    [b"\x80\x03B", &length.to_le_bytes()[..], constant, rest].concat()
}

type Packer = fn(&[u8]) -> Vec<u8>;

/// Every compression of which joblib and Python know.
const PACKERS: [Packer; 7] = [
    gzip,
    zlib,
    |bytes| {
        let mut packer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    },
    |bytes| {
        let mut packer = lz4_flex::frame::FrameEncoder::new(Vec::new());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    },
    |bytes| {
        let level = ruzstd::encoding::CompressionLevel::Fastest;
        ruzstd::encoding::compress_to_vec(bytes, level)
    },
    |mut bytes| {
        let mut packed = Vec::new();
        lzma_rs::xz_compress(&mut bytes, &mut packed).unwrap();
        packed
    },
    |mut bytes| {
        let mut packed = Vec::new();
        lzma_rs::lzma_compress(&mut bytes, &mut packed).unwrap();
        packed
    },
];

/// Limits of which files of a megabyte reach past the one of a member.
fn small() -> Limits {
    Limits {
        member: 100_000,
        unpacked: 8 << 20,
        ..Limits::default()
    }
}

#[test]
fn what_stands_behind_much_padding_is_found_and_an_array_of_zeros_is_sound() {
    let zeros = vec![0; 600_000];
    let numbers: Vec<u8> = (0..150_000_u32).flat_map(u32::to_le_bytes).collect();
    for pack in PACKERS {
        for padding in [&zeros, &numbers] {
            let bytes = behind(padding, b"0cposix\nsystem\nX\x02\0\0\0id\x85R.");
            let (all, report) = look_within("m.joblib", &pack(&bytes), small());
            let calls = &all[0].pickles[0].calls;
            assert_eq!(calls[0].callable, "posix.system");
            assert_eq!(all[0].pickles[0].end, PickleEnd::Stop);
            assert_eq!(all[0].anomalies, []);
            assert_eq!(report.coverage.skipped.len(), 0, "{:?}", report.facts);
        }
    }
}

#[test]
fn past_the_limit_of_all_that_is_unpacked_it_is_said() {
    let limits = Limits {
        unpacked: 300_000,
        ..small()
    };
    for pack in PACKERS {
        let bytes = behind(&[0; 600_000], b"0cposix\nsystem\nX\x02\0\0\0id\x85R.");
        let (all, report) = look_within("m.pkl.z", &pack(&bytes), limits);
        assert!(matches!(all[0].pickles[0].end, PickleEnd::Limit(_)));
        assert!(!report.coverage.skipped.is_empty());
    }
    // Out of next to nothing: a bomb.
    let bytes = behind(&vec![0; 3 << 20], b".");
    let limits = Limits {
        unpacked: 2 << 20,
        ..small()
    };
    let (all, _) = look_within("m.pkl.gz", &gzip(&bytes), limits);
    assert_eq!(all[0].anomalies[0].kind, AnomalyKind::Bomb);
    assert!(matches!(all[0].pickles[0].end, PickleEnd::Limit(_)));
}

#[test]
fn filler_under_the_name_of_a_model_is_not_followed() {
    let limits = Limits {
        member: 2 << 20,
        ..Limits::default()
    };
    let (all, report) = look_within("m.pkl.gz", &gzip(&vec![0; 3 << 20]), limits);
    assert_eq!(all[0].anomalies[0].kind, AnomalyKind::Bomb);
    assert!(!report.coverage.skipped.is_empty());
}

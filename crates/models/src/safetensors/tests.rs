use std::cell::Cell;
use std::io;

use stance_core::fact::{AnomalyKind, Artifact, Fact, GapReason};

use super::assemble::{entry, file, sound, with_length};
use crate::testing::{artifact, gaps, report, scan_source, survives_truncation};
use crate::unclaimed::STARTS_AS;

fn kinds(artifact: &Artifact) -> Vec<AnomalyKind> {
    let mut kinds: Vec<_> = artifact.anomalies.iter().map(|found| found.kind).collect();
    kinds.dedup();
    kinds
}

#[test]
fn tensors_are_told_one_by_one_when_they_are_asked_for() {
    let header = r#"{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"U8","shape":[],"data_offsets":[24,25]}}"#;
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.extend([0; 25]);
    let listed = |tensors| {
        let interests = stance_read::Interests::default();
        let options = stance_read::Options {
            limits: stance_read::Limits {
                tensors,
                ..stance_read::Limits::default()
            },
            hash: false,
            interests: &interests,
            parsers: crate::PARSERS,
        };
        let report = stance_read::scan("m.safetensors", &stance_read::Bytes(&file), &options);
        crate::testing::artifact_of(&report).tensor_list
    };
    assert!(listed(0).is_empty());
    assert_eq!(listed(1).len(), 1);
    let all = listed(10);
    assert_eq!(all[0].name, "a");
    assert_eq!(all[0].shape, [2, 3]);
    assert_eq!(all[0].offset, Some(8 + header.len() as u64));
    assert_eq!(all[1].bytes, Some(1));
}

#[test]
fn a_sound_file_tells_tensors_parameters_types_and_metadata() {
    let header = format!(
        r#"{{"__metadata__":{{"format":"pt","license":"mit"}},{}, "h":{{"dtype":"BF16","shape":[2,2],"data_offsets":[8,16]}}}}   "#,
        entry("a", 2, 0, 8)
    );
    let artifact = artifact("m.safetensors", &file(&header, &[1; 16]));
    assert_eq!(artifact.tensors, Some(2));
    assert_eq!(artifact.parameters, Some(6));
    assert_eq!(artifact.dtypes.get("BF16"), Some(&1));
    assert_eq!(artifact.framework.as_deref(), Some("pytorch"));
    assert_eq!(artifact.licence.as_deref(), Some("mit"));
    assert_eq!(artifact.anomalies, []);
}

#[test]
fn it_is_recognised_without_its_name() {
    assert_eq!(artifact("model.bin", &sound()).tensors, Some(2));
}

#[test]
fn untrue_headers_are_told_apart() {
    let overlap = format!("{{{},{}}}", entry("a", 2, 0, 8), entry("b", 2, 4, 12));
    let outside = r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,900000]}}"#;
    let backwards = entry("a", 2, 8, 0);
    for (what, bytes, kind) in [
        (
            "overlap",
            file(&overlap, &[1; 12]),
            AnomalyKind::LyingHeader,
        ),
        (
            "out of bounds",
            file(outside, &[1; 8]),
            AnomalyKind::LyingHeader,
        ),
        (
            "backwards",
            file(&format!("{{{backwards}}}"), &[]),
            AnomalyKind::LyingHeader,
        ),
        (
            "2^63 bytes of header",
            with_length(1 << 63, &format!("{{{}}}", entry("a", 2, 0, 8)), &[1; 8]),
            AnomalyKind::LyingHeader,
        ),
        (
            "2^62 elements",
            file(
                r#"{"a":{"dtype":"F64","shape":[4611686018427387904,64],"data_offsets":[0,8]}}"#,
                &[1; 8],
            ),
            AnomalyKind::LyingHeader,
        ),
        (
            "interrupted copy",
            file(&format!("{{{}}}", entry("a", 2, 0, 8)), &[1; 5]),
            AnomalyKind::Truncated,
        ),
        (
            "copy interrupted in the header",
            with_length(4000, r#"{"a":{"dtype":"F32","shape":[2],"data_off"#, &[]),
            AnomalyKind::Truncated,
        ),
        (
            "longer than the file, and complete",
            with_length(4000, &format!("{{{}}}", entry("a", 2, 0, 8)), &[]),
            AnomalyKind::LyingHeader,
        ),
        (
            "longer than any loader accepts",
            with_length(1 << 40, r#"{"a":{"dtype":"#, &[]),
            AnomalyKind::LyingHeader,
        ),
        (
            "the same key twice",
            file(
                &format!("{{{},{}}}", entry("a", 2, 0, 8), entry("\\u0061", 2, 8, 16)),
                &[1; 16],
            ),
            AnomalyKind::ReaderDisagreement,
        ),
        (
            "a hole",
            file(
                &format!("{{{},{}}}", entry("a", 2, 0, 8), entry("b", 2, 20, 28)),
                &[1; 28],
            ),
            AnomalyKind::UnclaimedBytes,
        ),
        (
            "a hole of zeros",
            file(
                &format!("{{{},{}}}", entry("a", 2, 8, 16), entry("b", 2, 16, 24)),
                &[0; 24],
            ),
            AnomalyKind::UnclaimedBytes,
        ),
    ] {
        assert_eq!(kinds(&artifact("m.safetensors", &bytes)), [kind], "{what}");
    }
}

#[test]
fn what_follows_the_json_of_the_header_is_told_unless_it_is_blank() {
    let json = format!("{{{}}}", entry("a", 2, 0, 8));
    let of = |behind: &str| {
        kinds(&artifact(
            "m.safetensors",
            &file(&format!("{json}{behind}"), &[1; 8]),
        ))
    };
    assert_eq!(of("      "), []);
    assert_eq!(of("   cos\nsystem\n"), [AnomalyKind::UnclaimedBytes]);
    assert_eq!(of("{}"), [AnomalyKind::UnclaimedBytes]);
}

#[test]
fn what_stands_behind_the_tensors_is_named_and_zero_padding_is_not() {
    let mut bytes = sound();
    bytes.extend([0; 40]);
    assert_eq!(artifact("m.safetensors", &bytes).anomalies, []);
    let mut bytes = sound();
    bytes.extend(b"\x80\x04\x95\x10\0\0\0\0\0\0\0}\x94.");
    let found = &artifact("m.safetensors", &bytes).anomalies[0];
    assert!(found.detail.contains(STARTS_AS), "{}", found.detail);
}

#[test]
fn deep_json_ends_in_a_gap_and_keeps_what_came_before() {
    let header = format!("{{{},\"b\":{}", entry("a", 2, 0, 8), "[".repeat(100_000));
    let report = report("m.safetensors", &file(&header, &[1; 8]));
    assert_eq!(gaps(&report), [GapReason::Limit]);
    let Fact::Artifact(artifact) = &report.facts.last().unwrap().1 else {
        panic!("no artefact");
    };
    assert_eq!(artifact.tensors, Some(1));
}

#[test]
fn no_cut_makes_it_panic() {
    survives_truncation("m.safetensors", &sound());
}

/// A file of 40 GB that is there only where it is written.
struct Sparse {
    head: Vec<u8>,
    read: Cell<u64>,
}

impl stance_read::Source for Sparse {
    fn len(&self) -> u64 {
        40 << 30
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.read.set(self.read.get() + buffer.len() as u64);
        for (at, byte) in (offset..).zip(buffer.iter_mut()) {
            *byte = self.head.get(at as usize).copied().unwrap_or(7);
        }
        Ok(buffer.len())
    }
}

#[test]
fn forty_gigabytes_cost_the_header() {
    let count = 1000_u64;
    let mut entries = Vec::new();
    let mut length = 0_u64;
    // The length of the header depends on the offsets in it; all are written equally long.
    for pass in 0..2 {
        let each = ((40_u64 << 30) - 8 - length) / count / 4 * 4;
        entries = (0..count)
            .map(|index| {
                let (start, end) = (index * each, (index + 1) * each);
                format!(
                    r#""t{index:04}":{{"dtype":"F32","shape":[{:012}],"data_offsets":[{start:012},{end:012}]}}"#,
                    each / 4
                )
            })
            .collect();
        if pass == 0 {
            length = entries.join(",").len() as u64 + 2;
        }
    }
    let header = format!("{{{}}}", entries.join(","));
    let source = Sparse {
        head: file(&header, &[]),
        read: Cell::new(0),
    };
    let report = scan_source("m.safetensors", &source);
    let artifact = crate::testing::artifact_of(&report);
    assert_eq!(artifact.tensors, Some(1000));
    assert!(artifact.parameters.unwrap() > 10_000_000_000);
    assert!(
        source.read.get() < 2 * length + 512 * 1024,
        "{} bytes were read of a header of {length}",
        source.read.get()
    );
}

use stance_core::fact::{AnomalyKind, EmbeddedKind};

use super::assemble::Builder;
use crate::testing::{artifact, gaps, report, survives_truncation};
use crate::unclaimed::STARTS_AS;

const LAMBDA: &str = r#"{"class_name": "Sequential", "config": {"layers": [
    {"class_name": "Lambda", "config": {"name": "l", "function": ["YwACb3MGc3lzdGVtAAA=", null, null]}}]}}"#;

fn small() -> Builder {
    Builder::default()
        .attribute("model_config", LAMBDA)
        .fixed_attribute("keras_version", "2.15.0")
        .dataset("kernel", &[3, 4])
        .dataset("bias", &[4])
}

#[test]
fn datasets_and_what_keras_wrote_are_told() {
    for builder in [small(), small().old_groups()] {
        let artifact = artifact("m.bin", &builder.build());
        assert_eq!(artifact.framework.as_deref(), Some("keras"));
        assert_eq!(artifact.architecture.as_deref(), Some("Sequential"));
        assert_eq!(artifact.metadata.get("keras_version").unwrap(), "2.15.0");
        assert_eq!((artifact.tensors, artifact.parameters), (Some(2), Some(16)));
        assert_eq!(artifact.dtypes.get("float32"), Some(&2));
        assert_eq!(artifact.embedded.len(), 1);
        assert_eq!(artifact.embedded[0].kind, EmbeddedKind::KerasLambda);
        assert_eq!(artifact.anomalies, []);
    }
}

#[test]
fn other_files_that_it_opens_are_told() {
    let bytes = Builder::default()
        .external_link("weights", "../../etc/shadow")
        .external_dataset("kernel", &[4], "/etc/passwd")
        .external_dataset("bias", &[4], "bias.raw")
        .build();
    let artifact = artifact("m.h5", &bytes);
    let mut found: Vec<(&str, bool)> = artifact
        .external
        .iter()
        .map(|found| (&*found.location, found.escapes))
        .collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("../../etc/shadow", true),
            ("/etc/passwd", true),
            ("bias.raw", false)
        ]
    );
    assert_eq!(artifact.framework, None);
}

#[test]
fn a_cycle_ends() {
    let report = report("m.h5", &small().cycle().build());
    assert_eq!(gaps(&report), []);
}

#[test]
fn a_file_before_the_structure_is_named() {
    let mut bytes = b"#!/bin/sh\necho hidden\n".to_vec();
    bytes.resize(512, 0);
    bytes.extend(small().build());
    let artifact = artifact("m.bin", &bytes);
    assert_eq!(artifact.embedded.len(), 1);
    assert_eq!(artifact.anomalies.len(), 1);
    assert_eq!(artifact.anomalies[0].kind, AnomalyKind::UnclaimedBytes);
    assert!(artifact.anomalies[0].detail.contains(STARTS_AS));
}

#[test]
fn a_heap_that_points_at_itself_ends() {
    let mut bytes = small().build();
    // Objects of no size in the global heap: the walk has to go on by the header of each.
    let heap = memchr::memmem::find(&bytes, b"GCOL").unwrap();
    bytes[heap + 16..heap + 18].copy_from_slice(&[9, 0]);
    bytes[heap + 24..heap + 32].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(!gaps(&report("m.h5", &bytes)).is_empty());
}

#[test]
fn a_configuration_that_many_attributes_share_is_not_read_forever() {
    let text = format!("{{\"class_name\": \"{}\"}}", "x".repeat(64 * 1024));
    let mut bytes = small().attribute("config", &text).build();
    // One more object for each eight bytes, all of which are the root once more.
    let root = bytes[64..72].to_vec();
    let at = u64::from_le_bytes(root.try_into().unwrap()) as usize;
    let object = bytes[at..].to_vec();
    let mut links = Builder::default();
    for index in 0..1000 {
        links = links.link_to(&format!("l{index}"), bytes.len() as u64);
        bytes.extend(&object);
    }
    let report = report("m.h5", &links.build_behind(bytes));
    assert_eq!(gaps(&report), [stance_core::fact::GapReason::Limit]);
}

#[test]
fn no_cut_makes_it_panic() {
    survives_truncation(
        "m.h5",
        &small().old_groups().external_link("x", "y").cycle().build(),
    );
}

#[test]
fn filters_that_a_library_brings_and_sizes_that_nobody_has_are_told() {
    let bytes = Builder::default()
        .filtered_dataset("kernel", &[4], 511)
        .filtered_dataset("bias", &[4], 1)
        .dataset("huge", &[1 << 30, 1 << 30])
        .build();
    let artifact = artifact("m.h5", &bytes);
    let told: Vec<(&str, &str)> = artifact
        .embedded
        .iter()
        .map(|e| (&*e.name, &*e.detail))
        .collect();
    assert_eq!(told, [("change", "filter 511")]);
    assert_eq!(artifact.anomalies.len(), 1);
    assert_eq!(artifact.anomalies[0].kind, AnomalyKind::Bomb);
    survives_truncation("m.h5", &bytes);
}

#[test]
fn payloads_in_datasets_are_seen_however_these_lie() {
    use std::io::Write as _;

    use super::assemble::Form;

    let zlib = |bytes: &[u8]| {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let mut data = vec![0x77; 4000];
    data.extend(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0");
    data.resize(8000, 0x55);
    let checked = |bytes: &[u8]| [bytes, &[1; 4]].concat();
    for (packed, form) in [
        (data.clone(), Form::Piece),
        (data.clone(), Form::Compact),
        (data.clone(), Form::Chunk(&[])),
        (zlib(&data), Form::Chunk(&[1])),
        (zlib(&data), Form::Chunk(&[2, 1])),
        (checked(&zlib(&data)), Form::Chunk(&[1, 3])),
    ] {
        let builder = Builder::default().stored("w", &packed, data.len() as u64, form);
        for builder in [builder.clone(), builder.old_groups()] {
            let found = artifact("m.h5", &builder.build());
            let seen = found
                .tensor_signs
                .iter()
                .any(|sign| sign.detail.contains("ELF"));
            assert!(seen, "{form:?}: {:?}", found.tensor_signs);
        }
    }
}

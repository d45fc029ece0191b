use stance_core::fact::ArtifactFormat;

use crate::testing::{artifact, gaps, has_artifact, report, survives_truncation};

fn engine(parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = b"ftrt\0\0\0\0".to_vec();
    bytes.resize(64, 1);
    for part in parts {
        bytes.extend_from_slice(part);
        bytes.extend([0; 40]);
    }
    bytes
}

fn elf(machine: u16) -> Vec<u8> {
    let mut bytes = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0".to_vec();
    bytes.extend(machine.to_le_bytes());
    bytes
}

#[test]
fn kernels_are_what_an_engine_is_made_of_and_host_code_is_told() {
    let honest = artifact("m.engine", &engine(&[&elf(190), b"conv1 + relu1"]));
    assert_eq!(honest.format, ArtifactFormat::Tensorrt);
    assert!(honest.embedded.is_empty() && honest.external.is_empty());
    let found = artifact("weights", &engine(&[&elf(190), &elf(62)]));
    assert_eq!(found.embedded.len(), 1);
    assert!(found.embedded[0].detail.contains("x86-64"));
}

#[test]
fn libraries_it_names_are_told_and_whether_they_lie_elsewhere() {
    let bytes = engine(&[
        b"/tmp/evil.so",
        b"libplug.so.1",
        b"..\\x.dll",
        b"also.some text",
    ]);
    let found = artifact("m.plan", &bytes);
    let named: Vec<(&str, bool)> = found
        .external
        .iter()
        .map(|external| (&*external.location, external.escapes))
        .collect();
    assert_eq!(
        named,
        [
            ("/tmp/evil.so", true),
            ("libplug.so", false),
            ("..\\x.dll", true)
        ]
    );
}

#[test]
fn a_mark_across_blocks_is_seen_and_the_limit_is_told() {
    let mut bytes = engine(&[]);
    bytes.resize((1 << 20) - 3, 7);
    bytes.extend(elf(62));
    bytes.resize(33 << 20, 7);
    let found = report("m.engine", &bytes);
    assert_eq!(crate::testing::artifact_of(&found).embedded.len(), 1);
    assert_eq!(gaps(&found).len(), 1);
    assert!(!has_artifact(&report("x.bin", b"ftrt")));
    survives_truncation("m.engine", &engine(&[&elf(62), b"/a/b.so"]));
}

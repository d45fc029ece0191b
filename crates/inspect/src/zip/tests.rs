//! What a user relies on: models are recognised, hostile files end in a gap or an anomaly.

use std::io;

use stance_core::fact::{AnomalyKind, Artifact, ArtifactFormat, Fact, GapReason};

use crate::zip::assemble::{Part, commented, part, torch, zip};
use stance_read::{Bytes, Interests, Limits, Options, Report, Source, scan};

const PICKLE: &[u8] = b"\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01K\x01u.";

fn look(name: &str, source: &dyn Source) -> Report {
    let interests = Interests::default();
    let options = Options {
        limits: Limits::default(),
        hash: false,
        interests: &interests,
        parsers: &crate::registry::ALL,
    };
    scan(name, source, &options)
}

fn artifacts(report: &Report) -> Vec<&Artifact> {
    report
        .facts
        .iter()
        .filter_map(|(_, fact)| match fact {
            Fact::Artifact(artifact) => Some(&**artifact),
            _ => None,
        })
        .collect()
}

/// The artefact that a file is as a whole, and the only one.
fn only(name: &str, file: &[u8]) -> Artifact {
    let report = look(name, &Bytes(file));
    let all = artifacts(&report);
    assert_eq!(all.len(), 1, "{all:#?}");
    assert_eq!(&*all[0].evidence.path, name);
    all[0].clone()
}

fn kinds(artifact: &Artifact) -> Vec<AnomalyKind> {
    artifact
        .anomalies
        .iter()
        .map(|anomaly| anomaly.kind)
        .collect()
}

fn gaps(report: &Report) -> Vec<GapReason> {
    report
        .facts
        .iter()
        .filter_map(|(_, fact)| match fact {
            Fact::Gap(gap) => Some(gap.reason),
            _ => None,
        })
        .collect()
}

#[test]
fn a_checkpoint_is_one_model_with_the_traces_of_its_pickles() {
    let artifact = only("m.pt", &zip(&torch(PICKLE)));
    assert_eq!(artifact.format, ArtifactFormat::PytorchZip);
    assert_eq!(kinds(&artifact), []);
    assert_eq!(artifact.pickles.len(), 1);
    assert_eq!(&*artifact.pickles[0].path, "m.pt!archive/data.pkl");
}

#[test]
fn deflated_members_are_read_like_stored_ones() {
    let mut parts = torch(PICKLE);
    parts.iter_mut().for_each(|part| part.deflate = true);
    let artifact = only("m.pt", &zip(&parts));
    assert_eq!(artifact.pickles.len(), 1);
    assert_eq!(kinds(&artifact), []);
}

#[test]
fn a_pickle_among_the_tensors_is_found_and_tensors_are_left_alone() {
    let mut parts = torch(PICKLE);
    parts.push(part("archive/data/1", PICKLE));
    parts.push(part("archive/data/2", vec![0x80; 4096]));
    assert_eq!(only("m.pt", &zip(&parts)).pickles.len(), 2);
}

#[test]
fn models_in_an_ordinary_archive_stay_models_of_their_own() {
    let inner = zip(&torch(PICKLE));
    let file = zip(&[
        part("a/m.pt", inner),
        part("b.txt", PICKLE),
        part("c.md", "x"),
    ]);
    let report = look("all.zip", &Bytes(&file));
    let paths: Vec<&str> = artifacts(&report)
        .iter()
        .map(|artifact| &*artifact.evidence.path)
        .collect();
    assert_eq!(paths, ["all.zip!a/m.pt", "all.zip!b.txt", "all.zip"]);
}

#[test]
fn an_archive_without_models_is_no_model() {
    let file = zip(&[
        part("a.py", "import os"),
        part("b", "text"),
        part("c.class", "\u{ca}"),
    ]);
    assert!(look("x.jar", &Bytes(&file)).facts.is_empty());
}

#[test]
fn what_one_reader_refuses_and_another_loads_is_read_and_noted() {
    let changes: [fn(&mut Part); 6] = [
        |part| part.crc = Some(7),
        |part| part.flags = 0x20,
        |part| part.flags = 0x01,
        |part| part.version = 0xffff,
        |part| part.local_name = Some("other".to_owned()),
        |part| part.flags = 0x40,
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let mut parts = torch(PICKLE);
        change(&mut parts[0]);
        let artifact = only("m.pt", &zip(&parts));
        assert_eq!(artifact.pickles.len(), 1, "change {index}");
        assert_eq!(
            kinds(&artifact),
            [AnomalyKind::ReaderDisagreement],
            "change {index}"
        );
    }
}

#[test]
fn bytes_around_and_between_the_members_are_accounted_for() {
    let plain = zip(&torch(PICKLE));
    let before = [&vec![b'#'; 100][..], &plain].concat();
    let artifact = only("m.pt", &before);
    assert_eq!(kinds(&artifact), [AnomalyKind::UnclaimedBytes]);
    assert_eq!(artifact.pickles.len(), 1, "offsets are shifted");
    let behind = [&plain[..], &[b'#'; 100]].concat();
    assert_eq!(kinds(&only("m.pt", &behind)), [AnomalyKind::UnclaimedBytes]);
}

#[test]
fn a_member_outside_of_the_directory_is_found() {
    let mut parts = torch(PICKLE);
    let mut hidden = part("archive/more.pkl", PICKLE);
    hidden.hidden = true;
    parts.insert(2, hidden);
    let artifact = only("m.pt", &zip(&parts));
    assert_eq!(kinds(&artifact), [AnomalyKind::ReaderDisagreement]);
    assert_eq!(artifact.pickles.len(), 2);
}

#[test]
fn an_encrypted_model_is_a_gap_and_an_anomaly() {
    let mut secret = part("m.pkl", *b"\x17\x2b\x99\x01\xfe\x40");
    secret.flags = 1;
    secret.crc = Some(7);
    let file = zip(&[secret]);
    let report = look("m.zip", &Bytes(&file));
    assert_eq!(gaps(&report), [GapReason::Encrypted]);
    assert_eq!(
        kinds(artifacts(&report)[0]),
        [AnomalyKind::UnreadableMember]
    );
}

#[test]
fn nesting_ends_at_the_limit_with_a_gap() {
    let mut file = zip(&[part("m.pkl", PICKLE)]);
    for _ in 0..100 {
        file = zip(&[part("inner.zip", file)]);
    }
    let report = look("deep.zip", &Bytes(&file));
    assert_eq!(gaps(&report), [GapReason::Limit]);
}

#[test]
fn a_bomb_is_unpacked_within_the_limits() {
    let mut bomb = part("m.pkl", vec![0; 40 << 20]);
    bomb.deflate = true;
    let file = zip(&[bomb]);
    let report = look("m.zip", &Bytes(&file));
    assert_eq!(kinds(artifacts(&report)[0]), [AnomalyKind::Bomb]);
    assert_eq!(gaps(&report), [GapReason::Limit]);
    assert!(report.coverage.bytes_read < 4 << 20);
}

#[test]
fn members_that_share_their_bytes_are_a_bomb() {
    // One kernel of zeros, and a directory in which many members point to it.
    let mut kernel = part("0.pkl", vec![0; 8 << 20]);
    kernel.deflate = true;
    let one = zip(&[kernel]);
    let start = memchr::memmem::rfind(&one, b"PK\x01\x02").unwrap();
    let end = memchr::memmem::rfind(&one, b"PK\x05\x06").unwrap();
    let record = &one[start..end];
    let count = 5_000_u16;
    let mut file = one[..start].to_vec();
    for _ in 0..count {
        file.extend(record);
    }
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend(count.to_le_bytes());
    file.extend(count.to_le_bytes());
    file.extend(
        u32::try_from(record.len() * usize::from(count))
            .unwrap()
            .to_le_bytes(),
    );
    file.extend(u32::try_from(start).unwrap().to_le_bytes());
    file.extend([0; 2]);
    let report = look("bomb.zip", &Bytes(&file));
    let outer = artifacts(&report)
        .into_iter()
        .find(|artifact| &*artifact.evidence.path == "bomb.zip")
        .unwrap();
    assert!(kinds(outer).contains(&AnomalyKind::Bomb));
    assert!(kinds(outer).contains(&AnomalyKind::LyingHeader));
    assert!(!gaps(&report).is_empty());
    // Not each of the thousands unpacks its megabytes again.
    assert!(report.coverage.bytes_read < 600 << 20);
}

#[test]
fn many_decoys_do_not_hide_a_model() {
    let mut parts: Vec<Part> = (0..66_000)
        .map(|number| part(&format!("decoy/{number}"), "x"))
        .collect();
    parts.push(part("z/model.pkl", PICKLE));
    let report = look("m.zip", &Bytes(&zip(&parts)));
    assert!(
        artifacts(&report)
            .iter()
            .any(|artifact| artifact.pickles.len() == 1)
    );
}

/// A pickle that calls something, so that its trace is told from others.
const CALLS: &[u8] = b"\x80\x02cbuiltins\nlen\n(tR.";

/// The calls that any pickle of the file makes.
fn calls(name: &str, file: &[u8]) -> usize {
    let report = look(name, &Bytes(file));
    artifacts(&report)
        .iter()
        .flat_map(|artifact| &artifact.pickles)
        .map(|trace| trace.calls.len())
        .sum()
}

fn found(name: &str, file: &[u8]) -> Vec<AnomalyKind> {
    let report = look(name, &Bytes(file));
    let all = artifacts(&report);
    all.iter().flat_map(|artifact| kinds(artifact)).collect()
}

#[test]
fn every_archive_in_the_file_is_judged_whichever_end_a_reader_takes() {
    let (bad, good) = (zip(&torch(CALLS)), zip(&torch(PICKLE)));
    let files = [
        [&bad[..], &good].concat(),
        [&good[..], &bad].concat(),
        commented(&torch(PICKLE), &bad),
        commented(&torch(CALLS), &good),
    ];
    for (index, file) in files.iter().enumerate() {
        assert!(calls("m.pt", file) > 0, "{index}");
        assert!(!found("m.pt", file).is_empty(), "{index}");
    }
    // An archive in an archive, stored last, has an end of its own.
    let nested = zip(&[part("a.txt", "x"), part("inner.zip", zip(&torch(PICKLE)))]);
    assert_eq!(found("all.zip", &nested), []);
}

#[test]
fn names_that_hide_what_a_member_is_are_seen_through() {
    let unicode = |name: &str, other: &str| {
        let mut crc = flate2::Crc::new();
        crc.update(name.as_bytes());
        let length = u16::try_from(5 + other.len()).unwrap();
        let mut extra = 0x7075_u16.to_le_bytes().to_vec();
        extra.extend(length.to_le_bytes());
        extra.push(1);
        extra.extend(crc.sum().to_le_bytes());
        extra.extend(other.as_bytes());
        extra
    };
    let mut renamed = part("notes.md", CALLS);
    renamed.extra = unicode("notes.md", "model.pkl");
    for member in [
        part("model.pkl\0.py", CALLS),
        part("model.pkl/", CALLS),
        renamed,
    ] {
        let file = zip(&[member, part("a.txt", "x")]);
        assert_eq!(calls("m.zip", &file), 1);
        assert!(found("m.zip", &file).contains(&AnomalyKind::ReaderDisagreement));
    }
    let mut umlaut = part("r_sum_.md", "notes");
    umlaut.extra = unicode("r_sum_.md", "r\u{e9}sum\u{e9}.md");
    assert_eq!(found("m.zip", &zip(&[umlaut])), []);
    let folded = [part("archive/DATA.PKL", CALLS)]
        .into_iter()
        .chain(torch(PICKLE))
        .collect::<Vec<_>>();
    assert_eq!(
        found("m.pt", &zip(&folded)),
        [AnomalyKind::ReaderDisagreement]
    );
}

#[test]
fn a_member_that_its_own_header_describes_otherwise_is_read_both_ways() {
    let mut odd = part("archive/data.pkl", crate::zip::assemble::deflate(CALLS));
    odd.local_method = Some(8);
    let file = zip(&[odd, part("archive/version", *b"3\n")]);
    assert_eq!(calls("m.pt", &file), 1);
    // Readers that only look for where the name ends load a member without its mark.
    let mut unmarked = zip(&torch(CALLS));
    unmarked[2] = 9;
    assert_eq!(calls("m.pt", &unmarked), 1);
    assert!(found("m.pt", &unmarked).contains(&AnomalyKind::ReaderDisagreement));
}

#[test]
fn a_member_out_of_the_directory_is_found_though_another_cannot_be_opened() {
    let mut parts = vec![part("a.md", "x")];
    parts.extend(torch(PICKLE));
    let mut hidden = part("archive/more.pkl", CALLS);
    hidden.hidden = true;
    parts.insert(2, hidden);
    let mut file = zip(&parts);
    let record = memchr::memmem::find(&file, b"PK\x01\x02").unwrap();
    file[record + 42] = 5;
    assert_eq!(calls("m.pt", &file), 1);
}

#[test]
fn what_comments_and_extra_fields_smuggle_is_noted() {
    let mut extra = 0x9999_u16.to_le_bytes().to_vec();
    extra.extend(u16::try_from(PICKLE.len()).unwrap().to_le_bytes());
    extra.extend(PICKLE);
    let mut parts = torch(PICKLE);
    parts[0].extra = extra;
    for file in [
        zip(&parts),
        commented(&torch(PICKLE), b"#!/bin/sh\necho hidden\n"),
    ] {
        assert_eq!(found("m.pt", &file), [AnomalyKind::UnclaimedBytes]);
    }
    assert_eq!(
        found("m.pt", &commented(&torch(PICKLE), b"saved by a program")),
        []
    );
    // PyTorch pads with a field of its own.
    let mut padded = torch(PICKLE);
    padded[2].extra = [&b"FB\x1c\x00"[..], &[b'Z'; 28]].concat();
    assert_eq!(found("m.pt", &zip(&padded)), []);
}

#[test]
fn an_archive_behind_a_picture_is_found_with_a_comment_too() {
    let picture = [&b"\x89PNG\r\n\x1a\n"[..], &[0; 500]].concat();
    for end in [zip(&torch(CALLS)), commented(&torch(CALLS), b"a comment")] {
        let file = [&picture[..], &end].concat();
        assert_eq!(calls("x.png", &file), 1);
        assert!(found("x.png", &file).contains(&AnomalyKind::Polyglot));
    }
}

#[test]
fn containers_of_frameworks_are_told_apart() {
    let member = |name: &str| part(name, PICKLE);
    for (format, members) in [
        (
            ArtifactFormat::TorchPackage,
            vec![part("p/.data/version", "6"), member("p/model/m.pkl")],
        ),
        (
            ArtifactFormat::TorchserveArchive,
            vec![part("MAR-INF/MANIFEST.json", "{}"), member("m.pt")],
        ),
        (
            ArtifactFormat::Skops,
            vec![part("schema.json", "{}"), part("1.npy", "x")],
        ),
        (
            ArtifactFormat::PytorchZip,
            [
                part("archive/.data/serialization_id", "1"),
                part("archive/.format_version", "1"),
            ]
            .into_iter()
            .chain(torch(PICKLE))
            .collect(),
        ),
    ] {
        assert_eq!(only("m.bin", &zip(&members)).format, format);
    }
    let gguf = stance_models::gguf::assemble::sound().build();
    let program = [&b"MZqFpD='\n"[..], &[0; 4096]].concat();
    let parts = [part("model.gguf", gguf), part(".args", "-m\nmodel.gguf\n")];
    let llamafile = only("m.llamafile", &[program, zip(&parts)].concat());
    assert_eq!(llamafile.format, ArtifactFormat::Llamafile);
    assert_eq!(llamafile.anomalies, []);
    assert!(llamafile.metadata["arguments"].contains("-m model.gguf"));
}

#[test]
fn a_hundred_thousand_members_of_one_name_cost_their_bytes() {
    let mut parts = vec![part("archive/data.pkl", ""); 60_000];
    parts.extend(torch(CALLS));
    let file = zip(&parts);
    let report = look("m.pt", &Bytes(&file));
    assert!(report.coverage.bytes_read < 20 * file.len() as u64);
}

/// A file of which almost all is a hole, as a sparse file is.
struct Sparse {
    start: Vec<u8>,
    length: u64,
    end: Vec<u8>,
}

impl Source for Sparse {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let end_at = self.length - self.end.len() as u64;
        for (index, byte) in buffer.iter_mut().enumerate() {
            let at = offset + index as u64;
            *byte = if at >= self.length {
                return Ok(index);
            } else if at >= end_at {
                self.end[usize::try_from(at - end_at).unwrap()]
            } else {
                let at = usize::try_from(at).unwrap();
                self.start.get(at).copied().unwrap_or(0)
            };
        }
        Ok(buffer.len())
    }
}

#[test]
fn ten_gigabytes_of_claims_cost_little() {
    let plain = zip(&torch(PICKLE));
    let end_at = memchr::memmem::rfind(&plain, b"PK\x05\x06").unwrap();
    let mut end = plain[end_at..].to_vec();
    // A directory of four gigabytes, in a file of ten.
    end[12..16].copy_from_slice(&u32::MAX.to_le_bytes());
    let file = Sparse {
        start: plain[..end_at].to_vec(),
        length: 10 << 30,
        end,
    };
    let report = look("m.pt", &file);
    assert!(report.coverage.bytes_read < 64 << 20);
    assert!(!report.facts.is_empty());

    let truncated = Sparse {
        start: plain[..end_at].to_vec(),
        length: 10 << 30,
        end: vec![0],
    };
    let report = look("m.pt", &truncated);
    assert!(report.coverage.bytes_read < 1 << 20);
    assert_eq!(artifacts(&report)[0].pickles.len(), 1, "recovered");
}

#[test]
fn sixty_four_bit_records_that_lie_are_survived() {
    let plain = zip(&torch(PICKLE));
    let end_at = memchr::memmem::rfind(&plain, b"PK\x05\x06").unwrap();
    for value in [0, 1, 1 << 40, u64::MAX] {
        let mut file = plain[..end_at].to_vec();
        let at = file.len() as u64;
        file.extend(b"PK\x06\x06");
        file.extend(44_u64.to_le_bytes());
        file.extend([0; 20]);
        for _ in 0..3 {
            file.extend(value.to_le_bytes());
        }
        file.resize(file.len() + 56 - (file.len() - end_at), 0);
        file.extend(b"PK\x06\x07\0\0\0\0");
        file.extend(at.to_le_bytes());
        file.extend(1_u32.to_le_bytes());
        file.extend(&plain[end_at..]);
        let artifact = only("m.pt", &file);
        assert!(
            kinds(&artifact).contains(&AnomalyKind::ReaderDisagreement),
            "{value}: {:?}",
            artifact.anomalies
        );
    }
}

#[test]
fn a_file_cut_or_changed_anywhere_is_survived() {
    let file = zip(&torch(PICKLE));
    for at in 0..file.len() {
        let cut = look("m.pt", &Bytes(&file[..at]));
        // As long as the pickle's member is there, it is found.
        if at > 200 {
            assert!(
                artifacts(&cut)
                    .iter()
                    .any(|artifact| !artifact.pickles.is_empty()),
                "cut at {at}"
            );
        }
        for value in [0, 0xff] {
            let mut changed = file.clone();
            changed[at] = value;
            look("m.pt", &Bytes(&changed));
        }
    }
}
